"""What a limit counts, by hand: instruments, participation costs, shares and nations, per period and over a window."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.plan.case import read_case
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.rules import limits, movement

from .small import Row, rows, world

PLAN = "A north 1-2 1; B south 2 3; C south 1-2 0"
INSTRUMENTS: dict[str, list[Row]] = {
    "instruments": [{"instrument": "treaty", "cost": 8, "escalation": 5}],
    "instrument_yields": [{"instrument": "treaty", "capability": "guard", "amount": 1}],
}
PARTICIPATION: dict[str, list[Row]] = {
    "nations": [
        {"nation": "A", "participation_cost": 100},
        {"nation": "B", "participation_cost": 200},
        {"nation": "C"},
    ],
    "groups": [{"group": "pair", "nation": "A"}, {"group": "pair", "nation": "C"}],
    "participation": [{"nation": "A", "area": "north", "cost": 1}, {"nation": "B", "area": "south", "cost": 2}],
}


def counted(limit: Row, plan: str = PLAN, periods: int = 4, **tables: Any) -> list[tuple[int | None, float]]:
    """What the limit counts of a plan over four periods."""
    case = read_case(world(periods, limits=[{"limit": "it", "maximum": 1e6, **limit}], **tables), None)
    instruments = [{"instrument": "treaty"}] if "instruments" in tables else None
    facts = gather(case, Decisions(rows(plan), instruments=instruments))
    (one,) = [limit for limit in limits.expand(case) if limit.name == "it"]
    return limits.amounts(facts, one, movement.move(facts))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"measure": "cost"}, [(1, 12.0), (2, 42.0), (3, 2.0), (4, 2.0)]),
        ({"measure": "cost", "from": 2, "until": 3}, [(2, 42.0), (3, 2.0)]),
        ({"measure": "cost", "per": "horizon"}, [(None, 58.0)]),
        ({"measure": "cost", "per": "horizon", "from": 2, "until": 3}, [(None, 44.0)]),
        ({"measure": "escalation", "until": 2}, [(1, 8.0), (2, 17.0)]),
        ({"measure": "escalation", "per": "horizon"}, [(None, 20.0)]),
        ({"measure": "units", "per": "horizon"}, [(None, 5.0)]),
        ({"measure": "escalation", "per": "horizon", "nation": "A"}, [(None, 6.0)]),
    ],
)
def test_instruments_are_spread_in_costs_and_whole_in_escalation(limit: Row, expected: object) -> None:
    assert counted(limit, **INSTRUMENTS) == expected


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ({}, 50 + 303),
        ({"nation": "A"}, 20 + 101),
        ({"group": "pair"}, 20 + 101),
        ({"nation": "B", "group": "pair"}, 0),
        ({"mission": "watch"}, 50 + 3),
        ({"area": "north"}, 20 + 1),
        ({"host": "SOU"}, 30 + 2),
        ({"unit_type": "inf"}, 50),
        ({"nation": "A", "capability": "guard"}, 20),
        ({"from": 2}, 40),
    ],
)
def test_participation_costs_count_over_the_whole_horizon_where_only_nations_and_posts_are_named(
    selectors: Row, expected: float
) -> None:
    """A serves in the north for 20, B in the south for 30; to take part costs 100 and 200, and 1 and 2 at their posts."""
    assert counted({"measure": "cost", "per": "horizon", **selectors}, **PARTICIPATION) == [(None, expected)]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"measure": "units_share", "nation": "A", "until": 2}, [(1, 1.0), (2, 0.25)]),
        ({"measure": "units_share", "nation": "A", "per": "horizon"}, [(None, 0.4)]),
        ({"measure": "units_share", "nation": "A", "from": 3}, [(3, 0.0), (4, 0.0)]),
        (
            {"measure": "units_share", "nation": "B", "minimum": 0.5, "maximum": 1, "from": 2, "until": 3},
            [(2, 0.75), (3, 0.5)],
        ),
        ({"measure": "nations", "until": 3}, [(1, 1.0), (2, 2.0), (3, 0.0)]),
        ({"measure": "nations", "per": "horizon"}, [(None, 2.0)]),
        ({"measure": "posts", "per": "horizon", "nation": "C"}, [(None, 0.0)]),
    ],
)
def test_shares_nations_and_posts_count_who_is_there(limit: Row, expected: object) -> None:
    """A nation of which no unit is there is not counted; where nobody is deployed, a share is just kept."""
    assert counted({"maximum": 1, **limit}) == expected
