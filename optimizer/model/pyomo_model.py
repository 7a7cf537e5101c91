"""The model as a Pyomo `ConcreteModel`: one Var per column family, one Constraint per row family, the first level as objective.

It is the same model, column for column and row for row, as the one that `optimizer.solve` hands to the solver; read it, print it,
add to it, and solve it with `optimizer.solve(instance, model=model)`.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.aims import Baseline
from optimizer.model.assemble import build
from optimizer.model.rows import INFINITY, LinearModel, Objective


def build_model(
    instance: Instance, scenario: str | None = None, *, baseline: Baseline | None = None
) -> pyo.ConcreteModel:
    """The Pyomo model of an instance, to read, to print and to add to; solve it with `solve(instance, scenario, model=model)`.

    Args:
        instance: what the planner filled in.
        scenario: name of a scenario; None takes the conditions' defaults.
        baseline: units per (pledge, requirement, period) with which the aim `changes` compares.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    return to_pyomo(build(build_situation(instance, scenario), baseline).linear, instance.header.name)


def to_pyomo(linear: LinearModel, name: str = "forcegen") -> pyo.ConcreteModel:
    """A Pyomo model with the same columns and rows; `model.<family>[key]` are its variables and constraints.

    A row family that has the name of a column family gets `_rule` appended.
    """
    with PauseGC():
        model = pyo.ConcreteModel(name=name)
        columns: list[Any] = []
        for family, keys, start in _merged(linear.columns):
            if not keys:
                continue
            domain = pyo.Integers if start and linear.integer[start[0]] else pyo.Reals
            variable = pyo.Var(_index(model, family, keys), domain=domain, dense=True)
            model.add_component(family, variable)
            for key, column in zip(keys, start, strict=True):
                data = variable[key]
                data.setlb(float(linear.lower[column]))
                upper = float(linear.upper[column])
                data.setub(None if upper == INFINITY else upper)
                columns.append((column, data))
        # rows without any variable that cannot hold still need a body: this variable is always zero
        model.nothing = pyo.Var(bounds=(0, 0))
        columns.sort(key=lambda item: item[0])
        variables = [data for _, data in columns]
        for family, keys, rows in _merged(linear.rows):
            component = f"{family}_rule" if model.component(family) is not None else family
            bodies = dict(zip(keys, rows, strict=True))
            constraint = pyo.Constraint(_index(model, component, keys), rule=_rule(linear, variables, bodies))
            model.add_component(component, constraint)
        for number, level in enumerate(linear.levels):
            objective = pyo.Objective(expr=_expression(level.objective, variables), sense=pyo.maximize)
            model.add_component(f"aims_{number + 1}", objective)
            if number:
                objective.deactivate()
    return model


def variables_of(model: pyo.ConcreteModel, linear: LinearModel) -> list[Any]:
    """The variables of a model made by `to_pyomo`, in the order of the columns.

    Raises:
        ValueError: the model was not made from this question.
    """
    columns: dict[int, Any] = {}
    for family, keys, numbers in _merged(linear.columns):
        if not keys:
            continue
        component = model.component(family)
        if component is None or len(component) < len(keys) or any(key not in component for key in keys):
            raise ValueError(
                f"The model does not belong to this instance and scenario: its variables {family!r} differ."
            )
        columns.update(zip(numbers, (component[key] for key in keys), strict=True))
    return [columns[number] for number in range(len(columns))]


def _merged(families: Any) -> list[tuple[str, list[Any], list[int]]]:
    found: dict[str, tuple[list[Any], list[int]]] = {}
    for family in families:
        keys, numbers = found.setdefault(family.name, ([], []))
        keys.extend(key[0] if len(key) == 1 else key for key in family.keys)
        numbers.extend(range(family.start, family.start + len(family.keys)))
    return [(name, keys, numbers) for name, (keys, numbers) in found.items()]


def _index(model: pyo.ConcreteModel, component: str, keys: list[Any]) -> Any:
    """The keys; as a set of its own where they are of several lengths (a limit per period, another over the horizon)."""
    if len({len(key) if isinstance(key, tuple) else 1 for key in keys}) <= 1:
        return keys
    index = pyo.Set(initialize=keys, dimen=None)
    model.add_component(f"{component}_index", index)
    return index


def _rule(linear: LinearModel, variables: list[Any], bodies: dict[Any, int]) -> Any:
    def rule(model: pyo.ConcreteModel, *key: Any) -> Any:
        row = bodies[key[0] if len(key) == 1 else key]
        span = slice(int(linear.row_starts[row]), int(linear.row_starts[row + 1]))
        chosen = [variables[column] for column in linear.row_columns[span]]
        lower, upper = float(linear.row_lower[row]), float(linear.row_upper[row])
        if not chosen:
            return pyo.Constraint.Feasible if lower <= 0.0 <= upper else (lower, model.nothing, upper)
        body = LinearExpression(constant=0.0, linear_coefs=linear.row_values[span].tolist(), linear_vars=chosen)
        if lower == upper:
            return body == lower
        return (None if lower == -INFINITY else lower, body, None if upper == INFINITY else upper)

    return rule


def _expression(objective: Objective, variables: list[Any]) -> Any:
    chosen = [variables[column] for column in objective.columns]
    return LinearExpression(constant=objective.constant, linear_coefs=objective.values.tolist(), linear_vars=chosen)
