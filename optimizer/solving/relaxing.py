"""A model by itself: its linear relaxation, with the bound that its prices prove; a plan made better in one neighbourhood after the other; and
the part of a model that a question is about, with what bounds it whatever the rest does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask, lp_of, quiet, ran
from optimizer.solving.improve.matrix import FEASIBLE, Matrix, matrix_of
from optimizer.solving.improve.prices import Relaxation, costs_of
from optimizer.solving.improve.relaxations import relaxed
from optimizer.solving.improve.submodels import SubModels, completed, nothing_at_all
from optimizer.solving.solution import is_better

BETTER: Final = 1e-6
"""By how much a better plan is better."""
HIDDEN: Final = 2e-6
"""What the tolerances of HiGHS may hide of an objective whose values are near 1."""
_EXACT_GAP: Final = 1e-9


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


def obliged(model: LinearModel) -> IntArray:
    """The numbers of the columns in rows that are broken where nobody deploys: what must be somewhere, whatever the aim."""
    matrix, nothing = matrix_of(model), nothing_at_all(model)
    activity = matrix.times(nothing)
    broken = (activity < matrix.lower - FEASIBLE) | (activity > matrix.upper + FEASIBLE)
    columns: IntArray = np.unique(matrix.columns[broken[matrix.rows]])
    return columns


def alone(model: LinearModel, free: Mask, start: FloatArray, objective: Objective, seconds: float) -> FloatArray | None:
    """The best plan in which nothing but some columns is used, all others at nothing; None where none is found.

    Args:
        model: rows and columns.
        free: the columns that may be used.
        start: a value per column from which the search begins; NaN where nothing is said.
        objective: to be maximised.
        seconds: wall-clock limit.
    """
    nothing = nothing_at_all(model)
    base = np.where(free & ~np.isnan(start), start, nothing)
    base = np.clip(base, model.lower, model.upper)
    found = SubModels(model, np.random.default_rng(0)).solve(free, base, objective, seconds, gap=_EXACT_GAP)
    return None if found is None else found[0]


def bound_of_part(model: LinearModel, free: Mask, objective: Objective, seconds: float) -> float:
    """No plan of the model has more of an objective on some columns: they are whole, and in each row all others as helpful as their bounds allow.

    Args:
        model: rows and columns.
        free: the columns that are looked at; all of the objective are among them.
        objective: to be maximised, worth about 1.
        seconds: wall-clock limit; what is proven by then is given.

    Returns:
        The bound; -inf where there is no plan, inf where nothing is proven.
    """
    matrix = matrix_of(model)
    lower, upper = _sides_for_part(matrix, model, free)
    inside = free[matrix.columns]
    counts = np.bincount(matrix.rows[inside], minlength=len(lower))
    kept = np.flatnonzero((counts > 0) & (np.isfinite(lower) | np.isfinite(upper)))
    row, column = np.full(len(lower), -1, dtype=np.int64), np.full(len(free), -1, dtype=np.int64)
    row[kept], chosen = np.arange(len(kept)), np.flatnonzero(free)
    column[chosen] = np.arange(len(chosen))
    entries = np.flatnonzero(inside & (row[matrix.rows] >= 0))
    lp = lp_of(
        costs_of(objective, len(free))[chosen],
        objective.constant,
        (model.lower[chosen], model.upper[chosen]),
        (lower[kept], upper[kept]),
        (row[matrix.rows[entries]], column[matrix.columns[entries]], matrix.values[entries]),
        model.integer[chosen],
    )
    solver = quiet()
    for name, value in (("time_limit", seconds), ("mip_rel_gap", _EXACT_GAP), ("mip_abs_gap", HIDDEN / 4)):
        solver.setOptionValue(name, value)
    if solver.passModel(lp) == highspy.HighsStatus.kError or not ran(solver):
        return float("inf")
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return float("-inf")
    info = solver.getInfo()
    if not model.integer[chosen].any():
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(info.objective_function_value) + HIDDEN if done else float("inf")
    bound = float(info.mip_dual_bound)
    return bound + HIDDEN if abs(bound) < highspy.kHighsInf and abs(bound) < 1e30 else float("inf")


def _sides_for_part(matrix: Matrix, model: LinearModel, free: Mask) -> tuple[FloatArray, FloatArray]:
    """The sides of the rows for some columns, with all others where they leave most room."""
    outside = ~free[matrix.columns] & (matrix.values != 0.0)
    rows, columns, values = matrix.rows[outside], matrix.columns[outside], matrix.values[outside]
    rises = values > 0.0
    least = values * np.where(rises, model.lower[columns], model.upper[columns])
    most = values * np.where(rises, model.upper[columns], model.lower[columns])
    count = len(matrix.lower)
    lower = matrix.lower - np.bincount(rows, weights=most, minlength=count)
    upper = matrix.upper - np.bincount(rows, weights=least, minlength=count)
    # Rounding in what the others take must not make a row look broken.
    slack = _EXACT_GAP * (
        1.0 + np.bincount(rows, weights=np.where(np.isfinite(most), np.abs(most), 0.0), minlength=count)
    )
    return lower - slack, upper + slack
