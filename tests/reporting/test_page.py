"""The HTML page."""

import base64
import dataclasses
import hashlib
import re
from pathlib import Path

import pytest

from optimizer.reporting import charts
from optimizer.reporting import page as page_module
from optimizer.reporting.charts import svg
from optimizer.reporting.content import Chart
from optimizer.reporting.describe import describe
from optimizer.reporting.page import render_page, write_html
from tests.reporting.page_reader import Page


@pytest.fixture(scope="module")
def pages(tutorial, hostile, infeasible):
    return {
        name: render_page(describe(plan))
        for name, plan in (("tutorial", tutorial), ("hostile", hostile), ("infeasible", infeasible))
    }


@pytest.fixture(scope="module", params=["tutorial", "hostile", "infeasible"])
def source(pages, request):
    return pages[request.param]


def test_page_is_well_formed(source):
    """Every tag is closed in its order, and no attribute comes twice."""
    assert Page(source).faults == []


def test_page_needs_nothing_from_outside(source):
    """No element of the page loads, links to or sends anything beyond the page itself."""
    for tag, attributes in Page(source).elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset", "xmlns"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", source)
    assert "@import" not in source


def test_page_allows_its_own_script_alone(source):
    """There is one script, ours to the letter; the policy names it by its hash, and would let no other run."""
    page = Page(source)
    assert page.of("script") == [{}]
    assert page.of("iframe") == []
    own = (Path(page_module.__file__).parent / "templates" / "page.js").read_text(encoding="utf-8")
    assert source.count(f"<script>{own}</script>") == 1
    policy = next(meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy


def test_page_can_be_read_aloud(source):
    """Language, one main heading, captions, column scopes and texts for charts are there."""
    page = Page(source)
    assert page.of("html") == [{"lang": "en"}]
    assert len(page.of("h1")) == 1
    assert len(page.of("caption")) == len(page.of("table")) > 0
    assert {cell.get("scope") for cell in page.of("th")} <= {"col", "row", "rowgroup"}
    charts = [div for div in page.of("div") if div.get("class") == "chart"]
    assert all(div["role"] == "img" and len(div["aria-label"]) > 20 for div in charts)
    drawings = [drawing for drawing in page.of("svg") if drawing.get("class") != "map"]
    assert len(charts) == len(drawings)
    assert all(drawing["aria-hidden"] == "true" for drawing in drawings)
    assert all(drawing["aria-label"] for drawing in page.of("svg") if drawing.get("class") == "map")


def test_names_inside_the_page_are_unique(source):
    """No two elements share an id, so that gradients and links of one chart do not reach into another."""
    names = [attributes["id"] for _, attributes in Page(source).elements if "id" in attributes]
    assert len(names) == len(set(names)) > 5
    targets = set(re.findall(r"url\(#([\w-]+)\)", source)) | {a["href"][1:] for a in Page(source).of("a")}
    assert targets <= set(names)


def test_hostile_text_is_shown(pages):
    """Tags, template marks and control characters in names appear as text."""
    text = "".join(Page(pages["hostile"]).text)
    assert "<script>alert(1)</script>" in text
    assert "[bold red]loud[/bold red]" in text
    assert '=HYPERLINK("http://example.org/x","click")' in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", pages["hostile"])


def test_tutorial_figures_are_on_the_page(pages):
    """A reader finds the coverage, the cost, what stays open and who serves."""
    text = " ".join("".join(Page(pages["tutorial"]).text).split())
    for part in ("80 %", "132 million EUR", "train-capital", "Eastland", "east max_personnel", "ceasefire", "SHA-256"):
        assert part in text, part


def test_page_without_plan_says_so(pages):
    """An infeasible instance gives a page that says so, with no table of contributions."""
    text = "".join(Page(pages["infeasible"]).text)
    assert "There is no plan" in text
    assert "Who sends what" not in text
    assert "agrees with this plan" not in text


def test_page_denounces_a_plan_that_breaks_rules(tutorial):
    """A plan whose tables were tampered with is reported as broken, at the head of the page."""
    more = tutorial.assignments.assign(units=tutorial.assignments["units"] + 50)
    content = describe(dataclasses.replace(tutorial, assignments=more))
    assert content.broken
    text = "".join(Page(render_page(content)).text)
    assert "This plan breaks rules" in text
    assert "agrees with this plan" not in text


def test_same_plan_gives_the_same_page(tutorial, pages):
    """Nothing on the page depends on when it was made."""
    assert render_page(describe(tutorial)) == pages["tutorial"]


def test_page_is_written(tutorial, tmp_path, pages):
    """The file holds the page, in a folder that is made for it."""
    file = write_html(tutorial, tmp_path / "new" / "report.html")
    assert file.read_text(encoding="utf-8") == pages["tutorial"]


def test_equal_labels_stay_apart():
    """Rows of a chart with the same long name keep their own marks."""
    names = ("x" * 200, "x" * 200, "", "")
    chart = Chart("Title", "Summary", "amount", names, ("a", "b"), {(row, 0): float(row + 1) for row in range(4)})
    drawing = svg(chart, "c")
    assert [f">{number}<" in drawing for number in (1, 2, 3, 4)] == [True] * 4


def test_title_keeps_clear_of_long_labels():
    """The title beside the rows stands outside the widest label that is drawn (320 units), in a wider font too."""
    chart = Chart("T", "S", "share", ("m" * 56, "b"), ("1", "2"), {(0, 0): 1.0, (1, 1): 0.5}, "Mission", "Period")
    (left,) = re.findall(r"translate\((-[\d.]+),[^)]*\) rotate\(-90\)[^>]*>Mission", svg(chart, "c"))
    assert float(left) < -380


@pytest.mark.parametrize(("kind", "columns"), [("share", ("1",)), ("share", ("1", "2")), ("span", ("1", "2", "3"))])
def test_long_labels_are_drawn_whole(kind, columns):
    """Where there is no title beside the rows, there is room for the widest label in a wider font."""
    cells = {(row, column): 0.2 * (column + 1) for row in range(2) for column in range(len(columns))}
    drawing = svg(Chart("T", "S", kind, ("m" * 56, "b"), columns, cells), "c")
    assert float(re.search(r"translate\(([\d.]+),", drawing)[1]) > 380


def test_empty_chart_is_drawn():
    """A chart without any value does not fail."""
    assert svg(Chart("Title", "Summary", "share", ("a",), ("b", "c"), {}), "c").startswith("<svg ")


NAMES = (
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__proto__",
    "__lookupGetter__",
    "a.b[0]",
    "a\\b'c\"d",
    "line\nbreak",
    "undefined",
    "a" + "😀" * 60,
    "👩‍👩‍👧" * 30,
    "𝒜" * 400,
    "",
    "</svg><script>",
)
SHAPES = {
    "share": ("", "zwei"),
    "amount": ("", "zwei"),
    "span": ("low", "base", "high"),
    "line": ("",),
    "bars": ("",),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", SHAPES)
def test_every_name_is_drawn(kind, name):
    """Names that mean something to the drawing library, or that it would cut in two, are drawn like any other."""
    rows = ("1", "2") if kind == "line" else (name, "other")
    columns = (name, "zwei") if kind in {"share", "amount"} else SHAPES[kind]
    cells = {(row, column): 0.2 + row + column for row in range(2) for column in range(len(columns))}
    chart = Chart("T", "S", "share" if kind == "bars" else kind, rows, columns, cells, name, name, name)
    drawing = svg(chart, "c")
    assert "<script" not in drawing
    if name in NAMES[:6] and kind != "line":
        assert f">{name}" in drawing


def test_a_chart_that_cannot_be_drawn_costs_only_itself(tutorial, monkeypatch, tmp_path):
    """The page keeps its tables and its other parts, and says that the chart could not be drawn."""

    def refuse(_):
        raise ValueError("no")

    monkeypatch.setattr(charts, "_document", refuse)
    content = describe(tutorial)
    page = Page(render_page(content))
    assert page.faults == []
    assert page.of("svg") == []
    assert page.of("table")
    asked = [chart.title for section in content.sections for chart in section.charts]
    assert "".join(page.text).count("could not be drawn") == len(asked) > 0
    assert charts.write_charts(content, tmp_path) == ([tmp_path / "picture.svg"], asked)


def test_interrupts_are_no_failed_charts(tutorial, monkeypatch):
    """Ctrl-C while a chart is drawn ends the command."""

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(charts, "_document", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render_page(describe(tutorial))
