"""Family 15: what keeps and what breaks an agreed row, and which rows are named because they cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import check_instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import excess_is_useless, rules_of
from tests.plan.small import Row, judge, world


def agreed(**more: Any) -> dict[str, list[Row]]:
    """One row: two units of A in the north, with more said of it."""
    return {"agreed": [{"pledge": "A", "requirement": "north", "units": 2, **more}]}


CASES = [
    ("exactly so many", agreed(), "A north 1-4 2", "A north 1-3 2; A north 4 3", 4),
    ("not fewer", agreed(), "A north 1-4 2; A south 1 2", "A north 2-4 2; A north 1 1", 1),
    ("at least so many", agreed(kind="at_least"), "A north 1-4 4", "A north 1-3 4; A north 4 1", 4),
    ("in the window only", agreed(**{"from": 2, "until": 3}), "A north 2-3 2; A north 4 1", "A north 2 2", 3),
    ("nobody", agreed(units=0, until=2), "A south 1-2 4; A north 3 1", "A north 2-3 1", 2),
    (
        "while a condition holds",
        {**agreed(condition="!truce"), "conditions": [{"condition": "truce"}]},
        "A north 1-4 2",
        "A north 1-3 2",
        4,
    ),
]


@pytest.mark.parametrize(
    ("tables", "kept", "broken", "period"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_kept_and_broken(tables: dict[str, list[Row]], kept: str, broken: str, period: int) -> None:
    """One plan keeps the row; another breaks it, and nothing else, in one period; the violation names the row."""
    instance = world(periods=4, **tables)
    assert judge(instance, kept).holds
    (found,) = judge(instance, broken).violations
    assert (found.rule, found.period) == ("agreed", period)
    assert found.source in {rule.id for rule in rules_of(build_situation(instance))}


def test_a_condition_that_does_not_hold() -> None:
    """The row asks for nothing then, and is no rule in force."""
    instance = world(periods=4, **agreed(condition="truce"), conditions=[{"condition": "truce"}])
    assert judge(instance, "").holds
    assert not [rule for rule in rules_of(build_situation(instance)) if rule.table == "agreed"]


def test_sentences() -> None:
    """Each row is a rule that never bends, in a planner's words."""
    rows = [
        {"pledge": "A", "requirement": "north", "units": 2, "until": 1},
        {"pledge": "A", "requirement": "north", "units": 0, "from": 2},
        {"pledge": "B", "requirement": "south", "units": 1, "kind": "at_least"},
        {"pledge": "C", "requirement": "south", "units": 0, "kind": "at_least"},
    ]
    found = [rule for rule in rules_of(build_situation(world(periods=2, agreed=rows))) if rule.table == "agreed"]
    assert [(rule.id, rule.nation, rule.bendable, rule.sentence) for rule in found] == [
        ("agreed/A:north:", "A", False, "Exactly 2 units of A of A serve on north in period 1."),
        ("agreed/A:north:2", "A", False, "No unit of A of A serves on north in period 2."),
        ("agreed/B:south:", "B", False, "At least 1 unit of B of B serves on south."),
    ]


