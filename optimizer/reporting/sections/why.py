"""Why lines are open, where that was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from optimizer.reporting.answers import MADE_BESIDE, answer_table
from optimizer.reporting.content import Section
from optimizer.reporting.reader import importance

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


MOST: Final = 8
"""Rows on the page: each has a long sentence, and the grid says the reason of every square."""


def section(reader: Reader) -> Section | None:
    """The reasons for open lines; none where nobody asked."""
    rows = reader.answers.get("reasons")
    if not rows:
        return None
    weights = {line.name: importance(reader, line) for line in reader.lines.values()}
    ordered = sorted(rows, key=lambda row: -weights.get(str(row["requirement"]), 0.0))
    text = "The weightiest lines come first."
    return Section(
        "why", "Why lines are open", (f"{text} {MADE_BESIDE}",), (replace(answer_table("reasons", ordered), most=MOST),)
    )
