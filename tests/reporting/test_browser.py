"""The page in a real browser: headless Chromium, as Debian packs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.plan.store import load_plan
from optimizer.reporting.describe import describe
from optimizer.reporting.page import render_page
from tests.axe import serious

PARIS = Path(__file__).parents[2] / "reports" / "paris" / "plan"


@pytest.fixture(scope="module")
def files(tmp_path_factory, tutorial, hostile):
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, plan in (("tutorial", tutorial), ("hostile", hostile), ("paris", load_plan(PARIS))):
        content = describe(plan, check=False)
        for kind, annexes in (("page", True), ("brief", False)):
            made[name, kind] = folder / f"{name}-{kind}.html"
            made[name, kind].write_text(render_page(content, annexes=annexes), encoding="utf-8")
    return made


@pytest.fixture
def opened(browser, files):
    """Opens a page; complaints of the browser and requests beyond the file fail the test when it ends."""
    contexts, complaints, requests = [], [], []

    def open_page(name, kind="page", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(files[name, kind].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith("file:") for url in requests)
    assert len(requests) == len(contexts)


@pytest.mark.parametrize("name", ["tutorial", "hostile", "paris"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_axe(opened, name, scheme):
    """People who cannot see, or not well, can use the page: axe-core finds nothing serious."""
    assert serious(opened(name, color_scheme=scheme)) == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("font", ["DejaVu Sans", "Liberation Sans"])
def test_no_word_is_broken_and_the_page_does_not_scroll_sideways(opened, width, font):
    """Headings, sentences and cells hold their words whole, in a narrow and a wide font."""
    page = opened("paris", viewport={"width": width, "height": 800})
    page.add_style_tag(content=f"* {{ font-family: '{font}' !important }}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    broken = page.evaluate(
        """() => {
          const found = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          while (walker.nextNode()) {
            const node = walker.currentNode;
            if (!node.parentElement.closest("h1, h2, p, dd, dt, td, th, li") || node.parentElement.closest("svg")) continue;
            for (const word of node.data.matchAll(/[\\p{L}\\p{N}]{2,30}/gu)) {
              range.setStart(node, word.index);
              range.setEnd(node, word.index + word[0].length);
              const lines = new Set([...range.getClientRects()].filter((one) => one.width > 0).map((one) => Math.round(one.top)));
              if (lines.size > 1) found.push(word[0]);
            }
          }
          return found.slice(0, 5);
        }"""
    )
    assert broken == []


def test_first_screen_answers(opened):
    """The sentences and the top of the picture are seen without scrolling."""
    page = opened("paris")
    for label in ("What holds", "What is missing", "Why", "Who could fill it", "What to ask next", "How sure"):
        assert page.get_by_text(label, exact=True).bounding_box()["y"] < 650
    assert page.locator("svg.map").bounding_box()["y"] < 750
    assert page.locator("table.grid").bounding_box()["y"] < 750


def test_tables_sort_and_filter(opened):
    """A click on a heading sorts by numbers as numbers; the filter leaves the rows that match."""
    page = opened("paris")
    table = page.locator("section#nations table.data").first
    heads = table.locator("th").all_inner_texts()
    column = next(k for k, head in enumerate(heads) if "ersonnel" in head)
    button = table.locator("th").nth(column).locator("button")

    def numbers():
        cells = table.locator(f"tbody tr td:nth-child({column + 1})").all_inner_texts()
        return [float(re.sub(r"[,%<\s]", "", cell)) for cell in cells if re.search(r"\d", cell)]

    button.click()
    assert numbers() == sorted(numbers())
    button.click()
    assert numbers() == sorted(numbers(), reverse=True)
    assert table.locator("th").nth(column).get_attribute("aria-sort") == "descending"
    section = page.locator("section#nations")
    section.get_by_role("searchbox").first.fill("france")
    shown = [row for row in table.locator("tbody tr").all() if row.is_visible()]
    assert [row.locator("td").first.inner_text() for row in shown] == ["France"]


def test_pointing_at_a_square_tells_its_story(opened):
    """Hovering shows what a square stands for; a click keeps it, with the keyboard too."""
    page = opened("paris")
    square = page.locator("table.grid td.idle").first
    square.hover()
    tip = page.locator(".tip")
    assert tip.is_visible()
    assert "not mounted" in tip.inner_text()
    square.focus()
    page.keyboard.press("Enter")
    assert page.locator("#told").inner_text() == square.get_attribute("data-hover")


def test_everything_is_there_without_script(opened):
    """Without script every sentence, square and table is there to read, and squares tell their story as a title."""
    page = opened("paris", java_script_enabled=False)
    assert page.locator("table.grid td[title]").count() > 50
    assert page.locator("dl.answer dd").count() == 6
    assert page.locator("section#nations tbody tr").count() > 20
    legend = page.locator("section#nations details.legend")
    assert not legend.get_by_text("The most personnel at a time").is_visible()
    legend.locator("summary").click()
    assert legend.get_by_text("The most personnel at a time").is_visible()


def test_every_chart_is_drawn(opened):
    """Each chart has a size and holds marks."""
    page = opened("paris")
    charts = page.locator(".chart svg").all()
    assert len(charts) > 3
    for chart in charts:
        assert chart.bounding_box()["width"] > 100
        assert chart.locator("path").count() > 2


@pytest.mark.parametrize(("name", "kind"), [("tutorial", "page"), ("paris", "page"), ("paris", "brief")])
def test_printing_gives_the_brief_of_two_pages(opened, name, kind):
    """A4, two pages at most; the annexes only where they are asked for."""
    page = opened(name, kind)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 2
    if kind == "page":
        page.locator("#annexes").check()
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) > 2


def test_page_is_small(opened, files):
    """Below 5 MB; how soon it is there is measured in `benchmarks/page.py`."""
    assert files["paris", "page"].stat().st_size < 5e6
    assert opened("paris").locator("h1").is_visible()
