"""Every rule: a plan that keeps it, and the same plan minimally broken, so that exactly this rule is named."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.plan.rules import BREACHES

from .small import Row, judge, leads, rows, world

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """A world, a plan that keeps `rule`, a plan that breaks it, and what the violation says."""

    rule: str
    keeps: str
    breaks: str
    says: tuple[Any, ...]  # name, place, period, amount, limit
    world: dict[str, Any] = field(default_factory=dict)
    both: dict[str, Any] = field(default_factory=dict)
    lead: tuple[str, str] = ("", "")
    used: tuple[str, str] = ("", "")
    label: str = ""


def pledge(name: str = "A", **more: Any) -> Row:
    return {"pledge": name, "nation": name[0], "unit_type": "inf", "quantity": 4} | more


def line(name: str = "north", **more: Any) -> Row:
    return {"requirement": name, "mission": "watch", "area": name, "capability": "guard", "target": 10} | more


def limit(**more: Any) -> dict[str, list[Row]]:
    return {"limits": [{"limit": "L", "measure": "units", "maximum": 2} | more]}


def post(**more: Any) -> dict[str, list[Row]]:
    return {"posts": [{"mission": "watch", "area": "north"} | more]}


def medics(**more: Any) -> dict[str, list[Row]]:
    """A supporting line of weight 0 at the northern post, and a rule that one carer per 100 persons is needed."""
    return {
        "pledges": [pledge(), pledge("B", unit_type="med")],
        "requirements": [line(), line("south"), line("care", area="north", capability="care", weight=0)],
        "enablers": [{"enabler": "med", "capability": "care", "per_personnel": 0.01, "applies_to": "army"} | more],
    }


def network(**more: Any) -> dict[str, list[Row]]:
    """A's gateway `home` and one road to the north: 5 t to go, 2 t to stay."""
    return {
        "nations": [{"nation": "A", "gateway": "home"}, {"nation": "B"}, {"nation": "C"}],
        "areas": [{"area": name} for name in ("home", "north", "south")],
        "routes": [{"origin": "home", "destination": "north", "mode": "road", "capacity": 14} | more],
    }


TOURS = {"pledges": [pledge(tour=2, dwell=1)]}
SWITCH = [{"condition": "truce", "default": False}]

