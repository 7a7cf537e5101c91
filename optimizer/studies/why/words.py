"""Words that several answers share."""

from __future__ import annotations

from optimizer.instance.attributes import TABLES


def amount(value: float) -> str:
    """An amount for a sentence, to four digits; from 1,000 on to whole ones.

    >>> amount(3.14159), amount(12345.6)
    ('3.142', '12,346')
    """
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def row_of(rule: str) -> str:
    """The id of a rule as the row, or the cell, that states it.

    >>> row_of("caveats/no night flights"), row_of("nations/FRA.max_units")
    ('“no night flights” of caveats', 'max_units of “FRA” of nations')
    """
    table, _, key = rule.partition("/")
    name, dot, column = key.rpartition(".")
    if dot and table in TABLES and column in TABLES[table].by_name:
        return f"{column} of “{name}” of {table}"
    return f"“{key}” of {table}"
