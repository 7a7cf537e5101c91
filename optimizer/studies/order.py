"""Which of several plans is best: by the aims in their order, each with the tolerance within which values count as the same."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.instance.instance import Aim
from optimizer.plan.aims import AimValue

EQUAL: Final = 1e-6
"""Values that differ by less, relative to their size, are the same to a solver."""


@dataclass(frozen=True)
class Score:
    """What the aims of one priority are worth in a plan; more is better. `room`: what a plan may have less and still count as equal."""

    value: float
    room: float


Standing = tuple[Score, ...]
"""A plan's scores, one per priority, the first priority first."""


def in_order(aims: Iterable[Aim]) -> tuple[Aim, ...]:
    """Aims in order of solution: by priority, however the header lists them."""
    return tuple(sorted(aims, key=lambda aim: aim.priority))


def standing(aims: Iterable[AimValue]) -> Standing:
    """The standing of a plan with these aims (in order of solution); aims without a value count nothing."""
    found = []
    for _, level in itertools.groupby(aims, key=lambda item: item.aim.priority):
        members = list(level)
        parts = []
        for item in members:
            # The weight of an aim that is alone on its level decides nothing.
            weight = item.aim.weight if len(members) > 1 else 1.0
            value = 0.0 if item.value is None else item.value
            parts.append((weight * (value if item.maximise else -value), weight * item.aim.tolerance * abs(value)))
        value = math.fsum(part for part, _ in parts)
        room = max(math.fsum(part for _, part in parts), EQUAL * max(1.0, abs(value)))
        found.append(Score(value, room))
    return tuple(found)


def best_of(standings: Sequence[Standing], holds: Callable[[int], bool] | None = None) -> int | None:
    """The place of the best standing; of equal ones the first. None where there is none.

    A level decides only between plans that the levels before it leave: those that are as good there as the best, within the tolerance.
    `holds`: whether a plan counts at all, by its place; asked of few, the best first.
    """
    left = list(range(len(standings)))
    for level in range(len(standings[0]) if standings else 0):
        ranked = sorted(left, key=lambda index: -standings[index][level].value)
        top = next((index for index in ranked if holds is None or holds(index)), None)
        if top is None:
            return None
        score = standings[top][level]
        # What stands above the best that holds does not hold.
        left = [index for index in left if score.value - score.room <= standings[index][level].value <= score.value]
    return next((index for index in left if holds is None or holds(index)), None)
