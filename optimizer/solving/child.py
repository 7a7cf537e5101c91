"""The doors of the room: solve in this process, or in a child whose death is an event and not the end.

The child streams its plans. Whatever happens to it (a native crash, kill -9, too little memory, a limit it does not keep) or to
us (Ctrl-C), the last plan is kept.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from optimizer.interrupts import requests
from optimizer.model.linear import FloatArray, Level, LinearModel
from optimizer.solving.highs.breaks import EXACT, FEASIBLE, worst_break
from optimizer.solving.highs.settling import SETTLE_SECONDS
from optimizer.solving.levels import make_solution, solve_levels, value_of
from optimizer.solving.linear import Outcome
from optimizer.solving.messages import Failure, Job, Started
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.pipe import Peer
from optimizer.solving.peers.processes import Scratch, scratch_file
from optimizer.solving.solution import (
    Event,
    Incumbent,
    LevelDone,
    LevelResult,
    Notice,
    Progress,
    Report,
    Solution,
    SolverFailed,
    Termination,
    beats,
    ignore,
    is_better,
    relative_gap,
)

solve_here = solve_levels

# HiGHS looks at the clock rarely in presolve and probing: a child gets this much more than its limit (seconds, share).
OVERRUN_SECONDS = 3.0
OVERRUN_SHARE = 0.1
# Importing and reading the job must not take longer.
START_SECONDS = 120.0
LEAST_RETRY_SECONDS = 0.5
# So often a request to end is looked for.
TICK_SECONDS = 0.2
STDERR_TAIL = 300

Ending = Literal["done", "died", "overrun", "interrupted"]


def solve_in_child(
    model: LinearModel, options: SolveOptions, start: FloatArray | None = None, report: Report = ignore
) -> Solution:
    """Solve all levels of a model in a child process; arguments and result as for `solve_levels`.

    A child that dies is reported (`Notice` "crashed") and the solve repeated once without presolve from the last plan. If that
    dies too the termination is `crashed`, with the last plan if there is one. A request to end (Ctrl-C) ends the child: `interrupted`.

    Raises:
        SolverFailed: with the child's message and traceback when it raised an exception.
    """
    begun = time.monotonic()
    solution = _ChildSolve(model, options, report).solve(start)
    if options.log_file is not None:
        options.log_file.write_text(solution.log, encoding="utf-8")
    return replace(solution, timings={**solution.timings, "child": time.monotonic() - begun})


@dataclass
class _ChildSolve:
    """The parent's side: the children one after the other, and what they have reported."""

    model: LinearModel
    options: SolveOptions
    report: Report
    # Whether requests to end count; not while a plan is settled, which is short.
    interruptible: bool = True
    # The last plan; its whole numbers are whole where it is the last that was settled, the fallback of one that is not.
    plan: FloatArray | None = None
    settled_plan: FloatArray | None = None
    # The plan that the running level began with.
    before: FloatArray | None = None
    ended: list[LevelDone] = field(default_factory=list)
    progress: Progress | None = None
    notices: list[Notice] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    done: Solution | None = None
    # Whether Ctrl-C came while a plan was settled: no other process is started then.
    interrupted: bool = False
    # Whether the last child has read its job.
    started: bool = False
    level_begun: float = field(default_factory=time.monotonic)

    def solve(self, start: FloatArray | None) -> Solution:
        begun, limit = time.monotonic(), self.options.time_limit
        options, crashed = self.options, False
        while True:
            ending = self._attempt(Job(self.model.without_keys(), options, start, tuple(self.ended)))
            over = ending == "overrun" and self.started and self._close_level()
            goes_on = over or (ending == "died" and not crashed)
            if ending == "died":
                # What it has proven may be as wrong as what it died of.
                self.progress = None
            if goes_on:
                start = start if self._settle() is None else self.plan
            left = None if limit is None else limit - (time.monotonic() - begun)
            if not goes_on or self.interrupted or (left is not None and left < LEAST_RETRY_SECONDS):
                break
            if ending == "died":
                crashed = True
                origin = "" if self.plan is None else ", from the last plan"
                self._notice("presolve_off", f"Solved again without presolve{origin}.")
                options = replace(options, presolve=False)
            options = replace(options, time_limit=left)
        # A further child that finds no plan above the floors does not lose the one at hand.
        if ending == "done" and self.done is not None and (self.done.has_plan or self._settle() is None):
            events = (*(notice for notice in self.notices if notice not in self.done.events), *self.done.events)
            return replace(self.done, events=events, log=self._log())
        return self._without_answer(ending)

    def _close_level(self) -> bool:
        """The level at whose end HiGHS did not stop is over as it stands; returns whether others are left to go on with."""
        number = len(self.ended)
        if number + 1 >= len(self.model.levels):
            return False
        plan = self._settle()
        if plan is None or self.interrupted:
            return False
        self._take(LevelDone(self._as_it_stands(number, plan), plan))
        return True

    def _rounded(self) -> FloatArray:
        if self.plan is None:
            raise AssertionError("only a plan can be rounded")
        whole = np.where(self.model.integer, np.rint(self.plan) + 0.0, self.plan)
        return np.clip(whole, self.model.lower, self.model.upper)

    def _notice(self, kind: str, text: str) -> None:
        event = Notice(kind, text)
        self.notices.append(event)
        self.report(event)

    def _log(self) -> str:
        return "\n".join(self.logs)

    def _attempt(self, job: Job) -> Ending:
        """One child from start to end."""
        self.started = False
        if self._is_asked_to_end():
            return "interrupted"
        ending: Ending
        with scratch_file() as log, scratch_file() as errors:
            job = replace(job, options=replace(job.options, log_file=log.path))
            try:
                with _child(log, errors) as child:
                    ending = self._follow(child, job)
            except KeyboardInterrupt:
                ending = "interrupted"
            finally:
                self.logs.append(log.text())
            last_words = errors.text().strip()[-STDERR_TAIL:]
        if ending == "died":
            reason = _reason(child.process.returncode)
            self._notice(
                "crashed", f"The solver's process died ({reason}).{' It said: ' + last_words if last_words else ''}"
            )
        elif ending == "overrun":
            kept = "" if self.plan is None else "; the last plan is kept"
            self._notice("overrun", f"The solver did not stop in time and was ended{kept}.")
        return ending

    def _is_asked_to_end(self) -> bool:
        return self.interruptible and requests() > 0

    def _follow(self, child: Peer, job: Job) -> Ending:
        """Take what a child sends until it has answered or ended, or is to be ended."""
        child.send(job)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                # What the child has sent by then is still taken when a request to end comes.
                wait = 0.0 if self._is_asked_to_end() else min(TICK_SECONDS, deadline - time.monotonic())
                message = child.receive(timeout=wait)
            except queue.Empty:
                if self._is_asked_to_end():
                    return "interrupted"
                if time.monotonic() >= deadline:
                    return "overrun"
                continue
            if message is None:
                return "died"
            if isinstance(message, Started):
                self.started = True
                limit = job.options.time_limit
                margin = OVERRUN_SECONDS if limit is None else max(OVERRUN_SECONDS, OVERRUN_SHARE * limit)
                deadline = float("inf") if limit is None else time.monotonic() + limit + margin
            elif isinstance(message, Failure):
                raise SolverFailed(f"{message.summary}\n{message.traceback}")
            elif isinstance(message, Solution):
                self.done = message
                return "done"
            elif isinstance(message, Notice) and message.kind == "overrun":
                # Without a plan there is no level to go on with: all the time is for finding one.
                if self.plan is not None:
                    return "overrun"
            else:
                self._take(message)

    def _take(self, event: Event) -> None:
        if isinstance(event, Incumbent):
            if self.plan is None and event.seconds == 0.0:
                self.before = event.values
            if not self._is_worse(event.values):
                self.plan = event.values
        elif isinstance(event, LevelDone):
            # Without a plan the child's answer follows, and others have no level to go on from.
            if event.values is not None:
                self.ended.append(event)
                self.progress, self.level_begun = None, time.monotonic()
                self.plan = self.settled_plan = self.before = event.values
        elif isinstance(event, Progress):
            self.progress = event
        else:
            self.notices.append(event)
        self.report(event)

    def _is_worse(self, values: FloatArray) -> bool:
        """Whether a further child has not yet caught up with the plan of the one before."""
        if self.plan is None or len(self.ended) >= len(self.model.levels):
            return False
        level = self.model.levels[len(self.ended)]
        return _sign(level) * (value_of(level, values) - value_of(level, self.plan)) < -FEASIBLE

    def _without_answer(self, ending: Ending) -> Solution:
        """The solution from what was streamed."""
        plan = self._settle()
        ending = "interrupted" if self.interrupted else ending
        words: dict[Ending, Termination] = {"died": "crashed", "interrupted": "interrupted"}
        results = [level.result for level in self.ended]
        for number in range(len(results), len(self.model.levels)):
            result = self._as_it_stands(number, plan)
            results.append(replace(result, termination=words.get(ending, result.termination)))
        solution = make_solution(
            self.model, plan, results, self.notices, interrupted=False, log=self._log(), timings={}
        )
        return replace(solution, termination=words.get(ending, solution.termination))

    def _as_it_stands(self, number: int, plan: FloatArray | None) -> LevelResult:
        """A level that nobody has ended, from what was streamed: the running one has a bound, later ones have none."""
        level, running = self.model.levels[number], number == len(self.ended)
        sign = _sign(level)
        value = None if plan is None else value_of(level, plan)
        before = None if self.before is None else value_of(level, self.before)
        bound = self.progress.bound if running and self.progress is not None else None
        if value is not None and bound is not None:
            # The settling of a plan may lift it above the bound by a tolerance.
            bound = None if beats(sign * value, sign * bound) else sign * max(sign * bound, sign * value)
        gap = relative_gap(value, bound)
        reached = gap is not None and gap <= self.options.gap
        better = value is not None and (before is None or is_better(sign * value, sign * before))
        termination: Termination = "none_found" if value is None else "optimal" if reached else "feasible"
        seconds = time.monotonic() - self.level_begun if running else 0.0
        return Outcome(value, bound, running and better, termination).result(level, seconds)

    def _settle(self) -> FloatArray | None:
        """The last plan with its whole numbers whole and the rest derived from them; where that fails, the one that was settled before it."""
        if self.plan is not self.settled_plan:
            rounded = self._rounded()
            broken = worst_break(self.model, rounded)[1]
            exact = self.model.integer.all() or broken <= EXACT
            derived = None if exact or self.interrupted else self._derived(rounded)
            fallback = rounded if broken <= FEASIBLE else self.settled_plan
            self.plan = self.settled_plan = fallback if derived is None else derived
        return self.plan

    def _derived(self, rounded: FloatArray) -> FloatArray | None:
        """The best plan of the running level with these whole numbers, above the floors of those that are done, by a child."""
        whole = self.model.integer
        fixed = replace(
            self.model.without_keys(),
            lower=np.where(whole, rounded, self.model.lower),
            upper=np.where(whole, rounded, self.model.upper),
            integer=np.zeros(len(whole), dtype=np.bool_),
            levels=self.model.levels[: len(self.ended) + 1],
        )
        options = SolveOptions(time_limit=SETTLE_SECONDS, presolve=False, improve=False)
        helper = _ChildSolve(fixed, options, ignore, interruptible=False)
        with contextlib.suppress(SolverFailed):
            self.interrupted = helper._attempt(Job(fixed, options, None, tuple(self.ended))) == "interrupted"
        return helper.settled_plan


def _sign(level: Level) -> float:
    """1 where more is better, -1 where less is."""
    return 1.0 if level.ratio is None else -1.0


@contextlib.contextmanager
def _child(log: Scratch, errors: Scratch) -> Iterator[Peer]:
    """A worker in a process group of its own (Ctrl-C at the terminal is for the parent), dead at the end whatever happens."""
    with errors.path.open("wb") as stderr:
        child = Peer("optimizer.solving.worker", stderr, log.files)
    try:
        yield child
        # A child that has answered, or died, ends by itself; any other is ended.
        if child.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=0.2)
    finally:
        child.close()


def _reason(code: int | None) -> str:
    if code is None:
        return "for an unknown reason"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {-code}, {signal.Signals(-code).name}"
        return f"signal {-code}"
    return f"exit code {code}"
