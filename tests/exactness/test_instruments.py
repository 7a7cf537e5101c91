"""What instruments add to limits: oracle, model and verifier against figures derived by hand."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.corridor import solve
from optimizer.instance.instance import Instance
from tests.oracle.brute import Row, Tables, best

HEADER = {"name": "spread", "periods": {"count": 4, "months": 6}, "aims": [{"name": "coverage", "priority": 1}]}


def guarded(limit: Row) -> Tables:
    """One unit (cost 1, escalation 1) in period 1, and a guarantee (cost 8, escalation 5) for all four periods."""
    return {
        "nations": [{"nation": "A"}],
        "unit_types": [{"unit_type": "u", "personnel": 10, "cost": 1, "escalation": 1}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": "a", "nation": "A", "unit_type": "u", "quantity": 1, "until": 1}],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 4}],
        "instruments": [{"instrument": "i", "cost": 8, "escalation": 5}],
        "instrument_yields": [{"instrument": "i", "capability": "c", "amount": 2}],
        "limits": [{"limit": "l", **limit}],
    }


@pytest.mark.parametrize(
    ("limit", "least"),
    [
        ({"measure": "cost"}, 3.0),  # 8 over four periods: 2 in each, beside the unit of period 1
        ({"measure": "cost", "from": 2}, 2.0),
        ({"measure": "cost", "per": "horizon", "until": 3}, 7.0),
        ({"measure": "cost", "per": "horizon", "from": 2, "until": 3}, 4.0),
        ({"measure": "cost", "per": "horizon"}, 9.0),
        ({"measure": "escalation"}, 6.0),  # whole in every period, once in a sum
        ({"measure": "escalation", "from": 2}, 5.0),
        ({"measure": "escalation", "per": "horizon"}, 6.0),
        ({"measure": "escalation", "per": "horizon", "from": 2, "until": 3}, 5.0),
        ({"measure": "cost", "nation": "A"}, 1.0),  # a selector: no instruments
        ({"measure": "escalation", "mission": "m"}, 1.0),
    ],
)
def test_cost_is_spread_and_escalation_is_not(limit: dict[str, Any], least: float) -> None:
    """The least maximum that allows unit and guarantee together; a little less gives up coverage, for all three alike."""
    for maximum, allowed in ((least, True), (least - 0.25, False)):
        tables = guarded(limit | {"maximum": maximum})
        expected = best(tables, HEADER).aims[0][1]
        assert (expected == pytest.approx(100 * 9 / 16)) == allowed
        plan = solve(Instance.from_tables(tables, HEADER), child=False)
        assert plan.aim("coverage") == pytest.approx(expected)
        if allowed:
            assert plan.limits["used"].max() == pytest.approx(least)


def test_instruments_and_routes_share_a_budget() -> None:
    """A budget per period holds its part of the guarantee, the unit, and what the cheapest route costs: 2 + 1 + 3."""
    for maximum, covered in ((6.0, 100 * 9 / 16), (5.9, 100 * 8 / 16)):
        tables = guarded({"measure": "cost", "maximum": maximum})
        tables["nations"] = [{"nation": "A", "gateway": "home"}]
        tables["unit_types"][0] |= {"lift": 3, "sustainment": 0}
        tables["pledges"] = [{"pledge": "a", "nation": "A", "unit_type": "u", "quantity": 1, "from": 4}]
        tables["areas"] = [{"area": "home"}, {"area": "x"}]
        tables["routes"] = [{"origin": "home", "destination": "x", "cost": 1}]
        assert best(tables, HEADER).aims[0][1] == pytest.approx(covered)
        assert solve(Instance.from_tables(tables, HEADER), child=False).aim("coverage") == pytest.approx(covered)
