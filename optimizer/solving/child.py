"""The doors of the room: solve in this process, or in a child whose death is an event and not the end.

The child streams its plans. Whatever happens to it (a native crash, kill -9, too little memory, a limit it does not keep) or to
us (Ctrl-C), the last plan is kept.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal

import numpy as np

from optimizer.model.rows import FloatArray, LinearModel
from optimizer.solving import highs
from optimizer.solving.levels import is_reported, make_solution, solve_levels, value_of
from optimizer.solving.messages import Failure, Job, Message, Started
from optimizer.solving.options import SolveOptions
from optimizer.solving.processes import end, receive, start_module
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
    relative_gap,
)

solve_here = solve_levels

# HiGHS looks at the clock rarely in presolve and probing: a child gets this much more than its limit (seconds, share).
OVERRUN_SECONDS = 3.0
OVERRUN_SHARE = 0.1
# Importing and reading the job must not take longer.
START_SECONDS = 120.0
SETTLE_SECONDS = 20.0
LEAST_RETRY_SECONDS = 0.5
STDERR_TAIL = 300

Ending = Literal["done", "died", "overrun", "interrupted"]


def solve_in_child(
    model: LinearModel, options: SolveOptions, start: FloatArray | None = None, report: Report = ignore
) -> Solution:
    """Solve all levels of a model in a child process; arguments and result as for `solve_levels`.

    A child that dies is told (`Notice` "crashed") and the solve repeated once without presolve from the last plan. If that
    dies too the termination is `crashed`, with the last plan if there is one. Ctrl-C ends the child: `interrupted`.

    Raises:
        SolverFailed: with the child's words when it raised an exception.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="solve-", ignore_cleanup_errors=True) as folder:
        talk = _Talk(model, options, Path(folder), report)
        solution = talk.solve(start)
    if options.log_file is not None:
        options.log_file.write_text(solution.log, encoding="utf-8")
    return replace(solution, timings={**solution.timings, "child": time.monotonic() - begun})


