"""Further ways in which somebody could say the classical problems in our tables; `restate` has the way of the shipped instances.

Each gives the tables and the aims, of which the last is the classical objective.
"""

from __future__ import annotations

from typing import Any

from optimizer.instance.instance import Instance

from .problems import Assignment, FixedCharge, Location, Shipping
from .restate import Row, Tables, header, shipping


def instance_of(tables: Tables, *aims: str) -> Instance:
    """The tables with these aims, proven without any gap."""
    return Instance.from_tables(tables, header("another-way", "", *aims))


def _names(kind: str, items: Any) -> list[str]:
    return [f"{kind}{number}" for number in range(1, len(items) + 1)]


def _line(post: tuple[str, str], capability: str, target: float, threshold: float) -> Row:
    mission, area = post
    named = {"requirement": f"{mission} {area} {capability}", "mission": mission, "area": area}
    return {**named, "capability": capability, "target": target, "threshold": threshold}


def _pairs(problem: Assignment) -> list[tuple[int, str, int, str, str]]:
    agents, jobs = _names("agent", problem.capacity), _names("job", problem.worth[0])
    return [(i, agent, j, job, f"{agent} {job}") for i, agent in enumerate(agents) for j, job in enumerate(jobs)]


def _jobs(problem: Assignment) -> Tables:
    """One type and one pledge of one unit for each agent and job."""
    pairs = _pairs(problem)
    return {
        "nations": [{"nation": agent} for agent in dict.fromkeys(agent for _, agent, *_ in pairs)],
        "unit_types": [{"unit_type": name} for *_, name in pairs],
        "yields": [{"unit_type": name, "capability": job, "amount": 1} for _, _, _, job, name in pairs],
        "pledges": [
            {"pledge": name, "nation": agent, "unit_type": name, "quantity": 1} for _, agent, *_, name in pairs
        ],
        "missions": [{"mission": "work"}],
    }


def capacity_as_budget(problem: Assignment) -> Instance:
    """Assignment: the resource is money, the capacity a budget, and the cost of a job its escalation."""
    tables = _jobs(problem)
    for row, (i, _, j, *_) in zip(tables["unit_types"], _pairs(problem), strict=True):
        row |= {"cost": problem.resource[i][j], "escalation": problem.worth[i][j]}
    for row, capacity in zip(tables["nations"], problem.capacity, strict=True):
        row["budget"] = capacity
    jobs = _names("job", problem.worth[0])
    tables["requirements"] = [_line(("work", "here"), job, 1, 1) for job in jobs]
    tables["posts"] = [{"mission": "work", "area": "here", "must": True}]
    return instance_of(tables, "escalation")


def cost_of_serving(problem: Assignment) -> Instance:
    """Assignment: the cost of a job is what it costs the agent to serve at its post; capacity is a limit on sustainment."""
    tables = _jobs(problem)
    for row, (i, _, j, *_) in zip(tables["unit_types"], _pairs(problem), strict=True):
        row |= {"personnel": 10, "sustainment": problem.resource[i][j]}
    jobs, agents = _names("job", problem.worth[0]), _names("agent", problem.capacity)
    tables["requirements"] = [_line(("work", job), job, 1, 1) for job in jobs]
    tables["posts"] = [
        {"mission": "work", "area": job, "must": True, "min_nations": 1, "max_nations": 1} for job in jobs
    ]
    tables["participation"] = [
        {"nation": agent, "mission": "work", "area": job, "cost": problem.worth[i][j]}
        for i, agent, j, job, _ in _pairs(problem)
    ]
    tables["limits"] = [
        {"limit": agent, "measure": "sustainment", "nation": agent, "maximum": capacity}
        for agent, capacity in zip(agents, problem.capacity, strict=True)
    ]
    return instance_of(tables, "cost")


