"""The report on a study: a page that needs nothing, a workbook with every table, and what names with markup do to them."""

import pandas as pd
import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.reporting.study import describe_study, is_study
from tests.reporting.page_reader import Page

from .small import GRID, TORNADO, tutorial


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A tornado, a heat map with a hostile name, and scenarios."""
    root = tmp_path_factory.mktemp("folders")
    fg.sweep(tutorial(), TORNADO, out=root / "tornado")
    hostile = {**GRID["vary"][0], "name": '=<b>"cap"</b>', "steps": 3}
    fg.sweep(
        tutorial(),
        {**GRID, "title": "<script>alert(1)</script>", "vary": [hostile, GRID["vary"][2]]},
        out=root / "grid",
    )
    fg.scenarios(tutorial(), out=root / "scenarios")
    for name in ("tornado", "grid", "scenarios"):
        result = CliRunner().invoke(forcegen, ["report", str(root / name)])
        assert result.exit_code == 0, result.output
        assert (
            CliRunner().invoke(forcegen, ["report", str(root / name), "--md", str(root / name / "report.md")]).exit_code
            == 0
        )
    return root


@pytest.mark.parametrize("name", ["tornado", "grid", "scenarios"])
def test_the_page_is_whole_and_needs_nothing(folders, name):
    """Well formed, no script, nothing from outside, one heading, and every chart has a text."""
    source = (folders / name / "report.html").read_text()
    page = Page(source)
    assert page.faults == []
    assert page.of("script") == []
    assert len(page.of("h1")) == 1
    charts = [div for div in page.of("div") if div.get("class") == "chart"]
    assert charts
    assert all(div["aria-label"] for div in charts)
    assert source.count("<svg") == len(charts)


SHEETS = {
    "tornado": ("runs", "tornado", "response"),
    "grid": ("heatmap", "runs"),
    "scenarios": ("regret", "expected", "nations"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_the_workbook_has_every_table(folders, name):
    """One sheet per table, with its rows."""
    book = pd.read_excel(folders / name / "report.xlsx", sheet_name=None, engine="calamine")
    assert {*SHEETS[name], "summary", "provenance"} <= set(book)
    one = SHEETS[name][0]
    assert len(book[one]) == len(pd.read_csv(folders / name / f"{one}.csv"))


def test_what_the_report_says(folders):
    """The widest effect, how the runs ended, and the regret by hand."""
    tornado = describe_study(folders / "tornado")
    assert tornado.verdict == "7 runs: 7 optimal."
    chart = tornado.section("tornado").charts[0]
    assert chart.kind == "span"
    assert "The widest effect has ceasefire: 60 at false, 80 at true" in chart.summary
    lines = tornado.section("response").charts
    assert [chart.row_title for chart in lines if chart.value_title.startswith("Coverage")] == ["east cap", "team cost"]
    scenarios = describe_study(folders / "scenarios")
    assert "The largest regret is 33.33" in scenarios.section("regret").charts[0].summary


def test_names_are_data(folders):
    """Markup in a title or a name is text in the page, and a formula is text in the table."""
    assert "<script>alert" not in (folders / "grid" / "report.html").read_text()
    assert (folders / "grid" / "runs.csv").read_text().splitlines()[0].count("'=<b>") == 1
    assert "&lt;b&gt;" in (folders / "grid" / "report.md").read_text()


def test_a_study_that_is_not_finished_has_no_report(folders, tmp_path):
    """A folder without a study is no study; one that still runs is refused with a message."""
    assert is_study(folders / "grid")
    assert not is_study(tmp_path)
    (tmp_path / "study.json").write_text((folders / "grid" / "study.json").read_text().replace('"done"', '"running"'))
    result = CliRunner().invoke(forcegen, ["report", str(tmp_path)])
    assert result.exit_code == 3