@dataclass
class _Talk:
    """The parent's side: what the children told."""

    model: LinearModel
    options: SolveOptions
    folder: Path
    report: Report
    # The last plan, and whether its whole numbers are whole.
    plan: FloatArray | None = None
    settled: bool = True
    # The last plan that was settled: the fallback of an unsettled one.
    settled_plan: FloatArray | None = None
    ended: list[LevelDone] = field(default_factory=list)
    progress: Progress | None = None
    notices: list[Notice] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    done: Solution | None = None

    def solve(self, start: FloatArray | None) -> Solution:
        begun = time.monotonic()
        ending = self._attempt(Job(self.model.without_keys(), self.options, start))
        if ending == "died":
            limit = self.options.time_limit
            left = None if limit is None else limit - (time.monotonic() - begun)
            if left is None or left >= LEAST_RETRY_SECONDS:
                origin = "" if self.plan is None else ", from the last plan"
                self._notice("presolve_off", f"Solved again without presolve{origin}.")
                again = replace(self.options, presolve=False, time_limit=left)
                self.ended, self.progress = [], None
                ending = self._attempt(
                    Job(self.model.without_keys(), again, start if self.plan is None else self._rounded())
                )
        ending = self._go_on(ending, begun)
        if ending == "done" and self.done is not None:
            events = (*(notice for notice in self.notices if notice not in self.done.events), *self.done.events)
            return replace(self.done, events=events, log=self._log())
        return self._without_answer(ending)

    def _go_on(self, ending: Ending, begun: float) -> Ending:
        """Where HiGHS did not stop at the end of a level, that level is over all the same: another child goes on with the next."""
        limit, levels = self.options.time_limit, self.model.levels
        while ending == "overrun" and len(self.ended) + 1 < len(levels):
            left = None if limit is None else limit - (time.monotonic() - begun)
            self.plan, self.settled = self._settle(), True
            if self.plan is None or (left is not None and left < LEAST_RETRY_SECONDS):
                break
            self.ended.append(LevelDone(self._as_it_stands(len(self.ended), self.plan), self.plan))
            self.settled_plan, self.progress = self.plan, None
            options = replace(self.options, time_limit=left)
            ending = self._attempt(Job(self.model.without_keys(), options, self.plan, tuple(self.ended)))
        return ending

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
        number = len(self.logs)
        log = self.folder / f"solver-{number}.log"
        errors = self.folder / f"errors-{number}.txt"
        job = replace(job, options=replace(job.options, log_file=log, highs=dict(job.options.highs)))
        ending: Ending
        try:
            with _child(errors) as child:
                ending = self._listen(child, job)
        except KeyboardInterrupt:
            ending = "interrupted"
        finally:
            text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            self.logs.append(text)
        if ending == "died":
            said = errors.read_text(encoding="utf-8", errors="replace").strip()[-STDERR_TAIL:]
            reason = _reason(child.returncode)
            self._notice("crashed", f"The solver's process died ({reason}).{' It said: ' + said if said else ''}")
        elif ending == "overrun":
            self._notice("overrun", "The solver did not stop in time and was ended; the last plan is kept.")
        return ending

    def _listen(self, child: subprocess.Popen[bytes], job: Job) -> Ending:
        inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        if child.stdin is None or child.stdout is None:
            raise AssertionError("the child has pipes")
        threading.Thread(target=_receive, args=(child.stdout, inbox), daemon=True).start()
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(job, child.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            child.stdin.flush()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                message = inbox.get(timeout=max(0.0, min(1.0, deadline - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= deadline:
                    return "overrun"
                continue
            if message is None:
                child.wait()
                return "died"
            if isinstance(message, Started):
                limit = job.options.time_limit
                margin = OVERRUN_SECONDS if limit is None else max(OVERRUN_SECONDS, OVERRUN_SHARE * limit)
                deadline = float("inf") if limit is None else time.monotonic() + limit + margin
            elif isinstance(message, Failure):
                raise SolverFailed(f"{message.summary}\n{message.traceback}")
            elif isinstance(message, Solution):
                self.done = message
                return "done"
            elif isinstance(message, Notice) and message.kind == "overrun":
                return "overrun"
            else:
                self._hear(message)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Incumbent):
            if not self._is_worse(event.values):
                self.plan, self.settled = event.values, False
        elif isinstance(event, LevelDone):
            self.ended.append(event)
            self.progress = None
            if event.values is not None:
                self.plan, self.settled, self.settled_plan = event.values, True, event.values
        elif isinstance(event, Progress):
            self.progress = event
        else:
            self.notices.append(event)
        self.report(event)

    def _is_worse(self, values: FloatArray) -> bool:
        """Whether a second child, still at its first level, has not yet caught up with the plan of the first."""
        if self.plan is None or self.ended or not self.model.levels:
            return False
        level = self.model.levels[0]
        sign = 1.0 if level.ratio is None else -1.0
        return sign * value_of(level, values) < sign * value_of(level, self.plan) - highs.FEASIBLE

    def _without_answer(self, ending: Ending) -> Solution:
        """The solution from what was streamed."""
        plan = self._settle()
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
        level = self.model.levels[number]
        value = None if plan is None else value_of(level, plan)
        running = self.progress if number == len(self.ended) else None
        bound = None if running is None else running.bound
        if value is not None and bound is not None and level.ratio is None and beats(value, bound):
            bound = None
        gap = relative_gap(value, bound)
        reached = gap is not None and gap <= self.options.gap
        return LevelResult(
            name=level.name,
            priority=level.terms[0].priority if level.terms else 0,
            value=value,
            bound=bound,
            gap=gap,
            termination="none_found" if plan is None else "optimal" if reached else "feasible",
            seconds=0.0,
            improved=running is not None and plan is not None,
            reported=is_reported(level),
        )

    def _settle(self) -> FloatArray | None:
        """The last plan with whole numbers whole, the rest derived from them by a child that has nothing else to decide."""
        if self.plan is None or self.settled:
            return self.plan
        rounded = self._rounded()
        broken = highs.worst_break(self.model, rounded)[1]
        if self.model.integer.all() or broken <= highs.EXACT:
            return rounded if broken <= highs.FEASIBLE else self.settled_plan
        whole = self.model.integer
        fixed = replace(
            self.model.without_keys(),
            lower=np.where(whole, rounded, self.model.lower),
            upper=np.where(whole, rounded, self.model.upper),
            integer=np.zeros(len(whole), dtype=np.bool_),
        )
        options = SolveOptions(time_limit=SETTLE_SECONDS, presolve=False)
        helper = _Talk(fixed, options, self.folder / "settle", ignore)
        helper.folder.mkdir()
        with contextlib.suppress(SolverFailed):
            helper._attempt(Job(fixed, options, None))
        plan = helper.done.values if helper.done is not None else helper.settled_plan
        if plan is not None:
            return plan
        return rounded if broken <= highs.FEASIBLE else self.settled_plan


@contextlib.contextmanager
def _child(errors: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own session (Ctrl-C at the terminal is for the parent), dead at the end whatever happens."""
    with errors.open("wb") as stderr:
        child = start_module("optimizer.solving.worker", stderr)
    try:
        yield child
        # A child that has answered, or died, needs no push; another has no reason to live on.
        if child.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
    finally:
        end(child)


def _receive(stream: IO[bytes], inbox: queue.SimpleQueue[Message | None]) -> None:
    receive(stream, inbox.put)
    inbox.put(None)


def _reason(code: int | None) -> str:
    if code is None:
        return "for an unknown reason"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {-code}, {signal.Signals(-code).name}"
        return f"signal {-code}"
    return f"exit code {code}"
