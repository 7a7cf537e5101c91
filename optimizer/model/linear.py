"""The model as arrays: columns, rows and aims with their labels.

The same rows become a Pyomo model that can be read and extended (`optimizer.pyomo_model`) and the matrix for the solver.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Key = tuple[Any, ...]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
INFINITY = float("inf")


@dataclass(frozen=True)
class Block:
    """Consecutive columns or rows of one kind: `keys[i]` labels number `start + i`."""

    name: str
    start: int
    keys: tuple[Key, ...]


@dataclass(frozen=True, eq=False)
class Terms:
    """A sum of columns: `values[i]` × column `columns[i]`. A column may stand in it more than once."""

    columns: IntArray
    values: FloatArray

    def __add__(self, other: Terms) -> Terms:
        return Terms(np.concatenate([self.columns, other.columns]), np.concatenate([self.values, other.values]))

    def __len__(self) -> int:
        return len(self.columns)

    def times(self, factor: float) -> Terms:
        """Every coefficient times a factor."""
        return Terms(self.columns, self.values * factor)

    def merged(self) -> Terms:
        """Each column once, in the order of first appearance."""
        _, columns, values = merged(np.zeros(len(self), dtype=np.int64), self.columns, self.values)
        return Terms(columns, values)


def terms(columns: Iterable[int] = (), values: Iterable[float] = ()) -> Terms:
    """A sum of columns from numbers."""
    return Terms(np.array(list(columns), dtype=np.int64), np.array(list(values), dtype=np.float64))


def merged(rows: IntArray, columns: IntArray, values: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Coefficients of one column in one row become their sum, where it first appears."""
    if not len(columns):
        return rows, columns, values
    code = rows * (int(columns.max()) + 1) + columns
    _, first, where = np.unique(code, return_index=True, return_inverse=True)
    if len(first) == len(code):
        return rows, columns, values
    order = np.argsort(first)
    summed: FloatArray = np.bincount(where, weights=values, minlength=len(first))[order].astype(np.float64)
    return rows[first[order]], columns[first[order]], summed


@dataclass(frozen=True)
class Objective:
    """A linear expression: sum of `values[i]` × column `columns[i]`, plus `constant`."""

    columns: IntArray
    values: FloatArray
    constant: float = 0.0

    def at(self, solution: FloatArray) -> float:
        """The value at a solution (one number per column of the model)."""
        return float(self.values @ solution[self.columns]) + self.constant


@dataclass(frozen=True)
class AimTerm:
    """One aim inside a level: its name, weight (already with the sign of its sense) and expression in its own unit."""

    name: str
    priority: int
    weight: float
    tolerance: float
    maximise: bool
    expression: Objective


@dataclass(frozen=True)
class RatioAim:
    """An aim that is a ratio of linear expressions: minimise the largest of numerators[i] / (shares[i] × denominator).

    Used for burden sharing: `numerators[i]` is what nation i bears, `shares[i]` its share of the key, `denominator`
    what all of them bear.
    """

    numerators: tuple[Objective, ...]
    shares: tuple[float, ...]
    denominator: Objective


@dataclass(frozen=True)
class Level:
    """Aims of one priority: maximise the weighted sum of the terms, or (alone in its level) minimise a ratio."""

    terms: tuple[AimTerm, ...]
    ratio: RatioAim | None = None
    name: str = ""

    @property
    def objective(self) -> Objective:
        """The weighted sum, to be maximised."""
        columns = np.concatenate([term.expression.columns for term in self.terms]).astype(np.int64)
        values = np.concatenate([term.weight * term.expression.values for term in self.terms]).astype(np.float64)
        unique, inverse = np.unique(columns, return_inverse=True)
        summed = np.zeros(len(unique))
        np.add.at(summed, inverse, values)
        return Objective(unique, summed, sum(term.weight * term.expression.constant for term in self.terms))


@dataclass(frozen=True)
class Places:
    """Where each column belongs: numbers of its nation, post, period and area, -1 where it belongs to none or to all.

    `area` is that of flows only; `area_of_post` and `mission_of_post` give those of each post. `units` marks the columns that decide
    (units and tours); the search for better plans frees and fixes them by place.
    """

    nation: IntArray
    post: IntArray
    period: IntArray
    area: IntArray
    area_of_post: IntArray
    mission_of_post: IntArray
    units: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LinearModel:
    """The whole model as arrays (rows in compressed sparse row form) with the labels of every row and column."""

    columns: tuple[Block, ...]
    rows: tuple[Block, ...]
    lower: FloatArray
    upper: FloatArray
    integer: npt.NDArray[np.bool_]
    row_lower: FloatArray
    row_upper: FloatArray
    row_starts: IntArray
    row_columns: IntArray
    row_values: FloatArray
    levels: tuple[Level, ...]
    places: Places | None = None

    @property
    def size(self) -> dict[str, int]:
        """Numbers of columns, whole-number columns, rows and non-zeros."""
        return {
            "columns": len(self.lower),
            "integers": int(self.integer.sum()),
            "rows": len(self.row_lower),
            "nonzeros": len(self.row_values),
        }

    def without_keys(self) -> LinearModel:
        """The same model without the labels of single rows and columns: quicker to send to another process."""
        columns = tuple(replace(family, keys=()) for family in self.columns)
        return replace(self, columns=columns, rows=tuple(replace(family, keys=()) for family in self.rows))

    def column_names(self) -> list[str]:
        """A name per column, as `family[key,key]`."""
        return _names(self.columns)

    def row_names(self) -> list[str]:
        """A name per row, as `family[key,key]`."""
        return _names(self.rows)


def _names(families: Iterable[Block]) -> list[str]:
    return [f"{family.name}[{','.join(map(str, key))}]" for family in families for key in family.keys]
