"""`forcegen solve --keep`: what is settled stays, the rest is planned around it, and the folder stands alone."""

from __future__ import annotations

import pandas as pd
import pytest

import optimizer as fg
from optimizer.instance.findings import InvalidInstance
from optimizer.settled import keep

from .conftest import TUTORIAL

NORTH_STAYS = ("--keep-nation", "north")


def test_a_kept_plan_comes_again_and_stands_alone(run, solved) -> None:
    """The same assignments; rows in the copy of the input, by which it verifies; recorded in words."""
    result = run("solve", TUTORIAL, "--keep", solved, "--out", "again")
    assert result.exit_code == 0
    before, again = fg.load_plan(solved), fg.load_plan("again")
    pd.testing.assert_frame_equal(again.assignments, before.assignments)
    assert again.changes.words == (f"kept from {solved}: everything (rows of the table agreed)",)
    assert "Changed for this plan: kept from" in result.output
    assert len(again.instance.rows("agreed")) == 6
    assert run("verify", "again/input", "again").exit_code == 0


def test_the_rest_is_planned_around_it(run, solved) -> None:
    """Northland's part stays; without the cap of Eastland the others do better, in the periods that are open."""
    more = ("--without", "nations/east.max_personnel")
    result, told = run("solve", TUTORIAL, "--keep", solved, *NORTH_STAYS, *more, "--out", "nation", json_form=True)
    assert result.exit_code == 0
    assert told["aims"][0]["value"] > 84.9
    assert run("solve", TUTORIAL, "--keep", solved, "--keep-until", 1, *more, "--out", "past").exit_code == 0
    before, after = fg.load_plan(solved).assignments, fg.load_plan("past").assignments
    pd.testing.assert_frame_equal(after.query("period == 1"), before.query("period == 1"))
    assert after["units"].sum() > before["units"].sum()
    assert fg.load_plan("past").changes.words[-1].endswith("everything until period 1 (rows of the table agreed)")


def test_a_plan_by_hand_can_be_kept(run, tmp_path) -> None:
    """Whatever the table of assignments says is kept, also where it is not the best."""
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "assignments.csv").write_text(
        "pledge,requirement,period,units\neast-teams,train-capital,1,2\neast-teams,train-capital,2,2\n"
    )
    assert run("solve", TUTORIAL, "--keep", "hand", "--keep-nation", "east", "--out", "plan").exit_code == 0
    plan = fg.load_plan("plan")
    assert plan.assignments.query("nation == 'east'")["units"].tolist() == [2, 2]
    assert plan.aim("coverage") > 70


def test_changes_are_counted_from_the_kept_plan(run, solved) -> None:
    """The aim `changes` compares with the kept plan where no other is named."""
    aims = ("--aim", "coverage", "--aim", "changes")
    more = ("--without", "nations/east.max_personnel")
    assert run("solve", TUTORIAL, *aims, *more, "--out", "none").exit_code != 0
    assert run("solve", TUTORIAL, "--keep", solved, *NORTH_STAYS, *aims, *more, "--out", "plan").exit_code == 0
    assert fg.load_plan("plan").aim("changes") == 2


def test_rules_that_stand_against_it(run, solved) -> None:
    """What one row shows is said before the search (3); what only the search finds ends it (4), with the rules that are broken."""
    fewer = run("solve", TUTORIAL, "--keep", solved, "--set", "pledges.east-teams.quantity=1", "--out", "no")
    assert fewer.exit_code == 3
    assert "--keep: 'east-teams' is agreed on 'train-capital' with 3 units, but the pledge has only 1." in fewer.output
    assert "Keep less of the plan" in fewer.output
    lower = run("solve", TUTORIAL, "--keep", solved, "--set", "nations.east.max_personnel=100", "--out", "no")
    assert lower.exit_code == 4
    assert "The kept plan breaks rules of this instance: nations/east.max_personnel (" in lower.output
    free = ("--keep-nation", "north", "--keep-nation", "south", "--keep-nation", "west")
    assert (
        run(
            "solve", TUTORIAL, "--keep", solved, *free, "--set", "nations.east.max_personnel=100", "--out", "yes"
        ).exit_code
        == 0
    )


def test_options_that_cannot_be(run, solved) -> None:
    """A part without a plan, a folder without one, unknown nations and periods: all refused before the search."""
    assert run("solve", TUTORIAL, *NORTH_STAYS, "--out", "no").exit_code == 2
    assert run("solve", TUTORIAL, "--keep", "nowhere", "--out", "no").exit_code == 3
    wrong = run("solve", TUTORIAL, "--keep", solved, "--keep-nation", "nort", "--keep-until", 7, "--out", "no")
    assert wrong.exit_code == 3
    assert "Did you mean 'north'?" in wrong.output
    assert "there is no period 7. Write a number from 1 to 2." in wrong.output
    torn = run("solve", TUTORIAL, "--keep", solved, "--keep-nation", "no\nrth", "--out", "no")
    assert "--keep-nation no\\nrth: there is no nation 'no\\nrth'." in torn.output
    with pytest.raises(InvalidInstance) as caught:
        keep(TUTORIAL, fg.load_plan(solved), nations=["no\nrth"])
    assert "\n" not in caught.value.findings[0].place


def test_an_instance_is_no_plan_to_keep(run) -> None:
    """Where an instance is named in place of a plan, that is said, and not what its tables lack as a plan's."""
    result = run("solve", TUTORIAL, "--keep", TUTORIAL, "--out", "no")
    assert result.exit_code == 3
    assert "there is no plan in this folder: it holds an instance." in result.output
    assert "1 error found" in result.output


def test_what_is_agreed_for_other_conditions_does_not_stand_against_a_plan(run, tmp_path):
    """A row of `agreed` whose condition fails in the plan's scenario is no reason to refuse to keep the plan."""
    assert run("new", "mine").exit_code == 0
    (tmp_path / "mine" / "agreed.csv").write_text(
        "pledge,requirement,from,until,units,kind,condition\nBOR-battalion,train-school,1,2,0,exactly,!ceasefire\n"
    )
    assert run("solve", "mine", "--out", "first").exit_code == 0
    again = run("solve", "mine", "--keep", "first", "--out", "second")
    assert again.exit_code == 0, again.stderr
