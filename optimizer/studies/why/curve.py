"""For every political weight the best set of concessions: branch and bound over sets, each bounded by the instance with all undecided steps made."""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.plan.plan import Plan
from optimizer.studies.why.judge import SAME, Judge, State, Stopped


@dataclass(frozen=True)
class Point:
    """The curve at one weight, as scores.

    `score`: of the best plan among all sets of at most this weight, None without one; `bound`: no such set has more (-inf: none has a plan).
    `state`: the set; `others`: further sets that are as good, as far as the search met them.
    """

    weight: int
    score: float | None
    bound: float
    state: State
    others: tuple[State, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether nothing better is left, but for rounding."""
        if self.score is None:
            return self.bound == -math.inf
        return self.bound <= self.score + SAME * max(1.0, abs(self.score))


@dataclass(order=True)
class _Node:
    """Sets in which each concession is made between `low` and `high` steps; none has a higher score than `-order[0]`."""

    order: tuple[float, int, int]
    low: State = field(compare=False)
    high: State = field(compare=False)

    @property
    def bound(self) -> float:
        return -self.order[0]


@dataclass
class Search:
    """The curve as it grows; what was found for one weight serves the heavier ones."""

    judge: Judge
    points: list[Point] = field(default_factory=list)
    _found: dict[State, float] = field(default_factory=dict)

    def run(self, most: int, report: Callable[[Point], None] = lambda _: None) -> list[Point]:
        """The points for the weights 0 to `most`; when time is up, with what is known by then."""
        stopped = False
        for weight in range(most + 1):
            bound = math.inf
            if not stopped:
                bound, stopped = self._search(weight)
                stopped = stopped or not self._solved_as_it_is(weight)
            self.points.append(self._point(weight, bound))
            report(self.points[-1])
        return self._tightened()

    def know(self, plan: Plan) -> bool:
        """Take a plan of the instance as it is, where it keeps every rule; whether it does."""
        found = self.judge.check(self.judge.instance, plan)
        if found.holds:
            self._found[self.judge.nothing] = self.judge.score(found)
        return found.holds

    def found(self) -> list[State]:
        """Every set with a plan that the search has met."""
        return list(self._found)

    def score_of(self, state: State) -> float:
        """What a set that the search has met reaches, for certain."""
        return self._found[state]

    def plan_of(self, state: State) -> Plan | None:
        """The best plan known of a set."""
        return self.judge.plan_of(state)

    def _solved_as_it_is(self, weight: int) -> bool:
        """Solve the best set of a weight in the ordinary way; whether there was time for it."""
        best, state = self._best(weight)
        if best is None:
            return True
        try:
            verdict = self.judge.verdict(state, state)
        except (Stopped, KeyboardInterrupt):
            return False
        if verdict.score is not None:
            self._found[state] = max(best, verdict.score)
        return True

    def _point(self, weight: int, bound: float) -> Point:
        best, state = self._best(weight)
        if best is None:
            return Point(weight, None, bound, self.judge.nothing)
        tie = SAME * max(1.0, abs(best))
        others = [
            other
            for other, score in self._found.items()
            if other != state and score >= best - tie and self.judge.weight(other) <= self.judge.weight(state)
        ]
        return Point(weight, best, max(bound, best), state, tuple(others))

    def _tightened(self) -> list[Point]:
        """No lighter weight has more than a heavier one: bounds found late serve the points before."""
        least, points = math.inf, []
        for point in reversed(self.points):
            least = min(least, point.bound)
            points.append(Point(point.weight, point.score, least, point.state, point.others))
        self.points = points[::-1]
        return self.points

    def _best(self, weight: int) -> tuple[float | None, State]:
        """The best score of at most this weight, by the lightest set that has it."""
        known = [(score, state) for state, score in self._found.items() if self.judge.weight(state) <= weight]
        if not known:
            return None, self.judge.nothing
        top = max(score for score, _ in known)
        tied = [state for score, state in known if score >= top - SAME * max(1.0, abs(top))]
        state = min(tied, key=lambda one: (self.judge.weight(one), -self._found[one], [-steps for steps in one]))
        return self._found[state], state

    def _search(self, weight: int) -> tuple[float, bool]:
        """Search all sets of at most a weight. Returns the bound of them all, and whether time was up."""
        counter = itertools.count()
        judge = self.judge
        closed = -math.inf
        heap = [_Node((-math.inf, 0, next(counter)), judge.nothing, judge.everything)]
        while heap:
            node = heapq.heappop(heap)
            best, _ = self._best(weight)
            if best is not None and node.bound <= best + SAME * max(1.0, abs(best)):
                break
            try:
                bound, children = self._branch(node, weight)
            except (Stopped, KeyboardInterrupt):
                judge.interrupted = judge.interrupted or judge.deadline > time.monotonic()
                return max([closed, node.bound, *(other.bound for other in heap)]), True
            closed = max(closed, bound)
            for low, high in children:
                heapq.heappush(
                    heap, _Node((-min(node.bound, children[low, high]), -judge.weight(low), next(counter)), low, high)
                )
        best, _ = self._best(weight)
        return max(closed, -math.inf if best is None else best), judge.interrupted

    def _branch(self, node: _Node, weight: int) -> tuple[float, dict[tuple[State, State], float]]:
        """What is certain of a node that needs no more branching (-inf where it does), and its children with their bounds."""
        judge = self.judge
        low, high = node.low, judge.affordable(node.low, node.high, weight)
        verdict = judge.verdict(low, high)
        best, _ = self._best(weight)
        if verdict.impossible or (best is not None and verdict.bound <= best + SAME * max(1.0, abs(best))):
            return -math.inf, {}
        needed = judge.needed(low, high, verdict)
        if needed is not None and verdict.score is not None:
            self._found[needed] = max(verdict.score, self._found.get(needed, -math.inf))
            closes = verdict.bound <= verdict.score + SAME * max(1.0, abs(verdict.score))
            if judge.weight(needed) <= weight and closes:
                return verdict.bound, {}
        if low == high:
            return verdict.bound, {}
        index, steps = self._choice(low, high, needed)
        more = (*low[:index], steps, *low[index + 1 :])
        fewer = (*high[:index], steps - 1, *high[index + 1 :])
        return -math.inf, {(more, high): verdict.bound, (low, fewer): verdict.bound}

    def _choice(self, low: State, high: State, needed: State | None) -> tuple[int, int]:
        """The concession to branch on, and the number of steps from which on: one that the plan needs, the heaviest first."""
        open_ = [index for index in range(len(low)) if low[index] < high[index]]
        used = [index for index in open_ if needed is not None and needed[index] > low[index]]
        index = max(used or open_, key=lambda one: (self.judge.concessions[one].weight, -one))
        return index, needed[index] if used and needed is not None else high[index]
