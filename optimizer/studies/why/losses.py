"""What the first aim loses where a line of a large model gets more: a plan near the one at hand in which it does, and what bounds all others."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better, Proven
from optimizer.solving.improve.submodels import SubModels

_BETWEEN_SHARE: Final = 0.6
"""The share of the time for the search between two plans."""
_MOST_MOVES: Final = 60
_SAME: Final = 1e-6


@dataclass(frozen=True)
class Loss:
    """What closing a gap takes from the first aim, in its own unit: as found, and at least. None: not known."""

    value: float | None
    bound: float | None

    def record(self) -> dict[str, float | None]:
        """The machine form."""
        return {"value": self.value, "bound": self.bound}


@dataclass(frozen=True, eq=False)
class Near:
    """The best plan found in which a line gets what is asked (None: none), and no such plan has more of the first aim than `bound`."""

    value: float | None
    bound: float | None


def near(
    model: LinearModel,
    floors: Mapping[int, float],
    objective: Objective,
    plan: FloatArray,
    with_floors: FloatArray,
    seconds: float,
) -> Near:
    """The most of an objective with some columns at least at their floors, searched between two plans, and around the best found.

    Args:
        model: rows and columns.
        floors: per column the least that it must have.
        objective: to be maximised.
        plan: the plan at hand.
        with_floors: one that has the floors, whatever it is worth.
        seconds: of wall time.
    """
    until = time.monotonic() + seconds
    asked = np.array(list(floors), dtype=np.int64)
    lower = model.lower.copy()
    lower[asked] = np.fmax(lower[asked], np.array(list(floors.values())) - _SAME)
    floored, places = replace(model, lower=lower), model.places
    submodels = SubModels(floored, np.random.default_rng(0))
    if places is None or not (with_floors >= lower - _SAME).all() or not submodels.keeps(with_floors):
        return Near(None, None)
    enough = bool((plan >= lower - _SAME).all())
    best = max(plan, with_floors, key=objective.at) if enough else with_floors
    # What both have stays; units go where one of them has them, and all else follows.
    between = (np.abs(plan - with_floors) > _SAME) | ~places.units
    found = submodels.solve(between, best, objective, _BETWEEN_SHARE * seconds)
    # A plan that serves nobody else says nothing of what must be lost.
    telling = enough or (found is not None and (found[2] or found[1] > objective.at(best)))
    if found is not None and found[1] > objective.at(best):
        best = found[0]
    value, bound = objective.at(best), None
    limits = Limits(max(0.0, until - time.monotonic()), _MOST_MOVES)
    for step in Improver(floored, places).improve(best, objective, limits):
        if isinstance(step, Better):
            value, telling = step.value, True
        elif isinstance(step, Proven) and step.source == "prices":
            bound = step.bound if bound is None else min(bound, step.bound)
    return Near(value if telling else None, bound)
