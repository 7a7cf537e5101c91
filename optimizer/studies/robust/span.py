"""Figures of which only the ends are known: arithmetic and comparisons that say no more than follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SAME: Final = 1e-6
"""Figures that differ by less, relative to their size, are the same to a solver."""


@dataclass(frozen=True)
class Span:
    """A figure from `low` to `high`; both may be infinite, where nothing is known at that end."""

    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        """The sum."""
        return _span((self.low + other.low, self.high + other.high))

    def __neg__(self) -> Span:
        """The figure with the other sign."""
        return Span(-self.high, -self.low)

    def __sub__(self, other: Span) -> Span:
        """The difference."""
        return self + -other

    def __mul__(self, other: Span) -> Span:
        """The product."""
        return _span(_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other: Span) -> Span:
        """The quotient; nothing is known where the divisor may be zero."""
        if other.low <= 0.0 <= other.high:
            return UNKNOWN
        return self * Span(1.0 / other.high, 1.0 / other.low)

    def __abs__(self) -> Span:
        """The size of the figure."""
        least = 0.0 if self.low <= 0.0 <= self.high else min(abs(self.low), abs(self.high))
        return Span(least, max(abs(self.low), abs(self.high)))

    def at_most(self, other: Span) -> bool | None:
        """Whether it is at most the other; None where that does not follow either way. Rounding decides nothing."""
        if self.high <= other.low + _room(self.high, other.low):
            return True
        return False if self.low > other.high + _room(self.low, other.high) else None

    def equals(self, other: Span) -> bool | None:
        """Whether both are the same; None where that does not follow either way."""
        return both((self.at_most(other), other.at_most(self)))


UNKNOWN: Final = Span(-math.inf, math.inf)


def point(value: float) -> Span:
    """A figure that is known."""
    return Span(value, value)


def least(spans: Iterable[Span]) -> Span:
    """The least of some figures."""
    listed = list(spans)
    return Span(min(span.low for span in listed), min(span.high for span in listed))


def largest(spans: Iterable[Span]) -> Span:
    """The largest of some figures."""
    listed = list(spans)
    return Span(max(span.low for span in listed), max(span.high for span in listed))


def both(answers: Iterable[bool | None]) -> bool | None:
    """Whether all hold: one that does not decides; None where that is open."""
    listed = list(answers)
    return False if False in listed else None if None in listed else True


def either(answers: Iterable[bool | None]) -> bool | None:
    """Whether one holds: one that does decides; None where that is open."""
    listed = list(answers)
    return True if True in listed else None if None in listed else False


def opposite(answer: bool | None) -> bool | None:
    """Whether it does not hold."""
    return None if answer is None else not answer


def reaching(value: float | None, bound: float | None, *, maximised: bool) -> Span:
    """What is known of the best possible value of an aim: from the plan's own value to the bound, whatever is known of them."""
    sign = 1.0 if maximised else -1.0
    reached = -math.inf if value is None or math.isnan(value) else sign * value
    proven = math.inf if bound is None or math.isnan(bound) else max(reached, sign * bound)
    return Span(reached, proven) if maximised else Span(-proven, -reached)


def _room(*ends: float) -> float:
    """By how much two ends may differ and still be the same; how far away the other ends are says nothing."""
    return SAME * max([1.0, *(abs(end) for end in ends if math.isfinite(end))])


def _times(one: float, other: float) -> float:
    # Zero times what is not known is zero: the figure itself is finite.
    return 0.0 if one == 0.0 or other == 0.0 else one * other


def _span(ends: Iterable[float]) -> Span:
    listed = list(ends)
    if any(map(math.isnan, listed)):
        return UNKNOWN
    return Span(min(listed), max(listed))
