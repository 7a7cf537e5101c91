"""Plans that are known, put together: of those that keep the rules of each case one, so that all can be made ready at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.linear import INFINITY, AimTerm, Block, Level
from optimizer.plan.plan import Plan
from optimizer.solving.levels import solve_levels
from optimizer.studies.hedge.extensive import RowParts, Scores, measured, pairs_array
from optimizer.studies.hedge.judging import Search
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.ready import FirstStage, Ready


@dataclass(frozen=True, eq=False)
class Known:
    """A plan that keeps the rules of a case, and its score there."""

    plan: Plan
    score: float
    ready: Ready


@dataclass(frozen=True, eq=False)
class Together:
    """One known plan per case, and what is made ready for them."""

    ready: Ready
    chosen: tuple[Known, ...]
    value: float


def combined(
    first: FirstStage, known: Sequence[Sequence[Known]], weights: Sequence[float], measure: Measure, search: Search
) -> Together | None:
    """The best choice of one known plan per case that can be made ready together; None where none can, or none was found in time."""
    if not all(known):
        return None
    width = len(first.linear.lower)
    starts = width + np.concatenate([[0], np.cumsum([len(plans) for plans in known])])
    rows = RowParts()
    rows.take(first.linear, 0)
    for plans, start in zip(known, starts[:-1].tolist(), strict=True):
        _link(rows, first, plans, start)
    scores = Scores(
        [np.arange(begin, end) for begin, end in itertools.pairwise(starts.tolist())],
        [np.array([plan.score for plan in plans]) for plans in known],
        np.zeros(len(known)),
        np.array(weights, dtype=np.float64),
    )
    lowest = min(plan.score for plans in known for plan in plans)
    more, objective = measured(rows, scores, measure, int(starts[-1]), lowest)
    choices = int(starts[-1]) - width
    level = Level((AimTerm("known plans", 1, 1.0, 0.0, maximise=True, expression=objective),), None, "known plans")
    linear = replace(
        first.linear.without_keys(),
        columns=(*first.linear.without_keys().columns, Block("choice", width, ())),
        lower=np.concatenate([first.linear.lower, np.zeros(choices + more)]),
        upper=np.concatenate([first.linear.upper, np.ones(choices), np.full(more, INFINITY)]),
        integer=np.concatenate(
            [first.linear.integer, np.ones(choices, dtype=np.bool_), np.zeros(more, dtype=np.bool_)]
        ),
        **rows.arrays(),
        levels=(level,),
        places=None,
    )
    values = solve_levels(linear, search.options()).values
    if values is None:
        return None
    chosen = tuple(
        plans[int(np.argmax(values[begin:end]))]
        for plans, begin, end in zip(known, starts[:-1], starts[1:], strict=True)
    )
    return Together(first.read(values), chosen, measure.of([plan.score for plan in chosen], weights))


def _link(rows: RowParts, first: FirstStage, plans: Sequence[Known], start: int) -> None:
    """One plan is chosen; what it sends is ready, and who leads in it is named."""
    every = start + np.arange(len(plans))
    rows.add("one_choice", 1, [(np.zeros(len(plans), dtype=np.int64), every, 1.0)], lower=1.0, upper=1.0)
    # A tour serves in several periods: they ask for the same columns, and a plan has one entry for them.
    needed: dict[tuple[int, ...], dict[int, float]] = {}
    for number, plan in enumerate(plans):
        for (pledge, line, period), count in plan.ready.units.items():
            columns = tuple(first.units.presence.get((pledge, line), {}).get(period, ()))
            choices = needed.setdefault(columns, {})
            choices[start + number] = max(float(count), choices.get(start + number, 0.0))
        for key in plan.ready.leads:
            needed.setdefault((first.leads[key],), {})[start + number] = 1.0
    entries = [(row, *entry) for row, some in enumerate(needed.values()) for entry in some.items()]
    own_row, own_column = pairs_array([(row, column) for row, column, _ in entries])
    row_of, shared = pairs_array([(row, column) for row, columns in enumerate(needed) for column in columns])
    amounts = np.array([value for _, _, value in entries])
    rows.add("made_ready", len(needed), [(own_row, own_column, amounts), (row_of, shared, -1.0)], upper=0.0)
