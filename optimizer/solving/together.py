"""One level, several searches: HiGHS proves, companions improve, and each hears of the others' plans."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from types import TracebackType

from optimizer.model.rows import FloatArray, Objective
from optimizer.solving.companion import Companion, Task
from optimizer.solving.highs import Step
from optimizer.solving.improve import Better
from optimizer.solving.prices import Relaxation
from optimizer.solving.search import BETTER, Search
from optimizer.solving.solution import Incumbent, Progress, relative_gap

# HiGHS alone is quicker for what it solves in this time; a process takes a quarter of a second to start.
ALONE_SECONDS = 1.0
# The bound stands still when it has closed less than this share of the gap in so many seconds.
STILL_SECONDS = 20.0
STILL_SHARE = 0.05
# How much larger the second companion's moves begin: what small moves cannot reach.
SECOND_LARGER = 3.0


@dataclass
class Together:
    """Runs a companion beside HiGHS for one objective (maximised), once there is a plan and HiGHS has not finished at once.

    Once the bound stands still and the first companion is through its opening, HiGHS gives way to a second one. The companions hear of
    each other's plans.
    """

    search: Search
    objective: Objective
    _companions: list[Companion] = field(default_factory=list)
    _plan: FloatArray | None = None
    _worth: float = float("-inf")
    _theirs: FloatArray | None = None
    _bound: float | None = None
    _begun: float = field(default_factory=time.monotonic)
    # Since when the bound stands, and where.
    _still: tuple[float, float] | None = None

    def __enter__(self) -> Together:
        self.search.known = self.search.proven = None
        if self.search.plan is not None:
            self._plan, self._worth = self.search.plan, self.objective.at(self.search.plan)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.search.known = self.search.proven = None
        for companion in self._companions:
            companion.close()

    def tick(self, step: Step | None) -> tuple[FloatArray | None, bool]:
        """Pass plans on; returns a plan to offer to HiGHS, and whether the asked gap is reached."""
        offer = None
        if step is not None:
            self._bound = self._bound if step.bound is None else step.bound
            if step.values is not None:
                self._hear(self.search.own(step.values))
        if not self._companions:
            self._start()
        for companion in self._companions:
            better = companion.better()
            if companion.bound < (float("inf") if self.search.proven is None else self.search.proven):
                self.search.proven = companion.bound
                self._tell_bound()
            if better is not None:
                self._tell(better.values, but=companion)
                if self._is_better(better.worth):
                    offer = self._take(better)
        if len(self._companions) == 1 and self._stands_still():
            self._start_second(self._companions[0])
        if len(self._companions) > 1:
            # Every time: a second run of HiGHS is another thread.
            self.search.live.give_way()
        gap = relative_gap(self._worth, self.bound) if self._plan is not None else None
        return offer, gap is not None and gap <= self.search.options.gap

    @property
    def bound(self) -> float | None:
        """The least that HiGHS or the companions' prices have proven; None: nothing yet."""
        proven = self.search.proven
        bounds = [bound for bound in (self._bound, proven) if bound is not None]
        return min(bounds, default=None)

    def _tell_bound(self) -> None:
        """HiGHS may be silent for minutes; what is proven meanwhile is told at once."""
        value = self._worth if self._plan is not None else None
        seconds = time.monotonic() - self.search.begun
        gap = relative_gap(value, self.bound)
        self.search.report(Progress(self.search.level_name, value, self.bound, gap, seconds, 0))

    def forget(self) -> None:
        """What HiGHS said of the best possible was wrong."""
        self._bound = self._still = None

    def settled(self) -> FloatArray | None:
        """The companions' best plan, its whole numbers whole; None where it is not the best that is known."""
        if self._theirs is None or self._theirs is not self._plan:
            return None
        return self.search.live.settle(self.search.whole(self._theirs))

    def _is_better(self, worth: float) -> bool:
        return worth > self._worth + BETTER * max(1.0, abs(self._worth))

    def _take(self, better: Better) -> FloatArray:
        """Keep a companion's plan as the best, tell it, and return it as HiGHS knows it."""
        self._plan = self._theirs = better.values
        self._worth = self.search.known = better.worth
        seconds = time.monotonic() - self.search.begun
        self.search.report(Incumbent(self.search.level_name, better.worth, better.values, seconds, better.move))
        return self.search.whole(better.values)

    def _hear(self, plan: FloatArray) -> None:
        """A plan of HiGHS."""
        worth = self.objective.at(plan)
        if self._is_better(worth):
            self._plan, self._worth = plan, worth
            self._tell(plan)

    def _tell(self, plan: FloatArray, but: Companion | None = None) -> None:
        for companion in self._companions:
            if companion is not but:
                companion.tell(plan)

    def _start(self) -> None:
        if not self.search.options.improve or self.search.model.places is None:
            return
        if time.monotonic() - self._begun < ALONE_SECONDS or not self.objective.values.any():
            return
        width = len(self.search.model.lower)
        if not any(len(row.columns) and int(row.columns.max()) >= width for row in self.search.live.extra):
            self._add(self.search.options.seed)

    def _stands_still(self) -> bool:
        """Whether the bound has hardly come nearer to the best plan for a while."""
        now, bound = time.monotonic(), self.bound
        if bound is None:
            return False
        if self._still is None or self._still[1] - bound > STILL_SHARE * (bound - self._worth):
            self._still = (now, bound)
        return now - self._still[0] > STILL_SECONDS

    def _start_second(self, first: Companion) -> None:
        """A companion that begins with what the first has learnt of the relaxation; without one HiGHS keeps its core."""
        if first.relaxation is not None:
            self._add(self.search.options.seed + 1, first.relaxation, SECOND_LARGER)

    def _add(self, seed: int, relaxation: Relaxation | None = None, larger: float = 1.0) -> None:
        if self._plan is None:
            return
        rows = tuple((row.columns, row.values, row.lower, row.upper) for row in self.search.live.extra)
        # Without further processes HiGHS goes on alone.
        with contextlib.suppress(OSError):
            task = Task(self.search.model, self.objective, self._plan, rows, seed, relaxation, larger)
            self._companions.append(Companion(task))
