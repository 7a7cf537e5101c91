"""Aims and tables against figures by hand."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Aim, Instance
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions

from .small import BEST_OF_TWO_POSTS, Judged, Row, judge, rows, two_posts, world


def test_the_small_instance_of_the_format() -> None:
    """The instance printed in the format gives coverage 60 and cost 32, as derived there by hand."""
    found = evaluate(two_posts(), None, Decisions(rows(BEST_OF_TWO_POSTS)))
    assert found.holds
    assert [(item.aim.name, item.value) for item in found.aims] == [("coverage", 60.0), ("cost", 32.0)]
    assert found.frames["missions"]["score"].tolist() == [0.5, 0.8] or found.frames["missions"]["score"].tolist() == [
        0.8,
        0.5,
    ]


def test_the_other_plan_of_the_small_instance() -> None:
    """With the battalion training instead, coverage is a third."""
    found = judge(two_posts(), "FRA-bn train-ro 1 1; ITA-tt train-ro 1 2")
    assert found.values["coverage"] == pytest.approx(100 / 3)


def line(name: str, **more: Any) -> Row:
    return {"requirement": name, "mission": "watch", "area": "north", "capability": "guard", "target": 10} | more


def value(found: Judged, name: str) -> float:
    number = found.values[name]
    assert number is not None
    return number


def test_score_is_a_weighted_mean_or_the_weakest_line() -> None:
    """Lines of weight 1 and 3 at 0.4 and 0.8: mean 0.7, weakest 0.4; a line of weight 0 does not count."""
    lines = [line("a", weight=1), line("b", weight=3), line("c", weight=0)]
    for score, expected in (("mean", 0.7), ("weakest", 0.4)):
        found = judge(world(requirements=lines, missions=[{"mission": "watch", "score": score}]), "A a 1 2; B b 1 4")
        assert value(found, "coverage") == pytest.approx(100 * expected)
        assert value(found, "weakest_mission") == pytest.approx(expected)


def test_a_mission_counts_only_where_it_is_active() -> None:
    """A mission asked for in periods 2 and 3 of 3, met in one of them, has half a score; over-delivery counts for nothing."""
    lines = [line("a", target=2, **{"from": 2})]
    found = judge(world(periods=3, requirements=lines), "A a 2 4")
    assert value(found, "coverage") == pytest.approx(50)
    assert found.frames["mission_periods"]["period"].tolist() == [2, 3]
    assert found.frames["requirements"]["delivered"].tolist() == [8.0, 0.0]


def test_missions_without_weight_or_lines_are_left_out() -> None:
    """Mission weights weigh; a mission of weight 0 is no weakest mission; one without lines has no score."""
    missions = [{"mission": "watch", "weight": 3}, {"mission": "help", "weight": 0}, {"mission": "idle", "weight": 5}]
    lines = [line("a"), line("b", mission="help")]
    found = judge(world(missions=missions, requirements=lines), "A a 1 2")
    assert value(found, "coverage") == pytest.approx(40)
    assert value(found, "weakest_mission") == pytest.approx(0.4)
    scores = dict(zip(found.frames["missions"]["mission"], found.frames["missions"]["score"], strict=True))
    assert math.isnan(scores["idle"])
    assert scores["help"] == 0


@pytest.mark.parametrize(
    ("pledge_cost", "costs", "presence"),
    [
        (None, [], 10),
        (7, [], 7),
        (None, [{"unit_type": "inf", "cost": 6}], 6),
        (7, [{"unit_type": "inf", "cost": 6}], 7),
        (7, [{"pledge": "A", "cost": 5}], 5),
        (
            None,
            [{"unit_type": "inf", "area": "north", "cost": 4}, {"unit_type": "inf", "mission": "watch", "cost": 3}],
            3,
        ),
        (
            None,
            [{"unit_type": "inf", "area": "north", "mission": "watch", "cost": 4}, {"mission": "watch", "cost": 3}],
            4,
        ),
        (None, [{"pledge": "A", "area": "south", "cost": 4}], 10),
        (None, [{"pledge": "A", "movement_cost": 1}, {"unit_type": "inf", "cost": 6}], 7),
    ],
)
def test_the_most_specific_cost_wins(pledge_cost: float | None, costs: list[Row], presence: float) -> None:
    """Cost of a unit: pledge's place, pledge, type's place, type; a blank looks further; a move costs only where said."""
    pledges = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "cost": pledge_cost}]
    found = judge(world(pledges=pledges, deployment_costs=costs), "A north 1 1")
    assert value(found, "cost") == pytest.approx(presence)


def test_moves_are_rises_of_presence() -> None:
    """Without tours, presence 1, 3, 0, 2 is five moves; with tours of two periods, presence 1, 2, 1 is two."""
    costs = [{"unit_type": "inf", "movement_cost": 100}]
    free = judge(world(periods=4, deployment_costs=costs), "A north 1 1; A north 2 3; A north 4 2")
    assert value(free, "cost") == pytest.approx(60 + 500)
    pledges = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "tour": 2}]
    tours = judge(world(periods=4, deployment_costs=costs, pledges=pledges), "A north 1 1; A north 2 2; A north 3 1")
    assert value(tours, "cost") == pytest.approx(40 + 200)


def test_every_part_of_the_cost() -> None:
    """Presence 20, taking part 3, serving in the north 4, instrument 5, route 14 t at 0.5: 39; the nation's own are 34."""
    tables: dict[str, Any] = {
        "nations": [
            {"nation": "A", "participation_cost": 3, "gateway": "home", "fair_share": 1},
            {"nation": "B", "fair_share": 3},
        ],
        "pledges": [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4}],
        "areas": [{"area": name} for name in ("home", "north", "south")],
        "participation": [{"mission": "watch", "cost": 4}],
        "instruments": [{"instrument": "i", "cost": 5, "escalation": 1}],
        "routes": [{"origin": "home", "destination": "north", "mode": "road", "cost": 0.5}],
    }
    found = judge(world(**tables), "A north 1 2", instruments=[{"instrument": "i", "used": True}])
    assert found.holds
    assert value(found, "cost") == pytest.approx(20 + 3 + 4 + 5 + 7)
    nation = found.frames["nations"].iloc[0]
    assert (nation["deployment_cost"], nation["participation_cost"]) == (20, 7)
    assert (nation["route_cost"], nation["cost"]) == (pytest.approx(7), pytest.approx(34))
    assert value(found, "escalation") == 7
    assert value(found, "personnel") == 200
    assert value(found, "nations") == 1
    assert value(found, "burden_gap") == pytest.approx(4)
    assert (nation["share"], nation["fair_share"], nation["ratio"]) == (1.0, 0.25, 4.0)


