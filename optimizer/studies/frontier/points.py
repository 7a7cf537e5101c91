"""From answers to points: every plan tried as the answer to every question, dominated ones removed, and what is proven of each.

All values are counted so that less is better; `math.inf` is a bound that does not bind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

SAME: Final = 1e-9
Values = tuple[float, ...]


@dataclass(frozen=True)
class Answer:
    """What is known of one question: the aims in this order, each at most so much.

    `values`: of the plan that its own search found; None without one. `bounds`: no plan within `most` that is as good as `values` in the aims before is
    better than this in an aim; None: nothing is known. `impossible`: there is proven to be no plan. `proven`: solved within the gap. `plan`: packed.
    """

    order: tuple[int, ...]
    most: Values
    values: Values | None
    bounds: tuple[float | None, ...]
    impossible: bool
    proven: bool
    plan: str = ""


@dataclass(frozen=True)
class Found:
    """A plan's values, and the plan, packed."""

    values: Values
    plan: str


def room_of(size: float, gap: float) -> float:
    """Within which values of this size cannot be told apart."""
    return max(gap * abs(size), SAME * max(1.0, abs(size)))


def within(values: Values, most: Values) -> bool:
    """Whether a plan keeps some bounds."""
    return all(value <= bound + SAME * max(1.0, abs(bound)) for value, bound in zip(values, most, strict=True))


def best_within(found: Iterable[Found], order: Sequence[int], most: Values) -> Found | None:
    """Of all plans the best that keeps some bounds, by the aims in this order."""
    fitting = [one for one in found if within(one.values, most)]
    for aim in order:
        if not fitting:
            return None
        least = min(one.values[aim] for one in fitting)
        fitting = [one for one in fitting if one.values[aim] <= least + room_of(least, 0.0)]
    return fitting[0] if fitting else None


def nondominated(found: Sequence[Found]) -> list[Found]:
    """The plans that no other dominates, from the best in the first aim on; of equal ones the first."""
    kept = []
    for number, one in enumerate(found):
        beaten = any(
            _is_as_good(other.values, one.values) and (not _is_as_good(one.values, other.values) or place < number)
            for place, other in enumerate(found)
            if place != number
        )
        if not beaten:
            kept.append(one)
    return sorted(kept, key=lambda one: one.values)


def _is_as_good(one: Values, other: Values) -> bool:
    return all(mine <= yours + room_of(yours, 0.0) for mine, yours in zip(one, other, strict=True))


def merged(found: Sequence[Found], gap: float, steps: Values) -> list[tuple[Found, int]]:
    """Points in groups that differ in no aim by more than the gap, or a step: of each the first, and how many others it stands for."""
    groups: list[tuple[Found, int]] = []
    for one in found:
        for place, (first, count) in enumerate(groups):
            pairs = zip(first.values, one.values, steps, strict=True)
            if all(abs(a - b) <= max(room_of(max(abs(a), abs(b)), gap), step) for a, b, step in pairs):
                groups[place] = first, count + 1
                break
        else:
            groups.append((one, 0))
    return groups


def spread(groups: Sequence[tuple[Found, int]], most: int, answers: Sequence[Found]) -> list[tuple[Found, int]]:
    """At most so many of some points: the best in each aim, then those that answer a question, then each time the farthest from those chosen.

    The points keep their order.
    """
    if len(groups) <= most:
        return list(groups)
    columns = list(zip(*(one.values for one, _ in groups), strict=True))
    sizes = [max(column) - min(column) or 1.0 for column in columns]

    def distance(one: int, other: int) -> float:
        pairs = zip(groups[one][0].values, groups[other][0].values, sizes, strict=True)
        return max(abs(a - b) / size for a, b, size in pairs)

    place_of = {one.values: place for place, (one, _) in enumerate(groups)}
    asked = [place_of[one.values] for one in answers if one.values in place_of]
    chosen = list(dict.fromkeys([*(column.index(min(column)) for column in columns), *asked]))[:most]
    while len(chosen) < most:
        left = [place for place in range(len(groups)) if place not in chosen]
        chosen.append(max(left, key=lambda place: min(distance(place, other) for other in chosen)))
    return [groups[place] for place in sorted(chosen)]


def bounds_of(point: Values, answers: Iterable[Answer]) -> tuple[float | None, ...]:
    """Per aim what is proven: no plan as good as the point in the other aims is better than this; None where nothing is.

    An answer speaks for a point where the plans in question lie within its bounds and are as good as its own plan in the aims before.
    """
    best: list[float] = [-math.inf] * len(point)
    for answer in answers:
        for place, aim in enumerate(answer.order):
            others = [other for other in range(len(point)) if other != aim]
            inside = all(point[other] <= answer.most[other] + SAME * max(1.0, abs(point[other])) for other in others)
            if not inside:
                continue
            first = answer.order[0]
            limit = answer.bounds[first]
            short = limit is not None and place > 0 and point[first] < limit - SAME * max(1.0, abs(limit))
            if answer.impossible or short:
                # Within these bounds no plan is as good in front: all that are as good elsewhere are beyond the bound in this aim.
                if math.isfinite(answer.most[aim]):
                    best[aim] = max(best[aim], answer.most[aim])
                continue
            if answer.values is None:
                # Without a plan only the first aim has a bound.
                known = answer.bounds[aim] if place == 0 else None
            else:
                before = answer.order[:place]
                held = answer.values
                fits = all(point[b] <= held[b] + SAME * max(1.0, abs(held[b])) for b in before)
                known = answer.bounds[aim] if fits else None
            if known is not None:
                best[aim] = max(best[aim], min(known, answer.most[aim]))
    return tuple(None if math.isinf(one) else min(one, value) for one, value in zip(best, point, strict=True))