CASES = [
    # family 1
    Case(
        "pledge_window",
        "A north 2 1",
        "A north 3 1",
        ("A", "north", 3, 1, 0),
        {"periods": 3, "pledges": [pledge(until=2)]},
    ),
    Case(
        "line_window",
        "A north 2 1",
        "A north 1 1",
        ("A", "north", 1, 1, 0),
        {"periods": 2, "requirements": [line(**{"from": 2}), line("south")]},
    ),
    Case(
        "pledge_condition",
        "B north 1 1",
        "A north 1 1",
        ("A", "north", 1, 1, 0),
        {"pledges": [pledge(condition="truce"), pledge("B", condition="!truce")], "conditions": SWITCH},
    ),
    Case(
        "no_yield",
        "A north 1 1",
        "A care 1 1",
        ("A", "care", 1, 1, 0),
        {"requirements": [line(), line("care", area="north", capability="care")]},
    ),
    Case("quantity", "A north 1 3; A south 1 1", "A north 1 3; A south 1 2", ("A", "A", 1, 5, 4)),
    Case(
        "quantity",
        "A north 1 5",
        "A north 1 6",
        ("A", "A", 1, 6, 5),
        {"pledges": [pledge(quantity=6, rotation_factor=1.2)]},
        label="floors are exact",
    ),
    Case(
        "quantity",
        "A north 1 2",
        "A north 1 3",
        ("A", "A", 1, 3, 2),
        {"pledges": [pledge(quantity=5, tour=2, dwell=2)]},
        label="steady state",
    ),
    Case(
        "quantity",
        "A north 1-2 3",
        "A north 1 4",
        ("A", "A", 1, 4, 3),
        {"periods": 2, "pledges": [pledge(rotation_factor=1.3)]},
        label="rotation factor",
    ),
    Case("tour", "A north 1-2 1", "A north 1 1", ("A", "north", 2, 0, 1), {"periods": 3} | TOURS),
    Case(
        "tour",
        "A north 1-2 1; A south 2-3 1",
        "A north 1 1; A south 2-3 1",
        ("A", "north", 2, 0, 1),
        {"periods": 3} | TOURS,
        label="elsewhere",
    ),
    Case(
        "rotation",
        "A north 1-2 4; A north 4-5 4",
        "A north 1-2 4; A south 3-4 1",
        ("A", "A", 3, 5, 4),
        {"periods": 5} | TOURS,
    ),
    Case(
        "rotation",
        "A north 1-2 1; A north 3-4 3",
        "A north 1-2 2; A north 4-5 2",
        ("A", "A", 1, 5, 4),
        {"periods": 5, "pledges": [pledge(tour=2, dwell=0, deployed_at_start=3)]},
        label="out at the start",
    ),
    # family 2
    Case(
        "threshold",
        "A north 1 2",
        "A north 1 1",
        ("north", "watch in north", 1, 2, 4),
        {"requirements": [line(threshold=4), line("south")]},
    ),
    Case(
        "must",
        "A north 1 2",
        "A south 1 1",
        ("watch in north", "watch in north", 1, 0, 1),
        {"requirements": [line(threshold=4), line("south")]} | post(must=True),
    ),
    Case(
        "continuity",
        "A north 2-3 1",
        "A north 1-2 1",
        ("watch", "watch in north", 3, 0, 1),
        {
            "periods": 3,
            "missions": [{"mission": "watch", "continuity": True}],
            "requirements": [line(threshold=2), line("south", threshold=2)],
        },
    ),
    # family 3
    Case("limit", "A north 1 2", "A north 1 3", ("L", "limits/L", 1, 3, 2), limit(), label="units"),
    Case(
        "limit",
        "A north 1 2; B north 1 1",
        "A north 1 3",
        ("L", "limits/L", 1, 3, 2),
        limit(nation="A;C"),
        label="nation",
    ),
    Case(
        "limit",
        "A north 1 3",
        "C north 1 3",
        ("L", "limits/L", 1, 3, 2),
        limit(group="g") | {"groups": [{"group": "g", "nation": "C"}]},
        label="group",
    ),
    Case("limit", "A north 1 3", "A south 1 3", ("L", "limits/L", 1, 3, 2), limit(area="!north"), label="area"),
    Case("limit", "A north 1 3", "A south 1 3", ("L", "limits/L", 1, 3, 2), limit(host="SOU"), label="host"),
    Case(
        "limit",
        "B care 1 3",
        "A north 1 3",
        ("L", "limits/L", 1, 3, 2),
        medics() | {"enablers": []} | limit(tag="army"),
        label="tag",
    ),
    Case(
        "limit",
        "A north 1 3",
        "B care 1 3",
        ("L", "limits/L", 1, 3, 2),
        medics() | {"enablers": []} | limit(domain="sea"),
        label="domain",
    ),
    Case(
        "limit",
        "B care 1 3",
        "A north 1 3",
        ("L", "limits/L", 1, 3, 2),
        medics() | {"enablers": []} | limit(capability="guard"),
        label="capability",
    ),
    Case(
        "limit",
        "A north 2 3",
        "A north 1 3",
        ("L", "limits/L", 1, 3, 2),
        {"periods": 2} | limit(until=1),
        label="window",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1-2 2",
        ("L", "limits/L", None, 4, 3),
        {"periods": 2} | limit(per="horizon", maximum=3),
        label="horizon",
    ),
    Case(
        "limit", "A north 1 2", "A north 1 1", ("L", "limits/L", 1, 1, 2), limit(maximum=None, minimum=2), label="floor"
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("L", "limits/L", 1, 300, 299),
        limit(measure="personnel", maximum=299),
        label="personnel",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("L", "limits/L", 1, 9, 8),
        limit(measure="escalation", maximum=8),
        label="escalation",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("L", "limits/L", 1, 6, 5),
        limit(measure="sustainment", maximum=5),
        label="sustainment",
    ),
    Case(
        "limit",
        "A north 1-2 2",
        "A north 2 3",
        ("L", "limits/L", 2, 15, 10),
        {"periods": 2} | limit(measure="lift", maximum=10),
        label="lift",
    ),
    Case(
        "limit",
        "A north 1-2 2",
        "A north 2 2",
        ("L", "limits/L", 2, 26, 20),
        {"periods": 2, "deployment_costs": [{"unit_type": "inf", "movement_cost": 3}]}
        | limit(measure="cost", maximum=20, **{"from": 2}),
        label="cost with moves",
    ),
    Case(
        "limit",
        "A north 1 1; A south 1 2",
        "A north 1 1; B south 1 2",
        ("L", "limits/L", 1, 2, 1),
        limit(measure="nations", maximum=1),
        label="nations",
    ),
    Case(
        "limit",
        "A north 1 1; B north 1 2",
        "A north 1 1; A south 1 1",
        ("L", "limits/L", 1, 2, 1),
        limit(measure="posts", maximum=1),
        label="posts",
    ),
    Case(
        "limit",
        "A north 1-2 1",
        "A north 1 1; B north 2 1",
        ("L", "limits/L", None, 2, 1),
        {"periods": 2} | limit(measure="nations", maximum=1, per="horizon"),
        label="nations at any time",
    ),
    Case(
        "limit",
        "A north 1 3",
        "A north 1 2",
        ("L", "limits/L", 1, 0.4, 0.5),
        limit(measure="fulfilment", area="north", minimum=0.5, maximum=None),
        label="fulfilment",
    ),
    Case(
        "limit",
        "A north 1 1; B north 1 1",
        "A north 1 3; B north 1 1",
        ("L", "limits/L", 1, 0.75, 0.5),
        limit(measure="personnel_share", nation="A", maximum=0.5),
        label="share",
    ),
    Case(
        "limit",
        "A north 1-2 1",
        "A north 1-2 2",
        ("L", "limits/L", None, 40, 30),
        {"periods": 2} | limit(measure="cost", per="horizon", maximum=30),
        label="cost",
    ),
    Case(
        "limit",
        "A north 1 1; B north 1 1",
        "A north 1 3; B north 1 1",
        ("L", "limits/L", None, 1.5, 1.4),
        {"nations": [{"nation": "A", "fair_share": 5}, {"nation": "B", "fair_share": 5}, {"nation": "C"}]}
        | limit(measure="burden_gap", per="horizon", maximum=1.4),
        label="burden",
    ),
    Case(
        "limit",
        "A north 1 3",
        "A north 1 3",
        ("L", "limits/L", 1, 3, 2),
        limit(condition="!truce")
        | {"conditions": SWITCH, "scenarios": [{"scenario": "peace", "probability": 1, "truce": True}]},
        label="condition",
        both={"scenario": ("peace", None)},
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("A max_personnel", "nations/A/max_personnel", 1, 300, 200),
        {"nations": [{"nation": "A", "max_personnel": 200}, {"nation": "B"}, {"nation": "C"}]},
        label="national cap",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("A max_units", "nations/A/max_units", 1, 3, 2),
        {"nations": [{"nation": "A", "max_units": 2}, {"nation": "B"}, {"nation": "C"}]},
        label="national units",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 2; A south 1 1",
        ("A budget", "nations/A/budget", None, 37, 30),
        {
            "nations": [{"nation": "A", "budget": 30, "participation_cost": 4}, {"nation": "B"}, {"nation": "C"}],
            "participation": [{"area": "north", "cost": 3}],
        },
        label="budget with participation",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("north max_personnel", "areas/north/max_personnel", 1, 300, 200),
        {"areas": [{"area": "north", "max_personnel": 200}, {"area": "south"}]},
        label="host ceiling",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("north lift_capacity", "areas/north/lift_capacity", 1, 15, 14),
        {"areas": [{"area": "north", "lift_capacity": 14}, {"area": "south"}]},
        label="lift into an area",
    ),
    Case(
        "limit",
        "A north 1 2",
        "A north 1 3",
        ("watch north max_personnel", "posts/watch/north/max_personnel", 1, 300, 200),
        post(max_personnel=200),
        label="post",
    ),
    Case(
        "limit",
        "A north 1 2; B north 1 3",
        "A north 1 3; B north 1 2",
        ("A watch north max_units", "participation/A/watch/north/max_units", 1, 3, 2),
        {"participation": [{"max_units": 2, "nation": "A"}, {"max_units": 3, "area": "north"}]},
        label="pair",
    ),
    Case(
        "limit",
        "A south 1 3",
        "A north 1 3",
        ("few", "caveats/few", 1, 3, 2),
        {"caveats": [{"caveat": "few", "rule": "limit", "measure": "units", "maximum": 2, "area": "north"}]},
        label="caveat",
    ),
    Case(
        "limit",
        "A north 1 1",
        "A north 1 1",
        ("L", "limits/L", 1, 15, 14),
        limit(measure="cost", maximum=14) | {"instruments": [{"instrument": "i", "cost": 5}]},
        used=("", "i"),
        label="instruments in an open limit",
    ),
    # family 4
    Case(
        "caveat",
        "A south 1 1",
        "A north 1 1",
        ("no", "north", 1, 1, 0),
        {"caveats": [{"caveat": "no", "rule": "forbid", "nation": "A", "area": "north"}]},
    ),
    Case(
        "caveat",
        "B north 1 1",
        "A north 1 1",
        ("only", "north", 1, 1, 0),
        {
            "conditions": SWITCH,
            "caveats": [
                {"caveat": "only", "rule": "unless", "nation": "A", "condition": "truce"},
                {"caveat": "not", "rule": "forbid", "nation": "B", "condition": "truce"},
            ],
        },
        label="unless",
    ),
    Case(
        "caveat",
        "A north 2 1",
        "A north 1 1",
        ("no", "north", 1, 1, 0),
        {"periods": 2, "caveats": [{"caveat": "no", "rule": "forbid", "until": 1}]},
        label="window",
    ),
    # family 5
    Case(
        "min_contingent",
        "A north 1 2",
        "A north 1 1",
        ("A", "watch in north", 1, 100, 150),
        {"nations": [{"nation": "A", "min_contingent": 150}, {"nation": "B"}, {"nation": "C"}]},
    ),
    Case(
        "min_contingent",
        "A north 1 1; A south 1 2",
        "A north 1 2; A south 1 1",
        ("A", "watch in south", 1, 100, 150),
        {
            "nations": [{"nation": "A", "min_contingent": 150}, {"nation": "B"}, {"nation": "C"}],
            "participation": [{"area": "north", "min_contingent": 50}],
        },
        label="pair before nation",
    ),
    Case(
        "max_posts",
        "A north 1 1; A south 2 1",
        "A north 1 1; A south 1 1",
        ("A", "A", 1, 2, 1),
        {"periods": 2, "nations": [{"nation": "A", "max_posts": 1}, {"nation": "B"}, {"nation": "C"}]},
    ),
    Case(
        "min_nations",
        "A north 1 1; B north 1 1",
        "A north 1 2",
        ("watch in north", "watch in north", 1, 1, 2),
        post(min_nations=2),
    ),
    Case(
        "max_nations",
        "A north 1 2",
        "A north 1 1; B north 1 1",
        ("watch in north", "watch in north", 1, 2, 1),
        post(max_nations=1),
    ),
    Case(
        "max_share",
        "A north 1 1; B north 1 1",
        "A north 1 2; B north 1 1",
        ("watch in north", "A", 1, 200, 180),
        post(max_share=0.6),
    ),
    # family 6
    Case(
        "lead",
        "A north 1 1; B north 1 1",
        "A north 1 1; B north 1 1",
        ("watch in north", "watch in north", 1, 2, 1),
        post(lead="required") | {"participation": [{"may_lead": True}]},
        lead=("A north", "A north; B north"),
    ),
    Case(
        "lead",
        "A north 1 1",
        "A north 1 1",
        ("watch in north", "watch in north", 1, 0, 1),
        post(lead="required") | {"participation": [{"may_lead": True}]},
        lead=("A north", ""),
        label="nobody",
    ),
    Case(
        "lead",
        "A north 1-2 1; B north 3 1",
        "A north 1-2 1; B north 3 1",
        ("watch in north", "watch in north", 3, 0, 1),
        {"periods": 4} | post(lead="required", lead_term=2) | {"participation": [{"may_lead": True}]},
        lead=("A north 1; B north 2", "A north 1"),
        label="terms",
    ),
    Case(
        "lead_willing",
        "A north 1 1; B north 1 1",
        "A north 1 1; B north 1 1",
        ("watch in north", "B", 1, None, None),
        post(lead="required") | {"participation": [{"may_lead": True}, {"nation": "B", "may_lead": False}]},
        lead=("A north", "B north"),
    ),
    Case(
        "lead_present",
        "A north 1-2 1; B north 2 1",
        "A north 1 1; B north 2 1",
        ("watch in north", "A", 2, 0, 1),
        {"periods": 2} | post(lead="required") | {"participation": [{"may_lead": True}]},
        lead=("A north", "A north"),
    ),
    Case(
        "lead_share",
        "A north 1 2; B north 1 2",
        "A north 1 1; B north 1 2",
        ("watch in north", "A", 1, 100, 150),
        post(lead="required", lead_min_share=0.5) | {"participation": [{"may_lead": True}]},
        lead=("A north", "A north"),
    ),
    # family 7
    Case(
        "needs",
        "A north 1 1; B south 1 1",
        "A north 1 1",
        ("l", "A", None, 0, 1),
        {"links": [{"link": "l", "kind": "needs", "nation": "A", "other": "B"}]},
    ),
    Case(
        "needs",
        "A north 1 1; B north 1 1",
        "A north 1 1; B south 1 1",
        ("l", "A", None, 0, 1),
        {"links": [{"link": "l", "kind": "needs", "nation": "A", "other": "B", "area": "north"}]},
        label="scope",
    ),
    Case(
        "needs",
        "A north 1 1; B north 2 1; C north 2 1",
        "A north 1 1; B north 2 1",
        ("l", "A", None, 1, 2),
        {
            "periods": 2,
            "groups": [{"group": "g", "nation": nation} for nation in "ABC"],
            "links": [{"link": "l", "kind": "needs", "nation": "A", "other": "g"}],
        },
        label="every member but itself",
    ),
    Case(
        "excludes",
        "A north 1 1; C north 1 1",
        "A north 1 1; B south 1 1",
        ("l", "A", None, 1, 0),
        {"links": [{"link": "l", "kind": "excludes", "nation": "A", "other": "B"}]},
    ),
    Case(
        "at_least",
        "A north 1 1; B north 1 1",
        "A north 1 1",
        ("l", "A", None, 0, 1),
        {
            "groups": [{"group": "g", "nation": nation} for nation in "ABC"],
            "links": [{"link": "l", "kind": "at_least", "nation": "A", "other": "g", "count": 1}],
        },
    ),
    Case(
        "needs",
        "A north 1 1",
        "A north 1 1",
        ("l", "A", None, 0, 1),
        {
            "links": [{"link": "l", "kind": "needs", "nation": "A", "other": "B", "condition": "!truce"}],
            "conditions": SWITCH,
            "scenarios": [{"scenario": "peace", "probability": 1, "truce": True}],
        },
        both={"scenario": ("peace", None)},
        label="condition",
    ),
    # family 8
    Case("enabler", "A north 1 2; B care 1 2", "A north 1 2; B care 1 1", ("med", "watch in north", 1, 1, 2), medics()),
    Case(
        "enabler",
        "A north 1 1; A south 1 1; B care 1 2",
        "A north 1 1; A south 1 1; B care 1 1",
        ("med", "watch", 1, 1, 2),
        medics(scope="mission"),
        label="mission",
    ),
    Case(
        "enabler",
        "A north 1 2; B care 1 2",
        "A south 1 1; B care 1 2",
        ("med", "south", 1, 0, 1),
        medics(scope="area"),
        label="area",
    ),
    # family 9
    Case("flow_balance", "A north 1 2", "A north 1 3", ("north", "home", 1, 7, 0), network()),
    Case("flow_balance", "B north 1 1", "A south 1 1", ("south", "home", 1, 7, 0), network(), label="no way"),
    Case(
        "flow_balance",
        "A north 1-2 1",
        "A north 2 1",
        ("north", "home", 2, 1, 0),
        {"periods": 2}
        | network()
        | {
            "routes": [
                {"origin": "home", "destination": "north", "mode": "road", "capacity": 6, "from": 2},
                {"origin": "home", "destination": "north", "mode": "sea", "until": 1},
            ]
        },
        label="closed",
    ),
    # family 10
    Case(
        "sponsor",
        "A north 1 1",
        "B north 1 1",
        ("i", "A", None, 0, 1),
        {"instruments": [{"instrument": "i", "sponsors": "A"}]},
        used=("i", "i"),
    ),
    Case(
        "instrument_condition",
        "A north 1 1",
        "A north 1 1",
        ("i", "i", None, 1, 0),
        {"instruments": [{"instrument": "i", "condition": "truce"}], "conditions": SWITCH},
        used=("", "i"),
    ),
]


