"""The best plan, then again and again the plan farthest from all so far; then each place that all share is forbidden.

A place is a nation at a post. Two plans differ in a place where one has units there, in any period, and the other has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from optimizer.instance.instance import Aim
from optimizer.plan.aims import AimValue
from optimizer.studies.pooled import PooledPlan, Trial, Tried, unpacked
from optimizer.studies.probing.probe import Place, Probe, Within
from optimizer.studies.probing.prober import places_of
from optimizer.studies.probing.rows import DISTANCE
from optimizer.studies.record import Record

SAME: Final = 1e-6
"""Values that differ by less than this part of them are the same."""

Ask = Callable[[Sequence[tuple[Probe, str]]], list[Record]]
Status = Literal["proven", "found", "not needed"]


@dataclass(frozen=True, eq=False)
class Near:
    """A plan within the limit. `cost`: its first level of aims, counted so that less is better. `places`: who serves where.

    `distance`: in how many places it differs from the nearest plan before it, None for the first; `bound`: no plan within the limit differs from all of
    these in more, None where nothing is proven.
    """

    tried: Tried
    cost: float
    places: frozenset[Place]
    distance: int | None = None
    bound: int | None = None


@dataclass(frozen=True)
class Shared:
    """A nation at a post that all plans have.

    `status`: `proven` (it is in every plan within the limit), `found` (it is in all plans that were found), `not needed` (a plan within the limit does
    without it). `least`, `most`: what the first level loses without it, at least and at most; infinite: no plan does without it; None: not known.
    """

    place: Place
    status: Status
    least: float | None = None
    most: float | None = None


@dataclass
class Search:
    """The questions, and what is known so far.

    `aims`: of the instance, in order. `within`: by what share of the best value a plan may be worse in the first level. `others`: packed plans that are
    known. `exhausted`: whether it is proven that no further plan within the limit serves in other places. `dropped`: plans found that a better best
    plan put beyond the limit. `untested`: places of which it was not asked whether a plan does without.
    """

    aims: tuple[Aim, ...]
    ask: Ask
    trial: Trial
    within: float
    count: int
    others: Sequence[str] = ()
    plans: list[Near] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    first: Record | None = None
    exhausted: bool = False
    dropped: int = 0
    untested: int = 0
    _known: dict[str, Near] = field(default_factory=dict)

    def run(self, tests: int) -> None:
        """Find the plans, and test so many of the places that they share."""
        for packed in self.others:
            self._know(packed)
        start = min(self._known.values(), key=lambda one: one.cost, default=None)
        self.first = self.ask([(Probe(self.aims), "" if start is None else start.tried.pooled.packed)])[0]
        self._know(self.first.start)
        best = self.trial.best([one.tried.pooled for one in self._known.values()])
        if best is None:
            return
        self.plans.append(self._known[best.pooled.packed])
        while len(self.plans) < self.count and self._add():
            pass
        self._drop()
        self._test(tests)

    @property
    def limit(self) -> float:
        """What a plan may have in the first level at most, less is better."""
        best = min(near.cost for near in self.plans)
        return best + self.within * abs(best)

    def keeps(self, cost: float) -> bool:
        """Whether a value of the first level is within the limit."""
        return cost <= self.limit + SAME * max(1.0, abs(self.limit))

    def _add(self) -> bool:
        """The next plan; whether there is one."""
        known = [near for near in self._known.values() if self.keeps(near.cost)]
        farthest = max(known, key=lambda near: self._distance(near.places), default=self.plans[0])
        limit = self.limit
        room = 0.1 * SAME * max(1.0, abs(limit))
        probe = Probe(
            self.aims,
            within=(Within(0, limit + room, room),),
            apart=tuple(near.tried.pooled.packed for near in self.plans),
        )
        record = self.ask([(probe, farthest.tried.pooled.packed)])[0]
        bound = record.outcome.get(f"{DISTANCE}_bound")
        found = self._know(record.start)
        candidates = [near for near in (found, farthest) if near is not None and self.keeps(near.cost)]
        best = max(candidates, key=lambda near: self._distance(near.places), default=None)
        distance = 0 if best is None else self._distance(best.places)
        if best is None or not distance:
            self.exhausted = bound is not None and bound < 1.0 - SAME
            return False
        most = None if bound is None else max(distance, math.floor(float(bound) + SAME))
        self.plans.append(Near(best.tried, best.cost, best.places, distance, most))
        return True

    def _drop(self) -> None:
        """Leave out what a better best plan, found on the way, has put beyond the limit; distances are then from those that are left."""
        kept = [near for near in self.plans if self.keeps(near.cost)]
        self.dropped = len(self.plans) - len(kept)
        if not self.dropped:
            return
        self.plans = []
        for near in kept:
            distance = self._distance(near.places) if self.plans else None
            self.plans.append(replace(near, distance=distance, bound=None))

    def _distance(self, places: AbstractSet[Place]) -> int:
        """In how many places a plan differs from the nearest of those so far."""
        return min(len(places ^ near.places) for near in self.plans)

    def _know(self, packed: str) -> Near | None:
        """A plan with its value here; None where it does not keep the rules."""
        if not packed:
            return None
        if packed not in self._known:
            tried = self.trial.tried(unpacked(packed))
            cost = None if tried is None else cost_of(tried.evaluation.aims)
            if tried is None or cost is None:
                return None
            self._known[packed] = Near(tried, cost, self._places(tried.pooled))
        return self._known[packed]

    def _places(self, pooled: PooledPlan) -> frozenset[Place]:
        nation_of = {row["pledge"]: row["nation"] for row in self.trial.instance.rows("pledges")}
        post_of = {
            row["requirement"]: (row["mission"], row["area"]) for row in self.trial.instance.rows("requirements")
        }
        return places_of(pooled, nation_of, post_of)

    def _test(self, tests: int) -> None:
        """Which of the places that all plans share are in every plan within the limit."""
        places = sorted(frozenset.intersection(*(near.places for near in self.plans)))
        sizes = self._sizes()
        chosen = sorted(places, key=lambda place: -sizes.get(place, 0))[:tests]
        self.untested = len(places) - len(chosen)
        best = min(self.plans, key=lambda near: near.cost)
        probes = [(Probe(self.aims, first_only=True, without=place), best.tried.pooled.packed) for place in chosen]
        answers = dict(zip(chosen, self.ask(probes) if probes else [], strict=True))
        self.shared = [self._judged(place, answers.get(place), best.cost) for place in places]

    def _sizes(self) -> Mapping[Place, int]:
        """Units times periods at each place in the best plan."""
        instance, found = self.trial.instance, dict[Place, int]()
        nation_of = {row["pledge"]: row["nation"] for row in instance.rows("pledges")}
        post_of = {row["requirement"]: (row["mission"], row["area"]) for row in instance.rows("requirements")}
        for pledge, line, _, units in self.plans[0].tried.pooled.assignments:
            place = (nation_of[pledge], *post_of[line])
            found[place] = found.get(place, 0) + units
        return found

    def _judged(self, place: Place, record: Record | None, best: float) -> Shared:
        """What a test says of a place: the loss without it is between what was proven and what was found; so is what other plans without it have."""
        if record is None:
            return Shared(place, "found")
        outcome = record.outcome
        if outcome["termination"] == "infeasible":
            return Shared(place, "proven", math.inf, math.inf)
        self._know(record.start)
        without = [near.cost for near in self._known.values() if place not in near.places]
        most = max(0.0, min(without) - best) if without else None
        bound = outcome.get("first_bound")
        least = None
        if bound is not None:
            cost = float(bound) if self.aims[0].name == "burden_gap" else -float(bound)
            least = max(0.0, cost - best)
            if not self.keeps(cost):
                return Shared(place, "proven", least, most)
        not_needed = most is not None and self.keeps(best + most)
        return Shared(place, "not needed" if not_needed else "found", least, most)


def cost_of(aims: Sequence[AimValue]) -> float | None:
    """The first level of aims as the model counts it, less is better; None where an aim has no value."""
    level = [item for item in aims if item.aim.priority == aims[0].aim.priority]
    if any(item.value is None for item in level):
        return None
    weights = [1.0 if item.aim.name == "burden_gap" else item.aim.weight for item in level]
    values = [float(item.value or 0.0) for item in level]
    return math.fsum(
        (-weight if item.maximise else weight) * value
        for item, weight, value in zip(level, weights, values, strict=True)
    )
