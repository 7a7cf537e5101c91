"""The curve of a large instance: sets are searched by their relaxations, which bound all plans; the best few are then solved in whole units.

Every bound holds whenever the search ends; values come from verified plans.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from optimizer.corridor import solve
from optimizer.plan.plan import Plan
from optimizer.studies.why.curve import Point
from optimizer.studies.why.judge import SAME, Judge, State, Stopped, within
from optimizer.studies.why.relaxed import RelaxedJudge

FIRST_SHARE: Final = 0.2
SEARCH_SHARE: Final = 0.5
"""The shares of the time for the plan without concessions (none where one is known), and for the search over sets; the rest is for the best
sets in whole units."""
SECONDS_WITHOUT_LIMIT: Final = 120.0
SETS_PER_WEIGHT: Final = 2
CHUNK: Final = 8
"""So many concessions are branched on at a time; then the relaxation without them tells whether the others can matter."""


@dataclass
class LargeSearch:
    """The curve of a large instance as it grows."""

    judge: Judge
    points: list[Point] = field(default_factory=list)
    plans: dict[State, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.relaxed = RelaxedJudge(self.judge)
        self._scores: dict[State, float] = {}
        self._leaves: dict[State, float] = {}
        self._proven_of: dict[State, float] = {}

    def run(self, most: int, report: Callable[[Point], None] = lambda _: None) -> list[Point]:
        """The points for the weights 0 to `most`, as intervals."""
        judge, begun = self.judge, time.monotonic()
        total = judge.deadline - begun
        bounds = [math.inf] * (most + 1)
        try:
            first = 0.0 if judge.nothing in self.plans else FIRST_SHARE
            if first:
                self._solve(judge.nothing, first * total)
            for weight in range(1, most + 1):
                bounds[weight] = self.relaxed.bound_of_weight(weight)
            for weight in range(most + 1):
                until = begun + total * (first + SEARCH_SHARE * (weight + 1) / (most + 1))
                bounds[weight] = min(bounds[weight], self._search(weight, until))
            chosen = self._chosen(most)
            for number, state in enumerate(chosen):
                self._solve(state, (judge.deadline - time.monotonic()) / (len(chosen) - number))
        except (Stopped, KeyboardInterrupt):
            judge.interrupted = judge.interrupted or judge.deadline > time.monotonic()
        for weight in reversed(range(most)):
            bounds[weight] = min(bounds[weight], bounds[weight + 1])
        for weight, bound in enumerate(bounds):
            self.points.append(self._point(weight, bound))
            report(self.points[-1])
        return self.points

    def know(self, plan: Plan) -> bool:
        """Take a plan of the instance as it is, where it keeps every rule; whether it does."""
        found = self.judge.check(self.judge.instance, plan)
        if found.holds:
            self.plans[self.judge.nothing] = plan
            self._scores[self.judge.nothing] = self.judge.score(found)
        return found.holds

    def plan_of(self, state: State) -> Plan | None:
        """The best plan known of a set."""
        return self.plans.get(state)

    def _point(self, weight: int, bound: float) -> Point:
        known = [(score, state) for state, score in self._scores.items() if self.judge.weight(state) <= weight]
        if weight == 0:
            bound = min(bound, self._proven_of.get(self.judge.nothing, math.inf))
        if not known:
            return Point(weight, None, bound, self.judge.nothing)
        top = max(score for score, _ in known)
        state = min(
            (state for score, state in known if score >= top - SAME * max(1.0, abs(top))), key=self.judge.weight
        )
        return Point(weight, self._scores[state], max(bound, self._scores[state]), state)

    def _solve(self, state: State, seconds: float) -> None:
        """Solve a set in the ordinary way, from the best plan known with less conceded."""
        judge = self.judge
        judge.left()
        instance = judge.instance_of(state)
        best = max((other for other in self.plans if within(other, state)), key=self._scores.__getitem__, default=None)
        start = None if best is None else self.plans[best]
        limit = SECONDS_WITHOUT_LIMIT if math.isinf(seconds) else max(1.0, seconds)
        plan = solve(instance, judge.scenario, aims=judge.aims, time_limit=limit, start=start, seed=judge.seed)
        judge.interrupted = judge.interrupted or plan.termination == "interrupted"
        if plan.has_plan:
            self.plans[state] = plan
            self._scores[state] = judge.score(judge.check(instance, plan))
            bound = plan.aims["bound"].tolist()[0] if len(judge.aims) == 1 else math.nan
            if not math.isnan(bound):
                self._proven_of[state] = judge.as_score(bound)

    def _search(self, weight: int, until: float) -> float:
        """The largest relaxation among all sets of at most a weight, or what bounds it when the time is over."""
        judge, relaxed, counter = self.judge, self.relaxed, itertools.count()
        heap = [(-math.inf, 0, next(counter), judge.nothing, judge.everything)]
        while heap:
            bound, _, _, low, high = heap[0]
            best = max((one for state, one in self._leaves.items() if judge.weight(state) <= weight), default=-math.inf)
            if -bound <= best + SAME * max(1.0, abs(best)):
                return best
            if time.monotonic() > until:
                return -bound
            heapq.heappop(heap)
            high = judge.affordable(low, high, weight)
            verdict = relaxed.verdict(low, high)
            if low == high:
                self._leaves[low] = verdict.bound
                continue
            if verdict.bound <= best + SAME * max(1.0, abs(best)):
                continue
            top = min(-bound, verdict.bound)
            for more, less in self._children(low, high):
                heapq.heappush(heap, (-top, -judge.weight(more), next(counter), more, less))
        return max((one for state, one in self._leaves.items() if judge.weight(state) <= weight), default=-math.inf)

    def _children(self, low: State, high: State) -> list[tuple[State, State]]:
        """One child for each of the most promising concessions, without those before it; and one without any of these."""
        order = self.relaxed.promising(low, high) or [index for index in range(len(low)) if high[index] > low[index]]
        children, rest = [], high
        for index in order[:CHUNK]:
            steps = low[index] + 1
            children.append(((*low[:index], steps, *low[index + 1 :]), rest))
            rest = (*rest[:index], steps - 1, *rest[index + 1 :])
        return [*children, (low, rest)]

    def _chosen(self, most: int) -> list[State]:
        """The sets to solve in whole units: per weight those with the largest relaxations, and the best single ones together."""
        judge = self.judge
        ranked = sorted(self._leaves, key=lambda state: -self._leaves[state])
        chosen: dict[State, None] = {}
        for weight in range(1, most + 1):
            fitting = [state for state in ranked if 0 < judge.weight(state) <= weight] or self._singles(weight)
            chosen |= dict.fromkeys(fitting[:SETS_PER_WEIGHT])
            together = judge.nothing
            for state in fitting:
                joined = tuple(map(max, together, state))
                together = joined if judge.weight(joined) <= weight else together
            chosen |= dict.fromkeys([together] if any(together) else [])
        return sorted(chosen, key=judge.weight)

    def _singles(self, weight: int) -> list[State]:
        """One step of each of the concessions that seem to gain most: what is tried where the search over sets came to no end."""
        judge = self.judge
        order = self.relaxed.promising(judge.nothing, judge.everything)
        steps = (tuple(int(place == index) for place in range(len(judge.nothing))) for index in order)
        return [state for state in steps if judge.weight(state) <= weight][: weight + SETS_PER_WEIGHT]
