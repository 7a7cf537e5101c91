"""Political facts as this plan takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_text

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Political facts as this plan takes them."""
    given = reader.instance.rows("conditions")
    if not given:
        return None
    rows: list[tuple[Cell, ...]] = [
        (
            as_text(row.get("name")) or as_text(row["condition"]),
            reader.conditions.get(row["condition"], False),
            as_text(row.get("description")),
        )
        for row in given
    ]
    columns = (Column("Condition"), Column("Holds", "flag"), Column("Meaning"))
    return Section(
        "conditions",
        "Political facts assumed",
        (reader.scenario,) if reader.scenario else (),
        (reader.table("Conditions", columns, rows),),
    )
