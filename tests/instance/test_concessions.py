"""The table `concessions`: what is read of it, what is found wrong, and the instance with concessions made."""

from __future__ import annotations

import pytest

from optimizer.instance.bending import BENDING_TABLES, bending, can_ever_bend, step_of
from optimizer.instance.conceding import conceded, of_scenario
from optimizer.instance.concessions import Concession, as_record, concessions_of, weight_of
from optimizer.instance.instance import Instance
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.scenario import scenario_tables
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import rules_of
from tests.oracle.random_instances import FAMILIES, tiny

TABLES = {
    "nations": [
        {"nation": "FRA", "max_personnel": 100, "budget": 10, "max_units": 5, "min_contingent": 40},
        {"nation": "ITA"},
    ],
    "unit_types": [
        {"unit_type": "bn", "personnel": 60, "cost": 4},
        {"unit_type": "team", "personnel": 10, "cost": 1},
    ],
    "yields": [
        {"unit_type": "bn", "capability": "guard", "amount": 5},
        {"unit_type": "team", "capability": "train", "amount": 2},
    ],
    "pledges": [
        {"pledge": "F-bn", "nation": "FRA", "unit_type": "bn", "quantity": 2},
        {"pledge": "I-team", "nation": "ITA", "unit_type": "team", "quantity": 4},
    ],
    "missions": [{"mission": "m"}],
    "requirements": [
        {"requirement": "guard", "mission": "m", "area": "a", "capability": "guard", "threshold": 4, "target": 10},
        {"requirement": "train", "mission": "m", "area": "a", "capability": "train", "target": 8},
    ],
    "posts": [{"mission": "m", "area": "a", "must": True, "min_nations": 2, "max_nations": 2, "max_share": 0.9}],
    "caveats": [
        {"caveat": "no Italians", "nation": "ITA", "area": "a", "rule": "forbid"},
        {"caveat": "few French", "nation": "FRA", "rule": "limit", "measure": "units", "maximum": 1},
    ],
    "limits": [
        {"limit": "teams", "measure": "personnel", "unit_type": "team", "minimum": 10, "maximum": 20},
        {"limit": "cost", "measure": "cost", "per": "horizon", "maximum": 1},
    ],
}


def found(*rows: dict[str, object], **tables: object) -> tuple[list[str], dict[str, Concession]]:
    """The codes of the findings about `concessions`, and the concessions, by the id of the rule."""
    listed = [{"concession": f"c{k}", **row} for k, row in enumerate(rows)]
    given = {**TABLES, **tables, **({"concessions": listed} if listed else {})}
    instance = Instance.from_tables(given, impossible=True)
    situation = build_situation(instance)
    codes = [one.code for one in examine(raw_from_instance(instance))[1] if one.place.startswith("concessions")]
    return codes, {one.id: one for one in concessions_of(situation, rules_of(situation))}


def codes(*rows: dict[str, object]) -> list[str]:
    """The codes of all errors about `concessions`."""
    from optimizer.instance.findings import InvalidInstance

    with pytest.raises(InvalidInstance) as raised:
        found(*rows)
    return [one.code for one in raised.value.findings if one.place.startswith("concessions")]


def test_defaults_by_kind() -> None:
    """Caps rise by a quarter, or by what the lightest selected unit needs; counts by whole numbers; floors fall; the rest is lifted."""
    _, by_id = found()
    assert {name: (one.change, one.after(1)) for name, one in by_id.items()} == {
        "pledges/F-bn.quantity": (1, 3),
        "pledges/I-team.quantity": (1, 5),
        "caveats/no Italians": ("lift", None),
        "caveats/few French": (1, 2),
        "requirements/guard.threshold": (1, 3),
        "posts/m:a.must": ("lift", None),
        "posts/m:a.min_nations": (1, 1),
        "posts/m:a.max_nations": (1, 3),
        "posts/m:a.max_share": (0.225, 1),
        "nations/FRA.max_personnel": (60, 160),
        "nations/FRA.budget": (4, 14),
        "nations/FRA.max_units": (2, 7),
        "nations/FRA.min_contingent": (10, 30),
        "limits/teams.minimum": (2.5, 7.5),
        "limits/teams.maximum": (10, 30),
        "limits/cost": (1, 2),
    }
    assert by_id["caveats/no Italians"].asked == by_id["pledges/I-team.quantity"].asked == "ITA"
    assert by_id["posts/m:a.must"].asked == "the coalition"


