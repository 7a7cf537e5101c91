"""The sections of a report on a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.instance.header_attributes import AIMS
from optimizer.reporting.content import MOST_ROWS, Column, Section, Table
from optimizer.reporting.study_charts import charts
from optimizer.reporting.study_tables import ENDINGS, Records, cut, keys_of, limits_in_words, read_table, records
from optimizer.reporting.text import as_text, figure, joined

_MOST_CHARTS: Final = 12
_DESIGNS: Final = {
    "one_at_a_time": "one input at a time",
    "grid": "every combination",
    "latin_hypercube": "Latin hypercube",
    "sobol": "Sobol sequence",
    "morris": "Morris trajectories",
    "rows": "rows of a file",
}
_EXPLAINED: Final = {
    "tornado": "Each input alone is moved away from the base case; the bar spans the outcomes that this gave. An effect is doubtful where the "
    "solver left as much open at its worse end as the bar is wide; that of a mission score or a kept cell, where a plan at either end is not proven best. "
    "What an effect is at least and at most, with the best plan in every run, follows from the bounds; it is blank where a bound says nothing.",
    "morris": "mu_star: mean size of the effect of an input on the outcome; mu: the same with its sign; sigma: how much the effect depends on the "
    "other inputs; mu_star_conf: half the width of the 95 % interval.",
    "sobol": "S1: share of the outcome's variance that the input explains alone; ST: together with its interplay with the others; S1_conf and "
    "ST_conf: half the width of the 95 % interval.",
    "correlations": "From -1 to 1: whether the outcome rises (or falls) with the input, by ranks.",
    "outcomes": "largest_solver_gap: how much better a run's value could be at most.",
}


def sweep_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, what was asked, the tables and charts of the design, the runs without a plan, and all runs."""
    said = {name: records(folder / f"{name}.csv") for name in head["tables"]}
    varied = Table(
        "What varies",
        (Column("Input"), Column("What"), Column("How"), Column("Values")),
        tuple((as_text(vary["name"]), _what(vary), as_text(vary["mode"]), _values(vary)) for vary in head["vary"]),
    )
    kind = head["design"]["kind"]
    design = f"Design: {_DESIGNS.get(kind, kind)}." if head["vary"] else "Each instance as it is."
    sections = [
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section(
            "inputs",
            "What was asked",
            (f"{design} {limits_in_words(head['limits'])}".strip(),),
            (varied,) if varied.rows else (),
        ),
    ]
    drawn = {name: charts(name, rows, head) for name, rows in said.items()}
    for name in ("tornado", "response", "heatmap", "morris", "sobol", "correlations", "outcomes"):
        if name in said:
            table = read_table(folder / f"{name}.csv", head["tables"][name])
            shown = _for_the_page(table, said[name]) if name in {"tornado", "response", "heatmap"} else table
            text = tuple(line for line in (_EXPLAINED.get(name, ""),) if line)
            folded = name in {"response", "heatmap"}
            sections.append(
                Section(name, head["tables"][name], text, (shown,), tuple(drawn[name][:_MOST_CHARTS]), folded=folded)
            )
    # Names repeat what stands beside them, but for rows that have names of their own; reasons are long, and have their own table.
    without = (*head.get("timing_columns", ()), *(() if kind == "rows" else ("name",)), "varied", "reason")
    runs = _without_blanks(read_table(folder / "runs.csv", "All runs", without, keys_of(head)))
    # Instances as they are have no other table that tells them apart.
    sections += [_without_plan(folder), Section("runs", "All runs", (), (cut(runs),), folded=bool(head["vary"]))]
    return tuple(sections)


def _without_plan(folder: Path) -> Section:
    """The runs that have no plan, and why."""
    rows = tuple(
        (float(row["run"]), as_text(row["name"]), ENDINGS.get(row["termination"], ""), as_text(row["reason"]))
        for row in records(folder / "runs.csv")
        if row["has_plan"] == "false"
    )
    columns = (Column("Run", "figure"), Column("Name"), Column("Ended"), Column("Reason"))
    table = cut(Table("Runs without a plan", columns, rows))
    return Section("without-plan", "Runs without a plan", (), (table,) if rows else ())


def _without_blanks(table: Table) -> Table:
    """The table without columns in which nothing stands."""
    kept = [column for column in range(len(table.columns)) if any(row[column] not in {None, ""} for row in table.rows)]
    rows = tuple(tuple(row[column] for column in kept) for row in table.rows)
    return Table(table.caption, tuple(table.columns[column] for column in kept), rows, table.rest)


def _for_the_page(table: Table, rows: Records) -> Table:
    """The rows about aims; the others are in the workbook."""
    kept = [line for line, row in zip(table.rows, rows, strict=True) if row["outcome"] in AIMS][:MOST_ROWS]
    return Table(table.caption, table.columns, tuple(kept), len(rows) - len(kept))


def _what(vary: dict[str, Any]) -> str:
    if vary["kind"] == "cells":
        return f"{vary['table']}.{vary['column']}, {vary['rows']} row{'s' * (vary['rows'] != 1)}"
    return f"{vary['kind']} {vary['table']} {vary['column']}".strip()


def _values(vary: dict[str, Any]) -> str:
    if vary["values"]:
        return joined(
            [figure(value) if isinstance(value, float) else _cell_text(value) for value in vary["values"]], 20
        )
    return "" if vary["low"] is None else f"{figure(vary['low'])} to {figure(vary['high'])}"


def _cell_text(value: object) -> str:
    return {"True": "yes", "False": "no"}.get(str(value), as_text(value))
