"""No-regret commitments: what near-best plans share, and what to make ready before it is known what comes true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

import optimizer as fg
from optimizer.studies.study import InvalidStudy
from publications.paris.answer import Answer
from publications.paris.cases import Case, variant_of
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, is_blank, records
from publications.paris.setup import BASE, Setup

NAME = "noregret"
WITHIN: Final = 0.03
PLANS: Final = 3
TESTS: Final = 8
ALTERNATIVE_SECONDS: Final = 40.0
HEDGE_SECONDS: Final = 180.0
ENOUGH: Final = 1.0
"""A budget below which all scenarios as one model give no plan in time, so that it is not tried."""
HERE: Final = "here and now"
TOLD: Final = 10
PAIR: Final = ("nation", "mission", "area")


def cases(_setup: Setup) -> Sequence[Case]:
    """None of its own: the base case and the scenarios."""
    return ()


def more(setup: Setup, ledger: Ledger) -> Sequence[Case]:
    """No further case; the studies are run once and kept."""
    _alternatives(setup, ledger)
    _hedge(setup, ledger)
    return ()


def _folder(ledger: Ledger, name: str, mark: str) -> Path:
    return ledger.folder / "studies" / f"{name}-{mark}-{ledger.budget:g}"


def _alternatives(setup: Setup, ledger: Ledger) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shared pairs of nation and post, and who serves where in which plan."""
    variant = variant_of(setup.case(BASE, ""))
    folder = _folder(ledger, "alternatives", variant.key)
    if not (folder / "done").is_file():
        start = ledger.plan(BASE)
        found = fg.alternatives(
            variant.instance,
            PLANS,
            WITHIN,
            tests=TESTS,
            start=start,
            time_limit=ALTERNATIVE_SECONDS * ledger.budget,
            out=folder / "study",
            resume=(folder / "study").is_dir(),
            pool=ledger.pool,
        )
        ledger.say(f"alternatives: {found.verdict}")
        for name in ("shared", "presence"):
            found.tables[name].to_csv(folder / f"{name}.csv", index=False)
        (folder / "done").write_text("done\n", "utf-8")
    return pd.read_csv(folder / "shared.csv"), pd.read_csv(folder / "presence.csv")


def _hedge(setup: Setup, ledger: Ledger) -> pd.DataFrame:
    """What the here-and-now plan is worth over the scenarios, at least and at most; no rows where it was not found."""
    if ledger.budget < ENOUGH:
        return pd.DataFrame(columns=["what", "at_least", "at_most"])
    path = _folder(ledger, "hedge", setup.paris.hash[:16]) / "information.csv"
    if not path.is_file():
        rows: list[dict[str, Any]] = []
        try:
            known = ledger.part(
                {entry.plan for name, entry in ledger.entries.items() if name.startswith(("scenario ", BASE))}
            )
            found = fg.hedge(setup.paris, time_limit=HEDGE_SECONDS * ledger.budget, pool=known)
            about = next(row for row in records(found.information) if row["what"] == HERE)
            if found.value is not None:
                rows = [{"what": HERE, "at_least": float(about["at_least"]), "at_most": float(about["at_most"])}]
            ledger.say(f"hedge: {found.termination}")
        except InvalidStudy as error:
            ledger.say(f"hedge: {error}")
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows, columns=["what", "at_least", "at_most"]).to_csv(path, index=False)
    return pd.read_csv(path)


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`shared`: pairs of nation and post in all near-best plans, and in how many scenarios' plans they are too; `ready`: hedging against knowing."""
    shared, presence = _alternatives(setup, ledger)
    serving = _in_scenarios(setup, ledger)
    names = {part: {row[part]: row["name"] for row in setup.paris.rows(f"{part}s")} for part in PAIR}
    rows = []
    for row in records(shared):
        place = tuple(str(row[part]) for part in PAIR)
        says = ", ".join(names[table][key] for table, key in zip(PAIR, place, strict=True))
        rows.append((" ".join(place), says, *place, row["status"], sum(place in one for one in serving), len(serving)))
    columns = ["pair", "says", *PAIR, "status", "in_scenarios", "scenarios"]
    frame = pd.DataFrame(rows, columns=columns)
    rank = {"proven": 0, "found": 1, "not needed": 2}
    frame = frame.assign(rank=[rank.get(str(one), 3) for one in frame["status"]])
    frame = frame.sort_values(["in_scenarios", "rank", "pair"], ascending=[False, True, True], kind="stable").drop(
        columns="rank"
    )
    everywhere = int(((frame["in_scenarios"] == frame["scenarios"]) & (frame["status"] != "not needed")).sum())
    plans = [name for name in presence.columns if name.startswith("plan ")]
    count = [("shared", len(plans), len(frame), everywhere, len(presence))]
    counts = pd.DataFrame(count, columns=["what", "plans", "shared", "also_in_every_scenario", "pairs"])
    return {"shared": frame.reset_index(drop=True), "shared_count": counts, "ready": _ready(setup, ledger)}


