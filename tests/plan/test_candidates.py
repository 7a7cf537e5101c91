"""Who could fill a post, ranked by what they bring; what keeps the others."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.plan.candidates import candidates
from optimizer.plan.case import read_case
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.plan.rules import availability
from tests.plan.small import world

ROOT = Path(__file__).parents[2]

TABLES = {
    "nations": [{"nation": name, "max_personnel": 250 if name == "C" else None} for name in "ABCD"],
    "conditions": [{"condition": "truce", "default": False}],
    "unit_types": [{"unit_type": "u", "personnel": 100}, {"unit_type": "v", "personnel": 10}],
    "yields": [
        {"unit_type": "u", "capability": "c", "amount": 2},
        {"unit_type": "v", "capability": "d", "amount": 5},
    ],
    "pledges": [
        {"pledge": "serves", "nation": "A", "unit_type": "u", "quantity": 3},
        {"pledge": "busy", "nation": "A", "unit_type": "u", "quantity": 1},
        {"pledge": "kept out", "nation": "B", "unit_type": "u", "quantity": 3},
        {"pledge": "capped", "nation": "C", "unit_type": "u", "quantity": 9},
        {"pledge": "if", "nation": "D", "unit_type": "u", "quantity": 1, "condition": "truce"},
        {"pledge": "care", "nation": "D", "unit_type": "v", "quantity": 1},
        {"pledge": "full", "nation": "D", "unit_type": "u", "quantity": 1},
    ],
    "missions": [{"mission": "m"}],
    "requirements": [
        {"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 10},
        {"requirement": "q", "mission": "m", "area": "x", "capability": "d", "target": 10, "weight": 0.1},
        {"requirement": "s", "mission": "m", "area": "y", "capability": "c", "target": 4},
    ],
    "caveats": [{"caveat": "B stays out of x", "nation": "B", "rule": "forbid", "area": "x"}],
    "limits": [
        {"limit": "D at home", "measure": "units", "per": "period", "nation": "D", "unit_type": "u", "maximum": 0.5}
    ],
}


@pytest.fixture(scope="module")
def plan():
    """`serves` has one unit at r in both periods; `busy` its only unit at s in both."""
    instance = Instance.from_tables(TABLES, {"periods": {"count": 2}}, impossible=True)
    rows = [
        {"pledge": pledge, "requirement": line, "period": period, "units": 1}
        for pledge, line in (("serves", "r"), ("busy", "s"))
        for period in (1, 2)
    ]
    return plan_from_solution(instance, None, Ending("feasible"), Decisions(rows))


def test_they_are_ranked_by_what_they_bring(plan):
    """Each misses 8 of 10 in two periods: two units of A bring 4 each time, two of C (its cap holds no third) as much, D's carers 5 of 10 of a light line."""
    found = {one.pledge: one for one in candidates(plan, ("m", "x"))}
    assert [name for name, one in found.items() if not one.hindrance] == ["capped", "serves", "care"]
    for name in ("serves", "capped"):
        assert (found[name].units, found[name].periods) == (2, (1, 2))
        assert (found[name].brings, found[name].missing) == (8.0, 16.0)
        assert found[name].worth == pytest.approx(0.8)
    assert (found["care"].brings, found["care"].missing) == (10.0, 20.0)
    assert found["care"].worth == pytest.approx(0.1)


def test_the_others_say_what_keeps_them(plan):
    """A caveat, a condition, a cap without room, or that they serve elsewhere."""
    found = {one.pledge: (one.hindrance, one.rules) for one in candidates(plan, ("m", "x"))}
    assert found["kept out"] == ("rules", ("caveats/B stays out of x",))
    assert found["if"] == ("rules", ("pledges/if.condition",))
    assert found["busy"] == ("busy", ())
    assert found["full"] == ("caps", ("limits/D at home",))


def test_what_comes_is_never_more_than_is_missing(plan):
    """At y two of four are missing: one unit is enough."""
    found = {one.pledge: one for one in candidates(plan, ("m", "y"))}
    assert (found["serves"].units, found["serves"].brings, found["serves"].missing) == (1, 4.0, 4.0)
    assert found["kept out"].hindrance == ""


def test_a_post_that_misses_nothing_has_no_candidates(plan):
    """Nor has one that is not there."""
    assert candidates(plan, ("m", "nowhere")) == []


