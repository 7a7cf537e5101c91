"""From a Pyomo model back to rows and columns: the model as it was built, with whatever was changed or added.

Own rows that are as they were come from the built model; only what was added or changed is read from Pyomo. What cannot be
honoured is refused in words, never ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from optimizer.model.assemble import rules_of_row
from optimizer.model.linear import INFINITY, AimTerm, Block, FloatArray, IntArray, Level, LinearModel, Objective
from optimizer.plan.changes import Changes, OwnAim
from optimizer.pyomo_model.exact import widened, with_exact_shares
from optimizer.pyomo_model.view import Door, is_minimised

OWN_AIM = "model."
"""How the names of aims that were written in the model begin."""
_SILENT = (
    pyo.Var,
    pyo.Expression,
    pyo.Param,
    pyo.Set,
    pyo.RangeSet,
    pyo.Block,
    pyo.Suffix,
    pyo.Constraint,
    pyo.Objective,
)


class UnsupportedModel(ValueError):  # noqa: N818 - the name says what is wrong
    """The Pyomo model holds something that cannot be honoured; the message names it and the remedy."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """The arrays with the Pyomo variable of each column, what was changed in words, and the rules whose rows were taken out."""

    model: LinearModel
    variables: tuple[Any, ...]
    changes: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    own_aim: str | None = None

    @property
    def record(self) -> Changes:
        """What a plan of the model says of its changes."""
        return Changes(self.changes, self.lifted, None if self.own_aim is None else OwnAim(self.own_aim))

    def write_back(self, values: FloatArray) -> None:
        """Set the value of every Pyomo variable that is not fixed; `values` has one number per column."""
        for variable, value in zip(self.variables, values.tolist(), strict=False):
            if not variable.fixed:
                variable.set_value(value, skip_validation=True)


@dataclass
class _Added:
    """Columns and rows that the built model does not have."""

    door: Door | None
    place: dict[int, int] = field(default_factory=dict)
    variables: list[Any] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def column(self, variable: Any) -> int:
        """The column of a variable, a new one where it has none."""
        if id(variable) not in self.place:
            self.place[id(variable)] = len(self.variables)
            self.variables.append(variable)
        return self.place[id(variable)]

    def linear(self, expression: Any, what: str) -> tuple[list[int], list[float], float]:
        """Columns, coefficients and constant of an expression; fixed variables keep their columns."""
        found = generate_standard_repn(expression, compute_values=True, quadratic=False)
        if not found.is_linear():
            raise UnsupportedModel(
                f"{what} is not linear: forcegen solves linear models. Write it linearly, or use another solver."
            )
        columns = [self.column(variable) for variable in found.linear_vars]
        return columns, [float(value) for value in found.linear_coefs], float(found.constant)

    def add_row(self, constraint: Any) -> None:
        """A constraint as a row."""
        what = f"The constraint {constraint.name!r}"
        columns, values, constant = self.linear(constraint.body, what)
        low, high = constraint.lb, constraint.ub
        self.lower.append(-INFINITY if low is None else float(low) - constant)
        self.upper.append(INFINITY if high is None else float(high) - constant)
        self.columns += columns
        self.values += values
        self.lengths.append(len(columns))
        self.names.append(str(constraint.name))


def compile_model(model: Any, door: Door | None = None, first: Sequence[Any] = ()) -> Compiled:
    """Rows and columns of a Pyomo model.

    Args:
        model: a ConcreteModel; linear, its variables' domains reals, whole numbers or binaries.
        door: what the model was made from (`view.door_of`); None: every constraint is read from Pyomo, and every
            active objective is a level.
        first: without a door, variables that are the first columns, in this order.

    Raises:
        UnsupportedModel: what the model holds cannot be honoured; with the name of the component and the remedy.
    """
    _refuse_unknown(model)
    _refuse_missing(model, door)
    base = None if door is None else door.origin.built.linear
    added = _Added(door)
    for variable in first if door is None else door.variables:
        added.column(variable)
    kept = np.zeros(0 if base is None else len(base.row_lower), dtype=np.bool_)
    number = {} if door is None else {id(one): row for row, one in enumerate(door.constraints) if one is not None}
    for row, one in enumerate(() if door is None else door.constraints):
        kept[row] = one is None
    for constraint in model.component_data_objects(pyo.Constraint, active=True, descend_into=True):
        row = number.get(id(constraint), -1)
        if row >= 0 and door is not None and constraint.expr is door.bodies[row]:
            kept[row] = True
        else:
            added.add_row(constraint)
    levels, own_aim = _levels(model, door, added)
    linear = _joined(base, kept, added, levels)
    changes, lifted = _changes(door, kept, added, own_aim)
    if changes:
        linear = with_exact_shares(linear, len(linear.row_lower) - len(added.names))
    return Compiled(linear, tuple(added.variables), changes, lifted, own_aim)


def _refuse_unknown(model: Any) -> None:
    for component in model.component_objects(active=True, descend_into=True):
        if component.ctype not in _SILENT:
            raise UnsupportedModel(
                f"The model holds {component.name!r}, of the kind {component.ctype.__name__}: it is neither a variable, a linear constraint "
                "nor an objective. Transform it first (pyomo's TransformationFactory), or deactivate it."
            )


def _refuse_missing(model: Any, door: Door | None) -> None:
    base = None if door is None else door.origin.built.linear
    for family in () if base is None else base.columns:
        if family.keys and model.component(family.name) is None:
            raise UnsupportedModel(
                f"The variables {family.name!r} were removed from the model. Fix them instead: .fix(0)."
            )
    for variable, whole in () if door is None or base is None else zip(door.variables, base.integer, strict=True):
        if whole and variable.is_continuous():
            raise UnsupportedModel(
                f"The variable {variable.name!r} was made continuous, and a plan has whole numbers. Give it back its domain."
            )


def _levels(model: Any, door: Door | None, added: _Added) -> tuple[tuple[Level, ...], str | None]:
    """The levels of aims: the instance's where its first objective stands as it was, else the one that is active."""
    active = list(model.component_data_objects(pyo.Objective, active=True, descend_into=True))
    if door is None:
        return tuple(_level(one, number, added, str(one.name)) for number, one in enumerate(active)), None
    own = {id(one): number for number, one in enumerate(door.objectives)}
    first_is_ratio = bool(door.origin.built.linear.levels) and door.origin.built.linear.levels[0].ratio is not None
    unchanged = [
        one
        for one in active
        if id(one) in own and one.expr is door.aims[own[id(one)]] and _sense_as_was(door, own[id(one)], one)
    ]
    if not active and first_is_ratio:
        return door.origin.built.linear.levels, None
    if len(active) == 1 and unchanged and own[id(active[0])] == 0:
        return door.origin.built.linear.levels, None
    if len(active) != 1:
        names = ", ".join(repr(one.name) for one in active) or "none"
        raise UnsupportedModel(
            f"The model needs one active objective, and has {len(active)} ({names}). Deactivate all but one; the instance's aims are followed "
            "level by level while its first objective stands as it was made."
        )
    name = OWN_AIM + str(active[0].name)
    return (_level(active[0], 0, added, name),), name


