"""A process of its own that looks for better plans, and for closer bounds, while HiGHS proves how good a plan can be.

It talks through pipes: plans that it finds are offered to HiGHS, plans from elsewhere are told to it.
Started as `python -m optimizer.solving.companion`; imports numpy and highspy only.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import numpy as np

from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.first import ExtraRow, first_plan
from optimizer.solving.highs import Step
from optimizer.solving.improve import Better, Doubtful, Improver, Proven, Ready, Witness, completed
from optimizer.solving.options import SolveOptions
from optimizer.solving.outline import outline_of, within
from optimizer.solving.prices import Relaxation
from optimizer.solving.processes import end, receive, start_module
from optimizer.solving.search import ROOM_ABOVE, Search
from optimizer.solving.solution import beats, ignore, is_better

Message = Better | Proven | Doubtful | Ready

# How long plans are sought within an outline alone, and how long a first one may take.
WITHIN_SECONDS = 45.0
START_SECONDS = 10.0
# HiGHS that begins anew may branch at its root for a minute; moves follow when the bound has stood still so long.
ANEW_STILL_SECONDS = 180.0
# What HiGHS writes, and on how many processors it works, is asked of the first alone (words in the names of options).
OF_THE_FIRST = ("file", "write", "save", "log", "output", "report", "thread", "parallel", "concurrency")
# A bound stands still while it closes less than this share of the gap.
STILL_SHARE = 0.05


@dataclass(frozen=True, eq=False)
class Task:
    """What the companion is to improve. `plan`: None: it seeks a first one, by repairing `start` where one is given (NaN: left open).

    `extra`: rows (columns, values, lower, upper) that hold besides the model's. `relaxation`: where another has solved it.
    `larger`: how much larger its moves begin. `outline`: whether an outline is to be found first, plans within it, and then what HiGHS
    proves from the best plan, which needs a relaxation and no extra rows. `options`: what HiGHS is asked then.
    """

    model: LinearModel
    objective: Objective
    plan: FloatArray | None
    extra: tuple[ExtraRow, ...]
    seed: int
    relaxation: Relaxation | None = None
    larger: float = 1.0
    outline: bool = False
    options: SolveOptions = field(default_factory=SolveOptions)
    start: FloatArray | None = None


@dataclass
class Standstill:
    """Whether a bound has hardly come nearer to the best plan for long. `since`: when it last did, and to where."""

    since: tuple[float, float] | None = None

    def lasts(self, seconds: float, bound: float, worth: float) -> bool:
        """Whether it has not for so many seconds, with the bound (of what is maximised) and the worth of the best plan as they are now."""
        now = time.monotonic()
        if self.since is None or self.since[1] - bound > STILL_SHARE * max(0.0, bound - worth):
            self.since = (now, bound)
        return now - self.since[0] > seconds


class Companion:
    """The side of those who started it. A companion that dies is simply no help any more."""

    def __init__(self, task: Task) -> None:
        self._process = start_module("optimizer.solving.companion", subprocess.DEVNULL)
        self.outline, self.begun = task.outline, time.monotonic()
        # The least bound of each witness that nothing contradicts, and those who are not believed any more.
        self.bounds: dict[Witness, float] = {}
        self.refused: set[Witness] = set()
        # The finest that is known.
        self.relaxation: Relaxation | None = None
        # Whether there are moves only from now on; whether it has ended.
        self.ready = self.ended = False
        self._asked = False
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        bare = replace(task.model.without_keys(), levels=())
        self._outbox.put(replace(task, model=bare))
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._deliver, daemon=True).start()

    @property
    def bound(self) -> float:
        """What it has proven so far; infinite where that is nothing."""
        return min(self.bounds.values(), default=float("inf"))

    def refuse(self, witness: Witness) -> None:
        """Use no bound of this witness, neither those before nor later ones."""
        self.bounds.pop(witness, None)
        self.refused.add(witness)

    def better(self) -> Better | None:
        """The newest better plan since the last call, or None. `bounds` are what has been proven so far."""
        newest = None
        # Before the messages are read: whoever has ended says nothing after them.
        died = self.ended and not self._asked and self._process.returncode != 0
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._inbox.get_nowait()
                if isinstance(message, Proven):
                    if message.by not in self.refused:
                        self.bounds[message.by] = min(self.bounds.get(message.by, float("inf")), message.bound)
                    self.relaxation = self.relaxation if message.relaxation is None else message.relaxation
                elif isinstance(message, Doubtful):
                    self.refuse(message.by)
                elif isinstance(message, Ready):
                    self.ready = True
                else:
                    newest = message
        if died:
            # What HiGHS has proven may be as wrong as what it died of; prices are arithmetic.
            for witness in self.bounds.keys() - {"prices"}:
                self.refuse(witness)
        return newest

    def tell(self, plan: FloatArray) -> None:
        """A plan from elsewhere."""
        self._outbox.put(plan)

    def rest(self) -> None:
        """End the search; what it has said is still heard."""
        self._asked = self._asked or self._process.poll() is None
        self._process.kill()

    def close(self) -> None:
        """End the companion."""
        self._outbox.put(None)
        end(self._process)

    def _receive(self) -> None:
        if self._process.stdout is None:
            raise AssertionError("the companion has pipes")
        try:
            receive(self._process.stdout, self._inbox.put)
            self._process.wait()
        finally:
            self.ended = True

    def _deliver(self) -> None:
        if self._process.stdin is None:
            raise AssertionError("the companion has pipes")
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outbox.get()) is not None:
                pickle.dump(message, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()


def main() -> None:
    """Improve the task on stdin until stdin ends."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301  (from the process that started this one)
    news: queue.SimpleQueue[FloatArray] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, news), daemon=True).start()

    def tell(step: Message) -> None:
        try:
            pickle.dump(step, messages, protocol=pickle.HIGHEST_PROTOCOL)
            messages.flush()
        except BrokenPipeError:
            os._exit(0)

    work(task, lambda: best_of(news, task.objective), tell)
    # Not by returning: the thread that listens holds stdin.
    os._exit(0)


