"""The page for one capital."""

from __future__ import annotations

import pytest

from optimizer.corridor import solve
from optimizer.reporting.capital import UnknownNation, describe_capital
from optimizer.reporting.page import render_page
from optimizer.rulebook import records
from tests.reporting.page_reader import Page
from tests.reporting.stories import STORIES, instance_of
from tests.reporting.test_answer import curve_row


@pytest.fixture(scope="module")
def plan():
    return solve(instance_of(STORIES[9]), child=False)


def test_it_says_what_the_nation_brings(plan):
    """Posts, periods and people are those of the assignments; nothing of other nations is there."""
    content = describe_capital(plan, "north", {}, records(plan.instance))
    brings = content.answer[0]
    assert (
        brings.text
        == "Land of North Bank serves at 1 post with at most 200 people at a time: Guard duty in North Bank (periods 1–2)."
    )
    own = plan.assignments[plan.assignments["nation"] == "north"]
    services = content.section("services").tables[0]
    assert {row[0] for row in services.rows} == set(own["pledge"])
    assert sum(row[5] for row in services.rows) == own["units"].sum()
    rules = content.section("rules").tables[0]
    assert {row[3] for row in rules.rows} >= {"caveats/north only: south", "caveats/north only: capital"}
    assert not any("south only" in row[3] for row in rules.rows)


def test_it_says_what_is_asked_and_what_that_unlocks(plan):
    """The lightest set of the curve in which the nation is asked, with whoever else is asked in it."""
    rows = [
        curve_row(0, 60.0, None),
        curve_row(1, 70.0, 75.0, "first"),
        curve_row(1, 70.0, 75.0, "second") | {"asked": "north"},
    ]
    content = describe_capital(plan, "north", {"concessions": rows}, [])
    asked = content.answer[1].text
    assert asked.startswith("Asked at weight 1: The rule second.")
    assert "together with Land of South Bank: the coverage goes from 60 to 70 or better, and 75 at best." in asked
    none = describe_capital(plan, "capital", {"concessions": rows}, []).answer[1].text
    assert none == "Nothing is asked of Land of Old Capital in the best sets of concessions up to weight 1."


def test_unknown_nation(plan):
    """A nation that is not there is refused, with a guess."""
    with pytest.raises(UnknownNation, match="north"):
        describe_capital(plan, "nort", {}, [])


def test_page_is_well_formed(plan):
    """The page of a capital follows the rules of the page."""
    assert Page(render_page(describe_capital(plan, "north", {}, records(plan.instance)))).faults == []
