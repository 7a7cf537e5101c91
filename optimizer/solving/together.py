"""One level, two searches: HiGHS proves, the companion improves, and each hears of the other's plans."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from types import TracebackType

from optimizer.model.rows import FloatArray, Objective
from optimizer.solving.companion import Companion, Task
from optimizer.solving.highs import Step
from optimizer.solving.search import BETTER, Search
from optimizer.solving.solution import Incumbent, Progress, relative_gap

# HiGHS alone is quicker for what it solves in this time; a process takes a quarter of a second to start.
ALONE_SECONDS = 1.0


@dataclass
class Together:
    """Runs a companion beside HiGHS for one objective (maximised), once there is a plan and HiGHS has not finished at once."""

    search: Search
    objective: Objective
    _companion: Companion | None = None
    _plan: FloatArray | None = None
    _worth: float = float("-inf")
    _theirs: FloatArray | None = None
    _bound: float | None = None
    _begun: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Together:
        self.search.known = self.search.proven = None
        if self.search.plan is not None:
            self._plan, self._worth = self.search.plan, self.objective.at(self.search.plan)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.search.known = self.search.proven = None
        if self._companion is not None:
            self._companion.close()

    def tick(self, step: Step | None) -> tuple[FloatArray | None, bool]:
        """Pass plans on; returns a plan to offer to HiGHS, and whether the asked gap is reached."""
        offer = None
        if step is not None:
            self._bound = self._bound if step.bound is None else step.bound
            if step.values is not None:
                self._hear(self.search.own(step.values))
        if self._companion is None:
            self._start()
        else:
            better = self._companion.better()
            if self._companion.bound < (float("inf") if self.search.proven is None else self.search.proven):
                self.search.proven = self._companion.bound
                self._tell_bound()
            if better is not None and self._is_better(better.worth):
                self._plan = self._theirs = better.values
                self._worth = self.search.known = better.worth
                offer = self.search.whole(better.values)
                seconds = time.monotonic() - self.search.begun
                self.search.report(Incumbent(self.search.level_name, better.worth, better.values, seconds, better.move))
        gap = relative_gap(self._worth, self.bound) if self._plan is not None else None
        return offer, gap is not None and gap <= self.search.options.gap

    @property
    def bound(self) -> float | None:
        """The least that HiGHS or the companion's prices have proven; None: nothing yet."""
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
        self._bound = None

    def settled(self) -> FloatArray | None:
        """The companion's best plan, its whole numbers whole; None where it is not the best that is known."""
        if self._theirs is None or self._theirs is not self._plan:
            return None
        return self.search.live.settle(self.search.whole(self._theirs))

    def _is_better(self, worth: float) -> bool:
        return worth > self._worth + BETTER * max(1.0, abs(self._worth))

    def _hear(self, plan: FloatArray) -> None:
        worth = self.objective.at(plan)
        if self._is_better(worth):
            self._plan, self._worth = plan, worth
            if self._companion is not None:
                self._companion.tell(plan)

    def _start(self) -> None:
        model, live = self.search.model, self.search.live
        if not self.search.options.improve or model.places is None or self._plan is None:
            return
        if time.monotonic() - self._begun < ALONE_SECONDS or not self.objective.values.any():
            return
        rows = tuple((row.columns, row.values, row.lower, row.upper) for row in live.extra)
        if any(len(row.columns) and int(row.columns.max()) >= len(model.lower) for row in live.extra):
            return
        # Without a second process HiGHS goes on alone.
        with contextlib.suppress(OSError):
            self._companion = Companion(Task(model, self.objective, self._plan, rows, self.search.options.seed))
