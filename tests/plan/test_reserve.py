"""Floors on units at home and rested as the verifier reads them: what counts as out, and which pledges count at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.small import Row, judge, world

INF = {"nation": "A", "unit_type": "inf"}
TOURS = {"pledge": "A", **INF, "quantity": 4, "tour": 2, "dwell": 1}


def reserve(minimum: float, **more: Any) -> list[Row]:
    """One floor on the units of A that are ready."""
    return [{"limit": "home", "measure": "ready", "nation": "A", "minimum": minimum, **more}]


def used(pledges: list[Row], plan: str, **more: Any) -> list[float]:
    """How many units the check finds ready, period by period."""
    instance = world(periods=4, pledges=pledges, limits=reserve(0, **more))
    found = judge(instance, plan)
    assert found.holds
    return found.frames["limits"]["used"].tolist()


@pytest.mark.parametrize(
    ("pledges", "plan", "ready"),
    [
        ([TOURS], "A north 1-2 1", [3, 3, 3, 4]),
        ([{**TOURS, "deployed_at_start": 2}], "A north 2-3 1", [2, 1, 3, 3]),
        ([{**TOURS, "from": 2, "until": 3}], "A north 2-3 3", [0, 1, 1, 0]),
        ([{"pledge": "A", **INF, "quantity": 4}], "A north 1 3; A south 2 1", [1, 3, 4, 4]),
        ([{"pledge": "A", **INF, "quantity": 4, "rotation_factor": 1.5}], "A north 2 2", [2, 0, 2, 2]),
    ],
    ids=["a tour and its rest", "away at the start", "outside its window", "without tours", "a rotation factor"],
)
def test_what_is_ready(pledges: list[Row], plan: str, ready: list[float]) -> None:
    """Out and at rest count, in the window of each pledge; without tours only presence does."""
    assert used(pledges, plan) == ready


def test_one_period_counts_the_rotation_of_the_pledge() -> None:
    """With one period, tour and dwell keep a part of the pledge at rest: it is not ready."""
    for deployed, ready in ((0, 2.0), (2, 0.0)):
        instance = world(pledges=[{**TOURS, "quantity": 3}], limits=reserve(0))
        found = judge(instance, f"A north 1 {deployed}")
        assert found.frames["limits"]["used"].tolist() == [ready]


def test_only_pledges_that_exist_and_are_selected_count() -> None:
    """A pledge whose condition fails has nobody at home; a selector leaves out other units."""
    pledges = [
        {"pledge": "A", **INF, "quantity": 2},
        {"pledge": "B", **INF, "quantity": 3, "condition": "war"},
        {"pledge": "C", "nation": "A", "unit_type": "med", "quantity": 5},
    ]
    for selected, ready in (({}, 7.0), ({"unit_type": "inf"}, 2.0), ({"domain": "sea"}, 5.0), ({"tag": "!army"}, 5.0)):
        limits = [{"limit": "home", "measure": "ready", "minimum": 0, **selected}]
        found = judge(world(pledges=pledges, conditions=[{"condition": "war"}], limits=limits), "")
        assert found.frames["limits"]["used"].tolist() == [ready]


def test_one_unit_too_many_breaks_it() -> None:
    """The floor is kept with three of four at home, and broken in the period in which a second unit leaves."""
    instance = world(periods=4, pledges=[TOURS], limits=reserve(3))
    assert judge(instance, "A north 1-2 1").holds
    found = judge(instance, "A north 1-2 1; A south 2-3 1").violations
    assert [(one.rule, one.period, one.amount, one.limit, one.source) for one in found] == [
        ("limit", 2, 2.0, 3.0, "limits/home"),
        ("limit", 3, 2.0, 3.0, "limits/home"),
    ]
    assert "2 ready reached, but at least 3 asked for" in found[0].message
