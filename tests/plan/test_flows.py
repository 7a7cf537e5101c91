"""Flows that are found for a plan without any: found outside the verifier, and checked by its own rules."""

from __future__ import annotations

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan import check, plan
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, plan_from_solution
from optimizer.plan.verify import RejectedPlan

from .small import Row, judge, rows, world


def crossing(**more: object) -> Instance:
    """A and B start at ports of their own; both reach the north over the hub, A also directly at a higher price."""
    road: Row = {"mode": "road", "cost": 1}
    return world(
        conditions=[{"condition": "truce"}],
        nations=[{"nation": "A", "gateway": "one"}, {"nation": "B", "gateway": "two"}, {"nation": "C"}],
        areas=[{"area": name} for name in ("one", "two", "hub", "north", "south")],
        routes=[
            {"origin": "one", "destination": "hub", **road},
            {"origin": "two", "destination": "hub", **road},
            {"origin": "hub", "destination": "north", **road, "capacity": 21} | more,
            {"origin": "one", "destination": "north", "mode": "air", "cost": 5},
        ],
    )


ASSIGNED = rows("A north 1 2; B north 1 2")


def test_found_flows_are_the_cheapest_and_keep_the_capacity() -> None:
    """28 t are to move and the hub passes on 21: what is left takes the dearer way."""
    flows = cheapest_flows(crossing(), None, ASSIGNED)
    assert flows is not None
    tonnes = {tuple(row[:2]): row[-1] for row in flows.itertuples(index=False)}
    assert tonnes["hub", "north"] == pytest.approx(21)
    assert tonnes["one", "north"] == pytest.approx(7)
    assert cheapest_flows(world(), None, ASSIGNED) is None


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [("tonnes", 30.0, "route_capacity"), ("tonnes", 1.0, "flow_balance"), ("period", 9, "row"), ("mode", "sea", "row")],
)
def test_found_flows_are_checked_like_given_ones(
    column: str, value: object, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the search for flows returns, a fault in it is found by the rules on movement."""

    def wrong(*_: object) -> pd.DataFrame:
        flows = cheapest_flows(crossing(), None, ASSIGNED)
        assert flows is not None
        flows.loc[(flows["origin"] == "hub"), column] = value
        return flows

    assert len(check.verify(crossing(), {"assignments": pd.DataFrame(ASSIGNED)}))
    monkeypatch.setattr(check, "cheapest_flows", wrong)
    monkeypatch.setattr(plan, "cheapest_flows", wrong)
    with pytest.raises(RejectedPlan) as by_hand:
        check.verify(crossing(), {"assignments": pd.DataFrame(ASSIGNED)})
    with pytest.raises(RejectedPlan) as searched:
        plan_from_solution(crossing(), None, Ending("feasible"), Decisions(ASSIGNED))
    for rejected in (by_hand, searched):
        assert rule in {violation.rule for violation in rejected.value.violations}


def test_flows_on_a_closed_route_are_checked() -> None:
    """A route that is closed in the period carries nothing, and the verifier names it."""
    flows = cheapest_flows(crossing(), None, ASSIGNED)
    assert judge(crossing(), "A north 1 2; B north 1 2", flows=flows).holds
    found = judge(crossing(condition="truce"), "A north 1 2; B north 1 2", flows=flows).violations
    assert [violation.rule for violation in found] == ["route_closed"]


def test_costs_of_a_shared_route_are_divided_in_proportion() -> None:
    """A sends 7 t over the hub and 7 t by air, B 14 t over the hub: of the 21 t that go on, a third is A's."""
    nations = judge(crossing(), "A north 1 2; B north 1 2").frames["nations"].set_index("nation")
    assert nations.loc["A", "route_cost"] == pytest.approx(7 + 7 + 5 * 7)
    assert nations.loc["B", "route_cost"] == pytest.approx(14 + 14)


def test_a_circle_of_flows_is_nobodys() -> None:
    """Tonnes that go round and arrive nowhere balance; they cost, but no nation is charged for them."""
    instance = world(
        nations=[{"nation": "A", "gateway": "home"}],
        pledges=[{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4}],
        areas=[{"area": name} for name in ("home", "x", "y", "north", "south")],
        routes=[
            {"origin": one, "destination": two, "cost": 1} for one, two in (("home", "north"), ("x", "y"), ("y", "x"))
        ],
    )
    line = {"destination_area": "north", "period": 1, "mode": ""}
    flows = [
        {"origin": "home", "destination": "north", "tonnes": 7.0} | line,
        {"origin": "x", "destination": "y", "tonnes": 4.0} | line,
        {"origin": "y", "destination": "x", "tonnes": 4.0} | line,
    ]
    found = judge(instance, "A north 1 1", flows=flows)
    assert found.holds
    assert found.values["cost"] == pytest.approx(10 + 7 + 8)
    assert found.frames["nations"]["route_cost"].tolist() == pytest.approx([7])
