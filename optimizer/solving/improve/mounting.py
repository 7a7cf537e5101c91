"""The mounting relaxation: mounting and instruments are whole, units are fractions.

It lies between the linear relaxation and the model: every decision but that on units is whole, and rules that cost the linear relaxation
nothing are left out. It has few branches and small linear programs, so it is solved to the end where the model is not. Its bound holds for
every plan, and a plan in which nothing else is mounted is found sooner than one in the whole model.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask, lp_of, quiet, ran
from optimizer.solving.improve.matrix import Matrix, named, numbers_of
from optimizer.solving.improve.prices import Relaxation, costs_of, solved
from optimizer.solving.solution import beats

# The families of columns that are whole in it, and the share of them that the linear relaxation must leave in part: 0 to 5 of 96 on
# generated instances where it gained nothing, 13 of 72 to 52 of 96 on Paris where it pays.
DECIDED = frozenset({"mounted", "instrument"})
UNDECIDED_SHARE = 0.1
# The longest that it may take; half of it for finding out which rules cost nothing.
MOUNTING_SECONDS = 120.0
# As close as moves are solved: the bound is no better than that.
MOUNTING_GAP = 1e-4
# Kinds of rules with fewer of all non-zeros than this stay: leaving them out saves nothing.
SMALL_SHARE = 0.01
# What leaving out rules may add to the bound of the relaxation, relative.
LOOSER = 2e-4
# Where it cannot lower the bound by this much (relative) it is given up: what is mounted is not what makes the model hard.
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
    return numbers_of(model.rows, len(model.row_lower))


def decisions(model: LinearModel) -> Mask:
    """The columns that are whole in it: which posts are mounted when, which instruments are used."""
    return named(model.columns, len(model.lower), DECIDED)


def undecided(model: LinearModel, relaxation: Relaxation) -> bool:
    """Whether the linear relaxation leaves much in part of what is mounted or used; little is soon decided by the moves and by HiGHS."""
    values = relaxation.plan[decisions(model)]
    in_part = np.abs(values - np.rint(values)) > _WHOLE
    return bool(in_part.sum() > UNDECIDED_SHARE * len(values))


def restricted(model: LinearModel, mounting: FloatArray, *, all_of_it: bool) -> LinearModel:
    """The model in which nothing is mounted or used but what a solution mounts or uses; with `all_of_it`, all of that is."""
    decided = decisions(model)
    values = np.clip(np.rint(mounting), model.lower, model.upper)
    lower = np.where(decided, values, model.lower) if all_of_it else model.lower
    return replace(model, lower=lower, upper=np.where(decided, values, model.upper))


def solve_mounting_relaxation(
    model: LinearModel,
    matrix: Matrix,
    objective: Objective,
    relaxation: Relaxation,
    proven: Callable[[float | None], None],
    seconds: float = MOUNTING_SECONDS,
) -> FloatArray | None:
    """The best solution that is found in time; None where there is none, or where it would hardly lower the bound.

    A value per column: whole for mounting and instruments, fractions for units, and that of the linear relaxation for columns that
    stand in no rule that is kept.

    Args:
        model: with places, and the kinds of its rows.
        matrix: its rows.
        objective: to be maximised.
        relaxation: the linear one, solved to the end, with a finite bound.
        proven: called with every lower bound; with None where a bound that was reported is contradicted, or its run not believed.
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
    solver.setOptionValue("mip_rel_gap", MOUNTING_GAP)
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        return None
    bounds = _Bounds(relaxation.bound, proven)
    solver.cbMipInterrupt.subscribe(bounds.watch)
    found = bounds.read(solver)
    if found is None:
        return None
    plan = relaxation.plan.copy()
    plan[columns] = found
    return plan


class _Bounds:
    """The least bound that a run has proven, reported as it falls, from the bound of the linear relaxation on."""

    def __init__(self, bound: float, proven: Callable[[float | None], None]) -> None:
        self._relaxed = self._least = bound
        self._proven = proven

    def watch(self, event: highspy.HighsCallbackEvent) -> None:
        """Report a lower bound while HiGHS runs, and stop it where it cannot lower the bound by much."""
        bound, value = float(event.data_out.mip_dual_bound), float(event.data_out.mip_primal_bound)
        if -np.inf < bound < self._least and not beats(value, bound):
            self._least = bound
            self._proven(bound)
        event.data_in.user_interrupt = self._hardly_lowers(value)

    def read(self, solver: highspy.Highs) -> FloatArray | None:
        """Run HiGHS; the values that it ends with, or None where they are not believed or hardly lower the bound."""
        if not ran(solver) or solver.getModelStatus() not in _ENDED:
            if self._least < self._relaxed:
                self._proven(None)
            return None
        found = solver.getInfo()
        if found.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        bound, value = found.mip_dual_bound, found.objective_function_value
        if beats(value, min(bound, self._least)):
            self._proven(None)
            return None
        if bound < self._least:
            self._proven(bound)
        return None if self._hardly_lowers(value) else np.asarray(solver.getSolution().col_value)

    def _hardly_lowers(self, value: float) -> bool:
        """Whether a solution is so good that the bound, which ends at its value or above, stays near that of the linear relaxation."""
        return value > self._relaxed - HARDLY * abs(self._relaxed)


def _rules_that_count(
    model: LinearModel, matrix: Matrix, objective: Objective, relaxation: Relaxation, deadline: float
) -> Mask:
    """Rows that are kept: those on mounting and instruments, small kinds, and large kinds without which the bound of the relaxation rises."""
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
    """The bound of the linear relaxation with some of the rows alone; infinite where that is not known in time."""
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
