"""Variants pass the checks of `check`, inputs never meet in one cell, and counts are what factors make of them."""

import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.reporting.study import describe_study
from optimizer.studies.answer import Answerer
from optimizer.studies.change import changed
from optimizer.studies.design import variants_of
from optimizer.studies.question import Setup
from optimizer.studies.reading import read_study

from .small import TUTORIAL, toml, tutorial

TABLES = {
    "nations": [{"nation": "ALB"}, {"nation": "BEL", "max_personnel": 900}],
    "unit_types": [{"unit_type": "coy", "personnel": 100, "cost": 2}],
    "capabilities": [{"capability": "patrol"}],
    "yields": [{"unit_type": "coy", "capability": "patrol", "amount": 1}],
    "pledges": [
        {"pledge": "a", "nation": "ALB", "unit_type": "coy", "quantity": 3, "deployed_at_start": 2},
        {"pledge": "b", "nation": "BEL", "unit_type": "coy", "quantity": 4, "tour": 1, "dwell": 1},
    ],
    "missions": [{"mission": "m"}],
    "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "patrol", "target": 9}],
    "limits": [{"limit": "floor", "measure": "units", "minimum": 2, "maximum": 7}],
    "scenarios": [{"scenario": "storm"}],
    "changes": [
        {"scenario": "storm", "table": "pledges", "key": "a", "column": "quantity", "value": 2},
        {"scenario": "storm", "table": "limits", "key": "floor", "column": "minimum", "value": 0},
        {"scenario": "storm", "table": "limits", "key": "floor", "column": "maximum", "value": 1},
        {"scenario": "storm", "table": "nations", "key": "BEL", "column": "max_personnel", "value": 300},
    ],
}
HEADER = {"periods": {"count": 2}, "aims": [{"name": "coverage"}]}
A = {"name": "a", "cell": "pledges.a.quantity", "values": [2, 4]}


@pytest.fixture(scope="module")
def instance():
    return fg.Instance.from_tables(TABLES, HEADER)


def codes(given, instance):
    with pytest.raises(fg.InvalidStudy) as caught:
        read_study(given, instance)
    return [finding.code for finding in caught.value.findings], str(caught.value)


def answered(given, instance):
    """The records of a study, worked off in this process."""
    study = read_study(given, instance)
    answerer = Answerer(Setup((instance,), study))
    return [answerer.answer(variant, "").outcome for variant in variants_of(study)]


@pytest.mark.parametrize(
    ("vary", "expected", "code"),
    [
        ({"cell": "pledges.a.quantity", "values": [1, 2]}, ["invalid", "optimal"], "deployed-above-quantity"),
        ({"cell": "limits.floor.minimum", "values": [8, 3]}, ["invalid", "optimal"], "minimum-above-maximum"),
        ({"cell": "pledges.b.rotation_factor", "values": [2, 3]}, ["invalid", "invalid"], "tour-and-factor"),
        ({"cell": "pledges.a.from", "values": [3, 1]}, ["invalid", "optimal"], "outside-horizon"),
    ],
)
def test_a_variant_that_check_refuses_is_invalid_in_the_words_of_the_finding(vary, expected, code, instance):
    outcomes = answered({"design": {"kind": "grid"}, "vary": [vary]}, instance)
    assert [outcome["termination"] for outcome in outcomes] == expected
    place = vary["cell"].split(".")
    for outcome in outcomes:
        if outcome["termination"] == "invalid":
            assert f"[{code}] {place[0]}, row " in outcome["reason"]
            assert not outcome["has_plan"]


def test_every_variant_ends_as_solve_with_the_same_settings_does():
    """Two inputs together: what is invalid in the sweep is what `--set` refuses, run by run."""
    from optimizer.instance.settings import with_settings

    vary = [A | {"values": [0, 1, 2, 5]}, {"name": "d", "cell": "pledges.a.deployed_at_start", "values": [0, 2, 5]}]
    instance = fg.Instance.from_tables({**TABLES, "changes": []}, HEADER)
    study = read_study({"design": {"kind": "grid"}, "vary": vary}, instance)
    answerer = Answerer(Setup((instance,), study))
    seen = set()
    for variant in variants_of(study):
        settings = [f"{one['cell']}={value}" for one, value in zip(vary, variant.inputs, strict=True)]
        try:
            with_settings(instance, settings)
            valid = True
        except fg.InvalidInstance:
            valid = False
        assert (answerer.answer(variant, "").outcome["termination"] != "invalid") == valid
        seen.add(valid)
    assert seen == {True, False}


