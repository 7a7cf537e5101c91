"""Where rules exist: index functions give plain tuples, without Pyomo and without a model."""

from __future__ import annotations

import subprocess
import sys

from optimizer.corridor import solve
from optimizer.instance.instance import Aim
from optimizer.instance.situation import build_situation
from optimizer.model.aims import scored_lines
from optimizer.model.assemble import unit_bounds
from optimizer.model.families.burden import index_keys
from optimizer.model.families.coverage import index_lines, index_mounting
from optimizer.model.families.enablers import index_scopes
from optimizer.model.families.instruments import index_instruments, index_sponsors
from optimizer.model.families.lead import index_leads, terms_of_lead
from optimizer.model.families.limits import index_limits
from optimizer.model.families.links import index_links
from optimizer.model.families.movement import index_open_routes
from optimizer.model.families.participation import index_contingents
from optimizer.model.families.units import index_present, index_starts

from .cases import TWO_LINES, Case, base, line, pledge, post


def test_tours_start_where_the_whole_tour_fits() -> None:
    """A tour of two needs both periods in the line's window; it may run over the end of the horizon, not of the window."""
    pledges = [pledge("a", "FRA", "bn", 2, tour=2, dwell=1), pledge("b", "ITA", "team", 1)]
    case = Case((), {"pledges": pledges, "requirements": [line("r", until=2), line("s", **{"from": 2})]}, periods=3)
    situation = case.situation()
    assert index_starts(situation) == [("a", "r", 1), ("a", "s", 2), ("a", "s", 3)]
    assert index_present(situation) == [("b", "r", 1), ("b", "r", 2), ("b", "s", 2), ("b", "s", 3)]


def test_one_period_has_no_tours() -> None:
    """In a steady state a pledge with a tour is present rather than starting tours, with its units divided by the factor."""
    case = Case((), {"pledges": [pledge("a", "FRA", "bn", 5, tour=2, dwell=2)], "requirements": [line("r", 10)]})
    assert index_starts(case.situation()) == []
    assert index_present(case.situation()) == [("a", "r", 1)]
    assert unit_bounds(case.situation()) == {("a", "r"): 2}


def test_caps_bound_units() -> None:
    """1,000 persons let one battalion of 600 in; a cap of one period only, or of one area only, does not bound elsewhere."""
    tables = {"pledges": [pledge("a", "FRA", "bn", 4)], "requirements": TWO_LINES}
    limits = [
        {"limit": "east", "measure": "personnel", "area": "east", "maximum": 1_000},
        {"limit": "first", "measure": "units", "maximum": 0, "until": 1},
    ]
    changes = ({"name": "changes", "priority": 1},)
    case = Case((), {**tables, "limits": limits}, periods=2, aims=changes, baseline={})
    assert unit_bounds(case.situation()) == {("a", "guard"): 1, ("a", "watch"): 4}


def test_no_more_units_than_count_where_nothing_rewards_more() -> None:
    """Six sites need two battalions of four; the third may only be there where a rule or an aim can ask for it."""
    tables = {"pledges": [pledge("a", "FRA", "bn", 4)]}
    assert unit_bounds(Case((), tables).situation()) == {("a", "guard"): 2}
    rewarded = {**tables, "nations": [{"nation": "FRA", "min_contingent": 1_500}]}
    assert unit_bounds(Case((), rewarded).situation()) == {("a", "guard"): 4}
    changes = ({"name": "changes", "priority": 1},)
    assert unit_bounds(Case((), tables, aims=changes, baseline={}).situation()) == {("a", "guard"): 4}


def test_aims_that_are_asked_for_stand_in_the_header_too_and_none_are_the_instances() -> None:
    """Aims of one question replace the header's wherever they are read; an empty list asks for the instance's own."""
    instance = Case((), aims=({"name": "nations"},)).instance()
    asked = build_situation(instance, aims=(Aim("personnel"),))
    assert asked.aims == asked.instance.header.aims == (Aim("personnel"),)
    assert build_situation(instance, aims=()).aims == instance.header.aims == (Aim("nations"),)
    assert solve(instance, aims=(), child=False).aims["name"].tolist() == ["nations"]
    assert solve(instance, aims=[Aim("personnel")], child=False).aims["name"].tolist() == ["personnel"]


