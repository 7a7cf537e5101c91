"""The worst sets of nations to leave, by search with bounds.

Without each set some plan is known, which may have been found for another set. A set of which a plan is known that is no worse than what *some*
set leaves at most is not the worst; so for most sets it is enough to find a part of a plan in which none of them serves, for many sets at once.
Of the others the one without which least is known is solved: what it finds and proves says something of others. Where without a set no plan keeps
the rules, nothing is worse; its smallest parts of which that holds are looked for, and the search goes on among the sets that contain none of
them. It ends when no set is left that was not solved and may be the worst of these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from optimizer.studies.withdraw.known import Known
from optimizer.studies.withdraw.ledger import Floats, Set, Truths, room
from optimizer.studies.withdraw.screen import Screen

ROUND: Final = 4
"""Solves of a round: a fixed number, so that what is asked does not depend on the number of workers."""
DROPS: Final = 32
"""Parts of plans that are looked for in a round."""
CRUDE: Final = 0.2
"""A first part may have so much less than it needs, relative to that: it is there so that something is known of every set."""
SLACKS: Final = (-1.0, 0.4, 1.0)
"""What a part keeps of what it has more than it needs, time after time; below 0: see `CRUDE`; 1: nobody who serves leaves beside the set."""
SLICES: Final = 12
"""Each solve gets one of so many parts of the time."""
MIXED: Final = 8
"""Sets for which parts of all plans together are looked for in a round."""
FIND_SHARE: Final = 0.4
"""Of the time of a solve, where no plan is known and any will do."""
DROP_SHARE: Final = 0.25
"""Of the time of a solve, for each part of a plan."""


class Worst:
    """The search among some sets.

    Attributes:
        complete: whether every set that may be the worst was solved.
        slice: seconds per solve; None without a limit.
    """

    def __init__(self, known: Known, sets: Sequence[Set]) -> None:
        self.known, self.sets = known, sets
        self.rows: Truths = known.ledger.rows(sets)
        self.complete = False
        left = known.course.left
        self.slice = None if math.isinf(left) else max(2.0, left * known.course.workers.jobs / SLICES / 2)
        self._scores: dict[int, Floats] = {}
        self._tried: dict[tuple[int, int], int] = {}
        self._mixed: dict[int, int] = {}

    def search(self) -> None:
        """Search until no set can be worse than those that were solved, or the time is up; then narrow what is left open."""
        course = self.known.course
        # Who is indispensable is soon known, and rules most sets out where somebody is.
        self.known.prove([(nation,) for nation in self.known.nations], self.slice)
        while not course.is_over:
            drops = self._next_drops()
            if drops:
                self.known.drop(drops, None if self.slice is None else max(1.0, DROP_SHARE * self.slice))
                continue
            cores = self._next_proofs()
            if cores:
                self.known.prove(cores, None if self.slice is None else max(1.0, self.slice / 2.0))
                continue
            chosen = self._next_solves()
            if not chosen:
                self.complete = True
                break
            begin = () if () in self.known.records else ((),)
            sought = [self.sets[place] for place in chosen[: ROUND - len(begin)]]
            self.known.solve([*begin, *sought], self._seconds(sought, first=bool(begin)))
        if self.slice is not None and self.complete:
            self._narrow()

    @property
    def hopeless(self) -> int:
        """How many sets are proven to leave no plan."""
        return int(np.isposinf(self.sides()[0]).sum())

    def sides(self) -> tuple[Floats, Floats]:
        """What is known of each set at least and at most; of sets that leave no plan infinity, for they are not looked at.

        Where a search denies a plan that is known, nothing is known at most.
        """
        least, most = self.known.ledger.least(self.rows)[0], self.known.ledger.most(self.rows)
        gone = np.isneginf(most)
        return np.where(gone & np.isneginf(least), np.inf, least), np.where(gone, np.inf, most)

    def interval(self) -> tuple[float, float]:
        """The worst of all sets that leave a plan leaves at least, and at most, this score."""
        least, most = self.sides()
        return float(least.min()), float(most.min())

    def open(self) -> list[Set]:
        """The sets that may be the worst of those that leave a plan and were not solved, by what is known: the least first."""
        least, _ = self.sides()
        return [self.sets[place] for place in sorted(self._places().tolist(), key=lambda place: (least[place], place))]

    def _narrow(self) -> None:
        """With the time that is left, solve the sets again that decide how wide the interval is."""
        seconds = 2.0 * (self.slice or 0.0)
        while self.known.course.left > seconds:
            least, most = self.sides()
            low, high = int(np.argmin(least)), int(np.argmin(most))
            if not least[low] < most[high] - room(float(most[high])):
                return
            self.known.solve([self.sets[place] for place in dict.fromkeys((low, high))], seconds)
            seconds *= 2.0

    def _places(self) -> npt.NDArray[np.int64]:
        """The places of the sets that may be the worst of those that leave a plan, and were not solved."""
        least, most = self.sides()
        places = np.flatnonzero((least < most.min() - room(float(most.min()))) & (least < np.inf))
        return np.array([place for place in places.tolist() if self.sets[place] not in self.known.records], dtype=int)

    def _next_proofs(self) -> list[Set]:
        """Parts of sets that leave no plan, of which that may hold whoever else leaves."""
        found: dict[Set, None] = {}
        for out, record in self.known.records.items():
            if out and record.outcome["termination"] == "infeasible":
                parts = [part for size in range(1, len(out) + 1) for part in combinations(out, size)]
                proven = [set(part) for part in parts if self.known.proofs.get(part)]
                new = (
                    part for part in parts if part not in self.known.proofs and not any(p <= set(part) for p in proven)
                )
                found |= dict.fromkeys(new)
        return sorted(found, key=len)[:DROPS]

    def _next_solves(self) -> list[int]:
        least, _ = self.sides()
        seems = np.max([self._of(place, screen) for place, _, screen in self.known.plans], axis=0)
        return sorted(self._places().tolist(), key=lambda place: (least[place], seems[place], place))[:ROUND]

    def _of(self, place: int, screen: Screen) -> Floats:
        """The scores of what is left of a plan without each set."""
        if place not in self._scores:
            self._scores[place] = screen.scores(self.rows)
        return self._scores[place]

    def _seconds(self, sets: Sequence[Set], *, first: bool) -> float | None:
        """For each solve of a round. Where no plan is known without any of its sets, one is soon found or not: the first one is what counts."""
        unknown = np.isneginf(self.known.ledger.least(self.known.ledger.rows(sets))[0]).all()
        if self.slice is None or first or not unknown:
            return self.slice
        return max(2.0, FIND_SHARE * self.slice)

    def _next_mixed(self, left: npt.NDArray[np.int64]) -> list[tuple[tuple[int, ...], Set]]:
        """Sets without which no plan is known, although a part of some plan was looked for: parts of all plans together."""
        failed = {index for _, index in self._tried}
        plans = tuple(place for place, _, _ in self.known.plans)
        unknown = left[np.isneginf(self.sides()[0][left])].tolist()
        # More plans than last time may do what those did not.
        chosen = [index for index in unknown if index in failed and self._mixed.get(index, 0) < len(plans)]
        chosen = sorted(chosen, key=lambda index: (self._mixed.get(index, 0), index))[:MIXED]
        for index in chosen:
            self._mixed[index] = 2 * len(plans)
        return [(self._led_by(index, plans), self.sets[index]) for index in chosen]

    def _led_by(self, index: int, plans: Sequence[int]) -> tuple[int, ...]:
        """The places of plans, that first of which most is left without a set."""
        left = {place: float(self._of(place, screen)[index]) for place, _, screen in self.known.plans}
        return tuple(sorted(plans, key=lambda place: (-left[place], place)))

    def _next_drops(self) -> list[tuple[tuple[int, ...], Set]]:
        """Parts of plans that may show that sets are not the worst: the places of the plans, and the nations left out."""
        target = float(self.sides()[1].min())
        left = self._places()
        if not math.isfinite(target) or not len(left):
            return []
        mixed = self._next_mixed(left)
        if mixed:
            return mixed
        unknown = np.isneginf(self.sides()[0][left])
        failed = {index for _, index in self._tried}
        ranked = []
        for place, _, screen in self.known.plans:
            scores = self._of(place, screen)[left]
            for index in np.flatnonzero((scores >= target) | unknown).tolist():
                attempt = self._tried.get((place, int(left[index])), 0 if unknown[index] else 1)
                again = scores[index] >= target or int(left[index]) not in failed
                if again and attempt < len(SLACKS):
                    ranked.append((attempt, -float(scores[index]), place, int(left[index])))
        screens = {place: screen for place, _, screen in self.known.plans}
        found: list[tuple[tuple[int, ...], Set]] = []
        covered = np.zeros(len(self.sets), dtype=bool)
        for attempt, _, place, index in sorted(ranked):
            if len(found) == DROPS:
                break
            if covered[index]:
                continue
            out = self._grown(screens[place], self.rows[index], target, SLACKS[attempt])
            inside = left[self.known.ledger.serves(out, self.rows[left])]
            covered[inside] = True
            for one in inside.tolist():
                self._tried[place, one] = max(self._tried.get((place, one), 0), attempt + 1)
            found.append(((place,), tuple(np.array(self.known.nations)[out].tolist())))
        return found

    def _alone(self) -> list[tuple[Set, bool]]:
        """Of single nations, whether there is no plan without them."""
        return [(out, none) for out, none in self.known.proofs.items() if len(out) == 1]

    def _grown(self, screen: Screen, out: Truths, target: float, slack: float) -> Truths:
        """A set made larger as long as what is left without it keeps this share of what it has more than it needs."""
        ledger = self.known.ledger
        mine = float(screen.scores(out[None])[0])
        # Who takes rules away, or cannot be spared, stays.
        loose = ledger.row({*ledger.loose, *(one for (one,), none in self._alone() if none)})
        out = out | (~screen.serving & ~loose)
        while slack < 1.0 and math.isfinite(mine):
            others = np.flatnonzero(~out & ~loose)
            tries = np.repeat(out[None], len(others), axis=0)
            tries[np.arange(len(others)), others] = True
            scores = screen.scores(tries)
            least = target + slack * (mine - target) if slack > 0.0 else min(target, mine) - CRUDE * abs(target)
            if not len(others) or scores.max() < least:
                break
            out = tries[int(np.argmax(scores))]
        return out
