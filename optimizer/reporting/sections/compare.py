"""The plan and another one side by side, where a comparison of them lies in or beside its folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_ROWS, Section
from optimizer.reporting.text import joined

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """What changes in words, aims, missions, nations, who moves, posts that open and close; of every comparison that has this plan."""
    found = [one for one in reader.studies if one.kind == "compare"]
    text, tables = [], []
    for study in found:
        about = f"{study.title}: " if len(found) > 1 else ""
        for part in study.content.sections:
            if part.key.startswith("told"):
                more = len(part.text) - MOST_ROWS
                text.append(
                    f"{about}{part.title}. {' '.join(part.text[:MOST_ROWS])}{f' And {more} more.' if more > 0 else ''}"
                )
            elif part.key != "proof":
                tables += [
                    replace(table, caption=about + table.caption, name=f"{study.name}_{part.key}", whole=study.where)
                    for table in part.tables
                ]
    if not found:
        return None
    where = f"The tables in full: {joined([study.where for study in found])}."
    return Section("compare", "Plans side by side", (*text, where), tuple(tables))
