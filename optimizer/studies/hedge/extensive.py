"""All scenarios as one model: their models side by side, and the first stage that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from optimizer.instance.situation import Situation
from optimizer.model.assemble import Built
from optimizer.model.linear import (
    INFINITY,
    AimTerm,
    Block,
    FloatArray,
    IntArray,
    Level,
    LinearModel,
    Objective,
    Places,
)
from optimizer.model.pairs import numbers
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.ready import FirstStage, Ready

Name = TypeVar("Name")
LOWEST = -1e7
"""A score below which no plan is looked for where the bounds of the columns do not give one."""


@dataclass(frozen=True, eq=False)
class Case:
    """One thing that may come true, as a model; `scale`: what the first level counts for one unit of the score."""

    built: Built
    scale: float = 1.0

    @property
    def situation(self) -> Situation:
        """Its situation."""
        return self.built.assembly.situation

    @cached_property
    def score(self) -> Objective:
        """The score (maximised) as an expression over its own columns."""
        whole = self.built.linear.levels[0].objective
        return Objective(whole.columns, whole.values / self.scale, whole.constant / self.scale)

    def first_level(self) -> LinearModel:
        """The model with its first level alone."""
        return replace(self.built.linear, levels=self.built.linear.levels[:1])


@dataclass(frozen=True, eq=False)
class Link:
    """Rows between a scenario and the first stage: Σ own - Σ shared ≤ 0. Entries are (row, column, value)."""

    count: int
    own: tuple[IntArray, IntArray]
    shared: tuple[IntArray, IntArray]


def link_of(first: FirstStage, case: Case) -> Link:
    """What serves is ready, and who leads is named."""
    own: list[tuple[int, int]] = []
    shared: list[tuple[int, int]] = []
    row = 0
    ready = first.units.presence
    for pair, periods in case.built.units.presence.items():
        for period, columns in periods.items():
            own += [(row, column) for column in columns]
            shared += [(row, column) for column in ready.get(pair, {}).get(period, [])]
            row += 1
    for (nation, mission, area, term), column in case.built.leads.items():
        for span in first.spans(mission, area, term, case.situation):
            own.append((row, column))
            shared.append((row, first.leads[nation, mission, area, span]))
            row += 1
    return Link(row, pairs_array(own), pairs_array(shared))


def pairs_array(entries: Sequence[tuple[int, int]]) -> tuple[IntArray, IntArray]:
    """Pairs as two arrays."""
    array = np.array(entries, dtype=np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


@dataclass(frozen=True, eq=False)
class Extensive:
    """The joint model. `offsets`: where the columns of each scenario begin (those of the first stage begin at 0)."""

    linear: LinearModel = field(repr=False)
    offsets: tuple[int, ...]
    cases: tuple[Case, ...] = field(repr=False)

    def of_case(self, values: FloatArray, number: int) -> FloatArray:
        """The values of the columns of one scenario."""
        start = self.offsets[number]
        return values[start : start + len(self.cases[number].built.linear.lower)]

    def start(self, first: FloatArray, own: Sequence[FloatArray]) -> FloatArray:
        """A start from values of the first stage and of each scenario; what measures them is left open."""
        values = np.full(len(self.linear.lower), np.nan)
        values[: len(first)] = first
        for offset, one in zip(self.offsets, own, strict=True):
            values[offset : offset + len(one)] = one
        return values


def extensive(
    first: FirstStage,
    cases: Sequence[Case],
    weights: Sequence[float],
    measure: Measure,
    lowest: float | None = None,
) -> Extensive:
    """The model whose best solution is the best here-and-now plan by a measure (in the scale of scores).

    `lowest`: a score below which no plan falls (None: by the bounds of the columns); where the model is taken apart, it is that of the whole.
    """
    lowest = lowest_of(cases) if lowest is None else lowest
    parts = [first.linear, *(case.built.linear for case in cases)]
    starts = np.concatenate([[0], np.cumsum([len(part.lower) for part in parts])])
    offsets = tuple(int(start) for start in starts[1:-1])
    rows = RowParts()
    for part, start in zip(parts, starts[:-1], strict=True):
        rows.take(part, int(start))
    for case, offset in zip(cases, offsets, strict=True):
        link = link_of(first, case)
        entries = [(link.own[0], link.own[1] + offset, 1.0), (link.shared[0], link.shared[1], -1.0)]
        rows.add("made_ready", link.count, entries, upper=0.0)
    width = int(starts[-1])
    more, objective = measured(rows, Scores.of(cases, offsets, weights), measure, width, lowest)
    columns = [
        replace(block, start=block.start + int(start), keys=())
        for part, start in zip(parts, starts[:-1], strict=True)
        for block in part.columns
    ]
    if more:
        columns.append(Block("measure", width, ()))
    name = f"{measure.name} {cases[0].built.linear.levels[0].name}"
    level = Level((AimTerm(name, 1, 1.0, 0.0, maximise=True, expression=objective),), None, name)
    linear = LinearModel(
        columns=tuple(columns),
        lower=np.concatenate([*(part.lower for part in parts), np.zeros(more)]),
        upper=np.concatenate([*(part.upper for part in parts), np.full(more, INFINITY)]),
        integer=np.concatenate([*(part.integer for part in parts), np.zeros(more, dtype=np.bool_)]),
        **rows.arrays(),
        levels=(level,),
        places=_places(first, cases, more),
    )
    return Extensive(linear, offsets, tuple(cases))


class RowParts:
    """Rows as they are collected."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.lower: list[FloatArray] = []
        self.upper: list[FloatArray] = []
        self.lengths: list[IntArray] = []
        self.columns: list[IntArray] = []
        self.values: list[FloatArray] = []
        self._count = 0

    def arrays(self) -> dict[str, Any]:
        """The rows as the fields of a model."""
        return {
            "rows": tuple(self.blocks),
            "row_lower": np.concatenate(self.lower),
            "row_upper": np.concatenate(self.upper),
            "row_starts": np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))]).astype(np.int64),
            "row_columns": np.concatenate(self.columns),
            "row_values": np.concatenate(self.values),
        }

    def take(self, part: LinearModel, start: int) -> None:
        """The rows of a model whose columns begin there."""
        self.blocks += [replace(block, start=block.start + self._count, keys=()) for block in part.rows]
        self._count += len(part.row_lower)
        self.lower.append(part.row_lower)
        self.upper.append(part.row_upper)
        self.lengths.append(np.diff(part.row_starts))
        self.columns.append(part.row_columns + start)
        self.values.append(part.row_values)

    def add(
        self,
        name: str,
        count: int,
        entries: Sequence[tuple[IntArray, IntArray, FloatArray | float]],
        *,
        lower: float | FloatArray = -INFINITY,
        upper: float | FloatArray = INFINITY,
    ) -> None:
        """More rows from entries (row, column, value)."""
        if not count:
            return
        row = np.concatenate([rows for rows, _, _ in entries])
        order = np.argsort(row, kind="stable")
        self.blocks.append(Block(name, self._count, ()))
        self._count += count
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)))
        self.lengths.append(np.bincount(row, minlength=count))
        self.columns.append(np.concatenate([columns for _, columns, _ in entries])[order])
        values = [np.broadcast_to(np.asarray(value, dtype=np.float64), (len(rows),)) for rows, _, value in entries]
        self.values.append(np.concatenate(values)[order])


