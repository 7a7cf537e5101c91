"""A plan on the screen, as a planner reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.cli.screen import console, show_table, write_line
from optimizer.reporting.content import Table
from optimizer.reporting.describe import describe

if TYPE_CHECKING:
    from rich.console import Console

    from optimizer.plan.plan import Plan

_SHOWN = (("aims", None), ("missions", 15), ("gaps", 8), ("nations", 12), ("limits", 8))
_MOST_CHANGES = 8
_LEFT_OUT = {
    "gaps": ("Mission", "Capability", "Measure", "Gap", "Not mounted in"),
    "missions": ("Score is the",),
    "nations": ("Personnel cap", "Budget", "Share of the burden", "Fair share"),
    "limits": ("Measure",),
}
"""Columns that are only in the report: a screen has 80 characters."""


def show_summary(plan: Plan, folder: Path | None, out: Console | None = None) -> None:
    """Print how the search ended, the aims, what is filled and open, who bears what, and where the files are."""
    from optimizer.plan.steadiness import sentence  # with pandas, which no help text should pay for

    out = console() if out is None else out
    content = describe(plan, check=False)
    write_line(out, content.title, "bold")
    if content.scenario:
        write_line(out, f"Scenario: {content.scenario}")
    style = "green" if content.calm else "yellow" if plan.has_plan else "red"
    write_line(out, content.verdict, style)
    for line in content.changed:
        write_line(out, line, "yellow")
    for told in content.answer:
        write_line(out, f"{told.label}: {told.text}")
    for key, most in _SHOWN:
        section = content.section(key)
        if section is None:
            continue
        if not section.tables:
            for line in section.text:
                write_line(out, line)
        for table in section.tables:
            show_table(out, _narrowed(table, _LEFT_OUT.get(key, ())), most, "the report")
        if key == "gaps" and plan.has_plan:
            header = plan.instance.header
            write_line(out, sentence(plan.steadiness, header.periods, header.months) or "")
        if key == "nations":
            for line in section.text if section.tables else ():
                write_line(out, line)
    changed = content.section("baseline")
    if changed is not None:
        write_line(out, f"{changed.title}:", "bold")
        for line in changed.text[:_MOST_CHANGES]:
            write_line(out, f"  {line}")
        if len(changed.text) > _MOST_CHANGES:
            write_line(out, f"  … and {len(changed.text) - _MOST_CHANGES} more in the report; changes.csv has all.")
    for event in plan.events:
        write_line(out, event)
    if folder is None:
        write_line(out, "Nothing was written.")
    elif plan.has_plan:
        write_line(out, f"The plan is in {folder}; `forcegen report {folder}` makes a page and a workbook of it.")
    else:
        write_line(out, f"What is known of the search is in {folder} (solver.log, plan.json).")


def _narrowed(table: Table, without: tuple[str, ...]) -> Table:
    kept = [index for index, column in enumerate(table.columns) if column.title not in without]
    columns = tuple(table.columns[index] for index in kept)
    return Table(table.caption, columns, tuple(tuple(row[index] for index in kept) for row in table.rows), table.rest)
