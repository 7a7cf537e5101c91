"""Columns explain themselves: each one of reports, plans and studies stands in the register."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from markupsafe import escape

from optimizer.plan.frames import PLAN_TABLES
from optimizer.plan.moves import MOVED_COLUMNS
from optimizer.plan.store import load_plan
from optimizer.reporting.answers import read_answers
from optimizer.reporting.capital import describe_capital
from optimizer.reporting.columns import ABOUT, about_column
from optimizer.reporting.content import Content
from optimizer.reporting.describe import describe
from optimizer.reporting.folder import describe_folder
from optimizer.reporting.page import render_page
from optimizer.reporting.study import describe_study, is_study
from optimizer.reporting.study_tables import keys_of, read_table
from optimizer.rulebook import records

ROOT = Path(__file__).parents[2]
REPORTING = ROOT / "optimizer" / "reporting"
PARIS = min((ROOT / "reports").glob("paris*/plan"))
STUDIES = sorted(one.parent for one in (ROOT / "reports").glob("*/*/study.json"))


def unexplained(content: Content) -> set[str]:
    """Titles of columns that say nothing of themselves."""
    return {
        column.title
        for section in content.sections
        for table in section.tables
        for column in table.columns
        if not column.about
    }


def columns_in_code() -> list[tuple[str, ast.Call]]:
    return [
        (f"{file.relative_to(REPORTING)}:{node.lineno}", node)
        for file in sorted(REPORTING.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Column"
    ]


def test_every_column_that_the_code_names_is_in_the_register():
    """A title, or the key beside it, is found; also where no report of the tests shows the column."""
    wrong = []
    for where, call in columns_in_code():
        key = call.args[2] if len(call.args) > 2 else next((k.value for k in call.keywords if k.arg == "key"), None)
        named = key or call.args[0]
        if isinstance(named, ast.Constant) and named.value and not about_column(str(named.value)):
            wrong.append((where, named.value))
    assert len(columns_in_code()) > 100
    assert wrong == []


@pytest.mark.parametrize("name", PLAN_TABLES)
def test_every_column_of_a_plan_is_in_the_register(name):
    """The workbook and the manual explain each column of the plan's tables."""
    assert [column for column in (*PLAN_TABLES[name].columns, *MOVED_COLUMNS) if not about_column(column)] == []


def test_every_sentence_of_the_register_is_one():
    """It begins with a capital or a number, ends with a full stop, and fits into a note."""
    assert [one for one in ABOUT.values() if not one.endswith(".") or one[0].islower() or len(one) > 160] == []


def test_reports_on_plans_explain_all_columns(tutorial, hostile):
    """Also the answers, and the page of one capital."""
    plan = load_plan(PARIS)
    nation = plan.assignments["nation"].iloc[0]
    capital = describe_capital(plan, nation, read_answers(PARIS), records(plan.instance, plan.scenario))
    contents = [
        describe(tutorial, check=False),
        describe(hostile, check=False),
        describe_folder(plan, PARIS, check=False),
    ]
    assert set().union(*(unexplained(content) for content in (*contents, capital))) == set()


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_reports_on_studies_explain_all_columns(folder):
    """Those that are published."""
    assert is_study(folder)
    assert unexplained(describe_study(folder)) == set()


def test_inputs_whose_names_hold_colons_are_explained(tmp_path):
    """Both the input and what a factor made of its cell."""
    (tmp_path / "runs.csv").write_text("run,cap: of (East),cap: of (East): max_personnel\n1,0.5,75\n", encoding="utf-8")
    keys = keys_of({"vary": [{"name": "cap: of (East)"}]})
    table = read_table(tmp_path / "runs.csv", "All runs", (), keys)
    assert [column.about for column in table.columns[1:]] == [ABOUT["input of a run"]] * 2


def test_the_page_explains_its_columns_without_script(tutorial):
    """Each table has a legend that opens without script, and each heading says what it means when pointed at."""
    content = describe(tutorial, check=False)
    page = render_page(content)
    tables = [table for section in content.sections for table in section.tables]
    assert page.count('<details class="legend">') >= len(tables)
    said = str(escape(ABOUT["cap used"]))
    assert f'title="{said}"' in page
    assert f"<dd>{said}</dd>" in page


def test_a_column_without_a_sentence_is_noticed():
    """The register makes nothing up."""
    assert about_column("Whatever it is") == ""
    assert about_column("a.b") == ""
    assert about_column("missions.north.score") == ABOUT["outcome"]
    assert about_column("coverage_bound") == ABOUT["bound of a run"]