def _sense_as_was(door: Door, number: int, objective: Any) -> bool:
    minimised = is_minimised(door.origin.built.linear.levels[number])
    return bool(objective.sense == (pyo.minimize if minimised else pyo.maximize))


def _level(objective: Any, number: int, added: _Added, name: str) -> Level:
    columns, values, constant = added.linear(objective.expr, f"The objective {objective.name!r}")
    maximise = objective.sense == pyo.maximize
    expression = Objective(np.array(columns, dtype=np.int64), np.array(values, dtype=np.float64), constant)
    return Level((AimTerm(name, number + 1, 1.0 if maximise else -1.0, 0.0, maximise, expression),), name=name)


def _joined(base: LinearModel | None, kept: Any, added: _Added, levels: tuple[Level, ...]) -> LinearModel:
    """The built model's rows that are kept, and the added ones, over all columns."""
    lower, upper = (
        (np.array(side, dtype=np.float64) for side in zip(*map(_bounds, added.variables), strict=True))
        if added.variables
        else (np.zeros(0),) * 2
    )
    integer = np.array([not variable.is_continuous() for variable in added.variables], dtype=np.bool_)
    width = 0 if base is None else len(base.lower)
    new_columns = Block("added", width, tuple((str(one.name),) for one in added.variables[width:]))
    own = _kept_rows(base, kept) if base is not None else None
    count = 0 if own is None else len(own.row_lower)
    new_rows = Block("added", count, tuple((name,) for name in added.names))
    starts = np.cumsum([0, *added.lengths]).astype(np.int64)
    more: tuple[IntArray, FloatArray] = (
        np.array(added.columns, dtype=np.int64),
        np.array(added.values, dtype=np.float64),
    )
    if own is None:
        return LinearModel(
            (new_columns,),
            (new_rows,),
            lower,
            upper,
            integer,
            np.array(added.lower),
            np.array(added.upper),
            starts,
            *more,
            levels,
        )
    return replace(
        own,
        columns=(*own.columns, *([new_columns] if new_columns.keys else [])),
        rows=(*own.rows, *([new_rows] if new_rows.keys else [])),
        lower=lower,
        upper=upper,
        integer=integer,
        row_lower=np.concatenate([own.row_lower, added.lower]),
        row_upper=np.concatenate([own.row_upper, added.upper]),
        row_starts=np.concatenate([own.row_starts, own.row_starts[-1] + starts[1:]]),
        row_columns=np.concatenate([own.row_columns, more[0]]),
        row_values=np.concatenate([own.row_values, more[1]]),
        levels=levels,
        places=None if own.places is None else widened(own.places, len(lower) - width),
    )