def _name(case: Case) -> str:
    return f"{case.rule} {case.label}".strip()


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_rule(case: Case) -> None:
    """The first plan keeps every rule; the second breaks this one and no other, and the violation says where and by how much."""
    instance = world(**case.world)
    scenarios = case.both.get("scenario", (None, None))
    for index, plan in enumerate((case.keeps, case.breaks)):
        used = [{"instrument": case.used[index], "used": True}] if case.used[index] else []
        found = judge(instance, plan, scenarios[index], lead=case.lead[index], instruments=used).violations
        if index == 0:
            assert found == (), [str(violation) for violation in found]
            continue
        assert [violation.rule for violation in found] == [case.rule], [str(violation) for violation in found]
        said = (found[0].name, found[0].place, found[0].period, found[0].amount, found[0].limit)
        expected = tuple(pytest.approx(value) if isinstance(value, (int, float)) else value for value in case.says)
        assert said == expected
        assert found[0].message.endswith(".")
        assert found[0].rule in str(found[0])


FLOW = {"origin": "home", "destination": "north", "mode": "road", "destination_area": "north", "period": 1}


@pytest.mark.parametrize(
    ("rule", "more", "flows"),
    [
        ("flow_balance", {}, [FLOW | {"tonnes": 6.9}]),
        ("flow_balance", {}, []),
        ("route_capacity", {"capacity": 6}, [FLOW | {"tonnes": 7.0}]),
        ("route_closed", {"condition": "truce"}, [FLOW | {"tonnes": 7.0}]),
        ("row", {}, [FLOW | {"tonnes": 7.0}, FLOW | {"mode": "air", "tonnes": 1.0}]),
    ],
)
def test_given_flows(rule: str, more: Row, flows: list[Row]) -> None:
    """Given flows must carry every tonne on open routes within their capacity: 5 t to move and 2 t to sustain one unit."""
    assert judge(world(**network()), "A north 1 1", flows=[FLOW | {"tonnes": 7.0}]).holds
    found = judge(world(**network(**more), conditions=SWITCH), "A north 1 1", flows=flows).violations
    assert [violation.rule for violation in found] == [rule]


