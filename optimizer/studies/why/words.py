"""Words that several answers share."""

from __future__ import annotations

from collections.abc import Sequence


def spelled(periods: Sequence[int]) -> str:
    """Periods in words: `period 2`, `periods 1 to 3`, `periods 1, 4`."""
    if len(periods) == 1:
        return f"period {periods[0]}"
    if list(periods) == list(range(periods[0], periods[-1] + 1)):
        return f"periods {periods[0]} to {periods[-1]}"
    return f"periods {', '.join(map(str, periods))}"


def amount(value: float) -> str:
    """An amount for a sentence, to four digits; from 1,000 on to whole ones.

    >>> amount(3.14159), amount(12345.6)
    ('3.142', '12,346')
    """
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
