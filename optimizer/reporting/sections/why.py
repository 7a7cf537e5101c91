"""Why lines are open, where that was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.answers import MADE_BESIDE, answer_table
from optimizer.reporting.content import Section

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """The reasons for open lines; none where nobody asked."""
    rows = reader.answers.get("reasons")
    return Section("why", "Why lines are open", (MADE_BESIDE,), (answer_table("reasons", rows),)) if rows else None
