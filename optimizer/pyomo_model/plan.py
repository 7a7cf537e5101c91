"""From a Pyomo model that any solver has solved to a plan that the independent verifier has checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from optimizer.extraction import frame_of, plan_of
from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.model.linear import FloatArray, Level
from optimizer.plan.plan import Plan
from optimizer.pyomo_model.compile import Compiled, compile_model
from optimizer.pyomo_model.view import Door, UnknownModel, door_of, is_minimised
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import AimResult, Solution, relative_gap

WHOLE = 1e-5
"""How far a solver's whole numbers may be from whole ones."""


def plan_from_model(instance: Instance | str | Path, model: Any, results: Any = None) -> Plan:
    """The plan that the values of a Pyomo model's variables hold, after any solver; verified like every plan.

    Args:
        instance: the instance that the model was made from, or its path.
        model: made by `build_model`, changed as you like, and solved.
        results: what the solver returned; a bound on the active objective is read from it. None: nothing is proven.

    Returns:
        The plan; `feasible`, or `optimal` where the instance has one aim, and the results prove it within the instance's gap.

    Raises:
        UnknownModel: the model was not made by `build_model`, or from another instance.
        ValueError: the model has no solution, or one that is not in whole numbers.
        UnsupportedModel: the model holds something that cannot be honoured.
        RejectedPlan: the values break a rule.
    """
    door = door_of(model)
    if door.origin.instance.hash != as_instance(instance).hash:
        raise UnknownModel("The model was made from another instance: make it anew with build_model.")
    built, compiled = door.origin.built, compile_model(model, door)
    levels = compiled.model.levels
    solution = Solution(
        values=_values(door),
        termination="feasible",
        aims=tuple(_proven(levels[0], _full_values(compiled), results)) if levels else (),
        versions={},
    )
    proven = [aim.gap for aim in solution.aims]
    alone = sum(1 for level in levels if level.terms and not level.terms[0].name.startswith("_")) == 1
    header = built.assembly.situation.instance.header
    if alone and proven and proven[0] is not None and proven[0] <= header.gap:
        solution = Solution(solution.values, "optimal", aims=solution.aims)
    baseline = frame_of(built.assembly.baseline)
    return plan_of(built.assembly.situation, built, solution, SolveOptions(gap=header.gap), baseline, compiled.record)


def _values(door: Door) -> FloatArray:
    """The values of the model's own columns, whole numbers whole; what a solver left without a value is as near to 0 as it may be."""
    linear = door.origin.built.linear
    given = [variable.value for variable in door.variables]
    if given and all(value is None for value in given):
        raise ValueError("The model has no solution: solve it first, and load the solution into its variables.")
    nothing = np.clip(0.0, linear.lower, linear.upper)
    values = np.array([none if value is None else float(value) for value, none in zip(given, nothing, strict=True)])
    far = np.flatnonzero(linear.integer & (np.abs(values - np.rint(values)) > WHOLE))
    if len(far):
        name = door.variables[far[0]].name
        raise ValueError(f"{name} is {values[far[0]]:g}, and units are whole: solve the model with whole numbers.")
    return np.where(linear.integer, np.rint(values), values)


def _full_values(compiled: Compiled) -> FloatArray:
    known = [0.0 if variable.value is None else float(variable.value) for variable in compiled.variables]
    return np.array([*known, *[0.0] * (len(compiled.model.lower) - len(known))])


def _proven(level: Level, values: FloatArray, results: Any) -> list[AimResult]:
    """What the results prove of the active objective, where it is one aim."""
    if level.ratio is not None or len(level.terms) != 1 or not level.terms[0].weight:
        return []
    term = level.terms[0]
    value = term.expression.at(values)
    bound = _bound_in(results, maximise=not is_minimised(level))
    return [AimResult(term.name, term.priority, value, bound, relative_gap(value, bound))]


def _bound_in(results: Any, *, maximise: bool) -> float | None:
    """The bound that a solver's results state; None where they state none."""
    if results is None:
        return None
    bound = getattr(results, "objective_bound", None)
    problem = getattr(results, "problem", None)
    if bound is None and problem is not None:
        bound = getattr(problem, "upper_bound" if maximise else "lower_bound", None)
    try:
        number = float(bound)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None