def demand_as_floor(problem: FixedCharge) -> Instance:
    """Transportation: customers are missions in one place, demand is a floor on units, nothing is a must."""
    tables = shipping(_as_shipping(problem))
    customers = _names("customer", problem.demand)
    tables["missions"] = [{"mission": customer} for customer in customers]
    tables["requirements"] = [
        _line((customer, "here"), "product1", demand, 0)
        for customer, demand in zip(customers, problem.demand, strict=True)
        if demand
    ]
    for table in ("participation", "deployment_costs"):
        tables[table] = [{**row, "mission": row["area"], "area": "here"} for row in tables[table]]
    tables["limits"] = [
        {"limit": customer, "measure": "units", "mission": customer, "minimum": demand}
        for customer, demand in zip(customers, problem.demand, strict=True)
        if demand
    ]
    del tables["posts"]
    return instance_of(tables, "cost")


def all_fulfilled(problem: FixedCharge) -> Instance:
    """Transportation: one floor on fulfilment instead of thresholds, and no limit that says how much is enough."""
    tables = shipping(_as_shipping(problem))
    tables["requirements"] = [{**row, "threshold": 0} for row in tables["requirements"]]
    tables["limits"] = [{"limit": "all", "measure": "fulfilment", "minimum": 1}]
    del tables["posts"]
    return instance_of(tables, "cost")


def cost_on_routes(problem: Shipping) -> Instance:
    """Multicommodity transport of one ton per unit: what is most on a route is its capacity; with one product its cost is the route's."""
    tables = shipping(problem)
    origins = [row["nation"] for row in tables["nations"]]
    served = sorted({row["area"] for row in tables["posts"]})
    tables["areas"] = [{"area": name} for name in (*served, *(f"port of {origin}" for origin in origins))]
    tables["unit_types"] = [{**row, "lift": 1} for row in tables["unit_types"]]
    for row in tables["nations"]:
        row["gateway"] = f"port of {row['nation']}"
    for row in tables["participation"]:
        row.pop("max_personnel", None)
    tables["routes"] = [
        {
            "origin": f"port of {origin}",
            "destination": customer,
            "mode": "road",
            "capacity": problem.most,
            "cost": problem.cost[0][i][int(customer.removeprefix("customer")) - 1] if len(problem.cost) == 1 else 0,
        }
        for i, origin in enumerate(origins)
        for customer in served
    ]
    if len(problem.cost) == 1:
        del tables["deployment_costs"]
    del tables["limits"]
    return instance_of(tables, "cost")


def serving_whole_customers(problem: Location) -> Instance:
    """Facility location: demand in units, the cost of a customer is what it costs to serve at its post, one nation at each."""
    facilities, customers = _names("facility", problem.capacity), _names("customer", problem.demand)
    tables: Tables = {
        "nations": [
            {"nation": facility, "participation_cost": opening, "max_units": int(capacity)}
            for facility, opening, capacity in zip(facilities, problem.opening, problem.capacity, strict=True)
        ],
        "unit_types": [{"unit_type": "load"}],
        "yields": [{"unit_type": "load", "capability": "service", "amount": 1}],
        "pledges": [
            {"pledge": facility, "nation": facility, "unit_type": "load", "quantity": int(sum(problem.demand))}
            for facility in facilities
        ],
        "missions": [{"mission": "service"}],
        "requirements": [
            _line(("service", customer), "service", demand, demand)
            for customer, demand in zip(customers, problem.demand, strict=True)
        ],
        "posts": [{"mission": "service", "area": customer, "must": True, "max_nations": 1} for customer in customers],
        "participation": [
            {"nation": facility, "mission": "service", "area": customer, "cost": problem.cost[i][j]}
            for i, facility in enumerate(facilities)
            for j, customer in enumerate(customers)
        ],
    }
    return instance_of(tables, "cost")


def _as_shipping(problem: FixedCharge) -> Shipping:
    supply, demand = ([(amount,) for amount in amounts] for amounts in (problem.supply, problem.demand))
    return Shipping(tuple(supply), tuple(demand), (problem.cost,), problem.charge)