def test_where_nothing_is_said_of_aims_the_burden_counts_if_all_who_pledge_have_a_fair_share() -> None:
    """The instance names its aims itself, so that model, verifier and reports read the same ones."""
    both = [{"nation": "FRA", "fair_share": 1}, {"nation": "ITA", "fair_share": 0}]
    shared = Case((), {"nations": both}, aims=()).situation()
    assert [aim.name for aim in shared.aims] == ["coverage", "burden_gap", "cost"]
    assert [aim.name for aim in Case((), aims=()).situation().aims] == ["coverage", "cost"]


def test_lines_exist_in_their_window() -> None:
    """A share per line and active period; mounting only where it asks for something and may be left out."""
    lines = [line("r", threshold=1, until=1), line("s", area="west")]
    case = Case((), {"requirements": lines}, periods=2)
    assert index_lines(case.situation()) == [("r", 1), ("s", 1), ("s", 2)]
    assert index_mounting(case.situation()) == [(("m", "east"), 1)]
    must = Case((), {"requirements": lines, "posts": post(must=True)}, periods=2)
    assert index_mounting(must.situation()) == []
    several = Case((), {"requirements": lines, "posts": post("west", min_nations=1)}, periods=2)
    assert index_mounting(several.situation()) == [(("m", "east"), 1), (("m", "west"), 1), (("m", "west"), 2)]


def test_limits_hold_per_period_or_for_their_window() -> None:
    """One row per period of the window, or one for the window."""
    limits = [
        {"limit": "a", "measure": "units", "maximum": 1, "from": 2},
        {"limit": "b", "measure": "units", "maximum": 1, "per": "horizon", "until": 2},
    ]
    situation = Case((), {"limits": limits}, periods=3).situation()
    assert [(limit.name, periods) for limit, periods in index_limits(situation)] == [
        ("a", (2,)),
        ("a", (3,)),
        ("b", (1, 2)),
    ]


def test_contingents_of_the_pair_go_before_those_of_the_nation() -> None:
    """FRA brings 700 everywhere but in the west, where its pair says 100; ITA has no smallest contingent."""
    case = Case(
        (),
        {
            "nations": [{"nation": "FRA", "min_contingent": 700}, {"nation": "ITA"}],
            "participation": [{"nation": "FRA", "area": "west", "min_contingent": 100}],
            "requirements": TWO_LINES,
        },
    )
    assert index_contingents(case.situation()) == [
        ("FRA", ("m", "east"), 700.0),
        ("FRA", ("m", "west"), 100.0),
    ]


def test_terms_of_lead_are_blocks_of_periods() -> None:
    """Blocks of two from period 1, cut to the active periods; only the willing may lead."""
    case = Case(
        (),
        {
            "participation": [{"nation": "ITA", "may_lead": True}],
            "requirements": [line("guard", **{"from": 2}), line("west", area="west")],
            "posts": post(lead="required", lead_term=2),
        },
        periods=5,
    )
    situation = case.situation()
    assert terms_of_lead(situation, ("m", "east")) == {1: (2,), 2: (3, 4), 3: (5,)}
    assert terms_of_lead(situation, ("m", "west")) == {1: (1, 2, 3, 4, 5)}
    assert index_leads(situation) == [("ITA", "m", "east", 1), ("ITA", "m", "east", 2), ("ITA", "m", "east", 3)]


def test_enablers_have_a_scope_per_place() -> None:
    """The lines of each post, of each area, or of each mission."""
    lines = [line("a"), line("b", area="west"), line("c", mission="n")]
    tables = {"requirements": lines, "missions": [{"mission": "m"}, {"mission": "n"}]}
    expected = {
        "post": {("m", "east"): ["a"], ("m", "west"): ["b"], ("n", "east"): ["c"]},
        "area": {("east",): ["a", "c"], ("west",): ["b"]},
        "mission": {("m",): ["a", "b"], ("n",): ["c"]},
    }
    for scope, scopes in expected.items():
        enabler = {"enabler": "e", "capability": "guard", "per_personnel": 0.001, "scope": scope}
        situation = Case((), {**tables, "enablers": [enabler]}).situation()
        assert index_scopes(situation, situation.enablers[0]) == scopes


