"""What each restriction costs, and the best three concessions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import pandas as pd

from optimizer.reporting.content import Chart
from optimizer.reporting.text import write_atomically
from optimizer.rulebook import rules_in_force
from optimizer.studies.why.ask import concessions
from publications.paris.answer import Answer
from publications.paris.cases import Case
from publications.paris.effects import Effect, against, changes, effect_table
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import BASE, Setup

NAME = "restrictions"
POLITICAL: Final = ("caveats", "limits", "links", "areas")
"""Tables whose rules are restrictions that somebody could lift; national ceilings, thresholds, tours and what is pledged are asked elsewhere."""
SEARCHED: Final = 6
TOLD: Final = 8
MOST: Final = 3
CURVE_SECONDS: Final = 180.0


def cases(setup: Setup) -> Sequence[Case]:
    """Each restriction lifted, bounded by its relaxation; plans of other cases are tried."""
    rules = [rule for rule in rules_in_force(setup.paris, None) if rule.table in POLITICAL and rule.bend is not None]
    return [
        Case(f"without {rule.id}", f"this rule is lifted: {rule.sentence.rstrip('.')}", setup.main, lifted=(rule.id,))
        for rule in rules
    ]


def more(setup: Setup, ledger: Ledger) -> Sequence[Case]:
    """The restrictions whose relaxation gains most are searched; and the sets of concessions that the search over sets names."""
    base = ledger.entries[BASE].relaxation or 0.0
    gains = {name: (ledger.entries[name].relaxation or 0.0) - base for name in _lifted(ledger)}
    best = sorted(gains, key=lambda name: (-gains[name], name))[:SEARCHED]
    found = [ledger.cases[name] for name in best if gains[name] > 0]
    searched = [replace(case, seconds=16.0) for case in found]
    return [*searched, *(_conceded(setup, point) for point in curve_of(setup, ledger) if point.rules)]


def _lifted(ledger: Ledger) -> list[str]:
    return [name for name, case in ledger.cases.items() if case.lifted and name.startswith("without ")]


@dataclass(frozen=True)
class CurvePoint:
    """The set of concessions that the search names for a weight: rules with steps, in words, whom to ask; `bound`: no set of that weight has more."""

    weight: int
    bound: float | None
    rules: tuple[tuple[str, int], ...]
    says: tuple[str, ...]
    asked: tuple[str, ...]


def curve_of(setup: Setup, ledger: Ledger) -> list[CurvePoint]:
    """The curve of concessions, searched once per instance and budget, and kept."""
    paris = setup.paris
    path = ledger.folder / "studies" / f"concessions-{paris.hash[:16]}-{ledger.budget:g}.json"
    if not path.is_file():
        seconds = CURVE_SECONDS * ledger.budget
        start = ledger.plan(BASE) if ledger.entries[BASE].plan else None
        found = concessions(paris, None, most=MOST, start=start, time_limit=seconds)
        for point in found.points:
            if point.plan is not None and point.plan.has_plan:
                ledger.pool.add(point.plan)
        ledger.say(f"concessions: {found.termination}")
        points = [
            CurvePoint(
                point.weight,
                point.bound,
                tuple((str(one["rule"]), int(one["steps"])) for one in point.concessions),
                tuple(str(one["sentence"]) for one in point.concessions),
                tuple(str(one["asked"] or "") for one in point.concessions),
            )
            for point in found.points
        ]
        write_atomically(path, (json.dumps([asdict(point) for point in points], indent=1) + "\n").encode())
    rows = json.loads(path.read_text("utf-8"))
    return [
        CurvePoint(
            row["weight"],
            row["bound"],
            tuple((rule, steps) for rule, steps in row["rules"]),
            tuple(row["says"]),
            tuple(row["asked"]),
        )
        for row in rows
    ]


def _conceded(setup: Setup, point: CurvePoint) -> Case:
    says = f"conceded: {_together(point.says)}"
    return Case(f"concessions-{point.weight}", says, setup.main, conceded=point.rules, seconds=20.0)


def _together(sentences: Iterable[str]) -> str:
    return "; ".join(sentence.rstrip(".") for sentence in sentences)


def _named(point: CurvePoint) -> str:
    """The rules of a set, in short: a caveat by its name; the whole sentences are in `concession_rules`."""
    names = (
        rule.removeprefix("caveats/") if rule.startswith("caveats/") else says
        for (rule, _), says in zip(point.rules, point.says, strict=True)
    )
    return _together(f"“{name.rstrip('.')}”" for name in names)


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`restrictions`: a row per rule, the dearest first; `concessions`: a row per weight; `concession_rules`: what each set asks of whom."""
    effects = against(ledger, _lifted(ledger))
    effects["searched"] = [ledger.entries[name].seconds for name in effects["case"]]
    effects = effects.sort_values(["relaxation", "effect"], ascending=[False, True], kind="stable").reset_index(
        drop=True
    )
    curve = [point for point in curve_of(setup, ledger) if point.rules]
    sets = effect_table(
        ledger, [Effect(f"concessions-{p.weight}", BASE, f"concessions-{p.weight}", _named(p)) for p in curve]
    )
    sets["weight"] = [point.weight for point in curve]
    sets["no_set_has_more_than"] = [point.bound for point in curve]
    rules = [
        (f"{p.weight}: {rule}", p.weight, rule, steps, asked, says)
        for p in curve
        for (rule, steps), asked, says in zip(p.rules, p.asked, p.says, strict=True)
    ]
    columns = ["concession", "weight", "rule", "steps", "asked", "says"]
    return {"restrictions": effects, "concessions": sets, "concession_rules": pd.DataFrame(rules, columns=columns)}


