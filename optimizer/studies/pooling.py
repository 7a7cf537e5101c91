"""A solve that begins with the best plan of a pool, ends with nothing less, and leaves its plan there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from optimizer.corridor import solve
from optimizer.extraction import frame_of
from optimizer.instance.instance import Aim, Instance
from optimizer.plan.plan import Plan
from optimizer.studies.carried import better_of
from optimizer.studies.order import best_of
from optimizer.studies.pool import Pool
from optimizer.studies.pooled import PooledPlan, Trial, Tried

TRIAL_SHARE: Final = 0.5
"""Of a time limit, the part in which plans of a pool are tried."""
LEAST_SHARE: Final = 0.1
"""The part that the search has at least."""


def solve_with(
    pool: Pool,
    instance: Instance,
    scenario: str | None = None,
    *,
    aims: Sequence[Aim] | None = None,
    baseline: Plan | pd.DataFrame | None = None,
    start: Plan | pd.DataFrame | None = None,
    **more: Any,
) -> Plan:
    """The plan of `solve` with the same arguments, where the pool has none better; else that one, with what the search proved of it.

    The search starts from the best plan of the pool that keeps the rules, unless `start` is a better one. What is found joins the pool. Of the time
    limit, the pool has half at most, and the search what is left.

    Raises:
        ValueError, RejectedPlan, UnknownScenario: as `solve`.
        OSError: the plan cannot be written into the pool's folder.
    """
    begun, limit = time.monotonic(), more.get("time_limit")
    limit = instance.header.time_limit if limit is None else limit
    trial = Trial(instance, scenario, aims, frame_of(baseline))
    known = trial.best(pool.plans(), _for_trials(limit))
    if known is not None:
        start = _better_start(known, start if isinstance(start, Plan) else None, trial) or start
    more["time_limit"] = left_of(limit, begun)
    plan = solve(instance, scenario, aims=aims, baseline=baseline, start=start, **more)
    # What the plan's record says is what was asked for.
    plan = replace(plan, options={**plan.options, "time_limit": limit})
    gap = more.get("gap")
    plan = better_of(plan, trial.kept, [], plan.instance.header.gap if gap is None else gap)
    if plan.has_plan and not plan.changes.lifted:
        pool.add(plan)
    return plan


def start_from(
    pool: Pool, instance: Instance, scenario: str | None, plan: Plan | None, limit: float | None = None
) -> Plan | None:
    """The best plan of the pool in an instance and scenario, or the given one where it is no worse; None where there is neither.

    `limit`: seconds of the search that follows; the pool has half of them at most. None: every plan is tried.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    trial = Trial(instance, scenario)
    known = trial.best(pool.plans(), _for_trials(limit))
    return plan if known is None else _better_start(known, plan, trial) or plan


def left_of(limit: float | None, begun: float) -> float | None:
    """What a time limit leaves for a search before which plans have been tried since `begun`."""
    return None if limit is None else max(LEAST_SHARE * limit, limit - (time.monotonic() - begun))


def _for_trials(limit: float | None) -> float | None:
    return None if limit is None else TRIAL_SHARE * limit


def _better_start(known: Tried, plan: Plan | None, trial: Trial) -> Plan | None:
    """The plan that is known, unless the given one keeps the rules and is no worse."""
    given = trial.tried(PooledPlan.of(plan)) if plan is not None and plan.has_plan else None
    return known.plan() if given is None or best_of([given.standing, known.standing]) == 1 else None
