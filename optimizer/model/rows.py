"""Rows and columns: the form in which every rule family writes its part of the model.

A family adds columns (variables) and rows (constraints) with labels in the planner's words. The same rows
become a Pyomo model that can be read and extended (`optimizer.model.pyomo_model`) and the matrix for the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Key = tuple[Any, ...]
AnyKey = TypeVar("AnyKey", bound=Key)
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
INFINITY = float("inf")


@dataclass(frozen=True)
class Family:
    """Consecutive columns or rows of one kind: `keys[i]` labels number `start + i`."""

    name: str
    start: int
    keys: tuple[Key, ...]


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

    `area` is that of flows only; `area_of_post` gives the area of each post. `units` marks the columns that decide
    (units and tours); the search for better plans frees and fixes them by place.
    """

    nation: IntArray
    post: IntArray
    period: IntArray
    area: IntArray
    area_of_post: IntArray
    units: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LinearModel:
    """The whole model as arrays (rows in compressed sparse row form) with the labels of every row and column."""

    columns: tuple[Family, ...]
    rows: tuple[Family, ...]
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

    def column_names(self) -> list[str]:
        """A name per column, as `family[key,key]`."""
        return _names(self.columns)

    def row_names(self) -> list[str]:
        """A name per row, as `family[key,key]`."""
        return _names(self.rows)


def _names(families: Iterable[Family]) -> list[str]:
    return [f"{family.name}[{','.join(map(str, key))}]" for family in families for key in family.keys]


@dataclass
class ModelBuilder:
    """Collects columns and rows while the families add their parts."""

    _column_of: dict[str, dict[Key, int]] = field(default_factory=dict)
    _column_blocks: list[tuple[str, int, tuple[Key, ...]]] = field(default_factory=list)
    _lower: list[float] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)
    _integer: list[bool] = field(default_factory=list)
    _rows: dict[str, _RowsOfFamily] = field(default_factory=dict)

    def add_columns(
        self,
        family: str,
        keys: Sequence[AnyKey],
        *,
        lower: float | Sequence[float] = 0.0,
        upper: float | Sequence[float] = 1.0,
        integer: bool = False,
    ) -> dict[AnyKey, int]:
        """Add one variable per key; returns the column number of each new key.

        Upper bounds of whole numbers must be finite. A family may grow in several calls.
        """
        start = len(self._lower)
        count = len(keys)
        lowers = [float(lower)] * count if isinstance(lower, (int, float)) else [float(value) for value in lower]
        uppers = [float(upper)] * count if isinstance(upper, (int, float)) else [float(value) for value in upper]
        if integer and any(value == INFINITY for value in uppers):
            raise ValueError(f"a whole-number variable of {family!r} has no finite upper bound")
        self._lower += lowers
        self._upper += uppers
        self._integer += [integer] * count
        self._column_blocks.append((family, start, tuple(keys)))
        index = {key: start + position for position, key in enumerate(keys)}
        existing = self._column_of.setdefault(family, {})
        if len(index) != count or not existing.keys().isdisjoint(index):
            raise ValueError(f"two columns of {family!r} have the same key")
        existing.update(index)
        return index

    def columns_of(self, family: str) -> dict[Key, int]:
        """Column numbers by key; empty when the family has none."""
        return self._column_of.get(family, {})

    def upper_bound(self, column: int) -> float:
        """The upper bound of a column."""
        return self._upper[column]

    def fix(self, column: int, value: float) -> None:
        """Set both bounds of a column."""
        self._lower[column] = self._upper[column] = value

    def add_row(
        self,
        family: str,
        key: Key,
        columns: Sequence[int],
        values: Sequence[float],
        *,
        lower: float = -INFINITY,
        upper: float = INFINITY,
    ) -> None:
        """Add lower ≤ Σ values·columns ≤ upper. A column may be named more than once: its values add up."""
        rows = self._rows.get(family)
        if rows is None:
            rows = self._rows[family] = _RowsOfFamily()
        if len(set(columns)) != len(columns):
            merged: dict[int, float] = {}
            for column, value in zip(columns, values, strict=True):
                merged[column] = merged.get(column, 0.0) + value
            columns, values = list(merged), list(merged.values())
        rows.keys.append(key)
        rows.columns.extend(columns)
        rows.values.extend(values)
        rows.ends.append(len(rows.columns))
        rows.lower.append(lower)
        rows.upper.append(upper)

    def finish(self, levels: tuple[Level, ...]) -> LinearModel:
        """The collected model with its levels of aims."""
        families: list[Family] = []
        starts: list[npt.NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
        offset = row = 0
        for name, rows in self._rows.items():
            families.append(Family(name, row, tuple(rows.keys)))
            starts.append(np.asarray(rows.ends, dtype=np.int64) + offset)
            offset += len(rows.columns)
            row += len(rows.keys)

        def joined(attribute: str, kind: Any) -> Any:
            parts = [np.asarray(getattr(rows, attribute), dtype=kind) for rows in self._rows.values()]
            return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)

        return LinearModel(
            columns=tuple(Family(name, start, keys) for name, start, keys in self._column_blocks),
            rows=tuple(families),
            lower=np.asarray(self._lower, dtype=np.float64),
            upper=np.asarray(self._upper, dtype=np.float64),
            integer=np.asarray(self._integer, dtype=np.bool_),
            row_lower=joined("lower", np.float64),
            row_upper=joined("upper", np.float64),
            row_starts=np.concatenate(starts),
            row_columns=joined("columns", np.int64),
            row_values=joined("values", np.float64),
            levels=levels,
        )


@dataclass
class _RowsOfFamily:
    keys: list[Key] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
