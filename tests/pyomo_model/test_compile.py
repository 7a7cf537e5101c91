"""The direct path from a Pyomo model, against Pyomo's own interface to HiGHS."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest

from optimizer.pyomo_model.compile import UnsupportedModel, compile_model
from optimizer.solving.child import solve_here
from optimizer.solving.options import SolveOptions


def random_pyomo(seed):
    """A small model with whole numbers, fractions, a fixed variable, equations, ranges and an offset."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 7))
    model = pyo.ConcreteModel()
    model.i = pyo.RangeSet(count)
    model.x = pyo.Var(model.i, domain=pyo.NonNegativeIntegers, bounds=(0, 4))
    model.y = pyo.Var(model.i, bounds=(-2, 5))
    model.z = pyo.Var(domain=pyo.Binary)
    model.fixed = pyo.Var(initialize=1.5)
    model.fixed.fix()
    a = rng.integers(1, 6, (2, count + 1))
    model.up = pyo.Constraint(expr=sum(int(a[0, i]) * model.x[i] for i in model.i) + model.fixed <= float(3 * count))
    model.range = pyo.Constraint(expr=(-4, sum(model.y[i] - int(a[1, i]) * model.x[i] for i in model.i) + 1, 6))
    model.equal = pyo.Constraint(expr=model.y[1] + model.y[2] == 2 * model.z + 1)
    worth = rng.uniform(-2, 5, count + 1)
    model.aim = pyo.Objective(
        expr=sum(float(worth[i]) * (model.x[i] + 0.3 * model.y[i]) for i in model.i) + model.z + 10 * model.fixed,
        sense=pyo.maximize if seed % 2 else pyo.minimize,
    )
    return model


@pytest.mark.parametrize("block", range(3))
def test_same_optimum_as_pyomos_interface(block):
    """Ten random models: our optimum, written back into the model, is the one of Pyomo's interface."""
    for seed in range(10 * block, 10 * block + 10):
        theirs = random_pyomo(seed)
        pyo.SolverFactory("appsi_highs").solve(theirs, options={"mip_rel_gap": 1e-9})
        ours = random_pyomo(seed)
        compiled = compile_model(ours)
        solution = solve_here(compiled.model, SolveOptions())
        compiled.write_back(solution.values)
        assert solution.termination == "optimal"
        assert pyo.value(ours.aim) == pytest.approx(pyo.value(theirs.aim), rel=1e-6, abs=1e-6)
        assert solution.aims[0].value == pytest.approx(pyo.value(ours.aim), rel=1e-9)
        for constraint in ours.component_data_objects(pyo.Constraint):
            assert constraint.lslack() >= -1e-8
            assert constraint.uslack() >= -1e-8


def test_named_variables_are_the_first_columns():
    """Variables that are named keep their numbers, those too that no constraint mentions; others follow."""
    model = pyo.ConcreteModel()
    model.mine = pyo.Var(bounds=(0, 1))
    model.x = pyo.Var(range(3), bounds=(0, 2))
    model.row = pyo.Constraint(expr=model.x[2] + model.mine <= 1)
    model.aim = pyo.Objective(expr=model.x[0] + model.x[1] + model.x[2], sense=pyo.maximize)
    compiled = compile_model(model, first=list(model.x.values()))
    assert [variable.name for variable in compiled.variables] == ["x[0]", "x[1]", "x[2]", "mine"]
    assert solve_here(compiled.model, SolveOptions()).values.tolist() == [2.0, 2.0, 1.0, 0.0]


def test_writing_back_leaves_fixed_variables_alone():
    """Values come back into the variables that are free."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2), bounds=(0, 2))
    model.row = pyo.Constraint(expr=model.x[0] + model.x[1] <= 3)
    compiled = compile_model(model)
    model.x[0].fix(0.5)
    compiled.write_back(np.array([2.0, 1.0]))
    assert [v.value for v in model.x.values()] == [0.5, 1.0]


def test_both_sides_of_a_range_are_one_row():
    """A range is one row with two sides; an equation has equal sides; constants move to the sides."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2))
    model.range = pyo.Constraint(expr=(1, model.x[0] + model.x[1], 4))
    model.equal = pyo.Constraint(expr=model.x[0] - model.x[1] == 2)
    model.least = pyo.Constraint(expr=model.x[0] + 3 >= 2)
    compiled = compile_model(model)
    assert compiled.model.row_lower.tolist() == [1.0, 2.0, -1.0]
    assert compiled.model.row_upper.tolist() == [4.0, 2.0, float("inf")]
    assert [name for (name,) in compiled.model.rows[0].keys] == ["range", "equal", "least"]


def test_what_is_not_linear_is_refused_by_name():
    """A product of variables is refused with the name of its constraint."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2))
    model.bent = pyo.Constraint(expr=model.x[0] * model.x[1] <= 1)
    with pytest.raises(UnsupportedModel, match="bent"):
        compile_model(model)


def test_a_constraint_that_only_fixed_variables_decide_makes_the_model_infeasible():
    """A fixed variable counts as its value; a constraint that it breaks leaves no plan."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2), bounds=(0, 5))
    model.x[0].fix(3)
    model.aim = pyo.Objective(expr=model.x[1], sense=pyo.maximize)
    model.sum = pyo.Constraint(expr=model.x[0] + model.x[1] <= 4)
    assert solve_here(compile_model(model).model, SolveOptions()).aims[0].value == 1.0
    model.never = pyo.Constraint(expr=model.x[0] <= 1)
    assert solve_here(compile_model(model).model, SolveOptions()).termination == "infeasible"


def test_a_whole_number_without_bounds_is_refused():
    """Whole numbers need two finite bounds; the message says how to set them."""
    model = pyo.ConcreteModel()
    model.many = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.row = pyo.Constraint(expr=model.many >= 1)
    with pytest.raises(UnsupportedModel, match="'many' needs two finite bounds"):
        compile_model(model)