def toured(seed):
    """Pledges with tours, and a plan of tours at random that keeps every rule of availability."""
    rng, periods = Random(seed), 6
    offers = []
    for nation in "ABC":
        quantity = rng.randint(1, 3)
        tour = {"tour": rng.randint(1, 3), "dwell": rng.randint(0, 3), "deployed_at_start": rng.randint(0, quantity)}
        offers.append({"pledge": nation, "nation": nation, "unit_type": "inf", "quantity": quantity, **tour})
    instance = world(periods, pledges=offers)
    served = {}
    for _ in range(8):
        offer, line = rng.choice(offers), rng.choice(("north", "south"))
        more = with_tour(served, offer["pledge"], line, rng.randint(1, periods), offer["tour"])
        if not broken(instance, more):
            served = more
    return instance, served


def with_tour(served, pledge, line, first, tour, periods=6):
    """The services with one more tour of one unit."""
    more = dict(served)
    for period in range(first, min(periods, first + tour - 1) + 1):
        more[pledge, line, period] = more.get((pledge, line, period), 0) + 1
    return more


def broken(instance, served):
    """Rules of availability that the verifier finds broken."""
    facts = gather(read_case(instance), decided(served))
    return [*facts.row_violations, *availability.check(facts)]


def decided(served):
    return Decisions([{"pledge": p, "requirement": r, "period": t, "units": u} for (p, r, t), u in served.items()])


def can_come(instance, served, one, tour, period, units):
    """Whether some tours bring as many more units to the candidate's line in a period, as the verifier judges."""
    if not units:
        return True
    tried = (
        with_tour(served, one.pledge, one.requirement, first, tour)
        for first in range(max(1, period - tour + 1), period + 1)
    )
    return any(not broken(instance, more) and can_come(instance, more, one, tour, period, units - 1) for more in tried)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_could_come_keeps_the_rotation(seed):
    """Each unit that is named, added to the plan for a whole tour, passes the verifier; of the others none would."""
    instance, served = toured(seed)
    plan = plan_from_solution(instance, None, Ending("feasible"), decided(served))
    tours = {row["pledge"]: row["tour"] for row in instance.rows("pledges")}
    found = [one for area in ("north", "south") for one in candidates(plan, ("watch", area))]
    for one in found:
        counts = [can_come(instance, served, one, tours[one.pledge], period, 1) for period in range(1, 7)]
        assert all(counts[period - 1] for period in one.periods), one
        most = [can_come(instance, served, one, tours[one.pledge], period, one.units) for period in one.periods]
        assert any(most) or not one.units, one
        assert not one.hindrance or not any(counts), one


def test_a_unit_at_rest_is_not_idle_in_the_tutorial():
    """Two battalions, out for one period and at home for one: with both out in the first, none can come in the second."""
    instance = read_instance(ROOT / "instances" / "tutorial")
    line = next(row for row in instance.rows("requirements") if row["capability"] == "guard")
    plan = plan_from_solution(
        instance, None, Ending("feasible"), decided({("north-battalions", line["requirement"], 1): 2})
    )
    found = {one.pledge: one for one in candidates(plan, (line["mission"], line["area"]))}
    assert 2 not in found["north-battalions"].periods


def test_a_cap_in_one_period_keeps_a_whole_tour_away():
    """A tour of two periods needs room under a cap in both."""
    offers = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 2, "tour": 2, "dwell": 0}]
    caps = [{"limit": "few", "measure": "units", "per": "period", "nation": "A", "maximum": 0.5, "from": 2, "until": 2}]
    instance = world(4, pledges=offers, limits=caps)
    plan = plan_from_solution(instance, None, Ending("feasible"), decided({}))
    (one,) = candidates(plan, ("watch", "north"))
    assert (one.units, one.periods) == (2, (3, 4))


def test_a_post_that_a_candidate_alone_cannot_mount_is_no_place_for_it():
    """South asks for four units to be mounted: those who have three stay away, unless the post is mounted."""
    offers = [{"pledge": name, "nation": name, "unit_type": "inf", "quantity": 3 + (name == "C")} for name in "ABC"]
    lines = [
        {"requirement": "south", "mission": "watch", "area": "south", "capability": "guard"}
        | {"target": 20, "threshold": 8}
    ]
    instance = world(2, pledges=offers, requirements=lines)
    served = {("A", "south", 1): 3, ("B", "south", 1): 1}
    plan = plan_from_solution(instance, None, Ending("feasible"), decided(served))
    found = {one.pledge: one for one in candidates(plan, ("watch", "south"))}
    assert {name: one.periods for name, one in found.items()} == {"A": (), "B": (1,), "C": (1, 2)}
    assert found["A"].hindrance == "threshold"