def test_a_scenario_that_contradicts_the_default_is_not_refused_for_it(instance):
    """Only the scenario's own change gives way: its limits may lie below those of the default."""
    study = {"scenario": "storm", "vary": [{"name": "m", "cell": "limits.floor.maximum", "values": [0]}]}
    assert [outcome["termination"] for outcome in answered(study, instance)] == ["optimal", "optimal"]
    blank = {"scenario": "storm", "vary": [{"name": "n", "cell": "nations.BEL.max_personnel", "values": [""]}]}
    variant, scenario = changed(instance, read_study(blank, instance), ("",))
    from optimizer.instance.scenario import scenario_tables

    rows = {row["nation"]: row for row in scenario_tables(variant, scenario).rows("nations")}
    assert rows["BEL"]["max_personnel"] is None
    assert [outcome["termination"] for outcome in answered(blank, instance)] == ["optimal", "optimal"]


def test_a_name_that_is_nowhere_is_refused_before_the_first_run(instance):
    """Of a reference, a list and a selector; and in a scenario that changes the same cell."""
    for cell, value, code in (
        ("pledges.a.nation", "ALBB", "unknown-nation"),
        ("requirements.r.mission", "mm", "unknown-mission"),
        ("limits.floor.mission", "!q", "unknown-mission"),
    ):
        found, words = codes({"vary": [{"name": "v", "cell": cell, "values": [value]}]}, instance)
        assert found == [code]
        assert f"{value!r}: there is no" in words


@pytest.mark.parametrize(
    ("first", "second", "cell"),
    [
        (A, {**A, "name": "again", "values": [5]}, "pledges.a.quantity"),
        (A, {"name": "all", "table": "pledges", "column": "quantity", "mode": "factor", "values": [2]}, "a.quantity"),
        (
            {"name": "step", "table": "pledges", "column": "quantity", "where": {"nation": "ALB"}, "mode": "step", "values": [1]},
            A,
            "pledges.a.quantity",
        ),
        (A, {"name": "c", "cell": "changes.storm/pledges/a/quantity.value", "values": ["3"]}, "pledges.a.quantity"),
        ({"name": "s", "scenario": True}, {"name": "t", "scenario": ["storm"]}, "the scenario"),
        (
            {"name": "w", "aim": "coverage", "values": [1, 2]},
            {"name": "x", "aim": "coverage", "values": [3]},
            "the weight of the aim 'coverage'",
        ),
    ],
)  # fmt: skip
def test_two_inputs_of_one_cell_are_refused_and_both_named(first, second, cell, instance):
    found, words = codes({"vary": [first, second]}, instance)
    assert found == ["same-cell"]
    assert all(f"{one['name']!r}" in words for one in (first, second))
    assert cell in words


def test_a_condition_and_the_cell_that_decides_it_are_one_input():
    found, words = codes(
        {
            "vary": [
                {"name": "c", "condition": "ceasefire"},
                {"name": "d", "cell": "conditions.ceasefire.default", "values": [True]},
            ]
        },
        tutorial(),
    )
    assert found == ["same-cell"]
    assert "the condition 'ceasefire'" in words


def test_a_study_made_in_code_is_refused_for_two_inputs_of_one_cell_too(instance):
    one = read_study({"vary": [A]}, instance)
    from dataclasses import replace

    with pytest.raises(fg.InvalidStudy, match="both vary pledges"):
        fg.sweep(instance, replace(one, vary=(one.vary[0], replace(one.vary[0], name="again"))))


