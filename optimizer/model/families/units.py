"""Where units can be, as columns: what every other family asks of the units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optimizer.instance.situation import PRESENCE_MEASURES, Pair, Selection, Situation
from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import FloatArray, IntArray, Terms
from optimizer.model.pairs import Pairs, pairs_of

Service = tuple[str, str, int]
BoolArray = npt.NDArray[np.bool_]
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Counts:
    """Columns that count units: those of a pair in a period are the sum of its entries' columns. Ordered by line, pair, column."""

    pair: IntArray
    period: IntArray
    column: IntArray

    def where(self, condition: BoolArray) -> Counts:
        """Only some of the entries."""
        return Counts(self.pair[condition], self.period[condition], self.column[condition])


@dataclass(frozen=True, eq=False)
class Units:
    """Where units can be, as columns: `here` counts units present, `moves` those that move in (where a rule or a cost needs
    moves), `leaves` those that go home (only where movement is on).
    """

    pairs: Pairs
    here: Counts
    moves: Counts
    leaves: Counts
    order: IntArray
    """Place of each pair when all are sorted by line."""

    @cached_property
    def presence(self) -> Mapping[Pair, Mapping[int, list[int]]]:
        """The columns whose sum is the units present, as `presence[pledge, line][period]`: to look up single ones."""
        found: dict[Pair, dict[int, list[int]]] = {}
        order = np.lexsort((self.here.column, self.here.period, self.here.pair))
        for pair, period, column in zip(
            self.here.pair[order].tolist(),
            self.here.period[order].tolist(),
            self.here.column[order].tolist(),
            strict=True,
        ):
            found.setdefault(self.pairs.names[pair], {}).setdefault(period, []).append(column)
        return found

    def in_order(self, *parts: Counts) -> Counts:
        """Several counts as one, in order."""
        pair = np.concatenate([part.pair for part in parts])
        order = np.argsort(self.order[pair], kind="stable")
        period = np.concatenate([part.period for part in parts])
        column = np.concatenate([part.column for part in parts])
        return Counts(pair[order], period[order], column[order])


def _admissible(pairs: Pairs) -> BoolArray:
    """Whether a pair is admissible in a period: one row per pair, one column per period."""
    found = np.zeros((len(pairs.names), pairs.situation.horizon), dtype=np.bool_)
    periods = pairs.situation.services.values()
    pair = np.repeat(np.arange(len(pairs.names)), [len(one) for one in periods])
    found[pair, np.array([period for one in periods for period in one], dtype=np.int64) - 1] = True
    return found


def tours_of(pairs: Pairs) -> IntArray:
    """Length of the tour of each pair; 0 without tours."""
    return np.array([pledge.tour or 0 for pledge in pairs.pledges], dtype=np.int64)[pairs.pledge]


def starting(pairs: Pairs) -> BoolArray:
    """Whether a tour can start, per pair and period: every period of the tour up to the horizon is admissible."""
    admissible, tours = _admissible(pairs), tours_of(pairs)
    found = admissible & (tours > 0)[:, None]
    for ahead in range(1, min(int(tours.max(initial=0)), admissible.shape[1])):
        longer = (tours > ahead)[:, None]
        found[:, :-ahead] &= admissible[:, ahead:] | ~longer
    return found


def being(pairs: Pairs) -> BoolArray:
    """Whether units without tours can be present, per pair and period."""
    found: BoolArray = _admissible(pairs) & (tours_of(pairs) == 0)[:, None]
    return found


def services(pairs: Pairs, pair: IntArray, period: IntArray) -> list[Service]:
    """(pledge, line, period) of pairs and periods."""
    names = pairs.names
    return [(*names[one], when) for one, when in zip(pair.tolist(), period.tolist(), strict=True)]


def _index(pairs: Pairs, possible: BoolArray) -> list[Service]:
    pair, period = np.nonzero(possible)
    return services(pairs, pair, period + 1)


