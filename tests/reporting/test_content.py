"""What reports say."""

import dataclasses
import time
from pathlib import Path

import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.instance.instance import Instance
from optimizer.plan.changes import Changes, OwnAim
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import TERMINATIONS, Ending, plan_from_solution
from optimizer.reporting.content import MOST_COLUMNS, MOST_ROWS
from optimizer.reporting.describe import describe
from optimizer.reporting.markdown import plain, render_markdown
from optimizer.reporting.page import render_page
from optimizer.reporting.words import AIMS, TERMINATION
from optimizer.reporting.workbook import render_workbook
from tests.reporting.page_reader import Page
from tests.reporting.test_workbook import sheets


def test_every_termination_has_words():
    """Each way in which a search can end is said in a sentence."""
    assert {name for name, _ in TERMINATION} == set(TERMINATIONS)


def test_every_aim_has_words():
    """Each aim has a name, and says which direction is better."""
    from optimizer.instance.header_attributes import AIMS as KNOWN

    assert set(AIMS) == set(KNOWN)
    assert all(direction in {"higher is better", "lower is better"} for _, _, direction in AIMS.values())


def test_sections_of_the_tutorial(tutorial):
    """The report has every section for which the tutorial has content, in the order of a planner's questions."""
    keys = [section.key for section in describe(tutorial).sections]
    assert keys == [
        "aims",
        "missions",
        "gaps",
        "fill",
        "fulfilment",
        "contributions",
        "nations",
        "limits",
        "posts",
        "steadiness",
        "timeline",
        "pledges",
        "conditions",
        "sources",
        "proof",
        "glossary",
    ]


def test_gaps_of_the_tutorial(tutorial):
    """The gaps are those derived by hand in the tutorial's README: 2 of 10 sites and 400 of 2,000 recruits."""
    rows = describe(tutorial).section("gaps").tables[0].rows
    assert {row[0]: row[5:9] for row in rows} == {
        "guard-border": (10, 8, 2, 0.8),
        "train-capital": (2000, 1600, 400, 0.8),
    }
    assert rows[0][0] == "guard-border"  # the mission with the larger weight first


def test_nations_of_the_tutorial(tutorial):
    """Eastland is at its cap of 150; nobody else has one."""
    table = describe(tutorial).section("nations").tables[0]
    assert [column.title for column in table.columns][:4] == [
        "Nation",
        "Most personnel at a time",
        "Personnel cap",
        "Cap used",
    ]
    assert {row[0]: row[1:4] for row in table.rows}["Eastland"] == (150, 150, 1)


def big_plan(nations=40, periods=60):
    """A plan of many nations, lines and periods, laid out by hand."""
    names = [f"N{n:03d}" for n in range(nations)]
    tables = {
        "nations": [{"nation": name} for name in names],
        "unit_types": [{"unit_type": "u", "personnel": 10, "cost": 1}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": f"p{name}", "nation": name, "unit_type": "u", "quantity": 90} for name in names],
        "missions": [{"mission": "m"}],
        "requirements": [
            {"requirement": f"r{line}", "mission": "m", "area": f"a{line}", "capability": "c", "target": 50}
            for line in range(90)
        ],
    }
    instance = Instance.from_tables(tables, {"periods": {"count": periods}})
    rows = [
        {"pledge": f"p{name}", "requirement": f"r{line}", "period": period, "units": 1}
        for name in names
        for line in range(0, 90, 5)
        for period in range(1, periods + 1)
    ]
    return plan_from_solution(instance, None, Ending("feasible"), Decisions(rows))


def test_large_plans_stay_readable():
    """Charts and tables of a large plan are cut to what a page holds, say so, and are ready in seconds."""
    plan = big_plan()
    begun = time.process_time()
    content = describe(plan)
    page = render_page(content)
    assert time.process_time() - begun < 30
    for section in content.sections:
        for chart in section.charts:
            assert len(chart.rows) <= MOST_ROWS
            assert len(chart.columns) <= MOST_COLUMNS
    timeline = content.section("timeline").charts[0]
    assert timeline.rest > 0
    assert timeline.columns[0] == "1 to 2"
    assert len(page) < 4_000_000


@pytest.mark.parametrize("text", ["| a", "- x", "1. x", "# x", "*x*", "<b>", "[a](b)", "`x`", "a@b", "+ x", "= x"])
def test_markdown_shows_text_as_it_is(text):
    """Characters that mean something in markdown are escaped."""
    import re

    shown = plain(text)
    assert shown != text
    unescaped = (
        re.sub(r"\\(.)", r"\1", shown)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#64;", "@")
        .replace("&amp;", "&")
    )
    assert unescaped == text


CHANGED = Changes(
    ("nations.east.max_personnel = 300", "without limits/<b>x</b>"), ("limits/<b>x</b>",), OwnAim("mine", 3.0)
)


def test_changes_are_on_the_first_screen(tutorial):
    """What was changed for a plan stands right below the verdict of page, markdown and the workbook's first sheet."""
    plan = dataclasses.replace(tutorial, changes=CHANGED)
    content = describe(plan, check=False)
    assert content.changed == tuple(CHANGED.lines())
    page = Page(render_page(content))
    head = "".join(page.text).split("What the plan achieves")[0]
    markdown = render_markdown(content).split("\n## ")[0]
    first = [str(row[0]) for row in sheets(render_workbook(plan, content))["summary"]]
    for line in CHANGED.lines():
        assert line in head
        assert f"**{plain(line)}**" in markdown
        assert line in first
    assert first.index(CHANGED.lines()[0]) < first.index("Aims in order of priority")
    assert render_page(content).count('<p class="verdict fair">') == len(CHANGED.lines())


def test_a_plan_of_the_instance_as_given_names_no_change(tutorial):
    """Without changes, nothing is said about any."""
    content = describe(tutorial, check=False)
    assert content.changed == ()
    assert "Changed for this plan" not in render_page(content) + render_markdown(content)


def test_markdown_tables_keep_their_shape(hostile):
    """Every row of a table has as many cells as its head, whatever the names hold."""
    import re

    width = None
    for line in render_markdown(describe(hostile)).splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line.replace("\\\\", "")))
        width = width or cells
        assert cells == width, line


