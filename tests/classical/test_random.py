"""Small random instances of the five classical problems: our tables and the textbook model have the same optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from optimizer.corridor import solve
from optimizer.instance.instance import Instance

from . import other_ways
from .problems import Assignment, FixedCharge, Location, Median, Problem, Shipping
from .restate import (
    by_places,
    by_whole_units,
    profit_of,
    restate,
    without_must,
)
from .textbook import optimum

SEEDS = range(10)
Matrix = tuple[tuple[float, ...], ...]


def _matrix(random: Random, rows: int, columns: int, low: int, high: int, *, cents: bool = False) -> Matrix:
    scale = 100 if cents else 1
    return tuple(tuple(random.randint(low * scale, high * scale) / scale for _ in range(columns)) for _ in range(rows))


def assignment(seed: int) -> Assignment:
    """Agents with room for little more than the jobs; every fourth one has too little."""
    random = Random(seed)
    agents, jobs = random.randint(2, 4), random.randint(4, 9)
    resource = _matrix(random, agents, jobs, 5, 25)
    part = 0.55 if seed % 4 == 3 else random.uniform(0.8, 1.0)
    capacity = tuple(float(int(part * sum(row) / agents)) for row in resource)
    worth = _matrix(random, agents, jobs, 0, 30, cents=seed % 2 == 0)
    return Assignment(worth, resource, capacity, maximise=seed % 2 == 1)


def fixed_charge(seed: int) -> FixedCharge:
    """Supply equal to demand, or more; every fifth one falls short by one unit."""
    random = Random(seed)
    sources, customers = random.randint(2, 5), random.randint(2, 6)
    demand = tuple(random.randint(1, 40) for _ in range(customers))
    left = sum(demand) + (-1 if seed % 5 == 4 else random.choice([0, 0, 15]))
    cuts = sorted(random.randint(0, left) for _ in range(sources - 1))
    supply = tuple(b - a for a, b in zip([0, *cuts], [*cuts, left], strict=True))
    cost = _matrix(random, sources, customers, 0, 8, cents=True)
    return FixedCharge(supply, demand, cost, _matrix(random, sources, customers, 0, 60))


def location(seed: int) -> Location:
    """Capacities for about half of the facilities to be opened; every fifth one cannot hold its customers."""
    random = Random(seed)
    facilities, customers = random.randint(2, 5), random.randint(4, 9)
    demand = tuple(float(random.randint(3, 20)) for _ in range(customers))
    part = 0.9 if seed % 5 == 4 else random.uniform(1.3, 2.5)
    capacity = tuple(float(int(part * sum(demand) / facilities)) for _ in range(facilities))
    opening = _matrix(random, 1, facilities, 0, 200)[0]
    return Location(capacity, opening, demand, _matrix(random, facilities, customers, 0, 90))


def median(seed: int) -> Median:
    """Customers in a square, with room to spare; every fifth one has too few medians."""
    random = Random(seed)
    customers = random.randint(5, 10)
    places = [(random.randint(0, 99), random.randint(0, 99)) for _ in range(customers)]
    demand = tuple(float(random.randint(1, 20)) for _ in range(customers))
    medians = random.randint(2, 3)
    room = (0.9 if seed % 5 == 4 else 1.25) * sum(demand) / medians
    distance = tuple(tuple(float(int(((a - c) ** 2 + (b - d) ** 2) ** 0.5)) for c, d in places) for a, b in places)
    return Median(medians, (float(int(room)),) * customers, demand, distance)


def shipping(seed: int) -> Shipping:
    """Supply equal to demand, or more; least shipments and limits on customers tight enough that some have no solution."""
    random = Random(seed)
    origins, customers, products = random.randint(2, 3), random.randint(2, 4), random.randint(1, 3)
    demand = tuple(tuple(random.choice([0, *range(2, 13)]) for _ in range(products)) for _ in range(customers))
    supply = [[0] * products for _ in range(origins)]
    for p in range(products):
        left = sum(row[p] for row in demand) + random.choice([0, 4])
        for i in range(origins - 1):
            supply[i][p] = random.randint(0, left)
            left -= supply[i][p]
        supply[-1][p] = left
    return Shipping(
        tuple(map(tuple, supply)),
        demand,
        tuple(_matrix(random, origins, customers, 0, 9, cents=True) for _ in range(products)),
        _matrix(random, origins, customers, 0, 40),
        random.choice([None, 12, 20]),
        random.choice([None, 3, 5]),
        random.choice([None, 2, 3]),
    )


MAKERS: tuple[Callable[[int], Problem], ...] = (assignment, fixed_charge, location, median, shipping)


def solved(instance: Instance) -> dict[str, float] | None:
    """The proven values of the aims; None where there is no plan at all."""
    plan = solve(instance, child=False, time_limit=60)
    if plan.termination == "infeasible":
        return None
    assert plan.termination == "optimal"
    return dict(zip(plan.aims["name"], map(float, plan.aims["value"]), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", MAKERS)
def test_same_optimum_as_the_textbook_model(make: Callable[[int], Problem], seed: int) -> None:
    """The re-stated instance has the textbook's optimum, or, like the textbook's, no solution."""
    problem = make(seed)
    theirs, ours = optimum(problem), solved(restate(problem))
    if theirs is None or ours is None:
        assert (theirs is None) == (ours is None)
    elif isinstance(problem, Assignment) and problem.maximise:
        assert profit_of(problem, ours["coverage"]) == pytest.approx(theirs, abs=1e-6)
    else:
        assert ours["cost"] == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", [location, median])
def test_same_optimum_when_demand_is_counted_in_units(make: Callable[[int], Location | Median], seed: int) -> None:
    """A second way of saying it, with demand in whole units and at most one nation at each post, has the same optimum."""
    problem = make(seed)
    theirs, ours = optimum(problem), solved(by_whole_units(problem))
    assert (theirs is None) == (ours is None)
    if ours is not None:
        assert ours["cost"] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_same_optimum_when_places_are_counted(seed: int) -> None:
    """The p-median with customers as nations and a limit on the number of posts has the same optimum."""
    problem = median(seed)
    theirs, ours = optimum(problem), solved(by_places(problem))
    assert ours == (None if theirs is None else {"cost": pytest.approx(theirs, abs=1e-6)})


OTHER_WAYS: tuple[tuple[Callable[[int], Any], Callable[[Any], Instance]], ...] = (
    (assignment, other_ways.capacity_as_budget),
    (assignment, other_ways.cost_of_serving),
    (fixed_charge, other_ways.demand_as_floor),
    (fixed_charge, other_ways.all_fulfilled),
    (location, other_ways.serving_whole_customers),
    (shipping, other_ways.cost_on_routes),
)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("make", "say"), OTHER_WAYS, ids=[say.__name__ for _, say in OTHER_WAYS])
def test_same_optimum_in_other_ways_of_saying_it(
    make: Callable[[int], Any], say: Callable[[Any], Instance], seed: int
) -> None:
    """Budgets, costs of serving, floors and routes instead of the tables of the shipped instances: the textbook's optimum, or no solution."""
    problem = make(seed)
    if isinstance(problem, Assignment):
        problem = replace(problem, maximise=False)
    theirs, ours = optimum(problem), solved(say(problem))
    assert (theirs is None) == (ours is None)
    if ours is not None:
        assert list(ours.values())[-1] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", [fixed_charge, location, median, shipping])