def test_links_have_a_row_per_partner_or_one_for_the_group() -> None:
    """needs and excludes speak of each other nation by itself, at_least of the group; a false condition leaves a link out."""
    tables = {
        "nations": [{"nation": name} for name in ("FRA", "ITA", "POL")],
        "groups": [{"group": "all", "nation": name} for name in ("FRA", "ITA", "POL")],
        "conditions": [{"condition": "truce"}],
        "links": [
            {"link": "a", "kind": "needs", "nation": "FRA", "other": "all"},
            {"link": "b", "kind": "at_least", "nation": "FRA;ITA", "other": "all", "count": 1},
            {"link": "c", "kind": "excludes", "nation": "POL", "other": "ITA"},
            {"link": "d", "kind": "needs", "nation": "POL", "other": "ITA", "condition": "truce"},
        ],
    }
    found = [(link.name, link.nation, others) for link, others in index_links(Case((), tables).situation())]
    assert found == [
        ("a", "FRA", ("ITA",)),
        ("a", "FRA", ("POL",)),
        ("b", "FRA", ("ITA", "POL")),
        ("b", "ITA", ("FRA", "POL")),
        ("c", "POL", ("ITA",)),
    ]


def test_instruments_exist_while_their_condition_holds_and_need_each_sponsor() -> None:
    """Two sponsors of the first; the second does not exist."""
    tables = {
        "nations": [{"nation": "FRA"}, {"nation": "ITA"}],
        "conditions": [{"condition": "vote"}],
        "instruments": [
            {"instrument": "guarantee", "sponsors": "ITA;FRA"},
            {"instrument": "backstop", "sponsors": "FRA", "condition": "vote"},
        ],
    }
    situation = Case((), tables).situation()
    assert index_instruments(situation) == [("guarantee",)]
    assert index_sponsors(situation) == [("guarantee", "FRA"), ("guarantee", "ITA")]


def test_routes_are_open_in_their_window() -> None:
    """The second route opens in period 2; both run in the direction in which they are listed."""
    routes = [
        {"origin": "home", "destination": "east", "mode": "road", "until": 2},
        {"origin": "home", "destination": "east", "mode": "sea", "from": 2},
    ]
    situation = Case((), {"areas": [{"area": "home"}, {"area": "east"}], "routes": routes}, periods=3).situation()
    modes = {period: [route.mode for route in index_open_routes(situation, period)] for period in (1, 2, 3)}
    assert modes == {1: ["road"], 2: ["road", "sea"], 3: ["sea"]}


def test_keys_are_shares_among_the_nations_that_have_one() -> None:
    """3 and 1 are three quarters and a quarter; a nation without a fair share is left out."""
    nations = [{"nation": "FRA", "fair_share": 3}, {"nation": "ITA", "fair_share": 1}, {"nation": "POL"}]
    assert index_keys(Case((), {"nations": nations}).situation()) == {"FRA": 0.75, "ITA": 0.25}


def test_lines_without_weight_are_not_scored() -> None:
    """Scored lines by period: in the window, with a weight."""
    lines = [line("a", until=1), line("b", weight=0), line("c", **{"from": 2})]
    assert scored_lines(Case((), {"requirements": lines}, periods=2).situation(), "m") == {1: ["a"], 2: ["c"]}


def test_index_functions_need_no_pyomo() -> None:
    """The rows of a model are made without importing Pyomo or HiGHS."""
    code = (
        "import sys; from optimizer.model.assemble import build; "
        "bad = {'pyomo', 'highspy'} & {name.split('.')[0] for name in sys.modules}; assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert base()["nations"]
