"""`solve` says how many warnings the instance has, so that nobody needs to run `check` to learn that there are some."""

import pytest

from tests.cli.conftest import TUTORIAL


@pytest.mark.parametrize(
    ("costs", "number", "line"),
    [
        ({"20": "20", "2": "2"}, 0, ""),
        ({"20": "20", "2": "2000"}, 1, "1 warning: `forcegen check` lists it.\n"),
        ({"20": "20000", "2": "2000"}, 2, "2 warnings: `forcegen check` lists them.\n"),
    ],
)
def test_solve_counts_the_warnings_that_check_lists(run, copy, costs, number, line):
    """Costs that can hardly be meant in millions are warnings: the plan is found, and the line is the last on stderr."""
    file = copy / "unit_types.csv"
    text = file.read_text()
    file.write_text(text.replace(",600,20,", f",600,{costs['20']},").replace(",50,2,", f",50,{costs['2']},"))
    result = run("solve", copy, "--out", "screen")
    assert result.exit_code == 0
    assert result.stderr == line
    _, checked = run("check", copy, json_form=True)
    result, told = run("solve", copy, "--out", "machine", json_form=True)
    assert told["warnings"] == len(checked["findings"]) == number
    assert result.stderr == ""


def test_settings_do_not_hide_the_warnings_of_the_instance(run, copy):
    """What is counted is the instance as it is in its files, which is what `check` lists."""
    file = copy / "unit_types.csv"
    file.write_text(file.read_text().replace(",50,2,", ",50,2000,"))
    _, told = run("solve", copy, "--set", "unit_types.training_team.cost=2", "--out", "plan", json_form=True)
    assert told["warnings"] == 1
    _, told = run("solve", TUTORIAL, "--set", "unit_types.training_team.cost=2000", "--out", "other", json_form=True)
    assert told["warnings"] == 0
