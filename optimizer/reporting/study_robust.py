"""The sections of a report on claims tried over draws."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from optimizer.reporting.content import Column, Section, Table
from optimizer.reporting.study_tables import cut, keys_of, limits_in_words, number, read_table, records
from optimizer.reporting.text import as_text, figure

_EXPLAINED = (
    "Of each draw only what follows is said: the best value of an aim lies between the plan's own and what no plan beats, and other outcomes are "
    "known of plans that are proven best in every aim (of several equally good ones, the one that was found). Open: it does not follow either way. "
    "A claim survives where it certainly holds in the share of draws that was asked for."
)


def robust_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, the claims with their verdicts, what varies in which cases, each claim in each draw, and all runs."""
    rows = records(folder / "claims.csv")
    counts = Counter(row["verdict"] for row in rows)
    verdicts = "; ".join(f"{count} of {len(rows)} {name}" for name, count in counts.items())
    without = (*head.get("timing_columns", ()), "name", "reason")
    names = keys_of(head)
    runs = cut(read_table(folder / "runs.csv", "All runs", without, names))
    draws = cut(read_table(folder / "draws.csv", head["tables"]["draws"], (), names))
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("claims", head["tables"]["claims"], (f"Claims: {verdicts}.", _EXPLAINED), (_claims(rows),)),
        Section("inputs", "What was asked", _asked(head), (_varied(head),)),
        Section("draws", head["tables"]["draws"], (), (draws,), folded=True),
        Section("runs", "All runs", (), (runs,), folded=True),
    )


def _claims(rows: list[dict[str, str]]) -> Table:
    columns = (
        Column("Claim"),
        Column("In words"),
        Column("Holds where"),
        Column("Verdict"),
        Column("Asked share", "percent"),
        Column("Holds in at least", "percent"),
        Column("at most", "percent", "holds in at most"),
        Column("Certainly", "figure"),
        Column("Open", "figure"),
        Column("Not", "figure"),
        Column("In the plans found", "figure"),
    )
    figures = ("share", "share_at_least", "share_at_most", "certainly", "open", "not", "in_plans")
    lines = [
        (
            *(as_text(row[name]) for name in ("claim", "says", "holds", "verdict")),
            *(number(row[name]) for name in figures),
        )
        for row in rows
    ]
    return Table("Claims", columns, tuple(lines))


def _asked(head: dict[str, Any]) -> tuple[str, ...]:
    cases = [
        as_text(case["name"]) + (f" (scenario {as_text(case['scenario'])})" if case["scenario"] else "")
        for case in head["cases"]
    ]
    draws = (
        f"{head['draws']:,} draws (Latin hypercube, seed {head['design']['seed']}), each solved in: {', '.join(cases)}."
    )
    return tuple(line for line in (draws, limits_in_words(head["limits"])) if line)


def _varied(head: dict[str, Any]) -> Table:
    lines = [
        (
            as_text(vary["name"]),
            as_text(f"{vary['table']}.{vary['column']}"),
            as_text(vary["mode"]),
            f"{figure(vary['low'])} to {figure(vary['high'])}",
        )
        for vary in head["vary"]
        if vary["kind"] != "scenario"
    ]
    columns = (Column("Input"), Column("What"), Column("How"), Column("Drawn between"))
    return Table("What varies", columns, tuple(lines))
