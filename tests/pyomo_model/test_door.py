"""The Pyomo door: what is changed in the model is honoured or refused in words, and every plan is verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyomo.environ as pyo
import pytest

import optimizer as fg
from optimizer.pyomo_model.view import door_of
from tests.shipped import baseline_of

INSTANCES = Path(__file__).parents[2] / "instances"

TUTORIAL = INSTANCES / "tutorial"


def features() -> list[Path]:
    """Every feature instance, and the tutorial."""
    return [TUTORIAL, *sorted(path for path in (INSTANCES / "features").iterdir() if path.is_dir())]


@pytest.fixture
def tutorial() -> fg.Instance:
    return fg.read_instance(TUTORIAL)


def aims(plan: fg.Plan) -> list[float]:
    return plan.aims["value"].round(6).tolist()


@pytest.mark.parametrize("folder", features(), ids=lambda path: path.name)
def test_nothing_changed_gives_the_plan_of_the_direct_path(folder: Path) -> None:
    """The model as it was made reaches the same aims as the direct path, with the same termination."""
    instance = fg.read_instance(folder)
    baseline = baseline_of(folder)
    direct = fg.solve(instance, child=False, baseline=baseline)
    through = fg.solve(instance, model=fg.build_model(instance, baseline=baseline), child=False)
    assert (aims(through), through.termination) == (aims(direct), direct.termination)
    assert not through.changes


def test_a_first_aim_of_no_weight_is_no_change(tutorial: fg.Instance) -> None:
    """Where the first aim counts nothing, the model as it was made records no change, and a solver's bound proves nothing of that aim."""
    first, *others = tutorial.header.aims
    weightless = replace(tutorial, header=replace(tutorial.header, aims=(replace(first, weight=0.0), *others)))
    model = fg.build_model(weightless)
    through = fg.solve(weightless, model=model, child=False)
    assert aims(through) == aims(fg.solve(weightless, child=False)) == [0.0, 0.0]
    assert not through.changes
    results = pyo.SolverFactory("appsi_highs").solve(model)
    plan = fg.plan_from_model(weightless, model, results)
    assert not plan.changes
    assert plan.aims["bound"].isna().all()


def test_a_limit_on_personnel_is_honoured_and_recorded(tutorial: fg.Instance) -> None:
    """A constraint on a named expression holds in the plan, and the plan's record names it."""
    free = fg.solve(tutorial, child=False)
    model = fg.build_model(tutorial)
    most = float(free.assignments.query("period == 1 and nation == 'north'")["personnel"].sum())
    model.fewer = pyo.Constraint(expr=model.personnel["north", 1] <= most - 1)
    plan = fg.solve(tutorial, model=model, child=False)
    assert plan.assignments.query("period == 1 and nation == 'north'")["personnel"].sum() <= most - 1
    assert plan.aim("coverage") < free.aim("coverage")
    assert "constraint added: fewer" in plan.changes.words


def test_fixed_and_unfixed(tutorial: fg.Instance) -> None:
    """A fixed number of units serves; set free again, the plan is as before."""
    model = fg.build_model(tutorial)
    key = next(iter(model.present))
    model.present[key].fix(0)
    plan = fg.solve(tutorial, model=model, child=False)
    served = plan.assignments.query("pledge == @key[0] and requirement == @key[1] and period == @key[2]")
    assert served.empty
    assert f"variable fixed: {model.present[key].name} = 0" in plan.changes.words
    model.present[key].unfix()
    assert aims(fg.solve(tutorial, model=model, child=False)) == aims(fg.solve(tutorial, child=False))


def test_fixed_without_value_and_fraction_are_refused(tutorial: fg.Instance) -> None:
    """What cannot be honoured is refused with the name of the variable and the remedy."""
    model = fg.build_model(tutorial)
    key = next(iter(model.present))
    model.present[key].fix(0.5, skip_validation=True)
    with pytest.raises(fg.UnsupportedModel, match="must be a whole number"):
        fg.solve(tutorial, model=model, child=False)
    model.present[key].value = None
    with pytest.raises(fg.UnsupportedModel, match="without a value"):
        fg.solve(tutorial, model=model, child=False)


def test_bounds_of_units_are_honoured(tutorial: fg.Instance) -> None:
    """A lower bound on units is kept where it costs coverage."""
    model = fg.build_model(tutorial)
    for key in model.present:
        model.present[key].setub(0)
    for key in model.starts:
        model.starts[key].setub(0)
    plan = fg.solve(tutorial, model=model, child=False)
    assert plan.assignments.empty
    assert len(plan.changes.words) == len(model.present) + len(model.starts)


