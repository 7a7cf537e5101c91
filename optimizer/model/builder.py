"""Collects the columns and rows of a model while the rule families add their parts, with labels in the planner's words."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from optimizer.model.linear import INFINITY, Block, FloatArray, IntArray, Key, Level, LinearModel, Terms, merged

AnyKey = TypeVar("AnyKey", bound=Key)
_SHORT = 2**15


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
            entries: groups of (numbers of the rows in `keys`, columns, values); in a row they stand in this order.
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
        families: list[Block] = []
        row = 0
        for name, rows in self._rows.items():
            families.append(Block(name, row, tuple(rows.keys)))
            row += len(rows.keys)

        def joined(attribute: str, kind: Any) -> Any:
            parts = [np.frombuffer(getattr(rows, attribute), dtype=kind) for rows in self._rows.values()]
            return np.concatenate([np.zeros(0, dtype=kind), *parts])

        return LinearModel(
            columns=tuple(Block(name, start, tuple(keys)) for name, start, keys in self._column_blocks),
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
