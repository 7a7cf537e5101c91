"""Options without deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Section

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Options without deployment."""
    rows = reader.frame("instruments")
    if not rows or not reader.plan.has_plan:
        return None
    names = [name for name in rows[0] if name != "instrument"]
    return Section(
        "instruments",
        "Options without deployment",
        (),
        (reader.generic("Instruments", rows, ["instrument", *names]),),
    )
