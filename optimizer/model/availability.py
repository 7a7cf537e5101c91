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

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from optimizer.instance.situation import PRESENCE_MEASURES, Pair, Selection, Situation
from optimizer.model.rows import ModelBuilder

Service = tuple[str, str, int]
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Units:
    """Where units can be, as columns: `presence[pledge, line][period]` are the columns whose sum is the units present.

    `moves[pledge, line][period]` are the columns whose sum is the units that move in (only where a rule or a cost needs moves);
    `leaves` likewise for the units that go home (only where movement is on).
    """

    presence: Mapping[Pair, Mapping[int, list[int]]]
    moves: Mapping[Pair, Mapping[int, list[int]]]
    leaves: Mapping[Pair, Mapping[int, list[int]]]
    by_line: Mapping[str, list[str]] = field(default_factory=dict)


def index_starts(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which a tour can start: every period of the tour up to the horizon is admissible."""
    found: list[Service] = []
    for (pledge, line), periods in situation.services.items():
        tour = situation.pledges[pledge].tour
        if tour is None:
            continue
        admissible = set(periods)
        found.extend(
            (pledge, line, start)
            for start in periods
            if admissible.issuperset(range(start, min(start + tour - 1, situation.horizon) + 1))
        )
    return found


def index_present(situation: Situation) -> list[Service]:
    """(pledge, line, period) in which units without tours can be present."""
    return [
        (pledge, line, period)
        for (pledge, line), periods in situation.services.items()
        if situation.pledges[pledge].tour is None
        for period in periods
    ]


_USED_UP = frozenset({"coverage", "weakest_mission", "cost", "personnel", "escalation", "nations"})


def excess_is_useless(situation: Situation) -> bool:
    """Whether no rule and no aim can reward more units on a line than its target asks for.

    Then no more than ⌈target / yield⌉ units of a pledge need be on a line (or start a tour there) at a time.
    """
    rewarded = {"personnel_share", "cost_share", "units_share", "burden_gap"}
    return (
        all(aim.name in _USED_UP for aim in situation.aims)
        and bool(situation.aims)
        and not any(limit.minimum is not None or limit.measure in rewarded for limit in situation.limits)
        and not any(enabler.hard for enabler in situation.enablers)
        and not any(nation.min_contingent > 0 for nation in situation.nations.values())
        and not any(rules.min_contingent for rules in situation.pairs.values())
        and not any(post.max_share is not None or post.lead_min_share > 0 for post in situation.posts.values())
    )


def unit_bounds(situation: Situation) -> dict[Pair, int]:
    """Most units of a pledge on a line at a time: its own stock, and every cap that counts them."""
    bounds = {pair: situation.pledges[pair[0]].available for pair in situation.services}
    if excess_is_useless(situation):
        for pledge, name in bounds:
            most = math.ceil(situation.lines[name].target / situation.yield_on(pledge, name) - _ROUNDING)
            bounds[pledge, name] = min(bounds[pledge, name], most)
    for limit in situation.limits:
        if limit.maximum is None or limit.measure not in PRESENCE_MEASURES:
            continue
        whole_horizon = limit.first == 1 and limit.last == situation.horizon
        if not whole_horizon:
            continue
        pledges, lines = situation.select(limit.selection)
        for pledge in pledges:
            for line in lines:
                if (pledge, line) in bounds:
                    amount = situation.measure(limit.measure, pledge, line)
                    if amount > 0:
                        most = math.floor(limit.maximum / amount + _ROUNDING)
                        bounds[pledge, line] = max(0, min(bounds[pledge, line], most))
    return bounds


def add(builder: ModelBuilder, situation: Situation, *, exact_moves: bool, lift_matters: bool) -> Units:
    """Add the units and the rotation of every pledge.

    Args:
        builder: receives `starts`, `present`, `moves` and `leaves`, and the rows `rotation` and `stock`.
        situation: the scenario.
        exact_moves: moves of units without tours must equal the rise of presence (some rule rewards more moves).
        lift_matters: a limit or the route network counts lift.
    """
    bounds = unit_bounds(situation)
    starts = [service for service in index_starts(situation) if bounds[service[:2]] > 0]
    present = [service for service in index_present(situation) if bounds[service[:2]] > 0]
    start_columns = builder.add_columns("starts", starts, upper=[bounds[key[:2]] for key in starts], integer=True)
    present_columns = builder.add_columns("present", present, upper=[bounds[key[:2]] for key in present], integer=True)
    presence: dict[Pair, dict[int, list[int]]] = {}
    moves: dict[Pair, dict[int, list[int]]] = {}
    leaves: dict[Pair, dict[int, list[int]]] = {}
    for (pledge, line, start), column in start_columns.items():
        tour = situation.pledges[pledge].tour or 1
        here = presence.setdefault((pledge, line), {})
        for period in range(start, min(start + tour - 1, situation.horizon) + 1):
            here.setdefault(period, []).append(column)
        moves.setdefault((pledge, line), {})[start] = [column]
        if start + tour <= situation.horizon:
            leaves.setdefault((pledge, line), {})[start + tour] = [column]
    for (pledge, line, period), column in present_columns.items():
        presence.setdefault((pledge, line), {})[period] = [column]
    _add_rotation(builder, situation, start_columns)
    _add_stock(builder, situation, presence)
    _add_moves(builder, situation, present_columns, moves, exact=exact_moves, lift_matters=lift_matters)
    if situation.has_routes:
        _add_leaves(builder, situation, present_columns, leaves)
    by_line: dict[str, list[str]] = {}
    for pledge, line in presence:
        by_line.setdefault(line, []).append(pledge)
    return Units(presence, moves, leaves, by_line)


def _add_rotation(builder: ModelBuilder, situation: Situation, starts: Mapping[Service, int]) -> None:
    by_pledge: dict[str, list[list[int]]] = {}
    for (pledge, _, start), column in starts.items():
        by_pledge.setdefault(pledge, [[] for _ in range(situation.horizon + 1)])[start].append(column)
    for pledge, by_start in by_pledge.items():
        unit = situation.pledges[pledge]
        cycle = (unit.tour or 1) + unit.dwell
        for period in range(1, situation.horizon + 1):
            columns = [column for start in range(max(1, period - cycle + 1), period + 1) for column in by_start[start]]
            out = unit.deployed_at_start if period <= cycle - 1 else 0
            if columns and (period == situation.horizon or period + 1 > cycle or out):
                builder.add_row(
                    "rotation",
                    (pledge, period),
                    columns,
                    [1.0] * len(columns),
                    upper=float(max(0, unit.quantity - out)),
                )


def _add_stock(builder: ModelBuilder, situation: Situation, presence: Mapping[Pair, Mapping[int, list[int]]]) -> None:
    by_period: dict[tuple[str, int], list[int]] = {}
    for (pledge, _), periods in presence.items():
        if situation.pledges[pledge].tour is None:
            for period, columns in periods.items():
                by_period.setdefault((pledge, period), []).extend(columns)
    for (pledge, period), columns in by_period.items():
        if len(columns) > 1:
            builder.add_row(
                "stock",
                (pledge, period),
                columns,
                [1.0] * len(columns),
                upper=float(situation.pledges[pledge].available),
            )


def _add_moves(
    builder: ModelBuilder,
    situation: Situation,
    present: Mapping[Service, int],
    moves: dict[Pair, dict[int, list[int]]],
    *,
    exact: bool,
    lift_matters: bool,
) -> None:
    """Moves of units without tours: m ≥ x_t − x_{t−1}, and m = max(0, x_t − x_{t−1}) where `exact`."""

    def matters(pledge: str, line: str) -> bool:
        unit = situation.pledges[pledge]
        return (lift_matters and unit.lift > 0) or situation.costs.move(unit, situation.lines[line]) > 0

    rising = [service for service in present if matters(*service[:2])]
    first = [service for service in rising if (service[0], service[1], service[2] - 1) not in present]
    for pledge, line, period in first:
        moves.setdefault((pledge, line), {})[period] = [present[pledge, line, period]]
    later = [service for service in rising if (service[0], service[1], service[2] - 1) in present]
    if not later:
        return
    bounds = [builder.upper_bound(present[service]) for service in later]
    columns = builder.add_columns("moves", later, upper=bounds)
    rises = builder.add_columns("rises", later, integer=True) if exact else {}
    for service, bound in zip(later, bounds, strict=True):
        pledge, line, period = service
        now, before, move = present[service], present[pledge, line, period - 1], columns[service]
        moves.setdefault((pledge, line), {})[period] = [move]
        builder.add_row("moves", service, [move, now, before], [1.0, -1.0, 1.0], lower=0.0)
        if exact:
            rise = rises[service]
            builder.add_row("moves_exact", service, [move, now, before, rise], [1.0, -1.0, 1.0, bound], upper=bound)
            builder.add_row("moves_only_rising", service, [move, rise], [1.0, -bound], upper=0.0)


def _add_leaves(
    builder: ModelBuilder,
    situation: Situation,
    present: Mapping[Service, int],
    leaves: dict[Pair, dict[int, list[int]]],
) -> None:
    """Units without tours that go home: at least the fall of presence from one period to the next."""
    going = [
        (pledge, line, period + 1)
        for pledge, line, period in present
        if situation.pledges[pledge].lift > 0 and period + 1 <= situation.horizon
    ]
    columns = builder.add_columns(
        "leaves", going, upper=[builder.upper_bound(present[key[0], key[1], key[2] - 1]) for key in going]
    )
    for service, column in columns.items():
        pledge, line, period = service
        leaves.setdefault((pledge, line), {})[period] = [column]
        terms = [column, present[pledge, line, period - 1]]
        values = [1.0, -1.0]
        if service in present:
            terms.append(present[service])
            values.append(1.0)
        builder.add_row("leaves", service, terms, values, lower=0.0)


def terms_of(columns: Iterable[int], value: float, into: dict[int, float]) -> None:
    """Add value × every column to a sum that is kept as column → value."""
    for column in columns:
        into[column] = into.get(column, 0.0) + value


def measure_terms(
    situation: Situation, units: Units, measure: str, selection: Selection, periods: Iterable[int]
) -> dict[int, float]:
    """Sum of a measure over the selected services and the periods, as column → coefficient."""
    terms: dict[int, float] = {}
    pledges, lines = situation.select(selection)
    chosen = set(pledges)
    for line in lines:
        for pledge in units.by_line.get(line, ()):
            if pledge not in chosen:
                continue
            presence, moves = units.presence[pledge, line], units.moves.get((pledge, line), {})
            if measure == "lift":
                amount = situation.measure("lift", pledge, line)
                if amount:
                    for period in periods:
                        terms_of(moves.get(period, ()), amount, terms)
                continue
            amount = situation.measure(measure, pledge, line)
            if amount:
                for period in periods:
                    terms_of(presence.get(period, ()), amount, terms)
            if measure == "cost":
                amount = situation.costs.move(situation.pledges[pledge], situation.lines[line])
                if amount:
                    for period in periods:
                        terms_of(moves.get(period, ()), amount, terms)
    return terms
