"""The rows of a model as a list of non-zeros, and whether a plan keeps them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import Block, FloatArray, IntArray, LinearModel
from optimizer.solving.highs.lp import Mask

# A row is kept when it is broken by less than this, relative to its side where that is above 1.
FEASIBLE = 1e-6

# Columns, values, lower and upper side of a row that holds besides the model's.
ExtraRow = tuple[IntArray, FloatArray, float, float]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Non-zeros by number of row and column, and the sides of the rows; rows added to the model come last."""

    rows: IntArray
    columns: IntArray
    values: FloatArray
    lower: FloatArray
    upper: FloatArray

    def times(self, plan: FloatArray) -> FloatArray:
        """Σ coefficient × value of every row."""
        products = self.values * plan[self.columns]
        return np.bincount(self.rows, weights=products, minlength=len(self.lower)).astype(np.float64)

    def priced(self, prices: FloatArray) -> FloatArray:
        """Σ price × coefficient of every column that has a non-zero, up to the last such column."""
        return np.bincount(self.columns, weights=self.values * prices[self.rows]).astype(np.float64)

    def kept_by(self, values: FloatArray) -> bool:
        """Whether values keep every row, relative to its side where that is above 1."""
        activity, lower, upper = self.times(values), self.lower, self.upper
        below = lower - activity > FEASIBLE * np.fmax(1.0, np.where(np.isfinite(lower), np.abs(lower), 1.0))
        above = activity - upper > FEASIBLE * np.fmax(1.0, np.where(np.isfinite(upper), np.abs(upper), 1.0))
        return not (below.any() or above.any())


def matrix_of(model: LinearModel, extra: Sequence[ExtraRow] = ()) -> Matrix:
    """The rows of a model, and after them further ones."""
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    parts = [(rows, model.row_columns, model.row_values)]
    parts += [
        (np.full(len(columns), len(model.row_lower) + number), columns, values)
        for number, (columns, values, _, _) in enumerate(extra)
    ]
    return Matrix(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate([model.row_lower, [row[2] for row in extra]]),
        np.concatenate([model.row_upper, [row[3] for row in extra]]),
    )


def named(families: Sequence[Block], count: int, names: Collection[str]) -> Mask:
    """The rows or columns of the families with these names."""
    chosen = [number for number, family in enumerate(families) if family.name in names]
    return np.isin(numbers_of(families, count), chosen)


def numbers_of(families: Sequence[Block], count: int) -> IntArray:
    """The number of the family of each row or column; -1 where there are none."""
    if not families:
        return np.full(count, -1, dtype=np.int64)
    return np.repeat(np.arange(len(families)), np.diff([*(family.start for family in families), count]))
