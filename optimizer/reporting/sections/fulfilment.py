"""Requirement × period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_ROWS, Section
from optimizer.reporting.reader import importance
from optimizer.reporting.text import as_text

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Requirement × period."""
    if not reader.lines:
        return None
    order = sorted(reader.lines.values(), key=lambda line: (line.mission, line.area, line.name))
    if len(order) > MOST_ROWS:
        order = sorted(order, key=lambda line: (-importance(reader, line), line.name))
    values = {
        (as_text(line.name), period): (done / target if target else 1.0)
        for line in order
        for period, done, target in zip(line.periods, line.fulfilled, line.targets, strict=True)
    }
    summary = (
        f"Share of the target fulfilled, for {min(len(order), MOST_ROWS)} requirement lines in {reader.horizon} periods. "
        "The table of gaps lists what stays open."
    )
    chart = reader.periods_chart(
        values,
        [as_text(line.name) for line in order],
        mean=True,
        title="Fulfilment of each requirement line in each period, in percent of its target; blank where it asks for nothing",
        summary=summary,
        kind="share",
        row_title="Requirement",
        value_title="Fulfilled",
    )
    return Section("fulfilment", "Fulfilment over time", (), (), (chart,))
