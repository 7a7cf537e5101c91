"""Limits that bind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from optimizer.plan.tightness import by_tightness
from optimizer.reporting.content import Cell, Column, Record, Section
from optimizer.reporting.text import as_flag, as_number, as_text, ranges
from optimizer.reporting.words import heading

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Limits that bind."""
    if not reader.plan.has_plan:
        return None
    groups = by_tightness(row for row in reader.frame("limits") if as_flag(row.get("binding")))
    if not groups:
        text = "No limit binds." if reader.frame("limits") else "The instance has no limits."
        return Section("limits", "Limits that bind", (text,))
    rows: list[tuple[Cell, ...]] = []
    for name, found in groups:
        periods = [int(number) for row in found if (number := as_number(row.get("period"))) is not None]
        used = max((as_number(row.get("used")) or 0.0 for row in found), key=abs)
        bounds = (as_number(found[0].get("minimum")), as_number(found[0].get("maximum")))
        when = ranges(periods) or "whole horizon"
        rows.append((as_text(name), heading(as_text(found[0].get("measure"))), used, *bounds, when))
    columns: tuple[Column, ...] = (
        Column("Limit"),
        Column("Measure"),
        Column("Used", "figure"),
        Column("At least", "figure"),
        Column("At most", "figure"),
        Column("Binds in periods"),
    )
    prices = [row for row in reader.answers.get("prices", ()) if not row["alone"]]
    text = "No further unit fits under these: with more room, the plan might do better. The tightest come first."
    if prices:
        text, rows, columns = _BY_PRICE, _ranked(rows, prices), (*columns, *_GAINS)
    return Section("limits", "Limits that bind", (text,), (reader.table("Limits that bind", columns, rows, 80),))


_BY_PRICE: Final = (
    "No further unit fits under these. Those come first that cost most: what one step more would gain in the first aim."
)


_GAINS: Final = (Column("A step gains at least", "figure"), Column("A step gains at most", "figure"))


def _ranked(rows: Sequence[tuple[Cell, ...]], prices: Sequence[Record]) -> list[tuple[Cell, ...]]:
    """The limits by what a step of each would gain; those without a price last, as tight as they are."""
    gains = {_limit_of(str(row["rules"])): (row["gain_at_least"], row["gain_at_most"]) for row in prices}
    unpriced: tuple[Cell, ...] = (None, None)

    def rank(row: tuple[Cell, ...]) -> tuple[float, ...]:
        least, most = (as_number(figure) for figure in gains.get(str(row[0]), unpriced))
        return (row[0] not in gains or least is None, -(least or 0.0), -(math.inf if most is None else most))

    return [(*row, *gains.get(str(row[0]), unpriced)) for row in sorted(rows, key=rank)]


def _limit_of(rule: str) -> str:
    """The name of a limit, as a plan's table of limits has it, from the id of a rule."""
    table, _, key = rule.partition("/")
    if table in {"limits", "caveats"}:
        return key.removesuffix(".maximum").removesuffix(".minimum")
    key, _, column = key.rpartition(".")
    return " ".join((*key.split(":"), column))
