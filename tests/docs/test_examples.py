"""Every Python example of the README and the manual gives what it says, and the rows that a page on a rule shows are those of its examples."""

from __future__ import annotations

import csv
import doctest
import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.attributes import TABLES
from optimizer.instance.instance import Instance
from optimizer.plan.plan import Plan

from .blocks import ROOT, Block, blocks

PAGES = [
    "README.md",
    *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts),
]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
FIRST = "docs/rules/index.md"
"""The page with the names that the other pages on rules use."""


def examples(page: str) -> str:
    """The Python examples of a page, one after the other."""
    return "\n".join(
        block.content for block in blocks(page) if block.kind in {"python", "pycon"} and ">>>" in block.content
    )


def on_rules(page: str) -> bool:
    """Whether a page is about one family of rules."""
    return page.startswith("docs/rules/") and page != FIRST


def run(page: str, names: dict[str, Any]) -> None:
    """Run the examples of a page, with names from elsewhere; the names that they make stay."""
    test = doctest.DocTestParser().get_doctest(examples(page), names, page, page, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=said.append, clear_globs=False)
    assert not runner.failures, "".join(said)
    names.update(test.globs)


def remembering(best: Callable[..., Plan], plans: list[Plan]) -> Callable[..., Plan]:
    """`best` of the pages on rules, which keeps every plan that it finds."""

    def remembered(**changes: Any) -> Plan:
        plans.append(best(**changes))
        return plans[-1]

    return remembered


def shown_rows(page: str) -> list[list[Block]]:
    """The tables of rows to type, as far as they stand together."""
    groups: list[list[Block]] = [[]]
    for block in blocks(page):
        if block.kind == "csv-table":
            groups[-1].append(block)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def key_of(table: str, row: dict[str, Any]) -> tuple[str, ...]:
    """The key of a row, read or still to be read."""
    return tuple("" if row.get(column) is None else str(row[column]) for column in TABLES[table].key)


def holds(rows: list[Block], instance: Instance) -> bool:
    """Whether rows to type, read as they would be, change nothing in an instance: it has them already."""
    tables: dict[str, list[dict[str, Any]]] = {name: list(instance.rows(name)) for name in instance.tables}
    for block in rows:
        merged = {key_of(block.title, row): row for row in tables.get(block.title, [])}
        for row in csv.DictReader(io.StringIO(block.content)):
            same = key_of(block.title, row)
            merged[same] = {**merged.get(same, {}), **row}
        tables[block.title] = list(merged.values())
    try:
        typed = Instance.from_tables(tables, {"periods": {"count": instance.header.periods}})
    except ValueError:
        return False
    return {block.title: typed.rows(block.title) for block in rows} == {
        block.title: instance.rows(block.title) for block in rows if block.title in instance.tables
    }


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)])
def test_examples(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of one page; those on rules start from the names of their first page, and show the rows that they use."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    plans: list[Plan] = []
    # A page may set how frames are shown; what comes after it is shown as before.
    shown = ("display.width", "display.max_columns", "display.precision")
    with pd.option_context(*(item for name in shown for item in (name, pd.get_option(name)))):
        if on_rules(page):
            run(FIRST, names)
            names["best"] = remembering(names["best"], plans)
        run(page, names)
    if on_rules(page):
        groups = shown_rows(page)
        assert groups, "a page on rules shows the rows to type"
        for rows in groups:
            assert any(holds(rows, plan.instance) for plan in plans), f"no example of the page has these rows: {rows}"


def test_rows_that_no_example_uses_are_noticed() -> None:
    """Another number in a row, or a row more, is told from those of the instance."""
    instance = Instance.from_tables(
        {
            "nations": [{"nation": "a", "max_personnel": 5}],
            "unit_types": [{"unit_type": "u", "personnel": 1}],
            "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
            "pledges": [{"pledge": "p", "nation": "a", "unit_type": "u", "quantity": 1}],
            "missions": [{"mission": "m"}],
            "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 1}],
        }
    )
    assert holds([Block("csv-table", "nations", "nation,max_personnel\na,5\n")], instance)
    assert not holds([Block("csv-table", "nations", "nation,max_personnel\na,6\n")], instance)
    assert not holds([Block("csv-table", "nations", "nation\nb\n")], instance)
    assert not holds([Block("csv-table", "limits", "limit,measure,maximum\nl,units,1\n")], instance)