def _in_scenarios(setup: Setup, ledger: Ledger) -> list[set[tuple[str, ...]]]:
    """Who serves where in the best plan known of each scenario that has one."""
    found = []
    for name in setup.paris.scenarios:
        if ledger.entries[f"scenario {name}"].plan:
            plan = ledger.plan(f"scenario {name}").assignments
            found.append(set(plan[list(PAIR)].itertuples(index=False, name=None)))
    return found


def _ready(setup: Setup, ledger: Ledger) -> pd.DataFrame:
    """Expected coverage with the future known (from the ledger) and with what is made ready here and now (from the study)."""
    chances = {row["scenario"]: float(row["probability"] or 0.0) for row in setup.paris.rows("scenarios")}
    total = math.fsum(chances.values())
    low = math.fsum(p * (ledger.entries[f"scenario {n}"].value or 0.0) for n, p in chances.items()) / total
    high = math.fsum(p * (ledger.entries[f"scenario {n}"].bound or 100.0) for n, p in chances.items()) / total
    rows = [("if the future is known", low, high)]
    for row in _hedge(setup, ledger).to_dict("records"):
        # Where hedging has proven nothing, no plan made now beats those for a known future.
        most = high if is_blank(row["at_most"]) else min(float(row["at_most"]), high)
        rows += [
            ("with what is made ready now", float(row["at_least"]), most),
            ("gained by knowing it", max(0.0, low - most), high - float(row["at_least"])),
        ]
    return pd.DataFrame(rows, columns=["what", "at_least", "at_most"])


def sentences(tables: Tables) -> list[Sentence]:
    """How much is shared, which pairs, and what knowing is worth."""
    names = ("plans", "shared", "also_in_every_scenario", "pairs")
    figures = {name: Cell("shared_count", "shared", name, "number") for name in names}
    text = (
        "{plans} plans that cover nearly as much as the best, and differ as much as could be found, use {pairs} pairs of nation and post. "
        "{shared} of these pairs are in all of them, and {also_in_every_scenario} are in the best plan known of every scenario too."
    )
    found = [Sentence(f"{NAME}/shared", text, figures, "plans found")]
    for row in records(tables["shared"].head(TOLD)):
        pair = str(row["pair"])
        cells = {"says": Cell("shared", pair, "says", "text")}
        cells |= {name: Cell("shared", pair, name, "number") for name in ("in_scenarios", "scenarios")}
        if row["status"] == "proven":
            text = "{says}: in every plan that covers nearly as much as the best (proven), and in the best known of {in_scenarios} of {scenarios} scenarios."
            found.append(Sentence(f"{NAME}/{pair}", text, cells))
        elif row["status"] == "found":
            text = "{says}: in all plans found that cover nearly as much as the best, and in the best known of {in_scenarios} of {scenarios} scenarios."
            found.append(Sentence(f"{NAME}/{pair}", text, cells, "plans found"))
    for row in records(tables["ready"]):
        what = str(row["what"])
        cells = {
            "what": Cell("ready", what, "what", "text"),
            "low": Cell("ready", what, "at_least"),
            "high": Cell("ready", what, "at_most"),
        }
        text = "On average over the scenarios, weighted by their assumed probabilities, {what}: between {low} and {high} points."
        found.append(Sentence(f"{NAME}/{what}", text, cells, "assumed"))
    return found


ANSWER = Answer(
    NAME,
    "No-regret commitments",
    "Which commitments hold whatever comes true, and can be made now?",
    cases,
    tables,
    sentences,
    more,
    limits="What to make ready before it is known which scenario comes true (all scenarios as one model) is asked from budget 1 on; "
    "where it stands not below, it was not. "
    "Probabilities of scenarios are an even-handed guess. A pair that is shared by plans found may be missing in one that was not found, unless proven.",
)