def _kept_rows(base: LinearModel, kept: Any) -> LinearModel:
    if kept.all():
        return base
    lengths = np.diff(base.row_starts)
    entries = np.repeat(kept, lengths)
    families, start = [], 0
    for family in base.rows:
        keys = tuple(key for row, key in enumerate(family.keys, family.start) if kept[row])
        families.append(Block(family.name, start, keys))
        start += len(keys)
    return replace(
        base,
        rows=tuple(families),
        row_lower=base.row_lower[kept],
        row_upper=base.row_upper[kept],
        row_starts=np.concatenate([[0], np.cumsum(lengths[kept])]).astype(np.int64),
        row_columns=base.row_columns[entries],
        row_values=base.row_values[entries],
    )


def _bounds(variable: Any) -> tuple[float, float]:
    if variable.fixed:
        if variable.value is None:
            raise UnsupportedModel(
                f"The variable {variable.name!r} is fixed without a value. Give it one: .fix(value)."
            )
        value = float(variable.value)
        if not variable.is_continuous() and abs(value - round(value)) > 1e-6:
            raise UnsupportedModel(f"The variable {variable.name!r} is fixed at {value:g}, and must be a whole number.")
        return value, value
    low, high = variable.bounds
    if not variable.is_continuous() and (low is None or high is None):
        raise UnsupportedModel(f"The whole-number variable {variable.name!r} needs two finite bounds: setlb and setub.")
    return (-INFINITY if low is None else float(low)), (INFINITY if high is None else float(high))


def _changes(
    door: Door | None, kept: Any, added: _Added, own_aim: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was changed, in words, and the rules of which rows were taken out."""
    if door is None:
        return (), ()
    base, situation = door.origin.built.linear, door.origin.built.assembly.situation
    found = [f"constraint added: {name}" for name in added.names]
    found += [f"variable added: {one.name}" for one in added.variables[len(base.lower) :]]
    lifted: dict[str, None] = {}
    for name, gone in _gone(base.rows, kept):
        for key in gone:
            lifted |= dict.fromkeys(rules_of_row(situation, name, key))
        found.append(f"constraint taken out or changed: {name} ({len(gone)} row{'s' * (len(gone) != 1)})")
    for column, variable in enumerate(added.variables[: len(base.lower)]):
        low, high = _bounds(variable)
        if variable.fixed:
            found.append(f"variable fixed: {variable.name} = {low:g}")
        elif (low, high) != (base.lower[column], base.upper[column]):
            found.append(f"bounds changed: {variable.name} from {low:g} to {high:g}")
    if own_aim is not None:
        found.append(f"objective: {own_aim.removeprefix(OWN_AIM)} instead of the instance's aims")
    return tuple(found), tuple(lifted)


def _gone(families: Sequence[Block], kept: Any) -> Iterable[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for family in families:
        gone = [key for row, key in enumerate(family.keys, family.start) if not kept[row]]
        if gone:
            found.setdefault(family.name, []).extend(gone)
    return found.items()