def test_a_factor_of_a_count_is_rounded_down_and_the_table_shows_what_was_used(tmp_path):
    """Three companies: half are one, nine tenths are two, eleven tenths are three; and factors that are the same count are named."""
    tables = {name: rows for name, rows in TABLES.items() if name not in {"limits", "scenarios", "changes"}}
    tables["pledges"] = [{"pledge": "a", "nation": "ALB", "unit_type": "coy", "quantity": 3}]
    instance = fg.Instance.from_tables(tables, HEADER)
    vary = {"name": "a", "cell": "pledges.a.quantity", "mode": "factor", "values": [0.5, 0.7, 0.9, 1.1]}
    table = fg.sweep(instance, {"vary": [vary]}, out=tmp_path / "out", jobs=1)
    assert table["a"].tolist() == [1, 0.5, 0.7, 0.9, 1.1]
    assert table["a: quantity"].tolist() == [3, 1, 2, 2, 3]
    assert table["coverage"].tolist() == pytest.approx([100 * units / 9 for units in (3, 1, 2, 2, 3)])
    told = " ".join(describe_study(tmp_path / "out").sections[0].text)
    assert "the factors 0.7 and 0.9 make the same quantity, 2," in told
    assert "the factors 1 and 1.1 make the same quantity, 3," in told
    assert "a: quantity" not in (tmp_path / "out" / "tornado.csv").read_text()


def test_a_share_of_a_count_is_exact(instance):
    """0.29 of a hundred are 29, whatever binary fractions make of it; of several cells the total is shown."""
    rows = [{**row, "quantity": 100, "deployed_at_start": None} for row in TABLES["pledges"]]
    large = fg.Instance.from_tables({**TABLES, "pledges": rows, "changes": []}, HEADER)
    vary = {"name": "q", "table": "pledges", "column": "quantity", "mode": "factor", "values": [0.29, 0.57]}
    outcomes = answered({"vary": [vary]}, large)
    assert [outcome["q: quantity"] for outcome in outcomes] == [200, 58, 114]


def test_half_a_unit_is_no_step(instance):
    found, words = codes({"vary": [{"cell": "pledges.a.quantity", "mode": "step", "values": [0.5]}]}, instance)
    assert found == ["value"]
    assert "not a whole number" in words


def test_a_change_of_the_scenario_gives_way_and_that_is_said(instance, tmp_path):
    """The study's three companies serve, not the scenario's two; the warnings say which of them holds."""
    study = {
        "design": {"kind": "grid"},
        "vary": [A | {"values": [3]}, {"name": "s", "scenario": ["storm"]}],
        "keep": ["pledges.a.quantity"],
    }
    without = {**TABLES, "changes": TABLES["changes"][:1], "limits": []}
    table = fg.sweep(fg.Instance.from_tables(without, HEADER), study, out=tmp_path / "out", jobs=1)
    assert table["coverage"][0] == pytest.approx(100 * 5 / 9)
    told = " ".join(describe_study(tmp_path / "out").sections[0].text)
    assert "the scenario 'storm' changes pledges.a.quantity too; the study's value takes the place" in told


def test_invalid_runs_are_told_on_the_screen_with_their_reason(tmp_path):
    file = tmp_path / "study.toml"
    vary = {"name": "cap", "cell": "pledges.north-battalions.rotation_factor", "values": [2]}
    file.write_text(toml({"vary": [vary]}))
    result = CliRunner().invoke(
        forcegen, ["sweep", str(TUTORIAL), str(file), "--out", str(tmp_path / "out"), "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "Invalid: cap=2: error [tour-and-factor] pledges.csv, row 2" in words


def test_windows_of_one_condition_are_inputs_of_their_own():
    """Two windows vary beside each other; whoever decides the condition decides both, in every period."""
    from optimizer.instance.scenario import scenario_tables

    source = fg.read_instance("instances/features/conditions")
    tables = {name: source.table(name).to_dict("records") for name in source.tables}
    tables["scenario_conditions"].append(
        {"scenario": "truce-ends", "condition": "truce", "from": 3, "until": None, "holds": False}
    )
    instance = fg.Instance.from_tables(tables, {"periods": {"count": 3}})
    first = {"name": "first", "cell": "scenario_conditions.truce-ends/truce.holds", "values": [False]}
    last = {"name": "last", "cell": "scenario_conditions.truce-ends/truce/3.holds", "values": [True]}
    study = {"scenario": "truce-ends", "vary": [first, last]}
    variant, scenario = changed(instance, read_study(study, instance), (False, True))
    assert scenario_tables(variant, scenario).when("truce") == 0b100
    whole = {"name": "whole", "condition": "truce"}
    assert codes({"scenario": "truce-ends", "vary": [whole, last]}, instance)[0] == ["same-cell"]
    for value in (True, False):
        read = read_study({"scenario": "truce-ends", "vary": [whole]}, instance)
        assert scenario_tables(*changed(instance, read, (value,))).when("truce") == (0b111 if value else 0)
