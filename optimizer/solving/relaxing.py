"""A model by itself: its linear relaxation, with the bound that its prices prove; a plan made better in one neighbourhood after the other; and
the part of a model that a question is about, with what bounds it whatever the rest does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import highspy
import numpy as np

from optimizer.model.linear import Block, FloatArray, IntArray, Key, LinearModel, Objective
from optimizer.solving.highs.lp import Mask, lp_of, quiet, ran
from optimizer.solving.improve.matrix import FEASIBLE, Matrix, matrix_of
from optimizer.solving.improve.prices import Relaxation, costs_of, proven_bound, solved
from optimizer.solving.improve.relaxations import relaxed
from optimizer.solving.improve.submodels import SubModels, completed, nothing_at_all
from optimizer.solving.solution import is_better

FEW_STEPS: Final = 1_000
"""What is not solved by so many steps of the simplex method from a first basis is solved anew by interior point: on Paris in 2 s instead of up to 40."""
BETTER: Final = 1e-6
"""By how much a better plan is better."""
HIDDEN: Final = 2e-6
"""What the tolerances of HiGHS may hide of an objective whose values are near 1."""
_EXACT_GAP: Final = 1e-9


def relax(model: LinearModel, objective: Objective, seconds: float) -> Relaxation | None:
    """The relaxation of an objective that is maximised, by interior point; None where it has no plan, or none in time."""
    return relaxed(SubModels(model, np.random.default_rng(0)), objective, seconds)


class Relaxer:
    """Relaxations of models that differ little from a first one: each begins where the first one ended, which saves most of the work."""

    def __init__(self, model: LinearModel, objective: Objective, seconds: float) -> None:
        """Solve the first one, by interior point. `first`: None where it has no plan, or none in time."""
        lp, matrix = _lp(model, objective)
        self.model, self.first = model, None
        self._columns: dict[Label, highspy.HighsBasisStatus] = {}
        self._rows: dict[Label, highspy.HighsBasisStatus] = {}
        solver = solved(lp, seconds)
        if solver is not None:
            self.first = _relaxation(solver, matrix, model, objective)
            basis = solver.getBasis()
            self._columns = dict(zip(_labels(model.columns), basis.col_status, strict=False))
            self._rows = dict(zip(_with_entries(model, matrix), basis.row_status, strict=False))

    def guessed(self, model: LinearModel, objective: Objective) -> float:
        """The bound that the prices of the first one prove for another model; quick, and never false."""
        return bounded(model, objective, [] if self.first is None else [named_prices(self.model, self.first)])

    def relax(self, model: LinearModel, objective: Objective, seconds: float) -> Relaxation | None:
        """The relaxation of another model; None where it has no plan, or none in time."""
        lp, matrix = _lp(model, objective)
        solver, status = quiet(), highspy.HighsBasisStatus
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("time_limit", seconds)
        solver.setOptionValue("simplex_iteration_limit", FEW_STEPS)
        if solver.passModel(lp) == highspy.HighsStatus.kError:
            return None
        basis = highspy.HighsBasis()
        basis.col_status = [self._columns.get(name, status.kLower) for name in _labels(model.columns)]
        basis.row_status = [self._rows.get(name, status.kBasic) for name in _with_entries(model, matrix)]
        basis.valid = True
        solver.setBasis(basis)
        if not ran(solver) or solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return relax(model, objective, seconds)
        return _relaxation(solver, matrix, model, objective)


def named_prices(model: LinearModel, relaxation: Relaxation) -> dict[str, float]:
    """The prices of a relaxation that are not 0, by the names of their rows, which models that differ little share."""
    pairs = zip(_labels(model.rows), relaxation.prices.tolist(), strict=True)
    return {str(label): price for label, price in pairs if price != 0.0}


def bounded(model: LinearModel, objective: Objective, prices: Iterable[Mapping[str, float]]) -> float:
    """The least bound that some prices by name (`named_prices`, of any models) prove by weak duality: quick, and never false."""
    matrix, names = matrix_of(model), [str(label) for label in _labels(model.rows)]
    vectors = (np.array([known.get(name, 0.0) for name in names]) for known in prices)
    return min((proven_bound(matrix, model, objective, vector) for vector in vectors), default=float("inf"))


Label = tuple[str, Key]


def _lp(model: LinearModel, objective: Objective) -> tuple[highspy.HighsLp, Matrix]:
    submodels = SubModels(model, np.random.default_rng(0))
    everything = np.ones(len(model.lower), dtype=np.bool_)
    lp, _ = submodels.sub_model(everything, np.zeros(len(everything)), objective)
    lp.integrality_ = []
    return lp, submodels.rows()


def _relaxation(solver: highspy.Highs, matrix: Matrix, model: LinearModel, objective: Objective) -> Relaxation:
    found, prices = solver.getSolution(), np.zeros(len(matrix.lower))
    prices[np.flatnonzero(np.bincount(matrix.rows, minlength=len(prices)))] = np.asarray(found.row_dual)
    return Relaxation(np.asarray(found.col_value), prices, proven_bound(matrix, model, objective, prices), exact=True)


def _labels(blocks: Iterable[Block]) -> list[Label]:
    return [(block.name, key) for block in blocks for key in block.keys]


def _with_entries(model: LinearModel, matrix: Matrix) -> list[Label]:
    """The labels of the rows that the relaxation has: those with non-zeros."""
    there = np.bincount(matrix.rows, minlength=len(matrix.lower)) > 0
    return [label for label, kept in zip(_labels(model.rows), there.tolist(), strict=True) if kept]


def nudged(
    model: LinearModel, start: FloatArray, objective: Objective, neighbourhoods: Iterable[Mask], seconds: float
) -> FloatArray | None:
    """The first better plan that some neighbourhood (columns that are free) gives, each within so many seconds; None where none does.

    Args:
        model: rows and columns.
        start: the plan at hand; what is not a number is filled in.
        objective: to be maximised.
        neighbourhoods: masks of the free columns.
        seconds: for each of them.
    """
    plan = completed(model, start, objective) if np.isnan(start).any() else start
    if plan is None:
        return None
    submodels = SubModels(model, np.random.default_rng(0))
    before = objective.at(plan)
    for free in neighbourhoods:
        found = submodels.solve(free, plan, objective, seconds)
        if found is not None and is_better(found[1], before + BETTER):
            return found[0]
    return None


def obliged(model: LinearModel) -> IntArray:
    """The numbers of the columns in rows that are broken where nobody deploys: what must be somewhere, whatever the aim."""
    matrix, nothing = matrix_of(model), nothing_at_all(model)
    activity = matrix.times(nothing)
    broken = (activity < matrix.lower - FEASIBLE) | (activity > matrix.upper + FEASIBLE)
    columns: IntArray = np.unique(matrix.columns[broken[matrix.rows]])
    return columns


def alone(model: LinearModel, free: Mask, start: FloatArray, objective: Objective, seconds: float) -> FloatArray | None:
    """The best plan in which nothing but some columns is used, all others at nothing; None where none is found.

    Args:
        model: rows and columns.
        free: the columns that may be used.
        start: a value per column from which the search begins; NaN where nothing is said.
        objective: to be maximised.
        seconds: wall-clock limit.
    """
    nothing = nothing_at_all(model)
    base = np.where(free & ~np.isnan(start), start, nothing)
    base = np.clip(base, model.lower, model.upper)
    found = SubModels(model, np.random.default_rng(0)).solve(free, base, objective, seconds, gap=_EXACT_GAP)
    return None if found is None else found[0]


def bound_of_part(model: LinearModel, free: Mask, objective: Objective, seconds: float) -> float:
    """No plan of the model has more of an objective on some columns: they are whole, and in each row all others as helpful as their bounds allow.

    Args:
        model: rows and columns.
        free: the columns that are looked at; all of the objective are among them.
        objective: to be maximised, worth about 1.
        seconds: wall-clock limit; what is proven by then is given.

    Returns:
        The bound; -inf where there is no plan, inf where nothing is proven.
    """
    matrix = matrix_of(model)
    lower, upper = _sides_for_part(matrix, model, free)
    inside = free[matrix.columns]
    counts = np.bincount(matrix.rows[inside], minlength=len(lower))
    kept = np.flatnonzero((counts > 0) & (np.isfinite(lower) | np.isfinite(upper)))
    row, column = np.full(len(lower), -1, dtype=np.int64), np.full(len(free), -1, dtype=np.int64)
    row[kept], chosen = np.arange(len(kept)), np.flatnonzero(free)
    column[chosen] = np.arange(len(chosen))
    entries = np.flatnonzero(inside & (row[matrix.rows] >= 0))
    lp = lp_of(
        costs_of(objective, len(free))[chosen],
        objective.constant,
        (model.lower[chosen], model.upper[chosen]),
        (lower[kept], upper[kept]),
        (row[matrix.rows[entries]], column[matrix.columns[entries]], matrix.values[entries]),
        model.integer[chosen],
    )
    solver = quiet()
    for name, value in (("time_limit", seconds), ("mip_rel_gap", _EXACT_GAP), ("mip_abs_gap", HIDDEN / 4)):
        solver.setOptionValue(name, value)
    if solver.passModel(lp) == highspy.HighsStatus.kError or not ran(solver):
        return float("inf")
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return float("-inf")
    info = solver.getInfo()
    if not model.integer[chosen].any():
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(info.objective_function_value) + HIDDEN if done else float("inf")
    bound = float(info.mip_dual_bound)
    return bound + HIDDEN if abs(bound) < highspy.kHighsInf and abs(bound) < 1e30 else float("inf")


def _sides_for_part(matrix: Matrix, model: LinearModel, free: Mask) -> tuple[FloatArray, FloatArray]:
    """The sides of the rows for some columns, with all others where they leave most room."""
    outside = ~free[matrix.columns] & (matrix.values != 0.0)
    rows, columns, values = matrix.rows[outside], matrix.columns[outside], matrix.values[outside]
    rises = values > 0.0
    least = values * np.where(rises, model.lower[columns], model.upper[columns])
    most = values * np.where(rises, model.upper[columns], model.lower[columns])
    count = len(matrix.lower)
    lower = matrix.lower - np.bincount(rows, weights=most, minlength=count)
    upper = matrix.upper - np.bincount(rows, weights=least, minlength=count)
    # Rounding in what the others take must not make a row look broken.
    slack = _EXACT_GAP * (
        1.0 + np.bincount(rows, weights=np.where(np.isfinite(most), np.abs(most), 0.0), minlength=count)
    )
    return lower - slack, upper + slack
