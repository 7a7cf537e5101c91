"""Properties that every model has: finite and harmless bounds, rows of a moderate range, the same model in Pyomo."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from optimizer.instance.files import read_instance
from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.situation import Selection, build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.linear import LinearModel
from optimizer.model.pairs import pairs_of
from optimizer.pyomo_model.compile import compile_model
from optimizer.pyomo_model.view import door_of, to_pyomo
from optimizer.solving.levels import solve_levels, value_of
from optimizer.solving.options import SolveOptions
from tests.model.cases import Case, line, post
from tests.oracle.random_instances import FAMILIES as RANDOM
from tests.oracle.random_instances import tiny
from tests.shipped import baseline_of, folders

RANGE = 1e4
# One line asks for 120,593 soldiers, each of them a unit.
WIDE = {"isaf-2009": 2e5}


@cache
def built_of(folder: Path, scenario: str | None = None) -> Built:
    """The model of a shipped instance."""
    return build(build_situation(read_instance(folder), scenario), baseline_of(folder))


def random_built(seed: int) -> Built:
    """The model of a random tiny instance of all families."""
    tables, header, baseline = tiny(seed, RANDOM)
    units = None if baseline is None else {(r["pledge"], r["requirement"], r["period"]): r["units"] for r in baseline}
    return build(build_situation(Instance.from_tables(tables, header=header, impossible=True)), units)


def rows_of(linear: LinearModel) -> list[tuple[object, ...]]:
    """Every row as a comparable tuple, sorted; without variables it is left out where it holds.

    Where it cannot hold it stands on a variable that is always zero: the column after those of the model.
    """
    nothing = len(linear.lower) if linear.columns else len(linear.lower) - 1
    rows = []
    for row in range(len(linear.row_lower)):
        span = slice(int(linear.row_starts[row]), int(linear.row_starts[row + 1]))
        pairs = zip(linear.row_columns[span].tolist(), linear.row_values[span].tolist(), strict=True)
        terms = tuple(sorted((column, value) for column, value in pairs if value))
        lower, upper = float(linear.row_lower[row]), float(linear.row_upper[row])
        if not terms and not lower <= 0.0 <= upper:
            terms = ((nothing, 1.0),)
        if terms:
            rows.append((terms, lower, upper))
    return sorted(rows)


def check_same(built: Built) -> None:
    """The Pyomo model of a built model compiles to the same columns and rows, read from Pyomo alone."""
    linear, model = built.linear, to_pyomo(built)
    compiled = compile_model(model, first=door_of(model).variables).model
    columns = len(linear.lower)
    for attribute in ("lower", "upper", "integer"):
        there = getattr(compiled, attribute)[:columns]
        assert np.array_equal(there, getattr(linear, attribute)), attribute
    assert rows_of(compiled) == rows_of(linear)


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_pyomo_model_is_the_same_matrix(folder: Path) -> None:
    """Shipped instances: Pyomo holds the same columns, bounds, rows and coefficients as the arrays."""
    check_same(built_of(folder))


def test_pyomo_models_of_random_instances_are_the_same_matrix() -> None:
    """Random instances of all families: the same matrix in Pyomo, and the levels as objectives."""
    for seed in range(25):
        check_same(random_built(seed))


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_bounds_are_finite_and_rows_moderate(folder: Path) -> None:
    """Shipped instances, all scenarios: whole numbers have finite bounds, and no row spans more than four orders of magnitude."""
    for scenario in (None, *read_instance(folder).scenarios):
        linear = built_of(folder, scenario).linear
        assert np.isfinite(linear.upper[linear.integer]).all()
        assert (linear.lower <= linear.upper).all()
        for family in linear.rows:
            for row in range(family.start, family.start + len(family.keys)):
                values = np.abs(linear.row_values[linear.row_starts[row] : linear.row_starts[row + 1]])
                values = values[values > 0]
                spread = 1.0 if not len(values) else float(values.max() / values.min())
                assert spread <= WIDE.get(folder.name, RANGE), (
                    scenario,
                    family.name,
                    family.keys[row - family.start],
                    spread,
                )


def test_bounds_of_random_instances_are_finite() -> None:
    """Whole-number columns of random instances have finite bounds, lower not above upper."""
    for seed in range(60):
        linear = random_built(seed).linear
        assert np.isfinite(linear.upper[linear.integer]).all()
        assert (linear.lower <= linear.upper).all()


def test_bounds_cut_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no other bound on units than the pledge's own stock, the levels of random instances have the same values."""

    def values(seed: int) -> list[float | None]:
        solution = solve_levels(random_built(seed).linear, SolveOptions())
        return [level.value for level in solution.levels if level.reported]

    tight = [values(seed) for seed in range(60)]
    monkeypatch.setattr(
        "optimizer.model.families.availability.most_of",
        lambda pairs, **_: np.array([pledge.available for pledge in pairs.pledges], dtype=np.int64)[pairs.pledge],
    )
    loose = [values(seed) for seed in range(60)]
    assert [len(one) for one in tight] == [len(one) for one in loose]
    for one, other in zip(tight, loose, strict=True):
        if None in one:
            assert one == other
        else:
            assert one == pytest.approx(other, rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("name", ["tutorial", "format-example", "42-ac"])
def test_pyomos_own_interface_agrees(name: str) -> None:
    """Pyomo's interface to HiGHS reaches the same value of the first level as the direct path."""
    from pyomo.contrib.solver.solvers.highs import Highs

    folder = next(folder for folder in folders() if folder.name == name)
    linear, model = built_of(folder).linear, to_pyomo(built_of(folder))
    Highs().solve(model)
    first = linear.levels[0]
    values = np.array([variable.value for variable in door_of(model).variables])
    direct = solve_levels(replace(linear, levels=(first,)), SolveOptions())
    assert value_of(first, values) == pytest.approx(direct.levels[0].value, rel=1e-6)


def test_generated_instances_have_moderate_rows() -> None:
    """A synthetic instance of size S keeps the range of coefficients within a row below four orders of magnitude."""
    linear = build(build_situation(generate("S"), None)).linear
    for row in range(len(linear.row_lower)):
        values = np.abs(linear.row_values[linear.row_starts[row] : linear.row_starts[row + 1]])
        values = values[values > 0]
        assert not len(values) or values.max() <= RANGE * values.min()


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_units_have_the_places_that_their_labels_say(folder: Path) -> None:
    """Nation, post and period of every column that counts units of a pledge on a line, and which of them decide."""
    linear, situation = built_of(folder).linear, build_situation(read_instance(folder), None)
    places = linear.places
    assert places is not None
    nations, posts = list(situation.nations), list(situation.posts)
    decide = {"starts", "present"}
    for family in linear.columns:
        here = places.units[family.start : family.start + len(family.keys)]
        assert set(here.tolist()) <= {family.name in decide}
        if family.name not in decide | {"moves", "leaves", "rises", "change"}:
            continue
        for column, (pledge, requirement, period) in enumerate(family.keys, family.start):
            assert nations[places.nation[column]] == situation.pledges[pledge].nation
            assert posts[places.post[column]] == situation.lines[requirement].post
            assert places.period[column] == period, family.name


def test_services_are_in_order() -> None:
    """By name of the pledge, then in the order of the lines, whatever the order of yields and pledges."""
    for seed in range(3):
        situation = build_situation(generate("S", seed=seed))
        lines = list(situation.lines)
        in_order = sorted(situation.services, key=lambda pair: (pair[0], lines.index(pair[1])))
        assert list(situation.services) == in_order


def test_rules_about_nobody_have_no_rows() -> None:
    """Without nations, or with a lead and shares and not one pledge, there is a model, and nothing in it about shares."""
    nobody = Case((), {"nations": [], "pledges": [], "participation": [], "requirements": [line("guard")]}, periods=2)
    pairs = pairs_of(nobody.situation())
    assert pairs.taken(Selection(nations=frozenset({"FRA"}))).tolist() == []
    tables = {
        "pledges": [],
        "participation": [{"nation": "FRA", "may_lead": True}],
        "requirements": [line("guard")],
        "posts": post(lead="required", lead_min_share=0.3, max_share=0.6),
    }
    bare = Case((), tables, periods=2)
    for case in (nobody, bare):
        assert {family.name for family in case.built().linear.rows}.isdisjoint({"max_share", "lead_share"})
    assert "lead_present" in {family.name for family in bare.built().linear.rows}
