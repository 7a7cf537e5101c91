"""What is known while levels are solved, and the run of HiGHS that is checked before it is believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.floors import Floor
from optimizer.solving.highs.breaks import FEASIBLE, worst_break
from optimizer.solving.highs.doubts import ROOM_ABOVE, Asked, Measure, doubt_about
from optimizer.solving.highs.live import LiveModel, Run
from optimizer.solving.highs.watch import Step, Watchers
from optimizer.solving.improve.course import Guide
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import (
    Incumbent,
    Notice,
    Progress,
    Report,
    SolverFailed,
    Termination,
    certain,
    relative_gap,
)

BOUND_REFUSED = "A bound that an improvement worker reported is contradicted or in doubt; it is no longer used."
FLOOR_LOST = "A plan gave away what an earlier aim had reached; the plan before it is kept."


@dataclass
class Search:
    """The live model, the best plan, the clock and what was noticed. `plan` has a value per column of the model."""

    model: LinearModel
    options: SolveOptions
    report: Report
    # The model handed over already; None hands it over.
    given: LiveModel | None = None
    plan: FloatArray | None = None
    hint: FloatArray | None = None
    # Without a plan: the values that came nearest to one when one was sought, which the search for one goes on from.
    nearest: FloatArray | None = None
    interrupted: bool = False
    level_name: str = ""
    # What the search for better plans of the running level goes by; None: by the level's objective.
    guide: Guide | None = None
    # The best plan by the guide that improvement workers have reported: the next level may begin with it.
    guided: FloatArray | None = None
    # The best value of the running level that another process has found (in the level's own direction).
    known: float | None = None
    # What another process has proven of the running level, in the same direction.
    proven: float | None = None
    notices: list[Notice] = field(default_factory=list)
    # The value of each column that a level added to the live model, from a plan.
    added: list[Measure] = field(default_factory=list)
    # What the levels that are done have reached.
    floors: list[Floor] = field(default_factory=list)
    # Says that the search is to end with what it has.
    stop: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        self.live = self.given or LiveModel(self.model, self.options)
        self.handed_over = time.monotonic() - self.begun

    def notice(self, kind: str, text: str) -> None:
        """Keep a notice for the solution and report it."""
        event = Notice(kind, text)
        self.notices.append(event)
        self.report(event)

    def report_progress(self, value: float | None, bound: float | None, nodes: int = 0) -> None:
        """Report value and bound of the running level."""
        gap = relative_gap(value, bound)
        self.report(Progress(self.level_name, value, bound, gap, time.monotonic() - self.begun, nodes))

    def report_plan(self, value: float, plan: FloatArray, move: str = "") -> None:
        """Report a better plan of the running level, and what found it (blank: HiGHS)."""
        self.report(Incumbent(self.level_name, value, plan, time.monotonic() - self.begun, move))

    def left(self) -> float | None:
        """Seconds left of the time limit, never below 0, and 0 once the search is to end; None without a limit."""
        if self.stop():
            return 0.0
        if self.options.time_limit is None:
            return None
        return max(0.0, self.options.time_limit - (time.monotonic() - self.begun))

    def take_start(self, start: FloatArray | None) -> None:
        """Look at a start: a feasible one is the first plan, another is only a hint, of which a notice is reported.

        Raises:
            ValueError: when it has not one number per column.
        """
        if start is None:
            return
        if start.shape != self.model.lower.shape:
            raise ValueError(f"the start has {start.size} values, the model {self.model.lower.size} columns")
        self.hint = start
        if np.isnan(start).any():
            return
        whole = np.clip(np.where(self.model.integer, np.rint(start), start), self.model.lower, self.model.upper)
        where, broken = max(worst_break(self.model, start), worst_break(self.model, whole), key=lambda found: found[1])
        if broken > FEASIBLE:
            text = f"The start is not a plan: {where} is broken by {broken:.3g}; it is a hint only."
            self.notice("start_refused", text)
        else:
            self.plan = whole

    def whole(self, plan: FloatArray) -> FloatArray:
        """A plan with the values of the columns that levels added to the live model."""
        return np.concatenate([plan, [value_of(plan) for value_of in self.added]])

    def own(self, values: FloatArray) -> FloatArray:
        """The values of the model's own columns."""
        return values[: len(self.model.lower)]

    def lost(self, plan: FloatArray) -> Floor | None:
        """The first floor that a plan (its own columns) does not keep, but for rounding."""
        return next((floor for floor in self.floors if not floor.kept_by(plan)), None)

    def kept(self, values: FloatArray) -> FloatArray | None:
        """A plan of all columns that keeps what earlier levels reached: as it is, or with other fractions; None where its whole numbers do not allow it."""
        if self.lost(self.own(values)) is None:
            return values
        with self.strict_floors():
            exact = self.live.best_rest(values)
        return None if exact is None or self.lost(self.own(exact)) is not None else exact

    @contextmanager
    def strict_floors(self) -> Iterator[None]:
        """For a while floors have no more slack than what counts as rounding."""
        rows = self.live.extra_rows
        for floor in self.floors:
            floor.add(True)
        try:
            yield
        finally:
            self.live.drop_rows(rows)

    def ended(self, run: Run, value: float | None, bound: float | None) -> Termination:
        """The termination of a level from its last run."""
        if run.status == "interrupted":
            return "interrupted"
        if self.plan is None:
            return "infeasible" if run.status == "infeasible" else "none_found"
        gap = relative_gap(value, bound)
        return "optimal" if gap is not None and gap <= self.options.gap else "feasible"

    def trusted_run(
        self,
        asked: Asked,
        *,
        seconds: float | None,
        watchers: Watchers | None = None,
        forget: Callable[[], None] = lambda: None,
        ends_level: bool = True,
        presolve: bool = True,
    ) -> Run:
        """One run from the plan at hand; a second one without presolve where the first cannot be believed (`doubts.doubt_about`).

        Args:
            asked: what HiGHS is asked for; the objective is that of the live model.
            seconds: wall-clock limit of both runs together.
            watchers: called during both runs.
            forget: called between them, when what the first reported is in doubt.
            ends_level: whether the level is over where HiGHS does not stop.
            presolve: off where what a first run said is to be confirmed without it.

        Returns:
            The run to believe: `infeasible` only without a plan and after both runs; no bound where it is contradicted.

        Raises:
            SolverFailed: when the second run fails too and there is no plan.
        """
        start = self.hint if self.plan is None else self.plan
        watchers = self._stoppable(watchers or Watchers())
        run = partial(
            self.live.run,
            gap=asked.gap,
            absolute_gap=asked.absolute_gap,
            start=None if start is None else self.whole(start),
            watchers=replace(watchers, on_late=self._late) if ends_level else watchers,
        )
        begun = time.monotonic()
        presolve = presolve and self.options.presolve
        first = run(seconds=seconds, presolve=presolve)
        self.interrupted = self.interrupted or first.status == "interrupted"
        if self.plan is None and first.start_accepted is False and first.status != "infeasible":
            self.notice("start_ignored", "HiGHS could not make a plan of the start.")
        doubt = self.doubt(first, asked)
        if not doubt or self.interrupted:
            return first
        if seconds is not None:
            seconds = self._seconds_again(seconds - (time.monotonic() - begun))
        self.notice("presolve_off", f"{doubt}; solved again without presolve.")
        forget()
        # Where presolve was off from the beginning, another seed is what can be changed.
        second = run(seconds=seconds, presolve=False, seed=0 if presolve else 1)
        self.interrupted = self.interrupted or second.status == "interrupted"
        return self._second(first, second, asked)

    def _stoppable(self, watchers: Watchers) -> Watchers:
        """The same, and HiGHS stops once the search is to end."""

        def tick(step: Step | None) -> tuple[FloatArray | None, bool]:
            offer, enough = (None, False) if watchers.on_tick is None else watchers.on_tick(step)
            return offer, enough or self.stop()

        return replace(watchers, on_tick=tick)

    def _seconds_again(self, left: float) -> float:
        """The limit of a second run: without a plan, whether there is one is worth all the time that is left."""
        rest = self.left() if self.plan is None else None
        return max(0.1, left) if rest is None else rest

    def _second(self, first: Run, second: Run, asked: Asked) -> Run:
        """What is believed of a second run, with the better plan of both."""
        doubt = self.doubt(second, asked)
        if first.values is not None and (
            second.values is None or (asked.measure(first.values) > asked.measure(second.values)) == asked.maximise
        ):
            second = replace(second, values=first.values)
        if not doubt or (second.status == "infeasible" and second.values is None and self.plan is None):
            return second
        if second.values is None and self.plan is None and second.status in ("failed", "unbounded"):
            raise SolverFailed(f"HiGHS ended with '{second.words}', also without presolve")
        if doubt == ROOM_ABOVE:
            # The plan is in doubt, the bound is not.
            self.notice("not_solved", f"{doubt}, also without presolve; the better plan is kept, and the bound.")
            return replace(second, status="stopped")
        self.notice("not_solved", f"{doubt}, also without presolve; the plan at hand is kept and nothing is proven.")
        status = "stopped" if second.status == "infeasible" else second.status
        return replace(second, status=status, bound=None)

    def _late(self) -> None:
        """Reported every time, since whoever received it before may have had no plan to end the level with; kept once."""
        event = Notice("overrun", "HiGHS did not stop when it was asked to; it was waited for.")
        if event not in self.notices:
            self.notices.append(event)
        self.report(event)

    def doubt(self, run: Run, asked: Asked) -> str:
        """Why a run from the plan at hand cannot be believed; blank where it can."""
        return doubt_about(run, asked, self.plan, self.known, self.live.natural)

    def step_reporter(self, shown: Measure, *, maximise: bool, show_bound: bool = True) -> Callable[[Step], None]:
        """What turns the steps of HiGHS into events: plans better than the one at hand by `shown`, and progress."""
        sign = 1.0 if maximise else -1.0
        best = float("-inf") if self.plan is None else sign * shown(self.plan)

        def report_step(step: Step) -> None:
            nonlocal best
            if step.values is not None:
                plan = self.own(step.values)
                value = shown(plan)
                if sign * value > best:
                    best = sign * value
                    self.report_plan(value, plan)
            if self.known is not None:
                best = max(best, sign * self.known)
            value_now = sign * best if np.isfinite(best) else None
            bound = step.bound if show_bound else None
            if self.proven is not None and (bound is None or sign * self.proven < sign * bound):
                bound = self.proven
            if bound is not None and value_now is not None:
                bound = sign * certain(sign * value_now, sign * bound)
            self.report_progress(value_now, bound, step.nodes)

        return report_step
