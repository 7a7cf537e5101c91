"""Reuse of a live model: what is edited in place is what would have been built, and what cannot be edited is said."""

import random
from dataclasses import replace

import numpy as np
import pytest

import optimizer as fg
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.solving.edits import Edits, edits_between
from optimizer.solving.levels import Keeper, solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.studies.change import changed
from optimizer.studies.live import Recipe, learn
from optimizer.studies.reading import read_study

from .small import ROOT, same, tutorial

NUMBERS = [
    {"name": "cap", "table": "nations", "key": "east", "column": "max_personnel", "low": 50, "high": 300},
    {"name": "targets", "table": "requirements", "column": "target", "mode": "factor", "low": 0.5, "high": 1.5},
    {"name": "prices", "table": "unit_types", "column": "cost", "mode": "factor", "low": 0.5, "high": 2},
    {"name": "weights", "table": "missions", "column": "weight", "mode": "factor", "low": 0.5, "high": 2},
]
OPTIONS = SolveOptions(improve=False)
ARRAYS = ("lower", "upper", "row_lower", "row_upper", "row_values")


def sampled(vary, instance, size=1000):
    return read_study({"design": {"kind": "latin_hypercube", "size": size}, "vary": vary}, instance)


def linear(instance, study, inputs):
    variant, scenario = changed(instance, study, inputs)
    return build(build_situation(variant, scenario)).linear


def drawn(study, chance):
    """Random inputs between low and high."""
    return tuple(float(f"{chance.uniform(vary.low, vary.high):.6g}") for vary in study.vary)


def test_a_model_edited_in_place_is_the_model_rebuilt():
    """Two hundred random variants: edited in one live model and solved, each has the aims of a model built for it."""
    instance, chance, keeper = tutorial(), random.Random(1), Keeper()
    study = sampled(NUMBERS, instance)
    in_place = 0
    for _ in range(200):
        model = linear(instance, study, drawn(study, chance))
        edited = solve_levels(model, OPTIONS, keeper=keeper)
        in_place += not keeper.built
        rebuilt = solve_levels(model, OPTIONS)
        assert [aim.value for aim in edited.aims] == pytest.approx([aim.value for aim in rebuilt.aims], rel=1e-12)
        assert edited.values == pytest.approx(rebuilt.values, rel=1e-9, abs=1e-9)
    assert in_place == 199


def test_a_ratio_leaves_nothing_behind():
    """Levels that add columns and rows of their own (burden sharing) do not spoil the next variant."""
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()}
    rows["nations"] = [{**row, "fair_share": share} for row, share in zip(rows["nations"], (3, 2, 2, 1), strict=True)]
    aims = [{"name": "burden_gap", "priority": 2}, {"name": "coverage"}, {"name": "cost", "priority": 3}]
    instance = fg.Instance.from_tables(rows, {"periods": {"count": 2}, "aims": aims})
    study, chance, keeper = sampled(NUMBERS[1:], instance), random.Random(2), Keeper()
    for _ in range(15):
        model = linear(instance, study, drawn(study, chance))
        edited, rebuilt = solve_levels(model, OPTIONS, keeper=keeper), solve_levels(model, OPTIONS)
        assert [aim.value for aim in edited.aims] == pytest.approx([aim.value for aim in rebuilt.aims], rel=1e-9)


def test_what_cannot_be_edited_is_said():
    """Another structure names what differs; equal models need no edits."""
    instance = tutorial()
    base = build(build_situation(instance)).linear
    found = edits_between(base, base)
    assert isinstance(found, Edits)
    assert found.count == 0
    war = build(build_situation(instance, "no-ceasefire")).linear
    assert str(edits_between(base, war)).startswith("other variables")
    table = fg.sweep(instance, {"vary": [{"condition": "ceasefire", "values": [False]}]}, jobs=1)
    assert table["model"].tolist() == ["rebuilt", "rebuilt"]
    assert table["why"].tolist()[1].startswith("other variables")