@pytest.mark.parametrize("most", [20.0, 50.0, 79.0])
def test_a_cap_on_coverage_is_kept_by_the_plan_itself(tutorial: fg.Instance, most: float) -> None:
    """A constraint on an aim's expression holds for what is really delivered, not for an understated share."""
    model = fg.build_model(tutorial)
    model.cap = pyo.Constraint(expr=model.aim["coverage"] <= most)
    plan = fg.solve(tutorial, model=model, child=False)
    assert plan.aim("coverage") <= most + 1e-6


def test_a_floor_on_coverage_for_the_least_cost(tutorial: fg.Instance) -> None:
    """Another objective of the model is the only aim, in its own sense, and reported with its bound."""
    model = fg.build_model(tutorial)
    model.enough = pyo.Constraint(expr=model.aim["coverage"] >= 50)
    model.aim_coverage.deactivate()
    model.aim_cost.activate()
    plan = fg.solve(tutorial, model=model, child=False)
    own = plan.changes.own_aim
    assert own.name == "model.aim_cost"
    assert own.value == pytest.approx(plan.aim("cost"))
    assert own.bound == pytest.approx(own.value, rel=1e-5)
    assert plan.aims["bound"].isna().all()
    assert 50 <= plan.aim("coverage") < 80
    assert plan.aim("cost") < 132


def test_an_objective_of_ones_own_with_a_binary_of_ones_own(tutorial: fg.Instance) -> None:
    """An own 0/1 variable and objective are decided with the rest."""
    model = fg.build_model(tutorial)
    model.deal = pyo.Var(domain=pyo.Binary)
    model.none_in_one = pyo.Constraint(expr=model.personnel["north", 1] <= 10_000 * (1 - model.deal))
    model.aim_coverage.deactivate()
    model.mine = pyo.Objective(expr=model.aim["coverage"] + 1000 * model.deal, sense=pyo.maximize)
    plan = fg.solve(tutorial, model=model, child=False)
    assert model.deal.value == 1
    assert plan.assignments.query("nation == 'north' and period == 1").empty
    assert plan.changes.own_aim.value == pytest.approx(1000 + plan.aim("coverage"), rel=1e-5)


def test_a_changed_objective_is_honoured(tutorial: fg.Instance) -> None:
    """The first objective set to another expression is the only aim; it is not ignored."""
    model = fg.build_model(tutorial)
    model.aim_coverage.set_value(-model.aim["cost"])
    plan = fg.solve(tutorial, model=model, child=False)
    assert plan.aim("cost") == 0
    assert plan.changes.own_aim.name == "model.aim_coverage"


def test_no_active_objective_and_two_are_refused(tutorial: fg.Instance) -> None:
    """The message says how many are active, and what to do."""
    model = fg.build_model(tutorial)
    model.aim_cost.activate()
    with pytest.raises(fg.UnsupportedModel, match="has 2"):
        fg.solve(tutorial, model=model, child=False)
    model.aim_cost.deactivate()
    model.aim_coverage.deactivate()
    with pytest.raises(fg.UnsupportedModel, match="has 0"):
        fg.solve(tutorial, model=model, child=False)


def test_the_record_of_changes_outlives_the_folder(tutorial: fg.Instance, tmp_path: Path) -> None:
    """A saved plan says what was changed, and is verified with the rules that were taken out not held against it."""
    model = fg.build_model(tutorial)
    model.limit.deactivate()
    model.aim_coverage.set_value(model.aim["coverage"] - 0.001 * model.aim["cost"])
    plan = fg.solve(tutorial, model=model, child=False)
    fg.save_plan(plan, tmp_path / "plan")
    read = fg.load_plan(tmp_path / "plan")
    assert read.changes == plan.changes
    assert fg.verify(tutorial, tmp_path / "plan")["name"].tolist() == ["coverage", "cost"]


def test_a_deactivated_rule_need_not_be_kept(tutorial: fg.Instance) -> None:
    """A rule whose rows are taken out is no rule for this plan, and the plan says so."""
    free = fg.solve(tutorial, child=False)
    model = fg.build_model(tutorial)
    model.limit.deactivate()
    plan = fg.solve(tutorial, model=model, child=False)
    assert plan.aim("coverage") >= free.aim("coverage")
    assert plan.changes.lifted
    assert any(word.startswith("constraint taken out or changed: limit") for word in plan.changes.words)
    model.limit.activate()
    assert aims(fg.solve(tutorial, model=model, child=False)) == aims(free)


def test_amounts_of_funds_have_names_and_keep_what_was_added() -> None:
    """What a fund pays is a variable: a constraint on it is honoured, also where less would do."""
    instance = fg.read_instance("instances/features/funding")
    model = fg.build_model(instance)
    model.less = pyo.Constraint(expr=model.cost["east"] <= 20)
    model.more = pyo.Constraint(expr=model.amount["partnership", "east"] >= 8)
    plan = fg.solve(instance, model=model, child=False)
    assert plan.aim("coverage") == pytest.approx(25.0)
    assert plan.funding["amount"].tolist() == [pytest.approx(8.0, abs=1e-6)]


