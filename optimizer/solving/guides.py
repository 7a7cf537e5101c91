"""What the search for better plans goes by where an aim at few arrivals follows or precedes: the objective of its level, and a little of the other's.

Of plans that are as good by a level, those in which contingents stay leave the next level more. What counts as better, and what is proven,
is the level's own.
"""

from __future__ import annotations

import numpy as np

from optimizer.model.linear import Level, LinearModel, Objective
from optimizer.solving.improve.course import Guide
from optimizer.solving.improve.spells import arrivals

TURNOVER = "turnover"
# What the tolerance of a level lets go is the price of an arrival for this share of all pairs of nation and post.
PRICED_SHARE = 1 / 9
# How much more an arrival counts in its own level.
OWN_TIMES = 3.0
# The tolerance of a level that has none.
LEAST_TOLERANCE = 1e-3


def guide_of(model: LinearModel, number: int) -> Guide | None:
    """What the search of a level goes by; None: the level's objective.

    A level that does not count arrivals is charged for each where an aim at few of them follows; that one earns a little by what the
    level before it has reached.
    """
    counted = arrivals(model)
    if counted is None or number >= len(model.levels):
        return None
    level = model.levels[number]
    before = model.levels[number - 1] if number else None
    after = model.levels[number + 1] if number + 1 < len(model.levels) else None
    if after is not None and _aims_at_few(after) and _counts_none(level):
        return Guide(_sum(level.objective, counted, -_price(level, model, counted)), False)
    if before is not None and _aims_at_few(level) and _counts_none(before):
        return Guide(_sum(level.objective, before.objective, 1.0 / (OWN_TIMES * _price(before, model, counted))), True)
    return None


def _price(level: Level, model: LinearModel, counted: Objective) -> float:
    """What an arrival costs in units of a level's objective."""
    objective = level.objective
    ends = np.abs(objective.values) * np.fmax(np.abs(model.lower), np.abs(model.upper))[objective.columns]
    tolerance = max(LEAST_TOLERANCE, *(term.tolerance for term in level.terms))
    most = float(ends[np.isfinite(ends)].sum())
    if model.places is None or most == 0.0:
        return tolerance
    pairs = np.unique(np.stack([model.places.nation, model.places.post])[:, counted.columns], axis=1).shape[1]
    return tolerance * most / max(1.0, PRICED_SHARE * float(pairs))


def _counts_none(level: Level) -> bool:
    return level.ratio is None and bool(level.terms) and all(term.name != TURNOVER for term in level.terms)


def _aims_at_few(level: Level) -> bool:
    return level.ratio is None and bool(level.terms) and all(term.name == TURNOVER for term in level.terms)


def _sum(one: Objective, other: Objective, times: float) -> Objective:
    return Objective(
        np.concatenate([one.columns, other.columns]), np.concatenate([one.values, times * other.values]), one.constant
    )
