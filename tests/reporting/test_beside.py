"""What lies in and beside a plan's folder becomes a part of its report."""

from __future__ import annotations

import dataclasses
import json
import os

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.instance.settings import with_settings
from optimizer.plan.store import save_plan
from optimizer.reporting.content import Column, Content, Section, Table, first_rows
from optimizer.reporting.describe import describe
from optimizer.reporting.folder import describe_folder, studies_of
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page
from optimizer.reporting.reader import Study
from optimizer.reporting.workbook import render_workbook
from optimizer.studies.compare import compare
from optimizer.studies.scenarios import scenarios
from optimizer.studies.sweep import sweep
from tests.reporting.test_workbook import sheets


@pytest.fixture(scope="module")
def other(tutorial):
    """The tutorial with less of one pledge."""
    name = next(row["pledge"] for row in tutorial.instance.rows("pledges") if row["quantity"] > 1)
    changed = with_settings(tutorial.instance, [f"pledges.{name}.quantity=1"])
    plan = solve(changed, child=False)
    assert plan.aims["value"].iloc[0] < tutorial.aims["value"].iloc[0]
    return plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tutorial, other):
    """A plan's folder with a comparison beside it."""
    root = tmp_path_factory.mktemp("beside")
    save_plan(tutorial, root / "plan")
    compare(tutorial, other, names=("plan", "smaller"), out=root / "side by side")
    return root / "plan"


def test_a_comparison_beside_the_plan_is_a_section(folder, tutorial, other):
    """Page, markdown and workbook show both plans: aims with the figures of each, nations, who moves; and say what changes."""
    content = describe_folder(tutorial, folder)
    section = content.section("compare")
    captions = {table.caption for table in section.tables}
    assert {"Aims", "Nations", "Missions"} <= captions
    aims = next(table for table in section.tables if table.caption == "Aims")
    shown = {column.title: cell for column, cell in zip(aims.columns, aims.rows[0], strict=True)}
    assert shown["plan"] == pytest.approx(tutorial.aims["value"].iloc[0])
    assert shown["smaller"] == pytest.approx(other.aims["value"].iloc[0])
    assert section.text[0].startswith("smaller instead of plan")
    assert "../side by side" in section.text[-1]
    assert "Plans side by side" in render_page(content)
    assert "Plans side by side" in render_markdown(content)
    assert {"side by side_aims", "side by side_nations"} <= set(sheets(render_workbook(tutorial, content)))


def test_a_comparison_of_other_plans_is_left_out(folder, other):
    """Neither is it shown with a plan of other input, nor with one whose aims are not those that it shows."""
    changed = other.aims.assign(value=other.aims["value"] + 1.0)
    assert len(studies_of(other, folder)) == 1
    assert studies_of(type(other)(**{**vars(other), "aims": changed}), folder) == ()
    elsewhere = with_settings(
        other.instance, [f"nations.{other.instance.rows('nations')[0]['nation']}.max_personnel=1"]
    )
    assert studies_of(type(other)(**{**vars(other), "instance": elsewhere}), folder) == ()


def test_a_comparison_has_the_plan_only_with_all_aims_of_one_of_its_plans(folder, tutorial, other):
    """A plan that agrees in one aim, or in one aim with the first and in another with the second, is another plan."""
    mixed = tutorial.aims.assign(value=[tutorial.aims["value"].iloc[0], *other.aims["value"].iloc[1:]])
    assert len(mixed) > 1
    assert tutorial.aims["value"].iloc[-1] != other.aims["value"].iloc[-1]
    assert len(studies_of(tutorial, folder)) == 1
    assert studies_of(dataclasses.replace(tutorial, aims=mixed), folder) == ()


@pytest.mark.parametrize(
    ("asked", "own", "shown"), [("", "", True), ("ceasefire", "", False), ("", "ceasefire", False)]
)
def test_a_study_of_another_scenario_is_left_out(tutorial, tmp_path, asked, own, shown):
    """Prices are of one scenario: a plan of another does not show them."""
    head = {
        "kind": "prices",
        "state": "done",
        "tables": {},
        "warnings": [],
        "scenario": asked or None,
        "name": "prices",
    }
    head |= {"instances": [{"hash": tutorial.instance.hash, "title": "A: B"}], "terminations": {}, "versions": {}}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "study.json").write_text(json.dumps(head | {"mark": ""}))
    found = studies_of(dataclasses.replace(tutorial, scenario=own or None), tmp_path)
    assert [one.title for one in found] == ["What each rule costs"] * shown


def test_a_sweep_says_its_scenario(tutorial, tmp_path):
    """Its results in another scenario are not taken for the plan's; a title with a colon is whole."""
    name = tutorial.instance.rows("scenarios")[0]["scenario"]
    key = tutorial.instance.rows("pledges")[0]["pledge"]
    vary = [{"name": "battalions", "cell": f"pledges.{key}.quantity", "values": [1]}]
    study = {"title": "Battalions: how many", "design": {"kind": "grid"}, "scenario": name, "vary": vary}
    sweep(tutorial.instance, study, jobs=1, out=tmp_path / "few")
    (text,) = describe_folder(tutorial, tmp_path).section("studies").text
    assert text.startswith(f"Battalions: how many (scenario {name}). ")


