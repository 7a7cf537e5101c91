"""What a probe adds to the model: rows that bound a level of aims, columns for who serves where, a pair that is forbidden."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from optimizer.model.assemble import Built
from optimizer.model.linear import INFINITY, AimTerm, Block, FloatArray, IntArray, Level, LinearModel, Objective
from optimizer.studies.probing.probe import Place, Within

DISTANCE: Final = "distance"
"""The name of the aim that counts in how many places a plan differs from the nearest of some others."""
VISIBLE: Final = 1e-4
"""A step of a level is at least this in its row: well above what a solver may break."""
LARGEST: Final = 2.0**20
NO_ROOM: Final = 2e-7
"""What a row lets go of, relative to its bound, where the bound is what a plan has."""


@dataclass
class Added:
    """Rows and columns that come behind those of a model."""

    model: LinearModel
    _lower: list[float] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)
    _columns: list[int] = field(default_factory=list)
    _values: list[float] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)
    _most: list[float] = field(default_factory=list)

    def column(self, most: float) -> int:
        """A whole number from 0 to `most`; its column."""
        self._most.append(most)
        return len(self.model.lower) + len(self._most) - 1

    def row(
        self,
        columns: Iterable[int],
        values: Iterable[float],
        *,
        lower: float = -INFINITY,
        upper: float = INFINITY,
    ) -> None:
        """Lower ≤ Σ values·columns ≤ upper."""
        before = len(self._columns)
        self._columns.extend(columns)
        self._values.extend(values)
        self._lengths.append(len(self._columns) - before)
        self._lower.append(lower)
        self._upper.append(upper)

    def finished(self, levels: tuple[Level, ...]) -> LinearModel:
        """The model with what was added, and these levels."""
        model, count, many = self.model, len(self._most), len(self._lower)
        columns = (*model.columns, Block("asked", len(model.lower), tuple((n,) for n in range(count))))
        rows = (*model.rows, Block("asked", len(model.row_lower), tuple((n,) for n in range(many))))
        nowhere = np.full(count, -1, dtype=np.int64)
        places = model.places
        if places is not None:
            where = {
                name: np.concatenate([getattr(places, name), nowhere]) for name in ("nation", "post", "period", "area")
            }
            places = replace(places, units=np.concatenate([places.units, np.zeros(count, dtype=np.bool_)]), **where)
        ends = model.row_starts[-1] + np.cumsum(np.array(self._lengths, dtype=np.int64))
        return replace(
            model,
            columns=columns if count else model.columns,
            rows=rows if many else model.rows,
            lower=np.concatenate([model.lower, np.zeros(count)]),
            upper=np.concatenate([model.upper, np.array(self._most)]),
            integer=np.concatenate([model.integer, np.ones(count, dtype=np.bool_)]),
            row_lower=np.concatenate([model.row_lower, np.array(self._lower)]),
            row_upper=np.concatenate([model.row_upper, np.array(self._upper)]),
            row_starts=np.concatenate([model.row_starts, ends]).astype(np.int64),
            row_columns=np.concatenate([model.row_columns, np.array(self._columns, dtype=np.int64)]),
            row_values=np.concatenate([model.row_values, np.array(self._values)]),
            levels=levels,
            places=places,
        )


def add_within(added: Added, level: Level, within: Within) -> None:
    """The rows that keep a level at a value or better. A ratio is linear once its bound is given: N_i ≤ B·s_i·D."""
    if level.ratio is None:
        objective = level.objective
        _scaled(added, objective.columns, -objective.values, within.most + objective.constant, within.step)
        return
    ratio = level.ratio
    total = ratio.denominator
    for numerator, share in zip(ratio.numerators, ratio.shares, strict=True):
        columns = np.concatenate([numerator.columns, total.columns])
        values = np.concatenate([numerator.values, -within.most * share * total.values])
        unique, inverse = np.unique(columns, return_inverse=True)
        summed = np.zeros(len(unique))
        np.add.at(summed, inverse, values)
        constant = numerator.constant - within.most * share * total.constant
        _scaled(added, unique.astype(np.int64), summed, -constant, within.step * share)


def _scaled(added: Added, columns: IntArray, values: FloatArray, most: float, step: float) -> None:
    """Σ values·columns ≤ most, in units in which a step is visible. A row without columns that cannot hold stands all the same."""
    largest = float(np.abs(values).max(initial=0.0))
    factor = 1.0
    if 0.0 < step < VISIBLE and largest > 0.0:
        factor = 2.0 ** max(0.0, min(math.ceil(math.log2(VISIBLE / step)), math.floor(math.log2(LARGEST / largest))))
    added.row(columns.tolist(), (values * factor).tolist(), upper=most * factor)


def columns_at(built: Built) -> dict[Place, list[int]]:
    """The columns that count units of a nation at a post, by nation, mission and area; a tour's columns count in several periods."""
    situation = built.assembly.situation
    found: dict[Place, dict[int, None]] = {}
    for (pledge, line), periods in built.units.presence.items():
        place = (situation.pledges[pledge].nation, *situation.lines[line].post)
        for columns in periods.values():
            found.setdefault(place, {}).update(dict.fromkeys(columns))
    return {place: list(columns) for place, columns in found.items()}


def add_distance(added: Added, built: Built, others: Sequence[AbstractSet[Place]]) -> tuple[Level, Mapping[Place, int]]:
    """The level that seeks the plan farthest from the nearest of some others, each given as the places where somebody serves.

    A place (a nation at a post) counts where one of the two plans has units there and the other has none.
    """
    upper = built.linear.upper
    places = {place: [c for c in columns if upper[c] > 0.0] for place, columns in columns_at(built).items()}
    places = {place: columns for place, columns in places.items() if columns}
    stands = {place: added.column(1.0) for place in places}
    for place, columns in places.items():
        stand = stands[place]
        if any(place not in other for other in others):
            added.row([*columns, stand], [*([1.0] * len(columns)), -1.0], lower=0.0)
        if any(place in other for other in others):
            for column in columns:
                added.row([column, stand], [1.0, -float(upper[column])], upper=0.0)
    nearest = added.column(float(len(places)))
    for other in others:
        inside = [place in other for place in places]
        signs = [1.0 if one else -1.0 for one in inside]
        added.row([nearest, *stands.values()], [1.0, *signs], upper=float(sum(inside)))
    sought = Objective(np.array([nearest], dtype=np.int64), np.ones(1))
    return Level((AimTerm(DISTANCE, 0, 1.0, 0.0, True, sought),), None, DISTANCE), stands


def without(built: Built, place: Place) -> LinearModel:
    """The model in which a nation may not serve at a post."""
    linear = built.linear
    upper = linear.upper.copy()
    upper[columns_at(built).get(place, [])] = 0.0
    return replace(linear, upper=upper)
