"""A model by itself: its linear relaxation, with the bound that its prices prove; and a plan made better in one neighbourhood after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.prices import Relaxation
from optimizer.solving.improve.relaxations import relaxed
from optimizer.solving.improve.submodels import SubModels, completed
from optimizer.solving.solution import is_better

BETTER: Final = 1e-6
"""By how much a better plan is better."""


def relax(model: LinearModel, objective: Objective, seconds: float) -> Relaxation | None:
    """The relaxation of an objective that is maximised, by interior point; None where it has no plan, or none in time."""
    return relaxed(SubModels(model, np.random.default_rng(0)), objective, seconds)


def nudged(
    model: LinearModel, start: FloatArray, objective: Objective, neighbourhoods: Iterable[Mask], seconds: float
) -> FloatArray | None:
    """The first better plan that some neighbourhood (columns that are free) gives, each within so many seconds; None where none does.

    Args:
        model: rows and columns.
        start: the plan at hand; what is not a number is filled in.
        objective: to be maximised.
        neighbourhoods: masks of the free columns.
        seconds: for each of them.
    """
    plan = completed(model, start, objective)
    if plan is None:
        return None
    submodels = SubModels(model, np.random.default_rng(0))
    before = objective.at(plan)
    for free in neighbourhoods:
        found = submodels.solve(free, plan, objective, seconds)
        if found is not None and is_better(found[1], before + BETTER):
            return found[0]
    return None
