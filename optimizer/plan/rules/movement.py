"""Family 9: what has to be moved, and whether the routes carry it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optimizer.plan.case import Case, Route, is_above
from optimizer.plan.facts import Facts
from optimizer.plan.rules.limits import Limit, participation_costs
from optimizer.plan.services import Floats
from optimizer.plan.violation import Violation

Flow = tuple[tuple[str, str, str], str, int]
"""(route, destination area, period)."""

FLOW_TOLERANCE = 1e-5
"""Relative: a balance sums many flows, each with the tolerance of a solver."""


@dataclass(frozen=True)
class Movement:
    """Flows in tonnes, route costs per nation and period, and what is wrong with them."""

    flows: Mapping[Flow, float]
    costs: Mapping[str, Floats]
    total_cost: Floats
    violations: tuple[Violation, ...] = field(default=())

    def cost_of(self, nation: str) -> Floats:
        """Route costs of a nation, per period."""
        return self.costs.get(nation, np.zeros(len(self.total_cost)))


def demands(facts: Facts) -> dict[tuple[str, str], Floats]:
    """Tonnes per period from each nation's gateway to each area: moves out, moves home, sustainment."""
    case, services = facts.case, facts.services
    tonnes = facts.measure("lift") + services.per_unit["lift"][:, None] * facts.ends + facts.measure("sustainment")
    found: dict[tuple[str, str], Floats] = {}
    for index, (pledge, line) in enumerate(services.pairs):
        nation, area = case.pledges[pledge].nation, case.lines[line].post[1]
        gateway = case.nations[nation]["gateway"]
        if gateway is not None and gateway != area and tonnes[index].any():
            found[nation, area] = found.get((nation, area), np.zeros(case.periods)) + tonnes[index]
    return found


def move(facts: Facts, limits: Sequence[Limit]) -> Movement:
    """Check the given flows, or find the cheapest ones; then say what each nation pays."""
    case = facts.case
    nothing = np.zeros(case.periods)
    if not case.tables.rows("routes"):
        return Movement({}, {}, nothing)
    need = demands(facts)
    budgets = _budgets(facts, limits)
    violations: list[Violation] = []
    if facts.given_flows is None:
        flows, violations = _cheapest(case, need, budgets)
    else:
        flows = dict(facts.given_flows)
        violations = _check(case, need, flows)
    route_cost = {route.key: route.cost for route in case.routes}
    total = nothing.copy()
    for (route, _, period), tonnes in flows.items():
        total[period - 1] += route_cost[route] * tonnes
    return Movement(flows, _split(case, need, flows) if total.any() else {}, total, tuple(violations))


@dataclass(frozen=True)
class Load:
    """What moves on an open route in a period; `binds`: no further unit fits, a bottleneck."""

    route: Route
    period: int
    tonnes: float
    slack: float
    binds: bool


def loads(facts: Facts, movement: Movement) -> Iterator[Load]:
    """Every open route in every period. What a further unit takes: its move and its sustainment, of the lightest that would be moved."""
    case, services = facts.case, facts.services
    weights = [
        float(services.per_unit["lift"][index] + services.per_unit["sustainment"][index])
        for index, (pledge, line) in enumerate(services.pairs)
        if case.nations[case.pledges[pledge].nation]["gateway"] not in {None, case.lines[line].post[1]}
    ]
    lightest = min((weight for weight in weights if weight > 0), default=0.0)
    tonnes: dict[tuple[tuple[str, str, str], int], float] = {}
    for (key, _, period), moved in movement.flows.items():
        tonnes[key, period] = tonnes.get((key, period), 0.0) + moved
    for route in sorted(case.routes, key=lambda route: route.key):
        for period in range(1, case.periods + 1):
            if route.is_open(period):
                moved = tonnes.get((route.key, period), 0.0)
                slack = math.inf if route.capacity is None else route.capacity - moved
                yield Load(route, period, moved, slack, is_above(lightest, slack))