@dataclass(frozen=True, eq=False)
class Scores:
    """The score of each case over the columns of the joint model, with its weight."""

    columns: list[IntArray]
    values: list[FloatArray]
    constants: FloatArray
    weights: FloatArray

    @staticmethod
    def of(cases: Sequence[Case], offsets: Sequence[int], weights: Sequence[float]) -> Scores:
        """Those of cases whose columns begin at the offsets."""
        scores = [case.score for case in cases]
        return Scores(
            [score.columns + offset for score, offset in zip(scores, offsets, strict=True)],
            [score.values for score in scores],
            np.array([score.constant for score in scores]),
            np.array(weights, dtype=np.float64),
        )


def measured(rows: RowParts, scores: Scores, measure: Measure, width: int, lowest: float) -> tuple[int, Objective]:
    """How many columns measure the scores, from `width` on, and what is maximised.

    Expected: Σ w·score. Worst case: θ ≤ every score. CVaR: η - Σ w·u / (1 - level) with u ≥ η - score. θ and η are counted from the lowest
    score.
    """
    count = len(scores.columns)
    if measure.tail == 1.0:
        values = [weight * one for one, weight in zip(scores.values, scores.weights, strict=True)]
        constant = float(scores.constants @ scores.weights)
        return 0, Objective(np.concatenate(scores.columns), np.concatenate(values), constant)
    every = np.arange(count)
    row = np.repeat(every, [len(one) for one in scores.columns])
    entries: list[tuple[IntArray, IntArray, FloatArray | float]] = [
        (row, np.concatenate(scores.columns), np.concatenate(scores.values)),
        (every, np.full(count, width), -1.0),
    ]
    sides = lowest - scores.constants
    if measure.tail == 0.0:
        rows.add("worst", count, entries, lower=sides)
        return 1, Objective(np.array([width]), np.array([1.0]), lowest)
    short = width + 1 + every
    rows.add("shortfall", count, [*entries, (every, short, 1.0)], lower=sides)
    values = [np.array([1.0]), -scores.weights / measure.tail]
    return 1 + count, Objective(np.concatenate([[width], short]), np.concatenate(values), lowest)


