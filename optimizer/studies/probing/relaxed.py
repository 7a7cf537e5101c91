"""Bounds of large models: the linear relaxation of each level, by interior point, where a search under a time limit would end without any."""

from __future__ import annotations

from typing import Final

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.levels import LARGE_INTEGERS, value_of
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import relax
from optimizer.studies.probing.probe import Within
from optimizer.studies.probing.rows import Added, add_within

FIRST_SHARE, LATER_SHARE = 0.25, 0.15
"""Of the time limit, for the relaxation of the first level, and of the second, at most: on an idle machine they take seconds."""
ROOM: Final = 1e-7


def is_relaxed(model: LinearModel, time_limit: float | None) -> bool:
    """Whether relaxations are worth their time: the model is large, and the search has a limit."""
    return time_limit is not None and int(model.integer.sum()) >= LARGE_INTEGERS


def relaxed_bound(model: LinearModel, level: int, seconds: float, plan: FloatArray | None = None) -> float | None:
    """What no plan beats in a level (as it is maximised); None where it is a ratio, or nothing is known in time.

    `plan`: of the plans that are as good as this one in the levels before.
    """
    sought = model.levels[level]
    if sought.ratio is not None or not sought.terms:
        return None
    if plan is not None and level:
        added = Added(model)
        for number, before in enumerate(model.levels[:level]):
            value = value_of(before, plan)
            cost = value if before.ratio is not None else -value
            room = ROOM * max(1.0, abs(cost))
            add_within(added, before, Within(number, cost + room, room))
        model = added.finished(model.levels)
    found = relax(model, objective_of(sought), seconds)
    return None if found is None else found.bound
