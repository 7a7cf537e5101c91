"""Which question is asked next: the ends, levels between them, then wherever a point may still be.

The ends are the lexicographic optima, each aim once in front. Every later question is for the best first aim with the others within bounds, each
of the others then made as good as the ones before it allow, so that no answer is dominated but for the gap.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.studies.frontier.boxes import Bounds, Box, cut
from optimizer.studies.frontier.points import Answer, Found, Values, best_within, merged, nondominated
from optimizer.studies.probing.probe import Probe, Within
from optimizer.studies.record import Record

STEP: Final = 2e-5
"""Values that differ by less than this share of the span of an aim count as one: well above what a solver may break in rows that lead to the aim."""
MOST_AT_ONCE: Final = 8
"""Questions of a round, whatever the number of processes."""
MOST_LEVELS: Final = 16
"""Levels between the ends; further points come from where there is most room."""
MOST_PER_POINT: Final = 4
"""Questions per point that is wanted; where they do not suffice, it is said that points may be missing."""
MOST_PER_OPEN_POINT: Final = 2
"""The same where a limit stops them: more of the same is not worth its time."""

Ask = Callable[[Sequence[tuple[Probe, str]]], list[Record]]


@dataclass
class Search:
    """The questions of a frontier, and what is known so far.

    `aims`: in their order, the first first. `ask`: gets the answers to probes. `points`: how many are wanted. `gap`: at which an aim counts as
    solved. `found`: plans that are known.
    """

    aims: tuple[Aim, ...]
    ask: Ask
    points: int
    gap: float
    found: list[Found] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    asked: int = 0
    complete: bool = False
    steps: Values = ()
    _open: list[Box] = field(default_factory=list)

    @property
    def none(self) -> Bounds:
        """Bounds that do not bind."""
        return (math.inf,) * len(self.aims)

    def run(self) -> None:
        """Ask until there are as many points as wanted, or no more."""
        count = len(self.aims)
        self.steps = (0.0,) * count
        orders = [(first, *(aim for aim in range(count) if aim != first)) for first in range(count)]
        self._answered([(order, self.none) for order in orders])
        missing = [answer.order for answer in self.answers if answer.values is None and not answer.impossible]
        if missing and self.found:
            # Once more, from what another end has found.
            self._answered([(order, self.none) for order in missing])
        if not self.found:
            self.complete = all(answer.impossible for answer in self.answers)
            return
        span = self._span()
        self.steps = tuple(STEP * (most - least) if most > least else STEP for least, most in span)
        self._open = [Box(tuple(least for least, _ in span[1:]), (math.inf,) * (count - 1))]
        self._cut(self.answers)
        levels = self._levels(span)
        if levels:
            self._round(levels)
        while self._open and len(self.known()) < self.points and self.asked < self._most():
            some = min(MOST_AT_ONCE, self.points - len(self.known()))
            widest = sorted(self._open, key=lambda box: (-box.size(span[1:]), box.upper, box.lower))
            self._round([box.upper for box in widest[:some]])
        self.complete = not self._open and all(answer.proven for answer in self.answers)

    def _most(self) -> int:
        """Questions at most."""
        each = MOST_PER_POINT if all(answer.proven for answer in self.answers) else MOST_PER_OPEN_POINT
        return each * self.points + len(self.aims)

    def best(self) -> list[Found]:
        """To each question the best plan known, in the order in which they were asked."""
        found = [best_within(self.found, answer.order, answer.most) for answer in self.answers]
        return [one for one in found if one is not None]

    def known(self) -> list[tuple[Found, int]]:
        """The points so far, each with how many others it stands for."""
        return merged(nondominated(self.found), self.gap, self.steps)

    def _span(self) -> list[tuple[float, float]]:
        """Of each aim the least and the most that the points so far have."""
        ends = [one.values for one in nondominated(self.found)]
        return [(min(column), max(column)) for column in zip(*ends, strict=True)]

    def _levels(self, span: Sequence[tuple[float, float]]) -> list[Bounds]:
        """Bounds at equal distances between the ends: for two aims as many as points are wanted, for three a grid."""
        wanted, others = min(self.points - len(self.aims), MOST_LEVELS), len(self.aims) - 1
        each = wanted if others == 1 else math.isqrt(max(0, wanted))
        if each < 1 or any(
            most - least <= 2 * step for (least, most), step in zip(span[1:], self.steps[1:], strict=True)
        ):
            return []
        parts = [[least + (most - least) * n / (each + 1) for n in range(1, each + 1)] for least, most in span[1:]]
        return list(itertools.product(*parts))

    def _round(self, bounds: Sequence[Bounds]) -> None:
        before = len(self.answers)
        order = tuple(range(len(self.aims)))
        self._answered([(order, (math.inf, *some)) for some in bounds])
        self._cut(self.answers[before:])

    def _cut(self, answers: Sequence[Answer]) -> None:
        """What is known now cannot hold further points."""
        for answer in answers:
            if answer.order[0] != 0:
                # An end in another order is the answer at its own bounds alone.
                if answer.values is not None:
                    at = answer.values[1:]
                    self._open = cut(self._open, at, at, self.steps[1:])
                continue
            upper = answer.most[1:]
            best = best_within(self.found, answer.order, answer.most)
            lower = (-math.inf,) * len(upper) if best is None else tuple(map(min, best.values[1:], upper))
            self._open = cut(self._open, lower, upper, self.steps[1:])

    def _answered(self, questions: Sequence[tuple[tuple[int, ...], Bounds]]) -> None:
        probes = [(self._probe(order, most), self._start(order, most)) for order, most in questions]
        records = self.ask(probes)
        self.asked += len(probes)
        for (order, most), record in zip(questions, records, strict=True):
            answer = self._answer(order, most, record)
            self.answers.append(answer)
            if answer.values is not None:
                self.found.append(Found(answer.values, record.start))

    def _probe(self, order: tuple[int, ...], most: Bounds) -> Probe:
        aims = tuple(replace(self.aims[aim], priority=place) for place, aim in enumerate(order, 1))
        bounds = [(place, most[aim], self.steps[aim]) for place, aim in enumerate(order) if not math.isinf(most[aim])]
        return Probe(aims, within=tuple(Within(*one) for one in bounds))

    def _start(self, order: tuple[int, ...], most: Bounds) -> str:
        """The plan from which a search starts: the nearest that is better in front but beyond the bounds, of which as much is kept as may be; else the best."""
        best = best_within(self.found, order, most)
        better = [one for one in self.found if best is None or one.values[order[0]] < best.values[order[0]]]
        nearest = min(better, key=lambda one: tuple(one.values[aim] for aim in order[1:]), default=best)
        return "" if nearest is None else nearest.plan

    def _answer(self, order: tuple[int, ...], most: Bounds, record: Record) -> Answer:
        outcome = record.outcome
        impossible = outcome["termination"] == "infeasible"
        values = counted(self.aims, outcome, "") if outcome["has_plan"] else None
        bounds = bounds_in(self.aims, order, outcome, has_plan=values is not None)
        proven = impossible or outcome["termination"] == "optimal"
        return Answer(order, most, values, bounds, impossible, proven, record.start)


def sign_of(aim: Aim) -> float:
    """-1 where more is better: values are counted so that less is."""
    return -1.0 if aim.name in MAXIMISED_AIMS else 1.0


def counted(aims: Sequence[Aim], outcome: Mapping[str, Any], suffix: str) -> Values | None:
    """The values of a record, less is better; None where one is missing."""
    found = [outcome.get(f"{aim.name}{suffix}") for aim in aims]
    return (
        tuple(sign_of(aim) * float(value) for aim, value in zip(aims, found, strict=True) if value is not None)
        if None not in found
        else None
    )


def bounds_in(
    aims: Sequence[Aim], order: Sequence[int], outcome: Mapping[str, Any], *, has_plan: bool
) -> tuple[float | None, ...]:
    """The bounds of a record, less is better; without a plan that of the first aim alone."""
    found: list[float | None] = [None] * len(aims)
    if has_plan:
        own = [outcome.get(f"{aim.name}_bound") for aim in aims]
        found = [None if bound is None else sign_of(aim) * float(bound) for aim, bound in zip(aims, own, strict=True)]
    first, bound = aims[order[0]], outcome.get("first_bound")
    if bound is not None:
        # Levels are maximised, and a burden gap is minimised. Of what the search and a relaxation have proven, the nearer counts.
        proven, own_bound = float(bound) if first.name == "burden_gap" else -float(bound), found[order[0]]
        found[order[0]] = proven if own_bound is None else max(own_bound, proven)
    return tuple(found)
