"""The live HiGHS model: handed over once, edited in place, run with a start, watched, read back with whole numbers."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import highspy
import numpy as np
import numpy.typing as npt

from optimizer.model.linear import AimTerm, FloatArray, IntArray, Level, LinearModel, Objective
from optimizer.solving.edits import Edits
from optimizer.solving.options import OptionValue, SolveOptions, UnknownOption, did_you_mean
from optimizer.solving.scaling import LARGEST, objective_factor

Mask = npt.NDArray[np.bool_]
Status = Literal["optimal", "stopped", "infeasible", "unbounded", "interrupted", "failed"]

# Rows may be broken by this much (HiGHS's own tolerance); values read back are repaired to EXACT where possible.
FEASIBLE = 1e-6
# What HiGHS's tolerances hide of an objective as it is handed over: it cuts off what is better by less than 1e-6.
HIDDEN = 2e-6
EXACT = 1e-9
FLOOR_FEASIBLE = 1e-7
# Presolve's probing takes minutes on millions of nonzeros; on 215 000 leaving it out changed nothing (4 interleaved pairs).
LARGE_NONZEROS = 500_000
# On 17 000 rows interior point gave a root bound within an eighth of the time in which simplex gave none. On 8 000 to 11 000 the simplex
# method takes 20 to 30 s, and with the companions' plans its vertex leads to closer bounds.
LARGE_ROOT_ROWS = 11_000
# Where HiGHS proves nothing for long while companions need the cores (on very large models, and beside an outline), it runs with the
# least priority.
COURTESY = 19
PROBING_OFF = 32768
SETTLE_SECONDS = 20.0
# HiGHS does not hear everywhere that it is to stop. That it goes on is told so long after it was asked.
LATE_SECONDS = 3.0

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


@dataclass(frozen=True, eq=False)
class Step:
    """What HiGHS said while running: a better plan (`values`), or only where it stands."""

    value: float | None
    bound: float | None
    seconds: float
    nodes: int
    values: FloatArray | None = None


Tick = Callable[[Step | None], tuple[FloatArray | None, bool]]


@dataclass(frozen=True, eq=False)
class Run:
    """How one run ended. `values` are settled (whole numbers whole) and feasible, or None.

    `spoilt`: HiGHS had a plan which did not survive the rounding of its whole numbers.
    `start_accepted`: what HiGHS said of the start; None when none was given.
    """

    status: Status
    values: FloatArray | None
    bound: float | None
    seconds: float
    start_accepted: bool | None
    spoilt: bool
    words: str


def ran(solver: highspy.Highs) -> bool:
    """Run HiGHS; False where its native code gave up with an exception: then nothing that it holds is an answer."""
    try:
        solver.run()
    except (LookupError, MemoryError, RuntimeError, ValueError):
        return False
    return True


def quiet() -> highspy.Highs:
    """A HiGHS of one thread that writes nothing: for parts of a model."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("parallel", "off")
    return solver


def lp_of(
    costs: FloatArray,
    offset: float,
    bounds: tuple[FloatArray, FloatArray],
    sides: tuple[FloatArray, FloatArray],
    entries: tuple[IntArray, IntArray, FloatArray],
    whole: Mask | None = None,
) -> highspy.HighsLp:
    """A model to be maximised, as HiGHS takes it.

    Args:
        costs: one per column.
        offset: of the objective.
        bounds: lower and upper, one per column.
        sides: lower and upper, one per row.
        entries: row, column and value of every non-zero, by rows.
        whole: which columns are whole numbers; None: none.
    """
    rows, columns, values = entries
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(sides[0])
    lp.col_cost_, lp.sense_, lp.offset_ = costs, highspy.ObjSense.kMaximize, offset
    lp.col_lower_, lp.col_upper_ = bounds
    lp.row_lower_, lp.row_upper_ = sides
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = lp.num_col_, lp.num_row_
    counts = np.bincount(rows, minlength=lp.num_row_)
    matrix.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    matrix.index_ = columns.astype(np.int32)
    matrix.value_ = values
    if whole is not None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in whole.tolist()]
    return lp


def versions() -> dict[str, str]:
    """The version of HiGHS."""
    return {"highs": str(highspy.Highs().version())}


