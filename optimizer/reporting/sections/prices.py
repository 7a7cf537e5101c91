"""What one step of each rule gains, where that was worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.answers import MADE_BESIDE, answer_table
from optimizer.reporting.content import Section

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

_READING = (
    "A step of a rule gains at least and at most so much in the first aim. Rules that are listed together gain more together than "
    "each of them by itself."
)


def section(reader: Reader) -> Section | None:
    """The prices of rules; none where they were not worked out."""
    rows = reader.answers.get("prices")
    if not rows:
        return None
    return Section("prices", "What each rule costs", (_READING, MADE_BESIDE), (answer_table("prices", rows),))
