"""Weights and data over six powers of ten: nothing is lost beyond the asked gap, and no bound is below a plan."""

from __future__ import annotations

import pytest

from optimizer.corridor import solve
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan
from tests.exactness.wide import answer

pytestmark = pytest.mark.no_cover  # hundreds of solves would be traced line by line
CHUNK = 100
SLOW = 100_000
# Instances on which a campaign once found something wrong.
FOUND = (137, 138, 171)


def check(seeds: range | tuple[int, ...]) -> None:
    """Hold the answers against every plan and show everything that is wrong."""
    found = [answer(seed) for seed in seeds]
    wrong = [one for one in found if one.wrong]
    assert not wrong, "\n".join(map(str, wrong))
    assert sum(one.termination == "optimal" for one in found) > 0.9 * len(found)


@pytest.mark.parametrize("first", range(0, 100, 50))
def test_nothing_is_lost_and_no_bound_is_beaten(first: int) -> None:
    """Every level within the asked gap of the best of all plans, kept by later levels, and no plan above its bound."""
    check(range(first, first + 50))


def test_found_before() -> None:
    """As above, where later levels traded fractions for the slack of a floor, or a ratio was open for the sake of one."""
    check(FOUND)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SLOW, SLOW + 10_000, CHUNK))
def test_ten_thousand(first: int) -> None:
    """The long campaign."""
    check(range(first, first + CHUNK))


def two_posts(weights: dict[str, float], periods: int, battalions: int, cap: int, teams: int = 4) -> Plan:
    """The plan for a post that battalions fill by halves, and one for which five instructors' teams would be needed."""
    tables = {
        "nations": [{"nation": "A", "max_personnel": cap}, {"nation": "B"}],
        "unit_types": [
            {"unit_type": "battalion", "personnel": 500, "cost": 30},
            {"unit_type": "instructors", "personnel": 20, "cost": 1.5},
        ],
        "yields": [
            {"unit_type": "battalion", "capability": "watch", "amount": 6},
            {"unit_type": "instructors", "capability": "teach", "amount": 200},
        ],
        "pledges": [
            {"pledge": "a", "nation": "A", "unit_type": "battalion", "quantity": battalions},
            {"pledge": "b", "nation": "B", "unit_type": "instructors", "quantity": teams},
        ],
        "missions": [{"mission": mission, "weight": weight} for mission, weight in weights.items()],
        "areas": [{"area": "here", "host": "UKR"}],
        "requirements": [
            {"requirement": mission, "mission": mission, "area": "here", "capability": capability, "target": target}
            for mission, capability, target in (("watch", "watch", 12), ("teach", "teach", 1000))
        ],
    }
    aims = [{"name": "coverage", "priority": 1}, {"name": "cost", "priority": 2}]
    header = {"name": "two posts", "periods": {"count": periods, "months": 6}, "aims": aims}
    return solve(Instance.from_tables(tables, header=header, impossible=True), child=False)


def test_a_later_aim_gives_no_mission_away() -> None:
    """A mission of a millionth of the weight keeps its four teams in every period although cost comes after coverage."""
    plan = two_posts({"watch": 1e6, "teach": 1.0}, periods=6, battalions=2, cap=1_000)
    assert plan.termination == "optimal"
    assert plan.aim("coverage") == pytest.approx(100.0 * (1e6 + 0.8) / (1e6 + 1), rel=1e-12)
    assert plan.aim("cost") == pytest.approx(6 * (2 * 30 + 4 * 1.5))


def test_no_plan_beats_the_bound_where_weights_are_far_apart() -> None:
    """One battalion is all that the cap lets in: half of the heavy mission, and four fifths of one that weighs 1e-8 of it."""
    plan = two_posts({"watch": 1e8, "teach": 1.0}, periods=1, battalions=2, cap=800)
    best = 100.0 * (1e8 * 0.5 + 0.8) / (1e8 + 1)
    row = plan.aims.iloc[0]
    assert best * (1 - 1e-6) <= row["value"] <= best * (1 + 1e-12)
    assert row["bound"] >= best
    assert row["gap"] <= 1e-6


def test_small_values_are_as_exact_as_large_ones() -> None:
    """Where a line's target is out of all reach, its mission is served as well as can be, relative to what can be."""
    plan = two_posts({"watch": 1.0, "teach": 1e-6}, periods=1, battalions=1, cap=400)
    assert plan.termination == "optimal"
    assert plan.aim("coverage") == pytest.approx(100.0 * 1e-6 * 0.8 / (1 + 1e-6), rel=1e-9)
