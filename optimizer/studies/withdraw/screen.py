"""A plan without each of many sets of nations, all at once in arrays: what it may still be worth. Quick, and no verdict.

What is counted is coverage, or the weakest mission: what the services that are left deliver, at posts that keep their thresholds and their number
of nations. Leads may be named anew. No plan that sends a part of this one, and nobody of the set, has more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from optimizer.instance.instance import Instance
from optimizer.instance.selectors import parse_selector
from optimizer.plan.case import RELATIVE, read_case
from optimizer.plan.facts import Facts
from optimizer.plan.gather import gather
from optimizer.plan.rules import lead
from optimizer.studies.pooled import PooledPlan
from optimizer.studies.withdraw.leaving import Measure

COUNTED: Final = frozenset({"coverage", "weakest_mission"})
_AT_ONCE: Final = 256
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


class Screen:
    """One plan, and what is left of it without sets of nations.

    Args:
        instance: The instance with all nations.
        scenario: Its scenario.
        measure: What is counted; see `counts`.
        plan: The plan.
        nations: The nations of which sets are made, in their order.
    """

    def __init__(
        self, instance: Instance, scenario: str | None, measure: Measure, plan: PooledPlan, nations: Sequence[str]
    ) -> None:
        case = read_case(instance, scenario, measure.aims)
        facts = gather(case, plan.decisions)
        self.facts, self.measure, self.nations = facts, measure, tuple(nations)
        number = {nation: index for index, nation in enumerate(case.nations)}
        chosen = [number[nation] for nation in nations]
        lines = list(case.lines.values())
        delivered = np.zeros((len(case.nations), len(lines), case.periods))
        services = facts.services
        np.add.at(delivered, (services.nation, services.line), services.amount[:, None] * facts.units)
        self._by_nation = delivered[chosen]
        self._present = facts.present[chosen]
        self._help = [
            (np.array([nation in instrument.sponsors for nation in nations], dtype=bool), _yields(facts, name))
            for name, instrument in case.instruments.items()
            if name in facts.used
        ]
        self._rest = delivered.sum(axis=0)
        self._rest_present = facts.present.sum(axis=0)
        self._threshold = np.array([line.threshold for line in lines])
        self._target = np.array([line.target for line in lines])
        self._least = np.array([int(rules["min_nations"] or 0) for rules in case.posts.values()])
        self._idle = np.array(
            [rules["lead"] != "required" and not (rules["min_nations"] or 0) for rules in case.posts.values()],
            dtype=bool,
        )
        self._lead_asked = np.array([rules["lead"] == "required" for rules in case.posts.values()], dtype=bool)
        self._led = np.zeros(self._present.shape)
        for j, post in enumerate(case.posts):
            for number_, (first, last) in enumerate(lead.terms_of(facts, post), start=1):
                for nation in lead.leaders(facts, post, number_):
                    if nation in self.nations:
                        at = self.nations.index(nation)
                        self._led[at, j, first - 1 : last] = self._present[at, j, first - 1 : last]
        self._post_of_line = np.array(facts.line_posts, dtype=np.int64)

    @staticmethod
    def counts(measure: Measure) -> bool:
        """Whether the first level is one that can be counted so."""
        return all(aim.name in COUNTED for aim in measure.aims)

    @property
    def serving(self) -> Truths:
        """Which of the nations serve in the plan."""
        return np.asarray(self._present.any(axis=(1, 2)))

    def scores(self, sets: Truths, *, named: bool = False) -> Floats:
        """What is left without each set (rows; a column per nation), as a score; infinity where the first level is not one that is counted.

        `named`: only the nations that are named as leads lead; then it is what `kept_of` finds.
        """
        if not self.counts(self.measure):
            return np.full(len(sets), np.inf)
        starts = range(0, len(sets), _AT_ONCE)
        parts = [self._scores(sets[first : first + _AT_ONCE], named=named) for first in starts]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _scores(self, sets: Truths, *, named: bool) -> Floats:
        gone = sets.astype(np.float64)
        delivered = self._rest[None] - np.tensordot(gone, self._by_nation, axes=1)
        for sponsors, amounts in self._help:
            delivered += (~(sets & sponsors).any(axis=1))[:, None, None] * amounts[None]
        present = self._rest_present[None] - np.tensordot(gone, self._present.astype(np.float64), axes=1)
        active = self.facts.active
        least = self._threshold[None, :, None]
        short = active[None] & (delivered < least - RELATIVE * np.maximum(1.0, np.abs(least)))
        met = np.ones((len(sets), len(self._least), active.shape[1]), dtype=bool)
        for line, post in enumerate(self._post_of_line.tolist()):
            met[:, post] &= ~short[:, line]
        somebody = present > 0.5
        mounted = met & (somebody | (self._idle[:, None] & self.facts.post_active)[None])
        mounted &= present > self._least[None, :, None] - 0.5
        if named:
            stay = np.tensordot((~sets).astype(np.float64), self._led, axes=1)
            mounted &= (stay > 0.5) | ~self._lead_asked[None, :, None]
        shares = np.minimum(delivered, self._target[None, :, None]) * (mounted[:, self._post_of_line] & active[None])
        return self._worth(shares / self._target[None, :, None])

    def _worth(self, shares: Floats) -> Floats:
        case = self.facts.case
        weights = np.array([line.weight for line in case.lines.values()])
        scores: dict[str, Floats] = {}
        for mission, rules in case.missions.items():
            mine = [r for r, line in enumerate(case.lines.values()) if line.post[0] == mission and line.weight > 0]
            periods: list[Any] = []
            for t in range(case.periods):
                now = [r for r in mine if self.facts.active[r, t]]
                if now and rules["score"] == "weakest":
                    periods.append(shares[:, now, t].min(axis=1))
                elif now:
                    periods.append(shares[:, now, t] @ weights[now] / weights[now].sum())
            if periods:
                scores[mission] = np.mean(periods, axis=0)
        total = np.zeros(len(shares))
        for aim in self.measure.aims:
            selector = parse_selector(dict(aim.scope).get("mission"))
            chosen = [
                (float(case.missions[mission]["weight"]), score)
                for mission, score in scores.items()
                if selector.matches(mission) and float(case.missions[mission]["weight"]) > 0
            ]
            if not chosen:
                continue
            if aim.name == "weakest_mission":
                value = np.min([score for _, score in chosen], axis=0)
            else:
                whole = math.fsum(weight for weight, _ in chosen)
                value = 100.0 * np.sum([weight * score for weight, score in chosen], axis=0) / whole
            total += (aim.weight if len(self.measure.aims) > 1 else 1.0) * value
        return total


def _yields(facts: Facts, name: str) -> Floats:
    """What an instrument delivers to each line in each period."""
    instrument = facts.case.instruments[name]
    found = np.zeros((len(facts.case.lines), facts.case.periods))
    for index, line in enumerate(facts.case.lines):
        for t in range(facts.case.periods):
            if facts.active[index, t] and t + 1 in instrument.true_in:
                found[index, t] = instrument.yields.get(line, 0.0)
    return found