def check_highs_options(options: Mapping[str, OptionValue]) -> None:
    """See that HiGHS has these options and takes these values.

    Raises:
        UnknownOption: for an unknown name (with the nearest), or a refused value.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    known = [name for name in dir(solver.getOptions()) if not name.startswith("_")]
    for name, value in options.items():
        if solver.getOptionType(name)[0] != highspy.HighsStatus.kOk:
            raise UnknownOption(f"HiGHS has no option {name!r}{did_you_mean(name, known)}")
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise UnknownOption(f"HiGHS refuses the value {value!r} for its option {name!r}")


def row_values(model: LinearModel, values: FloatArray) -> FloatArray:
    """Σ coefficients × values of every row."""
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    products = model.row_values * values[model.row_columns]
    activity: FloatArray = np.bincount(rows, weights=products, minlength=len(model.row_lower)).astype(np.float64)
    return activity


def worst_break(model: LinearModel, values: FloatArray) -> tuple[str, float]:
    """Where values break the model most, and by how much (rows relative to their side where it is above 1)."""
    breaks: list[tuple[str, float]] = [("nothing", 0.0)]
    if len(values):
        outside = np.maximum(np.maximum(model.lower - values, values - model.upper), 0.0)
        unwhole = np.where(model.integer, np.abs(values - np.rint(values)), 0.0)
        breaks += [(f"bounds of column {np.argmax(outside)}", float(outside.max()))]
        breaks += [(f"wholeness of column {np.argmax(unwhole)}", float(unwhole.max()))]
    if len(model.row_lower):
        outside = _outside(row_values(model, values), model.row_lower, model.row_upper)
        breaks += [(f"row {np.argmax(outside)}", float(outside.max()))]
    return max(breaks, key=lambda item: item[1])


def _outside(activity: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    outside: FloatArray = np.maximum(
        (lower - activity) / np.fmax(1.0, np.where(np.isfinite(lower), np.abs(lower), 1.0)),
        (activity - upper) / np.fmax(1.0, np.where(np.isfinite(upper), np.abs(upper), 1.0)),
    )
    return np.maximum(outside, 0.0)


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
        if hand_over(self._solver, model) == highspy.HighsStatus.kError:
            raise ValueError("HiGHS refuses the model")
        self._costs = np.zeros(self.columns)
        self._scale = 1.0
        self._watch = _Watch()
        self._watch.attach(self._solver, whole=bool(len(self._integers)))

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
        if self._solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise UnknownOption(f"HiGHS refuses {name} = {value!r}")

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
        derived = self._derive(values, "choose")
        return None if derived is None or self.worst_break(derived) > FEASIBLE else derived

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
            worst = max(worst, float(_outside(activity, np.array([row.lower]), np.array([row.upper]))[0]))
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
        on_step: Callable[[Step], None] | None = None,
        on_tick: Tick | None = None,
        on_asked: Callable[[], None] | None = None,
        on_late: Callable[[], None] | None = None,
    ) -> Run:
        """Solve what is in the model now.

        Args:
            seconds: wall-clock limit of this run.
            gap: relative gap at which to stop.
            absolute_gap: absolute gap at which to stop; None: what is hidden anyway.
            start: a value per column (NaN = left open).
            presolve: whether HiGHS may presolve.
            seed: added to the options' seed.
            on_step: called in this thread for better plans and progress.
            on_tick: called in this thread ten times a second, with what HiGHS said or None; returns a plan to offer to HiGHS
                (or None), and whether to stop.
            on_asked: called in this thread, once, when HiGHS is asked to stop (by its limit, by `on_tick`, or by Ctrl-C).
            on_late: called in this thread, again and again, while it goes on all the same (not after Ctrl-C).

        Ctrl-C ends the run with what it has (status `interrupted`); a second one is raised.
        """
        begun = time.monotonic()
        solver = self._solver
        self._set("presolve", "choose" if presolve else "off")
        self._set("random_seed", (self.options.seed + seed) % 2**31)
        self._set("mip_rel_gap", gap)
        self._set("mip_abs_gap", HIDDEN / 2 if absolute_gap is None else absolute_gap * self._scale)
        limit = float("inf") if seconds is None else max(seconds, 0.01)
        # HiGHS counts the time of LPs over all runs of one object, that of MIPs per run.
        self._set("time_limit", limit if len(self._integers) else solver.getRunTime() + limit)
        if start is not None and len(self._integers):
            self._give_start(start)
        given = start is not None and bool(len(self._integers))
        interrupted = self._run_watched(begun + limit, on_step, on_tick, on_asked, on_late)
        status = _STATUS.get(solver.getModelStatus(), "failed") if self._ran else "failed"
        words = solver.modelStatusToString(solver.getModelStatus()) if self._ran else "an exception"
        info = solver.getInfo()
        values: FloatArray | None = None
        spoilt = False
        bound = self._bound(status)
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        if feasible and self._ran and status != "infeasible":
            raw = np.asarray(solver.getSolution().col_value, dtype=np.float64)
            values = self.settle(raw)
            spoilt = values is None
            if values is not None and status == "optimal":
                values = self._polished(values)
        if interrupted:
            status = "interrupted"
        accepted = self._watch.start_accepted if given else None
        return Run(status, values, bound, time.monotonic() - begun, accepted, spoilt, words)

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
        better = self._derive(values, "choose")
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

    def _run_watched(
        self,
        deadline: float,
        on_step: Callable[[Step], None] | None,
        on_tick: Tick | None,
        on_asked: Callable[[], None] | None,
        on_late: Callable[[], None] | None,
    ) -> bool:
        """Run HiGHS in a thread (it lets go of the interpreter), listen here; returns whether Ctrl-C came."""
        watch = self._watch
        watch.begin()
        thread = threading.Thread(target=self._run_to_end, daemon=True)
        interrupted = False
        asked: float | None = None
        try:
            thread.start()
            while True:
                step = None
                with contextlib.suppress(queue.Empty):
                    step = watch.steps.get(timeout=0.1)
                    if step is None:
                        break
                    if on_step is not None:
                        on_step(step)
                if on_tick is not None:
                    offer, enough = on_tick(step)
                    watch.offer = watch.offer if offer is None else offer
                    watch.stop = watch.stop or enough
                watch.stop = watch.stop or time.monotonic() > deadline
                if watch.stop and asked is None:
                    asked = time.monotonic()
                    if on_asked is not None:
                        on_asked()
                if asked is not None and on_late is not None and time.monotonic() - asked > LATE_SECONDS:
                    asked = time.monotonic()
                    if thread.is_alive():
                        on_late()
        except KeyboardInterrupt:
            interrupted = True
            if asked is None and on_asked is not None:
                on_asked()
        finally:
            # Also when `on_step` raises: HiGHS must not go on in a model that others will edit.
            watch.stop = True
            thread.join()
        return interrupted

    def _run_to_end(self) -> None:
        self._ran = False
        try:
            self._thread = threading.get_native_id()
            if len(self.model.row_values) >= LARGE_NONZEROS and self.options.improve:
                self.give_way()
            self._ran = ran(self._solver)
        finally:
            self._watch.steps.put(None)

    def give_way(self) -> None:
        """The running HiGHS leaves its core to others, where threads have priorities of their own (further threads of HiGHS keep theirs)."""
        if sys.platform == "linux" and self._thread is not None:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._thread, COURTESY)

    def settle(self, raw: FloatArray) -> FloatArray | None:
        """Round whole numbers, then let an LP derive the rest from them to within 1e-9; None if nothing fits."""
        values = raw.copy()
        # + 0.0: no minus zero.
        values[self._integers] = np.rint(values[self._integers]) + 0.0
        own = len(self.model.lower)
        values[:own] = np.clip(values[:own], self.model.lower, self.model.upper)
        broken = self.worst_break(values)
        if broken <= EXACT:
            return values
        if self.columns > len(self._integers):
            for presolve in ("choose", "off"):
                exact = self._derive(values, presolve)
                if exact is not None and self.worst_break(exact) <= max(EXACT, min(broken, FEASIBLE)):
                    return exact
        return values if broken <= FEASIBLE else None

    def _derive(self, values: FloatArray, presolve: str) -> FloatArray | None:
        """The best values of the continuous columns with the whole numbers fixed."""
        solver = self._solver
        count = len(self._integers)
        fixed = values[self._integers]
        before = {name: solver.getOptionValue(name)[1] for name in _SETTLING}
        solver.changeColsBounds(count, self._integers, fixed, fixed)
        try:
            for name, value in _SETTLING.items():
                self._set(name, value)
            self._set("presolve", presolve)
            self._set("time_limit", solver.getRunTime() + SETTLE_SECONDS)
            self._watch.stop = False
            if not ran(solver) or solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            derived = np.asarray(solver.getSolution().col_value, dtype=np.float64)
        finally:
            for name, value in before.items():
                self._set(name, value)
            lower, upper = self.model.lower[self._integers], self.model.upper[self._integers]
            solver.changeColsBounds(count, self._integers, lower, upper)
        derived[self._integers] = fixed
        own = len(self.model.lower)
        derived[:own] = np.clip(derived[:own], self.model.lower, self.model.upper)
        return derived


_TOLERANCES: dict[str, OptionValue] = {"primal_feasibility_tolerance": 1e-7, "mip_feasibility_tolerance": 1e-6}
"""What HiGHS begins with."""

_SETTLING: dict[str, OptionValue] = {
    "solve_relaxation": True,
    "output_flag": False,
    "primal_feasibility_tolerance": EXACT,
    "time_limit": SETTLE_SECONDS,
    "presolve": "choose",
}


def read_mps(file: Path) -> LinearModel:
    """A model from an MPS file, its objective as the only level.

    Raises:
        ValueError: when HiGHS cannot read it.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    if solver.readModel(str(file)) == highspy.HighsStatus.kError:
        raise ValueError(f"HiGHS cannot read {file}")
    solver.ensureRowwise()
    lp = solver.getLp()
    maximise = lp.sense_ == highspy.ObjSense.kMaximize
    columns = np.arange(lp.num_col_, dtype=np.int64)
    costs = Objective(columns, np.asarray(lp.col_cost_, dtype=np.float64), float(lp.offset_))
    aim = AimTerm("objective", 1, 1.0 if maximise else -1.0, 0.0, maximise, costs)
    kinds = list(lp.integrality_) or [highspy.HighsVarType.kContinuous] * lp.num_col_
    return LinearModel(
        columns=(),
        rows=(),
        lower=np.asarray(lp.col_lower_, dtype=np.float64),
        upper=np.asarray(lp.col_upper_, dtype=np.float64),
        integer=np.array([kind == highspy.HighsVarType.kInteger for kind in kinds], dtype=np.bool_),
        row_lower=np.asarray(lp.row_lower_, dtype=np.float64),
        row_upper=np.asarray(lp.row_upper_, dtype=np.float64),
        row_starts=np.asarray(lp.a_matrix_.start_, dtype=np.int64),
        row_columns=np.asarray(lp.a_matrix_.index_, dtype=np.int64),
        row_values=np.asarray(lp.a_matrix_.value_, dtype=np.float64),
        levels=(Level((aim,), name="objective"),),
    )


