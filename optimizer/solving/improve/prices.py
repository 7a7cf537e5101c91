"""Dual prices of the rows in the linear relaxation, and the bound that any prices prove.

Weak duality: for prices y (of the right sign for each row's finite side) and a plan x within rows and bounds,
objective(x) ≤ y·side + Σ over columns of the most that (cost - yᵀA) can earn within the column's bounds. The bound is computed
from the arrays and holds for any y, so an inexact or wrong relaxation can make it weak, never false.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs.lp import quiet, ran
from optimizer.solving.improve.matrix import Matrix

# What a column without an upper bound (tonnes on a route) seems to earn by rounding alone, relative to the largest cost.
_EARNS_NOTHING = 1e-9
# What rounding may lose in the sums of a bound, relative to the sizes that are summed.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The plan of the linear relaxation, a price per row, and the proven bound of the objective (maximised).

    `exact`: solved to the end, by interior point.
    """

    plan: FloatArray
    prices: FloatArray
    bound: float
    exact: bool


def solved(lp: highspy.HighsLp, seconds: float, tolerance: float | None = None) -> highspy.Highs | None:
    """A HiGHS that has solved a model without whole numbers by interior point, or by a first-order method; None if not in time.

    Args:
        lp: the model.
        seconds: wall-clock limit.
        tolerance: relative, of the first-order method; None: interior point, to the end.
    """
    solver = quiet()
    solver.setOptionValue("solver", "ipm" if tolerance is None else "pdlp")
    if tolerance is not None:
        solver.setOptionValue("kkt_tolerance", tolerance)
        # The prices of an inexact end do not survive the way back through presolve.
        solver.setOptionValue("presolve", "off")
    solver.setOptionValue("time_limit", seconds)
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        return None
    return solver if ran(solver) and solver.getModelStatus() == highspy.HighsModelStatus.kOptimal else None


def relaxation_of(
    lp: highspy.HighsLp,
    matrix: Matrix,
    model: LinearModel,
    objective: Objective,
    seconds: float,
    tolerance: float | None = None,
) -> Relaxation | None:
    """Solve a linear relaxation by interior point, or by a first-order method; None when that does not end in time.

    Args:
        lp: the relaxation, all columns and all rows that have non-zeros.
        matrix: the same rows, those without non-zeros included.
        model: for the bounds of the columns.
        objective: to be maximised.
        seconds: wall-clock limit.
        tolerance: relative, of the first-order method; None: interior point, to the end.
    """
    solver = solved(lp, seconds, tolerance)
    if solver is None:
        return None
    found = solver.getSolution()
    prices = np.zeros(len(matrix.lower))
    prices[np.flatnonzero(np.bincount(matrix.rows, minlength=len(prices)))] = np.asarray(found.row_dual)
    plan = np.asarray(found.col_value)
    return Relaxation(plan, prices, proven_bound(matrix, model, objective, prices), exact=tolerance is None)


def proven_bound(matrix: Matrix, model: LinearModel, objective: Objective, prices: FloatArray) -> float:
    """No plan has a higher value than this bound (infinite where the prices prove nothing)."""
    lower, upper = model.lower, _implied_upper(matrix, model)
    sides = np.where(prices > 0.0, matrix.upper, matrix.lower)
    usable = np.isfinite(sides)
    prices, sides = np.where(usable, prices, 0.0), np.where(usable, sides, 0.0)
    earned = earned_at(matrix, objective, prices, len(lower))
    nothing = _EARNS_NOTHING * max(1.0, float(np.abs(objective.values).max(initial=0.0)))
    earned[np.isinf(upper) & (earned > 0.0) & (earned <= nothing)] = 0.0
    best = np.where(earned > 0.0, upper, lower)
    with np.errstate(invalid="ignore"):
        most = np.where(earned == 0.0, 0.0, earned * best)
    total = objective.constant + float(prices @ sides) + float(most.sum())
    sizes = abs(objective.constant) + float(np.abs(prices * sides).sum()) + float(np.abs(most).sum())
    return total + _ROUNDING * sizes if np.isfinite(total) else float("inf")


def _implied_upper(matrix: Matrix, model: LinearModel) -> FloatArray:
    """Upper bounds of the columns; where a column has none, the least that a capacity row (no negative coefficients) leaves it."""
    upper = model.upper.copy()
    open_ = np.isinf(upper)
    if not open_.any():
        return upper
    bad = (matrix.values < 0.0) | (model.lower[matrix.columns] < 0.0)
    capacity = np.isfinite(matrix.upper) & (np.bincount(matrix.rows, weights=bad, minlength=len(matrix.upper)) == 0)
    entries = np.flatnonzero(capacity[matrix.rows] & open_[matrix.columns] & (matrix.values > 0.0))
    most = matrix.upper[matrix.rows[entries]] / matrix.values[entries]
    np.minimum.at(upper, matrix.columns[entries], most)
    return upper


def costs_of(objective: Objective, width: int) -> FloatArray:
    """The objective's coefficient of every column."""
    costs = np.zeros(width)
    np.add.at(costs, objective.columns, objective.values)
    return costs


def earned_at(matrix: Matrix, objective: Objective, prices: FloatArray, width: int) -> FloatArray:
    """The reduced cost of each column: what one more of it adds to the objective, less the price of what it takes."""
    earned, used = costs_of(objective, width), matrix.priced(prices)
    earned[: len(used)] -= used
    return earned


def charged(matrix: Matrix, objective: Objective, prices: FloatArray, post: IntArray) -> Objective:
    """The objective less the price of what several posts share, so that a post pays for what it takes from the others.

    Args:
        matrix: the rows.
        objective: to be maximised.
        prices: a price per row.
        post: the number of the post of each column; -1: none.
    """
    placed = post[matrix.columns] >= 0
    rows, posts = matrix.rows[placed], post[matrix.columns[placed]]
    first, last = np.full(len(matrix.lower), post.max(initial=0) + 1), np.full(len(matrix.lower), -1)
    np.minimum.at(first, rows, posts)
    np.maximum.at(last, rows, posts)
    costs = earned_at(matrix, objective, np.where(last > first, prices, 0.0), len(post))
    return Objective(np.arange(len(costs)), costs, objective.constant)
