"""Scenarios side by side: the tutorial's figures by hand, and what happens where plans cannot be kept."""

import pandas as pd
import pytest

import optimizer as fg
from optimizer.studies.comparison import Outcomes
from optimizer.studies.journal import LOCK
from optimizer.studies.record import Record
from optimizer.studies.scenarios import side_by_side
from optimizer.studies.study import Study

from .small import TUTORIAL, tutorial


@pytest.fixture(scope="module")
def found():
    return fg.scenarios(TUTORIAL)


def pairs(frame, rows, columns, value):
    """A long table as {(row, column): value}."""
    return {(row[rows], row[columns]): row[value] for row in frame.to_dict("records")}


def test_each_scenario_has_its_own_plan(found):
    """80/132 with the ceasefire and 60/128 without, as the README derives; mission scores and nations too."""
    assert pairs(found.aims, "scenario", "aim", "value") == {
        ("ceasefire", "coverage"): 80,
        ("ceasefire", "cost"): 132,
        ("no-ceasefire", "coverage"): 60,
        ("no-ceasefire", "cost"): 128,
    }
    scores = pairs(found.missions, "scenario", "mission", "score")
    assert scores["no-ceasefire", "protection"] == 0.4
    assert scores["no-ceasefire", "training"] == 1
    costs = pairs(found.nations, "scenario", "nation", "cost")
    assert [costs["ceasefire", nation] for nation in ("east", "north", "south", "west")] == [12, 40, 40, 40]


def test_regret_is_what_a_committed_plan_loses(found):
    """The border needs Southland: without the ceasefire it goes home, Northland alone is below the threshold, and 80/3 is left of 60."""
    of_coverage = found.regret[found.regret["aim"] == "coverage"]
    values = pairs(of_coverage, "plan_for", "comes_true", "value")
    assert values["ceasefire", "no-ceasefire"] == pytest.approx(80 / 3)
    assert values["no-ceasefire", "ceasefire"] == pytest.approx(60)
    regrets = pairs(of_coverage, "plan_for", "comes_true", "regret")
    assert regrets["ceasefire", "ceasefire"] == regrets["no-ceasefire", "no-ceasefire"] == 0
    assert regrets["ceasefire", "no-ceasefire"] == pytest.approx(100 / 3)
    assert regrets["no-ceasefire", "ceasefire"] == pytest.approx(20)


def test_less_coverage_for_less_money_is_no_gain(found):
    """Cost has regret only where no coverage was lost; nowhere is regret negative, nor a zero with a sign."""
    of_cost = pairs(found.regret[found.regret["aim"] == "cost"], "plan_for", "comes_true", "regret")
    assert of_cost["ceasefire", "no-ceasefire"] != of_cost["ceasefire", "no-ceasefire"]
    assert of_cost["ceasefire", "ceasefire"] == 0
    known = found.regret["regret"].dropna()
    assert len(known) == 6
    assert all(str(regret)[0] != "-" for regret in known)
    largest = {(row["plan_for"], row["aim"]): row["largest_regret"] for row in found.expected.to_dict("records")}
    assert largest["ceasefire", "cost"] != largest["ceasefire", "cost"]


def told(*coverages_and_costs, aims=({"name": "coverage"}, {"name": "cost", "priority": 2})):
    """What is made of outcomes that are given instead of solved: own plans for two scenarios, then each in the other."""
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()}
    instance = fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": list(aims)})
    records = {
        run: Record(
            run,
            {"termination": "optimal", "has_plan": True, "reason": "", "coverage": coverage, "cost": cost}
            | {f"{aim}_{end}": None for aim in ("coverage", "cost") for end in ("bound", "gap")},
        )
        for run, (coverage, cost) in enumerate(coverages_and_costs)
    }
    names = ["ceasefire", "no-ceasefire"]
    places = {(names[0], names[0]): 0, (names[1], names[1]): 1, (names[0], names[1]): 2, (names[1], names[0]): 3}
    outcomes = {pair: records[run].outcome for pair, run in places.items()}
    found = side_by_side(Study("scenarios"), Outcomes(instance, outcomes))
    return found, {
        (row["plan_for"], row["comes_true"], row["aim"]): row["regret"] for row in found.regret.to_dict("records")
    }


