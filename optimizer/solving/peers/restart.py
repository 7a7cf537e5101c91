"""The restart of HiGHS from a good plan, which at its root rules out more than the same plan does later."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from optimizer.model.linear import FloatArray, Objective
from optimizer.solving.highs.doubts import ROOM_ABOVE, Asked, doubt_about
from optimizer.solving.highs.live import LiveModel, Run
from optimizer.solving.highs.watch import Step, Watchers
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better, Doubtful, Proven
from optimizer.solving.improve.submodels import completed
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.improvement import Task
from optimizer.solving.solution import beats, is_better
from optimizer.solving.stall import Stall

# HiGHS may branch at its root for a minute; moves follow when the bound has stalled for so long.
RESTART_STALL_SECONDS = 180.0
# What HiGHS writes, and on how many processors it works, is asked of the first alone (words in the names of options).
OF_THE_FIRST = ("file", "write", "save", "log", "output", "report", "thread", "parallel", "concurrency")


@dataclass(frozen=True, eq=False)
class Desk:
    """What the searches of an improvement worker share: its task and improver, plans from elsewhere, and the way to report."""

    task: Task
    improver: Improver
    news: Callable[[], FloatArray | None]
    send: Callable[[object], None]


def restarted(desk: Desk, plan: FloatArray, bound: float) -> FloatArray:
    """Run HiGHS on the whole model from a plan; returns the best plan when it ends, by itself or once its bound has stalled.

    Bounds below `bound` are reported, and plans once their whole numbers are whole and they keep all rules.
    """
    return _Restart(desk, plan, bound).run()


@dataclass
class _Restart:
    desk: Desk
    best: FloatArray
    bound: float
    begun: float = field(default_factory=time.monotonic)
    stall: Stall = field(default_factory=Stall)

    def run(self) -> FloatArray:
        """See `restarted`."""
        task, objective = self.desk.task, self.desk.task.objective
        live = LiveModel(task.model, _options(task))
        live.set_objective(objective, maximise=True)
        self._forget_beaten()
        run = live.run(
            seconds=None,
            gap=task.options.gap,
            start=self.best,
            presolve=task.options.presolve,
            watchers=Watchers(on_step=lambda step: self._take(step.bound, step.values), on_tick=self._tick),
        )
        self._take(None, run.values)
        self._end(run, Asked(objective.at, True, task.options.gap), live.natural)
        return self.best

    def _end(self, run: Run, asked: Asked, natural: float) -> None:
        """Its last bound counts where the run is believed; where it is not, no bound does."""
        if doubt_about(run, asked, self.best, None, natural) in ("", ROOM_ABOVE):
            self._take(run.bound, None)
        else:
            self.desk.send(Doubtful("restart"))

    def _forget_beaten(self) -> None:
        """A bound that the best plan beats is none: what is proven above it counts."""
        if beats(self._at(self.best), self.bound):
            self.bound, self.stall = float("inf"), Stall()

    def _take(self, bound: float | None, values: FloatArray | None) -> None:
        """What HiGHS reports."""
        if bound is not None and bound < self.bound:
            self.bound = bound
            self.desk.send(Proven(bound, time.monotonic() - self.begun, "restart"))
        if values is None or not is_better(self._at(values), self._at(self.best)):
            return
        if self._keep(cleaned(self.desk.improver, values, self.desk.task.objective)):
            value = self._at(self.best)
            self.desk.send(Better(self.best, value, "restart of HiGHS", time.monotonic() - self.begun))

    def _keep(self, plan: FloatArray | None) -> bool:
        """Keep a plan where it is better; returns whether it is."""
        if plan is None or not is_better(self._at(plan), self._at(self.best)):
            return False
        self.best = plan
        self._forget_beaten()
        return True

    def _tick(self, _: Step | None) -> tuple[FloatArray | None, bool]:
        offer = self.best if self._keep(self.desk.news()) else None
        return offer, self.stall.lasts(RESTART_STALL_SECONDS, self.bound, self._at(self.best))

    def _at(self, plan: FloatArray) -> float:
        return self.desk.task.objective.at(plan)


def _options(task: Task) -> SolveOptions:
    """What the first HiGHS is asked, but for one thread, interior point at the root, and no files of its own."""
    own = {name: value for name, value in task.options.highs.items() if not any(word in name for word in OF_THE_FIRST)}
    return replace(
        task.options,
        seed=task.seed % 2**31,
        threads=1,
        time_limit=None,
        improve=False,
        # HiGHS reports its progress only where it writes a log.
        log_file=Path(os.devnull),
        highs={"mip_lp_solver": "ipm", **own},
    )


def cleaned(improver: Improver, values: FloatArray, objective: Objective) -> FloatArray | None:
    """The plan of a running HiGHS with whole numbers whole and the others derived from them; None where it breaks rules then."""
    model = improver.model
    plan = completed(model, np.where(model.integer, values, np.nan), objective)
    if plan is None:
        plan = np.clip(np.where(model.integer, np.rint(values), values), model.lower, model.upper)
    return plan if improver.keeps(plan) else None
