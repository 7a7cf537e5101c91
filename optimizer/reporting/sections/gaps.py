"""What stays open, the weightiest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_text, ranges, told_apart

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


MOST: Final = 20
"""Rows on the page; the workbook has every line in every period."""


def section(reader: Reader) -> Section | None:
    """What stays open, the weightiest first."""
    if not reader.plan.has_plan:
        return None
    if not reader.open_lines:
        return Section("gaps", "Largest gaps", ("Every requirement is filled in full in every period.",))
    rows: list[tuple[Cell, ...]] = [
        (
            as_text(line.name),
            reader.label("mission", line.mission),
            reader.label("area", line.area),
            reader.label("capability", line.capability),
            reader.measures.get(line.capability, ""),
            told_apart(line.mean(line.targets), line.mean(line.fulfilled)),
            told_apart(line.mean(line.fulfilled), line.mean(line.targets)),
            line.mean(line.targets) - line.mean(line.fulfilled),
            line.share,
            ranges(line.open),
            ranges(line.unmounted),
        )
        for line in reader.open_lines
    ]
    columns = (
        Column("Requirement"),
        Column("Mission"),
        Column("Area"),
        Column("Capability"),
        Column("Measure"),
        Column("Wanted", "figure"),
        Column("Fulfilled", "figure"),
        Column("Gap", "figure"),
        Column("Filled", "percent"),
        Column("Open in periods"),
        Column("Not mounted in"),
    )
    text = (
        f"{len(reader.open_lines)} of {len(reader.lines)} requirement lines stay open in at least one period. "
        "The weightiest come first; wanted, fulfilled and gap are means over the periods of the line."
    )
    return Section(
        "gaps", "Largest gaps", (text,), (reader.table("Requirement lines that stay open", columns, rows, MOST),)
    )