def test_coverage_first_meets_all_demand_at_the_same_cost(make: Callable[[int], Problem], seed: int) -> None:
    """Without must posts and with coverage as the first aim, coverage is 100 where the textbook has a solution, and the cost is its optimum."""
    problem = make(seed)
    theirs, ours = optimum(problem), solved(without_must(problem))
    assert ours is not None
    if theirs is None:
        assert ours["coverage"] < 100.0 - 1e-6
    else:
        assert ours["coverage"] == pytest.approx(100.0, abs=1e-6)
        assert ours["cost"] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("make", MAKERS)
def test_random_instances_are_of_both_kinds(make: Callable[[int], Problem]) -> None:
    """Among the seeds some instances have a solution, and some have none."""
    found = [optimum(make(seed)) is None for seed in SEEDS]
    assert any(found)
    assert not all(found)


def _level(rows: int, columns: int, value: float) -> Matrix:
    return ((value,) * columns,) * rows


DEGENERATE: dict[str, Problem] = {
    "one agent does every job": Assignment(((3.0, 5.0, 1.0),), ((2.0, 4.0, 6.0),), (12.0,)),
    "every agent is as good as every other": Assignment(_level(3, 7, 4.0), _level(3, 7, 2.0), (6.0, 4.0, 4.0)),
    "jobs that take nothing": Assignment(((3.0, 5.0), (4.0, 1.0)), ((0.0, 0.0), (0.0, 2.0)), (0.0, 1.0)),
    "a customer without demand": Location(
        (9.0, 9.0), (50.0, 60.0), (0.0, 4.0, 5.0), ((1.0, 2.0, 3.0), (9.0, 9.0, 9.0))
    ),
    "facilities that cost nothing to open": Location((5.0, 4.0), (0.0, 0.0), (4.0, 5.0), _level(2, 2, 7.0)),
    "every place a median": Median(3, (9.0,) * 3, (1.0, 2.0, 3.0), ((0.0, 5.0, 6.0), (5.0, 0.0, 7.0), (6.0, 7.0, 0.0))),
    "one median with no room to spare": Median(
        1, (6.0,) * 3, (1.0, 2.0, 3.0), ((0.0, 5.0, 6.0), (5.0, 0.0, 7.0), (6.0, 7.0, 0.0))
    ),
    "all customers at one place": Median(2, (4.0,) * 4, (2.0,) * 4, _level(4, 4, 0.0)),
    "a customer who asks for nothing": FixedCharge((3, 2), (0, 4), ((1.0, 2.0), (1.5, 1.0)), ((9.0, 8.0), (7.0, 6.0))),
    "a source that has nothing": FixedCharge((0, 6), (2, 4), _level(2, 2, 1.0), _level(2, 2, 5.0)),
    "a least shipment above every demand": Shipping(
        ((9,), (9,)), ((2,), (3,)), (_level(2, 2, 1.0),), _level(2, 2, 0.0), least=4
    ),
    "no more customers than origins may serve": Shipping(
        ((9,), (9,)), ((2,), (3,)), (((1.0, 1.0), (2.0, 3.0)),), _level(2, 2, 0.0), customers=1
    ),
}


@pytest.mark.parametrize("problem", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_problems_have_the_textbook_s_optimum(problem: Problem) -> None:
    """Nothing asked for, nothing offered, all the same, no room to spare: still the textbook's optimum, or no solution."""
    theirs, ours = optimum(problem), solved(restate(problem))
    assert ours == (None if theirs is None else {"cost": pytest.approx(theirs, abs=1e-6)})