def test_a_scope_leaves_instruments_and_participation_out() -> None:
    """An aim with a scope counts the selected services only."""
    aims = [
        Aim("cost", scope=(("area", "north"),)),
        Aim("personnel", scope=(("nation", "!A"),)),
        Aim("coverage", scope=(("mission", "watch"),)),
    ]
    tables: dict[str, Any] = {"participation": [{"cost": 4}], "instruments": [{"instrument": "i", "cost": 5}]}
    found = judge(
        world(**tables), "A north 1 2; B south 1 1", instruments=[{"instrument": "i", "used": True}], aims=aims
    )
    assert [item.value for item in found.aims] == [20, 100, pytest.approx(30)]


def test_burden_in_every_measure() -> None:
    """Keys 1 to 1; A brings three of four units: ratio 1.5, deviation 0.5; with nobody deployed, nothing."""
    nations = [{"nation": "A", "fair_share": 2}, {"nation": "B", "fair_share": 2}, {"nation": "C"}]
    aims = [Aim("burden_gap", measure=measure) for measure in ("cost", "personnel", "units")] + [
        Aim("burden_gap", variant="deviation")
    ]
    found = judge(world(nations=nations), "A north 1 3; B north 1 1; C south 1 4", aims=aims)
    assert [item.value for item in found.aims] == [1.5, 1.5, 1.5, 0.5]
    assert [item.value for item in judge(world(nations=nations), "", aims=aims).aims] == [0.0] * 4


def test_changes_against_a_baseline() -> None:
    """Two units less, one unit more, one moved: 2 + 1 + 2 unit-periods; A's weigh double; without a baseline nothing is said."""
    aims = [Aim("changes"), Aim("changes", weights=(("A", 2.0),))]
    before = [
        {"pledge": "A", "requirement": "north", "period": 1, "units": 3},
        {"pledge": "B", "requirement": "north", "period": 1, "units": 1},
    ]
    plan = "A north 1 1; B south 1 1; C north 1 1"
    found = judge(world(), plan, baseline=pd.DataFrame(before), aims=aims)
    assert [item.value for item in found.aims] == [5, 7]
    assert [item.value for item in judge(world(), plan, aims=aims).aims] == [None, None]


def test_aims_come_in_order_of_solution() -> None:
    """Aims are sorted by priority, those of one priority as in the header; without aims the defaults hold."""
    aims = [{"name": "cost", "priority": 2}, {"name": "coverage", "priority": 1}, {"name": "nations", "priority": 2}]
    assert [item.aim.name for item in judge(world(aims=aims), "").aims] == ["coverage", "cost", "nations"]
    assert [item.aim.name for item in judge(world(), "").aims] == ["coverage", "cost"]
    nations = [{"nation": nation, "fair_share": 1} for nation in "ABC"]
    assert [item.aim.name for item in judge(world(nations=nations), "").aims] == ["coverage", "burden_gap", "cost"]


