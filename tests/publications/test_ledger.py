"""The ledger on the tutorial: one case has one value, kept between runs, and no case is beaten by another's plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.studies.pool import Pool, Trial
from publications.paris import ledger as module
from publications.paris.cases import Case, by_name, scaled, shipped, variant_of
from publications.paris.effects import Effect, effect_table
from publications.paris.fitting import Fitting
from publications.paris.ledger import Ledger

BASE = Case("base", "as it stands", "tutorial", seconds=5.0)
TIGHT = Case("tight", "Eastland sends at most 100", "tutorial", cells=("nations.east.max_personnel=100",), seconds=5.0)
LOOSE = Case("loose", "Westland goes anywhere", "tutorial", lifted=("caveats/Westland stays away from the border",))
ABSENT = Case("absent", "Westland sends nothing", "tutorial", absent=("west",), seconds=5.0)
WAR = Case("war", "no ceasefire", "tutorial", scenario="no-ceasefire", seconds=5.0)


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
    assert cap["word"] == "raises what can be covered"
    assert lift["at_least"] == 0.0
    assert lift["at_most"] >= 1.67
    assert lift["word"].endswith("within what the search left open")


def test_the_plan_of_a_case_is_in_the_pool(ledger):
    assert ledger.plan("war").aim("coverage") == pytest.approx(60.0)
    assert ledger.entries["war"].plan in {plan.key for plan in Pool(ledger.folder / "pool").plans()}


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