def test_what_is_paid_and_what_stays_ready() -> None:
    """A cap on payments rises like one on cost; a floor on units at home falls by whole units; funds never bend."""
    limits = [
        {"limit": "pay", "measure": "paid", "per": "horizon", "nation": "FRA", "maximum": 2},
        {"limit": "home", "measure": "ready", "nation": "ITA", "minimum": 2},
    ]
    funding = [{"fund": "f", "payer": "FRA", "nation": "ITA", "share": 0.5, "maximum": 3}]
    _, by_id = found(limits=limits, funding=funding)
    assert {name: one.after(1) for name, one in by_id.items() if name.startswith(("limits", "nations/FRA.b"))} == {
        "limits/pay": 6,
        "limits/home": 1,
        "nations/FRA.budget": 14,
    }
    assert not any(name.startswith("funding/") for name in by_id)
    assert codes({"rule": "funding/f.share"}) == ["concession-without-rule"]


def test_what_is_agreed_bends_only_where_a_row_names_it() -> None:
    """Neither by default nor by a pattern about everything; a row that names it lifts it, and `never` wins."""
    agreed = [{"pledge": "F-bn", "requirement": "guard", "units": 1}]
    named = "agreed/F-bn:guard:"
    assert named not in found(agreed=agreed)[1]
    assert named not in found({"rule": "*"}, agreed=agreed)[1]
    for rule in (named, "agreed/*"):
        noted, by_id = found({"rule": rule, "weight": 4}, agreed=agreed)
        assert noted == []
        assert (by_id[named].change, by_id[named].weight, by_id[named].asked) == ("lift", 4, "FRA")
    assert named not in found({"rule": named}, {"rule": "agreed/*", "never": True}, agreed=agreed)[1]


def test_rows_say_step_weight_most_and_whom_to_ask() -> None:
    """A row with fewer `*` holds; `never` wins over all; steps that change nothing are not offered."""
    noted, by_id = found(
        {"rule": "nations/*", "weight": 3},
        {"rule": "nations/FRA.max_personnel", "change": "30", "weight": 2, "most": 4, "asked": "ITA"},
        {"rule": "nations/FRA.*", "weight": 5, "asked": "ITA"},
        {"rule": "pledges/*", "never": True},
        {"rule": "pledges/F-bn.quantity", "change": 2},
        {"rule": "limits/teams.maximum", "change": "lift"},
        {"rule": "posts/m:a.max_share", "change": 0.05, "most": 9},
        {"rule": "requirements/guard.threshold", "change": 3, "most": 9},
    )
    assert noted == []
    cap = by_id["nations/FRA.max_personnel"]
    assert (cap.change, cap.weight, cap.most, cap.asked, cap.after(4)) == (30, 2, 4, "ITA", 220)
    assert (by_id["nations/FRA.budget"].weight, by_id["nations/FRA.budget"].asked) == (5, "ITA")
    assert not any(name.startswith("pledges/") for name in by_id)
    assert by_id["limits/teams.maximum"].change == "lift"
    assert by_id["posts/m:a.max_share"].most == 2
    assert by_id["requirements/guard.threshold"].most == 2
    assert by_id["requirements/guard.threshold"].after(2) == 0
    assert weight_of(list(by_id.values()), {"nations/FRA.max_personnel": 2, "nations/FRA.budget": 1}) == 9
    assert as_record(cap, 2)["weight"] == 4


