"""Family 9: what has to be moved, and whether the flows that a plan states carry it. No flow is found here: see `optimizer.plan.flows`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from optimizer.plan.case import Case, Route, is_above
from optimizer.plan.facts import Facts
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


def move(facts: Facts) -> Movement:
    """Check the flows of the plan (none stated: nothing moves), and divide their cost among the nations."""
    case = facts.case
    total = np.zeros(case.periods)
    if not case.tables.rows("routes"):
        return Movement({}, {}, total)
    need = demands(facts)
    flows = dict(facts.given_flows or {})
    route_cost = {route.key: route.cost for route in case.routes}
    for (route, _, period), tonnes in flows.items():
        total[period - 1] += route_cost[route] * tonnes
    costs = _divide(case, need, flows) if total.any() else {}
    return Movement(flows, costs, total, tuple(_check(case, need, flows)))


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
            closing = _closing(route, period)
            broken.append(Violation("route_closed", _words(route), area, period, tonnes, 0.0, message, closing))
        on_route[key, period] = on_route.get((key, period), 0.0) + tonnes
        nodes = balance.setdefault((area, period), {})
        nodes[key[0]] = nodes.get(key[0], 0.0) - tonnes
        nodes[key[1]] = nodes.get(key[1], 0.0) + tonnes
    for (key, period), tonnes in on_route.items():
        capacity = routes[key].capacity
        if capacity is not None and is_above(tonnes, capacity):
            message = f"{tonnes:g} t move on {_words(routes[key])}, which carries {capacity:g} t per period."
            broken.append(
                Violation(
                    "route_capacity",
                    _words(routes[key]),
                    _words(routes[key]),
                    period,
                    tonnes,
                    capacity,
                    message,
                    f"{_row(routes[key])}.capacity",
                )
            )
    for (area, period), nodes in balance.items():
        wrong = max(nodes, key=lambda node: abs(nodes[node]))
        if abs(nodes[wrong]) > FLOW_TOLERANCE * max(1.0, asked.get((area, period), 0.0)):
            missed = f"{abs(nodes[wrong]):g} t {'stay behind' if nodes[wrong] > 0 else 'are missing'} at {wrong}"
            message = f"Of the {asked.get((area, period), 0.0):g} t bound for {area}, {missed}."
            broken.append(Violation("flow_balance", area, wrong, period, nodes[wrong], 0.0, message))
    return broken


def _row(route: Route) -> str:
    return f"routes/{':'.join(route.key)}"


def _closing(route: Route, period: int) -> str:
    """The id of what closes a route in a period: its condition, else its window."""
    return f"{_row(route)}.condition" if period not in route.true_in else _row(route)


def _words(route: Route) -> str:
    return f"{route.origin} to {route.destination}" + (f" by {route.mode}" if route.mode else "")


def _divide(case: Case, need: Mapping[tuple[str, str], Floats], flows: Mapping[Flow, float]) -> dict[str, Floats]:
    """Route costs per nation and period. Where tonnes of several nations meet, what goes on is a part of each, in proportion."""
    route_cost = {route.key: route.cost for route in case.routes}
    bound: dict[tuple[str, int], list[tuple[tuple[str, str, str], float]]] = {}
    for (key, area, period), tonnes in flows.items():
        if tonnes > 0:
            bound.setdefault((area, period), []).append((key, tonnes))
    costs: dict[str, Floats] = {}
    for (area, period), edges in bound.items():
        nations = [n for n, to in need if to == area and need[n, to][period - 1] > 0]
        nodes = {node: i for i, node in enumerate(sorted({end for key, _ in edges for end in key[:2]}))}
        enters = np.zeros((len(nodes), len(nations)))
        for column, nation in enumerate(nations):
            gateway = str(case.nations[nation]["gateway"])
            if gateway in nodes:
                enters[nodes[gateway], column] = need[nation, area][period - 1]
        through = enters.sum(axis=1)
        for (_, end, _), tonnes in edges:
            through[nodes[end]] += tonnes
        passes = np.eye(len(nodes))
        for (start, end, _), tonnes in edges:
            if through[nodes[start]] > 0:
                passes[nodes[end], nodes[start]] -= tonnes / through[nodes[start]]
        # Least squares: a circle of flows that nobody feeds has no answer of its own, and is nobody's.
        whose = np.linalg.lstsq(passes, enters, rcond=None)[0]
        for key, tonnes in edges:
            if through[nodes[key[0]]] > 0:
                part = whose[nodes[key[0]]] / through[nodes[key[0]]]
                for column, nation in enumerate(nations):
                    costs.setdefault(nation, np.zeros(case.periods))[period - 1] += (
                        route_cost[key] * tonnes * float(part[column])
                    )
    return costs
