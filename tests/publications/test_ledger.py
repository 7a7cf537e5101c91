"""The ledger on the tutorial: one case has one value, kept between runs, and no case is beaten by another's plan."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.studies.pool import Pool, Trial
from publications.paris import ledger as module
from publications.paris.__main__ import _told
from publications.paris.cases import Case, by_name, read_cases, scaled, shipped, variant_of, written
from publications.paris.effects import MORE, UP, Effect, effect_table
from publications.paris.fitting import Fitting
from publications.paris.ledger import Entry, Ledger
from publications.paris.looser import loosens, looser_than

BASE = Case("base", "as it stands", "tutorial", seconds=5.0)
TIGHT = Case("tight", "Eastland sends at most 100", "tutorial", cells=("nations.east.max_personnel=100",), seconds=5.0)
LOOSE = Case("loose", "Westland goes anywhere", "tutorial", lifted=("caveats/Westland stays away from the border",))
ABSENT = Case("absent", "Westland sends nothing", "tutorial", absent=("west",), seconds=5.0)
WAR = Case("war", "no ceasefire", "tutorial", scenario="no-ceasefire", seconds=5.0)
LONG = Case("long", "two periods at home after each tour", "tutorial", cells=("pledges.north-battalions.dwell=2",))


FAR = 10**6
"""More plans than there are: a case that has seen so many is not given the pool again."""


def copy_of(ledger, folder, *more):
    """The same ledger in a folder of its own, with further cases."""
    again = Ledger(Path(shutil.copytree(ledger.folder, folder / "runs")), say=lambda _: None)
    again.know([*ledger.cases.values(), *more])
    return again


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    found = Ledger(tmp_path_factory.mktemp("runs"), say=lambda _: None)
    found.know([BASE, TIGHT, LOOSE, ABSENT, WAR])
    found.settle()
    return found


def test_values_are_those_that_are_known(ledger):
    """By hand and by the manual: 80, 75 with Eastland's lower cap, 68.33 without Westland, 60 in war."""
    values = {name: round(entry.value, 2) for name, entry in ledger.entries.items()}
    assert values["base"] == 80.0
    assert values["tight"] == 75.0
    assert values["absent"] == 68.33
    assert values["war"] == 60.0


def test_a_bound_is_no_less_than_the_value(ledger):
    assert all(entry.bound >= entry.value - 1e-6 for entry in ledger.entries.values())


def test_a_looser_case_that_was_not_searched_has_the_plan_of_the_stricter_one(ledger):
    assert ledger.entries["loose"].seconds == 0.0
    assert ledger.entries["loose"].value >= ledger.entries["base"].value


def test_a_value_travels_to_a_looser_case_that_has_seen_every_plan(ledger, tmp_path):
    """Without trying the pool again; and the verifier has the last word."""
    again = copy_of(ledger, tmp_path)
    again.entries["loose"] = replace(again.entries["loose"], value=1.0, plan="", tried=FAR)
    again.settle()
    assert again.entries["loose"].value == again.entries["base"].value
    assert again.entries["loose"].plan == again.entries["base"].plan


def test_a_plan_that_the_verifier_refuses_does_not_travel(ledger, tmp_path, monkeypatch):
    """Eastland's cap refuses the plan of the base case, whatever the ladder says."""
    again = copy_of(ledger, tmp_path)
    names = list(again.entries)
    claimed = [[names.index("tight")] if name == "base" else [] for name in names]
    monkeypatch.setattr(module, "looser_than", lambda _: claimed)
    again.settle()
    assert again.entries["tight"].value == pytest.approx(75.0)


def test_a_plan_counts_where_other_missions_count(ledger, tmp_path):
    """The base plan keeps the rules of a case that weighs missions otherwise, so such a case has no less than that plan gives."""
    mission, *others = [row["mission"] for row in shipped("tutorial").rows("missions")]
    alone = Case("alone", "one counts", "tutorial", cells=tuple(f"missions.{other}.weight=0" for other in others))
    again = copy_of(ledger, tmp_path, alone)
    again.settle()
    score = again.plan("base").missions.set_index("mission")["score"][mission]
    assert again.entries["alone"].value >= 100 * score - 1e-6


def test_a_known_case_is_not_searched_again(ledger, monkeypatch):
    def refuse(*_args, **_more):
        raise AssertionError("searched again")

    monkeypatch.setattr(module, "solve_with", refuse)
    again = Ledger(ledger.folder, say=lambda _: None)
    again.know([BASE, WAR])
    assert again.entries["war"].value == ledger.entries["war"].value
    with pytest.raises(AssertionError, match="searched again"):
        again.know([replace(BASE, seconds=50.0)])


