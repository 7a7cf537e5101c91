"""What every aim loses if a nation must serve, or must not, held against the oracle; sets of rules that go together; what else moves."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import optimizer as fg
from optimizer.studies.why.presence import Presence
from tests.oracle.brute import Outcome, TooLarge, best
from tests.studies.why.reference import Case, draw, instance_of, lifted
from tests.studies.why.test_presence import POST, answer
from tests.studies.why.test_reasons import world

pytestmark = pytest.mark.no_cover
MAXIMISED = {"coverage", "weakest_mission"}
THREE = [{"nation": name} for name in ("FRA", "ITA", "POL")]


def limits_of(one: Presence) -> list[dict[str, object]]:
    """The limits that an answer is about, in plain rows."""
    where = {"measure": "units", "per": "horizon", "nation": one.nation, "mission": one.mission, "area": one.area}
    if one.serves:
        return [{"limit": f"q{t}", **where, "from": t, "until": t, "maximum": 0} for t in one.periods]
    return [{"limit": "q", **where, "from": one.periods[0], "until": one.periods[-1], "minimum": 1}]


def wrong(case: Case, one: Presence) -> str:
    """What the oracle finds otherwise in the table of aims; empty: nothing."""
    tables = case.tables
    limits = [*tables.get("limits", []), *limits_of(one)]
    after: Outcome = best({**tables, "limits": limits}, case.header, case.scenario, cap=15_000)
    if not after.feasible or len(after.final) != len(one.aims):
        return f"{one.aims} are not the aims {after.final}"
    for row, (lowest, highest), (name, top) in zip(one.aims, after.final, after.aims, strict=True):
        room = 1e-5 * max(1.0, abs(lowest), abs(highest))
        if row.aim != name or row.otherwise is None or row.value is None or row.loses_at_most is None:
            return f"{row} is not about {name}"
        sign = 1.0 if name in MAXIMISED else -1.0
        if not lowest - room <= row.otherwise <= highest + room:
            return f"{row}: {lowest} to {highest}"
        if abs(row.loses_at_most - sign * (row.value - row.otherwise)) > room:
            return f"{row}: its own figures"
        if row.loses_at_least is not None and abs(row.loses_at_least - sign * (row.value - top)) > 2 * room:
            return f"{row}: {name} may be {top}"
    return ""


def test_every_aim_is_that_of_the_oracle() -> None:
    """On random instances of all families: the value of each aim, level after level, and its bound."""
    met = later = 0
    for seed in range(700, 718):
        case = draw(seed)
        aims = case.header.get("aims") or [{"name": "coverage"}, {"name": "cost", "priority": 2}]
        case.header["aims"] = [{**aim, "weight": 1, "tolerance": 0} for aim in aims]
        plan = fg.solve(instance_of(case), case.scenario, child=False)
        if not plan.has_plan:
            continue
        for nation in plan.nations["nation"].tolist()[:2]:
            for one in fg.why(plan, nation)[:2]:
                if not one.aims:
                    continue
                try:
                    found = wrong(case, one)
                except TooLarge:
                    continue
                met, later = met + 1, later + (len(one.aims) > 1)
                assert found == "", f"seed {seed}: {found}"
    assert met >= 5
    assert later >= 2


def test_two_caveats_on_one_service_go_together() -> None:
    """Where two caveats ban the same service they are named as one set; a nation with one pledge that only one bans has that alone."""
    both = [
        {"caveat": "no French", "nation": "FRA", "rule": "forbid"},
        {"caveat": "no battalions", "unit_type": "bn", "nation": "FRA", "rule": "forbid"},
    ]
    found = answer(world(caveats=both), "FRA")
    assert [set(names) for names in found.sets] == [{"caveats/no French", "caveats/no battalions"}]
    assert "all of these have to go together" in found.sentence
    yields = [{"unit_type": name, "capability": "guard", "amount": 1} for name in ("bn", "team")]
    pledges = [
        {"pledge": "FRA-bn", "nation": "FRA", "unit_type": "bn", "quantity": 2},
        {"pledge": "FRA-team", "nation": "FRA", "unit_type": "team", "quantity": 2},
    ]
    found = answer(world(caveats=both, yields=yields, pledges=pledges), "FRA")
    assert found.sets == (("caveats/no French",),)


def test_links_that_must_be_lifted_together() -> None:
    """France goes only with Poland and only with Spain, who pledge nothing: neither link alone would do, both together would."""
    links = [
        {"link": f"with {other}", "nation": "FRA", "kind": "needs", "other": other, **POST} for other in ("POL", "ESP")
    ]
    nations = [*THREE, {"nation": "ESP"}]
    found = answer(world(nations=nations, links=links), "FRA")
    assert (found.reason, len(found.sets)) == ("ruled out", 1)
    assert set(found.sets[0]) == set(found.rules) == {"links/with POL", "links/with ESP"}
    assert "if all of these went together" in found.sentence
    assert "if one of these went" not in found.sentence


def test_posts_and_the_nearest_plan() -> None:
    """Of plans that are as good the one that changes least is told; a post that closes is named with its periods."""
    lines = [
        {"requirement": "r", **POST, "capability": "guard", "target": 2, "threshold": 2},
        {"requirement": "s", "mission": "n", "area": "b", "capability": "guard", "target": 2},
    ]
    pledges = [{"pledge": name["nation"], **name, "unit_type": "bn", "quantity": 2} for name in THREE]
    tables = {"nations": THREE, "requirements": lines, "missions": [{"mission": "m"}, {"mission": "n"}]}
    plan = fg.solve(world(2, pledges=pledges, **tables), child=False)
    # By hand: France at the one post, Italy at the other, Poland at home.
    rows = [(pledge, line, t, 2) for pledge, line in (("FRA", "r"), ("ITA", "s")) for t in (1, 2)]
    plan = replace(plan, assignments=pd.DataFrame(rows, columns=["pledge", "requirement", "period", "units"]))
    (found,) = fg.why(plan, "FRA", "m:a")
    assert found.reason == "as good"
    assert [(one.aim, one.value, one.loses_at_most) for one in found.aims] == [("coverage", 100.0, 0.0)]
    assert [(move.nation, move.mission, move.change, move.periods) for move in found.moves] == [("POL", "m", 4, (1, 2))]
    assert found.posts == ()
    only = world(
        2, requirements=lines[:1], pledges=[{"pledge": "p", "nation": "FRA", "unit_type": "bn", "quantity": 2}]
    )
    (found,) = fg.why(fg.solve(only, child=False), "FRA", "m:a", 2)
    assert [(one.mission, one.area, one.opens, one.periods) for one in found.posts] == [("m", "a", False, (2,))]
    assert "m in a closes in period 2" in found.sentence
    assert found.moves == ()


def test_a_plan_that_is_not_the_best() -> None:
    """Beside a poor plan the aim gains: below zero in the table, and never told as a loss."""
    pledges = [{"pledge": "FRA-bn", "nation": "FRA", "unit_type": "bn", "quantity": 2}]
    instance = world(pledges=pledges, limits=[{"limit": "few", "measure": "units", "maximum": 0}])
    poor = fg.solve(instance, child=False)
    good = fg.solve(world(pledges=pledges), child=False)
    plan = replace(good, assignments=poor.assignments)
    (found,) = fg.why(plan, "FRA", "m:a")
    assert (found.serves, found.reason) == (False, "as good")
    assert [(one.value, one.otherwise, one.loses_at_most) for one in found.aims] == [(0.0, 50.0, -50.0)]
    assert found.loses is not None
    assert found.loses.value == 0.0


def test_sets_that_let_a_nation_serve_are_those_of_the_oracle() -> None:
    """On random instances: with a whole set lifted there is a plan with the nation there, and with any one of its rules kept there is none."""
    met = joint = 0
    for seed in (704, 706, 710, 718, 725):
        case = draw(seed)
        plan = fg.solve(instance_of(case), case.scenario, child=False)
        for nation in plan.nations["nation"].tolist():
            for one in fg.why(plan, nation):
                if one.reason != "ruled out":
                    continue
                asked = limits_of(one)

                def has_plan(rules: list[str], case: Case = case, asked: list[dict[str, object]] = asked) -> bool:
                    tables = lifted(case.tables, rules)
                    limits = [*tables.get("limits", []), *asked]
                    return best({**tables, "limits": limits}, case.header, case.scenario, cap=40_000).feasible

                for names in one.sets:
                    met, joint = met + 1, joint + (len(names) > 1)
                    assert has_plan(list(names)), (seed, names)
                    for name in names:
                        assert not has_plan([other for other in names if other != name]), (seed, names, name)
    assert met >= 4
    assert joint >= 1