def test_a_negative_flow_is_named() -> None:
    """A flow that runs backwards is not a way to balance the books."""
    tables = network() | {"routes": [*network()["routes"], {"origin": "home", "destination": "north", "mode": "rail"}]}
    flows = [FLOW | {"tonnes": 8.0}, FLOW | {"mode": "rail", "tonnes": -1.0}]
    assert [v.rule for v in judge(world(**tables), "A north 1 1", flows=flows).violations] == ["flow"]


def test_units_going_home_load_the_routes() -> None:
    """In the first period away a unit is moved home: 5 t in period 3, where nobody serves any more."""
    flows = judge(world(periods=3, **network()), "A north 1-2 1").frames["flows"]
    assert flows["tonnes"].tolist() == pytest.approx([7.0, 2.0, 5.0])


def test_a_route_binds_where_no_further_unit_fits() -> None:
    """One unit takes 7 t in its first period and 2 t later: of 10 t a second fits only into what is left from period 2."""
    routes = judge(world(periods=2, **network(capacity=10)), "A north 1-2 1").frames["routes"]
    assert routes["tonnes"].tolist() == pytest.approx([7.0, 2.0])
    assert routes["slack"].tolist() == pytest.approx([3.0, 8.0])
    assert routes["binding"].tolist() == [True, False]


