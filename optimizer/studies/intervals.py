"""What is certain of a figure: at least, at most. A plan that was found says one, a bound the other; either may say nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.plan.proof import telling
from optimizer.studies.order import EQUAL

_NONE: Final = 1e-9


@dataclass(frozen=True)
class Interval:
    """What a figure is at least and at most; infinite where nothing is known."""

    at_least: float = -math.inf
    at_most: float = math.inf

    def __add__(self, other: Interval) -> Interval:
        """The sum."""
        return _between((self.at_least + other.at_least, self.at_most + other.at_most))

    def __neg__(self) -> Interval:
        """The figure with the other sign."""
        return Interval(-self.at_most, -self.at_least)

    def __sub__(self, other: Interval) -> Interval:
        """The difference."""
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        """The product."""
        mine, others = (self.at_least, self.at_most), (other.at_least, other.at_most)
        return _between(_product(one, two) for one in mine for two in others)

    def __truediv__(self, other: Interval) -> Interval:
        """The quotient; nothing is known where the divisor may be zero."""
        if other.at_least <= 0.0 <= other.at_most:
            return UNKNOWN
        return self * Interval(1.0 / other.at_most, 1.0 / other.at_least)

    def __abs__(self) -> Interval:
        """The size of the figure."""
        sizes = (abs(self.at_least), abs(self.at_most))
        return Interval(0.0 if self.at_least <= 0.0 <= self.at_most else min(sizes), max(sizes))

    def is_at_most(self, other: Interval) -> bool | None:
        """Whether the figure is at most the other; None where that does not follow either way. Rounding decides nothing."""
        if self.at_most <= other.at_least + _room(self.at_most, other.at_least):
            return True
        return False if self.at_least > other.at_most + _room(self.at_least, other.at_most) else None

    def equals(self, other: Interval) -> bool | None:
        """Whether both are the same; None where that does not follow either way."""
        return both((self.is_at_most(other), other.is_at_most(self)))

    def times(self, factor: float) -> Interval:
        """The interval of so many times the figure; of none of it, nothing is unknown."""
        if factor == 0.0:
            return Interval(0.0, 0.0)
        ends = sorted((self.at_least * factor, self.at_most * factor))
        return Interval(*ends)

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends."""
        return self.at_least, self.at_most

    @property
    def loss(self) -> Interval:
        """The interval of a figure that is never negative."""
        return Interval(max(0.0, self.at_least), max(0.0, self.at_most))

    @property
    def may_be_none(self) -> bool:
        """Whether the figure cannot be told from zero."""
        return self.at_least <= _NONE and self.at_most >= -_NONE

    @property
    def cells(self) -> tuple[float | None, float | None]:
        """Both ends, as tables hold them: blank where nothing is known."""
        low, high = self.at_least, self.at_most
        return (low if math.isfinite(low) else None, high if math.isfinite(high) else None)


UNKNOWN: Final = Interval()


def point(value: float) -> Interval:
    """A figure that is known."""
    return Interval(value, value)


def _between(ends: Iterable[float]) -> Interval:
    listed = list(ends)
    return UNKNOWN if any(map(math.isnan, listed)) else Interval(min(listed), max(listed))


def _product(one: float, other: float) -> float:
    # Zero times what is not known is zero: the figure itself is finite.
    return 0.0 if one == 0.0 or other == 0.0 else one * other


def _room(*ends: float) -> float:
    """By how much two ends may differ and still be the same; how far away the other ends are says nothing."""
    return EQUAL * max([1.0, *(abs(end) for end in ends if math.isfinite(end))])


def both(answers: Iterable[bool | None]) -> bool | None:
    """Whether all hold: one that does not decides; None where that is open."""
    listed = list(answers)
    return False if False in listed else None if None in listed else True


def span(values: Sequence[Interval]) -> Interval:
    """How far apart the lowest and the highest of some figures are; they may all be one."""
    if not values:
        return Interval()
    least = max(one.at_least for one in values) - min(one.at_most for one in values)
    ends = itertools.permutations(values, 2)
    return Interval(least, max((high.at_most - low.at_least for high, low in ends), default=0.0)).loss


def aim_interval(outcome: Mapping[str, Any], name: str, aims: Sequence[Aim]) -> Interval:
    """What the best plan has of an aim: the plan found says one end, its bound the other.

    In a later aim that holds where the earlier ones are proven; an aim that shares its level has no figure of its own.
    """
    value, bound = _known(outcome.get(name)), _known(outcome.get(f"{name}_bound"))
    if value is None or not speaks_of_best(outcome, name, aims):
        return Interval()
    maximise = name in MAXIMISED_AIMS
    said = telling(name, value, bound, maximise)
    if maximise:
        return Interval(value, math.inf if said is None else said)
    return Interval(-math.inf if said is None else said, value)


def speaks_of_best(outcome: Mapping[str, Any], name: str, aims: Sequence[Aim]) -> bool:
    """Whether the best plan's figure of an aim lies between value and bound: it is alone on its level, and those before it are proven."""
    mine = [aim for aim in aims if aim.name == name]
    if len(mine) != 1 or sum(aim.priority == mine[0].priority for aim in aims) > 1:
        return False
    earlier = [_known(outcome.get(f"{aim.name}_gap")) for aim in aims if aim.priority < mine[0].priority]
    return all(gap is not None and gap <= EQUAL for gap in earlier)


def _known(number: Any) -> float | None:
    return None if number is None or not math.isfinite(float(number)) else float(number)


def total(parts: Iterable[Interval]) -> Interval:
    """The interval of a sum."""
    found = Interval(0.0, 0.0)
    for part in parts:
        found = found + part
    return found
