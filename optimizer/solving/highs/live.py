"""The live HiGHS model: handed over once, edited in place, run with a start, watched, read back with whole numbers."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective
from optimizer.solving.edits import Edits
from optimizer.solving.highs.breaks import EXACT, FEASIBLE, outside_by, worst_break
from optimizer.solving.highs.lp import hand_over, ran
from optimizer.solving.highs.settling import derived, rounded, set_option
from optimizer.solving.highs.watch import Watch, Watchers
from optimizer.solving.options import OptionValue, SolveOptions
from optimizer.solving.scaling import LARGEST, objective_factor

Status = Literal["optimal", "stopped", "infeasible", "unbounded", "interrupted", "failed"]

# What HiGHS's tolerances hide of an objective as it is handed over: it cuts off what is better by less than 1e-6.
HIDDEN = 2e-6
FLOOR_FEASIBLE = 1e-7
# Presolve's probing takes minutes on millions of nonzeros; on 215 000 leaving it out changed nothing (4 interleaved pairs).
LARGE_NONZEROS = 500_000
# On 17 000 rows interior point gave a root bound within an eighth of the time in which simplex gave none. On 8 000 to 11 000 the simplex
# method takes 20 to 30 s, and with the plans of improvement workers its vertex leads to closer bounds.
LARGE_ROOT_ROWS = 11_000
# The priority of the thread of HiGHS where it proves nothing for long while improvement workers need the cores: the lowest.
LOWEST_PRIORITY = 19
PROBING_OFF = 32768

_STATUS: dict[Any, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "stopped",
    highspy.HighsModelStatus.kIterationLimit: "stopped",
    highspy.HighsModelStatus.kSolutionLimit: "stopped",
    highspy.HighsModelStatus.kObjectiveBound: "stopped",
    highspy.HighsModelStatus.kObjectiveTarget: "stopped",
    highspy.HighsModelStatus.kInterrupt: "stopped",
}

# What HiGHS begins with.
_TOLERANCES: dict[str, OptionValue] = {"primal_feasibility_tolerance": 1e-7, "mip_feasibility_tolerance": 1e-6}


@dataclass(frozen=True, eq=False)
class Run:
    """How one run ended. `values` are settled (whole numbers whole) and feasible, or None.

    `spoilt`: HiGHS had a plan which did not survive the rounding of its whole numbers.
    `start_accepted`: whether HiGHS took the start as a plan; None when none was given.
    `words`: the status in the words of HiGHS.
    """

    status: Status
    values: FloatArray | None
    bound: float | None
    seconds: float
    start_accepted: bool | None
    spoilt: bool
    words: str


@dataclass(frozen=True, eq=False)
class ExtraRow:
    """A row that was added to the live model."""

    columns: IntArray
    values: FloatArray
    lower: float
    upper: float


class LiveModel:
    """One HiGHS object for all levels: rows and columns are added, costs changed, nothing is built twice."""

    def __init__(self, model: LinearModel, options: SolveOptions) -> None:
        """Hand the arrays over.

        Raises:
            ValueError: when HiGHS refuses the model (an unsorted or broken matrix, a NaN).
        """
        self.model = model
        self.options = options
        self.columns = len(model.lower)
        self._extra: list[ExtraRow] = []
        self._tightened = False
        self._ran = True
        # The native number of the thread of the last run.
        self._thread: int | None = None
        self._integers = np.flatnonzero(model.integer).astype(np.int32)
        self._solver = highspy.Highs()
        self._set_options()
        if hand_over(self._solver, model) == highspy.HighsStatus.kError:
            raise ValueError("HiGHS refuses the model")
        self._costs = np.zeros(self.columns)
        self._scale = 1.0
        self._watch = Watch()
        self._watch.attach(self._solver, whole=bool(len(self._integers)))

    def _set_options(self) -> None:
        """The options of a new object; those that depend on the size of the model first, those that were asked for last."""
        model, options = self.model, self.options
        self._set("log_to_console", False)
        if options.log_file is None:
            self._set("output_flag", False)
        else:
            self._set("log_file", str(options.log_file))
        self._set("random_seed", options.seed)
        self._set("threads", options.threads)
        if options.threads == 1:
            self._set("parallel", "off")
        if len(model.row_values) >= LARGE_NONZEROS:
            self._set("presolve_rule_off", PROBING_OFF)
        if len(model.row_lower) >= LARGE_ROOT_ROWS and len(self._integers):
            self._set("mip_lp_solver", "ipm")
        for name, value in options.highs.items():
            self._set(name, value)

    def become(self, model: LinearModel, options: SolveOptions, edits: Edits) -> None:
        """Turn into a model of the same structure by editing what differs; nothing of earlier runs is left but the arrays.

        Args:
            model: the model to turn into.
            options: as for a new object; only the time limit, the gap and the log may differ from the earlier ones.
            edits: where the model differs from the present one.
        """
        solver = self._solver
        if self._extra:
            self.drop_rows(0)
        own = len(self.model.lower)
        if self.columns > own:
            solver.deleteCols(self.columns - own, np.arange(own, self.columns, dtype=np.int32))
            self.columns = own
        if self._tightened:
            for name, value in _TOLERANCES.items():
                self._set(name, options.highs.get(name, value))
            self._tightened = False
        if options.log_file is not None:
            self._set("log_file", str(options.log_file))
        if len(edits.columns):
            columns = edits.columns.astype(np.int32)
            solver.changeColsBounds(len(columns), columns, model.lower[columns], model.upper[columns])
        if len(edits.rows):
            rows = edits.rows.astype(np.int32)
            solver.changeRowsBounds(len(rows), rows, model.row_lower[rows], model.row_upper[rows])
        if len(edits.entries):
            where = np.searchsorted(model.row_starts, edits.entries, side="right") - 1
            beside, values = model.row_columns[edits.entries], model.row_values[edits.entries]
            for row, column, number in zip(where.tolist(), beside.tolist(), values.tolist(), strict=True):
                solver.changeCoeff(row, column, number)
        # Without its basis and solution HiGHS goes the way of a new object: results do not depend on earlier runs.
        solver.clearSolver()
        self.model, self.options = model, options

    def _set(self, name: str, value: OptionValue) -> None:
        set_option(self._solver, name, value)

    def set_objective(self, objective: Objective, *, maximise: bool, size: float = 0.0) -> None:
        """Replace the objective by another linear expression, which is worth about `size` (0: unknown)."""
        costs = np.zeros(self.columns)
        np.add.at(costs, objective.columns, objective.values)
        self._scale = objective_factor(costs, size)
        self._watch.scale, self._watch.room = self._scale, (self.hidden if maximise else -self.hidden)
        self._costs = costs
        columns = np.arange(self.columns, dtype=np.int32)
        self._solver.changeColsCost(self.columns, columns, costs * self._scale)
        self._solver.changeObjectiveOffset(objective.constant * self._scale)
        sense = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
        self._solver.changeObjectiveSense(sense)

    @property
    def hidden(self) -> float:
        """By how much of the objective a bound of HiGHS may be wrong: bounds are widened by it."""
        return HIDDEN / self._scale if len(self._integers) else 0.0

    @property
    def natural(self) -> float:
        """What counts as 1 of the objective, where it is near 0."""
        return LARGEST / self._scale

    def be_strict(self, *, strict: bool) -> None:
        """Have HiGHS keep rows and whole numbers within `EXACT`, where the options leave it that; or as before."""
        usual = FLOOR_FEASIBLE if self._extra else None
        for name, value in _TOLERANCES.items():
            if name not in self.options.highs:
                self._set(name, EXACT if strict else value if usual is None else usual)

    def best_rest(self, values: FloatArray) -> FloatArray | None:
        """The best fractions with the whole numbers as they are, within all rows; None where HiGHS finds none."""
        if self.columns == len(self._integers):
            return None
        rest = self._derive(values)
        return None if rest is None or self.worst_break(rest) > FEASIBLE else rest

    def add_column(self, lower: float, upper: float) -> int:
        """Add a continuous column; returns its number."""
        self._solver.addCol(0.0, lower, upper, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        self.columns += 1
        return self.columns - 1

    def fix_column(self, column: int, value: float) -> None:
        """Set both bounds of a column."""
        self._solver.changeColBounds(column, value, value)

    def add_row(
        self, columns: Sequence[int] | IntArray, values: Sequence[float] | FloatArray, lower: float, upper: float
    ) -> None:
        """Add a row. It stays until `drop_rows`."""
        if not self._extra:
            # A floor leaves the columns it stands on a slack near 1e-6: at that tolerance HiGHS 1.15.1 may call a worse plan
            # the best, with and without presolve (one in some thousand of the tiny instances of tests/exactness).
            for name in ("primal_feasibility_tolerance", "mip_feasibility_tolerance"):
                if name not in self.options.highs:
                    self._set(name, FLOOR_FEASIBLE)
            self._tightened = True
        row = ExtraRow(np.asarray(columns, dtype=np.int64), np.asarray(values, dtype=np.float64), lower, upper)
        self._solver.addRow(lower, upper, len(row.columns), row.columns.astype(np.int32), row.values)
        self._extra.append(row)

    @property
    def extra(self) -> tuple[ExtraRow, ...]:
        """The rows that were added and not dropped."""
        return tuple(self._extra)

    @property
    def extra_rows(self) -> int:
        """How many rows were added and not dropped."""
        return len(self._extra)

    def drop_rows(self, keep: int) -> None:
        """Drop all added rows but the first `keep`."""
        first = len(self.model.row_lower)
        numbers = np.arange(first + keep, first + len(self._extra), dtype=np.int32)
        if len(numbers):
            self._solver.deleteRows(len(numbers), numbers)
        del self._extra[keep:]

    def worst_break(self, values: FloatArray) -> float:
        """By how much values (of all columns, added ones too) break the model and the added rows."""
        worst = worst_break(self.model, values[: len(self.model.lower)])[1]
        for row in self._extra:
            activity = np.array([row.values @ values[row.columns]])
            worst = max(worst, float(outside_by(activity, np.array([row.lower]), np.array([row.upper]))[0]))
        return worst

    def run(
        self,
        *,
        seconds: float | None,
        gap: float,
        absolute_gap: float | None = None,
        start: FloatArray | None = None,
        presolve: bool = True,
        seed: int = 0,
        watchers: Watchers | None = None,
    ) -> Run:
        """Solve what is in the model now.

        Args:
            seconds: wall-clock limit of this run.
            gap: relative gap at which to stop.
            absolute_gap: absolute gap at which to stop; None: what is hidden anyway.
            start: a value per column (NaN = left open).
            presolve: whether HiGHS may presolve.
            seed: added to the options' seed.
            watchers: called in this thread while HiGHS runs.

        Ctrl-C ends the run with what it has (status `interrupted`); a second one is raised.
        """
        begun = time.monotonic()
        solver, mixed = self._solver, bool(len(self._integers))
        self._set("presolve", "choose" if presolve else "off")
        self._set("random_seed", (self.options.seed + seed) % 2**31)
        self._set("mip_rel_gap", gap)
        self._set("mip_abs_gap", HIDDEN / 2 if absolute_gap is None else absolute_gap * self._scale)
        limit = float("inf") if seconds is None else max(seconds, 0.01)
        # HiGHS counts the time of LPs over all runs of one object, that of MIPs per run.
        self._set("time_limit", limit if mixed else solver.getRunTime() + limit)
        if start is not None and mixed:
            self._give_start(start)
        interrupted = self._watch.run(self._run_to_end, begun + limit, watchers or Watchers())
        status = _STATUS.get(solver.getModelStatus(), "failed") if self._ran else "failed"
        words = solver.modelStatusToString(solver.getModelStatus()) if self._ran else "an exception"
        bound = self._bound(status)
        values, spoilt = self._read(status)
        accepted = self._watch.start_accepted if start is not None and mixed else None
        ending: Status = "interrupted" if interrupted else status
        return Run(ending, values, bound, time.monotonic() - begun, accepted, spoilt, words)

    def _read(self, status: Status) -> tuple[FloatArray | None, bool]:
        """The settled plan of a run, or None; and whether there was one that did not survive the rounding of its whole numbers."""
        feasible = self._solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        if not feasible or not self._ran or status == "infeasible":
            return None, False
        values = self.settle(np.asarray(self._solver.getSolution().col_value, dtype=np.float64))
        if values is not None and status == "optimal":
            values = self._polished(values)
        return values, values is None

    def _bound(self, status: Status) -> float | None:
        info = self._solver.getInfo()
        if status in ("infeasible", "unbounded", "failed"):
            return None
        bound = info.mip_dual_bound if len(self._integers) else info.objective_function_value
        if not len(self._integers) and status != "optimal":
            return None
        return float(bound) / self._scale + self._watch.room if np.isfinite(bound) and abs(bound) < 1e30 else None

    def _polished(self, values: FloatArray) -> FloatArray:
        """The best plan with these whole numbers: if it beats the bound, then HiGHS was wrong to call its own the best."""
        if self.columns == len(self._integers) or not self._costs.any():
            return values
        better = self._derive(values)
        if better is None or self.worst_break(better) > max(EXACT, self.worst_break(values)):
            return values
        return better

    def _give_start(self, start: FloatArray) -> None:
        known = np.flatnonzero(~np.isnan(start))
        if len(known) == len(start):
            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            self._solver.setSolution(solution)
        elif len(known):
            self._solver.setSolution(len(known), known.astype(np.int32), start[known])

    def _run_to_end(self) -> None:
        self._ran = False
        try:
            self._thread = threading.get_native_id()
            if len(self.model.row_values) >= LARGE_NONZEROS and self.options.improve:
                self.lower_priority()
            self._ran = ran(self._solver)
        finally:
            self._watch.steps.put(None)

    def lower_priority(self) -> None:
        """Give the thread of the running HiGHS the lowest priority, where threads have priorities (further threads of HiGHS keep theirs)."""
        if sys.platform == "linux" and self._thread is not None:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._thread, LOWEST_PRIORITY)

    def settle(self, raw: FloatArray) -> FloatArray | None:
        """Round whole numbers, then let an LP derive the rest from them to within 1e-9; None if nothing fits."""
        values = rounded(self.model, raw)
        broken = self.worst_break(values)
        if broken <= EXACT:
            return values
        if self.columns > len(self._integers):
            for presolve in ("choose", "off"):
                exact = self._derive(values, presolve)
                if exact is not None and self.worst_break(exact) <= max(EXACT, min(broken, FEASIBLE)):
                    return exact
        return values if broken <= FEASIBLE else None

    def _derive(self, values: FloatArray, presolve: str = "choose") -> FloatArray | None:
        # A stop that was asked for ends the run, not what is derived after it.
        self._watch.stop = False
        return derived(self._solver, self.model, values, presolve)
