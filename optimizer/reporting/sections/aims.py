"""The aims in order, with what is proven about them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optimizer.plan.summary import FULL_AT
from optimizer.reporting.content import Cell, Column, Record, Section
from optimizer.reporting.text import as_number, as_text, outward
from optimizer.reporting.words import aim_figure, aim_label

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def _bound(aim: Record) -> float | None:
    """The bound, rounded so that it still holds; never shown as full while something is open."""
    name, value, bound = as_text(aim.get("name")), as_number(aim.get("value")), as_number(aim.get("bound"))
    if value is None or bound is None:
        return aim_figure(name, bound)
    held = outward(bound, upper=bound >= value)
    return aim_figure(name, bound) if bound < FULL_AT.get(name, -math.inf) <= held else aim_figure(name, held)


def section(reader: Reader) -> Section:
    """The aims in order, with what is proven about them."""
    rows: list[tuple[Cell, ...]] = [
        (
            as_number(aim.get("priority")),
            aim_label(as_text(aim.get("name"))).replace("million", reader.money),
            aim_figure(as_text(aim.get("name")), aim.get("value")),
            _bound(aim),
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
