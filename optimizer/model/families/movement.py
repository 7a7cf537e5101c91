r"""Family 9: movement and sustainment over the route network.

For every destination $a$ and period $t$ (commodities by destination, so that adding up over nations is exact), with flow $z_{eat}\ge0$ in tonnes
(inside the model: thousands) on route $e$: at every node $i\ne a$

$$\sum_{e\in\text{out}(i)}z_{eat}-\sum_{e\in\text{in}(i)}z_{eat}=
\sum_{n:\,\text{gateway}(n)=i}\ \sum_{p\in n,\,r\in a}\big(\omega\,(\text{moves}+\text{leaves})+\sigma\,x\big)_{prt},$$

and $\sum_a z_{eat}\le\text{capacity}_e$. Routes are closed outside their window, and in periods in which their condition is false. Units whose gateway is
the destination, and nations without a gateway, do not use the network. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import Route, Situation
from optimizer.instance.wording import sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import Units
from optimizer.model.family import Assembly, Columns, Family, Rows
from optimizer.model.linear import INFINITY, Key, Terms, terms

FlowKey = tuple[str, str, int]
THOUSAND = 1000.0
"""Flows are counted in thousands of tonnes inside the model: beside 0/1 decisions, tonnes would make badly scaled rows."""


def index_open_routes(situation: Situation, period: int) -> list[Route]:
    """The routes that are open in a period."""
    return [route for route in situation.routes if period in route.periods]


def demands(situation: Situation, units: Units) -> dict[tuple[int, str], dict[str, Terms]]:
    """Tonnes that must flow to an area in a period from each gateway, by (period, area)."""
    pairs = units.pairs
    gateway = [situation.nations[pledge.nation].gateway for pledge in pairs.pledges]
    areas = sorted({line.area for line in pairs.lines})
    gateways = sorted({name for name in gateway if name is not None})
    gate = np.array([-1 if name is None else gateways.index(name) for name in gateway], dtype=np.int64)[pairs.pledge]
    area = np.array([areas.index(line.area) for line in pairs.lines], dtype=np.int64)[pairs.line]
    at_home = np.array([gateways.index(name) if name in gateways else -1 for name in areas], dtype=np.int64)[area]
    away = (gate >= 0) & (gate != at_home)
    parts = []
    for counts, measure in ((units.moves, "lift"), (units.leaves, "lift"), (units.here, "sustainment")):
        amounts = np.where(away, pairs.amounts(measure), 0.0)
        carried = counts.where(amounts[counts.pair] > 0)
        parts.append((carried, amounts[carried.pair]))
    pair = np.concatenate([counts.pair for counts, _ in parts])
    period = np.concatenate([counts.period for counts, _ in parts])
    column = np.concatenate([counts.column for counts, _ in parts])
    tonnes = np.concatenate([amounts for _, amounts in parts])
    order = np.lexsort((units.order[pair], gate[pair], area[pair], period))
    code = ((period * len(areas) + area[pair]) * max(1, len(gateways)) + gate[pair])[order]
    groups, first = np.unique(code, return_index=True)
    found: dict[tuple[int, str], dict[str, Terms]] = {}
    for group, begin, end in zip(groups.tolist(), first.tolist(), [*first.tolist(), len(code)][1:], strict=True):
        rest, one = divmod(group, len(gateways))
        span = order[begin:end]
        found.setdefault((rest // len(areas), areas[rest % len(areas)]), {})[gateways[one]] = Terms(
            column[span], tonnes[span]
        ).merged()
    return found


def add(builder: ModelBuilder, situation: Situation, units: Units) -> Mapping[FlowKey, int]:
    """Add `flow` (route, destination, period) with the rows `conservation` and `route_capacity`; returns its columns."""
    flows: dict[FlowKey, int] = {}
    if not situation.has_routes:
        return flows
    areas = sorted({line.area for line in situation.lines.values()})
    demand_of = demands(situation, units)
    for period in range(1, situation.horizon + 1):
        routes = index_open_routes(situation, period)
        used: list[str] = []
        for area in areas:
            demand = demand_of.get((period, area))
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
                flowing = {
                    columns[route.name, area, period]: 1.0 if node == route.origin else -1.0
                    for route in routes
                    if node in {route.origin, route.destination}
                }
                here = demand.get(node, terms()).times(-1.0 / THOUSAND)
                row = here + terms(flowing, flowing.values())
                builder.add_row("conservation", (node, area, period), row.columns, row.values, lower=0.0, upper=0.0)
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


def cost_terms(situation: Situation, flows: Mapping[FlowKey, int], periods: Collection[int] | None = None) -> Terms:
    """The route costs (million) of some periods (None: of all)."""
    costs = {route.name: route.cost * THOUSAND for route in situation.routes}
    counted = {
        column: costs[key[0]]
        for key, column in flows.items()
        if costs[key[0]] and (periods is None or key[2] in periods)
    }
    return terms(counted, counted.values())


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("routes"):
        way = f"the route from {words.name('area', row['origin'])} to {words.name('area', row['destination'])}"
        way += f" by {row['mode']}" if row["mode"] else ""
        if limited := words.holding(row["condition"]):
            text = f"{way} is open only while {words.condition(row['condition'])}, which {limited}"
            yield rule_of("routes", row, "condition", "route", sentence(text))
        if not tables.ever(row["condition"]):
            continue
        if row["capacity"] is not None:
            text = f"{way} carries at most {row['capacity']:,.10g} t per period"
            yield rule_of("routes", row, "capacity", "route", sentence(text))
        if words.when(row):
            yield rule_of("routes", row, None, "window", sentence(f"{way} is open", words.when(row)))


def _capacity(situation: Situation, key: Key) -> tuple[str, ...]:
    route = next(one for one in situation.routes if one.name == key[0])
    return (rule_id("routes", f"{route.origin}:{route.destination}:{route.mode or ''}", "capacity"),)


def _add(assembly: Assembly) -> None:
    assembly.flows = add(assembly.builder, assembly.situation, assembly.units)


FAMILY = Family(
    name="movement",
    tables=("routes", "nations"),
    rules=_rules,
    columns={
        "flow": Columns("Thousands of tonnes on a route to a destination: flow[route, area, period].", area=1, period=2)
    },
    rows={
        "conservation": Rows("What leaves an area for a destination is what arrived for it and what starts there."),
        "route_capacity": Rows("A route carries at most its capacity.", _capacity),
    },
    add=_add,
)
