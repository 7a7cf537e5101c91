"""The report on a study: a page that needs nothing, a workbook with every table, and what names with markup do to them."""

import json
import re
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.reporting.study import describe_study, is_study
from tests.reporting.hostile import NASTY, hostile_instance
from tests.reporting.page_reader import Page
from tests.reporting.test_columns import unexplained

from .small import GRID, TORNADO, TUTORIAL, tutorial

SAMPLED = {
    "design": {"kind": "morris", "size": 3, "seed": 3},
    "vary": [
        {"name": "east cap", "cell": "nations.east.max_personnel", "low": 0, "high": 200},
        {"name": "recruits", "cell": "requirements.train-capital.target", "low": 1000, "high": 3000},
    ],
}
OWN_SCRIPT = (
    "<script>" + (Path(fg.__file__).parent / "reporting/templates/page.js").read_text(encoding="utf-8") + "</script>"
)
NAMES = [
    "tornado",
    "grid",
    "scenarios",
    "morris",
    "frontier",
    "alternatives",
    "nasty",
    "nasty-scenarios",
    "nasty-alternatives",
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tornado, a heat map, a sample, scenarios; and a study and scenarios in which every name would like to be markup."""
    root = tmp_path_factory.mktemp("folders")
    fg.sweep(tutorial(), TORNADO, out=root / "tornado")
    hostile = {**GRID["vary"][0], "name": '=<b>"cap"</b>', "steps": 3}
    fg.sweep(
        tutorial(),
        {**GRID, "title": "<script>alert(1)</script>", "vary": [hostile, GRID["vary"][2]]},
        out=root / "grid",
    )
    fg.scenarios(tutorial(), out=root / "scenarios")
    fg.sweep(tutorial(), SAMPLED, out=root / "morris")
    fg.frontier(tutorial(), points=4, out=root / "frontier")
    fg.alternatives(tutorial(), count=3, within=0.5, out=root / "alternatives")
    nasty = hostile_instance()
    fg.alternatives(nasty, count=2, within=0.5, out=root / "nasty-alternatives")
    vary = [
        {"name": NASTY[1], "table": "nations", "key": NASTY[2], "column": "max_personnel", "values": [0, 10000]},
        {"name": NASTY[7], "condition": NASTY[2]},
    ]
    fg.sweep(nasty, {"title": NASTY[10], "keep": [f"nations.{NASTY[1]}.cost"], "vary": vary}, out=root / "nasty")
    fg.scenarios(nasty, out=root / "nasty-scenarios")
    for name in NAMES:
        result = CliRunner().invoke(forcegen, ["report", str(root / name)])
        assert result.exit_code == 0, result.output
        result = CliRunner().invoke(forcegen, ["report", str(root / name), "--md", str(root / name / "report.md")])
        assert result.exit_code == 0, result.output
    return root


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_whole_and_needs_nothing(folders, name):
    """Well formed, no script but the page's own, nothing from outside, one heading, and every chart has a text."""
    source = (folders / name / "report.html").read_text()
    page = Page(source)
    assert page.faults == []
    assert page.of("script") == [{}]
    assert source.count(OWN_SCRIPT) == 1
    assert len(page.of("h1")) == 1
    charts = [div for div in page.of("div") if div.get("class") == "chart"]
    assert charts
    assert all(div["aria-label"] for div in charts)
    assert source.count("<svg") == len(charts)
    assert "http://" not in source.replace("http://example.org/x", "")
    assert "https://" not in source
    assert "Assumptions and sources" not in source


def test_every_column_explains_itself(folders):
    """Each kind of study, in its page and in its workbook's heading notes."""
    for folder in sorted(folders.iterdir()):
        if is_study(folder):
            assert unexplained(describe_study(folder)) == set(), folder.name


def test_charts_are_files_too(folders, tmp_path):
    """As many as the page has, each a drawing that stands alone; a file is no folder for them."""
    result = CliRunner().invoke(forcegen, ["report", str(folders / "nasty"), "--svg", str(tmp_path / "charts")])
    assert result.exit_code == 0, result.output
    files = sorted((tmp_path / "charts").iterdir())
    assert len(files) == (folders / "nasty" / "report.html").read_text().count("<svg")
    assert {ElementTree.parse(file).getroot().tag for file in files} == {"{http://www.w3.org/2000/svg}svg"}  # noqa: S314
    assert CliRunner().invoke(forcegen, ["report", str(folders / "nasty"), "--svg", str(files[0])]).exit_code == 2


SHEETS = {
    "tornado": ("runs", "tornado", "response"),
    "grid": ("heatmap", "runs"),
    "scenarios": ("regret", "expected", "nations"),
    "morris": ("morris", "runs"),
    "frontier": ("points",),
    "alternatives": ("plans", "shared", "presence", "pledges"),
    "nasty": ("tornado", "runs"),
    "nasty-scenarios": ("regret", "expected"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_the_workbook_has_every_table(folders, name):
    """One sheet per table, with its rows."""
    book = pd.read_excel(folders / name / "report.xlsx", sheet_name=None, engine="calamine")
    assert {*SHEETS[name], "summary", "provenance"} <= set(book)
    one = SHEETS[name][0]
    assert len(book[one]) == len(pd.read_csv(folders / name / f"{one}.csv"))
    with zipfile.ZipFile(folders / name / "report.xlsx") as archive:
        sheets = [archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/")]
    assert sheets
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_numbers_in_the_workbook_are_numbers(folders):
    """Base, effect and outcomes can be reckoned with; every timing is there; a blank is a blank."""
    book = pd.read_excel(folders / "tornado" / "report.xlsx", sheet_name=None, engine="calamine")
    tornado = book["tornado"]
    assert tornado["Effect"].tolist()[:3] == [20, 20, 0]
    assert tornado["Solver gap"].isna().tolist() == [False] * 6 + [True] * (len(tornado) - 6)
    assert book["runs"]["Coverage"].sum() == 80 + 60 + 65 + 75 + 85 + 80 + 80
    assert {"Seconds", "Model", "Why"} <= set(book["runs"].columns)
    assert "7 runs: 7 proven." in book["summary"].iloc[:, 0].tolist()


def test_what_the_report_says(folders):
    """The widest effect, how the runs ended, and the regret by hand."""
    tornado = describe_study(folders / "tornado")
    assert (tornado.termination, tornado.verdict) == ("finished", "7 runs: 7 proven.")
    chart = tornado.section("tornado").charts[0]
    assert chart.kind == "span"
    assert "The widest effect has ceasefire: 60 at false, 80 at true" in chart.summary
    lines = tornado.section("response").charts
    assert chart.rows == ("ceasefire: no … yes", "east cap: 0 … 200", "team cost: no effect")
    drawn = [(chart.row_title, chart.value_title.split(" (")[0]) for chart in lines]
    assert drawn == [("east cap", "Coverage"), ("east cap", "Cost"), ("team cost", "Cost")]
    scenarios = describe_study(folders / "scenarios")
    assert scenarios.verdict.startswith("2 scenarios: 2 proven.")
    regret = scenarios.section("regret")
    assert "The largest regret is 33.33" in regret.charts[0].summary
    assert [row[0] for row in regret.tables[0].rows] == [
        "ceasefire",
        "no-ceasefire",
        "made for the scenario that comes",
    ]
    assert [row[1:] for row in regret.tables[0].rows][1] == pytest.approx((20, 0, 20, 60))
    assert scenarios.section("aims").tables[0].rows[1] == ("no-ceasefire", 0.4, "proven", 60, 60, 128, 128)
    frontier = describe_study(folders / "frontier")
    assert frontier.verdict == "4 points, all proven; others may lie between them."
    (curve,) = frontier.section("points").charts
    assert curve.kind == "curve"
    assert [curve.cells[row, column] for row in (0, 3) for column in (0, 1, 2, 3)] == pytest.approx(
        [132, 80] * 2 + [0] * 4
    )
    assert "coverage 80 at cost 132 at one end" in curve.summary.lower()
    alternatives = describe_study(folders / "alternatives")
    assert alternatives.section("shared").tables[0].rows == (
        (
            "north",
            "protection",
            "border",
            "in every plan within the limit (proven)",
            pytest.approx(140 / 3),
            pytest.approx(140 / 3),
        ),
    )
    assert [row[2] for row in alternatives.section("plans").tables[0].rows] == [None, 3, 3]
    morris = describe_study(folders / "morris").section("morris").charts[0]
    assert max(value for (_, column), value in morris.cells.items() if column == 0) == 1
    assert "Coverage" in morris.columns


def test_a_study_that_a_limit_stopped_is_not_called_finished_without_more(tmp_path):
    """What is not proven is said in the first line, with the limits; doubtful effects are marked where they are drawn."""
    small = fg.generate("S", seed=1)
    vary = {"name": "caps", "table": "nations", "column": "max_personnel", "mode": "factor", "values": [0.3]}
    fg.sweep(small, {"limits": {"time_limit": 0.3, "gap": 0.01}, "vary": [vary]}, out=tmp_path / "out")
    head = json.loads((tmp_path / "out" / "study.json").read_text())
    assert "optimal" not in head["terminations"]
    content = describe_study(tmp_path / "out")
    assert content.termination == "finished, not all proven"
    assert "2 stopped by a limit" in content.verdict
    assert "Each run may take 0.3 s." in content.section("inputs").text[0]
    assert "within a gap of 1 %" in content.section("inputs").text[0]


def test_an_effect_in_doubt_is_marked_where_it_is_drawn(folders, tmp_path):
    """The same folder with a solver gap wider than an effect: the bar's label says so, and no other bar's."""
    shutil.copytree(folders / "tornado", tmp_path / "out")
    file = tmp_path / "out" / "tornado.csv"
    lines = file.read_text().splitlines()
    assert lines[2].startswith("coverage,east cap,80,65,0,85,200,20,0,false")
    lines[2] = lines[2].replace("20,0,false", "20,30,true")
    file.write_text("\n".join(lines) + "\n")
    chart = describe_study(tmp_path / "out").section("tornado").charts[0]
    assert [label.endswith(", doubtful") for label in chart.rows] == [False, True, False]


def test_instances_are_told_apart_and_what_failed_says_why(tmp_path):
    """A row per instance, not folded; the reason of what has no plan stands in a table of its own."""
    fg.sweep([TUTORIAL, tmp_path / "missing"], out=tmp_path / "out")
    content = describe_study(tmp_path / "out")
    assert "Each instance as it is." in content.section("inputs").text[0]
    runs = content.section("runs")
    assert not runs.folded
    assert [row[1] for row in runs.tables[0].rows] == ["tutorial", "missing"]
    assert "Reason" not in [column.title for column in runs.tables[0].columns]
    ((number, name, ended, reason),) = content.section("without-plan").tables[0].rows
    assert (number, name, ended) == (1.0, "missing", "with invalid input")
    assert "there is no such folder" in reason


def test_names_are_data(folders):
    """Markup in a title or a name is text in page and markdown, a formula is text in the tables, control characters are seen."""
    assert (folders / "grid" / "runs.csv").read_text().splitlines()[0].count("'=<b>") == 1
    assert "&lt;b&gt;" in (folders / "grid" / "report.md").read_text()
    for name in ("grid", "nasty", "nasty-scenarios", "nasty-alternatives"):
        page, markdown = ((folders / name / f"report.{kind}").read_text() for kind in ("html", "md"))
        for text in (page, markdown):
            assert "<script" not in text.replace(OWN_SCRIPT, "")
            assert "<img" not in text
            assert not set(text) & set("\x1b\x07\u202e\u200b\ufeff")
    said = " ".join(Page((folders / "nasty" / "report.html").read_text()).text)
    assert NASTY[1] in said
    assert NASTY[7] in said
    book = pd.read_excel(folders / "nasty" / "report.xlsx", sheet_name="tornado", engine="calamine")
    assert {NASTY[1], NASTY[7]} == set(book["Input"])


def test_the_markdown_has_the_tables(folders):
    """Every row has as many cells as its heading; the figures by hand are there."""
    for name in NAMES:
        tables = [
            [line for line in block.splitlines() if line.startswith("|")]
            for block in (folders / name / "report.md").read_text().split("\n\n")
        ]
        widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in table} for table in tables if table]
        assert widths
        assert all(len(width) == 1 for width in widths), name
    text = (folders / "tornado" / "report.md").read_text()
    assert "| coverage | ceasefire | 80 | 60 | no | 80 | yes | 20 | 0 | no |" in text


def test_a_study_that_is_not_finished_has_no_report(folders, tmp_path):
    """A folder without a study is no study; one that still runs is refused with a message."""
    assert is_study(folders / "grid")
    assert not is_study(tmp_path)
    (tmp_path / "study.json").write_text((folders / "grid" / "study.json").read_text().replace('"done"', '"running"'))
    result = CliRunner().invoke(forcegen, ["report", str(tmp_path)])
    assert result.exit_code == 3