def work(task: Task, news: Callable[[], FloatArray | None], tell: Callable[[Message], None]) -> None:
    """Tell of better and better plans without end; returns where an outline is asked for and not worth it.

    With an outline: plans within it first, then HiGHS from the best plan, then moves in the whole model.
    """
    if task.model.places is None:
        return
    improver = Improver(task.model, task.model.places, task.seed, larger=task.larger)
    for columns, values, lower, upper in task.extra:
        improver.add_row(columns, values, lower, upper)
    if task.plan is None:
        found_first = _first(task, improver, news, tell)
        if found_first is None:
            return
        task = replace(task, plan=found_first)
    plan = _plan_of(task)
    if task.outline:
        found = _within_outline(task, improver, news, tell)
        if found is None:
            return
        plan = _proven_anew(task, improver, *found, news, tell)
        tell(Ready())
    for step in improver.improve(plan, task.objective, relaxation=task.relaxation, news=news):
        tell(step)


def _plan_of(task: Task) -> FloatArray:
    if task.plan is None:
        raise AssertionError("what is improved is a plan")
    return task.plan


def _first(
    task: Task,
    improver: Improver,
    news: Callable[[], FloatArray | None],
    tell: Callable[[Message], None],
) -> FloatArray | None:
    """A first plan, sought until there is one, here or elsewhere; None where it is proven that there is none."""
    if task.model.places is None:
        raise AssertionError("plans are sought by places")
    begun, elsewhere = time.monotonic(), _Elsewhere(news)
    found = first_plan(
        task.model, task.model.places, start=task.start, extra=task.extra, seed=task.seed, stop=elsewhere.has_come
    )
    if found is None or not improver.keeps(found):
        given = elsewhere.plan
        clean = None if given is None else _clean(improver, given, task.objective)
        return given if clean is None else clean
    tell(Better(found, task.objective.at(found), "first plan", time.monotonic() - begun))
    return found


class _Elsewhere:
    """The newest plan from elsewhere, kept when it comes."""

    def __init__(self, news: Callable[[], FloatArray | None]) -> None:
        self._news = news
        self.plan: FloatArray | None = None

    def has_come(self) -> bool:
        """Whether there is one."""
        plan = self._news()
        self.plan = self.plan if plan is None else plan
        return self.plan is not None