def test_a_route_without_capacity_or_closed_is_no_bottleneck() -> None:
    """Without a capacity nothing binds; a closed route is not among the open ones."""
    routes = judge(world(**network(capacity=None)), "A north 1 1").frames["routes"]
    assert routes["capacity"].isna().all()
    assert not routes["binding"].any()
    assert judge(world(**network(condition="truce"), conditions=SWITCH), "").frames["routes"].empty


def test_a_tour_ends_with_a_move_home() -> None:
    """A tour of two periods moves out in its first period and home in the period after its last."""
    tables = network() | {"pledges": [pledge(tour=2, dwell=0)]}
    flows = judge(world(periods=4, **tables), "A north 2-3 1").frames["flows"]
    assert list(zip(flows["period"].tolist(), flows["tonnes"].tolist(), strict=True)) == [(2, 7.0), (3, 2.0), (4, 5.0)]


def test_a_tour_may_run_over_the_end_of_the_horizon() -> None:
    """A tour that has begun in the last period is not cut short by the end of the horizon."""
    assert judge(world(periods=3, **TOURS), "A north 3 1").holds


def test_one_tour_follows_another_on_the_same_line() -> None:
    """With four units and a cycle of three periods, one tour can follow another without a break."""
    found = judge(world(periods=5, **TOURS), "A north 1-4 2")
    assert found.holds
    assert found.frames["pledges"]["tours"].tolist() == [4]


