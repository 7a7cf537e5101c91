"""One level, several searches: HiGHS proves, companions improve, and each hears of the others' plans."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np

from optimizer.model.linear import FloatArray, Objective
from optimizer.solving.companion import Companion, Standstill, Task
from optimizer.solving.highs import Step
from optimizer.solving.improve import Better
from optimizer.solving.outline import undecided
from optimizer.solving.prices import Relaxation
from optimizer.solving.search import BOUND_REFUSED, Measure, Search
from optimizer.solving.solution import beats, certain, is_better, relative_gap

# HiGHS alone is quicker for what it solves in this time; a process takes a quarter of a second to start.
ALONE_SECONDS = 1.0
# The bound stands still when it has hardly come nearer for so many seconds.
STILL_SECONDS = 20.0
# How large the companions' moves begin: small ones gain most in the first minute, the second's reach what small ones cannot.
FIRST_LARGER, SECOND_LARGER = 0.4, 3.0
# On smaller models HiGHS proves more by itself than an outline does: nothing is to take its processor there.
OUTLINE_ROWS = 5_000
# HiGHS gives way to one that works at an outline after this time, and once it proves something.
OUTLINE_PATIENCE = 5.0


@dataclass
class Together:
    """Runs a companion beside HiGHS for one objective (maximised), once HiGHS has not finished at once. Without a plan it seeks a first one.

    Where the relaxation leaves open what is mounted, a second companion proves a bound by an outline, seeks plans within it, and begins HiGHS
    anew from the best plan. Else a second one starts once the bound stands still and the first is through its opening. The HiGHS that
    runs here gives way to an outline; the companions hear of each other's plans. `shown`: the value of a plan that is reported, where it is
    not that of the objective.
    """

    search: Search
    objective: Objective
    shown: Measure | None = None
    _companions: list[Companion] = field(default_factory=list)
    _plan: FloatArray | None = None
    _worth: float = float("-inf")
    _theirs: FloatArray | None = None
    _bound: float | None = None
    _begun: float = field(default_factory=time.monotonic)
    _still: Standstill = field(default_factory=Standstill)
    # Whether an outline has been thought of.
    _considered: bool = False
    # Whether what HiGHS said was wrong: companions that start now do without presolve, and its second run gives way to nobody.
    _doubted: bool = False
    # How many companions have been ended, and whether no others start.
    _rested: int = 0
    _resting: bool = False

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
        if step is not None:
            self._bound = self._bound if step.bound is None else step.bound
            if step.values is not None:
                self._hear(self.search.own(step.values))
        if len(self._companions) == self._rested and not self._resting:
            self._start()
        offer = self._listen()
        self._prove()
        if not self._resting:
            self._join()
        if not self.objective.values.any():
            # Any plan will do.
            return offer, self._plan is not None
        gap = relative_gap(self._worth, self.bound) if self._plan is not None else None
        return offer, gap is not None and gap <= self.search.options.gap

    def rest(self) -> None:
        """HiGHS was asked to stop, and has the machine for it: where it has given way it would not come to it for long."""
        self._resting, self._rested = True, len(self._companions)
        for companion in self._companions:
            companion.rest()

    def finish(self, plan: FloatArray | None) -> None:
        """HiGHS has ended, with a plan or without: hear what the companions have said meanwhile."""
        self._listen()
        if plan is not None:
            self._hear(plan)
        self._prove()

    def _listen(self) -> FloatArray | None:
        """Pass on and keep what the companions have found; returns the best as HiGHS knows it."""
        offer = None
        for companion in self._companions:
            better = companion.better()
            if better is not None:
                self._tell(better.values, but=companion)
                if is_better(better.worth, self._worth):
                    offer = self._take(better)
        return offer

    def _prove(self) -> None:
        """The least bound of the companions that nothing contradicts, told at once where it changes."""
        for companion in self._companions:
            for witness in [by for by, bound in companion.bounds.items() if beats(self._worth, bound)]:
                companion.refuse(witness)
        least = min((companion.bound for companion in self._companions), default=float("inf"))
        before, self.search.proven = self.search.proven, least if np.isfinite(least) else None
        if before is not None and least > before:
            # Nor since when the bound stands is known any more.
            self._still = Standstill()
            self.search.notice("bound_refused", BOUND_REFUSED)
        if self.search.proven != before:
            self._tell_bound()

    def _join(self) -> None:
        """Start who is to help besides the first companion, and let HiGHS give way to an outline."""
        if len(self._companions) == self._rested:
            return
        first, *others = self._companions[self._rested :]
        running = [companion for companion in others if not companion.ended]
        if not self._considered and first.relaxation is not None:
            self._considered = True
            if self._is_open(first.relaxation):
                self._add(self.search.options.seed + 1, first.relaxation, SECOND_LARGER, outline=True)
        elif not running and len(others) < 2 and self._stands_still() and (first.ready or first.ended):
            # One that begins with what the first has learnt of the relaxation; without it none starts.
            if first.relaxation is not None:
                self._add(self.search.options.seed + 1, first.relaxation, SECOND_LARGER)
        elif running and self._gives_way_to(running[0]):
            # Every time: a second run of HiGHS is another thread.
            self.search.live.give_way()

    def _gives_way_to(self, second: Companion) -> bool:
        """To an outline, and HiGHS anew after it: once something is proven there and it has not been given up soon, or once the bound stands still.

        Else nobody proves more than HiGHS: it keeps its share.
        """
        if self._doubted or not second.outline or second.ready or "outline" in second.refused:
            return False
        patient = time.monotonic() - second.begun > OUTLINE_PATIENCE
        return (patient and bool(np.isfinite(second.bound))) or self._stands_still()

    def _is_open(self, relaxation: Relaxation) -> bool:
        """Whether the relaxation of a model that is not small is solved to the end and leaves open what is mounted.

        Floors of earlier levels: not tried.
        """
        model = self.search.model
        exact = relaxation.exact and bool(np.isfinite(relaxation.bound))
        large = len(model.row_lower) >= OUTLINE_ROWS
        return large and exact and not self.search.live.extra and undecided(model, relaxation)

    @property
    def bound(self) -> float | None:
        """The least that HiGHS or the companions have proven, unless the best plan beats it; None: nothing yet."""
        proven = self.search.proven
        bounds = [bound for bound in (self._bound, proven) if bound is not None and not beats(self._worth, bound)]
        return certain(self._worth, min(bounds)) if bounds else None

    def _tell_bound(self) -> None:
        """HiGHS may be silent for minutes; what is proven meanwhile is told at once."""
        self.search.tell(self._worth if self._plan is not None else None, self.bound)

    def forget(self) -> None:
        """What HiGHS said of the best possible was wrong, and that is told; its second run has companions again.

        HiGHS anew solves the same model with the same presolve: what it has proven is no better. Companions that start now do without, as the second run.
        """
        self._bound, self._still = None, Standstill()
        self._resting, self._doubted = False, True
        for companion in self._companions:
            companion.refuse("HiGHS anew")
        self._prove()
        self._tell_bound()

    def settled(self) -> FloatArray | None:
        """The companions' best plan, its whole numbers whole; None where it is not the best that is known."""
        if self._theirs is None or self._theirs is not self._plan:
            return None
        return self.search.live.settle(self.search.whole(self._theirs))

    def _take(self, better: Better) -> FloatArray:
        """Keep a companion's plan as the best, tell it, and return it as HiGHS knows it."""
        self._plan = self._theirs = better.values
        self._worth = better.worth
        if self.shown is None:
            self.search.known = better.worth
        value = better.worth if self.shown is None else self.shown(better.values)
        self.search.tell_plan(value, better.values, better.move)
        return self.search.whole(better.values)

    def _hear(self, plan: FloatArray) -> None:
        """A plan of HiGHS, while it runs or at its end."""
        worth = self.objective.at(plan)
        if is_better(worth, self._worth):
            self._plan, self._worth = plan, worth
            self._tell(plan)

    def _tell(self, plan: FloatArray, but: Companion | None = None) -> None:
        for companion in self._companions:
            if companion is not but:
                companion.tell(plan)

    def _start(self) -> None:
        if not self.search.options.improve or self.search.model.places is None:
            return
        nothing_to_do = self._plan is not None and not self.objective.values.any()
        if time.monotonic() - self._begun < ALONE_SECONDS or nothing_to_do:
            return
        width = len(self.search.model.lower)
        if not any(len(row.columns) and int(row.columns.max()) >= width for row in self.search.live.extra):
            self._add(self.search.options.seed, larger=FIRST_LARGER)

    def _stands_still(self) -> bool:
        """Whether the bound has hardly come nearer to the best plan for a while."""
        bound = self.bound
        return bound is not None and self._still.lasts(STILL_SECONDS, bound, self._worth)

    def _add(self, seed: int, relaxation: Relaxation | None = None, larger: float = 1.0, outline: bool = False) -> None:
        rows = tuple((row.columns, row.values, row.lower, row.upper) for row in self.search.live.extra)
        # Without further processes HiGHS goes on alone.
        with contextlib.suppress(OSError):
            options = replace(self.search.options, presolve=self.search.options.presolve and not self._doubted)
            nearest = self.search.hint if self.search.nearest is None else self.search.nearest
            hint = nearest if self._plan is None else None
            task = Task(
                self.search.model, self.objective, self._plan, rows, seed, relaxation, larger, outline, options, hint
            )
            self._companions.append(Companion(task))