def _within_outline(
    task: Task,
    improver: Improver,
    news: Callable[[], FloatArray | None],
    tell: Callable[[Message], None],
) -> tuple[FloatArray, float] | None:
    """The best plan after a search from nothing within the outline, and the outline's bound; None where no outline is worth it."""
    if task.relaxation is None or task.model.places is None:
        raise AssertionError("an outline begins with a relaxation")
    begun, objective, best, least = time.monotonic(), task.objective, _plan_of(task), task.relaxation.bound

    def proven(bound: float | None) -> None:
        nonlocal least
        if bound is None:
            tell(Doubtful("outline"))
        else:
            least = bound
            tell(Proven(bound, time.monotonic() - begun, "outline"))

    def heard() -> FloatArray | None:
        nonlocal best
        plan = news()
        best = best if plan is None else max(best, plan, key=objective.at)
        return plan

    outline = outline_of(task.model, improver.all_rows(), objective, task.relaxation, proven)
    if outline is None:
        return None
    waiting = heard()
    if objective.at(outline) <= objective.at(best):
        # Cut off early: nothing is gained within it.
        return best, least
    places = task.model.places
    for all_of_it in (True, False):
        # Fractions of units may mount more than whole units can.
        model = within(task.model, outline, all_of_it=all_of_it)
        inner = Improver(model, places, task.seed)
        start = first_plan(model, places, seed=task.seed, seconds=START_SECONDS)
        if start is not None and inner.keeps(start):
            break
    else:
        return best, least

    def fitting() -> FloatArray | None:
        nonlocal waiting
        plans = [plan for plan in (waiting, heard()) if plan is not None]
        waiting = None
        inside = [plan for plan in plans if ((plan >= model.lower - 0.5) & (plan <= model.upper + 0.5)).all()]
        return max(inside, key=objective.at, default=None)

    def take(plan: FloatArray, move: str) -> None:
        nonlocal best
        worth = objective.at(plan)
        if worth > objective.at(best):
            best = plan
            tell(Better(plan, worth, f"{move}, within the outline", time.monotonic() - begun))

    take(start, "first plan")
    for step in inner.improve(start, objective, seconds=WITHIN_SECONDS, news=fitting):
        if isinstance(step, Better):
            take(step.values, step.move)
    return best, least


def _proven_anew(
    task: Task,
    improver: Improver,
    plan: FloatArray,
    least: float,
    news: Callable[[], FloatArray | None],
    tell: Callable[[Message], None],
) -> FloatArray:
    """HiGHS from a good plan, which at its root rules out more than the same plan does later; returns the best plan when it ends.

    It ends by itself, or when the bound (`least` before) stands still for long. What it says is told; a plan only once it is clean.
    """
    begun, objective, best = time.monotonic(), task.objective, plan
    asked = {
        name: value for name, value in task.options.highs.items() if not any(word in name for word in OF_THE_FIRST)
    }
    options = replace(
        task.options,
        seed=task.seed % 2**31,
        threads=1,
        time_limit=None,
        improve=False,
        # HiGHS tells how it stands only where it writes a log.
        log_file=Path(os.devnull),
        highs={"mip_lp_solver": "ipm", **asked},
    )
    search, still = Search(task.model, options, ignore), Standstill()
    search.live.set_objective(objective, maximise=True)

    def believe() -> None:
        """A bound that the best plan beats is none: what is proven above it counts."""
        nonlocal least, still
        if beats(objective.at(best), least):
            least, still = float("inf"), Standstill()

    def better(found: FloatArray | None) -> bool:
        nonlocal best
        if found is None or not is_better(objective.at(found), objective.at(best)):
            return False
        best = found
        believe()
        return True

    def hear(bound: float | None, values: FloatArray | None) -> None:
        nonlocal least
        if bound is not None and bound < least:
            least = bound
            tell(Proven(bound, time.monotonic() - begun, "HiGHS anew"))
        if (
            values is not None
            and is_better(objective.at(values), objective.at(best))
            and better(_clean(improver, values, objective))
        ):
            tell(Better(best, objective.at(best), "HiGHS, from the best plan", time.monotonic() - begun))

    def tick(_: Step | None) -> tuple[FloatArray | None, bool]:
        offer = best if better(news()) else None
        return offer, still.lasts(ANEW_STILL_SECONDS, least, objective.at(best))

    believe()
    run = search.live.run(
        seconds=None,
        gap=options.gap,
        start=plan,
        presolve=options.presolve,
        on_step=lambda step: hear(step.bound, step.values),
        on_tick=tick,
    )
    hear(None, run.values)
    search.plan = best
    if search.doubt(run, objective.at, True, options.gap) in ("", ROOM_ABOVE):
        hear(run.bound, None)
    else:
        tell(Doubtful("HiGHS anew"))
    return best


def _clean(improver: Improver, values: FloatArray, objective: Objective) -> FloatArray | None:
    """The plan of a running HiGHS with whole numbers whole and the others derived from them; None where it breaks rules then."""
    model = improver.model
    plan = completed(model, np.where(model.integer, values, np.nan), objective)
    if plan is None:
        plan = np.clip(np.where(model.integer, np.rint(values), values), model.lower, model.upper)
    return plan if improver.keeps(plan) else None


def best_of(plans: queue.SimpleQueue[FloatArray], objective: Objective) -> FloatArray | None:
    """The best of the plans that wait, or None: the others are forgotten."""
    waiting: list[FloatArray] = []
    with contextlib.suppress(queue.Empty):
        while True:
            waiting.append(plans.get_nowait())
    return max(waiting, key=objective.at, default=None)


def _listen(stream: IO[bytes], news: queue.SimpleQueue[FloatArray]) -> None:
    """The end of stdin is the end of the one who started us, however it died."""
    receive(stream, news.put)
    os._exit(0)


if __name__ == "__main__":
    main()