def test_overlapping_tours_are_told_apart() -> None:
    """Presence 1, 2, 1 is one tour from period 1 and one from period 2, not a tour of three periods."""
    found = judge(world(periods=3, **TOURS), "A north 1 1; A north 2 2; A north 3 1")
    assert found.holds
    assert found.frames["pledges"]["tours"].tolist() == [2]


def test_soft_enablers_show_their_gap() -> None:
    """A soft enabler forbids nothing; what is missing stands in the table."""
    found = judge(world(**medics(hard=False)), "A north 1 2; B care 1 1")
    assert found.holds
    assert found.frames["enablers"].loc[:, ["scope", "needed", "delivered", "gap"]].values.tolist() == [
        ["watch in north", 2.0, 1.0, 1.0]
    ]


def test_an_instrument_supports_as_units_do() -> None:
    """What an instrument delivers to a line counts as support there."""
    tables = medics() | {
        "instruments": [{"instrument": "i"}],
        "instrument_yields": [{"instrument": "i", "capability": "care", "amount": 2}],
    }
    assert not judge(world(**tables), "A north 1 2").holds
    assert judge(world(**tables), "A north 1 2", instruments=[{"instrument": "i", "used": True}]).holds


def test_nobody_serves_and_the_post_stands() -> None:
    """A post that an instrument alone fills is mounted; one that needs a nation is not."""
    tables: dict[str, Any] = {
        "instruments": [{"instrument": "i"}],
        "instrument_yields": [{"instrument": "i", "capability": "guard", "amount": 5}],
        "requirements": [line(threshold=3), line("south", threshold=3)],
    } | post(min_nations=1)
    found = judge(world(**tables), "", instruments=[{"instrument": "i", "used": True}])
    assert found.frames["posts"]["mounted"].tolist() == [False, True]
    assert found.frames["requirements"]["fulfilled"].tolist() == [0.0, 5.0]


