"""The aims in order, with what is proven about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_number, as_text
from optimizer.reporting.words import aim_figure, aim_label

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section:
    """The aims in order, with what is proven about them."""
    rows: list[tuple[Cell, ...]] = [
        (
            as_number(aim.get("priority")),
            aim_label(as_text(aim.get("name"))).replace("million", reader.money),
            aim_figure(as_text(aim.get("name")), aim.get("value")),
            aim_figure(as_text(aim.get("name")), aim.get("bound")),
            as_number(aim.get("gap")),
        )
        for aim in reader.aim_rows
    ]
    columns = (
        Column("Order", "figure"),
        Column("Aim"),
        Column("Value", "figure"),
        Column("No plan beats", "figure"),
        Column("Gap", "percent", "gap of an aim"),
    )
    text = () if rows else ("Without a plan there is nothing to measure.",)
    tables = (reader.table("Aims in order of priority", columns, rows),) if rows else ()
    return Section("aims", "What the plan achieves", text, tables)
