"""The direct path from a Pyomo model, against Pyomo's own interface to HiGHS."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from optimizer.solving.pyomo_direct import compile_pyomo
from pyomo.common.errors import InfeasibleConstraintException, InvalidConstraintError

from optimizer.solving.child import solve_here
from optimizer.solving.options import SolveOptions
from tests.solving.small import level, one_row


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
        compiled = compile_pyomo(ours)
        solution = solve_here(compiled.model, SolveOptions())
        compiled.write_back(solution.values)
        assert solution.termination == "optimal"
        assert pyo.value(ours.aim) == pytest.approx(pyo.value(theirs.aim), rel=1e-6, abs=1e-6)
        assert solution.aims[0].value == pytest.approx(pyo.value(ours.aim), rel=1e-9)
        for constraint in ours.component_data_objects(pyo.Constraint):
            assert constraint.lslack() >= -1e-8
            assert constraint.uslack() >= -1e-8


def test_order_keeps_the_columns_of_a_linear_model():
    """With the variables of a linear model first, its levels keep their numbers, whatever a user adds."""
    linear = one_row([0, 0, 0], [2, 3, 4], 11.0, levels=(level("worth", [5.0, 3.0, 1.0]), level("few", [-1.0] * 3)))
    model = pyo.ConcreteModel()
    count = len(linear.lower)
    model.mine = pyo.Var(bounds=(0, 1))
    model.x = pyo.Var(range(count), domain=pyo.Integers)
    for i in range(count):
        model.x[i].setlb(linear.lower[i])
        model.x[i].setub(linear.upper[i])
    model.rows = pyo.ConstraintList()
    for row in range(len(linear.row_lower)):
        inside = slice(linear.row_starts[row], linear.row_starts[row + 1])
        pairs = list(zip(linear.row_columns[inside].tolist(), linear.row_values[inside].tolist(), strict=True))
        body = sum(value * model.x[column] for column, value in pairs)
        low, high = linear.row_lower[row], linear.row_upper[row]
        model.rows.add(body >= low if np.isfinite(low) else body <= high)
    order = list(model.x.values())
    same = compile_pyomo(model, order, linear.levels)
    assert [v.name for v in same.variables] == [v.name for v in order]
    before = solve_here(linear, SolveOptions())
    assert [r.value for r in solve_here(same.model, SolveOptions()).levels] == [r.value for r in before.levels]
    best = before.values[0]
    model.addition = pyo.Constraint(expr=model.x[0] + model.mine <= best + 0.5)
    model.other = pyo.Constraint(expr=model.mine >= 0.75)
    added = compile_pyomo(model, order, linear.levels)
    assert [v.name for v in added.variables][-1] == "mine"
    assert added.constraints[-1] is model.other
    after = solve_here(added.model, SolveOptions())
    assert best == 5
    assert after.values[0] == 4


def test_variables_without_constraints_are_columns_when_ordered():
    """A variable that no constraint mentions keeps its place and its bounds."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(3), bounds=(0, 2))
    model.row = pyo.Constraint(expr=model.x[2] <= 1)
    compiled = compile_pyomo(model, list(model.x.values()), (level("sum", [1.0, 1.0, 1.0]),))
    assert solve_here(compiled.model, SolveOptions()).values.tolist() == [2.0, 2.0, 1.0]


def test_present_values_are_a_start():
    """Values in the Pyomo model become a start, NaN where there are none; writing back leaves fixed variables alone."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2), bounds=(0, 2))
    model.x[0].set_value(1.0)
    model.row = pyo.Constraint(expr=model.x[0] + model.x[1] <= 3)
    compiled = compile_pyomo(model)
    assert compiled.start()[0] == 1.0
    assert np.isnan(compiled.start()[1])
    model.x[0].fix(0.5)
    compiled.write_back(np.array([2.0, 1.0]))
    assert [v.value for v in model.x.values()] == [0.5, 1.0]


def test_both_sides_of_a_range_are_one_row():
    """A range is one row with two sides; an equation has equal sides."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2))
    model.range = pyo.Constraint(expr=(1, model.x[0] + model.x[1], 4))
    model.equal = pyo.Constraint(expr=model.x[0] - model.x[1] == 2)
    model.least = pyo.Constraint(expr=model.x[0] >= -1)
    compiled = compile_pyomo(model)
    assert compiled.model.row_lower.tolist() == [1.0, 2.0, -1.0]
    assert compiled.model.row_upper.tolist() == [4.0, 2.0, float("inf")]
    assert compiled.constraints == (model.range, model.equal, model.least)


def test_nonlinear_and_impossible_constraints_are_refused():
    """What is not linear, or can never hold, is refused by the name of the constraint."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2))
    model.bent = pyo.Constraint(expr=model.x[0] * model.x[1] <= 1)
    with pytest.raises(InvalidConstraintError, match="bent"):
        compile_pyomo(model)
    model.bent.deactivate()
    model.x[0].fix(3)
    model.never = pyo.Constraint(expr=model.x[0] <= 1)
    with pytest.raises(InfeasibleConstraintException, match="never"):
        compile_pyomo(model)