def test_route_costs_belong_to_limits_on_the_whole_cost_only() -> None:
    """40 million for two battalions of each nation and 1.4 for the dear road: in the coalition's budget, not in a nation's."""
    tables: dict[str, Any] = {
        "nations": [{"nation": "A", "gateway": "home", "budget": 20}, {"nation": "B", "gateway": "home", "budget": 20}],
        "pledges": [{"pledge": nation, "nation": nation, "unit_type": "inf", "quantity": 4} for nation in "AB"],
        "areas": [{"area": name} for name in ("home", "north", "south")],
        "routes": [
            {"origin": "home", "destination": "north", "mode": "cheap", "capacity": 14},
            {"origin": "home", "destination": "north", "mode": "dear", "cost": 0.1},
        ],
    }
    found = judge(world(**tables), "A north 1 2; B north 1 2")
    assert found.holds, [str(violation) for violation in found.violations]
    assert value(found, "cost") == pytest.approx(40 + 1.4)
    flows = found.frames["flows"]
    assert judge(world(**tables), "A north 1 2; B north 1 2", flows=flows).holds
    for per in ("period", "horizon"):
        for most, broken in ((41.4, set()), (41.3, {"limit"})):
            tables["limits"] = [{"limit": "all", "measure": "cost", "per": per, "maximum": most}]
            checked = judge(world(**tables), "A north 1 2; B north 1 2")
            assert {violation.rule for violation in checked.violations} == broken


def test_binding_means_that_nothing_more_fits() -> None:
    """900 persons allowed, 600 there: a battalion more does not fit, so the limit binds although 300 are left."""
    limits = evaluate(two_posts(), None, Decisions(rows(BEST_OF_TWO_POSTS))).frames["limits"]
    assert dict(zip(limits["limit"], limits["binding"], strict=True)) == {
        "FRA max_personnel": True,
        "ITA max_personnel": False,
    }
    assert limits["slack"].tolist() == [300.0, 340.0]


def test_a_limit_does_not_bind_where_nobody_is_left() -> None:
    """Room for 75 more binds while a battalion of 100 waits at home, and not when all four are deployed or it may not come."""
    tables = {"nations": [{"nation": "A", "max_personnel": 375}, {"nation": "B"}, {"nation": "C"}]}
    assert judge(world(**tables), "A north 1 3").frames["limits"]["binding"].tolist() == [True]
    caveats = [
        {"caveat": "no", "rule": "forbid", "area": "south"},
        {"caveat": "never", "rule": "forbid", "area": "north"},
    ]
    assert judge(world(caveats=caveats, **tables), "A north 1 3").frames["limits"]["binding"].tolist() == [False]
    tables["nations"][0]["max_personnel"] = 475
    assert judge(world(**tables), "A north 1 4").frames["limits"]["binding"].tolist() == [False]


def test_a_cap_below_every_unit_does_not_bind() -> None:
    """Room for 75 where every battalion has 100 is an error of `check`, nothing to negotiate; room for one of two binds."""
    every = {name: list(world().rows(name)) for name in ("unit_types", "yields", "pledges", "missions", "requirements")}
    for most, binding in ((75, False), (100, True), (175, True)):
        nations = [{"nation": "A", "max_personnel": most}, {"nation": "B"}, {"nation": "C"}]
        instance = Instance.from_tables({**every, "nations": nations}, impossible=True)
        plan = "A north 1 1" if most >= 100 else "B north 1 1"
        assert judge(instance, plan).frames["limits"]["binding"].tolist() == [binding]


def test_tables_of_leads_and_participation() -> None:
    """Who serves, who leads in which terms, and who leads a post in each period."""
    post = [{"mission": "watch", "area": "north", "lead": "required", "lead_term": 2}]
    instance = world(periods=4, posts=post, participation=[{"may_lead": True}])
    found = judge(instance, "A north 1-2 1; B north 2-3 2", lead="A north 1; B north 2")
    assert found.holds
    table = found.frames["participation"].set_index("nation")
    assert table["leads"].to_dict() == {"A": True, "B": True}
    assert table["lead_terms"].to_dict() == {"A": "1", "B": "2"}
    posts = found.frames["posts"]
    assert posts[posts["area"] == "north"]["lead"].tolist() == ["A", "A", "B", ""]
    assert posts[posts["area"] == "north"]["nations"].tolist() == [1, 2, 1, 0]


def test_scenarios_change_data_and_conditions() -> None:
    """A scenario's changes and conditions reach the check."""
    tables: dict[str, Any] = {
        "conditions": [{"condition": "truce"}],
        "caveats": [{"caveat": "no", "rule": "unless", "nation": "A", "condition": "truce"}],
        "scenarios": [{"scenario": "peace", "probability": 1, "truce": True}],
        "changes": [{"scenario": "peace", "table": "requirements", "key": "north", "column": "target", "factor": 2}],
    }
    assert [violation.rule for violation in judge(world(**tables), "A north 1 1").violations] == ["caveat"]
    found = judge(world(**tables), "A north 1 1", scenario="peace")
    assert found.holds
    assert found.frames["requirements"]["target"].tolist() == [20, 10]


def test_kept_by_rotation_is_said() -> None:
    """Of five units at a factor of two, two are usable and three stay at home."""
    pledges = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 5, "tour": 1, "dwell": 1}]
    row = judge(world(pledges=pledges), "A north 1 1").frames["pledges"].iloc[0]
    assert (row["quantity"], row["usable"], row["kept_by_rotation"], row["peak_units"]) == (5, 2, 3, 1)
