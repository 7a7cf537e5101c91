"""The sections of a report on scenarios side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.plan.proof import telling
from optimizer.reporting.content import Cell, Chart, Column, Section, Table
from optimizer.reporting.study_tables import (
    ENDINGS,
    Records,
    by,
    is_number,
    label,
    limits_in_words,
    number,
    read_table,
    records,
)
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_figure, reach_in_words

_REGRET: Final = (
    "A plan that was made for one scenario is committed: when another comes true, units may be called home, but nothing new is sent and no "
    "instrument is added. Regret is how much worse that is than the best plan known for the scenario that came. Blank: the plan cannot be kept. "
    "Aims count in their order: in a later aim only a plan that lost nothing in the earlier ones has a regret. A plan that covers less costs "
    "less, and that is no gain. What a regret is at least and at most follows from the bounds of the searches: where it may be none, it is within "
    "what the search left open."
)


def scenario_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, aims, missions, nations, regret, and all aims in full."""
    titles = head["tables"]
    limits = limits_in_words(head["limits"])
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("aims", titles["aims"], (limits,) if limits else (), (_own_plans(folder, titles),)),
        Section("missions", "Missions", (), (_scores(folder, titles),)),
        Section("nations", titles["nations"], (), (_serving(folder),)),
        _regret(folder, head),
        Section(
            "expected",
            "All aims",
            (),
            (
                read_table(folder / "expected.csv", titles["expected"]),
                read_table(folder / "regret.csv", titles["regret"]),
            ),
            folded=True,
        ),
    )


def _own_plans(folder: Path, titles: dict[str, str]) -> Table:
    """A row per scenario: probability, how its search ended, each aim with its bound."""
    rows = records(folder / "aims.csv")
    aims = list(dict.fromkeys(row["aim"] for row in rows))
    columns = [Column("Scenario"), Column("Probability", "figure"), Column("Ended")]
    for aim in aims:
        columns += [Column(label(aim), "figure", "aim value"), Column("no plan beats", "figure")]
    elsewhere = any(row.get("plan_from") for row in rows)
    columns += [Column("Plan found for")] if elsewhere else []
    lines = []
    for scenario, some in by(rows, "scenario"):
        line: list[Cell] = [as_text(scenario), number(some[0]["probability"]), ENDINGS.get(some[0]["termination"], "")]
        for row in some:
            name, value = row["aim"], number(row["value"])
            bound = telling(name, value, number(row["bound"]), name in MAXIMISED_AIMS)
            line += [aim_figure(name, value), aim_figure(name, bound)]
        origin = some[0].get("plan_from", "")
        lines.append((*line, as_text(origin)) if elsewhere else tuple(line))
    return Table(titles["aims"], tuple(columns), tuple(lines))


def _scores(folder: Path, titles: dict[str, str]) -> Table:
    rows = records(folder / "missions.csv")
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    value = {(row["mission"], row["scenario"]): number(row["score"]) for row in rows}
    return Table(
        titles["missions"],
        (Column("Mission"), *(Column(as_text(name), "percent", "score") for name in names)),
        tuple(
            (as_text(mission), *(value.get((mission, name)) for name in names))
            for mission in dict.fromkeys(row["mission"] for row in rows)
        ),
    )


def _serving(folder: Path) -> Table:
    rows = records(folder / "nations.csv")
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    serving = [row for row in rows if number(row["takes_part"])]
    peak = {(row["nation"], row["scenario"]): number(row["peak_personnel"]) for row in serving}
    return Table(
        "Most personnel at a time, per nation and scenario",
        (Column("Nation"), *(Column(as_text(name), "figure", "most personnel at a time") for name in names)),
        tuple(
            (as_text(nation), *(peak.get((nation, name)) for name in names))
            for nation in dict.fromkeys(row["nation"] for row in serving)
        ),
    )


def _regret(folder: Path, head: dict[str, Any]) -> Section:
    """Regret in the first aim: a chart, and a table with what is expected beside it."""
    measure = head["measure"]
    rows = [row for row in records(folder / "regret.csv") if row["aim"] == measure]
    names = list(dict.fromkeys(row["plan_for"] for row in rows))
    regret = {(row["plan_for"], row["comes_true"]): number(row["regret"]) for row in rows}
    expected = {row["plan_for"]: row for row in records(folder / "expected.csv") if row["aim"] == measure}
    name = measure.replace("_", " ")
    table = Table(
        f"Regret in {name} when the scenario of the column comes true",
        (
            Column("Plan made for"),
            *(Column(as_text(name), "figure", "regret when it comes true") for name in names),
            Column("Largest regret", "figure"),
            Column(f"Expected {name}", "figure", "expected"),
        ),
        tuple(
            (
                as_text(plan),
                *(regret.get((plan, name), 0.0) for name in names),
                number(row["largest_regret"]),
                number(row["expected"]),
            )
            for plan, row in expected.items()
        ),
    )
    certain = _certain(rows, names, name)
    known = {pair: value for pair, value in regret.items() if value is not None}
    made_for, comes_true = max(known, key=lambda pair: known[pair], default=("", ""))
    summary = (
        f"The largest regret is {figure(known[made_for, comes_true])}: the plan made for {as_text(made_for)} "
        f"when {as_text(comes_true)} comes true."
        if known
        else "No plan can be kept."
    )
    chart = Chart(
        f"Regret in {name}: the plan made for (row) when (column) comes true",
        summary,
        "amount",
        tuple(map(as_text, names)),
        tuple(map(as_text, names)),
        {(names.index(one), names.index(other)): value for (one, other), value in known.items()},
        "plan made for",
        "comes true",
        "regret",
    )
    return Section("regret", "Regret", (_REGRET,), (table, *certain), (chart,))


def _certain(rows: Records, names: list[str], name: str) -> tuple[Table, ...]:
    """What each regret is at least and at most; not shown where all are exact, or nothing is known."""
    ends = {
        (row["plan_for"], row["comes_true"]): tuple(
            number(row.get(f"regret_{end}", "")) for end in ("at_least", "at_most")
        )
        for row in rows
        if row["plan_for"] != row["comes_true"]
    }
    said = {pair: reach_in_words(*both) for pair, both in ends.items()}
    if all(is_number(text.replace(",", "")) for text in said.values()):
        return ()
    lines = tuple((as_text(plan), *(said.get((plan, other), "") for other in names)) for plan in names)
    columns = (Column("Plan made for"), *(Column(as_text(other), key="regret when it comes true") for other in names))
    return (Table(f"What is certain of the regret in {name}", columns, lines),)
