"""The outline of a plan: what is mounted when and which instruments are used, while units are fractions.

Between the linear relaxation and the model stands a third one: every decision but that on units is whole, and rules that cost
the relaxation nothing are left out. It has few branches and small linear programs, so it is solved to the end where the model is
not. What it proves no plan beats; and what it mounts is what a plan built within it competes for no more. Measured in
`docs/design/008-improvement.md`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import highspy
import numpy as np

from optimizer.model.linear import Block, FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs import Mask, lp_of, quiet, ran
from optimizer.solving.prices import Matrix, Relaxation, costs_of, solved
from optimizer.solving.solution import beats

# The families of columns that an outline decides, and how many of them the relaxation must leave open: 0 to 5 of 96 on
# generated instances where an outline gained nothing, 13 of 72 to 52 of 96 where it is wanted on Paris.
DECIDED = frozenset({"mounted", "instrument"})
UNDECIDED_SHARE = 0.1
# The longest that an outline may take; half of it for looking at what rules cost.
OUTLINE_SECONDS = 120.0
# As close as moves are solved: the bound is no better than that.
OUTLINE_GAP = 1e-4
# Kinds of rules with fewer of all non-zeros than this stay: leaving them out saves nothing.
SMALL_SHARE = 0.01
# What leaving out rules may add to the bound of the relaxation, relative.
LOOSER = 2e-4
# An outline that cannot lower the bound by this much (relative) is not worth the time: what is mounted is not what is hard.
HARDLY = 1e-3
# Below these, what interior point and crossover leave is rounding.
_UNPRICED = 1e-9
_WHOLE = 1e-6
_ENDED = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kInterrupt,
)


def kinds_of_rows(model: LinearModel) -> IntArray:
    """The number of the kind of rule of each row, in the order of `model.rows`."""
    return _numbers(model.rows, len(model.row_lower))


def decisions(model: LinearModel) -> Mask:
    """The columns that an outline decides: which posts are mounted when, which instruments are used."""
    decided = [number for number, family in enumerate(model.columns) if family.name in DECIDED]
    return np.isin(_numbers(model.columns, len(model.lower)), decided)


def _numbers(families: Sequence[Block], count: int) -> IntArray:
    """The number of the family of each row or column; -1 where there are none."""
    if not families:
        return np.full(count, -1, dtype=np.int64)
    return np.repeat(np.arange(len(families)), np.diff([*(family.start for family in families), count]))


def undecided(model: LinearModel, relaxation: Relaxation) -> bool:
    """Whether the relaxation mounts or uses much in part; little is soon decided by the moves and by HiGHS."""
    values = relaxation.plan[decisions(model)]
    in_part = np.abs(values - np.rint(values)) > _WHOLE
    return bool(in_part.sum() > UNDECIDED_SHARE * len(values))


def within(model: LinearModel, outline: FloatArray, *, all_of_it: bool) -> LinearModel:
    """The model in which nothing else is mounted or used than in the outline, and `all_of_it` is."""
    decided = decisions(model)
    values = np.clip(np.rint(outline), model.lower, model.upper)
    lower = np.where(decided, values, model.lower) if all_of_it else model.lower
    return replace(model, lower=lower, upper=np.where(decided, values, model.upper))


def outline_of(
    model: LinearModel,
    matrix: Matrix,
    objective: Objective,
    relaxation: Relaxation,
    proven: Callable[[float | None], None],
    seconds: float = OUTLINE_SECONDS,
) -> FloatArray | None:
    """The best outline that is found in time; None where there is none, or where it would hardly lower the bound.

    A value per column: whole for mounting and instruments, fractions for units, as in the relaxation for what stands in no rule
    that is kept.

    Args:
        model: with places, and the kinds of its rows.
        matrix: its rows.
        objective: to be maximised.
        relaxation: the linear one, solved to the end, with a finite bound.
        proven: told of every lower bound; None: what was told is contradicted by the outline itself, or its run is not believed.
        seconds: wall-clock limit.
    """
    if model.places is None:
        return None
    deadline = time.monotonic() + seconds
    kept = _rules_that_count(model, matrix, objective, relaxation, deadline - seconds / 2)
    whole = model.integer & ~model.places.units
    lp, columns = _part(model, matrix, kept, objective, whole)
    if not whole[columns].any():
        return None
    solver = quiet()
    solver.setOptionValue("time_limit", max(0.0, deadline - time.monotonic()))
    solver.setOptionValue("mip_lp_solver", "ipm")
    solver.setOptionValue("mip_rel_gap", OUTLINE_GAP)
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        return None
    least, hardly = relaxation.bound, HARDLY * abs(relaxation.bound)

    def watch(event: highspy.HighsCallbackEvent) -> None:
        nonlocal least
        bound, value = float(event.data_out.mip_dual_bound), float(event.data_out.mip_primal_bound)
        if -np.inf < bound < least and not beats(value, bound):
            least = bound
            proven(least)
        # What the best outline so far reaches is proven to be possible: the bound ends at it or above.
        event.data_in.user_interrupt = value > relaxation.bound - hardly

    solver.cbMipInterrupt.subscribe(watch)
    if not ran(solver) or solver.getModelStatus() not in _ENDED:
        if least < relaxation.bound:
            proven(None)
        return None
    found = solver.getInfo()
    if found.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    bound, value = found.mip_dual_bound, found.objective_function_value
    if beats(value, min(bound, least)):
        proven(None)
        return None
    if bound < least:
        proven(bound)
    if value > relaxation.bound - hardly:
        return None
    plan = relaxation.plan.copy()
    plan[columns] = np.asarray(solver.getSolution().col_value)
    return plan


def _rules_that_count(
    model: LinearModel, matrix: Matrix, objective: Objective, relaxation: Relaxation, deadline: float
) -> Mask:
    """Rows that are kept: those on what is decided, small kinds, and large ones without which the relaxation promises more."""
    kinds = kinds_of_rows(model)
    sizes = np.bincount(kinds[matrix.rows])
    priced = np.bincount(kinds, weights=np.abs(relaxation.prices) > _UNPRICED) > 0
    decided = np.isin(np.arange(len(sizes)), kinds[matrix.rows[decisions(model)[matrix.columns]]])
    large = [kind for kind in np.argsort(-sizes) if sizes[kind] >= SMALL_SHARE * len(matrix.rows) and not decided[kind]]
    # What has no price at all costs nothing by duality.
    kept = ~np.isin(kinds, [kind for kind in large if not priced[kind]])
    most = relaxation.bound + LOOSER * abs(relaxation.bound)
    for kind in large:
        fewer = kept & (kinds != kind)
        if priced[kind] and _relaxed(model, matrix, fewer, objective, deadline) <= most:
            kept = fewer
    return kept


def _relaxed(model: LinearModel, matrix: Matrix, kept: Mask, objective: Objective, deadline: float) -> float:
    """What the linear relaxation reaches with some of the rows alone; infinite where that is not known in time."""
    left = deadline - time.monotonic()
    solver = solved(_part(model, matrix, kept, objective)[0], left) if left > 0.0 else None
    return float("inf") if solver is None else float(solver.getInfo().objective_function_value)


def _part(
    model: LinearModel, matrix: Matrix, kept: Mask, objective: Objective, whole: Mask | None = None
) -> tuple[highspy.HighsLp, IntArray]:
    """The model of some rows, and of the columns that stand in them or in the objective; without whole numbers unless some are named."""
    entries = kept[matrix.rows]
    costs = costs_of(objective, len(model.lower))
    used = costs != 0.0
    used[matrix.columns[entries]] = True
    columns, number, row_number = np.flatnonzero(used), np.cumsum(used) - 1, np.cumsum(kept) - 1
    lp = lp_of(
        costs[columns],
        objective.constant,
        (model.lower[columns], model.upper[columns]),
        (matrix.lower[kept], matrix.upper[kept]),
        (row_number[matrix.rows[entries]], number[matrix.columns[entries]], matrix.values[entries]),
        None if whole is None else whole[columns],
    )
    return lp, columns
