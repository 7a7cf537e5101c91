"""What claims ask of figures of which only the ends are known, and of sentences that may be open."""

from __future__ import annotations

import math
from collections.abc import Iterable

from optimizer.studies.intervals import Interval


def least(figures: Iterable[Interval]) -> Interval:
    """The least of some figures."""
    listed = list(figures)
    return Interval(min(one.at_least for one in listed), min(one.at_most for one in listed))


def largest(figures: Iterable[Interval]) -> Interval:
    """The largest of some figures."""
    listed = list(figures)
    return Interval(max(one.at_least for one in listed), max(one.at_most for one in listed))


def either(answers: Iterable[bool | None]) -> bool | None:
    """Whether one holds: one that does decides; None where that is open."""
    listed = list(answers)
    return True if True in listed else None if None in listed else False


def opposite(answer: bool | None) -> bool | None:
    """Whether it does not hold."""
    return None if answer is None else not answer


def reaching(value: float | None, bound: float | None, *, maximised: bool) -> Interval:
    """What is known of the best possible value of an aim: from the plan's own value to the bound, whatever is known of them."""
    sign = 1.0 if maximised else -1.0
    reached = -math.inf if value is None or math.isnan(value) else sign * value
    proven = math.inf if bound is None or math.isnan(bound) else max(reached, sign * bound)
    return Interval(reached, proven) if maximised else Interval(-proven, -reached)
