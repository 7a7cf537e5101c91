"""What studies of the same input found that lie in or beside the plan's folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from optimizer.reporting.content import Chart, Section, Table

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

MOST_ROWS: Final = 20
MOST_TABLES: Final = 2
"""Of each study; its own report has all."""


def section(reader: Reader) -> Section | None:
    """Per study how it ended, its first tables and its first chart; none where there is no study."""
    found = [one for one in reader.studies if one.kind != "compare"]
    text: list[str] = []
    tables: list[Table] = []
    charts: list[Chart] = []
    for study in found:
        parts = [part for part in study.content.sections if not part.folded and part.key not in {"inputs", "proof"}]
        scenario = f" ({study.scenario})" if study.scenario else ""
        text.append(f"{study.title}{scenario}. {study.content.verdict} In full: {study.where}.")
        shown = [(part, table) for part in parts for table in part.tables if table.rows][:MOST_TABLES]
        tables += [
            replace(
                table,
                caption=f"{study.title}: {table.caption}",
                name=f"{study.name}_{part.key}",
                most=MOST_ROWS,
                whole=study.where,
            )
            for part, table in shown
        ]
        charts += [chart for part in parts for chart in part.charts][:1]
    return Section("studies", "Studies of the same input", tuple(text), tuple(tables), tuple(charts)) if found else None