def index_starts(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which a tour can start: every period of the tour up to the horizon is admissible."""
    pairs = pairs_of(situation)
    return _index(pairs, starting(pairs))


def index_present(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which units without tours can be present."""
    pairs = pairs_of(situation)
    return _index(pairs, being(pairs))


def unit_bounds(situation: Situation, *, excess_is_useless: bool = False) -> dict[Pair, int]:
    """Most units of a pledge on a line at a time: its own stock, and every cap that counts them.

    `excess_is_useless`: nor more than the target asks for, where no rule and no aim can reward more.
    """
    pairs = pairs_of(situation)
    return dict(zip(pairs.names, most_of(pairs, excess_is_useless=excess_is_useless).tolist(), strict=True))


def stock_of(pairs: Pairs) -> IntArray:
    """Most units of each pair at a time by the pledge alone."""
    return np.array([pledge.available for pledge in pairs.pledges], dtype=np.int64)[pairs.pledge]


def most_of(pairs: Pairs, *, excess_is_useless: bool) -> IntArray:
    """Most units of each pair at a time, see `unit_bounds`."""
    situation, bounds = pairs.situation, stock_of(pairs)
    if excess_is_useless:
        targets = np.array([line.target for line in pairs.lines])[pairs.line]
        asked = np.ceil(targets / pairs.amounts("yield") * (1.0 - _ROUNDING))
        bounds = np.minimum(bounds, np.maximum(1.0, asked)).astype(np.int64)
    for limit in situation.limits:
        if limit.maximum is None or limit.measure not in PRESENCE_MEASURES:
            continue
        if len(limit.periods) == situation.horizon:
            amounts = pairs.amounts(limit.measure)
            counted = pairs.taken(limit.selection) & (amounts > 0)
            most = np.floor(np.minimum(limit.maximum / amounts[counted] + _ROUNDING, bounds[counted]))
            bounds[counted] = np.maximum(0, most.astype(np.int64))
    return bounds


def most_units(
    builder: ModelBuilder, units: Units, here: Counts, group: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Most units of each pledge in each group at a time: never more than it can have present.

    Args:
        builder: knows the bounds of the columns.
        units: where units can be.
        here: entries of units present.
        group: number of the group (whatever a rule puts together) of each entry.

    Returns:
        For every group and pledge with an entry: group, pledge, most units; ordered by both.
    """
    pledge = units.pairs.pledge[here.pair]
    code, where = np.unique(group * len(units.pairs.pledges) + pledge, return_inverse=True)
    bounds = np.bincount(where, weights=builder.upper_bounds(here.column), minlength=len(code))
    available = np.array([one.available for one in units.pairs.pledges], dtype=np.float64)
    group, pledge = np.divmod(code, max(1, len(units.pairs.pledges)))
    return group, pledge, np.minimum(bounds, available[pledge])


def measured(
    units: Units, measure: str, selection: Selection, periods: Sequence[int] | None = None
) -> tuple[Counts, FloatArray]:
    """The selected services in some periods (None: all) with the measure of one unit: entries, and a coefficient for each.

    A column may stand in several entries of one period where both presence and moves count (cost).
    """
    pairs, taken = units.pairs, units.pairs.taken(selection)
    kinds = {"lift": [("lift", units.moves)], "cost": [("cost", units.here), ("move_cost", units.moves)]}
    parts, values = [], []
    for amount, counts in kinds.get(measure, [(measure, units.here)]):
        amounts = np.where(taken, pairs.amounts(amount), 0.0)
        inside = (amounts != 0)[counts.pair]
        if periods is not None and len(periods) < pairs.situation.horizon:
            inside &= np.isin(counts.period, periods)
        parts.append(counts.where(inside))
        values.append(amounts[parts[-1].pair])
    if len(parts) == 1:
        return parts[0], values[0]
    position = np.argsort(units.order[np.concatenate([part.pair for part in parts])], kind="stable")
    return units.in_order(*parts), np.concatenate(values)[position]


def measure_terms(units: Units, measure: str, selection: Selection, periods: Sequence[int] | None = None) -> Terms:
    """Sum of a measure over the selected services and some periods (None: all), each column once."""
    counts, values = measured(units, measure, selection, periods)
    return Terms(counts.column, values).merged()
