"""Rows and columns: the form in which every rule family writes its part of the model.

A family adds columns (variables) and rows (constraints) with labels in the planner's words. The same rows
become a Pyomo model that can be read and extended (`optimizer.model.pyomo_model`) and the matrix for the solver.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Key = tuple[Any, ...]
AnyKey = TypeVar("AnyKey", bound=Key)
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
INFINITY = float("inf")
_SHORT = 2**15


@dataclass(frozen=True)
class Family:
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
    place = rows * (int(columns.max()) + 1) + columns
    _, first, where = np.unique(place, return_index=True, return_inverse=True)
    if len(first) == len(place):
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


def _names(families: Iterable[Family]) -> list[str]:
    return [f"{family.name}[{','.join(map(str, key))}]" for family in families for key in family.keys]


@dataclass
class ModelBuilder:
    """Collects columns and rows while the families add their parts: one by one (`add_columns`, `add_row`) or many at once."""

    _column_of: dict[str, dict[Key, int]] = field(default_factory=dict)
    _column_blocks: list[tuple[str, int, list[Key]]] = field(default_factory=list)
    _lower: array[float] = field(default_factory=lambda: array("d"))
    _upper: array[float] = field(default_factory=lambda: array("d"))
    _integer: array[int] = field(default_factory=lambda: array("b"))
    _rows: dict[str, _RowsOfFamily] = field(default_factory=dict)

    def add_columns(
        self,
        family: str,
        keys: Sequence[AnyKey],
        *,
        lower: float | Sequence[float] | FloatArray = 0.0,
        upper: float | Sequence[float] | FloatArray = 1.0,
        integer: bool = False,
    ) -> dict[AnyKey, int]:
        """Add one variable per key; returns the column number of each new key.

        Upper bounds of whole numbers must be finite. A family may grow in several calls. The new columns are numbered in the
        order of their keys, one after another.
        """
        start = len(self._lower)
        count = len(keys)
        lowers, uppers = _each(lower, count), _each(upper, count)
        if integer and bool(np.isinf(uppers).any()):
            raise ValueError(f"a whole-number variable of {family!r} has no finite upper bound")
        self._lower.frombytes(lowers.tobytes())
        self._upper.frombytes(uppers.tobytes())
        self._integer.frombytes(bytes([integer]) * count)
        if self._column_blocks and self._column_blocks[-1][0] == family:
            self._column_blocks[-1][2].extend(keys)
        else:
            self._column_blocks.append((family, start, list(keys)))
        index = dict(zip(keys, range(start, start + count), strict=True))
        existing = self._column_of.setdefault(family, {})
        before = len(existing)
        existing.update(index)
        if len(existing) != before + count:
            raise ValueError(f"two columns of {family!r} have the same key")
        return index

    def columns_of(self, family: str) -> dict[Key, int]:
        """Column numbers by key; empty when the family has none."""
        return self._column_of.get(family, {})

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self._lower)

    def upper_bound(self, column: int) -> float:
        """The upper bound of a column."""
        return self._upper[column]

    def upper_bounds(self, columns: IntArray) -> FloatArray:
        """The upper bounds of columns."""
        found: FloatArray = np.frombuffer(self._upper, dtype=np.float64)[columns] if len(columns) else np.zeros(0)
        return found

    def add_row(
        self,
        family: str,
        key: Key,
        columns: Sequence[int] | IntArray,
        values: Sequence[float] | FloatArray,
        *,
        lower: float = -INFINITY,
        upper: float = INFINITY,
    ) -> None:
        """Add lower ≤ Σ values·columns ≤ upper. A column may be named more than once: its values add up."""
        rows = self._rows.setdefault(family, _RowsOfFamily())
        if len(set(columns)) != len(columns):
            one = Terms(np.asarray(columns, dtype=np.int64), np.asarray(values, dtype=np.float64)).merged()
            columns, values = one.columns, one.values
        rows.keys.append(key)
        rows.columns.extend(columns)
        rows.values.extend(values)
        rows.lengths.append(len(columns))
        rows.lower.append(lower)
        rows.upper.append(upper)

    def add_rows(
        self,
        family: str,
        keys: Sequence[Key],
        entries: Sequence[tuple[IntArray, IntArray, FloatArray | float]],
        *,
        lower: float | FloatArray = -INFINITY,
        upper: float | FloatArray = INFINITY,
        repeated: bool = False,
    ) -> None:
        """Add one row per key at once: lower ≤ Σ values·columns ≤ upper.

        Args:
            family: name of the family.
            keys: labels of the rows.
            entries: groups of (places of the rows in `keys`, columns, values); in a row they stand in this order.
            lower: one for all rows, or one per row.
            upper: likewise.
            repeated: a column may stand in a row more than once: its values add up.
        """
        if not len(keys):
            return
        rows = self._rows.setdefault(family, _RowsOfFamily())
        where = np.concatenate([row for row, _, _ in entries])
        columns = np.concatenate([column for _, column, _ in entries])
        values = np.concatenate([_each(value, len(row)) for row, _, value in entries])
        if repeated:
            where, columns, values = merged(where, columns, values)
        # Short numbers are sorted in linear time.
        order = np.argsort(where.astype(np.int16) if len(keys) < _SHORT else where, kind="stable")
        rows.keys.extend(keys)
        rows.columns.frombytes(columns[order].tobytes())
        rows.values.frombytes(values[order].tobytes())
        rows.lengths.frombytes(np.bincount(where, minlength=len(keys)).astype(np.int64).tobytes())
        rows.lower.frombytes(_each(lower, len(keys)).tobytes())
        rows.upper.frombytes(_each(upper, len(keys)).tobytes())

    def finish(self, levels: tuple[Level, ...]) -> LinearModel:
        """The collected model with its levels of aims."""
        families: list[Family] = []
        row = 0
        for name, rows in self._rows.items():
            families.append(Family(name, row, tuple(rows.keys)))
            row += len(rows.keys)

        def joined(attribute: str, kind: Any) -> Any:
            parts = [np.frombuffer(getattr(rows, attribute), dtype=kind) for rows in self._rows.values()]
            return np.concatenate([np.zeros(0, dtype=kind), *parts])

        return LinearModel(
            columns=tuple(Family(name, start, tuple(keys)) for name, start, keys in self._column_blocks),
            rows=tuple(families),
            lower=np.array(self._lower, dtype=np.float64),
            upper=np.array(self._upper, dtype=np.float64),
            integer=np.array(self._integer, dtype=np.bool_),
            row_lower=joined("lower", np.float64),
            row_upper=joined("upper", np.float64),
            row_starts=np.concatenate([[0], np.cumsum(joined("lengths", np.int64))]).astype(np.int64),
            row_columns=joined("columns", np.int64),
            row_values=joined("values", np.float64),
            levels=levels,
        )


def _each(value: float | Sequence[float] | FloatArray, count: int) -> FloatArray:
    """One number for each, from one for all or from as many."""
    if isinstance(value, (int, float)):
        return np.full(count, float(value))
    return np.asarray(value, dtype=np.float64)


@dataclass
class _RowsOfFamily:
    keys: list[Key] = field(default_factory=list)
    columns: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    lengths: array[int] = field(default_factory=lambda: array("q"))
    lower: array[float] = field(default_factory=lambda: array("d"))
    upper: array[float] = field(default_factory=lambda: array("d"))
