"""The planner behind the board: small models tell plans on their way, and end when they are told to."""

from __future__ import annotations

from pathlib import Path

from optimizer.board.planner import work
from optimizer.board.question import Order
from optimizer.corridor import solve
from optimizer.extraction import units_of
from optimizer.instance.files import read_instance
from optimizer.instance.settings import with_settings

INSTANCE = read_instance(Path(__file__).parents[2] / "instances" / "tutorial")


def told(order, stop=lambda: False):
    news = []
    work(order, news.append, stop)
    return news


def test_a_small_model_is_solved_to_the_end():
    """The last plan is proven, and the last word is that it is done."""
    news = told(Order(1, INSTANCE, None, None, seconds=20.0))
    assert [one.kind for one in news[-2:]] == ["plan", "done"]
    best = solve(INSTANCE, child=False).aims["value"].iloc[0]
    assert news[-2].plan.aims["value"].iloc[0] == news[-2].bound == best


def test_a_small_model_ends_when_it_is_told_to():
    """With a plan at hand, that plan is what is kept: verified, and not called proven."""
    name = next(row["pledge"] for row in INSTANCE.rows("pledges") if row["quantity"] > 1)
    less = solve(with_settings(INSTANCE, [f"pledges.{name}.quantity=1"]), child=False)
    order = Order(1, INSTANCE, None, dict(units_of(less) or {}), seconds=20.0)
    news = told(order, stop=lambda: True)
    assert [one.kind for one in news[-2:]] == ["plan", "done"]
    assert news[-2].plan.termination == "feasible"
    assert news[-2].plan.aims["value"].iloc[0] == less.aims["value"].iloc[0]
    assert told(order)[-2].plan.aims["value"].iloc[0] > less.aims["value"].iloc[0]
