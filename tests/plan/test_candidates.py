"""Who could fill a post, ranked by what they bring; what keeps the others."""

from __future__ import annotations

import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.candidates import candidates
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, plan_from_solution

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