def test_regret_in_a_later_aim_counts_where_the_earlier_is_equal():
    """The same coverage for 9 million more is a regret of 9 in cost; less coverage leaves cost out."""
    _, regret = told((80, 100), (60, 90), (60, 99), (70, 50))
    assert regret["ceasefire", "no-ceasefire", "coverage"] == 0
    assert regret["ceasefire", "no-ceasefire", "cost"] == 9
    assert regret["no-ceasefire", "ceasefire", "coverage"] == 10
    assert regret["no-ceasefire", "ceasefire", "cost"] != regret["no-ceasefire", "ceasefire", "cost"]


def test_a_kept_plan_that_is_better_is_the_measure():
    """Where the search for a scenario's own plan fell short, the better kept plan is what regret is measured from; and that is said."""
    found, regret = told((80, 100), (60, 90), (64, 99), (70, 50))
    assert regret["ceasefire", "no-ceasefire", "coverage"] == 0
    assert regret["no-ceasefire", "no-ceasefire", "coverage"] == 4
    assert sum("more time would help" in warning for warning in found.warnings) == 1
    assert [
        warning for warning in found.warnings if "no-ceasefire in ceasefire" in warning and "may be none" in warning
    ]
    expected = {(row["plan_for"], row["aim"]): row["expected"] for row in found.expected.to_dict("records")}
    assert expected["made for the scenario that comes", "coverage"] == pytest.approx(0.6 * 80 + 0.4 * 64)


def test_aims_of_one_priority_are_compared_as_their_sum():
    """80 - 0.5 * 100 = 30 against 70 - 0.5 * 50 = 45: the kept plan is better by 15, and neither aim has a regret of its own."""
    aims = ({"name": "coverage"}, {"name": "cost", "weight": 0.5})
    found, regret = told((80, 100), (60, 90), (50, 80), (70, 50), aims=aims)
    assert found.measure == "coverage + cost"
    assert regret["ceasefire", "ceasefire", "coverage + cost"] == 15
    assert regret["ceasefire", "no-ceasefire", "coverage + cost"] == 5
    assert regret["no-ceasefire", "ceasefire", "coverage"] != regret["no-ceasefire", "ceasefire", "coverage"]


def test_what_a_planner_gave_as_tolerance_is_no_regret():
    """With a tenth of coverage to be given for cost, 78 for less money is not worse than 80."""
    aims = ({"name": "coverage", "tolerance": 0.1}, {"name": "cost", "priority": 2})
    _, regret = told((78, 50), (60, 90), (60, 90), (80, 70), aims=aims)
    assert regret["no-ceasefire", "ceasefire", "coverage"] == 0
    assert regret["no-ceasefire", "ceasefire", "cost"] == 20


def test_expected_values_use_the_probabilities(found):
    """0.6 and 0.4: 58.67 for the one plan, 60 for the other, 72 for who knows in advance."""
    expected = {(row["plan_for"], row["aim"]): row["expected"] for row in found.expected.to_dict("records")}
    assert expected["ceasefire", "coverage"] == pytest.approx(0.6 * 80 + 0.4 * 80 / 3)
    assert expected["no-ceasefire", "coverage"] == pytest.approx(60)
    assert expected["made for the scenario that comes", "coverage"] == pytest.approx(72)
    largest = {(row["plan_for"], row["aim"]): row["largest_regret"] for row in found.expected.to_dict("records")}
    assert largest["no-ceasefire", "coverage"] == pytest.approx(20)


def changed(**tables):
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()} | tables
    return fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": [{"name": "coverage"}]})


