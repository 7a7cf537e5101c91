"""The first plan: from nobody deployed, or from a start that breaks rules, broken rows are repaired by fix-and-optimise.

Every row that the start breaks gets a slack in 0..1 which makes up for it; fix-and-optimise makes the sum of the slacks zero. Only the
arrays are looked at, so any rule may be what a plan must keep. The limits of single solves count work, not wall time: on a machine
that gives a tenth of a processor the search takes the same steps, ten times as slowly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective, Places
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.matrix import ExtraRow
from optimizer.solving.improve.reports import Better, Proven
from optimizer.solving.improve.submodels import nothing_at_all

# A row is kept when it is broken by less, and there is no plan when slacks are proven to sum to more than the second.
FEASIBLE = 1e-6
PROVEN = 1e-3
# Moves after each post, mission and period has come once, before the linear relaxation shows which units matter.
BLIND_MOVES = 20
# A given start is repaired with so many moves, then the search begins with nobody deployed.
REPAIR_MOVES = 10


def first_plan(
    model: LinearModel,
    places: Places,
    *,
    start: FloatArray | None = None,
    extra: Iterable[ExtraRow] = (),
    seed: int = 0,
    limits: Limits | None = None,
    nearest: Callable[[FloatArray], None] = lambda _: None,
) -> FloatArray | None:
    """A feasible plan, a value per column; None where none is found before a limit, or where there is none.

    Args:
        model: rows and columns.
        places: where the columns belong.
        start: what is repaired first (NaN: left open); None: the units that single rows ask for, if any, else nobody deployed.
        extra: rows (columns, values, lower, upper) that hold besides the model's.
        seed: of the random choices.
        limits: when the search ends without a plan; None: not before it is proven that there is none.
        nearest: called, where no plan is found before a limit, with the values that came nearest: a start for another search.
    """
    model, budget = _with_rows(model, extra), _Budget(limits or Limits())
    nothing = nothing_at_all(model)
    start = asked_for(model, places, nothing) if start is None else start
    if start is not None:
        given = np.where(np.isnan(start), nothing, np.where(model.integer, np.rint(start), start))
        repaired = _Repair(model, places, np.clip(given, model.lower, model.upper), seed)
        repaired.by_passes(budget, REPAIR_MOVES)
        if repaired.plan is not None:
            return repaired.plan
    search = _Repair(model, places, nothing, seed)
    search.by_passes(budget, BLIND_MOVES)
    search.by_prices(budget)
    if search.plan is None:
        nearest(search.values)
    return search.plan


def asked_for(model: LinearModel, places: Places, nothing: FloatArray) -> FloatArray | None:
    """The units that rows ask for which count units of one nation at one post and nothing else (as agreed ones do); None where there are none.

    The last column of such a row is filled first: of several tours that reach a period the latest, which reaches furthest.
    """
    lengths = np.diff(model.row_starts)
    rows = np.repeat(np.arange(len(model.row_lower)), lengths)
    others = ~places.units[model.row_columns] | (model.row_values != 1.0)
    asking = (
        (model.row_lower > 0.0) & (lengths > 0) & (np.bincount(rows, weights=others, minlength=len(lengths)) == 0.0)
    )
    values = nothing.copy()
    for row in np.flatnonzero(asking):
        columns = model.row_columns[model.row_starts[row] : model.row_starts[row + 1]]
        if len(set(zip(places.nation[columns].tolist(), places.post[columns].tolist(), strict=True))) > 1:
            continue
        for column in columns[::-1]:
            missing = model.row_lower[row] - values[columns].sum()
            values[column] += np.clip(missing, 0.0, model.upper[column] - values[column])
    return None if np.array_equal(values, nothing) else values


@dataclass
class _Budget:
    """What is left of the limits, over several searches."""

    limits: Limits

    def __post_init__(self) -> None:
        self.begun, self.iterations = time.monotonic(), self.limits.iterations

    def solves(self, most: int | None) -> int | None:
        """How many of so many solves (None: any number) may still come; they are counted as done."""
        if self.iterations is None:
            return most
        granted = self.iterations if most is None else min(most, self.iterations)
        self.iterations -= granted
        return granted

    def left(self) -> float | None:
        """Seconds of wall time that are left, never below 0; None: no limit."""
        seconds = self.limits.seconds
        return None if seconds is None else max(0.0, seconds - (time.monotonic() - self.begun))


class _Repair:
    """A model in which what some values break is made up for by slacks, and the best that is known there. `plan`: once no slack is left."""

    def __init__(self, model: LinearModel, places: Places, values: FloatArray, seed: int) -> None:
        self._width = len(model.lower)
        missing = _missing(model, values)
        broken = np.flatnonzero(np.abs(missing) > FEASIBLE)
        self.plan: FloatArray | None = None if len(broken) else values
        self._best = np.concatenate([values, np.ones(len(broken))])
        self._slacks = Objective(self._width + np.arange(len(broken)), -np.ones(len(broken)))
        self._improver = Improver(
            _with_slacks(model, broken, missing[broken]), _without_place(places, len(broken)), seed, by_work=True
        )

    @property
    def values(self) -> FloatArray:
        """The best values so far, without the slacks."""
        return self._best[: self._width]

    def by_passes(self, budget: _Budget, moves: int) -> None:
        """Each post, mission and period alone, then so many moves."""
        self._search(budget, self._improver.solves_of_passes + moves, relax=False)

    def by_prices(self, budget: _Budget) -> None:
        """Without end: the opening with the linear relaxation of the slacks, then moves of all reaches."""
        self._search(budget, None, relax=True)

    def _search(self, budget: _Budget, most: int | None, *, relax: bool) -> None:
        left, stop = budget.left(), budget.limits.stop
        if self.plan is not None or left == 0.0 or stop() or (iterations := budget.solves(most)) == 0:
            return
        limits = Limits(left, iterations, stop)
        for step in self._improver.improve(self._best, self._slacks, limits, relax=relax):
            if isinstance(step, Proven) and step.bound < -PROVEN:
                return
            if isinstance(step, Better):
                self._best = step.values
                if step.value > -FEASIBLE:
                    self.plan = self.values
                    return


def _missing(model: LinearModel, values: FloatArray) -> FloatArray:
    """What each row lacks at some values (negative: what it has too much); 0 where it is kept."""
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    activity = np.bincount(rows, weights=model.row_values * values[model.row_columns], minlength=len(model.row_lower))
    missing: FloatArray = np.fmax(model.row_lower - activity, 0.0) - np.fmax(activity - model.row_upper, 0.0)
    return missing


def _with_slacks(model: LinearModel, broken: IntArray, missing: FloatArray) -> LinearModel:
    """The model with a continuous column in 0..1 for every broken row, which at 1 gives it what is missing."""
    count, width = len(broken), len(model.lower)
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    all_rows = np.concatenate([rows, broken])
    order = np.argsort(all_rows, kind="stable")
    return LinearModel(
        columns=(),
        rows=(),
        lower=np.concatenate([model.lower, np.zeros(count)]),
        upper=np.concatenate([model.upper, np.ones(count)]),
        integer=np.concatenate([model.integer, np.zeros(count, dtype=np.bool_)]),
        row_lower=model.row_lower,
        row_upper=model.row_upper,
        row_starts=np.concatenate([[0], np.cumsum(np.bincount(all_rows, minlength=len(model.row_lower)))]),
        row_columns=np.concatenate([model.row_columns, width + np.arange(count)])[order],
        row_values=np.concatenate([model.row_values, missing])[order],
        levels=(),
    )


def _with_rows(model: LinearModel, extra: Iterable[ExtraRow]) -> LinearModel:
    """The model with further rows at its end."""
    added = list(extra)
    if not added:
        return model
    ends = model.row_starts[-1] + np.cumsum([len(columns) for columns, *_ in added])
    return LinearModel(
        columns=model.columns,
        rows=(),
        lower=model.lower,
        upper=model.upper,
        integer=model.integer,
        row_lower=np.concatenate([model.row_lower, [row[2] for row in added]]),
        row_upper=np.concatenate([model.row_upper, [row[3] for row in added]]),
        row_starts=np.concatenate([model.row_starts, ends]),
        row_columns=np.concatenate([model.row_columns, *(row[0] for row in added)]),
        row_values=np.concatenate([model.row_values, *(row[1] for row in added)]),
        levels=(),
    )


def _without_place(places: Places, count: int) -> Places:
    """The places with so many further columns that belong nowhere: they are free in every solve."""
    nowhere = np.full(count, -1, dtype=np.int64)
    return Places(
        np.concatenate([places.nation, nowhere]),
        np.concatenate([places.post, nowhere]),
        np.concatenate([places.period, nowhere]),
        np.concatenate([places.area, nowhere]),
        places.area_of_post,
        places.mission_of_post,
        np.concatenate([places.units, np.zeros(count, dtype=np.bool_)]),
    )
