"""How far pledges are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Section

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """How far pledges are used."""
    rows = reader.frame("pledges")
    if not rows or not reader.plan.has_plan:
        return None
    return Section(
        "pledges",
        "How the pledges are used",
        (),
        (reader.generic("Pledges", rows, list(rows[0]), 150),),
        folded=True,
    )