def test_the_dearest_limit_is_shown_where_very_many_bind(tutorial):
    """Limits are ranked by price before the table is cut to what a page can hold."""
    binding = tutorial.limits[tutorial.limits["binding"]].iloc[:1]
    many = pd.concat([binding.assign(limit=f"cap {number:02}") for number in range(90)])
    price = {"rules": "limits/cap 89.maximum", "gain_at_least": 3.0, "gain_at_most": 4.0, "alone": ""}
    plan = dataclasses.replace(tutorial, limits=many)
    (table,) = describe(plan, check=False, answers={"prices": [price]}).section("limits").tables
    assert (table.rows[0][0], *table.rows[0][-2:]) == ("cap 89", 3.0, 4.0)
    assert table.rest == 10


def test_rows_that_are_left_out_are_where_the_report_says(tutorial, tmp_path):
    """The workbook of the plan has no more of a study's table than its report does: the rest is in the study's folder."""
    rows = tuple((float(number),) for number in range(70))
    table = first_rows(Table("Runs", (Column("Run", "figure"),), rows), 60)
    parts = (Section("runs", "All runs", (), (table,)),)
    content = Content("Few", "", "", True, "finished", "Done.", (), sections=parts)
    for kind, key, cut in (("sweep", "studies", 20), ("compare", "compare", 60)):
        study = Study("../few", "few", kind, "Few", content)
        described = describe(tutorial, check=False, studies=[study])
        assert f"{70 - cut} more rows are in ../few." in render_page(described)
        assert f"{70 - cut} more rows are in ../few." in render_markdown(described).replace("\\", "")
        assert len(sheets(render_workbook(tutorial, described))["few_runs"]) == 61
        assert described.section(key) is not None


def test_markdown_names_the_tables_of_a_section(folder, tutorial):
    """Where there are several, each has its caption above it."""
    section = describe_folder(tutorial, folder).section("compare")
    text = render_markdown(describe_folder(tutorial, folder)).replace("\\", "")
    assert len(section.tables) > 1
    assert all(f"**{table.caption}**\n\n|" in text for table in section.tables)


def test_a_broken_study_costs_no_report(folder, tutorial, tmp_path):
    """A study whose tables are gone, or whose head is not one, is left out."""
    for name, head in (
        ("a", {"kind": "compare", "state": "done", "tables": [], "instances": [3], "warnings": 0}),
        (
            "b",
            {
                "kind": "sweep",
                "state": "done",
                "tables": {},
                "instances": [{"hash": tutorial.instance.hash}],
                "warnings": [],
            },
        ),
        (
            "c",
            {
                "kind": "prices",
                "state": "done",
                "tables": {},
                "instances": [{"hash": tutorial.instance.hash}],
                "warnings": [],
                "name": "prices",
                "terminations": [],
            },
        ),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.json").write_text(json.dumps(head))
    assert studies_of(tutorial, tmp_path) == ()


def test_a_pipe_in_the_place_of_a_study_is_not_waited_for(tutorial, tmp_path):
    """Whatever lies beside a plan, its report is made."""
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / "study.json")
    assert studies_of(tutorial, tmp_path / "plan") == ()


def test_other_studies_show_their_first_tables(folder, tutorial, tmp_path):
    """A study of the same input in the plan's folder is summed up with its ending and its first tables."""
    save_plan(tutorial, tmp_path / "plan")
    scenarios(tutorial.instance, out=tmp_path / "plan" / "weather", jobs=1)
    section = describe_folder(tutorial, tmp_path / "plan").section("studies")
    assert section.text[0].startswith("Scenarios side by side.")
    assert section.tables[0].name == "weather_aims"
    assert len(section.tables[0].rows) == len(tutorial.instance.rows("scenarios"))


def test_a_baseline_says_which_posts_and_nations_changed(tutorial):
    """With a baseline: posts that are served only now or only then, and units times periods per nation, from the assignments."""
    first = tutorial.assignments.iloc[0]
    less = tutorial.assignments[tutorial.assignments["area"] != first["area"]]
    plan = dataclasses.replace(tutorial, baseline=less[["pledge", "requirement", "period", "units"]])
    section = describe(plan, check=False).section("baseline")
    posts = next(
        table for table in section.tables if table.caption == "Posts served that were not in the baseline plan"
    )
    gone = tutorial.assignments[tutorial.assignments["area"] == first["area"]]
    assert len(posts.rows) == len(gone[["mission", "area"]].drop_duplicates())
    nations = next(table for table in section.tables if table.caption == "Units times periods, per nation")
    assert sum(row[3] for row in nations.rows) == gone["units"].sum()