def test_continuity_keeps_an_empty_post_closed_that_would_have_to_close() -> None:
    """With continuity, nobody's post is mounted only from where it can stay mounted to the end of its window."""
    mission = [{"mission": "watch", "continuity": True}]
    lines = [
        line(threshold=0, until=2),
        line("later", area="north", threshold=1, **{"from": 3, "until": 3}),
        line("south"),
    ]
    found = judge(world(periods=4, missions=mission, requirements=lines), "")
    assert found.holds
    posts = found.frames["posts"]
    assert posts[posts["area"] == "north"]["mounted"].tolist() == [False, False, False, False]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"pledge": "X"}, "no pledge"),
        ({"requirement": "east"}, "no requirement"),
        ({"period": 2}, "no period"),
        ({"period": 1.5}, "no period"),
        ({"units": -1}, "not a number of units"),
        ({"units": 1.5}, "not a whole number"),
        ({"units": float("nan")}, "not a number of units"),
        ({"pledge": "A"}, "listed twice"),
    ],
)
def test_rows_that_name_nothing_known(row: Row, word: str) -> None:
    """A row with an unknown name, an impossible period or no whole number of units is named and nothing crashes."""
    good = {"pledge": "A", "requirement": "north", "period": 1, "units": 1}
    found = evaluate(world(), None, Decisions([good, {**good, "pledge": "B"} | row])).violations
    assert [violation.rule for violation in found] == ["row"]
    assert word in found[0].message


