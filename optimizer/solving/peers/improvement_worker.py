"""What an improvement worker does; started as a module of its own, which imports numpy and highspy only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from optimizer.model.linear import FloatArray, LinearModel, Objective, Places
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.first import first_plan
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.mounting import restricted, solve_mounting_relaxation
from optimizer.solving.improve.reports import Better, Doubtful, Proven, Ready
from optimizer.solving.improve.spells import arrivals
from optimizer.solving.peers.improvement import Task
from optimizer.solving.peers.pipe import Parent
from optimizer.solving.peers.restart import Desk, cleaned, restarted

# How long plans are sought within the mounting relaxation alone, and how long a first one may take.
WITHIN_SECONDS = 45.0
START_SECONDS = 10.0


def main() -> None:
    """Improve the task of the parent until the parent ends this process."""
    parent = Parent()
    task: Task = parent.receive()
    work(task, lambda: best_of(parent.waiting(), task.objective), parent.send)
    parent.leave()


def work(task: Task, news: Callable[[], FloatArray | None], send: Callable[[object], None]) -> None:
    """Report better and better plans without end; returns where the mounting relaxation is asked for and not worth it.

    With the mounting relaxation: plans within it first, then a restart of HiGHS from the best plan, then moves in the whole model.
    """
    if task.model.places is None:
        return
    # A busy machine cuts the long solves off in which contingents that stay are found: there it is work that is limited.
    steady = arrivals(task.model) is not None
    improver = Improver(task.model, task.model.places, task.seed, larger=task.larger, by_work=steady)
    for columns, values, lower, upper in task.extra:
        improver.add_row(columns, values, lower, upper)
    desk = Desk(task, improver, news, send)
    plan = _first(desk, task.model.places) if task.plan is None else task.plan
    if plan is None:
        return
    if task.mounting:
        found = _by_mounting(desk, plan)
        if found is None:
            return
        plan = restarted(desk, *found)
        send(Ready())
    for report in improver.improve(plan, task.objective, relaxation=task.relaxation, guide=task.guide, news=news):
        send(report)


def best_of(plans: Iterable[FloatArray], objective: Objective) -> FloatArray | None:
    """The best of some plans, or None: the others are forgotten."""
    return max(plans, key=objective.at, default=None)


def _first(desk: Desk, places: Places) -> FloatArray | None:
    """A first plan, sought until there is one, here or elsewhere; None where it is proven that there is none."""
    task, begun, elsewhere = desk.task, time.monotonic(), _Elsewhere(desk.news)
    found = first_plan(
        task.model,
        places,
        start=task.start,
        extra=task.extra,
        seed=task.seed,
        limits=Limits(stop=elsewhere.has_come),
    )
    if found is None or not desk.improver.keeps(found):
        given = elsewhere.plan
        clean = None if given is None else cleaned(desk.improver, given, task.objective)
        return given if clean is None else clean
    desk.send(Better(found, task.objective.at(found), "first plan", time.monotonic() - begun))
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


def _by_mounting(desk: Desk, plan: FloatArray) -> tuple[FloatArray, float] | None:
    """The best plan after a search within the mounting relaxation, and the bound of that; None where it is not worth it."""
    task, begun = desk.task, time.monotonic()
    if task.relaxation is None:
        raise AssertionError("the mounting relaxation begins with the linear one")
    bounds = [task.relaxation.bound]

    def proven(bound: float | None) -> None:
        if bound is None:
            desk.send(Doubtful("mounting relaxation"))
        else:
            bounds.append(bound)
            desk.send(Proven(bound, time.monotonic() - begun, "mounting relaxation"))

    rows = desk.improver.rows()
    mounting = solve_mounting_relaxation(task.model, rows, task.objective, task.relaxation, proven)
    if mounting is None:
        return None
    within = _Within(desk, plan, begun)
    within.receive()
    # Otherwise it was cut off early: no plan within it is better.
    if task.objective.at(mounting) > task.objective.at(within.best):
        within.search(mounting)
    return within.best, bounds[-1]


@dataclass
class _Within:
    """The search within a mounting relaxation, from nobody deployed. `best`: the best plan, also of those from elsewhere."""

    desk: Desk
    best: FloatArray
    begun: float
    # A plan from elsewhere that the search has not been given yet.
    waiting: FloatArray | None = None

    def receive(self) -> FloatArray | None:
        """A plan from elsewhere, or None."""
        plan = self.desk.news()
        self.waiting = plan
        if plan is not None:
            self.best = max(self.best, plan, key=self.desk.task.objective.at)
        return plan

    def search(self, mounting: FloatArray) -> None:
        """Improve plans in which what is mounted and used is what the mounting relaxation mounts and uses."""
        task = self.desk.task
        found = _start_within(task, mounting)
        if found is None:
            return
        model, improver, start = found
        self._take(start, "first plan")
        limits = Limits(WITHIN_SECONDS)
        for step in improver.improve(
            start,
            task.objective,
            limits,
            guide=task.guide and replace(task.guide, opened=False),
            news=lambda: self._fitting(model),
        ):
            if isinstance(step, Better):
                self._take(step.values, step.move)

    def _fitting(self, model: LinearModel) -> FloatArray | None:
        """The best of the plans from elsewhere that mount nothing else."""
        plans = [plan for plan in (self.waiting, self.receive()) if plan is not None]
        self.waiting = None
        inside = [plan for plan in plans if ((plan >= model.lower - 0.5) & (plan <= model.upper + 0.5)).all()]
        return max(inside, key=self.desk.task.objective.at, default=None)

    def _take(self, plan: FloatArray, move: str) -> None:
        objective = self.desk.task.objective
        value = objective.at(plan)
        if value > objective.at(self.best):
            self.best = plan
            title = f"{move}, within the mounting relaxation"
            self.desk.send(Better(plan, value, title, time.monotonic() - self.begun))


def _start_within(task: Task, mounting: FloatArray) -> tuple[LinearModel, Improver, FloatArray] | None:
    """The restricted model, its improver and a first plan of it; None where no plan is found.

    Fractions of units may mount more than whole units can: where not all of it can be mounted, no more than that is.
    """
    if task.model.places is None:
        raise AssertionError("plans are sought where columns have places")
    for all_of_it in (True, False):
        model = restricted(task.model, mounting, all_of_it=all_of_it)
        improver = Improver(model, task.model.places, task.seed)
        start = first_plan(model, task.model.places, seed=task.seed, limits=Limits(START_SECONDS))
        if start is not None and improver.keeps(start):
            return model, improver, start
    return None


if __name__ == "__main__":
    main()
