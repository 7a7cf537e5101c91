"""One search for better plans: the best plan, its value, the clock and the limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from optimizer.model.linear import FloatArray, Objective
from optimizer.solving.improve.prices import Relaxation
from optimizer.solving.improve.reports import Better
from optimizer.solving.solution import is_better


@dataclass(frozen=True, eq=False)
class Limits:
    """When a search ends: after so many seconds of wall time, after so many solves, or when `stop` (asked between solves) says so; None: no limit."""

    seconds: float | None = None
    iterations: int | None = None
    stop: Callable[[], bool] = lambda: False


@dataclass(frozen=True, eq=False)
class Guide:
    """What a search maximises instead of its objective. `opened`: its plan has what an opening gives, and the moves begin."""

    objective: Objective
    opened: bool


@dataclass
class Course:
    """The state of one search.

    `pace`: seconds of wall time that a second of work takes. `goal`: what is reported, where the search goes by another objective.
    """

    objective: Objective
    best: FloatArray
    limits: Limits
    pace: Callable[[], float] = lambda: 1.0
    goal: Objective | None = None
    done: int = 0
    # The finest that is known.
    relaxation: Relaxation | None = None
    # Whether the pass over single posts has begun.
    opened: bool = False

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        self.value = self.objective.at(self.best)
        self.reached = self.value if self.goal is None else self.goal.at(self.best)

    def over(self) -> bool:
        """Whether a limit is reached."""
        limits = self.limits
        late = limits.seconds is not None and time.monotonic() - self.begun >= limits.seconds
        return late or (limits.iterations is not None and self.done >= limits.iterations) or limits.stop()

    def left(self, most: float) -> float:
        """Seconds of wall time for a solve that may take so many at most (of work, where that is what counts)."""
        longest = most * self.pace()
        if self.limits.seconds is None:
            return longest
        return max(0.05, min(longest, self.limits.seconds - (time.monotonic() - self.begun)))

    def take(self, plan: FloatArray | None, move: str) -> Iterator[Better]:
        """Keep a plan where it is better, and yield it where it is better by the goal too."""
        value = float("-inf") if plan is None else self.objective.at(plan)
        if plan is not None and is_better(value, self.value):
            self.best, self.value = plan, value
            reached = value if self.goal is None else self.goal.at(plan)
            if is_better(reached, self.reached):
                self.reached = reached
                yield Better(plan, reached, move, time.monotonic() - self.begun)

    def gap(self) -> float:
        """What the best plan may still gain; 0 where no bound is known."""
        return 0.0 if self.relaxation is None else max(0.0, self.relaxation.bound - self.value)


def course_of(
    objective: Objective, plan: FloatArray, limits: Limits, pace: Callable[[], float], guide: Guide | None
) -> Course:
    """The course of a search from a plan, by its guide where it has one."""
    if guide is None:
        return Course(objective, plan, limits, pace)
    return Course(guide.objective, plan, limits, pace, objective)