def test_effects_say_what_follows(ledger):
    """Eastland's cap costs exactly 5; lifting a rule never lowers; without a search the gain stays open."""
    table = effect_table(ledger, [Effect("cap", "tight", "base", "cap"), Effect("lift", "base", "loose", "lift")])
    cap, lift = table.to_dict("records")
    assert cap["at_least"] == pytest.approx(5.0, abs=0.02)
    assert cap["at_most"] == pytest.approx(5.0, abs=0.02)
    assert cap["word"] == MORE
    assert lift["at_least"] == 0.0
    assert lift["at_most"] >= 1.67
    assert lift["word"] == UP


def test_the_plan_of_a_case_is_in_the_pool(ledger):
    assert ledger.plan("war").aim("coverage") == pytest.approx(60.0)
    assert ledger.entries["war"].plan in {plan.key for plan in Pool(ledger.folder / "pool").plans()}


def test_a_case_is_read_as_it_was_written(tmp_path):
    case = replace(LOOSE, conceded=(("limits/x", 2),), cells=("a=1", "b=2"), absent=("west",), every_aim=True)
    (tmp_path / "cases.json").write_text(written([case, WAR]), "utf-8")
    assert read_cases(tmp_path / "cases.json") == {"loose": case, "war": WAR}


@pytest.mark.parametrize(
    ("tight", "loose", "known"),
    [
        (BASE, LOOSE, True),
        (LOOSE, BASE, False),
        (TIGHT, BASE, True),
        (BASE, TIGHT, False),
        (ABSENT, TIGHT, False),
        (WAR, replace(WAR, lifted=LOOSE.lifted), True),
        (LONG, BASE, True),
        (BASE, LONG, False),
        (LONG, replace(LONG, cells=TIGHT.cells), False),
        (replace(LONG, cells=LONG.cells + TIGHT.cells), BASE, True),
        (replace(LONG, scenario=WAR.scenario), WAR, True),
        (LONG, WAR, False),
    ],
)
def test_what_is_known_to_be_looser(tight, loose, known):
    assert loosens(tight, loose) == known
    assert (1 in looser_than([tight, loose])[0]) == known


def test_two_names_for_one_case_have_one_key():
    same = Case("other", "the cap as it stands", "tutorial", cells=("nations.east.max_personnel=150",))
    assert variant_of(same).key == variant_of(BASE).key != variant_of(TIGHT).key


def test_one_name_for_two_cases_is_refused():
    with pytest.raises(ValueError, match="two cases"):
        by_name([TIGHT, replace(TIGHT, cells=("nations.east.max_personnel=50",))])


def test_a_case_that_fits_nowhere_is_told(tmp_path):
    found = Ledger(tmp_path, say=lambda _: None)
    found.know([Case("wrong", "no such cell", "tutorial", cells=("nations.atlantis.max_personnel=1",))])
    assert found.entries["wrong"].ended == "invalid"
    assert "atlantis" in found.entries["wrong"].reason


def test_factors_on_counts_leave_fractions_away():
    cells = dict(cell.split("=") for cell in scaled(shipped("tutorial"), "pledges", "quantity", 0.9))
    assert cells["pledges.north-battalions.quantity"] == "1"


def test_what_does_not_fit_the_verifier_refuses(ledger):
    """The quick look at a model's rows never turns away a plan that keeps the rules; and it turns some away."""
    refused = 0
    for case in ledger.cases.values():
        variant = variant_of(case)
        fitting, trial = Fitting(variant), Trial(variant.instance, variant.scenario)
        for plan in ledger.pool.plans():
            if not fitting.may_fit(plan):
                refused += 1
                assert trial.tried(plan) is None
            else:
                assert trial.tried(plan) is not None
    assert refused


def test_a_published_table_is_recalled(ledger, tmp_path):
    """A ledger that makes nothing anew has the values, bounds and plans of the table; of changed tables it refuses them."""
    again = Ledger(tmp_path, say=lambda _: None)
    for plan in ledger.pool.plans():
        again.pool.add(plan)
    rows = [(ledger.cases[row["case"]], row) for row in ledger.table().to_dict("records")]
    again.recall(rows)
    assert again.table().equals(ledger.table())
    assert again.plan("tight").aim("coverage") == ledger.plan("tight").aim("coverage")
    with pytest.raises(ValueError, match="tight: published as"):
        again.recall([(replace(BASE, name="tight"), row) for _, row in rows if row["case"] == "tight"])


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"ended": "infeasible"}, "no plan keeps every rule"),
        ({"ended": "invalid", "reason": "no such cell"}, "no instance: no such cell"),
        ({"ended": "none_found", "bound": 80.0}, "no plan is known yet, at most 80.0"),
        ({"ended": "feasible", "value": 70.0, "bound": 80.0}, "at least 70.0, at most 80.0"),
        ({"ended": "feasible", "value": 70.0}, "at least 70.0"),
    ],
)
def test_what_is_known_of_a_case_is_said(known, said):
    """Each ending has words of its own."""
    assert _told(Entry("case", "key", "hash", "", 1.0, **known)) == said
