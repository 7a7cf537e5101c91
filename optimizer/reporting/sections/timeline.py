"""Units of each pledge in each period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_ROWS, Section
from optimizer.reporting.text import as_number, as_text

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Units of each pledge in each period."""
    if not reader.frame("assignments") or reader.horizon == 1:
        return None
    values: dict[tuple[str, int], float] = {}
    sizes: dict[str, tuple[str, float]] = {}
    for row in reader.frame("assignments"):
        name = f"{as_text(row['pledge'])} → {as_text(row['area'])}"
        cell = (name, int(row["period"]))
        values[cell] = values.get(cell, 0.0) + (as_number(row.get("units")) or 0.0)
        sizes[name] = (
            as_text(row["nation"]),
            sizes.get(name, ("", 0.0))[1] + (as_number(row.get("personnel")) or 0.0),
        )
    names = list(sizes)
    if len(names) > MOST_ROWS:
        names = sorted(names, key=lambda name: (-sizes[name][1], name))[:MOST_ROWS]
    shown = sorted(names, key=lambda name: (sizes[name][0], name))
    chart = reader.periods_chart(
        values,
        shown,
        mean=False,
        title="Units of each pledge on duty in each period",
        summary=f"Units on duty for {len(shown)} pairs of pledge and area in {reader.horizon} periods; all rows are in the workbook, sheet assignments.",
        kind="amount",
        row_title="Pledge and area",
        value_title="Units",
    )
    chart = replace(chart, rest=max(0, len(sizes) - MOST_ROWS))
    return Section("timeline", "Rotation over time", (), (), (chart,))
