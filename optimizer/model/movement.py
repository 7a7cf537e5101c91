r"""Family 9: movement and sustainment over the route network.

For every destination $a$ and period $t$ (commodities by destination, so that adding up over nations is exact), with flow $z_{eat}\ge0$ in tonnes
(inside the model: thousands) on route $e$: at every node $i\ne a$

$$\sum_{e\in\text{out}(i)}z_{eat}-\sum_{e\in\text{in}(i)}z_{eat}=
\sum_{n:\,\text{gateway}(n)=i}\ \sum_{p\in n,\,r\in a}\big(\omega\,(\text{moves}+\text{leaves})+\sigma\,x\big)_{prt},$$

and $\sum_a z_{eat}\le\text{capacity}_e$. Routes are closed outside their window or while their condition is false. Units whose gateway is
the destination, and nations without a gateway, do not use the network. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.situation import Route, Situation
from optimizer.model.availability import Units, terms_of
from optimizer.model.rows import INFINITY, ModelBuilder

FlowKey = tuple[str, str, int]
THOUSAND = 1000.0
"""Flows are counted in thousands of tonnes inside the model: beside 0/1 decisions, tonnes would make badly scaled rows."""


def index_open_routes(situation: Situation, period: int) -> list[Route]:
    """The routes that are open in a period."""
    return [route for route in situation.routes if route.first <= period <= route.last]


def demand_terms(situation: Situation, units: Units, area: str, period: int) -> dict[str, dict[int, float]]:
    """Tonnes that must flow from each gateway to an area in a period, as column → coefficient."""
    demand: dict[str, dict[int, float]] = {}
    for line in situation.lines.values():
        if line.area != area:
            continue
        for name in units.by_line.get(line.name, ()):
            pledge = situation.pledges[name]
            gateway = situation.nations[pledge.nation].gateway
            if gateway is None or gateway == area:
                continue
            pair = (name, line.name)
            terms = demand.setdefault(gateway, {})
            if pledge.lift:
                terms_of(units.moves.get(pair, {}).get(period, ()), pledge.lift, terms)
                terms_of(units.leaves.get(pair, {}).get(period, ()), pledge.lift, terms)
            if pledge.sustainment:
                terms_of(units.presence[pair].get(period, ()), pledge.sustainment, terms)
    return {gateway: terms for gateway, terms in demand.items() if terms}


def add(builder: ModelBuilder, situation: Situation, units: Units) -> Mapping[FlowKey, int]:
    """Add `flow` (route, destination, period) with the rows `conservation` and `route_capacity`; returns its columns."""
    flows: dict[FlowKey, int] = {}
    if not situation.has_routes:
        return flows
    areas = sorted({line.area for line in situation.lines.values()})
    for period in range(1, situation.horizon + 1):
        routes = index_open_routes(situation, period)
        used: list[str] = []
        for area in areas:
            demand = demand_terms(situation, units, area, period)
            if not demand:
                continue
            used.append(area)
            keys = [(route.name, area, period) for route in routes]
            columns = builder.add_columns(
                "flow",
                keys,
                upper=[INFINITY if route.capacity is None else route.capacity / THOUSAND for route in routes],
            )
            flows.update(columns)
            nodes = {route.origin for route in routes} | {route.destination for route in routes} | set(demand)
            for node in sorted(nodes - {area}):
                terms = {column: -amount / THOUSAND for column, amount in demand.get(node, {}).items()}
                for route in routes:
                    if node == route.origin:
                        terms_of([columns[route.name, area, period]], 1.0, terms)
                    elif node == route.destination:
                        terms_of([columns[route.name, area, period]], -1.0, terms)
                builder.add_row(
                    "conservation", (node, area, period), list(terms), list(terms.values()), lower=0.0, upper=0.0
                )
        for route in routes:
            if route.capacity is not None and len(used) > 1:
                columns_here = [flows[route.name, area, period] for area in used]
                builder.add_row(
                    "route_capacity",
                    (route.name, period),
                    columns_here,
                    [1.0] * len(used),
                    upper=route.capacity / THOUSAND,
                )
    return flows


def cost_terms(
    situation: Situation, flows: Mapping[FlowKey, int], periods: range | tuple[int, ...], terms: dict[int, float]
) -> None:
    """Add the route costs (million) of some periods to a sum."""
    costs = {route.name: route.cost for route in situation.routes}
    chosen = set(periods)
    for (route, _, period), column in flows.items():
        if costs[route] and period in chosen:
            terms_of([column], costs[route] * THOUSAND, terms)