def lowest_of(cases: Sequence[Case]) -> float:
    """A score below which no plan of any case falls."""
    return min(_lowest(case) for case in cases)


def _lowest(case: Case) -> float:
    """A score below which no plan of a scenario is, by the bounds of its columns."""
    score, linear = case.score, case.built.linear
    ends = np.where(score.values > 0, linear.lower[score.columns], linear.upper[score.columns])
    with np.errstate(invalid="ignore"):
        found = float((score.values * ends)[score.values != 0].sum()) + score.constant
    return found if np.isfinite(found) else LOWEST


def _places(first: FirstStage, cases: Sequence[Case], more: int) -> Places | None:
    """Nation, post, period and area of all columns, by the numbers of the first stage: a move frees a post in all scenarios at once."""
    own = first.linear.places
    if own is None:
        return None
    readiness = first.readiness
    posts, areas = numbers(readiness.posts), numbers(sorted({line.area for line in readiness.lines.values()}))
    nations = numbers(readiness.nations)
    parts = [(own.nation, own.post, own.period, own.area, own.units)]
    for case in cases:
        places, situation = case.built.linear.places, case.situation
        if places is None:
            return None
        here = sorted({line.area for line in situation.lines.values()})
        parts.append(
            (
                _renumbered(places.nation, situation.nations, nations),
                _renumbered(places.post, situation.posts, posts),
                places.period,
                _renumbered(places.area, here, areas),
                places.units,
            )
        )
    none = np.full(more, -1, dtype=np.int64)
    nation, post, period, area = (np.concatenate([*(part[at] for part in parts), none]) for at in range(4))
    decide = np.concatenate([*(part[4] for part in parts), np.zeros(more, dtype=np.bool_)])
    return Places(nation, post, period, area, own.area_of_post, own.mission_of_post, decide)


def _renumbered(found: IntArray, names: Iterable[Name], known: Mapping[Name, int]) -> IntArray:
    """Numbers of some names as those of all; -1 stays."""
    table = np.array([*(known[name] for name in names), -1], dtype=np.int64)
    renumbered: IntArray = table[found]
    return renumbered


def named_in(case: Case, first: FirstStage, ready: Ready) -> Ready:
    """What is ready, with those who may lead as the scenario counts its terms of lead."""
    leads = frozenset(
        (nation, mission, area, term)
        for nation, mission, area, term in case.built.leads
        if all(
            (nation, mission, area, span) in ready.leads for span in first.spans(mission, area, term, case.situation)
        )
    )
    return Ready(ready.units, leads)


def within(case: Case, ready: Ready, levels: int | None = None) -> LinearModel:
    """The model of a scenario in which nothing is sent beyond what is ready, and nobody leads who is not named there.

    `levels`: only so many levels of aims.
    """
    linear, built = case.built.linear, case.built
    upper = linear.upper.copy()
    rows = RowParts()
    rows.take(linear, 0)
    entries: list[tuple[int, int]] = []
    most: list[float] = []
    for (pledge, line), periods in built.units.presence.items():
        for period, columns in periods.items():
            count = float(ready.units.get((pledge, line, period), 0))
            upper[columns] = np.fmin(upper[columns], count)
            if len(columns) > 1 and count:
                entries += [(len(most), column) for column in columns]
                most.append(count)
    for key, column in built.leads.items():
        if key not in ready.leads:
            upper[column] = 0.0
    row, column_of = pairs_array(entries)
    rows.add("made_ready", len(most), [(row, column_of, 1.0)], upper=np.array(most))
    return replace(
        linear.without_keys(),
        upper=upper,
        **rows.arrays(),
        levels=linear.levels if levels is None else linear.levels[:levels],
    )
