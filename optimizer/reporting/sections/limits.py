"""Limits that bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.plan.tightness import by_tightness
from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_flag, as_number, as_text, ranges
from optimizer.reporting.words import heading

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Limits that bind."""
    if not reader.plan.has_plan:
        return None
    groups = by_tightness(row for row in reader.frame("limits") if as_flag(row.get("binding")))
    if not groups:
        text = "No limit binds." if reader.frame("limits") else "The instance has no limits."
        return Section("limits", "Limits that bind", (text,))
    rows: list[tuple[Cell, ...]] = []
    for name, found in groups:
        periods = [int(number) for row in found if (number := as_number(row.get("period"))) is not None]
        used = max((as_number(row.get("used")) or 0.0 for row in found), key=abs)
        bounds = (as_number(found[0].get("minimum")), as_number(found[0].get("maximum")))
        when = ranges(periods) or "whole horizon"
        rows.append((as_text(name), heading(as_text(found[0].get("measure"))), used, *bounds, when))
    columns = (
        Column("Limit"),
        Column("Measure"),
        Column("Used", "figure"),
        Column("At least", "figure"),
        Column("At most", "figure"),
        Column("Binds in periods"),
    )
    text = "No further unit fits under these: with more room, the plan might do better. The tightest come first."
    return Section("limits", "Limits that bind", (text,), (reader.table("Limits that bind", columns, rows, 80),))