def test_a_plan_that_cannot_be_kept_has_no_value():
    """Where a post must stand and the plan made for another scenario sends nobody there, there is no value and no expectation."""
    scenarios = [
        {"scenario": "calm", "probability": 0.5, "ceasefire": True},
        {"scenario": "alarm", "probability": 0.5, "ceasefire": True},
    ]
    changes = [
        {"scenario": "calm", "table": "missions", "key": "protection", "column": "weight", "value": "0"},
        {"scenario": "calm", "table": "limits", "key": "home", "column": "maximum", "value": "0"},
        {"scenario": "alarm", "table": "posts", "key": "protection/border", "column": "must", "value": "true"},
    ]
    limits = [{"limit": "home", "measure": "personnel", "area": "border", "maximum": 9999}]
    posts = [{"mission": "protection", "area": "border"}]
    found = fg.scenarios(changed(scenarios=scenarios, changes=changes, limits=limits, posts=posts))
    kept = {(row["plan_for"], row["comes_true"]): row for row in found.regret.to_dict("records")}
    assert kept["calm", "alarm"]["termination"] == "infeasible"
    assert kept["calm", "alarm"]["value"] != kept["calm", "alarm"]["value"]
    assert kept["alarm", "calm"]["termination"] == "optimal"
    expected = {row["plan_for"]: row["expected"] for row in found.expected.to_dict("records")}
    assert expected["calm"] != expected["calm"]
    assert expected["alarm"] == expected["alarm"]


def test_without_probabilities_there_is_no_expectation():
    """That is said, and the rest stands."""
    scenarios = [{"scenario": "yes", "ceasefire": True}, {"scenario": "no", "ceasefire": False}]
    found = fg.scenarios(changed(scenarios=scenarios))
    assert found.expected["expected"].isna().all()
    assert any("probability" in warning for warning in found.warnings)


def test_an_instance_without_scenarios_is_told_so():
    """A finding, not an empty table."""
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items() if name != "scenarios"}
    with pytest.raises(fg.InvalidStudy, match="no scenarios"):
        fg.scenarios(fg.Instance.from_tables(rows, {"periods": {"count": 2}}))


def test_the_command_writes_and_shows_the_tables(tmp_path):
    """Exit code 0, the regret on the screen, and every table in the folder."""
    from click.testing import CliRunner

    from optimizer.cli.app import forcegen

    result = CliRunner().invoke(forcegen, ["scenarios", str(TUTORIAL), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "33.33" in result.output
    assert "In every scenario: east, north, south, west." in result.output
    names = {"runs.jsonl", "aims.csv", "missions.csv", "nations.csv", "regret.csv", "expected.csv", "study.json"}
    assert {file.name for file in (tmp_path / "out").iterdir()} - {LOCK} == names


def test_a_comparison_that_was_killed_is_resumed(tmp_path):
    """Whatever solves are in the journal are not done again; the tables are the same. A sweep is not taken for a comparison."""
    found = fg.scenarios(tutorial(), out=tmp_path / "out")
    lines = (tmp_path / "out" / "runs.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    for kept in (1, 3):
        (tmp_path / "out" / "runs.jsonl").write_bytes(b"".join(lines[:kept]))
        heard = []
        again = fg.scenarios(tutorial(), out=tmp_path / "out", resume=True, report=heard.append)
        assert len(heard) == 4 - kept
        for name, table in found.tables.items():
            pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)
    with pytest.raises(FileExistsError, match="--resume"):
        fg.scenarios(tutorial(), out=tmp_path / "out")
    with pytest.raises(FileExistsError, match="another study"):
        fg.sweep(tutorial(), {"vary": [{"condition": "ceasefire"}]}, out=tmp_path / "out", resume=True)


def test_who_serves_in_some_scenarios_only_is_shown(tmp_path):
    """A nation that a scenario keeps at home stands in the table of those that come and go, blank where it stays."""
    from click.testing import CliRunner

    from optimizer.cli.app import forcegen

    changes = [{"scenario": "no-ceasefire", "table": "nations", "key": "east", "column": "max_personnel", "value": "0"}]
    fg.write_instance(changed(changes=changes), tmp_path / "instance")
    result = CliRunner().invoke(forcegen, ["scenarios", str(tmp_path / "instance"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    shown = result.output.split("Not in every scenario")[1]
    row = next(line for line in shown.splitlines() if line.strip().startswith("east"))
    assert row.split() == ["east", "150", "–"]
    assert "In every scenario: north, south, west." in shown