def test_scenario_unknown_to_the_instance_is_no_obstacle(tutorial):
    """A plan that names a scenario which its instance lacks can still be reported."""
    plan = dataclasses.replace(tutorial, scenario="gone", has_plan=False, termination="none_found")
    assert describe(plan).scenario == "gone"


def test_leads_change_with_terms():
    """A post that is led by two nations in turn says who leads in which term."""
    tables = {
        "nations": [{"nation": name} for name in "AB"],
        "unit_types": [{"unit_type": "u", "personnel": 10}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": name, "nation": name, "unit_type": "u", "quantity": 1} for name in "AB"],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "a", "capability": "c", "target": 2}],
        "posts": [{"mission": "m", "area": "a", "lead": "required", "lead_term": 1}],
        "participation": [{"nation": name, "may_lead": True} for name in "AB"],
    }
    instance = Instance.from_tables(tables, {"periods": {"count": 2}})
    units = [{"pledge": name, "requirement": "r", "period": t, "units": 1} for name in "AB" for t in (1, 2)]
    leads = [
        {"nation": name, "mission": "m", "area": "a", "leads": True, "lead_terms": term} for name, term in ("A1", "B2")
    ]
    plan = plan_from_solution(instance, None, Ending("feasible"), Decisions(units, leads))
    row = describe(plan).section("posts").tables[0].rows[0]
    assert row == ("m", "a", "A (term 1), B (term 2)", 2, "A, B")


LINKED = Path(__file__).parents[2] / "instances" / "features" / "links"


def test_whose_joining_brings_whom():
    """The mini-instance on links: without Northland, Southland may not serve, and Eastland may come."""
    section = describe(solve(read_instance(LINKED), child=False)).section("links")
    assert section.text[0] == "Without north: south may not serve (600 personnel)."
    tipping, standing = section.tables
    assert tipping.rows == (("north", "stays away", "south", "", "east", 1, 600.0),)
    assert {(row[0], row[-1]) for row in standing.rows} == {
        ("north-or-east", "keeps out"),
        ("north-with-a-neighbour", "room to spare"),
        ("south-only-with-north", "brought"),
    }


def test_bottlenecks_are_told():
    """The mini-instance on movement: the road carries no second battalion in period 1 and is full in period 2."""
    plan = solve(read_instance(LINKED.parent / "movement"), child=False)
    section = describe(plan).section("flows")
    assert section.text == ("1 route(s) are bottlenecks in some period: not even the lightest unit more would fit.",)
    assert section.tables[0].rows == (("harbour", "border", "road", pytest.approx(1300.0), "1–2"),)
    assert "Bottlenecks (no further unit fits; 1 in all):" in plan.summary()


def test_links_that_bring_nobody_are_said():
    """Where nobody depends on one other nation, the report says so."""
    instance = read_instance(LINKED)
    units = [
        {"pledge": pledge, "requirement": "guard-border", "period": 1, "units": 1} for pledge in ("east-battalion",)
    ]
    section = describe(plan_from_solution(instance, None, Ending("feasible"), Decisions(units))).section("links")
    assert section.text[0] == "No nation that serves would have to leave if one other did."


def test_hostile_links_are_in_the_report(hostile):
    """Links and nations with nasty names are in page and markdown as text."""
    assert len(hostile.links) == 2
    assert len(describe(hostile).section("links").tables) == 2
