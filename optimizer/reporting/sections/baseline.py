"""What changed against the plan that was there before: who leaves, comes, stays longer, sends more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.plan.moves import moved_from_baseline, told_from_baseline
from optimizer.reporting.content import MOST_ROWS, Column, Section
from optimizer.reporting.text import as_text

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """A sentence per nation and post that changed, and the spells with other units; none without a baseline."""
    moved = moved_from_baseline(reader.plan)
    if moved is None:
        return None
    if moved.empty:
        return Section("baseline", "Changes against the baseline plan", ("Who serves where and when is the same.",))
    said = told_from_baseline(reader.plan, reader.label)
    more = len(said) - MOST_ROWS
    text = (*said[:MOST_ROWS], *((f"And {more} more changes; the table in the workbook has all.",) if more > 0 else ()))
    kinds = {"nation": "nation", "unit_type": "unit_type", "mission": "mission", "area": "area"}
    rows = [
        tuple(
            reader.label(kinds[name], cell)
            if name in kinds
            else float(cell)
            if name in {"before", "after"}
            else as_text(cell)
            for name, cell in row.items()
        )
        for row in moved.to_dict("records")
    ]
    titles = ("Nation", "Pledge", "Unit type", "Requirement", "Mission", "Area", "From period", "Until period")
    columns = (*map(Column, titles), Column("Units before", "figure"), Column("Units now", "figure"))
    table = reader.table("Who serves with other units than in the baseline plan", columns, rows)
    return Section("baseline", "Changes against the baseline plan", text, (table,))
