"""Ways out of an instance without a plan: the concessions of least weight that make one possible, and further ones.

Each state without a plan is enlarged to a largest one. Whoever wants a plan must make some step outside it: a *need*, of which one must be
met. States are tried in the order of their weight, and only those that meet a need more than the one before; so the first with a plan has the
least weight, and every state with a plan that has no superfluous step is reached.
"""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from optimizer.studies.why.judge import Judge, State, Stopped, within

Need = tuple[tuple[int, int], ...]
"""Alternatives: concessions by their position, each with the number of steps that meets the need."""


@dataclass(frozen=True)
class WaysOut:
    """States with a plan, by weight. `least`: whether it is proven that none has less weight than the first (or, without any, that none has a plan)."""

    states: tuple[State, ...]
    least: bool


def find_ways_out(judge: Judge, count: int = 5, report: Callable[[State], None] = lambda _: None) -> WaysOut:
    """Up to so many ways out, lightest first; none contains another."""
    search = _Search(judge)
    found: list[State] = []
    try:
        if judge.possible(judge.nothing, judge.everything) is False:
            return WaysOut((), least=True)
        for state in search.states():
            found.append(state)
            report(state)
            if len(found) == count:
                break
    except (Stopped, KeyboardInterrupt):
        judge.interrupted = True
        return WaysOut(tuple(found), least=bool(found) and search.sure)
    return WaysOut(tuple(found), least=search.sure)


class _Search:
    """States in the order of their weight. `sure`: whether every question so far had its answer in time."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.needs: list[Need] = []
        self.sure = True

    def states(self) -> Iterator[State]:
        """The states with a plan, lightest first, that contain no other."""
        judge, counter = self.judge, itertools.count()
        heap = [(0, next(counter), judge.nothing)]
        seen, found = {judge.nothing}, list[State]()
        while heap:
            _, _, state = heapq.heappop(heap)
            if any(within(other, state) for other in found):
                continue
            need = next((need for need in self.needs if not _met(need, state)), None)
            if need is None:
                possible = judge.possible(state, state)
                if possible:
                    found.append(state)
                    yield state
                    continue
                need = self._need(state, known=possible is not None)
            for index, steps in need:
                more = (*state[:index], steps, *state[index + 1 :])
                if more not in seen:
                    seen.add(more)
                    heapq.heappush(heap, (judge.weight(more), next(counter), more))

    def _need(self, state: State, *, known: bool) -> Need:
        """What a plan needs beyond a state that has none: one step outside a largest state without a plan."""
        largest = state
        if not known:
            self.sure = False
        elif self._lacks(state):
            largest = self._largest(state)
        need = tuple((index, steps + 1) for index, steps in enumerate(largest) if steps < self.judge.everything[index])
        if largest is not state:
            self.needs.append(need)
        return need

    def _lacks(self, state: State) -> bool:
        """Whether no state up to this one has a plan, also where undecided lifts bind nobody."""
        return self.judge.possible(self.judge.nothing, state) is False

    def _largest(self, state: State) -> State:
        """A largest state without a plan that contains the state: steps are added in halves, the light ones first."""
        judge = self.judge
        open_ = [index for index, steps in enumerate(state) if steps < judge.everything[index]]
        open_.sort(key=lambda index: judge.concessions[index].weight)
        groups = [open_]
        while groups:
            group = groups.pop()
            wider = list(state)
            for index in group:
                wider[index] = judge.everything[index]
            if self._lacks(tuple(wider)):
                state = tuple(wider)
            elif len(group) > 1:
                groups += [group[len(group) // 2 :], group[: len(group) // 2]]
            else:
                state = self._as_many(state, group[0])
        return state

    def _as_many(self, state: State, index: int) -> State:
        """As many steps of one concession as leave no plan."""

        def made(steps: int) -> State:
            return (*state[:index], steps, *state[index + 1 :])

        further = range(state[index] + 1, self.judge.everything[index])
        return made(state[index] + bisect_left(further, True, key=lambda steps: not self._lacks(made(steps))))


def _met(need: Need, state: State) -> bool:
    return any(state[index] >= steps for index, steps in need)
