"""Movement on the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_OPEN, Cell, Column, Record, Section
from optimizer.reporting.text import as_flag, as_number, as_text, ranges

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Movement on the routes."""
    rows = reader.frame("flows")
    if not rows:
        return None
    totals: dict[tuple[str, str, str], float] = {}
    for row in rows:
        totals[_route(row)] = totals.get(_route(row), 0.0) + (as_number(row.get("tonnes")) or 0.0)
    narrow: dict[tuple[str, str, str], list[int]] = {}
    for row in reader.frame("routes"):
        if as_flag(row.get("binding")) and row.get("period") is not None:
            narrow.setdefault(_route(row), []).append(int(row["period"]))
    shown: list[tuple[Cell, ...]] = [
        (
            reader.label("area", key[0]),
            reader.label("area", key[1]),
            key[2],
            totals.get(key, 0.0),
            ranges(narrow.get(key, [])),
        )
        for key in sorted(totals | dict.fromkeys(narrow, 0.0), key=lambda key: (-totals.get(key, 0.0), key))
    ]
    columns = (
        Column("From"),
        Column("To"),
        Column("By"),
        Column("Tonnes over the horizon", "figure"),
        Column("Full in periods"),
    )
    text = (
        f"{len(narrow)} route(s) are bottlenecks in some period: not even the lightest unit more would fit."
        if narrow
        else "No route is a bottleneck: on each there is room for a further unit."
    )
    table = reader.table("Tonnes on each route", columns, shown)
    return Section("flows", "Movement", (text,), (table,), folded=len(shown) > MOST_OPEN)


def _route(row: Record) -> tuple[str, str, str]:
    return (as_text(row.get("origin")), as_text(row.get("destination")), as_text(row.get("mode")))