def sentences(tables: Tables) -> list[Sentence]:
    """The dearest restrictions, how many gain nothing, and the sets."""
    frame = tables["restrictions"]
    top = frame[frame["relaxation"] > 0].head(TOLD)
    found = changes(NAME, {"restrictions": top}, "restrictions")
    for row in records(top):
        figures = {"says": Cell("restrictions", row["effect"], "says", "text")}
        figures["relaxation"] = Cell("restrictions", row["effect"], "relaxation")
        text = "{relaxation} points would be gained if units could be split and {says}."
        found.append(Sentence(f"{NAME}/relaxation {row['effect']}", text, figures, "relaxation"))
    if tables["concessions"].empty:
        text = "The search over sets of concessions found none in its time; with more time it may."
        found.append(Sentence(f"{NAME}/no set", text))
    for row in records(tables["concessions"]):
        figures = {name: Cell("concessions", row["effect"], name) for name in ("at_least", "at_most")}
        figures |= {
            "says": Cell("concessions", row["effect"], "says", "text"),
            "weight": Cell("concessions", row["effect"], "weight", "number"),
        }
        figures |= {"bound": Cell("concessions", row["effect"], "no_set_has_more_than")}
        text = (
            "The best that was found for concessions of weight {weight} together is to give up {says}. "
            "That adds between {at_least} and {at_most} points; "
            "with no set of that weight can more than {bound} points be covered."
        )
        found.append(Sentence(f"{NAME}/{row['effect']}", text, figures))
    return found


def charts(tables: Tables) -> list[Chart]:
    """What the relaxation gains without each of the dearest restrictions."""
    rows = records(tables["restrictions"].head(12))
    rows = [row for row in rows if row["relaxation"] > 0]
    if not rows:
        return []
    cells = {(index, 0): float(row["relaxation"]) for index, row in enumerate(rows)}
    names = tuple(str(row["effect"]).removeprefix("without ") for row in rows)
    summary = f"The most gains {names[0]} with {rows[0]['relaxation']:.2f} points."
    return [
        Chart(
            "Gain of the relaxation without each restriction",
            summary,
            "amount",
            names,
            ("gain",),
            cells,
            value_title="points of coverage",
        )
    ]


ANSWER = Answer(
    NAME,
    "What restrictions cost, and what to concede first",
    "What does each restriction cost, and which three concessions bring most?",
    cases,
    tables,
    sentences,
    more,
    charts,
    limits="One restriction at a time, and sets of three at most. The relaxation splits units; it ranks, it does not promise.",
)
