"""Words that several answers share."""

from __future__ import annotations


def amount(value: float) -> str:
    """An amount for a sentence, to four digits; from 1,000 on to whole ones.

    >>> amount(3.14159), amount(12345.6)
    ('3.142', '12,346')
    """
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
