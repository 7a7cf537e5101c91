"""The ask list, from curve and prices."""

from __future__ import annotations

import pytest

import optimizer as fg
from optimizer.studies.why.ask import Curve, Weighed
from optimizer.studies.why.asks import Figure, gaining_nothing_alone
from tests.studies.why.test_curve import world

pytestmark = pytest.mark.no_cover


def test_whom_to_ask_for_what() -> None:
    """C's further unit stands at weight 1; a nation with two caveats at weight 2, where its rules gain nothing one by one."""
    instance = world()
    curve, prices = fg.concessions(instance, most=2), fg.prices(instance)
    first, second = fg.asks(curve, prices)[:2]
    assert (first.asked, first.rules, first.weight, round(first.gains, 4)) == ("C", ("pledges/C-bn.quantity",), 1, 10)
    assert (second.weight, len(second.rules), second.gains, second.together) == (2, 2, 0, ())
    assert round(second.value or 0) == 50
    assert "from 10" in second.sentence
    assert second.record()["asked"] == second.asked
    left = gaining_nothing_alone(curve, prices)
    assert {"pledges/A-bn.quantity", "pledges/B-bn.quantity"} & set(left)
    assert not set(left) & {*first.rules, *second.rules}


def test_nobody_is_asked_where_nothing_bends() -> None:
    """An instance in which no rule bends has an empty list."""
    never = [{"concession": "1", "rule": "*", "never": True}]
    assert fg.asks(fg.concessions(world(concessions=never), most=1)) == ()


def test_less_is_better() -> None:
    """Where the first aim is to be small, the bound of a set lies below its value, and what is not bounded may be better, not more."""
    made = {"rule": "nations/A.max_cost", "asked": "A", "before": 4.0, "after": 5.0}
    points = (Weighed(0, 9.0, 9.0, True, (), True), Weighed(1, 7.0, 5.0, False, (made,), True))
    (ask,) = fg.asks(Curve("cost", "feasible", points))
    assert "brings cost to 7 (no set of that weight gives less than 5), from 9" in ask.sentence
    assert Figure(8.0, None).said() == "8 or better"
