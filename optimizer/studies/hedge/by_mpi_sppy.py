"""The same problem by mpi-sppy: one Pyomo model per case, joined by its extensive form. An extra: `pip install 'forcegen[hedging]'`."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.studies.hedge.extensive import Case, Extensive, extensive, lowest_of
from optimizer.studies.hedge.judging import Search
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.ready import FirstStage
from optimizer.studies.study import InvalidStudy

SOLVER = "appsi_highs"


class NoMpiSppy(InvalidStudy):
    """mpi-sppy is not installed."""


def must_be_there() -> None:
    """Do nothing where mpi-sppy is installed.

    Raises:
        NoMpiSppy: it is not.
    """
    from optimizer.instance.findings import Finding

    if importlib.util.find_spec("mpisppy") is None:
        message, remedy = "mpi-sppy is not installed.", "pip install 'forcegen[hedging]', or leave out the engine."
        raise NoMpiSppy([Finding("error", "no-mpi-sppy", "engine", None, None, message, remedy)])


def solve(
    first: FirstStage, cases: Sequence[Case], weights: Sequence[float], measure: Measure, search: Search
) -> tuple[FloatArray | None, list[FloatArray], float, str]:
    """The values of the first stage and of each case, the bound, and how the search ended.

    Every case has the first stage in its own model; mpi-sppy makes its whole numbers, and the level from which CVaR or the worst case is
    counted, equal in all of them.
    """
    lowest = lowest_of(cases)
    parts = [extensive(first, [case], [1.0], measure, lowest) for case in cases]
    shared = np.flatnonzero(first.linear.integer).tolist()
    names = [f"case{number}" for number in range(len(cases))]

    def create(name: str, **_: Any) -> Any:
        number = names.index(name)
        return _pyomo_model(parts[number], shared, weights[number], measured=measure.tail < 1.0)

    with _quiet():
        from mpisppy.opt.ef import ExtensiveForm

        form = ExtensiveForm({"solver": SOLVER}, names, create, suppress_warnings=True)
        options: dict[str, float] = {"mip_rel_gap": search.gap, "random_seed": search.seed}
        if search.limit is not None:
            options["time_limit"] = search.limit
        results = form.solve_extensive_form(solver_options=options)
    return _read(form, results, names, parts, len(first.linear.lower))


def _read(
    form: Any, results: Any, names: Sequence[str], parts: Sequence[Extensive], width: int
) -> tuple[FloatArray | None, list[FloatArray], float, str]:
    ended = str(results.solver.termination_condition)
    bound = -float(results.problem.lower_bound) if math.isfinite(results.problem.lower_bound or math.nan) else math.inf
    if not form.tree_solution_available:
        return None, [], bound, "infeasible" if ended.startswith("infeasible") else "none_found"
    models = dict(form.scenarios())
    found = []
    for name, part in zip(names, parts, strict=True):
        values = np.array([models[name].x[column].value for column in range(len(part.linear.lower))], dtype=np.float64)
        found.append(np.where(part.linear.integer, np.rint(values), values))
    own = [part.of_case(values, 0) for part, values in zip(parts, found, strict=True)]
    return found[0][:width], own, bound, "optimal" if ended == "optimal" else "feasible"


def _pyomo_model(part: Extensive, shared: Sequence[int], probability: float, *, measured: bool) -> Any:
    """One case as mpi-sppy takes it: to be minimised, with its probability and what it shares with the others."""
    import mpisppy.utils.sputils as sputils
    import pyomo.environ as pyo

    linear = part.linear
    model = pyo.ConcreteModel()
    columns = range(len(linear.lower))

    def side(value: float) -> float | None:
        return value if math.isfinite(value) else None

    model.x = pyo.Var(
        columns,
        bounds=lambda _, column: (side(float(linear.lower[column])), side(float(linear.upper[column]))),
        domain=lambda _, column: pyo.Integers if linear.integer[column] else pyo.Reals,
    )
    model.rows = pyo.ConstraintList()
    for lower, upper, terms in _rows(linear):
        # Rows without terms are nobody's decision: each case has a plan of its own, so they hold.
        if terms:
            body = pyo.quicksum(value * model.x[column] for column, value in terms)
            model.rows.add(pyo.inequality(side(lower), body, side(upper)))
    aim = linear.levels[0].objective
    earned = zip(aim.values.tolist(), aim.columns.tolist(), strict=True)
    model.cost = pyo.Objective(expr=-pyo.quicksum(value * model.x[column] for value, column in earned) - aim.constant)
    alike = [model.x[column] for column in shared]
    if measured:
        # The column after those of the case, by a name that is the same in all of them.
        model.counted_from = pyo.Var(bounds=(0.0, None))
        column = part.offsets[0] + len(part.cases[0].built.linear.lower)
        model.same = pyo.Constraint(expr=model.counted_from == model.x[column])
        alike.append(model.counted_from)
    sputils.attach_root_node(model, 0, alike)
    model._mpisppy_probability = probability
    return model


def _rows(linear: LinearModel) -> Iterator[tuple[float, float, list[tuple[int, float]]]]:
    columns, values, starts = linear.row_columns.tolist(), linear.row_values.tolist(), linear.row_starts.tolist()
    for row, (begin, end) in enumerate(itertools.pairwise(starts)):
        terms = list(zip(columns[begin:end], values[begin:end], strict=True))
        yield float(linear.row_lower[row]), float(linear.row_upper[row]), terms


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """mpi-sppy prints what it does: nothing of ours may stand between."""
    import logging

    with contextlib.redirect_stdout(io.StringIO()):
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
