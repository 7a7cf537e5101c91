"""Words that several answers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.wording import Words

WHOLE: Final = 1e-7
"""What is missing to a whole number, relative to it, that is only rounding."""


def amount(value: float) -> str:
    """An amount for a sentence, to four digits; from 1,000 on to whole ones. What is not whole does not look so: 99.9976 is not 100.

    >>> amount(3.14159), amount(12345.6), amount(99.9976), amount(1.9999999999)
    ('3.142', '12,346', '99.998', '2')
    """
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value - round(value)) <= WHOLE * max(1.0, abs(value)):
        return f"{round(value)}"
    texts = (f"{value:.{digits}g}" for digits in range(4, 10))
    return next((text for text in texts if not float(text).is_integer()), f"{round(value)}")


def figures(least: float | None, most: float | None) -> str:
    """An amount between two figures, of which either may be unknown; one figure only where both are the same.

    >>> figures(2, 2), figures(2, 5), figures(None, 5)
    ('2', 'between 2 and 5', '5 at most')
    """
    if least is None and most is None:
        return "an amount that was not known in time"
    if most is None:
        return f"{amount(float(least or 0.0))} at least"
    if least is None:
        return f"{amount(most)} at most"
    if abs(most - least) <= 1e-4 * max(1.0, abs(most)):
        return amount(most)
    return f"between {amount(least)} and {amount(most)}" if least > 0 else f"{amount(most)} at most"


def offers(words: Words, nations: Mapping[str, str], pledges: Iterable[str]) -> str:
    """Pledges by the names of their nations: `Westland (west-battalion, west-team), Eastland (east-team)`.

    Args:
        words: names.
        nations: of each pledge.
        pledges: their keys.
    """
    mine: dict[str, list[str]] = {}
    for pledge in pledges:
        mine.setdefault(nations[pledge], []).append(pledge)
    return ", ".join(f"{words.name('nation', nation)} ({', '.join(keys)})" for nation, keys in mine.items())


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
