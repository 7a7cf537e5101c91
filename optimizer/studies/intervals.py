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
        return Interval(self.at_least + other.at_least, self.at_most + other.at_most)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.at_least - other.at_most, self.at_most - other.at_least)

    def times(self, factor: float) -> Interval:
        """The interval of so many times the figure; of none of it, nothing is unknown."""
        if factor == 0.0:
            return Interval(0.0, 0.0)
        ends = sorted((self.at_least * factor, self.at_most * factor))
        return Interval(*ends)

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