@pytest.mark.parametrize(
    ("place", "vary"),
    [
        ("tutorial", NUMBERS[2:3]),
        ("tutorial", [{"name": "threshold", "cell": "requirements.guard-border.threshold", "low": 2, "high": 6}]),
        ("tutorial", NUMBERS[1:3]),
        (
            "paris-2026-01",
            [{"name": "ceiling", "cell": "limits.force ceiling in Ukraine.maximum", "low": 9000, "high": 64000}],
        ),
    ],
    ids=["prices", "threshold", "targets and prices", "ceiling of Paris"],
)
def test_a_recipe_makes_the_arrays_that_would_be_built(place, vary):
    """Where numbers follow the inputs in proportion, every variant's arrays and aims come from one model; or the reason is told."""
    instance = fg.read_instance(ROOT / "instances" / place)
    study, chance = sampled(vary, instance), random.Random(3)
    recipe = learn(instance, study)
    if isinstance(recipe, str):
        assert len(vary) > 1
        return
    for _ in range(3):
        inputs = drawn(study, chance)
        made, built = recipe.model(inputs), linear(instance, study, inputs)
        for name in ARRAYS:
            np.testing.assert_allclose(getattr(made, name), getattr(built, name), rtol=1e-9, atol=1e-9)
        anyhow = np.random.default_rng(4).random(len(built.lower))
        for one, other in zip(made.levels, built.levels, strict=True):
            if one.terms:
                assert one.objective.at(anyhow) == pytest.approx(other.objective.at(anyhow), rel=1e-9)


def test_whole_units_under_a_cap_follow_no_recipe():
    """A cap rounds down to whole teams: that is noticed, and each variant is built."""
    instance = tutorial()
    assert "proportion" in str(learn(instance, sampled(NUMBERS[:1], instance)))
    assert learn(instance, sampled(NUMBERS[2:3], instance, size=3)) == "too few runs"
    study = read_study({"vary": [{"condition": "ceasefire"}]}, instance)
    assert learn(instance, study, runs=1000) == "not only cells of tables vary"


def test_a_sign_that_changes_between_the_ends_follows_no_recipe():
    """Medics who need medics: with two inputs high and the third low they bring more than they need, where no model was built."""
    tables = {
        "nations": [{"nation": "FRA"}],
        "unit_types": [{"unit_type": "medic", "personnel": 100, "cost": 2}],
        "capabilities": [{"capability": "beds"}],
        "yields": [{"unit_type": "medic", "capability": "beds", "amount": 1}],
        "pledges": [{"pledge": "m", "nation": "FRA", "unit_type": "medic", "quantity": 2}],
        "missions": [{"mission": "m"}],
        "requirements": [
            {"requirement": "r", "mission": "m", "area": "a", "capability": "beds", "target": 2, "threshold": 1}
        ],
        "enablers": [{"enabler": "beds", "capability": "beds", "per_personnel": 0.013}],
    }
    instance = fg.Instance.from_tables(tables, {"periods": {"count": 1}, "aims": [{"name": "coverage"}]})
    amount = {"table": "yields", "column": "amount", "mode": "step", "low": 0.0, "high": 0.25}
    need = {"table": "enablers", "column": "per_personnel", "mode": "step", "low": 0.0, "high": 0.006}
    apart = [sampled([vary], instance) for vary in ({"name": "one", **amount}, {"name": "other", **amount}, need)]
    study = replace(apart[0], vary=tuple(one.vary[0] for one in apart))
    rows = [{family.name for family in linear(instance, study, inputs).rows} for inputs in ((0, 0, 0), (0.25, 0.25, 0))]
    assert "enabler_if_mounted" in rows[0] - rows[1]
    assert learn(instance, study) == "a coefficient appears, vanishes or changes its sign"


def test_runs_by_recipe_have_the_results_of_runs_one_by_one():
    """A study of prices long enough for a recipe gives what its runs give each for itself."""
    instance = tutorial()
    vary = {
        "name": "prices",
        "table": "unit_types",
        "column": "cost",
        "mode": "factor",
        "low": 0.5,
        "high": 2,
        "steps": 40,
    }
    table = fg.sweep(instance, {"design": {"kind": "grid"}, "vary": [vary]})
    assert set(table["model"]) == {"in place", "rebuilt"}
    assert (table["model"] == "in place").sum() >= 36
    assert isinstance(learn(instance, read_study({"design": {"kind": "grid"}, "vary": [vary]}, instance)), Recipe)
    for number in (0, 17, 39):
        factor = table["prices"][number]
        alone = fg.solve(instance, child=False)
        assert table["cost"][number] == pytest.approx(alone.aim("cost") * factor)
        assert table["coverage"][number] == alone.aim("coverage").__round__(9)
    same(table, fg.sweep(instance, {"design": {"kind": "grid"}, "vary": [vary]}, jobs=1))
