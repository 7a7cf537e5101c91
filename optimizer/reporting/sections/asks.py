"""Whom to ask for what, and what sets of concessions bring, where that was worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.answers import MADE_BESIDE, answer_table
from optimizer.reporting.content import Section

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Whom to ask, and the curve of concessions; none where neither was worked out."""
    tables = [answer_table(name, rows) for name in ("asks", "concessions") if (rows := reader.answers.get(name))]
    return Section("asks", "What to ask of whom", (MADE_BESIDE,), tuple(tables)) if tables else None
