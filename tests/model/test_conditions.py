"""Conditions that hold in some periods only, in the model; truce: 1 and 3, in the scenario `s` of four periods."""

from __future__ import annotations

from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import build
from optimizer.model.families.limits import index_limits, whole_horizon
from optimizer.model.families.links import index_links
from optimizer.model.families.movement import index_open_routes
from optimizer.model.families.units import index_present, index_starts

from .cases import Case, Rows, line, pledge
from .lp_text import lp_text

FACTS: dict[str, Rows] = {
    "conditions": [{"condition": "truce"}, {"condition": "vote"}],
    "scenarios": [{"scenario": "s"}],
    "scenario_conditions": [
        {"scenario": "s", "condition": "truce", "until": 1, "holds": True},
        {"scenario": "s", "condition": "truce", "from": 3, "until": 3, "holds": True},
    ],
}
HELP: dict[str, Rows] = {
    "instruments": [{"instrument": "help", "cost": 8, "escalation": 2, "condition": "truce"}],
    "instrument_yields": [{"instrument": "help", "capability": "guard", "amount": 4}],
}


def situation(**tables: Rows) -> Situation:
    return build_situation(Case((), FACTS | tables, periods=4).instance(), "s")


def test_rules_exist_in_their_periods() -> None:
    """A tour needs every period of it up to the end; limits and routes are there where they hold, a link throughout."""
    found = situation(
        pledges=[
            {**pledge("a", "FRA", "bn", 1), "condition": "truce"},
            {**pledge("b", "ITA", "bn", 1, tour=2, dwell=0), "condition": "!truce | vote"},
        ],
        limits=[
            {"limit": "each", "measure": "units", "maximum": 1, "condition": "truce"},
            {"limit": "sum", "measure": "cost", "maximum": 90, "per": "horizon", "condition": "!truce", "from": 2},
            {"limit": "whole", "measure": "cost", "maximum": 90, "per": "horizon", "condition": "!truce | truce"},
        ],
        areas=[{"area": "home"}, {"area": "east"}],
        routes=[{"origin": "home", "destination": "east", "mode": "road", "condition": "truce", "until": 2}],
        links=[{"link": "l", "kind": "needs", "nation": "FRA", "other": "ITA", "condition": "truce & !vote"}],
    )
    assert index_present(found) == [("a", "guard", 1), ("a", "guard", 3)]
    assert index_starts(found) == [("b", "guard", 4)]
    assert [(limit.name, periods) for limit, periods in index_limits(found)] == [
        ("each", (1,)),
        ("each", (3,)),
        ("sum", (2, 4)),
        ("whole", (1, 2, 3, 4)),
    ]
    assert [whole_horizon(limit, found) for limit in found.limits] == [False, False, True]
    assert [len(index_open_routes(found, period)) for period in (1, 2, 3, 4)] == [1, 0, 0, 0]
    assert [others for _, others in index_links(found)] == [("ITA",)]


def test_an_instrument_falls_and_rises_with_its_condition() -> None:
    """What it delivers counts in periods 1 and 3, and its end is a drop that units, here half of the target each, have to bear."""
    found = situation(
        **HELP, requirements=[line("guard", 8) | {"max_drop": 0.25}], pledges=[pledge("a", "FRA", "bn", 1)]
    )
    linear = build(found).linear
    assert lp_text(linear, "max_drop").replace("instrument[help]", "v") == (
        "rows\n"
        "  max_drop[guard,2]:\n"
        "    + 0.5 present[a,guard,2] - 0.5 present[a,guard,1] - 0.5 v >= -0.25\n"
        "  max_drop[guard,3]:\n"
        "    + 0.5 present[a,guard,3] - 0.5 present[a,guard,2] + 0.5 v >= -0.25\n"
        "  max_drop[guard,4]:\n"
        "    + 0.5 present[a,guard,4] - 0.5 present[a,guard,3] - 0.5 v >= -0.25\n"
    )
    assert ["instrument" in row for row in lp_text(linear, "delivered").split("delivered[")[1:]] == [
        True,
        False,
        True,
        False,
    ]


def test_an_instrument_in_a_limit_over_some_periods() -> None:
    """Of 8 million a quarter is in each period, also where it delivers nothing; escalation is whole, and once in a sum."""
    for measure, per, amounts in (
        ("cost", "period", ["2", "2"]),
        ("cost", "horizon", ["4"]),
        ("escalation", "period", ["2", "2"]),
        ("escalation", "horizon", ["2"]),
    ):
        limit = {"limit": "l", "measure": measure, "per": per, "maximum": 99, "condition": "!truce"}
        text = lp_text(build(situation(**HELP, limits=[limit])).linear, "limit")
        assert [part.split()[-1] for part in text.split(" instrument[help]")[:-1]] == amounts, text
