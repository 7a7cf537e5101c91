"""A good plan before the proof: large models are improved neighbourhood by neighbourhood first, in the run's own process, from the neighbour's plan."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.first import first_plan
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better
from optimizer.solving.improve.submodels import completed, nothing_at_all
from optimizer.solving.levels import LARGE_INTEGERS

SHARE: Final = 0.6
"""Of the time limit that is spent here; the rest goes to the aims in their order and to the bound."""
FIRST_SHARE: Final = 0.5
REPAIR_SHARE: Final = 0.25
_BROKEN: Final = 1e-6


def head_start(model: LinearModel, hint: FloatArray | None, time_limit: float | None, seed: int) -> FloatArray | None:
    """A plan for a large model under a time limit, a value per column; else, or where none is found, the hint as it is.

    HiGHS alone finds little in a minute on models like that of Paris; fix-and-optimise has most after some seconds.
    """
    large = int(model.integer.sum()) >= LARGE_INTEGERS
    if not large or time_limit is None or model.places is None or not model.levels or model.levels[0].ratio is not None:
        return hint
    begun = time.monotonic()
    plan = None if hint is None else completed(model, hint, model.levels[0].objective)
    if plan is None and hint is not None:
        # Tighter rules than the neighbour's: what of its plan still stands is found soon, for nothing else may be sent.
        upper = np.where(np.isnan(hint), model.upper, np.fmin(model.upper, hint))
        less = replace(model, lower=np.fmin(model.lower, upper), upper=upper)
        plan = _first(less, seed, REPAIR_SHARE * time_limit)
        if plan is not None:
            plan = _improved(less, plan, seed, REPAIR_SHARE * time_limit - (time.monotonic() - begun))
    if plan is None:
        plan = _first(model, seed, FIRST_SHARE * time_limit)
    if plan is None:
        return hint
    left = SHARE * time_limit - (time.monotonic() - begun)
    plan = _improved(model, plan, seed, left)
    # What follows from the whole numbers is derived anew, to a finer tolerance.
    return plan if model.integer.all() else np.where(model.integer, np.rint(plan), np.nan)


def _first(model: LinearModel, seed: int, seconds: float) -> FloatArray | None:
    nothing = nothing_at_all(model)
    if model.places is None or _keeps(model, nothing):
        return nothing if _keeps(model, nothing) else None
    return first_plan(model, model.places, seed=seed, limits=Limits(seconds))


def _improved(model: LinearModel, plan: FloatArray, seed: int, seconds: float) -> FloatArray:
    if model.places is None:
        return plan
    for better in Improver(model, model.places, seed).improve(
        plan, model.levels[0].objective, Limits(max(0.1, seconds))
    ):
        if isinstance(better, Better):
            plan = better.values
    return plan


def _keeps(model: LinearModel, values: FloatArray) -> bool:
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    activity = np.bincount(rows, weights=model.row_values * values[model.row_columns], minlength=len(model.row_lower))
    return not ((model.row_lower - activity > _BROKEN) | (activity - model.row_upper > _BROKEN)).any()
