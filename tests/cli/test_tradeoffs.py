"""`forcegen frontier` and `forcegen alternatives`: machine form, screen, exit codes, refusals."""

import json
from pathlib import Path

from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen

TUTORIAL = str(Path(__file__).parents[2] / "instances" / "tutorial")


def run(*words):
    """A command, as it is given."""
    return CliRunner().invoke(forcegen, [str(word) for word in words])


def test_the_machine_form_of_a_frontier_is_its_points(tmp_path):
    result = run("frontier", TUTORIAL, "--points", 3, "--jobs", 1, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    points = json.loads(result.stdout)
    assert len(points) == 3
    assert points[0] == {"coverage": 80.0, "coverage_bound": 80.0, "cost": 132.0, "cost_bound": 132.0}
    assert fg.load_plan(tmp_path / "out" / "point-3").aim("cost") == 0.0


def test_a_frontier_on_the_screen_says_how_sure_it_is(tmp_path):
    result = run(
        "frontier", TUTORIAL, "--points", 2, "--aims", "personnel, coverage", "--jobs", 1, "--out", tmp_path / "out"
    )
    assert result.exit_code == 0, result.output
    assert "2 points, all proven; others may lie between them." in result.stdout
    again = run("frontier", TUTORIAL, "--points", 2, "--aims", "personnel, coverage", "--out", tmp_path / "out")
    assert again.exit_code == 2
    assert "--resume" in again.output


def test_alternatives_on_screen_and_as_data(tmp_path):
    words = ("alternatives", TUTORIAL, "--count", 2, "--within", 0.5, "--jobs", 1, "--out", tmp_path / "out")
    shown = run(*words)
    assert shown.exit_code == 0, shown.output
    assert "2 plans within 50 % of the best share" in shown.stdout
    result = run(*words, "--resume", "--json")
    found = json.loads(result.stdout)
    assert (found["aim"], found["termination"]) == ("coverage", "optimal")
    assert [one["distance"] for one in found["plans"]] == [None, 3]
    assert {one["status"] for one in found["shared"]} <= {"proven", "found", "not needed"}


def test_what_cannot_be_traded_off_is_refused_with_its_reason(tmp_path):
    result = run("frontier", TUTORIAL, "--aims", "coverage,cots", "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "there is no aim 'cots'" in result.output
    assert "'cost'" in result.output
    assert not (tmp_path / "out").exists()
