"""Sizes: in which units rows, objectives and floors are handed over, so that the least that counts is more than rounding.

HiGHS keeps rows within 1e-6, cuts off plans that are better by less than that, and drops small coefficients, all absolute.
So rows and objectives go to it in units in which one whole unit of anything is far above that. Factors are powers of two: nothing is rounded.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel, Objective

# A row is rescaled where one whole unit of something counts for less in it than the first, so that it counts for the second; no
# coefficient becomes larger than the third.
SMALL, VISIBLE, LARGE = 2.0**-13, 2.0**-10, 2.0**20
# The largest coefficient of an objective is at least this: HiGHS 1.15.1 may call a start the best although it is not where an
# objective is small (a share between 0 and 1, see tests/exactness) ...
LARGEST = 64.0
# ... and what can be reached at least this: HiGHS's 1e-6 is then well below a billionth of it.
REACHED = 2.0**14
# Larger coefficients leave HiGHS's arithmetic no digits for the others.
MOST = 2.0**30
# How many rows deep a share may stand on units.
DEPTH = 3


def scaled(model: LinearModel) -> LinearModel:
    """The same model; rows in which a whole unit counts for very little are multiplied by a power of two."""
    factors = row_factors(model)
    if (factors == 1.0).all():
        return model
    each = np.repeat(factors, np.diff(model.row_starts))
    return replace(
        model,
        row_values=model.row_values * each,
        row_lower=model.row_lower * factors,
        row_upper=model.row_upper * factors,
    )


def row_factors(model: LinearModel) -> FloatArray:
    """The power of two by which each row is multiplied: one whole unit counts for no less than `SMALL`, where that can be."""
    sizes = np.abs(model.row_values)
    counted = model.integer[model.row_columns] & (sizes > 0.0)
    least = _per_row(np.minimum, np.where(counted, sizes, np.inf), model)
    small = np.flatnonzero(least < SMALL)
    factors = np.ones(len(model.row_lower))
    if len(small):
        most = _per_row(np.maximum, sizes, model)[small]
        powers = np.minimum(np.ceil(np.log2(VISIBLE / least[small])), np.floor(np.log2(LARGE / most)))
        factors[small] = np.exp2(np.maximum(powers, 0.0))
    return factors


def objective_factor(costs: FloatArray, size: float) -> float:
    """The power of two by which an objective is multiplied.

    Args:
        costs: its coefficients.
        size: what it is worth, about, or can be worth; 0 where nothing is known.
    """
    largest = float(np.abs(costs).max(initial=0.0))
    if largest == 0.0:
        return 1.0
    wanted = max(LARGEST / largest, REACHED / size if size > 0.0 else 0.0, 1.0 if largest < MOST else 0.0)
    return 2.0 ** min(math.ceil(math.log2(wanted)), math.floor(math.log2(MOST / largest)))


def reach(model: LinearModel, objective: Objective) -> float:
    """What an expression can be worth at most by the bounds of its columns and what the rows leave them; 0 where there is no limit."""
    upper = _reachable(model)
    columns, values = objective.columns, objective.values
    inside = columns < len(upper)
    columns, values = columns[inside], values[inside]
    with np.errstate(invalid="ignore"):
        most = np.abs(values) * np.maximum(np.abs(model.lower[columns]), np.abs(upper[columns]))
    total = float(most[values != 0.0].sum()) if len(values) else 0.0
    return total if math.isfinite(total) else 0.0


def _reachable(model: LinearModel) -> FloatArray:
    """Upper bounds of the columns; those of shares and other fractions are what the rows they stand in leave them."""
    upper = model.upper.copy()
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    above = np.flatnonzero(~model.integer[model.row_columns] & (model.row_values > 0.0))
    above = above[np.isfinite(model.row_upper[rows[above]])]
    columns, values = model.row_columns, model.row_values
    for _ in range(DEPTH - 1):
        with np.errstate(invalid="ignore"):
            least = np.where(values > 0.0, values * model.lower[columns], values * upper[columns])
            total = np.bincount(rows, weights=least, minlength=len(model.row_lower))
            left = (model.row_upper[rows[above]] - total[rows[above]] + least[above]) / values[above]
        usable = np.isfinite(left)
        np.minimum.at(upper, columns[above[usable]], np.maximum(left[usable], model.lower[columns[above[usable]]]))
    return upper


def least_step(model: LinearModel, objective: Objective) -> float:
    """About the least that one whole unit more or less changes an expression; infinite where none does."""
    steps = np.where(model.integer, 1.0, np.inf)
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    columns, sizes = model.row_columns, np.abs(model.row_values)
    used = sizes > 0.0
    rows, columns, sizes = rows[used], columns[used], sizes[used]
    fractions = np.flatnonzero(~model.integer[columns])
    for _ in range(DEPTH):
        least = np.full(len(model.row_lower), np.inf)
        np.minimum.at(least, rows, sizes * steps[columns])
        found = least[rows[fractions]] / sizes[fractions]
        np.minimum.at(steps, columns[fractions], found)
    counted = (objective.values != 0.0) & (objective.columns < len(steps))
    return float((np.abs(objective.values) * steps[objective.columns * counted])[counted].min(initial=np.inf))


def _per_row(ufunc: np.ufunc, values: FloatArray, model: LinearModel) -> FloatArray:
    """A reduction over the non-zeros of each row; infinite where it has none."""
    found = np.full(len(model.row_lower), np.inf)
    filled = np.flatnonzero(np.diff(model.row_starts) > 0)
    if len(filled):
        found[filled] = ufunc.reduceat(values, model.row_starts[filled])
    return found
