"""Expressions over conditions, and conditions that hold in some periods only."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.conditions import MalformedCondition, parse_condition
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import check_instance
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.settings import overruled, with_settings
from optimizer.instance.supply import funnel, losses
from optimizer.rulebook import rules

Row = dict[str, Any]
TRUTH = {"a": 0b1010, "b": 0b1100, "c": 0b1111, "north east": 0b0001}


def instance(periods: int = 4, impossible: bool = False, **tables: list[Row]) -> Instance:
    """One nation with two units for one line; conditions a (default false) and b (default true), one scenario `s`."""
    base: dict[str, list[Row]] = {
        "nations": [{"nation": "A"}],
        "unit_types": [{"unit_type": "u", "personnel": 10, "cost": 1}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": "p", "nation": "A", "unit_type": "u", "quantity": 2}],
        "missions": [{"mission": "m", "continuity": True}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 2}],
        "conditions": [{"condition": "a"}, {"condition": "b", "default": True}],
        "scenarios": [{"scenario": "s"}],
    }
    return Instance.from_tables(base | tables, {"periods": {"count": periods}}, impossible=impossible)


def pledge(condition: str, **more: Any) -> list[Row]:
    return [{"pledge": "p", "nation": "A", "unit_type": "u", "quantity": 2, "condition": condition, **more}]


@pytest.mark.parametrize(
    ("text", "written", "periods"),
    [
        ("a", "a", 0b1010),
        ("! a", "!a", 0b0101),
        ("a&b", "a & b", 0b1000),
        ("a | b", "a | b", 0b1110),
        ("!a & b", "!a & b", 0b0100),
        ("!(a & b)", "!(a & b)", 0b0111),
        ("a | b & !c", "a | b & !c", 0b1010),
        ("(a | b) & !c", "(a | b) & !c", 0),
        ("((a)) & (b & c)", "a & b & c", 0b1000),
        ("(a & b) | c", "a & b | c", 0b1111),
        ("!!a", "!!a", 0b1010),
        (" north east |a", "north east | a", 0b1011),
    ],
)
def test_what_an_expression_means(text: str, written: str, periods: int) -> None:
    """`!` binds closest, then `&`, then `|`; what is written shortest means the same, and reads back as itself."""
    found = parse_condition(text)
    assert found.periods(TRUTH, 0b1111) == periods
    assert found.written() == written
    assert parse_condition(written) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!", "a name is missing after '!'"),
        ("a &", "a name is missing after '&'"),
        ("| a", "a name is missing before '|'"),
        ("a & | b", "a name is missing after '&'"),
        ("(a | b", "opened and not closed"),
        ("a | b)", "closed that was not opened"),
        ("()", "a name is missing after '('"),
        ("a (b)", "missing before '('"),
        ("a !b", "missing before '!'"),
        ("!" * 60 + "a", "more than 50"),
        ("(" * 9_000 + "a", "more than 50"),
    ],
)
def test_what_is_no_expression(text: str, message: str) -> None:
    """Malformed text is refused with what is wrong in it, however deep it goes."""
    with pytest.raises(MalformedCondition, match=message.replace("(", r"\(").replace("|", r"\|")):
        parse_condition(text)
    with pytest.raises(InvalidInstance) as caught:
        instance(pledges=pledge(text))
    assert [finding.code for finding in caught.value.findings] == ["condition"]
    assert caught.value.findings[0].column == "condition"


def test_every_name_in_an_expression_is_known() -> None:
    """All unknown names come at once, with proposals."""
    content: dict[str, list[Row]] = {
        "conditions": [{"condition": "ceasefire"}, {"condition": "backstop"}],
        "pledges": pledge("!(ceasfire | x) & backstop"),
    }
    with pytest.raises(InvalidInstance) as caught:
        instance(**content)
    assert [finding.code for finding in caught.value.findings] == ["unknown-condition"] * 2
    assert "Did you mean 'ceasefire'?" in str(caught.value.findings[0])


@pytest.mark.parametrize("name", ["a|b", "a & b", "!a", "(a)", "f(x)", "a!"])
def test_names_hold_no_signs(name: str) -> None:
    """The name of a condition holds none of the signs that join conditions."""
    with pytest.raises(InvalidInstance, match="condition-name"):
        instance(conditions=[{"condition": name}])


def long(condition: str, holds: bool, first: int | None = None, last: int | None = None) -> Row:
    return {"scenario": "s", "condition": condition, "holds": holds, "from": first, "until": last}


@pytest.mark.parametrize(
    ("rows", "wide", "a", "b"),
    [
        ([], {}, "", "1234"),
        ([], {"a": True, "b": False}, "1234", ""),
        ([long("a", True)], {}, "1234", "1234"),
        ([long("a", True, 3)], {}, "34", "1234"),
        ([long("a", True, None, 1), long("a", True, 4)], {"b": False}, "14", ""),
        ([long("b", False, 2, 3)], {"b": False}, "", "14"),
        ([long("b", True, 2, 3)], {"b": False}, "", "1234"),
        ([long("b", True, 1, 2), long("b", False, 3, 3)], {}, "", "124"),
    ],
)
def test_when_conditions_hold(rows: list[Row], wide: Row, a: str, b: str) -> None:
    """Outside all windows of its rows a condition has its default, whatever its cell in `scenarios` says."""
    found = instance(scenario_conditions=rows, scenarios=[{"scenario": "s", **wide}])
    tables = scenario_tables(found, "s")
    for name, periods in (("a", a), ("b", b)):
        assert tables.when(name) == sum(1 << int(t) - 1 for t in periods)
        assert tables.ever(name) == bool(periods)
    assert tables.when(None) == 0b1111
    assert scenario_tables(found).when("b & !a") == 0b1111
    assert scenario_tables(found).when("a & !b") == 0


def test_windows_of_one_condition_do_not_overlap() -> None:
    """Two rows that speak of the same period are an error that names it; a cell in `scenarios` that counts nowhere is a warning."""
    with pytest.raises(InvalidInstance) as caught:
        instance(scenario_conditions=[long("a", True, None, 3), long("a", False, 3), long("b", False, 1, 1)])
    assert [finding.code for finding in caught.value.findings] == ["condition-windows-overlap"]
    assert "in period 3" in caught.value.findings[0].message
    with pytest.raises(InvalidInstance, match="empty-window"):
        instance(scenario_conditions=[long("a", True, 3, 2)])
    with pytest.raises(InvalidInstance, match="outside-horizon"):
        instance(scenario_conditions=[long("a", True, 5)])
    with pytest.raises(InvalidInstance, match="duplicate-key"):
        instance(scenario_conditions=[long("a", True), long("a", True)])
    found = check_instance(instance(scenario_conditions=[long("a", True, 2)], scenarios=[{"scenario": "s", "a": True}]))
    assert [(one.severity, one.code) for one in found] == [("warning", "condition-twice")]


def test_what_is_never_true() -> None:
    """An expression that holds in no period of any scenario is a warning where it stands; one that cannot hold has another remedy."""
    found = check_instance(instance(pledges=pledge("a & !b"), scenario_conditions=[long("a", True, 2)]))
    assert "condition-never-true" in [one.code for one in found]
    found = check_instance(instance(pledges=pledge("a & !a"), scenario_conditions=[long("a", True, 2)]))
    (one,) = [one for one in found if one.code == "condition-never-true"]
    assert ("pledges" in one.place, one.column) == (True, "condition")
    assert one.row is not None
    assert "can never be true" in one.message
    assert "scenario" not in one.remedy
    found = check_instance(instance(pledges=[*pledge("a & !b"), *pledge("a & !b", pledge="q")]))
    (one,) = [one for one in found if one.code == "condition-never-true"]
    assert one.column == "condition"
    assert "pledges" in one.message
    assert "Add a scenario" in one.remedy
    found = check_instance(
        instance(pledges=pledge("a & !b"), scenario_conditions=[long("a", True, 2), long("b", False, 4)])
    )
    assert "condition-never-true" not in [one.code for one in found]


def test_conditions_are_decided_from_outside() -> None:
    """`conditions.X=` decides every period of every scenario; the default, only periods outside the windows; one row, its window."""
    found = instance(scenario_conditions=[long("a", True, 2, 3), long("b", False)])
    assert scenario_tables(with_settings(found, ["conditions.a=true"]), "s").when("a") == 0b1111
    assert scenario_tables(with_settings(found, ["conditions.a=false"]), "s").when("a") == 0
    assert scenario_tables(with_settings(found, ["conditions.a.default=true"]), "s").when("a") == 0b1111
    assert overruled(found, ["conditions.a.default=true"], "s") == []
    assert len(overruled(found, ["conditions.b.default=true"], "s")) == 1
    moved = with_settings(found, ["scenario_conditions.s/a/2.holds=false", "scenario_conditions.s/b.holds=true"])
    assert scenario_tables(moved, "s").when("a | !b") == 0
    assert scenario_tables(with_settings(found, ["scenario_conditions.s/a/2.until="]), "s").when("a") == 0b1110
    assert scenario_tables(with_settings(found, ["pledges.p.condition=a&!b"]), "s").rows("pledges")[0]["condition"] == (
        "a & !b"
    )


def test_a_scenario_changes_a_condition_to_an_expression() -> None:
    """A row of `changes` sets a condition to an expression, with the same checks."""
    change = {"scenario": "s", "table": "pledges", "key": "p", "column": "condition", "value": "!(a|b)"}
    assert scenario_tables(instance(changes=[change]), "s").rows("pledges")[0]["condition"] == "!(a | b)"
    for wrong, code in (("a &", "change-value"), ("a & x", "unknown-condition")):
        with pytest.raises(InvalidInstance, match=code):
            instance(changes=[{**change, "value": wrong}])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a & !b", "“Truce” is true and “Veto” is false"),
        ("!(a | b)", "“Truce” is false and “Veto” is false"),
        ("a | b", "“Truce” is true or “Veto” is true"),
        ("(a | b) & c", "either “Truce” is true or “Veto” is true, and “c” is true"),
        ("a & b | c", "“Truce” is true and “Veto” is true, or “c” is true"),
    ],
)
def test_expressions_in_words(text: str, words: str) -> None:
    """Sentences of rules say an expression in words, with the names of the conditions."""
    conditions = [{"condition": "a", "name": "Truce"}, {"condition": "b", "name": "Veto"}, {"condition": "c"}]
    caveat = [{"caveat": "no", "rule": "forbid", "nation": "A", "condition": f"!({text})"}]
    found = instance(conditions=conditions, pledges=pledge(text), caveats=caveat, impossible=True)
    said = rules(found).set_index("rule")["sentence"]
    holds = "" if text == "!(a | b)" else f"A offers p (u) only while {words}, which does not hold."
    assert said.get("pledges/p.condition", "") == holds


def test_rules_say_in_which_periods_they_hold() -> None:
    """What holds in some periods only is in force, and its sentence says when."""
    found = instance(
        pledges=pledge("a", committed=1),
        caveats=[{"caveat": "no", "rule": "unless", "nation": "A", "condition": "a", "from": 2}],
        limits=[{"limit": "cap", "measure": "units", "maximum": 1, "condition": "!b"}],
        instruments=[{"instrument": "i", "condition": "a", "sponsors": "A"}],
        instrument_yields=[{"instrument": "i", "capability": "c", "amount": 1}],
        scenario_conditions=[long("a", True, 1, 2), long("a", True, 4)],
    )
    said = rules(found, "s").set_index("rule")["sentence"]
    assert said["pledges/p.condition"].endswith("only while “a” is true, which holds only in periods 1 to 2 and 4.")
    assert said["pledges/p.committed"].endswith("serve in every period of its window while “a” is true.")
    assert said["caveats/no"].endswith("unless “a” is true, and it is so only in periods 2 and 4.")
    assert said["instruments/i.condition"].startswith("I delivers only while “a” is true")
    assert "instruments/i.sponsors" in said
    assert "limits/cap" not in said


def test_the_funnel_looks_at_its_period() -> None:
    """A pledge whose condition fails in the busiest period is lost to its condition, also where a tour would run into such a period."""
    lines = [
        {"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 2},
        {"requirement": "more", "mission": "m", "area": "x", "capability": "c", "target": 2, "from": 2, "until": 2},
    ]
    for periods, tour, allowed in (
        (long("a", True, 2), None, 2.0),
        (long("a", True, 3), None, 0.0),
        (long("a", True, 2, 2), 2, 0.0),
    ):
        offer = pledge("a", **({"tour": tour} if tour else {}))
        found = instance(requirements=lines, pledges=offer, scenario_conditions=[periods])
        assert funnel(found, "s")["allowed"].tolist() == [allowed]
        lost = losses(found, "s")
        assert lost["rules"].tolist() == ([] if allowed else ["pledges/p.condition"])


def test_windows_and_expressions_are_written_as_they_are_read(tmp_path: Any) -> None:
    """Folder and workbook keep windows and expressions."""
    from optimizer.instance.files import read_instance, write_instance

    found = instance(
        pledges=pledge("a|!b"), scenario_conditions=[long("a", True, 2, 3), long("a", False, None, 1), long("b", True)]
    )
    for name in ("folder", "book.xlsx"):
        write_instance(found, tmp_path / name)
        assert read_instance(tmp_path / name) == found