def test_more_than_the_target_asks_for() -> None:
    """Five units fill the target of ten; a sixth that is agreed must not be cut off by what is useful."""
    pledges = [{"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 6}]
    aims = [{"name": "coverage"}]
    assert excess_is_useless(build_situation(world(aims=aims, pledges=pledges, **agreed(units=5))))
    assert not excess_is_useless(build_situation(world(aims=aims, pledges=pledges, **agreed(units=6))))


def findings(pledge: Row | None = None, periods: int = 4, **tables: list[Row]) -> list[tuple[str, str]]:
    """Severity and code of what is said about agreed rows, where A has four units."""
    try:
        row = {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, **(pledge or {})}
        found = check_instance(world(periods=periods, pledges=[row], **tables))
    except InvalidInstance as error:
        found = error.findings
    return [(one.severity, one.code) for one in found if one.place == "agreed"]


NEVER = [("error", "agreed-unservable")]
FEW = [("error", "agreed-above-quantity")]
REST = [("error", "agreed-above-rotation")]
TOUR = {"tour": 2, "dwell": 2}


@pytest.mark.parametrize(
    ("pledge", "row", "said"),
    [
        ({}, {"units": 4}, []),
        ({}, {"units": 5}, FEW),
        ({"rotation_factor": 1.5}, {"units": 3}, FEW),
        ({"until": 3}, {"until": 3}, []),
        ({"until": 3}, {}, NEVER),
        ({"unit_type": "med"}, {}, NEVER),
        ({"unit_type": "med"}, {"units": 0}, []),
        ({"tour": 2, "until": 3}, {"from": 3, "until": 3}, []),
        ({"tour": 2, "until": 1}, {"until": 1}, NEVER),
        (TOUR, {"units": 4, "until": 2}, []),
        (TOUR, {"units": 3, "until": 3}, REST),
        (TOUR, {"units": 2}, []),
        ({**TOUR, "deployed_at_start": 3}, {"from": 3, "until": 3}, REST),
        ({**TOUR, "deployed_at_start": 3}, {"from": 4, "until": 4}, []),
        ({}, {"units": 0, "kind": "at_least"}, [("warning", "agreed-says-nothing")]),
    ],
)
def test_rows_that_cannot_be(pledge: Row, row: Row, said: list[tuple[str, str]]) -> None:
    """What one row asks for and no plan can give is named; one unit or period less is not."""
    assert findings(pledge, **agreed(**row)) == said


def test_caveats_and_names() -> None:
    """A caveat in the way is named by its id; what does not exist is named as everywhere."""
    no = {"caveat": "no", "rule": "forbid", "area": "north", "from": 2}
    assert findings(**agreed(until=1), caveats=[no]) == []
    with pytest.raises(InvalidInstance, match="in period 2 it cannot serve there: refused by caveats/no"):
        world(periods=4, **agreed(), caveats=[no])
    with pytest.raises(InvalidInstance, match=r"there is no requirement 'nort'\. .* Did you mean 'north'"):
        world(**agreed(requirement="nort"))


def test_a_condition_that_puts_it_out_of_reach_in_some_scenarios() -> None:
    """Where the pledge exists in some scenarios only, the row leaves no plan in the others, which a warning names."""
    tables = {
        "conditions": [{"condition": "truce", "default": True}],
        "scenarios": [{"scenario": "calm"}, {"scenario": "storm", "truce": False}],
    }
    assert findings({"condition": "truce"}, **agreed(), **tables) == [("warning", "agreed-unservable")]
    assert findings({"condition": "truce"}, **agreed(condition="truce"), **tables) == []


@pytest.mark.parametrize(("first", "twice"), [(3, False), (2, True), (None, True)])
def test_windows_lie_apart(first: int | None, twice: bool) -> None:
    """Two rows of one pledge and requirement must not speak of one period; a blank is the first."""
    rows = [
        {"pledge": "A", "requirement": "north", "units": 1, "from": 1, "until": 2},
        {"pledge": "A", "requirement": "north", "units": 2, "from": first},
    ]
    assert findings(agreed=rows) == ([("error", "agreed-twice")] if twice else [])


def test_rows_are_in_the_order_of_their_periods() -> None:
    """The order of rows in the input changes nothing, and period 10 comes after period 2."""
    rows = [{"pledge": "A", "requirement": "north", "units": t, "from": t, "until": t} for t in (3, 1, 2)]
    rows.append({"pledge": "A", "requirement": "north", "units": 4, "from": 10})
    instance: Instance = world(periods=12, agreed=rows)
    assert [row["from"] for row in instance.rows("agreed")] == [1, 2, 3, 10]
    assert instance == world(periods=12, agreed=rows[::-1])
