"""The five classical problems re-stated in the tables of an instance.

Each function gives the tables; `restate` adds the header. The aim is always in the problem's own unit: `cost` is the classical
objective, without factors. Only the generalised assignment problem with profits to be maximised uses `coverage`
(a percentage of the best conceivable profit), see `profit_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.instance.instance import Instance

from .problems import Assignment, FixedCharge, Location, Median, Problem, Shipping

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def restate(problem: Problem, name: str = "classical", title: str = "") -> Instance:
    """An instance whose optimal plan is an optimal solution of the problem."""
    profit = isinstance(problem, Assignment) and problem.maximise
    return Instance.from_tables(tables_of(problem), header(name, title, "coverage" if profit else "cost"))


def header(name: str, title: str, *aims: str) -> dict[str, object]:
    """One period, the aims in this order, proven without any gap."""
    return {
        "schema": 1,
        "name": name,
        "title": title,
        "periods": {"count": 1, "months": 1, "first": "2026-01"},
        "aims": [{"name": aim, "priority": priority} for priority, aim in enumerate(aims, start=1)],
        "solver": {"gap": 0.0},
    }


def tables_of(problem: Problem) -> Tables:
    """The tables of a problem."""
    makers: dict[type, Callable[[Any], Tables]] = {
        Assignment: assignment,
        FixedCharge: fixed_charge,
        Location: location,
        Median: median,
        Shipping: shipping,
    }
    return makers[type(problem)](problem)


def without_must(problem: Problem) -> Instance:
    """The default aims, coverage and then cost, and no post that must be mounted: all demand is met where that is possible."""
    tables = tables_of(problem)
    del tables["posts"]
    return Instance.from_tables(tables, header("coverage-first", "", "coverage", "cost"))


def by_whole_units(problem: Location | Median) -> Instance:
    """Facility location and p-median said in another way: demand in units, at most one nation at the post of each customer."""
    facilities = [f"facility{i}" for i in _numbered(problem.capacity)]
    customers = [f"customer{j}" for j in _numbered(problem.demand)]
    cost = problem.cost if isinstance(problem, Location) else problem.distance
    opening = problem.opening if isinstance(problem, Location) else (0.0,) * len(facilities)
    tables: Tables = {
        "nations": [
            {"nation": facility, "participation_cost": once} for facility, once in zip(facilities, opening, strict=True)
        ],
        "unit_types": [{"unit_type": "unit", "personnel": 1}],
        "yields": [_yield("unit", "service", 1)],
        "pledges": [
            {"pledge": facility, "nation": facility, "unit_type": "unit", "quantity": int(most)}
            for facility, most in zip(facilities, problem.capacity, strict=True)
        ],
        "missions": [{"mission": "service"}],
        "requirements": [
            _line(customer, "service", customer, "service", units)
            for customer, units in zip(customers, problem.demand, strict=True)
        ],
        "posts": [{**_must("service", customer), "max_nations": 1} for customer in customers],
        "deployment_costs": [
            {
                "pledge": facility,
                "mission": "service",
                "area": customer,
                "cost": cost[i][j] / problem.demand[j],
            }
            for i, facility in enumerate(facilities)
            for j, customer in enumerate(customers)
        ],
    }
    if isinstance(problem, Median):
        tables["limits"] = [{"limit": "medians", "measure": "nations", "per": "horizon", "maximum": problem.medians}]
    return Instance.from_tables(tables, header("whole-units", "", "cost"))


def by_places(problem: Median) -> Instance:
    """The p-median turned round: customers are nations that must send their one unit, places are areas with a ceiling, and posts are counted."""
    places = [f"place{j}" for j in _numbered(problem.capacity)]
    customers = [f"customer{i}" for i in _numbered(problem.demand)]
    tables: Tables = {
        "nations": [{"nation": customer} for customer in customers],
        "unit_types": [
            {"unit_type": customer, "personnel": persons}
            for customer, persons in zip(customers, problem.demand, strict=True)
        ],
        "yields": [_yield(customer, "belonging", 1) for customer in customers],
        "pledges": [
            {"pledge": customer, "nation": customer, "unit_type": customer, "quantity": 1} for customer in customers
        ],
        "missions": [{"mission": "service"}],
        "areas": [{"area": place, "max_personnel": most} for place, most in zip(places, problem.capacity, strict=True)],
        "requirements": [_line(place, "service", place, "belonging", len(customers), 0.0) for place in places],
        "deployment_costs": [
            {"pledge": customer, "mission": "service", "area": place, "cost": problem.distance[j][i]}
            for i, customer in enumerate(customers)
            for j, place in enumerate(places)
        ],
        "limits": [
            {"limit": "medians", "measure": "posts", "maximum": problem.medians},
            {"limit": "every customer", "measure": "units", "minimum": len(customers)},
        ],
    }
    return Instance.from_tables(tables, header("by-places", "", "cost"))


def assignment(problem: Assignment) -> Tables:
    """Agents are nations and their capacity a cap on personnel; agent i doing job j is a unit type of its own with `resource` persons.

    Least cost: every job is a line that must be met by one unit. Most profit: a unit yields its profit, the line's target is the
    best profit of the job and the mission's weight is that target, so that coverage counts profit; no more than one unit per job.
    """
    agents = [f"agent{i}" for i in _numbered(problem.capacity)]
    jobs = [f"job{j}" for j in _numbered(problem.worth[0])]
    pairs = [
        (agent, job, problem.worth[i][j], problem.resource[i][j])
        for i, agent in enumerate(agents)
        for j, job in enumerate(jobs)
    ]
    tables = {
        "nations": [
            {"nation": agent, "max_personnel": most} for agent, most in zip(agents, problem.capacity, strict=True)
        ],
        "unit_types": [{"unit_type": f"{agent}-{job}", "personnel": resource} for agent, job, _, resource in pairs],
        "pledges": [
            {"pledge": f"{agent}-{job}", "nation": agent, "unit_type": f"{agent}-{job}", "quantity": 1}
            for agent, job, *_ in pairs
        ],
    }
    if not problem.maximise:
        for row, (*_, worth, _) in zip(tables["pledges"], pairs, strict=True):
            row["cost"] = worth
        return tables | {
            "yields": [_yield(f"{agent}-{job}", job, 1) for agent, job, *_ in pairs],
            "missions": [{"mission": "jobs"}],
            "requirements": [_line(job, "jobs", job, job, 1) for job in jobs],
            "posts": [_must("jobs", job) for job in jobs],
        }
    shift = _shift(problem)
    best = [max(column) + shift for column in zip(*problem.worth, strict=True)]
    least = [min(column) + shift for column in zip(*problem.worth, strict=True)]
    return tables | {
        "yields": [_yield(f"{agent}-{job}", job, worth + shift) for agent, job, worth, _ in pairs],
        "missions": [{"mission": job, "weight": most} for job, most in zip(jobs, best, strict=True)],
        "requirements": [
            _line(job, job, "here", job, most, low) for job, most, low in zip(jobs, best, least, strict=True)
        ],
        "posts": [_must(job, "here") for job in jobs],
        "limits": [{"limit": f"one unit for {job}", "measure": "units", "maximum": 1, "mission": job} for job in jobs],
    }


def profit_of(problem: Assignment, coverage: float) -> float:
    """The profit that a coverage in percent stands for."""
    shift = _shift(problem)
    best = [max(column) + shift for column in zip(*problem.worth, strict=True)]
    return coverage / 100.0 * sum(best) - shift * len(best)


def _shift(problem: Assignment) -> float:
    """What is added to every profit so that all are positive (each job is done once, so it adds the same to every plan)."""
    return max(0.0, 1.0 - min(map(min, problem.worth)))


def fixed_charge(problem: FixedCharge) -> Tables:
    """Sources are nations with one pledge; customers are areas with a line that must be met; the charge is the cost of participation."""
    return shipping(
        Shipping(
            tuple((supply,) for supply in problem.supply),
            tuple((demand,) for demand in problem.demand),
            (problem.cost,),
            problem.charge,
        )
    )


def location(problem: Location) -> Tables:
    """Facilities are nations: capacity is a cap on personnel, opening is the cost of taking part. Customers are unit types of `demand` persons.

    One unit serves a customer whole: that is the single sourcing.
    """
    return _serve(problem.capacity, problem.demand, problem.cost, problem.opening)


def median(problem: Median) -> Tables:
    """As facility location without opening costs, and a limit on the number of nations over the horizon."""
    tables = _serve(problem.capacity, problem.demand, problem.distance, None)
    limit = {"limit": "medians", "measure": "nations", "per": "horizon", "maximum": problem.medians}
    return tables | {"limits": [limit]}


def _serve(
    capacity: tuple[float, ...],
    demand: tuple[float, ...],
    cost: tuple[tuple[float, ...], ...],
    opening: tuple[float, ...] | None,
) -> Tables:
    facilities = [f"facility{i}" for i in _numbered(capacity)]
    customers = [f"customer{j}" for j in _numbered(demand)]
    nations: list[Row] = [
        {"nation": facility, "max_personnel": most} for facility, most in zip(facilities, capacity, strict=True)
    ]
    if opening is not None:
        for nation, once in zip(nations, opening, strict=True):
            nation["participation_cost"] = once
    return {
        "nations": nations,
        "unit_types": [
            {"unit_type": customer, "personnel": persons} for customer, persons in zip(customers, demand, strict=True)
        ],
        "yields": [_yield(customer, customer, 1) for customer in customers],
        "pledges": [
            {
                "pledge": f"{facility}-{customer}",
                "nation": facility,
                "unit_type": customer,
                "quantity": 1,
                "cost": cost[i][j],
            }
            for i, facility in enumerate(facilities)
            for j, customer in enumerate(customers)
        ],
        "missions": [{"mission": "service"}],
        "requirements": [_line(customer, "service", customer, customer, 1) for customer in customers],
        "posts": [_must("service", customer) for customer in customers],
    }


def shipping(problem: Shipping) -> Tables:
    """Origins are nations, products are unit types of one person, customers are areas whose lines must be met.

    The charge of a route is the cost of participation of a nation at a post; least and most on a route are its smallest contingent
    and its cap there; customers per origin are `max_posts`. A limit per line says that no more than the demand is delivered.
    """
    origins = [f"origin{i}" for i in _numbered(problem.supply)]
    customers = [f"customer{j}" for j in _numbered(problem.demand)]
    products = [f"product{p}" for p in _numbered(problem.cost)]
    asked = [
        (customer, product, problem.demand[j][p])
        for j, customer in enumerate(customers)
        for p, product in enumerate(products)
        if problem.demand[j][p]
    ]
    served = {customer for customer, *_ in asked}
    offers = [(i, origin, p, product) for i, origin in enumerate(origins) for p, product in enumerate(products)]
    nations: list[Row] = [{"nation": origin} for origin in origins]
    if problem.customers is not None:
        for nation in nations:
            nation["max_posts"] = problem.customers
    participation: list[Row] = [
        {"nation": origin, "mission": "delivery", "area": customer, "cost": problem.charge[i][j]}
        for i, origin in enumerate(origins)
        for j, customer in enumerate(customers)
        if customer in served
    ]
    for row in participation:
        if problem.least is not None:
            row["min_contingent"] = problem.least
        if problem.most is not None:
            row["max_personnel"] = problem.most
    return {
        "nations": nations,
        "unit_types": [{"unit_type": product, "personnel": 1} for product in products],
        "yields": [_yield(product, product, 1) for product in products],
        "pledges": [
            {
                "pledge": f"{origin}-{product}",
                "nation": origin,
                "unit_type": product,
                "quantity": problem.supply[i][p],
            }
            for i, origin, p, product in offers
        ],
        "missions": [{"mission": "delivery"}],
        "requirements": [
            _line(f"{customer}-{product}", "delivery", customer, product, demand) for customer, product, demand in asked
        ],
        "posts": [_must("delivery", customer) for customer in customers if customer in served],
        "participation": participation,
        "deployment_costs": [
            {
                "pledge": f"{origin}-{product}",
                "mission": "delivery",
                "area": customer,
                "cost": problem.cost[p][i][j],
            }
            for i, origin, p, product in offers
            for j, customer in enumerate(customers)
            if customer in served
        ],
        "limits": [
            {
                "limit": f"no more than asked: {customer} {product}",
                "measure": "units",
                "maximum": demand,
                "area": customer,
                "capability": product,
            }
            for customer, product, demand in asked
        ],
    }


def _numbered(items: object) -> range:
    return range(1, len(items) + 1)  # type: ignore[arg-type]


def _yield(unit_type: str, capability: str, amount: float) -> Row:
    return {"unit_type": unit_type, "capability": capability, "amount": amount}


def _line(name: str, mission: str, area: str, capability: str, target: float, threshold: float | None = None) -> Row:
    least = target if threshold is None else threshold
    return {
        "requirement": name,
        "mission": mission,
        "area": area,
        "capability": capability,
        "threshold": least,
        "target": target,
    }


def _must(mission: str, area: str) -> Row:
    return {"mission": mission, "area": area, "must": True}