def test_findings() -> None:
    """Each row that cannot mean anything is named, with all others."""
    assert codes({"rule": "nations/FRB.max_personnel"}) == ["concession-without-rule"]
    assert codes({"rule": "pledges/F-bn.tour"}) == ["concession-without-rule"]
    assert codes({"rule": "posts/m:a.must", "change": 2}) == ["concession-only-lifts"]
    assert codes({"rule": "caveats/no*", "change": 2}) == ["concession-only-lifts"]
    assert codes({"rule": "limits/cost", "change": "a bit"}) == ["concession-change"]
    assert codes({"rule": "limits/cost", "change": "-1"}) == ["concession-change"]
    assert codes({"rule": "posts/m:a.max_nations", "change": 0.5}) == ["concession-not-whole"]
    assert codes({"rule": "pledges/F-bn.quantity", "change": "lift"}) == ["concession-cannot-lift"]
    assert codes({"rule": "limits/cost", "weight": 0}) == ["too-small"]
    assert codes({"rule": "limits/cost"}, {"rule": "limits/cost"}) == ["concession-twice"]
    assert found({"rule": "nations/ITA.budget"})[0] == ["concession-changes-nothing"]
    assert found({"rule": "links/*"})[0] == ["concession-changes-nothing"]
    assert found({"rule": "caveats/*", "change": 2})[0] == []
    assert found({"rule": "limits/cost", "asked": "UKR"})[0] == ["concession-asks-nobody"]


@pytest.mark.parametrize("text", ["lift", " LIFT ", "2", "0", "-1", "nan", "inf", "1e400", "a bit", "2 %"])
def test_a_change_is_read_in_one_way(text: str) -> None:
    """What the check of the table lets pass is what a concession can be made of, and nothing else."""
    try:
        step_of(text)
    except ValueError:
        assert codes({"rule": "limits/cost", "change": text}) == ["concession-change"]
    else:
        assert found({"rule": "limits/cost", "change": text})[0] == []


def test_rules_and_tables_agree_on_what_bends() -> None:
    """The tables alone say of each rule in force whether and how it bends, as the families do."""
    for seed in range(20):
        tables, header, _ = tiny(seed, FAMILIES)
        instance = Instance.from_tables(tables, header=header, impossible=True)
        for scenario in (None, *instance.scenarios):
            situation = build_situation(instance, scenario)
            by_rule = {rule.id: rule.bend for rule in rules_of(situation) if rule.bend is not None}
            here = scenario_tables(instance, scenario)
            by_table = {
                key: bend for name in BENDING_TABLES for row in here.rows(name) for key, _, bend in bending(name, row)
            }
            assert by_rule.items() <= by_table.items()
            assert set(by_table) <= {
                key for name in BENDING_TABLES for row in here.rows(name) for key in can_ever_bend(name, row)
            }


def test_the_conceded_instance_is_read_anew() -> None:
    """Each concession alone, and all together, change what they name and nothing else, in the scenario that was asked."""
    for seed in range(12):
        tables, header, _ = tiny(seed, FAMILIES)
        whole = Instance.from_tables(tables, header=header, impossible=True)
        for scenario in (None, *whole.scenarios):
            instance = of_scenario(whole, scenario)
            situation, before = build_situation(instance, scenario), build_situation(whole, scenario)
            rules = rules_of(situation)
            assert rules == rules_of(before)
            assert situation.services == before.services
            offered = concessions_of(situation, rules)
            everything = build_situation(conceded(instance, offered, {one.id: one.most for one in offered}), scenario)
            left = {rule.id for rule in rules_of(everything)}
            for one in offered[::5]:
                after = build_situation(conceded(instance, offered, {one.id: 1}), scenario)
                said = {rule.id: rule.sentence for rule in rules_of(after)}
                differ = {rule.id for rule in rules if said.get(rule.id) != rule.sentence}
                if one.rule.table == "limits":  # the other side of a lifted one is a rule of its own name
                    differ = {name.removesuffix(".minimum").removesuffix(".maximum") for name in differ}
                    assert differ == {one.id.removesuffix(".minimum").removesuffix(".maximum")}
                elif one.step is None:
                    assert {name for name in differ if not name.startswith(f"{one.id}_")} == {one.id}
                if one.step is None:
                    assert one.id not in left
