"""One level, several searches: HiGHS proves, improvement workers improve, and each receives the plans of the others."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np

from optimizer.model.linear import FloatArray, Objective
from optimizer.solving.highs.doubts import Measure
from optimizer.solving.highs.watch import Step
from optimizer.solving.improve.course import Guide
from optimizer.solving.improve.mounting import undecided
from optimizer.solving.improve.prices import Relaxation
from optimizer.solving.improve.reports import Better
from optimizer.solving.peers.improvement import ImprovementWorker, Task
from optimizer.solving.search import BOUND_REFUSED, Search
from optimizer.solving.solution import beats, certain, is_better, relative_gap
from optimizer.solving.stall import Stall

# HiGHS alone is quicker for what it solves in this time; a process takes a quarter of a second to start.
ALONE_SECONDS = 1.0
# The bound has stalled when it has hardly come nearer to the best plan for so many seconds.
STALL_SECONDS = 20.0
# How large the workers' moves begin: small ones gain most in the first minute, those of the second worker reach what small ones cannot.
FIRST_LARGER, SECOND_LARGER = 0.4, 3.0
# On smaller models HiGHS proves more by itself than the mounting relaxation does: nothing is to take its processor there.
MOUNTING_ROWS = 5_000
# HiGHS lowers its priority for a worker on the mounting relaxation after this time, and once that worker has proven something.
MOUNTING_PATIENCE = 5.0


@dataclass
class Together:
    """Improvement workers beside HiGHS for one objective (maximised). The first starts once HiGHS has not finished at once.

    Where the linear relaxation leaves open what is mounted, a second worker solves the mounting relaxation, and HiGHS lowers its priority
    for it. Otherwise a second one starts once the bound has stalled and the first is through its opening. Plans go from each to all.

    Attributes:
        search: the live model and the plan at hand; without one, the first worker looks for a plan.
        objective: to be maximised.
        shown: the value of a plan that is reported, where it is not that of the objective.
        guide: what the moves of the workers maximise; None: the objective.
    """

    search: Search
    objective: Objective
    shown: Measure | None = None
    guide: Guide | None = None
    _workers: list[ImprovementWorker] = field(default_factory=list)
    _plan: FloatArray | None = None
    _value: float = float("-inf")
    _from_worker: FloatArray | None = None
    _bound: float | None = None
    _begun: float = field(default_factory=time.monotonic)
    _stall: Stall = field(default_factory=Stall)
    # Whether it was decided whether the mounting relaxation is solved.
    _mounting_considered: bool = False
    # Whether what HiGHS reported was wrong: workers that start now do without presolve, and its second run keeps its priority.
    _doubted: bool = False
    # How many workers have been ended, and whether no others start.
    _stopped: int = 0
    _stopping: bool = False

    def __enter__(self) -> Together:
        self.search.known = self.search.proven = None
        if self.search.plan is not None:
            self._plan, self._value = self.search.plan, self.objective.at(self.search.plan)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.search.known = self.search.proven = None
        for worker in self._workers:
            worker.close()

    def tick(self, step: Step | None) -> tuple[FloatArray | None, bool]:
        """Pass plans on; returns a plan to offer to HiGHS, and whether the asked gap is reached."""
        if step is not None:
            self._bound = self._bound if step.bound is None else step.bound
            if step.values is not None:
                self._take_from_highs(self.search.own(step.values))
        if len(self._workers) == self._stopped and not self._stopping:
            self._start_first()
        offer = self._collect()
        self._merge_bounds()
        if not self._stopping:
            self._start_second()
        if not self.objective.values.any():
            # Any plan will do.
            return offer, self._plan is not None
        gap = relative_gap(self._value, self.bound) if self._plan is not None else None
        return offer, gap is not None and gap <= self.search.options.gap

    def stop_workers(self) -> None:
        """HiGHS was asked to stop: the workers end, so that it comes to its end soon, also where its priority is low."""
        self._stopping, self._stopped = True, len(self._workers)
        for worker in self._workers:
            worker.stop()

    def finish(self, plan: FloatArray | None) -> None:
        """HiGHS has ended, with a plan or without: take what the workers have reported meanwhile."""
        self._collect()
        if plan is not None:
            self._take_from_highs(plan)
        self._merge_bounds()

    def _collect(self) -> FloatArray | None:
        """Pass on and keep what the workers have found; returns the best as HiGHS knows it."""
        offer = None
        for worker in self._workers:
            better = worker.better()
            if better is not None:
                self._share(better.values, but=worker)
                self._note(better.values)
                if is_better(better.value, self._value):
                    offer = self._take(better)
        return offer

    def _note(self, plan: FloatArray) -> None:
        """Keep the best plan by the guide, also where another is better by the level."""
        if self.guide is not None:
            known, at = self.search.guided, self.guide.objective.at
            self.search.guided = plan if known is None or at(plan) > at(known) else known

    def _merge_bounds(self) -> None:
        """Take the least bound of the workers that nothing contradicts, and report it where it changes."""
        for worker in self._workers:
            for source in [source for source, bound in worker.bounds.items() if beats(self._value, bound)]:
                worker.refuse(source)
        least = min((worker.bound for worker in self._workers), default=float("inf"))
        before, self.search.proven = self.search.proven, least if np.isfinite(least) else None
        if before is not None and least > before:
            # Since when the bound has stalled is not known any more either.
            self._stall = Stall()
            self.search.notice("bound_refused", BOUND_REFUSED)
        if self.search.proven != before:
            self._report_bound()

    def _start_second(self) -> None:
        """Start a second worker, and lower the priority of HiGHS for the mounting relaxation."""
        if len(self._workers) == self._stopped:
            return
        first, *others = self._workers[self._stopped :]
        running = [worker for worker in others if not worker.ended]
        if not self._mounting_considered and first.relaxation is not None:
            self._mounting_considered = True
            if self._mounting_is_open(first.relaxation):
                self._add(self.search.options.seed + 1, first.relaxation, SECOND_LARGER, mounting=True)
        elif not running and len(others) < 2 and self._has_stalled() and (first.ready or first.ended):
            # It begins with the relaxation of the first; without one none starts.
            if first.relaxation is not None:
                self._add(self.search.options.seed + 1, first.relaxation, SECOND_LARGER)
        elif running and self._proves_more_than_highs(running[0]):
            # Every time: a second run of HiGHS is another thread.
            self.search.live.lower_priority()

    def _proves_more_than_highs(self, second: ImprovementWorker) -> bool:
        """Whether a worker is on the mounting relaxation or the restart after it, and has proven something or HiGHS proves nothing any more.

        Nobody else proves more than HiGHS, which keeps its priority then.
        """
        if self._doubted or not second.mounting or second.ready or "mounting relaxation" in second.refused:
            return False
        patient = time.monotonic() - second.begun > MOUNTING_PATIENCE
        return (patient and bool(np.isfinite(second.bound))) or self._has_stalled()

    def _mounting_is_open(self, relaxation: Relaxation) -> bool:
        """Whether the linear relaxation of a model that is not small is solved to the end and leaves open what is mounted.

        Not with floors of earlier levels, where it was not tried.
        """
        model = self.search.model
        exact = relaxation.exact and bool(np.isfinite(relaxation.bound))
        large = len(model.row_lower) >= MOUNTING_ROWS
        return large and exact and not self.search.live.extra and undecided(model, relaxation)

    @property
    def bound(self) -> float | None:
        """The least bound that HiGHS or the workers have proven, unless the best plan beats it; None: nothing yet."""
        proven = self.search.proven
        bounds = [bound for bound in (self._bound, proven) if bound is not None and not beats(self._value, bound)]
        return certain(self._value, min(bounds)) if bounds else None

    def _report_bound(self) -> None:
        """Report the bound at once: HiGHS may report nothing for minutes."""
        self.search.report_progress(self._value if self._plan is not None else None, self.bound)

    def forget(self) -> None:
        """Take back the bound of HiGHS, which is in doubt; its second run has workers again.

        A restart solves the same model with the same presolve, so its bounds are no better. Workers that start now do without presolve, as the second run does.
        """
        self._bound, self._stall = None, Stall()
        self._stopping, self._doubted = False, True
        for worker in self._workers:
            worker.refuse("restart")
        self._merge_bounds()
        self._report_bound()

    def settled(self) -> FloatArray | None:
        """The best plan of the workers, its whole numbers whole; None where it is not the best that is known."""
        if self._from_worker is None or self._from_worker is not self._plan:
            return None
        return self.search.live.settle(self.search.whole(self._from_worker))

    def _take(self, better: Better) -> FloatArray:
        """Keep a worker's plan as the best, report it, and return it as HiGHS knows it."""
        self._plan = self._from_worker = better.values
        self._value = better.value
        if self.shown is None:
            self.search.known = better.value
        value = better.value if self.shown is None else self.shown(better.values)
        self.search.report_plan(value, better.values, better.move)
        return self.search.whole(better.values)

    def _take_from_highs(self, plan: FloatArray) -> None:
        """Take a plan of HiGHS, while it runs or at its end."""
        value = self.objective.at(plan)
        if is_better(value, self._value):
            self._plan, self._value = plan, value
            self._share(plan)

    def _share(self, plan: FloatArray, but: ImprovementWorker | None = None) -> None:
        for worker in self._workers:
            if worker is not but:
                worker.send_plan(plan)

    def _start_first(self) -> None:
        if not self.search.options.improve or self.search.model.places is None:
            return
        nothing_to_do = self._plan is not None and not self.objective.values.any()
        if time.monotonic() - self._begun < ALONE_SECONDS or nothing_to_do:
            return
        width = len(self.search.model.lower)
        if not any(len(row.columns) and int(row.columns.max()) >= width for row in self.search.live.extra):
            self._add(self.search.options.seed, larger=FIRST_LARGER)

    def _has_stalled(self) -> bool:
        """Whether the bound has hardly come nearer to the best plan for a while."""
        bound = self.bound
        return bound is not None and self._stall.lasts(STALL_SECONDS, bound, self._value)

    def _add(
        self, seed: int, relaxation: Relaxation | None = None, larger: float = 1.0, mounting: bool = False
    ) -> None:
        rows = tuple((row.columns, row.values, row.lower, row.upper) for row in self.search.live.extra)
        # Without further processes HiGHS goes on alone.
        with contextlib.suppress(OSError):
            options = replace(self.search.options, presolve=self.search.options.presolve and not self._doubted)
            nearest = self.search.hint if self.search.nearest is None else self.search.nearest
            hint = nearest if self._plan is None else None
            task = Task(
                self.search.model,
                self.objective,
                self._plan,
                rows,
                seed,
                relaxation,
                larger,
                mounting,
                options,
                hint,
                self.guide,
            )
            self._workers.append(ImprovementWorker(task))
