r"""Family 1: availability and rotation.

A tour that starts in period $t$ lasts $L_p$ periods; then the unit rests $D_p$ periods:

$$\sum_{r}\sum_{\tau=t-L_p-D_p+1}^{t}s_{pr\tau}\le Q_p\quad\text{for all } t,\qquad
x_{prt}=\sum_{\tau=t-L_p+1}^{t}s_{pr\tau}.$$

Units already out when the horizon opens started in period 0 and take their part of $Q_p$. Without tours
(also: one period, steady state) units may be present in any period: $\sum_r x_{prt}\le\lfloor Q_p/\rho_p\rfloor$ with the
rotation factor $\rho_p=(\text{tour}+\text{dwell})/\text{tour}$.

The whole-number variables of the model are the tour starts $s_{prt}$ (`starts`) or, without tours, the units present $x_{prt}$
(`present`); presence under tours is written out as the sum of its starts. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optimizer.instance.instance import Row
from optimizer.instance.rule import Bend, Rule, rule_id, rule_of
from optimizer.instance.situation import PRESENCE_MEASURES, Pair, Selection, Situation
from optimizer.instance.wording import counted, sentence
from optimizer.model.family import Assembly, Columns, Family, Rows
from optimizer.model.pairs import Pairs, pairs_of
from optimizer.model.rows import FloatArray, IntArray, Key, ModelBuilder, Terms

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


def _tours(pairs: Pairs) -> IntArray:
    """Length of the tour of each pair; 0 without tours."""
    return np.array([pledge.tour or 0 for pledge in pairs.pledges], dtype=np.int64)[pairs.pledge]


def _starting(pairs: Pairs) -> BoolArray:
    """Whether a tour can start, per pair and period: every period of the tour up to the horizon is admissible."""
    admissible, tours = _admissible(pairs), _tours(pairs)
    found = admissible & (tours > 0)[:, None]
    for ahead in range(1, min(int(tours.max(initial=0)), admissible.shape[1])):
        longer = (tours > ahead)[:, None]
        found[:, :-ahead] &= admissible[:, ahead:] | ~longer
    return found


def _being(pairs: Pairs) -> BoolArray:
    """Whether units without tours can be present, per pair and period."""
    found: BoolArray = _admissible(pairs) & (_tours(pairs) == 0)[:, None]
    return found


def _services(pairs: Pairs, pair: IntArray, period: IntArray) -> list[Service]:
    names = pairs.names
    return [(*names[one], when) for one, when in zip(pair.tolist(), period.tolist(), strict=True)]


def _index(pairs: Pairs, possible: BoolArray) -> list[Service]:
    pair, period = np.nonzero(possible)
    return _services(pairs, pair, period + 1)


def index_starts(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which a tour can start: every period of the tour up to the horizon is admissible."""
    pairs = pairs_of(situation)
    return _index(pairs, _starting(pairs))


