"""Where further points of a frontier may be: boxes of bounds on all aims but the first, from which each answer cuts a part.

Everything is counted so that less is better. Asked for the best first aim with the others at most ε, the answer is a point r. Asked with any other
bounds between r and ε it would be r again: that region is known. Where there is no plan within ε, everything below ε is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Bounds = tuple[float, ...]


@dataclass(frozen=True)
class Box:
    """Bounds from `lower` to `upper`, both included; an upper bound may be infinite."""

    lower: Bounds
    upper: Bounds

    def without(self, lower: Bounds, upper: Bounds, steps: Bounds) -> list[Box]:
        """What is left of the box without a region; what is nearer to it than a step belongs to it."""
        if any(u < a or low > b for a, b, low, u in zip(self.lower, self.upper, lower, upper, strict=True)):
            return [self]
        left, rest = [], self
        for at, step in enumerate(steps):
            below = min(rest.upper[at], lower[at] - step)
            if below >= rest.lower[at]:
                left.append(Box(rest.lower, _with(rest.upper, at, below)))
            above = max(rest.lower[at], upper[at] + step)
            if above <= rest.upper[at] and not math.isinf(upper[at]):
                left.append(Box(_with(rest.lower, at, above), rest.upper))
            inside = max(rest.lower[at], lower[at]), min(rest.upper[at], upper[at])
            rest = Box(_with(rest.lower, at, inside[0]), _with(rest.upper, at, inside[1]))
        return left

    def size(self, span: Sequence[tuple[float, float]]) -> float:
        """Which share of the span of all aims the box takes up; one without extent in some aim counts little, not nothing."""
        found = 1.0
        for low, high, (least, most) in zip(self.lower, self.upper, span, strict=True):
            width = min(high, most) - max(low, least)
            found *= max(width / (most - least), 1e-6) if most > least else 1.0
        return found


def _with(bounds: Bounds, at: int, value: float) -> Bounds:
    return (*bounds[:at], value, *bounds[at + 1 :])


def cut(boxes: Iterable[Box], lower: Bounds, upper: Bounds, steps: Bounds) -> list[Box]:
    """What is left of some boxes without a region."""
    return [part for box in boxes for part in box.without(lower, upper, steps)]
