"""Findings on funds: payers that look like a nation, funds that pay nobody, and funds that pay more than all."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.instance.findings import InvalidInstance
from optimizer.instance.read.examine import check_instance
from tests.plan.small import Row, world


def findings(*funds: Row, **tables: Any) -> list[tuple[str, str, str | None]]:
    """Severity, code and column of what is said of funds, in a world where A is called Northland."""
    names = [{"nation": "A", "name": "Northland"}, {"nation": "B"}, {"nation": "C"}]
    rows = [{"fund": f"f{number}", **fund} for number, fund in enumerate(funds, 1)]
    try:
        found = check_instance(world(periods=3, nations=names, funding=rows, **tables))
    except InvalidInstance as error:
        found = error.findings
    return [(one.severity, one.code, one.column) for one in found if one.place.startswith("funding")]


@pytest.mark.parametrize(
    ("payer", "like"),
    [("A", False), ("trust fund", False), ("a", True), ("northland", True), ("Northlnd", True), ("B2", False)],
)
def test_payers_that_look_like_a_nation(payer: str, like: bool) -> None:
    """Other case, a nation's full name, or nearly so: the nation may be meant. Any other text is a payer from outside."""
    assert findings({"payer": payer}) == ([("warning", "payer-like-nation", "payer")] if like else [])


def test_a_fund_that_selects_only_its_payer() -> None:
    """A fund never pays for its payer's own services: where it selects no others, it pays nobody."""
    assert findings({"payer": "A", "nation": "A"}) == [("warning", "fund-pays-nobody", "nation")]
    assert findings({"payer": "A", "nation": "A;B"}) == []
    assert findings({"payer": "trust", "nation": "A"}) == []


def test_a_fund_that_selects_nothing() -> None:
    """Names that are known, but nothing bears all of them."""
    assert findings({"payer": "trust", "unit_type": "med"}) == [("warning", "selects-no-service", "unit_type")]


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ({"share": 0.5}, {"share": 0.5}, False),
        ({"share": 0.6}, {"share": 0.5}, True),
        ({}, {"share": 0.1}, True),
        ({"share": 0.6, "nation": "A"}, {"share": 0.5, "nation": "B"}, False),
        ({"share": 0.6, "payer": "A"}, {"share": 0.5, "nation": "A"}, False),
        ({"share": 0.6, "payer": "A"}, {"share": 0.5, "nation": "B"}, True),
        ({"share": 0.6, "until": 1}, {"share": 0.5, "from": 2}, False),
        ({"share": 0.6, "until": 2}, {"share": 0.5, "from": 2}, True),
        ({"share": 0.6, "area": "north"}, {"share": 0.5, "area": "south"}, False),
        ({"share": 0.6, "condition": "war"}, {"share": 0.5, "condition": "!war"}, False),
    ],
)
def test_no_service_is_paid_for_more_than_once(one: Row, other: Row, wrong: bool) -> None:
    """Shares of the funds that select one service and period make 1 at most; what is never selected together adds up to nothing."""
    tables = {"conditions": [{"condition": "war"}]}
    said = findings({"payer": "trust", **one}, {"payer": "bank", **other}, **tables)
    assert said == ([("error", "funds-overlap", "share")] if wrong else [])


def test_shares_are_added_up_in_each_scenario() -> None:
    """What is more than all in one scenario only is an error that names it."""
    tables = {
        "conditions": [{"condition": "war"}],
        "scenarios": [{"scenario": "peace", "war": False}, {"scenario": "strife", "war": True}],
    }
    funds = {"payer": "trust", "share": 0.6, "condition": "war"}, {"payer": "bank", "share": 0.5}
    assert findings(*funds, **tables) == [("error", "funds-overlap", "share")]


def test_a_share_above_all() -> None:
    """A share is at most 1."""
    assert [code for _, code, _ in findings({"payer": "trust", "share": 1.5})] == ["too-large"]
