"""Better plans by fix-and-optimise: free the units of a few posts, nations or periods, keep the rest of the best plan, solve that exactly, repeat.

After the opening come *moves*. Moves that gained more per second are chosen more often; a move that is solved to the end without gain
grows, one that runs out of time shrinks. The plan never gets worse. Why the order and the sizes are as they are: `docs/design/008-improvement.md`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import FloatArray, IntArray, LinearModel, Objective, Places
from optimizer.solving.improve.course import Course, Guide, Limits, course_of
from optimizer.solving.improve.matrix import Matrix
from optimizer.solving.improve.neighbourhoods import Move, Neighbourhoods
from optimizer.solving.improve.opening import Incoming, Opening
from optimizer.solving.improve.prices import Relaxation
from optimizer.solving.improve.relaxations import Relaxations, relaxations_of
from optimizer.solving.improve.reports import Better, Proven, Ready
from optimizer.solving.improve.submodels import LONGEST_SUB_SECONDS, SUB_SECONDS, SubModels

# The solve of a single post may take a second for so many columns of the largest post, and that of a move `larger` times as long at first.
COLUMNS_PER_SECOND = 1000
# How a kind of move grows: solved without gain within this share of its limit, or later; and shrinks: out of time without gain.
QUICK_SHARE = 0.2
GROWTH_QUICK = 1.5
GROWTH = 1.15
SHRINKING = 0.85
# After so many moves in a row of which none closed this share of the gap to the bound, moves become larger and longer.
PATIENCE = 8
IDLE_SHARE = 5e-3
LARGER = 1.5


@dataclass
class Improver:
    """Improves plans of one model.

    Attributes:
        model: rows and columns.
        places: where the columns belong.
        seed: of the random choices.
        larger: how much larger and longer moves begin.
        node_limit: where it is given, nodes and not clocks limit the solves: with `Limits.iterations` the course is then the same on
            every machine for the same seed.
        by_work: whether the limits of single solves are seconds of work of this thread, not of wall time.
    """

    model: LinearModel
    places: Places
    seed: int = 0
    larger: float = 1.0
    node_limit: int | None = None
    by_work: bool = False

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        largest = np.bincount(self.places.post[self.places.post >= 0]).max(initial=0)
        seconds = min(LONGEST_SUB_SECONDS, max(SUB_SECONDS, float(largest) / COLUMNS_PER_SECOND))
        self.submodels = SubModels(self.model, random, self.node_limit, self.by_work, seconds)
        self.neighbourhoods = Neighbourhoods(self.model, self.places, random, self.larger)
        self.opening = Opening(self.submodels, self.neighbourhoods)

    @property
    def solves_of_passes(self) -> int:
        """How many solves look at each post, mission and period once."""
        known = self.neighbourhoods
        return len(known.posts) + len(known.missions) + len(known.periods)

    def add_row(self, columns: IntArray, values: FloatArray, lower: float, upper: float) -> None:
        """A further row that every plan keeps, such as the floor of an earlier level."""
        self.submodels.add_row(columns, values, lower, upper)

    def rows(self) -> Matrix:
        """The rows that every plan keeps."""
        return self.submodels.rows()

    def keeps(self, values: FloatArray) -> bool:
        """Whether values keep every row, relative to its side where that is above 1."""
        return self.submodels.keeps(values)

    def improve(
        self,
        plan: FloatArray,
        objective: Objective,
        limits: Limits | None = None,
        *,
        relax: bool = True,
        relaxation: Relaxation | None = None,
        guide: Guide | None = None,
        news: Callable[[], FloatArray | None] = lambda: None,
    ) -> Iterator[Better | Proven | Ready]:
        """Yield better and better plans, the bound of the relaxation once it is known, and when from now on there are only moves.

        Args:
            plan: a feasible plan, a value per column.
            objective: to be maximised.
            limits: when the search ends; None: never.
            relax: whether the linear relaxation is solved, for a bound and for prices.
            relaxation: the relaxation where it is known already: the plan has been through the opening, and the moves begin.
            guide: what the search maximises instead; better plans are still those by the objective, and bounds are bounds of it.
            news: called between solves; returns a plan from elsewhere, or None.
        """
        limits = limits or Limits()
        course = course_of(objective, plan, limits, self.submodels.pace, guide)
        solved_here = relax and relaxation is None
        none = Relaxations(lambda *_: None, ())
        relaxations = relaxations_of(self.submodels, objective, limits.seconds, guide) if solved_here else none

        def incoming() -> Iterator[Better | Proven]:
            if relaxations.arrived():
                yield from self.opening.by_prices(course, relaxations.next(), plan, incoming)
            yield from self.opening.between(course, news())

        ready = relaxation is not None
        if relaxation is not None:
            self.opening.guide(course, relaxation)
        elif guide is not None and guide.opened:
            ready = yield from self._without_opening(course, relaxations)
        else:
            yield from self._open(course, relaxations, plan, incoming)
        moves = _Moves(min(LONGEST_SUB_SECONDS, self.larger * self.submodels.seconds))
        while not course.over():
            yield from self.opening.by_prices(course, relaxations.next(), plan, incoming)
            if not ready and course.relaxation is not None and relaxations.exhausted():
                ready = True
                yield Ready()
            if not course.over():
                yield from self.opening.between(course, news())
            if course.over():
                return
            yield from self._move(course, moves)

    def _without_opening(
        self, course: Course, relaxations: Relaxations
    ) -> Generator[Better | Proven | Ready, None, bool]:
        """The relaxation alone; returns whether it is known, and there are only moves from now on."""
        found = relaxations.early() or relaxations.next()
        if found is None:
            return False
        yield Proven(found.bound, time.monotonic() - course.begun, "prices", found)
        self.opening.guide(course, found)
        yield Ready()
        return True

    def _open(
        self, course: Course, relaxations: Relaxations, plan: FloatArray, incoming: Incoming
    ) -> Iterator[Better | Proven]:
        """The opening: the relaxation first where it is quick, else single posts first."""
        opening = self.opening
        if not course.over():
            yield from opening.by_prices(course, relaxations.early(), plan, incoming)
        if not course.opened:
            yield from opening.post_by_post(course, relaxations.arrived)
        if course.relaxation is None and not course.over():
            yield from opening.by_prices(course, relaxations.next(), plan, incoming)
        if course.relaxation is None:
            yield from opening.period_by_period(course, relaxations.arrived)
        yield from opening.mission_by_mission(course, relaxations.arrived)

    def _move(self, course: Course, moves: _Moves) -> Iterator[Better]:
        """One move, and what is learnt of its kind."""
        course.done += 1
        move = self.neighbourhoods.choose()
        clock, before, hardly = time.monotonic(), course.value, IDLE_SHARE * course.gap()
        free = self.neighbourhoods.free(move, course.best, course.objective)
        found = self.submodels.solve(free, course.best, course.objective, course.left(moves.limit))
        # Where nodes and not clocks limit the moves, nothing may depend on how fast the machine is.
        clocked = self.node_limit is None
        spent = max(1e-3, (time.monotonic() - clock) / self.submodels.pace()) if clocked else 1.0
        yield from course.take(None if found is None else found[0], move.title)
        gained = course.value - before
        move.learn(gained / max(1e-9, abs(before)) / spent)
        if gained <= 0:
            quick = clocked and spent < QUICK_SHARE * moves.limit
            finished = found is not None and found[2]
            move.resize((GROWTH_QUICK if quick else GROWTH) if finished else SHRINKING)
        moves.count(self.neighbourhoods.moves, gained > hardly)


@dataclass
class _Moves:
    """The limit of a move in seconds, and how many in a row have gained hardly anything."""

    limit: float
    idle: int = 0

    def count(self, kinds: list[Move], gained: bool) -> None:
        """Count a move; all become larger and longer after too many without gain."""
        self.idle = 0 if gained else self.idle + 1
        if self.idle >= PATIENCE and self.limit < LONGEST_SUB_SECONDS:
            self.idle, self.limit = 0, min(LONGEST_SUB_SECONDS, LARGER * self.limit)
            for kind in kinds:
                kind.resize(LARGER)
