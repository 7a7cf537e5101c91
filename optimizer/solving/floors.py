"""What later levels must keep: floors as rows of the live model, and the exact look at a plan that leans on their slack.

A floor is objective ≥ value − Σ|weight|·tolerance·|value of the term| − slack. HiGHS keeps rows within 1e-6 only, and calls the next level
infeasible when a floor's slack is near that: so the row is scaled until its slack is `FLOOR_ROW_SLACK`. The slack is a small part of the
value, and of what one whole unit counts. A plan that has lost more than rounding all the same gets it back where its whole numbers
allow that, and is refused where they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.scaling import least_step

# What a row may let go of: this part of the value; at least the second part of the largest coefficient; never more than the third of
# what one whole unit counts.
FLOOR_SLACK = 2e-7
FLOOR_OF_LARGEST = 1e-9
FLOOR_OF_UNIT = 0.25
FLOOR_ROW_SLACK = 1e-5
# What rounding may lose of a level.
LOST = 1e-9
# The part of the largest coefficient below which a row of double precision keeps nothing.
FINEST = 1e-12


@dataclass(frozen=True, eq=False)
class Floor:
    """What a level reached: no later plan may be worth less than `least` by `worth` (maximised).

    `add` puts its rows into the live model, with their usual slack or (True) with that of rounding.
    """

    worth: Callable[[FloatArray], float]
    least: float
    add: Callable[[bool], None]

    def kept_by(self, plan: FloatArray) -> bool:
        """Whether a plan (its own columns) loses no more than rounding."""
        return self.worth(plan) >= self.least - LOST * abs(self.least)


def slack_of(model: LinearModel, objective: Objective, value: float, *, strict: bool) -> float:
    """What the row of a floor may let go of."""
    largest = float(np.abs(objective.values).max(initial=0.0))
    if strict:
        return max(LOST / 2 * abs(value), FINEST * largest)
    slack = max(FLOOR_SLACK * abs(value), FLOOR_OF_LARGEST * largest)
    return max(min(slack, FLOOR_OF_UNIT * least_step(model, objective)), LOST * abs(value), FINEST * largest)
