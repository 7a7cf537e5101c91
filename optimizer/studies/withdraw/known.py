"""What the study knows: the old plan, the plans found since, and what follows from each for sets of nations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain, combinations, takewhile
from typing import Any, Final

from optimizer.instance.instance import Instance
from optimizer.studies.pooled import PooledPlan, Trial, unpacked
from optimizer.studies.record import Record
from optimizer.studies.withdraw.answering import DROP, PROVE, SOLVE, Asked
from optimizer.studies.withdraw.course import Course
from optimizer.studies.withdraw.leaving import Measure, loosening, pledging, without_nations
from optimizer.studies.withdraw.ledger import Ledger, Set, room
from optimizer.studies.withdraw.screen import Screen

MOST_SCREENS: Final = 24
"""Plans of which parts are looked for."""


class NothingToWithdraw(ValueError):  # noqa: N818 - it says what is missing
    """The question has no answer. `termination`: how the search for a plan with all nations ended; blank: the question is at fault."""

    def __init__(self, message: str, termination: str = "") -> None:
        super().__init__(message)
        self.termination = termination


class Known:
    """The knowledge of a study about one scenario of an instance.

    Attributes:
        records: how each set was solved last.
        proofs: whether it was proven of a set that there is no plan without it, whoever else leaves.
        plans: all plans, as (place in the course, plan, its screen).
    """

    def __init__(self, instance: Instance, scenario: str | None, measure: Measure, course: Course) -> None:
        self.instance, self.scenario, self.measure, self.course = measure.of(instance), scenario, measure, course
        self.nations = pledging(instance)
        self.ledger = Ledger(self.nations, loosening(instance, scenario))
        self.records: dict[Set, Record] = {}
        self.proofs: dict[Set, bool] = {}
        self.plans: list[tuple[int, PooledPlan, Screen]] = []

    def begin(self, old: PooledPlan, others: Iterable[PooledPlan]) -> float:
        """Take up the old plan, of which it is asked what is left, and others that are known, as far as half the time allows; the score of the old one.

        Raises:
            NothingToWithdraw: the old plan breaks rules.
        """
        trial = Trial(self.instance, self.scenario)
        found = trial.tried(old)
        if found is None:
            raise NothingToWithdraw("The plan to start from does not keep the rules of this instance in this scenario.")
        half = self.course.left / 2
        for pooled in chain((old,), takewhile(lambda _: self.course.left >= half, others)):
            tried = trial.tried(pooled)
            if tried is not None:
                self._take((), self.measure.score(tried.evaluation.aims), pooled)
        return self.measure.score(found.evaluation.aims)

    def solve(self, sets: Sequence[Set], seconds: float | None, to_come: int = 0) -> None:
        """Solve sets anew, from the best that is known of each."""
        orders = [(Asked(SOLVE, out), self._tries(out)) for out in sets]
        for out, record in zip(sets, self.course.run(orders, seconds, to_come), strict=True):
            outcome = record.outcome
            if outcome["has_plan"]:
                self._found(record)
            if outcome["termination"] == "infeasible":
                self.ledger.bound(out, -math.inf)
            elif outcome.get("bound") is not None:
                self.ledger.bound(out, float(outcome["bound"]))
            self.records[out] = record

    def drop(self, parts: Sequence[tuple[tuple[int, ...], Set]], seconds: float | None) -> None:
        """Look for the best part of a plan (by its place), or of several together, without some nations."""
        orders = [(Asked(DROP, out), places) for places, out in parts]
        for (_, out), record in zip(parts, self.course.run(orders, seconds), strict=True):
            if record.outcome["has_plan"]:
                self._found(record)
            elif record.outcome["termination"] == "infeasible":
                self.ledger.bound(out, -math.inf)

    def prove(self, sets: Sequence[Set], seconds: float | None) -> None:
        """Find out of sets whether there is no plan without them, whoever else leaves."""
        for out, record in zip(sets, self.course.run([(Asked(PROVE, out), ()) for out in sets], seconds), strict=True):
            self.proofs[out] = record.outcome["termination"] == "infeasible"
            if self.proofs[out]:
                self.ledger.bound(out, -math.inf, always=True)

    def value(self, out: Set) -> tuple[float, float]:
        """What is known of a set: some plan has this score (minus infinity: none is known), and none has more than that."""
        row = self.ledger.rows([out])
        return float(self.ledger.least(row)[0][0]), float(self.ledger.most(row)[0])

    def confirm(self, sets: Sequence[Set]) -> None:
        """Of every set that was solved and whose best plan was found for another one, ask the verifier whether it is a plan without that set."""
        least, plans = self.ledger.least(self.ledger.rows(sets))
        for out, score, packed in zip(sets, least.tolist(), plans, strict=True):
            record = self.records.get(out)
            own = None if record is None else record.outcome.get("score")
            if packed and record is not None and (own is None or score > own + room(score)):
                without = without_nations(self.instance, out)
                if Trial(without, self.scenario).tried(unpacked(packed)) is None:
                    raise AssertionError(f"a plan without more nations is none without {', '.join(out)}")

    def _tries(self, out: Set) -> tuple[int, ...]:
        """The old plan, and the best plan that is known without the set; or that of which most is left, as a start."""
        _, (packed,) = self.ledger.least(self.ledger.rows([out]))
        if packed:
            return tuple(dict.fromkeys((0, self.course.place(packed))))
        row = self.ledger.rows([out])
        left = [(float(screen.scores(row)[0]), place) for place, _, screen in self.plans]
        return tuple(dict.fromkeys((0, max(left, key=lambda one: (one[0], -one[1]))[1])))

    def _found(self, record: Record) -> None:
        outcome: Any = record.outcome
        idle = tuple(part for part in outcome["idle"].split(";") if part)
        self._take(idle, float(outcome["score"]), unpacked(record.start))

    def _take(self, out: Set, score: float, plan: PooledPlan) -> None:
        self.ledger.plan(out, score, plan.packed)
        place = self.course.place(plan.packed)
        if len(self.plans) < MOST_SCREENS and all(place != other for other, _, _ in self.plans):
            self.plans.append((place, plan, Screen(self.instance, self.scenario, self.measure, plan, self.nations)))


def sets_of(nations: Sequence[str], sizes: Iterable[int]) -> list[Set]:
    """All sets of some sizes, small ones first."""
    return [out for size in sizes for out in combinations(nations, size)]


def count_sets(nations: int, size: int) -> int:
    """How many sets of 1 to `size` nations there are."""
    return sum(math.comb(nations, one) for one in range(1, size + 1))