def hand_over(solver: highspy.Highs, model: LinearModel) -> highspy.HighsStatus:
    """Pass columns, rows and wholeness on, without an objective: arrays as they are, which HiGHS copies once."""
    status: highspy.HighsStatus = solver.passModel(
        len(model.lower),
        len(model.row_lower),
        len(model.row_values),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        np.zeros(len(model.lower)),
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.row_starts.astype(np.int32),
        model.row_columns.astype(np.int32),
        model.row_values,
        model.integer.astype(np.int32),
    )
    return status


class _Watch:
    """The callbacks of one solver: they only put what HiGHS says in a queue and pass on the wish to stop."""

    def __init__(self) -> None:
        self.steps: queue.SimpleQueue[Step | None] = queue.SimpleQueue()
        self.stop = False
        self.start_accepted = False
        self.offer: FloatArray | None = None
        self.scale = 1.0
        # What is added to bounds.
        self.room = 0.0

    def begin(self) -> None:
        self.steps = queue.SimpleQueue()
        self.stop = False
        self.offer = None
        self.start_accepted = False

    def attach(self, solver: Any, *, whole: bool) -> None:
        # `cbMipLogging` is silent with output_flag off, so the log goes to a file, never to the console.
        solver.cbSimplexInterrupt.subscribe(self._interrupt)
        solver.cbIpmInterrupt.subscribe(self._interrupt)
        if whole:
            solver.cbMipInterrupt.subscribe(self._interrupt)
            solver.cbMipUserSolution.subscribe(self._hand_over)
            solver.cbMipImprovingSolution.subscribe(self._better)
            solver.cbMipLogging.subscribe(self._progress)
            solver.cbLogging.subscribe(self._said)

    def _interrupt(self, event: Any) -> None:
        # HiGHS does not clear the wish to stop of an earlier run by itself.
        event.data_in.user_interrupt = self.stop

    def _hand_over(self, event: Any) -> None:
        offer, self.offer = self.offer, None
        if offer is not None:
            event.data_in.setSolution(offer)

    def _said(self, event: Any) -> None:
        # HiGHS has no other way to tell what became of a start: a bad one is ignored without a word.
        if "solution is feasible" in event.message:
            self.start_accepted = True

    def _better(self, event: Any) -> None:
        self.steps.put(self._step(event, np.array(event.data_out.mip_solution, dtype=np.float64)))

    def _progress(self, event: Any) -> None:
        self.steps.put(self._step(event, None))

    def _step(self, event: Any, values: FloatArray | None) -> Step:
        data = event.data_out
        primal, dual = float(data.mip_primal_bound), float(data.mip_dual_bound)
        return Step(
            primal / self.scale if abs(primal) < 1e30 else None,
            dual / self.scale + self.room if abs(dual) < 1e30 else None,
            float(data.running_time),
            int(data.mip_node_count),
            values,
        )