def _check(case: Case, need: Mapping[tuple[str, str], Floats], flows: Mapping[Flow, float]) -> list[Violation]:
    """Given flows: not negative, on open routes, within capacity, and every tonne arrives."""
    broken: list[Violation] = []
    routes = {route.key: route for route in case.routes}
    on_route: dict[tuple[tuple[str, str, str], int], float] = {}
    balance: dict[tuple[str, int], dict[str, float]] = {}
    asked: dict[tuple[str, int], float] = {}
    for (nation, area), needed in need.items():
        gateway = case.nations[nation]["gateway"]
        for t in np.flatnonzero(needed):
            nodes = balance.setdefault((area, int(t) + 1), {})
            nodes[gateway] = nodes.get(gateway, 0.0) + float(needed[t])
            nodes[area] = nodes.get(area, 0.0) - float(needed[t])
            asked[area, int(t) + 1] = asked.get((area, int(t) + 1), 0.0) + float(needed[t])
    for (key, area, period), tonnes in flows.items():
        route = routes[key]
        if tonnes < -FLOW_TOLERANCE:
            message = f"The flow on {_words(route)} to {area} is negative."
            broken.append(Violation("flow", _words(route), area, period, tonnes, 0.0, message))
        if tonnes > FLOW_TOLERANCE and not route.is_open(period):
            message = f"{tonnes:g} t move on {_words(route)}, which is closed."
            broken.append(Violation("route_closed", _words(route), area, period, tonnes, 0.0, message))
        on_route[key, period] = on_route.get((key, period), 0.0) + tonnes
        nodes = balance.setdefault((area, period), {})
        nodes[key[0]] = nodes.get(key[0], 0.0) - tonnes
        nodes[key[1]] = nodes.get(key[1], 0.0) + tonnes
    for (key, period), tonnes in on_route.items():
        capacity = routes[key].capacity
        if capacity is not None and is_above(tonnes, capacity):
            message = f"{tonnes:g} t move on {_words(routes[key])}, which carries {capacity:g} t per period."
            broken.append(
                Violation("route_capacity", _words(routes[key]), _words(routes[key]), period, tonnes, capacity, message)
            )
    for (area, period), nodes in balance.items():
        wrong = max(nodes, key=lambda node: abs(nodes[node]))
        if abs(nodes[wrong]) > FLOW_TOLERANCE * max(1.0, asked.get((area, period), 0.0)):
            message = f"Of what is bound for {area}, {abs(nodes[wrong]):g} t {'stay behind' if nodes[wrong] > 0 else 'are missing'} at {wrong}."
            broken.append(Violation("flow_balance", area, wrong, period, nodes[wrong], 0.0, message))
    return broken


def _words(route: Route) -> str:
    return f"{route.origin} to {route.destination}" + (f" by {route.mode}" if route.mode else "")


@dataclass(frozen=True)
class _Budget:
    """What the route costs may be in some periods."""

    first: int
    last: int
    low: float
    high: float


def _budgets(facts: Facts, limits: Sequence[Limit]) -> list[_Budget]:
    """The room that limits on cost leave for route costs."""
    case = facts.case
    if not any(route.cost for route in case.routes):
        return []
    found = []
    for limit in limits:
        if not limit.holds_route_costs:
            continue
        periods = range(limit.first, limit.last + 1)
        windows = [(limit.first, limit.last)] if limit.per == "horizon" else [(t, t) for t in periods]
        for first, last in windows:
            other = float(facts.measure("cost")[:, first - 1 : last].sum()) + facts.instrument_cost
            if limit.holds_participation_costs(case.periods):
                other += participation_costs(facts, limit.selection)
            low = -math.inf if limit.minimum is None else limit.minimum - other
            high = math.inf if limit.maximum is None else limit.maximum - other
            found.append(_Budget(first, last, low, high))
    return found


@dataclass(frozen=True)
class _Commodity:
    """Tonnes bound for one area in one period, by the node where they start (`nation` where that matters)."""

    nation: str | None
    area: str
    period: int
    supplies: Mapping[str, float]


def _commodities(case: Case, need: Mapping[tuple[str, str], Floats], by_nation: bool) -> list[_Commodity]:
    found: dict[tuple[str | None, str, int], dict[str, float]] = {}
    for (nation, area), tonnes in need.items():
        gateway = case.nations[nation]["gateway"]
        for t in np.flatnonzero(tonnes):
            supplies = found.setdefault((nation if by_nation else None, area, int(t) + 1), {})
            supplies[gateway] = supplies.get(gateway, 0.0) + float(tonnes[t])
    return [_Commodity(*key, supplies) for key, supplies in found.items()]


def _cheapest(
    case: Case, need: Mapping[tuple[str, str], Floats], budgets: Sequence[_Budget]
) -> tuple[dict[Flow, float], list[Violation]]:
    """Flows of least cost; where the routes do not carry everything, as much as they carry and a violation."""
    if budgets:
        solved = _solve(case, _commodities(case, need, by_nation=False), budgets=budgets)
        if solved is not None:
            return _flows_of(solved[0]), []
    flows: dict[Flow, float] = {}
    broken = []
    everything = _commodities(case, need, by_nation=False)
    for period in sorted({commodity.period for commodity in everything}):
        mine = [commodity for commodity in everything if commodity.period == period]
        solved = _solve(case, mine)
        if solved is None:
            solved = _solve(case, mine, elastic=True)
            for commodity, left in zip(mine, solved[1] if solved else (), strict=False):
                if left > FLOW_TOLERANCE:
                    total = math.fsum(commodity.supplies.values())
                    message = (
                        f"{total:g} t must go to {commodity.area}, but the open routes carry only {total - left:g} t."
                    )
                    broken.append(
                        Violation("movement", commodity.area, commodity.area, period, total, total - left, message)
                    )
        if solved is not None:
            flows.update(_flows_of(solved[0]))
    return flows, broken


def _flows_of(solved: Mapping[tuple[_Key, Route], float]) -> dict[Flow, float]:
    flows: dict[Flow, float] = {}
    for ((_, area, period), route), tonnes in solved.items():
        if tonnes > 1e-9:
            flows[route.key, area, period] = flows.get((route.key, area, period), 0.0) + tonnes
    return flows


