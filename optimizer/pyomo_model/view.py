"""The model as a Pyomo `ConcreteModel`: one Var per name of columns, one Constraint per name of rows, one Objective per level of aims.

Read it, print it, fix, add, deactivate, and solve it with `optimizer.solve(instance, model=model)`, or with any Pyomo
solver and `optimizer.plan_from_model`. Named expressions speak the planner's words: `units`, `personnel`, `cost`, `score`, `aim`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression

from optimizer.extraction import units_of
from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.aims import Baseline
from optimizer.model.assemble import COLUMNS, ROWS, Built, build
from optimizer.model.linear import INFINITY, Block, Level, LinearModel, Objective
from optimizer.pyomo_model import expressions

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan

DOOR = "_forcegen"
"""The attribute of a model in which what it was made from is kept."""


class UnknownModel(ValueError):  # noqa: N818 - the name says what is wrong
    """A Pyomo model that was not made by `build_model`."""


@dataclass(frozen=True)
class Origin:
    """What a model was made from; shared by all clones of the model."""

    instance: Instance
    scenario: str | None
    built: Built

    def __deepcopy__(self, memo: dict[int, Any]) -> Origin:
        return self


@dataclass(frozen=True)
class Door:
    """A model's own variables (by column), constraints with their expressions (by row; None: a row without variables), and objectives."""

    origin: Origin
    variables: tuple[Any, ...]
    constraints: tuple[Any, ...]
    bodies: tuple[Any, ...]
    objectives: tuple[Any, ...]
    aims: tuple[Any, ...]

    def __deepcopy__(self, memo: dict[int, Any]) -> Door:
        return Door(
            self.origin,
            *(
                copy.deepcopy(part, memo)
                for part in (self.variables, self.constraints, self.bodies, self.objectives, self.aims)
            ),
        )


def door_of(model: Any) -> Door:
    """What a model was made from.

    Raises:
        UnknownModel: the model was not made by `build_model`.
    """
    door = getattr(model, DOOR, None)
    if not isinstance(door, Door):
        raise UnknownModel(
            "The model was not made by build_model: make it with build_model(instance, scenario), then change it."
        )
    return door


def build_model(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    baseline: Plan | pd.DataFrame | Baseline | None = None,
) -> pyo.ConcreteModel:
    """The Pyomo model of an instance, to read, to print and to change; solve it with `solve(instance, model=model)`.

    Every column means what its name says, whatever is added: bounds of units follow from the pledge alone, presence is 1
    exactly where units are.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.
        baseline: the plan (or its assignments, or units per (pledge, requirement, period)) with which the aim `changes` compares.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    instance = as_instance(instance)
    built = build(build_situation(instance, scenario), units_of(baseline), exact=True)
    return to_pyomo(built, Origin(instance, scenario, built))


def to_pyomo(built: Built, origin: Origin | None = None) -> pyo.ConcreteModel:
    """A Pyomo model with the same columns and rows as a built one; `model.<name>[key]` are its variables and constraints."""
    linear, situation = built.linear, built.assembly.situation
    origin = origin or Origin(situation.instance, situation.scenario, built)
    with PauseGC():
        model = pyo.ConcreteModel(name=situation.instance.header.name or "forcegen")
        variables = _add_variables(model, linear)
        # A row without any variable that cannot hold still needs a body.
        model.nothing = pyo.Var(bounds=(0, 0), doc="Always zero.")
        constraints = _add_constraints(model, linear, variables)
        expressions.add(model, built, variables)
        objectives = [_add_level(model, number, level, variables) for number, level in enumerate(linear.levels)]
        bodies = tuple(None if one is None else one.expr for one in constraints)
        aims = tuple(one.expr for one in objectives)
        door = Door(origin, tuple(variables), tuple(constraints), bodies, tuple(objectives), aims)
        object.__setattr__(model, DOOR, door)
    return model


def _add_variables(model: Any, linear: LinearModel) -> list[Any]:
    columns: list[Any] = [None] * len(linear.lower)
    for name, keys, numbers in by_name(linear.columns):
        whole = bool(linear.integer[numbers[0]])
        binary = whole and all(linear.lower[n] >= 0 and linear.upper[n] <= 1 for n in numbers)
        domain = pyo.Binary if binary else pyo.NonNegativeIntegers if whole else pyo.Reals
        variable = pyo.Var(_index(model, name, keys), domain=domain, dense=True, doc=COLUMNS[name].meaning)
        model.add_component(name, variable)
        for key, column in zip(keys, numbers, strict=True):
            data = columns[column] = variable[key]
            data.setlb(float(linear.lower[column]))
            upper = float(linear.upper[column])
            data.setub(None if upper == INFINITY else upper)
    return columns


def _add_constraints(model: Any, linear: LinearModel, variables: list[Any]) -> list[Any]:
    rows: list[Any] = [None] * len(linear.row_lower)
    for name, keys, numbers in by_name(linear.rows):
        rule = _rule(linear, variables, dict(zip(keys, numbers, strict=True)))
        constraint = pyo.Constraint(_index(model, name, keys), rule=rule, doc=ROWS[name].meaning)
        model.add_component(name, constraint)
        for key, row in zip(keys, numbers, strict=True):
            if key in constraint:
                rows[row] = constraint[key]
    return rows


def by_name(families: Iterable[Block]) -> list[tuple[str, list[Any], list[int]]]:
    """Name, keys and numbers of columns or rows; a key of one part is that part."""
    found: dict[str, tuple[list[Any], list[int]]] = {}
    for family in families:
        if family.keys:
            keys, numbers = found.setdefault(family.name, ([], []))
            keys.extend(key[0] if len(key) == 1 else key for key in family.keys)
            numbers.extend(range(family.start, family.start + len(family.keys)))
    return [(name, keys, numbers) for name, (keys, numbers) in found.items()]


def _index(model: Any, component: str, keys: list[Any]) -> Any:
    """The keys; as a set of its own where they are of several lengths (a limit per period, another over the horizon)."""
    if len({len(key) if isinstance(key, tuple) else 1 for key in keys}) <= 1:
        return keys
    index = pyo.Set(initialize=keys, dimen=None)
    model.add_component(f"{component}_index", index)
    return index


def _rule(linear: LinearModel, variables: list[Any], bodies: dict[Any, int]) -> Callable[..., Any]:
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


def linear_expression(objective: Objective, variables: list[Any]) -> Any:
    """A linear expression over the model's variables."""
    chosen = [variables[column] for column in objective.columns]
    return LinearExpression(constant=objective.constant, linear_coefs=objective.values.tolist(), linear_vars=chosen)