def index_present(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which units without tours can be present."""
    pairs = pairs_of(situation)
    return _index(pairs, _being(pairs))


def unit_bounds(situation: Situation, *, excess_is_useless: bool = False) -> dict[Pair, int]:
    """Most units of a pledge on a line at a time: its own stock, and every cap that counts them.

    `excess_is_useless`: nor more than the target asks for, where no rule and no aim can reward more.
    """
    pairs = pairs_of(situation)
    return dict(zip(pairs.names, _most(pairs, excess_is_useless=excess_is_useless).tolist(), strict=True))


def _stock(pairs: Pairs) -> IntArray:
    """Most units of each pair at a time by the pledge alone."""
    return np.array([pledge.available for pledge in pairs.pledges], dtype=np.int64)[pairs.pledge]


def _most(pairs: Pairs, *, excess_is_useless: bool) -> IntArray:
    """Most units of each pair at a time, see `unit_bounds`."""
    situation, bounds = pairs.situation, _stock(pairs)
    if excess_is_useless:
        targets = np.array([line.target for line in pairs.lines])[pairs.line]
        bounds = np.minimum(bounds, np.ceil(targets / pairs.amounts("yield") - _ROUNDING).astype(np.int64))
    for limit in situation.limits:
        if limit.maximum is None or limit.measure not in PRESENCE_MEASURES:
            continue
        if (limit.first, limit.last) == (1, situation.horizon):
            amounts = pairs.amounts(limit.measure)
            counted = pairs.taken(limit.selection) & (amounts > 0)
            most = np.floor(np.minimum(limit.maximum / amounts[counted] + _ROUNDING, bounds[counted]))
            bounds[counted] = np.maximum(0, most.astype(np.int64))
    return bounds


def add(
    builder: ModelBuilder,
    situation: Situation,
    *,
    exact_moves: bool,
    lift_matters: bool,
    bound_by_caps: bool = True,
    excess_is_useless: bool = False,
) -> Units:
    """Add the units and the rotation of every pledge.

    Args:
        builder: receives `starts`, `present`, `moves` and `leaves`, and the rows `rotation` and `stock`.
        situation: the scenario.
        exact_moves: moves of units without tours must equal the rise of presence (some rule rewards more moves).
        lift_matters: a limit or the route network counts lift.
        bound_by_caps: whether the bounds of units follow from caps too, not from their pledge alone.
        excess_is_useless: whether no rule and no aim can reward more units on a line than its target asks for.
    """
    pairs = pairs_of(situation)
    most = _most(pairs, excess_is_useless=excess_is_useless) if bound_by_caps else _stock(pairs)
    starts = _add_units(builder, "starts", pairs, _starting(pairs), most)
    present = _add_units(builder, "present", pairs, _being(pairs), most)
    tours = _tours(pairs)
    away = _spread(starts, tours[starts.pair], situation.horizon)
    order = np.empty(len(pairs.names), dtype=np.int64)
    order[np.lexsort((np.arange(len(order)), tours == 0, pairs.line))] = np.arange(len(order))
    units = Units(pairs, away, starts, starts, order)
    _add_rotation(builder, pairs, starts)
    _add_stock(builder, pairs, present)
    moves = _add_moves(builder, pairs, present, exact=exact_moves, lift_matters=lift_matters)
    ends = Counts(starts.pair, starts.period + tours[starts.pair], starts.column)
    ends = ends.where(ends.period <= situation.horizon)
    leaves = _add_leaves(builder, pairs, present) if situation.has_routes else []
    return Units(
        pairs,
        units.in_order(away, present),
        units.in_order(starts, *moves),
        units.in_order(ends, *leaves),
        order,
    )


def _add_units(builder: ModelBuilder, family: str, pairs: Pairs, possible: BoolArray, most: IntArray) -> Counts:
    pair, period = np.nonzero(possible & (most > 0)[:, None])
    columns = builder.width + np.arange(len(pair))
    keys = _services(pairs, pair, period + 1)
    builder.add_columns(family, keys, upper=most[pair].astype(np.float64), integer=True)
    return Counts(pair, period + 1, columns)


def _spread(starts: Counts, lengths: IntArray, horizon: int) -> Counts:
    """Each start in each period of a span that begins with it, up to the horizon."""
    lengths = np.minimum(lengths, horizon - starts.period + 1)
    which = np.repeat(np.arange(len(lengths)), lengths)
    ahead = np.arange(len(which)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Counts(starts.pair[which], starts.period[which] + ahead, starts.column[which])


def _add_rotation(builder: ModelBuilder, pairs: Pairs, starts: Counts) -> None:
    horizon = pairs.situation.horizon
    pledges = pairs.pledges
    cycle = np.array([(pledge.tour or 1) + pledge.dwell for pledge in pledges], dtype=np.int64)
    by_period = np.lexsort((starts.column, starts.period, pairs.pledge[starts.pair]))
    starts = Counts(starts.pair[by_period], starts.period[by_period], starts.column[by_period])
    used = _spread(starts, cycle[pairs.pledge[starts.pair]], horizon)
    row = pairs.pledge[used.pair] * horizon + used.period - 1
    # A row is left out where that of the period after counts the same starts and more.
    every = np.arange(len(pledges) * horizon)
    pledge, period = every // horizon, every % horizon + 1
    out = np.array([unit.deployed_at_start for unit in pledges], dtype=np.int64)[pledge]
    out[period > cycle[pledge] - 1] = 0
    kept = (period == horizon) | (period + 1 > cycle[pledge]) | (out > 0)
    kept &= np.bincount(row, minlength=len(every)) > 0
    place = np.cumsum(kept) - 1
    counted = kept[row]
    quantity = np.array([unit.quantity for unit in pledges], dtype=np.int64)[pledge]
    builder.add_rows(
        "rotation",
        [(pledges[one].name, when) for one, when in zip(pledge[kept].tolist(), period[kept].tolist(), strict=True)],
        [(place[row[counted]], used.column[counted], 1.0)],
        upper=np.maximum(0, quantity - out)[kept].astype(np.float64),
    )


def _add_stock(builder: ModelBuilder, pairs: Pairs, present: Counts) -> None:
    horizon = pairs.situation.horizon
    row = pairs.pledge[present.pair] * horizon + present.period - 1
    kept = np.bincount(row, minlength=len(pairs.pledges) * horizon) > 1
    place = np.cumsum(kept) - 1
    several = np.flatnonzero(kept)
    keys = [(pairs.pledges[one // horizon].name, one % horizon + 1) for one in several.tolist()]
    available = np.array([pledge.available for pledge in pairs.pledges], dtype=np.float64)
    counted = kept[row]
    builder.add_rows(
        "stock", keys, [(place[row[counted]], present.column[counted], 1.0)], upper=available[several // horizon]
    )


def _add_moves(
    builder: ModelBuilder, pairs: Pairs, present: Counts, *, exact: bool, lift_matters: bool
) -> list[Counts]:
    """Moves of units without tours: m ≥ x_t − x_{t−1}, and m = max(0, x_t − x_{t−1}) where `exact`."""
    matters = pairs.amounts("move_cost") > 0
    if lift_matters:
        matters |= pairs.amounts("lift") > 0
    rising = present.where(matters[present.pair])
    before = _beside(pairs, present, rising, -1)
    first, later, before = rising.where(before < 0), rising.where(before >= 0), before[before >= 0]
    if not len(later.pair):
        return [first]
    keys = _services(pairs, later.pair, later.period)
    most = builder.upper_bounds(later.column)
    rows = np.arange(len(keys))
    moves = builder.width + rows
    builder.add_columns("moves", keys, upper=most)
    if exact:
        rises = builder.width + rows
        builder.add_columns("rises", keys, integer=True)
    rise = [(rows, moves, 1.0), (rows, later.column, -1.0), (rows, before, 1.0)]
    builder.add_rows("moves_in", keys, rise, lower=0.0)
    if exact:
        builder.add_rows("moves_exact", keys, [*rise, (rows, rises, most)], upper=most)
        builder.add_rows("moves_only_rising", keys, [(rows, moves, 1.0), (rows, rises, -most)], upper=0.0)
    return [first, Counts(later.pair, later.period, moves)]


def _add_leaves(builder: ModelBuilder, pairs: Pairs, present: Counts) -> list[Counts]:
    """Units without tours that go home: at least the fall of presence from one period to the next."""
    heavy = pairs.amounts("lift")[present.pair] > 0
    going = present.where(heavy & (present.period < pairs.situation.horizon))
    keys = _services(pairs, going.pair, going.period + 1)
    rows = np.arange(len(keys))
    columns = builder.width + rows
    builder.add_columns("leaves", keys, upper=builder.upper_bounds(going.column))
    after = _beside(pairs, present, going, 1)
    stay = after >= 0
    builder.add_rows(
        "leaves_home",
        keys,
        [(rows, columns, 1.0), (rows, going.column, -1.0), (rows[stay], after[stay], 1.0)],
        lower=0.0,
    )
    return [Counts(going.pair, going.period + 1, columns)]


def _beside(pairs: Pairs, present: Counts, of: Counts, ahead: int) -> IntArray:
    """The column of the same pair so many periods later; -1 where there is none."""
    columns = np.full((len(pairs.names), pairs.situation.horizon + 2), -1, dtype=np.int64)
    columns[present.pair, present.period] = present.column
    found: IntArray = columns[of.pair, of.period + ahead]
    return found


def most_units(
    builder: ModelBuilder, units: Units, here: Counts, place: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Most units of each pledge at each place at a time: never more than it can have present.

    Args:
        builder: knows the bounds of the columns.
        units: where units can be.
        here: entries of units present.
        place: number of the place (any grouping of rules) of each entry.

    Returns:
        For every place and pledge with an entry: place, pledge, most units; ordered by both.
    """
    pledge = units.pairs.pledge[here.pair]
    code, where = np.unique(place * len(units.pairs.pledges) + pledge, return_inverse=True)
    bounds = np.bincount(where, weights=builder.upper_bounds(here.column), minlength=len(code))
    available = np.array([one.available for one in units.pairs.pledges], dtype=np.float64)
    place, pledge = np.divmod(code, max(1, len(units.pairs.pledges)))
    return place, pledge, np.minimum(bounds, available[pledge])


def measured(units: Units, measure: str, selection: Selection, first: int, last: int) -> tuple[Counts, FloatArray]:
    """The selected services in periods first..last with the measure of one unit: entries, and a coefficient for each.

    A column may stand in several entries of one period where both presence and moves count (cost).
    """
    pairs, taken = units.pairs, units.pairs.taken(selection)
    kinds = {"lift": [("lift", units.moves)], "cost": [("cost", units.here), ("move_cost", units.moves)]}
    parts, values = [], []
    for amount, counts in kinds.get(measure, [(measure, units.here)]):
        amounts = np.where(taken, pairs.amounts(amount), 0.0)
        inside = (amounts != 0)[counts.pair]
        if (first, last) != (1, pairs.situation.horizon):
            inside &= (counts.period >= first) & (counts.period <= last)
        parts.append(counts.where(inside))
        values.append(amounts[parts[-1].pair])
    if len(parts) == 1:
        return parts[0], values[0]
    place = np.argsort(units.order[np.concatenate([part.pair for part in parts])], kind="stable")
    return units.in_order(*parts), np.concatenate(values)[place]


def measure_terms(units: Units, measure: str, selection: Selection, first: int, last: int) -> Terms:
    """Sum of a measure over the selected services and periods first..last, each column once."""
    counts, values = measured(units, measure, selection, first, last)
    return Terms(counts.column, values).merged()


def _rules(situation: Situation) -> Iterator[Rule]:
    words = situation.words
    for row in situation.tables.rows("pledges"):
        nation, offer = row["nation"], f"{row['pledge']} ({words.name('unit_type', row['unit_type'])})"
        who = words.name("nation", nation)

        def rule(column: str, kind: str, text: str, bend: Bend | None = None, row: Row = row) -> Rule:
            return rule_of("pledges", row, column, kind, sentence(text), nation=row["nation"], bend=bend)

        if row["pledge"] not in situation.pledges:
            condition = words.condition(row["condition"])
            yield rule("condition", "condition", f"{who} offers {offer} only while {condition}, which does not hold")
            continue
        yield rule("quantity", "pledge", f"{who} offers {counted(row['quantity'], 'unit')} of {offer}", "raise")
        if row["from"] is not None and row["from"] > 1:
            yield rule("from", "window", f"{offer} of {who} is available from period {row['from']} on")
        if row["until"] is not None and row["until"] < situation.horizon:
            yield rule("until", "window", f"{offer} of {who} is available until period {row['until']}")
        if row["tour"] is not None:
            yield rule(
                "tour", "rotation", f"units of {offer} of {who} stay out for tours of {counted(row['tour'], 'period')}"
            )
            if row["dwell"]:
                yield rule(
                    "dwell",
                    "rotation",
                    f"units of {offer} of {who} rest {counted(row['dwell'], 'period')} after a tour",
                )
        if row["rotation_factor"] is not None and row["rotation_factor"] > 1:
            text = f"{row['rotation_factor']:g} units of {offer} of {who} are needed to keep one deployed"
            yield rule("rotation_factor", "rotation", text)
        if row["deployed_at_start"]:
            text = f"{row['deployed_at_start']} units of {offer} of {who} are on a tour elsewhere at the start"
            yield rule("deployed_at_start", "rotation", text)


def _quantity(situation: Situation, key: Key) -> tuple[str, ...]:
    del situation
    return (rule_id("pledges", str(key[0]), "quantity"),)


def _add(assembly: Assembly) -> None:
    situation = assembly.situation
    lift_matters = situation.has_routes or any(limit.measure == "lift" for limit in situation.limits)
    assembly.units = add(
        assembly.builder,
        situation,
        exact_moves=assembly.exact_costs,
        lift_matters=lift_matters,
        bound_by_caps=not assembly.exact,
        excess_is_useless=assembly.excess_is_useless,
    )


FAMILY = Family(
    name="availability",
    tables=("pledges", "unit_types", "yields"),
    rules=_rules,
    columns={
        "starts": Columns(
            "Units that start a tour: starts[pledge, requirement, period].",
            pledge=0,
            line=1,
            period=2,
            decides=True,
        ),
        "present": Columns(
            "Units present, where there are no tours: present[pledge, requirement, period].",
            pledge=0,
            line=1,
            period=2,
            decides=True,
        ),
        "moves": Columns(
            "Units without tours that move in: moves[pledge, requirement, period].", pledge=0, line=1, period=2
        ),
        "rises": Columns(
            "1 where presence rises over the period before: rises[pledge, requirement, period].",
            pledge=0,
            line=1,
            period=2,
        ),
        "leaves": Columns(
            "Units without tours that go home: leaves[pledge, requirement, period].", pledge=0, line=1, period=2
        ),
    },
    rows={
        "rotation": Rows(
            "Units out or at rest are at most the pledge's quantity: rotation[pledge, period].", _quantity
        ),
        "stock": Rows(
            "Units present are at most those that the pledge can keep out at a time: stock[pledge, period].", _quantity
        ),
        "moves_in": Rows("Units that move in are at least the rise of presence."),
        "moves_exact": Rows("Units that move in are at most the rise of presence where it rises."),
        "moves_only_rising": Rows("Nobody moves in where presence does not rise."),
        "leaves_home": Rows("Units that go home are at least the fall of presence."),
    },
    add=_add,
)
