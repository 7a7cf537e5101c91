"""The verifier's reading of conditions that hold in some periods only; truce: 1 and 3, in the scenario `s` of four periods."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.case import read_case
from optimizer.plan.rules.limits import expand

from .small import Row, judge, world

FACTS: dict[str, list[Row]] = {
    "conditions": [{"condition": "truce"}, {"condition": "vote"}],
    "scenarios": [{"scenario": "s"}],
    "scenario_conditions": [
        {"scenario": "s", "condition": "truce", "until": 1, "holds": True},
        {"scenario": "s", "condition": "truce", "from": 3, "until": 3, "holds": True},
    ],
}


def facts(**tables: list[Row]) -> Instance:
    return world(periods=4, **(FACTS | tables))


def limit(**cells: Any) -> dict[str, list[Row]]:
    return {"limits": [{"limit": "l", "measure": "units", "condition": "truce | vote", **cells}]}


def pledged(**cells: Any) -> dict[str, list[Row]]:
    return {
        "pledges": [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "condition": "truce", **cells}]
    }


CASES = [
    ("a pledge serves while it exists", pledged(), "A north 1 1; A north 3 1", "A north 2 1", "pledge_condition", 2),
    (
        "a tour needs all its periods",
        pledged(condition="!truce | vote", tour=2, dwell=0),
        "A north 4 1",
        "A north 2-3 1",
        "pledge_condition",
        3,
    ),
    (
        "what is committed serves while it exists",
        pledged(committed=1, until=3),
        "A north 1 1; A north 3 1",
        "A north 1 1",
        "committed",
        3,
    ),
    (
        "a caveat forbids while the truce holds",
        {"caveats": [{"caveat": "c", "nation": "A", "rule": "forbid", "condition": "truce & !vote"}]},
        "A north 2 1; A north 4 1",
        "A north 3 1",
        "caveat",
        3,
    ),
    (
        "a caveat forbids unless the truce holds",
        {"caveats": [{"caveat": "c", "nation": "A", "rule": "unless", "condition": "truce", "from": 2}]},
        "A north 1 1; A north 3 1",
        "A north 2 1",
        "caveat",
        2,
    ),
    (
        "a caveat caps while the truce holds",
        {"caveats": [{"caveat": "c", "rule": "limit", "condition": "truce", "measure": "units", "maximum": 1}]},
        "A north 1 1; A north 2 3; A north 3 1",
        "A north 1 1; A north 3 2",
        "limit",
        3,
    ),
    ("a limit per period", limit(maximum=1), "A north 2 4; A north 3 1", "A north 3 2", "limit", 3),
    (
        "a limit over the horizon sums",
        limit(maximum=3, per="horizon"),
        "A north 1 1; A north 2 4; A north 3 2",
        "A north 1 1; A north 3 3",
        "limit",
        None,
    ),
    (
        "a limit sums inside its window",
        limit(maximum=1, per="horizon", **{"from": 2}),
        "A north 1-2 4; A north 3 1",
        "A north 3 2",
        "limit",
        None,
    ),
    (
        "nations at any time",
        limit(measure="nations", maximum=1, per="horizon"),
        "A north 1 1; B north 2 1; A south 3 1",
        "A north 1 1; B north 3 1",
        "limit",
        None,
    ),
    (
        "a share of all",
        limit(measure="units_share", maximum=0.5, per="horizon", nation="A"),
        "A north 1 1; B north 3 1; A north 2 4",
        "A north 1 2; B north 3 1; B north 2 4",
        "limit",
        None,
    ),
    (
        "a link binds throughout",
        {"links": [{"link": "k", "kind": "needs", "nation": "A", "other": "B", "condition": "truce"}]},
        "A north 2 1; B south 4 1",
        "A north 2 1",
        "needs",
        None,
    ),
]


@pytest.mark.parametrize(
    ("tables", "kept", "broken", "rule", "period"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_kept_and_broken(tables: dict[str, list[Row]], kept: str, broken: str, rule: str, period: int | None) -> None:
    """One plan keeps the rule; another, one unit or period away, breaks it, and nothing else, in the period named."""
    instance = facts(**tables)
    assert judge(instance, kept, "s").violations == ()
    found = judge(instance, broken, "s").violations
    assert [(violation.rule, violation.period) for violation in found] == [(rule, period)]


GIVING: dict[str, list[Row]] = {
    "instruments": [{"instrument": "help", "cost": 8, "escalation": 2, "condition": "truce", "sponsors": "A"}],
    "instrument_yields": [{"instrument": "help", "capability": "guard", "area": "north", "amount": 4}],
}
USED = [{"instrument": "help", "used": True}]


def test_an_instrument_delivers_while_its_condition_holds() -> None:
    """It yields in periods 1 and 3; its sponsor takes part at any time; nothing of its cost is left out."""
    found = judge(facts(**GIVING), "A south 2 1", "s", instruments=USED)
    assert found.holds
    lines = found.frames["requirements"]
    assert lines[lines["requirement"] == "north"]["delivered"].tolist() == [4.0, 0.0, 4.0, 0.0]
    assert found.values["cost"] == 18
    assert [v.rule for v in judge(facts(**GIVING), "A south 2 1", instruments=USED).violations] == [
        "instrument_condition"
    ]


def test_the_end_of_an_instrument_is_a_drop() -> None:
    """From period 1 to 2 the line falls by 4, from 3 to 4 again; units make up for it."""
    lines = [
        {
            "requirement": "north",
            "mission": "watch",
            "area": "north",
            "capability": "guard",
            "target": 10,
            "max_drop": 0.2,
        }
    ]
    instance = facts(**GIVING, requirements=lines)
    assert judge(instance, "A north 2 1; A north 4 1", "s", instruments=USED).holds
    found = judge(instance, "A north 2 1", "s", instruments=USED).violations
    assert [(violation.rule, violation.period) for violation in found] == [("max_drop", 4)]


def test_what_a_limit_counts_of_an_instrument() -> None:
    """Its cost is spread over all four periods, also those in which its condition fails; escalation is whole, and once in a sum."""
    for measure, per, counted in (
        ("cost", "period", [12.0, 2.0]),
        ("cost", "horizon", [14.0]),
        ("escalation", "period", [5.0, 2.0]),
        ("escalation", "horizon", [5.0]),
    ):
        instance = facts(**GIVING, **limit(measure=measure, per=per, maximum=1_000))
        frame = judge(instance, "A south 1 1", "s", instruments=USED).frames["limits"]
        assert frame["used"].tolist() == counted, (measure, per)


def test_what_falls_once_belongs_to_the_whole_horizon_only() -> None:
    """The cost of taking part counts in a limit over the horizon whose condition holds throughout, and in no other."""
    nations = [{"nation": "A", "participation_cost": 7}, {"nation": "B"}, {"nation": "C"}]
    for condition, counted in (("truce | !truce", 17.0), ("truce", 10.0)):
        instance = facts(nations=nations, **limit(measure="cost", per="horizon", maximum=99, condition=condition))
        assert judge(instance, "A north 1 1", "s").frames["limits"]["used"].tolist() == [counted]


def test_a_route_is_open_while_its_condition_holds() -> None:
    """Where a flow moves on a route that its condition closes, the condition is named; where its window does, the row."""
    network = {
        "nations": [{"nation": "A", "gateway": "home"}, {"nation": "B"}, {"nation": "C"}],
        "areas": [{"area": name} for name in ("home", "north", "south")],
        "routes": [{"origin": "home", "destination": "north", "mode": "road", "condition": "truce", "until": 3}],
    }
    flow = {"origin": "home", "destination": "north", "mode": "road", "destination_area": "north"}
    found = judge(
        facts(**network),
        "A north 3-4 1",
        "s",
        flows=[{**flow, "period": 3, "tonnes": 7.0}, {**flow, "period": 4, "tonnes": 2.0}],
    )
    assert [(v.rule, v.period, v.source) for v in found.violations] == [
        ("route_closed", 4, "routes/home:north:road.condition")
    ]
    assert next((v.rule, v.period) for v in judge(facts(**network), "A north 1-2 1", "s").violations) == (
        "flow_balance",
        2,
    )
    assert judge(facts(**network), "", "s").frames["routes"]["period"].tolist() == [1, 3]


def test_a_limit_that_never_holds_is_none() -> None:
    """A condition that fails in every period of the window leaves no limit."""
    instance = facts(**limit(maximum=0, **{"from": 2, "until": 2}))
    assert expand(read_case(instance, "s")) == []
    assert [one.periods for one in expand(read_case(facts(**limit(maximum=0)), "s"))] == [(1, 3)]
