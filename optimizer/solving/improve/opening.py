"""The opening of a search: passes over single posts, missions, periods and nations; a sweep at the relaxation's prices; the restricted master.

The measurements behind the order and the sizes are in `benchmarks/measured.md`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import FloatArray
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.course import Course
from optimizer.solving.improve.neighbourhoods import Neighbourhoods
from optimizer.solving.improve.prices import Relaxation, charged, costs_of, earned_at
from optimizer.solving.improve.reports import Better, Proven
from optimizer.solving.improve.submodels import LONGEST_SUB_SECONDS, SubModels, nothing_at_all
from optimizer.solving.solution import is_better

# The gap of single posts, missions, periods and nations, where the last bit costs more than it brings.
PASS_GAP = 5e-4
# The passes by reach are repeated while a round gains more than this share of the gap that it leaves.
ROUND_SHARE = 0.1
# The pass over single periods ends after so many in a row that gained nothing.
IDLE_PERIODS = 2
# The restricted master may take so many seconds, but not more than half of what a search has left (5 to 8 s are needed on M and Paris,
# twice that on a slower machine, and cut off there may be nothing), to this gap (and is left out below it): passes are quicker from there.
MASTER_SECONDS = 30.0
MASTER_GAP = 5e-2
# The gap of the posts of a priced sweep, and the gap to the proven bound below which no plan is built from nothing.
SWEEP_GAP = 5e-3
SWEEP_ABOVE = 0.03

Incoming = Callable[[], Iterator[Better | Proven]]


@dataclass
class Opening:
    """The passes of one search over its sub-models and neighbourhoods."""

    submodels: SubModels
    neighbourhoods: Neighbourhoods

    def by_prices(
        self,
        course: Course,
        relaxation: Relaxation | None,
        plan: FloatArray,
        incoming: Incoming,
    ) -> Iterator[Better | Proven]:
        """The bound of a new relaxation, if there is one, and what its prices are good for.

        With the first relaxation: a sweep at its prices and the restricted master (both only where the best plan is far from the
        bound), then single posts and passes by reach.
        """
        if relaxation is None:
            return
        yield Proven(relaxation.bound, time.monotonic() - course.begun, "prices", relaxation)
        if not self.guide(course, relaxation):
            return
        before = course.value
        if self._is_far(course, SWEEP_ABOVE):
            yield from self._priced_sweep(plan, course, relaxation)
        # A first-order method uses too many units for one solve.
        if relaxation.exact and self._is_far(course, MASTER_GAP) and not course.over():
            yield from self._restricted_master(course)
        if course.value > before or not course.opened:
            yield from self.post_by_post(course)
        while not course.over():
            before = course.value
            yield from self._by_reach(course, incoming)
            if course.value - before <= ROUND_SHARE * course.gap():
                break

    def guide(self, course: Course, relaxation: Relaxation) -> bool:
        """Moves of all reaches from now on, or by a better relaxation than before; returns whether it is the first."""
        course.relaxation = relaxation
        submodels = self.submodels
        earned = earned_at(submodels.rows(), course.objective, relaxation.prices, len(submodels.model.lower))
        return self.neighbourhoods.guide(relaxation.plan, earned)

    def _restricted_master(self, course: Course) -> Iterator[Better]:
        """One solve over all posts with the units that the relaxation and the best plan use, as in column generation."""
        free = self.neighbourhoods.within("lean", self.neighbourhoods.mask(), course.best)
        seconds = course.left(2 * MASTER_SECONDS) / 2
        yield from self._once(course, free, "restricted master", seconds=seconds, gap=MASTER_GAP)

    def _is_far(self, course: Course, share: float) -> bool:
        """Whether the best plan is farther from the bound than a share of its value."""
        return course.gap() > share * abs(course.value)

    def post_by_post(self, course: Course, enough: Callable[[], bool] = lambda: False) -> Iterator[Better]:
        """Each post once, alone, the most promising first."""
        course.opened = True
        weight = np.abs(costs_of(course.objective, len(self.submodels.model.lower)))
        for post in sorted(
            self.neighbourhoods.posts, key=lambda post: -float(weight[self.neighbourhoods.places.post == post].sum())
        ):
            if course.over() or enough():
                return
            yield from self._once(course, self.neighbourhoods.mask(posts=np.array([post])), "one post")

    def mission_by_mission(self, course: Course, enough: Callable[[], bool]) -> Iterator[Better]:
        """Each mission with several posts once, all of them together: a unit at one post may be what mounts another."""
        for mission in self.neighbourhoods.missions:
            posts = self.neighbourhoods.posts_of(np.array([mission]))
            if course.over() or enough():
                return
            if 1 < len(posts) < len(self.neighbourhoods.posts):
                yield from self._once(
                    course,
                    self.neighbourhoods.within("lean", self.neighbourhoods.mask(posts=posts), course.best),
                    "one mission",
                )

    def period_by_period(
        self,
        course: Course,
        enough: Callable[[], bool] = lambda: False,
        incoming: Incoming = lambda: iter(()),
    ) -> Iterator[Better | Proven]:
        """Each period once, alone, until some in a row gain nothing; none where arrivals count, for what stays is no matter of one period.

        `incoming`: as in `_by_reach`.
        """
        if (
            self.neighbourhoods.spells is not None
            or len(self.neighbourhoods.periods) < 2
            or len(self.neighbourhoods.posts) < 2
        ):
            return
        idle = 0
        for period in self.neighbourhoods.periods:
            if course.over() or enough() or idle == IDLE_PERIODS:
                return
            before = course.value
            free = self.neighbourhoods.within("lean", self.neighbourhoods.mask(periods=np.array([period])), course.best)
            yield from self._once(course, free, "one period")
            idle = 0 if course.value > before else idle + 1
            yield from incoming()

    def _by_reach(self, course: Course, incoming: Incoming) -> Iterator[Better | Proven]:
        """Each period, each nation and each period again, with more and more of the units that lose little at the relaxation's prices.

        `incoming`: called after each solve; yields what came from others meanwhile.
        """
        yield from self.period_by_period(course, incoming=incoming)
        passes = (
            ("nations", self.neighbourhoods.nations, "one nation"),
            ("periods", self.neighbourhoods.periods, "one period, near"),
        )
        for kind, places, move in passes:
            whole = kind == "periods" and self.neighbourhoods.spells is not None
            for place in places if len(places) > 1 and not whole else ():
                if course.over():
                    return
                free = self.neighbourhoods.mask(**{kind: np.array([place])})
                yield from self._once(course, self.neighbourhoods.within("near", free, course.best), move)
                yield from incoming()

    def _once(
        self, course: Course, free: Mask, move: str, *, seconds: float | None = None, gap: float = PASS_GAP
    ) -> Iterator[Better]:
        """One solve, which may take `seconds` (None: as long as a single post may)."""
        course.done += 1
        limit = course.left(self.submodels.seconds) if seconds is None else seconds
        found = self.submodels.solve(free, course.best, course.objective, limit, gap=gap)
        yield from course.take(None if found is None else found[0], move)

    def _priced_sweep(
        self,
        plan: FloatArray,
        course: Course,
        relaxation: Relaxation,
    ) -> Iterator[Better]:
        """A plan built post by post at the prices of the relaxation, the post that earns most first; yielded as it grows.

        `plan`: what it begins with where something is a must; otherwise it begins with nobody deployed.
        """
        priced = charged(self.submodels.rows(), course.objective, relaxation.prices, self.neighbourhoods.places.post)
        earned = priced.values * relaxation.plan
        nothing = nothing_at_all(self.submodels.model)
        built = nothing if self.submodels.keeps(nothing) else plan
        for post in sorted(
            self.neighbourhoods.posts, key=lambda post: -float(earned[self.neighbourhoods.places.post == post].sum())
        ):
            if course.over():
                break
            # What follows makes up for the lean reach and the wide gap: the restricted master, or each post alone.
            free = self.neighbourhoods.within("lean", self.neighbourhoods.mask(posts=np.array([post])), built)
            limit = course.left(min(LONGEST_SUB_SECONDS, 2.0 * self.submodels.seconds))
            found = self.submodels.solve(free, built, priced, limit, gap=SWEEP_GAP)
            # The continuous columns of an equally good one are not derived: it would leave the next post the errors of tolerances.
            if found is not None and is_better(found[1], priced.at(built)):
                built = found[0]
                yield from course.take(built, "priced sweep")

    def between(self, course: Course, other: FloatArray | None) -> Iterator[Better]:
        """The best combination of two plans: what both have is kept, and the units in which they differ are free."""
        if other is None:
            return
        mine = course.best
        for _ in course.take(other, "from elsewhere"):
            pass
        differ = np.abs(mine - other) > 0.5
        if course.over() or not (differ & self.neighbourhoods.units).any():
            return
        course.done += 1
        found = self.submodels.solve(
            differ | ~self.neighbourhoods.units, course.best, course.objective, course.left(self.submodels.seconds)
        )
        yield from course.take(None if found is None else found[0], "between plans")
