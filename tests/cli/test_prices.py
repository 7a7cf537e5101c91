"""`forcegen prices`."""

from __future__ import annotations

import optimizer as fg
from optimizer.reporting.answers import sets_in

from .conftest import TUTORIAL


def test_prices_for_people_and_machines(run) -> None:
    """The largest certain gain comes first; a pair is one entry with two rules."""
    result, found = run("prices", TUTORIAL, "--scenario", "no-ceasefire", json_form=True)
    assert result.exit_code == 0
    assert {"rules", "change", "gain_at_least", "gain_at_most", "aim"} <= set(found[0])
    assert found[0]["gain_at_least"] == max(one["gain_at_least"] for one in found)
    pair = {"caveats/Southland needs a ceasefire", "pledges/south-battalion.quantity"}
    assert any(set(one["rules"]) == pair and round(one["gain_at_least"], 2) == 33.33 for one in found)
    single = next(one for one in found if one["rules"] == ["caveats/Westland stays away from the border"])
    assert (round(single["gain_at_least"], 3), round(single["gain_at_most"], 3), single["aim"]) == (20, 20, "coverage")
    shown = run("prices", TUTORIAL, "--scenario", "no-ceasefire")
    assert "cost nothing by themselves" in shown.output


def test_an_infeasible_instance_points_to_explain(run, tmp_path) -> None:
    """No bare empty list: exit code 4, and the way to ask."""
    instance = tmp_path / "x"
    run("new", instance)
    (instance / "limits.csv").write_text(
        "limit,measure,per,minimum,maximum\nfew,personnel,horizon,,1\nmany,units,horizon,3,\n", encoding="utf-8"
    )
    result, found = run("prices", instance, json_form=True)
    assert (result.exit_code, found) == (4, [])
    assert "forcegen explain" in result.stderr
    assert "contradict each other" in run("prices", instance).stderr


def test_a_folder_of_finished_runs(run, tmp_path) -> None:
    """The folder is not written over, goes on with --resume, and has its page."""
    folder = tmp_path / "prices"
    assert run("prices", TUTORIAL, "--out", folder).exit_code == 0
    table = (folder / "prices.csv").read_bytes()
    refused = run("prices", TUTORIAL, "--out", folder)
    assert refused.exit_code == 2
    assert "--resume" in refused.stderr
    assert run("prices", TUTORIAL, "--out", folder, "--resume").exit_code == 0
    assert (folder / "prices.csv").read_bytes() == table
    assert run("report", folder).exit_code == 0
    assert "What one step of each rule gains" in (folder / "report.html").read_text(encoding="utf-8")
    assert run("prices", TUTORIAL, "--resume").exit_code == 2


def test_a_preview_is_named_as_such(run) -> None:
    """Other words, other columns, and nothing is written."""
    result, found = run("prices", TUTORIAL, "--preview", json_form=True)
    assert result.exit_code == 0
    assert found
    assert all("guess_at_the_margin" in one and "gain_at_least" not in one for one in found)
    assert "not prices" in run("prices", TUTORIAL, "--preview").output
    assert run("prices", TUTORIAL, "--preview", "--out", "x").exit_code == 2


def test_sets_of_the_curve_beside_the_plan_are_priced(run, tmp_path) -> None:
    """The plan's folder gets its prices, those of the sets on its curve among them."""
    plan = tmp_path / "plan"
    assert run("solve", TUTORIAL, "--out", plan).exit_code == 0
    assert run("concessions", plan, "--most", "2").exit_code == 0
    assert sets_in(plan) == [{"pledges/south-battalion.quantity", "pledges/west-battalion.quantity"}]
    assert run("prices", plan).exit_code == 0
    assert "pledges/south-battalion.quantity" in (plan / "prices.csv").read_text(encoding="utf-8")
    assert not (plan / "runs.jsonl").exists()
    assert run("prices", plan, "--out", plan).exit_code == 0


def test_a_pool(run, tmp_path) -> None:
    """The pool gets the plan that was found; a preview has no use for it."""
    assert run("prices", TUTORIAL, "--pool", tmp_path / "pool").exit_code == 0
    assert fg.Pool(tmp_path / "pool").best_for(fg.read_instance(TUTORIAL)) is not None
    refused = run("prices", TUTORIAL, "--preview", "--pool", tmp_path / "pool")
    assert (refused.exit_code, "--pool" in refused.stderr) == (2, True)
