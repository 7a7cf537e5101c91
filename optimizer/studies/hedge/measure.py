"""By what a here-and-now plan is judged: the expected value, the worst case, or the mean of the worst part (CVaR)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

Kind = Literal["expected", "worst", "cvar"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LEVEL: Final = 0.9
_NOTHING: Final = 1e-12


@dataclass(frozen=True)
class Measure:
    """One number from the scores of a plan in everything that may come true; more is better.

    `level` (of CVaR): what is averaged are the worst cases with a probability of 1 - level together.
    """

    kind: Kind = "expected"
    level: float = LEVEL

    def __post_init__(self) -> None:
        """Check both.

        Raises:
            ValueError: there is no such measure, or the level is not from 0 to below 1.
        """
        if self.kind not in KINDS:
            raise ValueError(f"the measure is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not 0.0 <= self.level < 1.0:
            raise ValueError(f"the level is a number from 0 to below 1, not {self.level!r}")

    @property
    def tail(self) -> float:
        """The probability over which the worst cases are averaged."""
        return {"expected": 1.0, "worst": 0.0, "cvar": 1.0 - self.level}[self.kind]

    @property
    def name(self) -> str:
        """The measure in words."""
        return {"expected": "expected value", "worst": "worst case", "cvar": f"CVaR at {self.level:g}"}[self.kind]

    def of(self, scores: Sequence[float], weights: Sequence[float]) -> float:
        """The measure of scores with these probabilities (all above 0, together 1); it rises with each of the scores."""
        if self.tail == 0.0:
            return min(scores)
        left, parts = self.tail, []
        for score, weight in sorted(zip(scores, weights, strict=True)):
            taken = min(weight, left)
            if taken > _NOTHING:
                if score == -math.inf:
                    # One that cannot be outweighs whatever is unknown of the others.
                    return score
                parts.append(taken * score)
                left -= taken
        return math.fsum(parts) / (self.tail - max(0.0, left))
