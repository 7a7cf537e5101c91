"""A model by itself: its linear relaxation, with the bound that its prices prove; and a plan made better in one neighbourhood after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import highspy
import numpy as np

from optimizer.model.linear import Block, FloatArray, Key, LinearModel, Objective
from optimizer.solving.highs.lp import Mask, quiet, ran
from optimizer.solving.improve.matrix import Matrix, matrix_of
from optimizer.solving.improve.prices import Relaxation, proven_bound, solved
from optimizer.solving.improve.relaxations import relaxed
from optimizer.solving.improve.submodels import SubModels, completed
from optimizer.solving.solution import is_better

FEW_STEPS: Final = 1_000
"""What is not solved by so many steps of the simplex method from a first basis is solved anew by interior point: on Paris in 2 s instead of up to 40."""
BETTER: Final = 1e-6
"""By how much a better plan is better."""


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
        if self.first is None:
            return float("inf")
        known = dict(zip(_labels(self.model.rows), self.first.prices.tolist(), strict=True))
        prices = np.array([known.get(name, 0.0) for name in _labels(model.rows)])
        return proven_bound(matrix_of(model), model, objective, prices)

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
    plan = completed(model, start, objective)
    if plan is None:
        return None
    submodels = SubModels(model, np.random.default_rng(0))
    before = objective.at(plan)
    for free in neighbourhoods:
        found = submodels.solve(free, plan, objective, seconds)
        if found is not None and is_better(found[1], before + BETTER):
            return found[0]
    return None
