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

from collections.abc import Iterator

import numpy as np

from optimizer.instance.instance import Row
from optimizer.instance.rule import Bend, Rule, rule_of
from optimizer.instance.situation import Situation
from optimizer.instance.wording import counted, sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import (
    BoolArray,
    Counts,
    Units,
    being,
    most_of,
    services,
    starting,
    stock_of,
    tours_of,
)
from optimizer.model.family import Assembly, Columns, Family, Rows, states
from optimizer.model.linear import IntArray
from optimizer.model.pairs import Pairs, pairs_of


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
    most = most_of(pairs, excess_is_useless=excess_is_useless) if bound_by_caps else stock_of(pairs)
    starts = _add_units(builder, "starts", pairs, starting(pairs), most)
    present = _add_units(builder, "present", pairs, being(pairs), most)
    tours = tours_of(pairs)
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
    keys = services(pairs, pair, period + 1)
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
    number = np.cumsum(kept) - 1
    counted = kept[row]
    quantity = np.array([unit.quantity for unit in pledges], dtype=np.int64)[pledge]
    builder.add_rows(
        "rotation",
        [(pledges[one].name, when) for one, when in zip(pledge[kept].tolist(), period[kept].tolist(), strict=True)],
        [(number[row[counted]], used.column[counted], 1.0)],
        upper=np.maximum(0, quantity - out)[kept].astype(np.float64),
    )


def _add_stock(builder: ModelBuilder, pairs: Pairs, present: Counts) -> None:
    horizon = pairs.situation.horizon
    row = pairs.pledge[present.pair] * horizon + present.period - 1
    kept = np.bincount(row, minlength=len(pairs.pledges) * horizon) > 1
    number = np.cumsum(kept) - 1
    several = np.flatnonzero(kept)
    keys = [(pairs.pledges[one // horizon].name, one % horizon + 1) for one in several.tolist()]
    available = np.array([pledge.available for pledge in pairs.pledges], dtype=np.float64)
    counted = kept[row]
    builder.add_rows(
        "stock", keys, [(number[row[counted]], present.column[counted], 1.0)], upper=available[several // horizon]
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
    keys = services(pairs, later.pair, later.period)
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
    keys = services(pairs, going.pair, going.period + 1)
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


def _rules(situation: Situation) -> Iterator[Rule]:
    words = situation.words
    for row in situation.tables.rows("pledges"):
        nation, offer = row["nation"], f"{row['pledge']} ({words.name('unit_type', row['unit_type'])})"
        who = words.name("nation", nation)

        def rule(column: str, kind: str, text: str, bend: Bend | None = None, row: Row = row) -> Rule:
            return rule_of("pledges", row, column, kind, sentence(text), nation=row["nation"], bend=bend)

        if limited := words.holding(row["condition"]):
            condition = words.condition(row["condition"])
            yield rule("condition", "condition", f"{who} offers {offer} only while {condition}, which {limited}")
        if row["pledge"] not in situation.pledges:
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
            "Units out or at rest are at most the pledge's quantity: rotation[pledge, period].",
            states("pledges", "quantity"),
        ),
        "stock": Rows(
            "Units present are at most those that the pledge can keep out at a time: stock[pledge, period].",
            states("pledges", "quantity"),
        ),
        "moves_in": Rows("Units that move in are at least the rise of presence."),
        "moves_exact": Rows("Units that move in are at most the rise of presence where it rises."),
        "moves_only_rising": Rows("Nobody moves in where presence does not rise."),
        "leaves_home": Rows("Units that go home are at least the fall of presence."),
    },
    add=_add,
)