def is_minimised(level: Level) -> bool:
    """Whether the objective of a level is minimised: a ratio, or one aim in its own unit of which less is wanted."""
    return level.ratio is not None or (len(level.terms) == 1 and level.terms[0].weight < 0.0)


def _add_level(model: Any, number: int, level: Level, variables: list[Any]) -> Any:
    """The objective of a level: one aim in its own sense and unit, or the weighted sum of several; only the first is active."""
    names = "_and_".join(dict.fromkeys(term.name.strip("_") for term in level.terms)) or "nothing"
    component = f"aim_{names}" if level.name != "tie-break" else "tie_break"
    while model.component(component) is not None:
        component += f"_{number + 1}"
    if level.ratio is not None:
        objective = _ratio_objective(model, level, variables)
    elif len(level.terms) == 1 and level.terms[0].weight:
        term = level.terms[0]
        objective = pyo.Objective(
            expr=linear_expression(term.expression, variables),
            sense=pyo.minimize if is_minimised(level) else pyo.maximize,
            doc=f"Level {number + 1}: {term.name.strip('_')}, in its own unit.",
        )
    else:
        parts = ", ".join(f"{term.weight:g} x {term.name}" for term in level.terms)
        objective = pyo.Objective(
            expr=linear_expression(level.objective, variables) if level.terms else 0.0,
            sense=pyo.maximize,
            doc=f"Level {number + 1}: the weighted sum of several aims: {parts}.",
        )
    model.add_component(component, objective)
    if number or level.ratio is not None:
        objective.deactivate()
    return objective


def _ratio_objective(model: Any, level: Level, variables: list[Any]) -> Any:
    """The largest ratio as a variable that is at least each ratio: not linear, therefore inactive."""
    why = (
        "Inactive: a ratio of linear expressions is not linear. solve minimises it exactly, by a sequence of linear models; "
        "another solver needs these components activated and products of variables."
    )
    ratio = level.ratio
    if ratio is None:
        raise AssertionError("the level has a ratio")
    model.burden_gap = pyo.Var(bounds=(0, None), doc=f"The burden gap, used by inactive components alone. {why}")
    total = linear_expression(ratio.denominator, variables)
    parts = list(zip(ratio.numerators, ratio.shares, strict=True))
    model.burden_gap_ratio = pyo.Constraint(
        range(1, len(parts) + 1),
        rule=lambda m, n: linear_expression(parts[n - 1][0], variables) <= m.burden_gap * parts[n - 1][1] * total,
        doc=f"The gap is at least each nation's share of the burden over its fair share. {why}",
    )
    model.burden_gap_ratio.deactivate()
    return pyo.Objective(expr=model.burden_gap, sense=pyo.minimize, doc=f"The burden gap. {why}")
