"""How many more units would fill a line that comes first with every rule lifted that may stand in its way: the fewest, and of which types.

Units that are not pledged are added to the model as columns: so many in stock, and where they are in each period, by the tours or the rotation of what
is pledged of their type. No rule but these holds for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from optimizer.instance.admissible import rotation_factor
from optimizer.instance.situation import Situation
from optimizer.model.assemble import Built
from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask
from optimizer.solving.relaxing import alone, bound_of_part
from optimizer.studies.why.apart import Apart

LONGEST_SECONDS: Final = 6.0
_TIE: Final = 1e-3
"""What the order of the types counts together, beside one unit."""
_FULL: Final = 1e-7


@dataclass(frozen=True)
class Kind:
    """A type of unit with its rotation: a tour and the rest after it (in periods), or how many are kept for each one that is present."""

    unit_type: str
    tour: int | None
    dwell: int
    factor: Fraction


@dataclass(frozen=True)
class Missing:
    """The fewest units that are missing, by type: empty where none are."""

    units: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """Such as `2 of mech-battalion`."""
        return ", ".join(f"{count} of {name}" for name, count in self.units)


def kinds_of(situation: Situation, capability: str) -> list[Kind]:
    """The types that yield a capability, the lightest first, each with the rotations of its pledges; where none is pledged, without rotation."""
    tables = situation.tables
    able = {row["unit_type"] for row in tables.rows("yields") if row["capability"] == capability and row["amount"] > 0}
    light = {row["unit_type"]: float(row["personnel"] or 0.0) for row in tables.rows("unit_types")}
    found: dict[Kind, None] = {}
    for name in sorted(able, key=lambda one: (light.get(one, 0.0), one)):
        pledged = [row for row in tables.rows("pledges") if row["unit_type"] == name]
        for row in pledged:
            toured = row["tour"] is not None and situation.horizon > 1
            tour, dwell = (int(row["tour"]), int(row["dwell"] or 0)) if toured else (None, 0)
            found[Kind(name, tour, dwell, Fraction(1) if toured else rotation_factor(row))] = None
        if not pledged:
            found[Kind(name, None, 0, Fraction(1))] = None
    return list(found)


def missing_units(
    built: Built, line: str, periods: Sequence[int], lower: FloatArray, seconds: float, *, large: bool
) -> Missing | None:
    """The fewest units with which a line could be full in some periods.

    Args:
        built: the model with the rules lifted that may stand in the way.
        line: the line.
        periods: those in which it is to be full.
        lower: bounds of the columns from below.
        seconds: of wall time.
        large: whether only the part of the model is looked at that the line needs.

    Returns:
        The units; None where their number is not proven in time.
    """
    asked = [built.assembly.coverage.share[line, t] for t in periods]
    full = lower.copy()
    full[asked] = 1.0 - _FULL
    kinds = kinds_of(built.assembly.situation, built.assembly.situation.lines[line].capability)
    added = _Added(replace(built.linear, lower=full), built, line, kinds)
    width = len(built.linear.lower)
    free: Mask = Apart(built).part(line) if large else np.ones(width, dtype=np.bool_)
    free = np.concatenate([free, np.ones(len(added.model.lower) - width, dtype=np.bool_)])
    limit = max(0.05, min(LONGEST_SECONDS, seconds))
    values = alone(added.model, free, np.full(len(free), np.nan), added.objective, limit)
    if values is None:
        return None
    counts = [round(float(values[stock])) for stock in added.stocks]
    least = -bound_of_part(added.model, free, added.objective, limit)
    if not math.isfinite(least) or math.ceil(least - 10 * _TIE) < sum(counts):
        return None
    by_type: dict[str, int] = {}
    for kind, count in zip(kinds, counts, strict=True):
        if count:
            by_type[kind.unit_type] = by_type.get(kind.unit_type, 0) + count
    return Missing(tuple(by_type.items()))


class _Added:
    """A model with further units that may serve on a line: `stocks` are the columns that count them."""

    def __init__(self, model: LinearModel, built: Built, line: str, kinds: Sequence[Kind]) -> None:
        self._width, self._height = len(model.lower), len(model.row_lower)
        self._upper: list[float] = []
        self._entries: list[tuple[int, int, float]] = []
        self._rows = 0
        situation = built.assembly.situation
        asked = situation.lines[line]
        delivered = next(block for block in model.rows if block.name == "delivered")
        rows = {key[1]: delivered.start + place for place, key in enumerate(delivered.keys) if key[0] == line}
        amounts = {
            row["unit_type"]: row["amount"]
            for row in situation.tables.rows("yields")
            if row["capability"] == asked.capability
        }
        self.stocks = [
            self._add(kind, min(1.0, amounts[kind.unit_type] / asked.target), rows, situation.horizon) for kind in kinds
        ]
        self.model = self._joined(model)
        ranks = 1.0 + _TIE * np.arange(len(kinds)) / max(1, len(kinds)) / max([1.0, *self._upper])
        self.objective = Objective(np.array(self.stocks, dtype=np.int64), -ranks)

    def _column(self, most: float) -> int:
        self._upper.append(most)
        return self._width + len(self._upper) - 1

    def _row(self, entries: Iterator[tuple[int, float]]) -> None:
        """A further row: the sum is at most 0."""
        self._entries += [(self._height + self._rows, column, value) for column, value in entries]
        self._rows += 1

    def _add(self, kind: Kind, share: float, rows: Mapping[int, int], horizon: int) -> int:
        """The stock of a kind, with where its units are; returns the column of the stock."""
        enough = math.ceil(1.0 / share - _FULL)
        window = sorted(rows)
        if kind.tour is None:
            stock = self._column(float(math.ceil(enough * kind.factor)))
            for t in window:
                here = self._column(float(enough))
                self._entries.append((rows[t], here, -share))
                self._row(iter([(here, float(kind.factor)), (stock, -1.0)]))
            return stock
        stock = self._column(float(enough * len(window)))
        starts = {}
        for t in window:
            there = range(t, min(t + kind.tour - 1, horizon) + 1)
            if all(one in rows for one in there):
                starts[t] = self._column(float(enough))
                self._entries += [(rows[one], starts[t], -share) for one in there]
        for t in range(1, horizon + 1):
            out = [column for start, column in starts.items() if t - kind.tour - kind.dwell < start <= t]
            if out:
                self._row(iter([*((column, 1.0) for column in out), (stock, -1.0)]))
        return stock

    def _joined(self, model: LinearModel) -> LinearModel:
        """The model with the columns, entries and rows that were collected."""
        rows, columns, values = (
            (np.array(part) for part in zip(*self._entries, strict=True)) if self._entries else ([], [], [])
        )
        old = np.repeat(np.arange(self._height), np.diff(model.row_starts))
        all_rows = np.concatenate([old, np.asarray(rows, dtype=np.int64)])
        order, height = np.argsort(all_rows, kind="stable"), self._height + self._rows
        return LinearModel(
            columns=model.columns,
            rows=model.rows,
            lower=np.concatenate([model.lower, np.zeros(len(self._upper))]),
            upper=np.concatenate([model.upper, self._upper]),
            integer=np.concatenate([model.integer, np.ones(len(self._upper), dtype=np.bool_)]),
            row_lower=np.concatenate([model.row_lower, np.full(self._rows, -np.inf)]),
            row_upper=np.concatenate([model.row_upper, np.zeros(self._rows)]),
            row_starts=np.concatenate([[0], np.cumsum(np.bincount(all_rows, minlength=height))]),
            row_columns=np.concatenate([model.row_columns, np.asarray(columns, dtype=np.int64)])[order],
            row_values=np.concatenate([model.row_values, np.asarray(values, dtype=np.float64)])[order],
            levels=(),
        )
