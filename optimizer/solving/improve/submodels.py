"""Sub-models: the free columns alone, the others at their values in the plan; solved by a HiGHS of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.highs.lp import Mask, lp_of, quiet, ran
from optimizer.solving.highs.settling import SETTLE_SECONDS
from optimizer.solving.improve.matrix import ExtraRow, Matrix, matrix_of
from optimizer.solving.improve.prices import costs_of
from optimizer.solving.solution import is_better

# How long the solve of a single post, mission, nation or period may take, and the longest that any solve of a move may.
SUB_SECONDS = 2.0
LONGEST_SUB_SECONDS = 15.0
# The gap of a move.
SUB_GAP = 1e-4
# How closely continuous values are derived from whole numbers; the second where the first finds none.
DERIVED_TOLERANCES = (1e-9, 1e-7)
# From so many seconds of work on it is known what share of a processor a search has.
LEAST_WORK = 0.02
_ROUNDING = 1e-12
_HAS_PLAN = highspy.SolutionStatus.kSolutionStatusFeasible


@dataclass
class SubModels:
    """The sub-models of one model.

    Attributes:
        model: rows and columns.
        random: of the seeds of HiGHS.
        node_limit: where it is given, nodes limit the solves, not clocks: the search is then the same on every machine.
        by_work: whether limits are seconds of work of this thread, not of wall time: a busy machine then cuts no solve off.
    """

    model: LinearModel
    random: np.random.Generator
    node_limit: int | None = None
    by_work: bool = False
    # How long the solve of a single post, mission, nation or period may take.
    seconds: float = SUB_SECONDS
    _extra: list[ExtraRow] = field(default_factory=list)
    _matrix: Matrix | None = None
    # Wall time and work of all solves so far, in seconds.
    _wall: float = 0.0
    _work: float = 0.0

    def add_row(self, columns: IntArray, values: FloatArray, lower: float, upper: float) -> None:
        """A further row that every plan keeps."""
        self._extra.append((columns, values, lower, upper))
        self._matrix = None

    def rows(self) -> Matrix:
        """The rows of the model, those that were added last."""
        if self._matrix is None:
            self._matrix = matrix_of(self.model, self._extra)
        return self._matrix

    def keeps(self, values: FloatArray) -> bool:
        """Whether values keep every row, relative to its side where that is above 1."""
        return self.rows().kept_by(values)

    def pace(self) -> float:
        """Seconds of wall time that a second of work has taken so far; 1 where wall time is what counts, or too little is known."""
        known = self.by_work and self._work > LEAST_WORK
        return max(1.0, self._wall / self._work) if known else 1.0

    def solve(
        self,
        free: Mask,
        plan: FloatArray,
        objective: Objective,
        seconds: float,
        *,
        gap: float = SUB_GAP,
    ) -> tuple[FloatArray, float, bool] | None:
        """The best plan with everything but the free columns kept: its values, its value, and whether that is proven to be the best."""
        lp, columns = self.sub_model(free, plan, objective)
        if not len(columns):
            return None
        solver = self._solver(seconds, gap)
        if solver.passModel(lp) == highspy.HighsStatus.kError:
            return None
        start = highspy.HighsSolution()
        start.col_value = plan[columns].tolist()
        solver.setSolution(start)
        if not self._run(solver) or solver.getInfo().primal_solution_status != _HAS_PLAN:
            return None
        # Before the continuous columns are derived, which is another run.
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = self._read(solver, plan, columns, objective)
        return (values, objective.at(values), done) if self.keeps(values) else None

    def _solver(self, seconds: float, gap: float) -> highspy.Highs:
        solver = quiet()
        solver.setOptionValue("random_seed", int(self.random.integers(0, 2**31 - 1)))
        solver.setOptionValue("mip_rel_gap", gap)
        if self.node_limit is None:
            solver.setOptionValue("time_limit", seconds)
        else:
            solver.setOptionValue("mip_max_nodes", self.node_limit)
        return solver

    def _read(self, solver: highspy.Highs, plan: FloatArray, columns: IntArray, objective: Objective) -> FloatArray:
        """The plan with what a solver has found for some columns: whole numbers whole, and (after a gain) the others derived from them."""
        whole = self.model.integer
        values = plan.copy()
        values[columns] = np.asarray(solver.getSolution().col_value)
        values[whole] = np.rint(values[whole]) + 0.0
        values = np.clip(values, self.model.lower, self.model.upper)
        if not whole[columns].all() and is_better(objective.at(values), objective.at(plan)):
            exact = _derived(solver, whole[columns], values[columns])
            if exact is not None:
                values[columns] = exact
                values = np.clip(values, self.model.lower, self.model.upper)
        return values

    def _run(self, solver: highspy.Highs) -> bool:
        """Run a solve, and remember what share of a processor it has had."""
        wall, work = time.monotonic(), time.thread_time()
        try:
            return ran(solver)
        finally:
            self._wall += time.monotonic() - wall
            self._work += time.thread_time() - work

    def sub_model(self, free: Mask, plan: FloatArray, objective: Objective) -> tuple[highspy.HighsLp, IntArray]:
        """The model of the free columns alone, the others at their values in the plan."""
        model, known = self.model, self.rows()
        rows, columns, coefficients, lower, upper = known.rows, known.columns, known.values, known.lower, known.upper
        is_free = free[columns]
        fixed = np.bincount(
            rows[~is_free], weights=coefficients[~is_free] * plan[columns[~is_free]], minlength=len(lower)
        )
        counts = np.bincount(rows[is_free], minlength=len(lower))
        kept = np.flatnonzero(counts)
        chosen = np.flatnonzero(free)
        number = np.full(len(free), -1, dtype=np.int64)
        number[chosen] = np.arange(len(chosen))
        row_number = np.full(len(lower), -1, dtype=np.int64)
        row_number[kept] = np.arange(len(kept))
        costs = costs_of(objective, len(free))
        # Rows that only the kept part decides are as the plan has them; rounding must not make them look broken.
        slack = _ROUNDING * np.fmax(1.0, np.abs(fixed[kept]))
        lp = lp_of(
            costs[chosen],
            objective.constant + float(costs[~free] @ plan[~free]),
            (model.lower[chosen], model.upper[chosen]),
            (lower[kept] - fixed[kept] - slack, upper[kept] - fixed[kept] + slack),
            (row_number[rows[is_free]], number[columns[is_free]], coefficients[is_free]),
            model.integer[chosen],
        )
        return lp, chosen


def _derived(solver: highspy.Highs, whole: Mask, values: FloatArray) -> FloatArray | None:
    """The values with the continuous ones derived from the rounded whole numbers; None where HiGHS finds none.

    Without this the errors of tolerances add up from move to move, until what is kept leaves the next move nothing.
    """
    numbers = np.flatnonzero(whole).astype(np.int32)
    solver.changeColsBounds(len(numbers), numbers, values[whole], values[whole])
    solver.setOptionValue("solve_relaxation", True)
    for tolerance in DERIVED_TOLERANCES:
        solver.setOptionValue("primal_feasibility_tolerance", tolerance)
        # HiGHS counts the time of LPs over all runs of one object.
        solver.setOptionValue("time_limit", solver.getRunTime() + SETTLE_SECONDS)
        if ran(solver) and solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            derived = np.asarray(solver.getSolution().col_value)
            derived[whole] = values[whole]
            return derived
    return None


def nothing_at_all(model: LinearModel) -> FloatArray:
    """Every column as near to zero as its bounds allow: nobody deploys. A plan where nothing is a must."""
    return np.clip(np.zeros(len(model.lower)), model.lower, model.upper)


def completed(model: LinearModel, start: FloatArray, objective: Objective, seconds: float = 10.0) -> FloatArray | None:
    """The best plan (by an objective, maximised) that agrees with a start wherever the start says something (not NaN).

    None when there is none, or when the start leaves nothing open.
    """
    free = np.isnan(start)
    if not free.any():
        return None
    values = np.where(free, nothing_at_all(model), np.where(model.integer, np.rint(start), start))
    values = np.clip(values, model.lower, model.upper)
    found = SubModels(model, np.random.default_rng(0)).solve(free, values, objective, seconds)
    return None if found is None else found[0]
