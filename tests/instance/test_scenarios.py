"""Scenarios: what a factor makes of a cell, and whose value holds where the user sets what a scenario changes."""

from __future__ import annotations

from typing import Any

import pytest

import optimizer as fg
from optimizer.instance.attributes import TABLES
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import check_instance
from optimizer.instance.scenario import apply_factor, is_rounded, scenario_tables
from optimizer.instance.settings import overruled, with_settings

QUANTITY = TABLES["pledges"].by_name["quantity"]
COST = TABLES["unit_types"].by_name["cost"]


def instance(*changes: dict[str, Any], quantity: int = 10) -> Instance:
    """One pledge of companies for a harbour, and a scenario in which the figures change."""
    return Instance.from_tables(
        {
            "nations": [{"nation": "NOR"}],
            "unit_types": [{"unit_type": "company", "personnel": 120, "cost": 0.1}],
            "yields": [{"unit_type": "company", "capability": "patrol", "amount": 2}],
            "missions": [{"mission": "harbour"}],
            "requirements": [
                {"requirement": "quay", "mission": "harbour", "area": "coast", "capability": "patrol", "target": 20}
            ],
            "pledges": [{"pledge": "p", "nation": "NOR", "unit_type": "company", "quantity": quantity}],
            "conditions": [{"condition": "calm", "default": True}],
            "scenarios": [{"scenario": "late"}, {"scenario": "rough", "calm": False}],
            "changes": [{"scenario": "late", "table": "pledges", "key": "p", **change} for change in changes],
        }
    )


@pytest.mark.parametrize(
    ("value", "factor", "left"),
    [
        (10, 0.5, 5),
        (1, 0.5, 0),
        (10, 0.3, 3),
        (3, 0.9, 2),
        (100, 0.29, 29),
        (3, 1.1, 3),
        (10**15, 1.0, 10**15),
        (7, 0, 0),
    ],
)
def test_a_fraction_of_a_count_is_rounded_down(value: int, factor: float, left: int) -> None:
    """Whole numbers are multiplied exactly as they are written, and never more comes than the factor says."""
    assert apply_factor(QUANTITY, value, factor) == left
    assert isinstance(apply_factor(QUANTITY, value, factor), int)
    got = scenario_tables(instance({"column": "quantity", "factor": factor}, quantity=value), "late")
    assert got.rows("pledges")[0]["quantity"] == left


def test_other_numbers_keep_their_fraction() -> None:
    """A cost times a factor is the number that a reader would write."""
    assert apply_factor(COST, 0.1, 3) == 0.3
    assert not is_rounded(COST, 0.1, 0.5)


def test_rounding_is_told() -> None:
    """`check` names the change, and the plan of the scenario says what was left away; an exact product is not mentioned."""
    rounded = instance({"column": "quantity", "factor": 0.25})
    (finding,) = check_instance(rounded)
    assert (finding.severity, finding.code, finding.place, finding.row) == ("warning", "factor-rounded", "changes", 2)
    assert "10 × 0.25 is 2.5, rounded down to 2" in finding.message
    plan = fg.solve(rounded, "late", child=False)
    assert any("pledges.p.quantity" in event and "rounded down to 2" in event for event in plan.events)
    assert plan.aim("coverage") == pytest.approx(20)
    assert fg.solve(rounded, child=False).events == ()
    assert check_instance(instance({"column": "quantity", "factor": 0.3})) == ()


def test_what_the_user_sets_holds_in_every_scenario() -> None:
    """A value set from outside takes the place of every scenario's change to that cell, and a sentence says so."""
    given = instance({"column": "quantity", "value": "1"}, {"column": "cost", "value": "9"})
    settings = ["pledges.p.quantity=4"]
    changed = with_settings(given, settings)
    row = scenario_tables(changed, "late").rows("pledges")[0]
    assert (row["quantity"], row["cost"]) == (4, 9)
    (sentence,) = overruled(given, settings, "late")
    assert "pledges.p.quantity" in sentence
    assert "'late' would have made it 1" in sentence
    assert overruled(given, settings, "rough") == overruled(given, settings, None) == []


def test_a_blank_set_by_the_user_holds_too() -> None:
    """Emptying a cell that a scenario changes leaves it empty there."""
    given = instance({"column": "cost", "value": "9"})
    changed = with_settings(given, ["pledges.p.cost="])
    assert scenario_tables(changed, "late").rows("pledges")[0]["cost"] is None


def test_a_change_that_is_set_itself_stays() -> None:
    """Who sets the scenario's own change means it."""
    given = instance({"column": "quantity", "value": "1"})
    changed = with_settings(given, ["pledges.p.quantity=4", "changes.late/pledges/p/quantity.value=2"])
    assert scenario_tables(changed, "late").rows("pledges")[0]["quantity"] == 2
    assert scenario_tables(changed).rows("pledges")[0]["quantity"] == 4


def test_a_default_that_the_scenario_overrides_is_told() -> None:
    """The default of a condition does not count where the scenario says whether it holds."""
    given = instance()
    assert "changes nothing" in overruled(given, ["conditions.calm.default=true"], "rough")[0]
    assert overruled(given, ["conditions.calm.default=false"], "late") == []