def test_missing_columns_are_said() -> None:
    """Rows without a needed column are refused with its name."""
    with pytest.raises(ValueError, match="units"):
        evaluate(world(), None, Decisions([{"pledge": "A", "requirement": "north", "period": 1}]))


def test_unknown_leads_and_instruments_are_rows() -> None:
    """Leads and instruments that name nothing known are named."""
    found = evaluate(world(), None, Decisions([], leads("X north; A east"), [{"instrument": "i", "used": True}]))
    assert [violation.rule for violation in found.violations] == ["row"] * 3


def test_stated_tour_starts_are_held_against_presence() -> None:
    """Tour starts that the search states must be those that follow from presence."""
    instance = world(periods=3, **TOURS)
    start = {"pledge": "A", "requirement": "north", "period": 1, "units": 2}
    assert judge(instance, "A north 1-2 2", starts=[start]).holds
    found = judge(instance, "A north 1-2 2", starts=[start | {"units": 1}]).violations
    assert [violation.rule for violation in found] == ["stated"]


def test_solver_noise_is_no_violation() -> None:
    """Sums that miss a limit by less than a millionth keep it."""
    assert judge(world(**limit(measure="personnel", maximum=299.9999)), "A north 1 3").holds


def test_a_share_of_cost_counts_units_only() -> None:
    """What taking part costs once is no part of a share of cost: one of two equal battalions is half, whatever its nation pays."""
    nations = [{"nation": "A", "participation_cost": 50}, {"nation": "B"}, {"nation": "C"}]
    most = limit(measure="cost_share", per="horizon", nation="A", maximum=0.5)
    assert judge(world(nations=nations, **most), "A north 1 1; B north 1 1").holds


def test_participation_costs_belong_to_the_whole_horizon() -> None:
    """A budget over the horizon holds what taking part costs; one over a window does not."""
    nations = [{"nation": "A", "participation_cost": 50}, {"nation": "B"}, {"nation": "C"}]
    for window, used in (({}, 70.0), ({"until": 2}, 70.0), ({"until": 1}, 10.0), ({"from": 2}, 10.0)):
        row = limit(measure="cost", per="horizon", nation="A", maximum=100, **window)
        found = judge(world(periods=2, nations=nations, **row), "A north 1-2 1")
        assert found.frames["limits"]["used"].tolist() == [used]


def test_every_named_rule_is_broken_somewhere() -> None:
    """No rule's name stands in the list without a test that breaks it."""
    here = {case.rule for case in CASES} | {"flow", "flow_balance", "route_closed", "route_capacity", "row", "stated"}
    here.add("changed")  # tests/plan/test_proof.py
    here |= {"post_stay", "nation_stay", "max_drop", "committed"}  # tests/plan/test_steadiness.py
    here.add("agreed")  # tests/plan/test_agreed.py
    here |= {"fund_amount", "fund_share", "fund_maximum"}  # tests/plan/test_funding.py
    assert here == set(BREACHES)


def reported() -> dict[str, set[str]]:
    """The modules of the verifier that report a violation of each name."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "optimizer/plan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Violation":
                name = ast.literal_eval(node.args[0])
                found.setdefault(name, set()).add(path.stem if path.parent.name == "rules" else "")
    return found


def test_every_breach_is_reported_where_its_family_says() -> None:
    """The names in the source are those of the register; a family's names are reported by its module (a cut tour where tours are read)."""
    found = reported()
    assert set(found) == set(BREACHES)
    for name, breach in BREACHES.items():
        assert found[name] == {"" if name == "tour" else breach.family}, name
        assert not breach.family or (ROOT / f"docs/rules/{breach.family}.md").exists()
        assert breach.meaning.endswith(".")


def test_all_violations_are_listed() -> None:
    """A plan that breaks several rules has them all named, not only the first."""
    instance = world(**limit(maximum=1), caveats=[{"caveat": "no", "rule": "forbid", "area": "south"}])
    found = judge(instance, "A north 1 5; B south 1 1").violations
    assert {violation.rule for violation in found} == {"quantity", "limit", "caveat"}
    assert rows("A north 1-2 1")[1]["period"] == 2