def test_another_solver_and_its_bound(tutorial: fg.Instance) -> None:
    """After Pyomo's own interface the plan is verified; a bound stands only where the results prove one."""
    model = fg.build_model(tutorial)
    results = pyo.SolverFactory("appsi_highs").solve(model)
    plan = fg.plan_from_model(tutorial, model)
    assert plan.termination == "feasible"
    assert plan.aims["bound"].isna().all()
    assert plan.aim("coverage") == pytest.approx(80.0)
    proven = fg.plan_from_model(tutorial, model, results)
    assert proven.aims.iloc[0]["bound"] == pytest.approx(80.0, rel=1e-4)


def test_a_model_without_solution_is_refused(tutorial: fg.Instance) -> None:
    """A model that nobody has solved holds no plan; nor does one in fractions."""
    model = fg.build_model(tutorial)
    with pytest.raises(ValueError, match="no solution"):
        fg.plan_from_model(tutorial, model)
    pyo.SolverFactory("appsi_highs").solve(model)
    next(iter(model.present.values())).set_value(0.5, skip_validation=True)
    with pytest.raises(ValueError, match="units are whole"):
        fg.plan_from_model(tutorial, model)


def test_values_that_break_a_rule_are_rejected(tutorial: fg.Instance) -> None:
    """A hand-set solution that breaks a rule is no plan."""
    model = fg.build_model(tutorial)
    pyo.SolverFactory("appsi_highs").solve(model)
    for variable in model.present.values():
        variable.set_value(99, skip_validation=True)
    with pytest.raises(fg.RejectedPlan):
        fg.plan_from_model(tutorial, model)


def test_a_model_of_another_instance_is_refused(tutorial: fg.Instance) -> None:
    """A model and an instance that do not belong together, or a model of somebody else's, are told apart."""
    other = fg.read_instance(INSTANCES / "format-example")
    with pytest.raises(ValueError, match="does not belong"):
        fg.solve(other, model=fg.build_model(tutorial), child=False)
    with pytest.raises(fg.UnknownModel, match="build_model"):
        fg.solve(tutorial, model=pyo.ConcreteModel(), child=False)


def test_what_is_not_linear_or_not_known_is_refused(tutorial: fg.Instance) -> None:
    """Products of variables, and components of other kinds, are refused by name."""
    model = fg.build_model(tutorial)
    key = next(iter(model.present))
    model.bent = pyo.Constraint(expr=model.present[key] * model.personnel["north", 1] <= 1)
    with pytest.raises(fg.UnsupportedModel, match="'bent' is not linear"):
        fg.solve(tutorial, model=model, child=False)
    model.del_component("bent")
    model.sos = pyo.SOSConstraint(var=model.present, sos=1)
    with pytest.raises(fg.UnsupportedModel, match="SOSConstraint"):
        fg.solve(tutorial, model=model, child=False)


def test_a_clone_is_a_model_of_its_own(tutorial: fg.Instance) -> None:
    """What is changed in a clone leaves the original alone."""
    model = fg.build_model(tutorial)
    clone = model.clone()
    clone.aim_coverage.set_value(-clone.aim["cost"])
    assert fg.solve(tutorial, model=clone, child=False).aim("coverage") == 0
    assert fg.solve(tutorial, model=model, child=False).aim("coverage") == pytest.approx(80.0)
    assert door_of(clone).variables[0] is not door_of(model).variables[0]


def test_every_component_has_words_and_binaries_are_binary() -> None:
    """Each variable and constraint says what it means; 0/1 columns are Binary; names of variables and constraints differ."""
    for folder in features():
        model = fg.build_model(fg.read_instance(folder), baseline=baseline_of(folder))
        for component in model.component_objects((pyo.Var, pyo.Constraint, pyo.Objective, pyo.Expression)):
            assert component.doc, component.name
        for variable in model.component_data_objects(pyo.Var):
            if (
                variable.is_integer()
                and variable.bounds == (0, 1)
                and variable.parent_component().name in {"mounted", "leads", "serves"}
            ):
                assert variable.is_binary()


def test_a_ratio_aim_stands_in_the_model_inactive_with_the_reason() -> None:
    """The burden gap is there under its own name, inactive, and says why; the levels still minimise it."""
    instance = fg.read_instance(INSTANCES / "features" / "burden")
    model = fg.build_model(instance)
    assert not model.aim_burden_gap.active
    assert "not linear" in model.aim_burden_gap.doc
    assert aims(fg.solve(instance, model=model, child=False)) == aims(fg.solve(instance, child=False))