def _split(case: Case, need: Mapping[tuple[str, str], Floats], flows: Mapping[Flow, float]) -> dict[str, Floats]:
    """Route costs per nation: a division of the flows among the nations that need them."""
    solved = _solve(case, _commodities(case, need, by_nation=True), given=flows)
    costs: dict[str, Floats] = {}
    for ((nation, _, period), route), tonnes in (solved[0] if solved else {}).items():
        costs.setdefault(str(nation), np.zeros(case.periods))[period - 1] += route.cost * tonnes
    return costs


_Key = tuple[str | None, str, int]


def _solve(
    case: Case,
    commodities: Sequence[_Commodity],
    budgets: Sequence[_Budget] = (),
    given: Mapping[Flow, float] | None = None,
    elastic: bool = False,
) -> tuple[dict[tuple[_Key, Route], float], list[float]] | None:
    """A linear program on the network; None where it has no solution.

    `given`: divide these flows among the commodities. `elastic`: leave as little behind as possible; the second
    result is what each commodity leaves behind.
    """
    if not commodities:
        return {}, []
    # Only plans by hand and national shares of route costs get here: the import is not free.
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    columns: list[tuple[int, Route]] = []
    for index, commodity in enumerate(commodities):
        for route in case.routes:
            carries = route.is_open(commodity.period)
            if given is not None:
                carries = given.get((route.key, commodity.area, commodity.period), 0.0) > 0
            if carries:
                columns.append((index, route))
    left_at = [(index, node) for index, c in enumerate(commodities) for node in c.supplies] if elastic else []
    width = len(columns) + len(left_at)
    equal, upper = _Rows(), _Rows()
    for index, commodity in enumerate(commodities):
        for node, tonnes in commodity.supplies.items():
            equal.right(("node", index, node), tonnes)
    for j, (index, route) in enumerate(columns):
        commodity = commodities[index]
        for node, sign in ((route.origin, 1.0), (route.destination, -1.0)):
            if node != commodity.area:
                equal.add(("node", index, node), j, sign)
        if given is not None:
            flow = (route.key, commodity.area, commodity.period)
            upper.add(("given", flow), j, 1.0)
            upper.right(("given", flow), given[flow] + FLOW_TOLERANCE * max(1.0, given[flow]))
        elif route.capacity is not None:
            upper.add(("capacity", route.key, commodity.period), j, 1.0)
            upper.right(("capacity", route.key, commodity.period), route.capacity)
        for number, budget in enumerate(budgets):
            if budget.first <= commodity.period <= budget.last:
                if math.isfinite(budget.high):
                    upper.add(("most", number), j, route.cost)
                if math.isfinite(budget.low):
                    upper.add(("least", number), j, -route.cost)
    for number, budget in enumerate(budgets):
        if math.isfinite(budget.high):
            upper.right(("most", number), budget.high)
        if math.isfinite(budget.low):
            upper.right(("least", number), -budget.low)
    for offset, (index, node) in enumerate(left_at):
        equal.add(("node", index, node), len(columns) + offset, 1.0)
    cost = [0.0 if elastic else route.cost for _, route in columns] + [1.0] * len(left_at)
    if not width:
        return None if any(equal.sums) else ({}, [0.0] * len(commodities))
    solved = linprog(
        cost,
        A_ub=csr_matrix(upper.matrix(), shape=(len(upper.sums), width)) if upper.sums else None,
        b_ub=upper.sums or None,
        A_eq=csr_matrix(equal.matrix(), shape=(len(equal.sums), width)),
        b_eq=equal.sums,
        method="highs",
    )
    if solved.status != 0:
        return None
    flows = {
        ((commodities[i].nation, commodities[i].area, commodities[i].period), route): float(solved.x[j])
        for j, (i, route) in enumerate(columns)
    }
    left = [0.0] * len(commodities)
    for offset, (index, _) in enumerate(left_at):
        left[index] += float(solved.x[len(columns) + offset])
    return flows, left


class _Rows:
    """Rows of a sparse matrix, named, with their right-hand sides."""

    def __init__(self) -> None:
        self._number: dict[Any, int] = {}
        self._cells: list[tuple[int, int, float]] = []
        self.sums: list[float] = []

    def _row(self, name: Any) -> int:
        if name not in self._number:
            self._number[name] = len(self.sums)
            self.sums.append(0.0)
        return self._number[name]

    def add(self, name: Any, column: int, value: float) -> None:
        """Put a coefficient into a row."""
        self._cells.append((self._row(name), column, value))

    def right(self, name: Any, value: float) -> None:
        """Set the right-hand side of a row."""
        self.sums[self._row(name)] = value

    def matrix(self) -> tuple[list[float], tuple[list[int], list[int]]]:
        """Values and their places."""
        return [v for _, _, v in self._cells], ([r for r, _, _ in self._cells], [c for _, c, _ in self._cells])
