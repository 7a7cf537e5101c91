"""The direct path: a Pyomo model, with whatever a user has added to it, as the arrays that go to the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.model.rows import INFINITY, AimTerm, FloatArray, Level, LinearModel, Objective


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """The arrays, the Pyomo variable of each column and the Pyomo constraint of each row."""

    model: LinearModel
    variables: tuple[Any, ...]
    constraints: tuple[Any, ...]

    def write_back(self, values: FloatArray) -> None:
        """Set the value of every Pyomo variable (one number per column, in the order of `variables`)."""
        for variable, value in zip(self.variables, values.tolist(), strict=True):
            if not variable.fixed:
                variable.set_value(value, skip_validation=True)

    def start(self) -> FloatArray:
        """The present values of the Pyomo variables; NaN where one has none."""
        present = (variable.value for variable in self.variables)
        return np.array([np.nan if value is None else value for value in present], dtype=np.float64)


def compile_pyomo(model: Any, order: Sequence[Any] = (), levels: tuple[Level, ...] | None = None) -> CompiledModel:
    """Compile the active constraints of a Pyomo model.

    Args:
        model: a ConcreteModel; linear, its variables' domains reals, whole numbers or binaries.
        order: variables that shall be the first columns, in this order (also those that no constraint mentions). With the
            variables of a `LinearModel` in its order, the levels of that model keep their column numbers.
        levels: the levels of the result; None = the active objectives of the model, a level each.

    Raises:
        pyomo.common.errors.InvalidConstraintError: for a constraint that is not linear.
        pyomo.common.errors.InfeasibleConstraintException: for one that no variable can fulfil.
        ValueError: for active components that are no variables, constraints or objectives.
    """
    from pyomo.common.enums import ObjectiveSense
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None, column_order=list(order) or None)
    variables = list(order)
    place = {id(variable): number for number, variable in enumerate(variables)}
    for variable in form.columns:
        if id(variable) not in place:
            place[id(variable)] = len(variables)
            variables.append(variable)
    column_of = np.array([place[id(variable)] for variable in form.columns], dtype=np.int64)
    matrix = form.A.tocsr()
    keep, constraints, lower, upper = _rows(form.rows, form.rhs)
    matrix = matrix[keep]
    bounds = [_bounds(variable) for variable in variables]
    if levels is None:
        costs = form.c.tocsr()
        levels = tuple(
            _level(
                objective.name,
                objective.sense == ObjectiveSense.maximize,
                Objective(
                    column_of[costs.indices[costs.indptr[number] : costs.indptr[number + 1]]],
                    costs.data[costs.indptr[number] : costs.indptr[number + 1]].astype(np.float64),
                    float(form.c_offset[number]),
                ),
                number,
            )
            for number, objective in enumerate(form.objectives)
        )
    return CompiledModel(
        model=LinearModel(
            columns=(),
            rows=(),
            lower=np.array([low for low, _ in bounds], dtype=np.float64),
            upper=np.array([high for _, high in bounds], dtype=np.float64),
            integer=np.array([not variable.is_continuous() for variable in variables], dtype=np.bool_),
            row_lower=np.array(lower, dtype=np.float64),
            row_upper=np.array(upper, dtype=np.float64),
            row_starts=matrix.indptr.astype(np.int64),
            row_columns=column_of[matrix.indices],
            row_values=matrix.data.astype(np.float64),
            levels=levels,
        ),
        variables=tuple(variables),
        constraints=tuple(constraints),
    )


def _bounds(variable: Any) -> tuple[float, float]:
    if variable.fixed:
        return float(variable.value), float(variable.value)
    low, high = variable.bounds
    return (-INFINITY if low is None else float(low)), (INFINITY if high is None else float(high))


def _rows(entries: Sequence[Any], sides: Sequence[float]) -> tuple[list[int], list[Any], list[float], list[float]]:
    """Which rows to keep, with both sides: a constraint with two sides comes as two rows one after the other."""
    keep: list[int] = []
    constraints: list[Any] = []
    lower: list[float] = []
    upper: list[float] = []
    for number, ((constraint, kind), side) in enumerate(zip(entries, sides, strict=True)):
        if constraints and constraints[-1] is constraint:
            lower[-1] = float(side)
            continue
        keep.append(number)
        constraints.append(constraint)
        lower.append(float(side) if kind <= 0 else -INFINITY)
        upper.append(float(side) if kind >= 0 else INFINITY)
    return keep, constraints, lower, upper


def _level(name: str, maximise: bool, expression: Objective, number: int) -> Level:
    return Level((AimTerm(name, number + 1, 1.0 if maximise else -1.0, 0.0, maximise, expression),), name=name)
