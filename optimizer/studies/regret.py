"""How much worse one outcome is than another, by the aims in their order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.studies import order
from optimizer.studies.intervals import Interval, aim_interval
from optimizer.studies.order import EQUAL, Score


@dataclass(frozen=True)
class Priority:
    """The aims of one priority."""

    aims: tuple[Aim, ...]

    @property
    def name(self) -> str:
        """The aim, or the aims joined by a plus sign."""
        return " + ".join(aim.name for aim in self.aims)

    def score(self, outcome: Mapping[str, Any]) -> float:
        """The value of these aims in an outcome; more is better. Not a number without a plan."""
        known = [(aim, outcome[aim.name]) for aim in self.aims if outcome.get(aim.name) is not None]
        if len(known) < len(self.aims):
            return math.nan
        return math.fsum(_sign(aim) * self._weight(aim) * value for aim, value in known)

    def value(self, outcome: Mapping[str, Any]) -> float | None:
        """The value as it is shown: of the aim, or of the weighted sum."""
        score = self.score(outcome)
        return None if math.isnan(score) else score * (_sign(self.aims[0]) if len(self.aims) == 1 else 1)

    def slack(self, outcome: Mapping[str, Any]) -> float:
        """By how much these aims may be worse than in this outcome and still count as equal."""
        given = math.fsum(self._weight(aim) * aim.tolerance * abs(outcome[aim.name]) for aim in self.aims)
        return max(given, EQUAL * max(1.0, abs(self.score(outcome))))

    def reach(self, outcome: Mapping[str, Any]) -> Interval:
        """What the best plan scores in these aims: no less than the plan found, no more than the bound. Without a plan nothing is known."""
        score = self.score(outcome)
        if math.isnan(score):
            return Interval()
        if len(self.aims) == 1:
            known = aim_interval(outcome, self.aims[0].name, self.aims)
            return known if _sign(self.aims[0]) > 0 else known.times(-1.0)
        gap = outcome.get(f"{self.aims[0].name}_gap")
        return Interval(score, math.inf if gap is None else score + gap * abs(score))

    def is_proven(self, outcome: Mapping[str, Any]) -> bool:
        """Whether no plan scores more than the one found."""
        known = self.reach(outcome)
        return known.at_most - known.at_least <= EQUAL * max(1.0, abs(known.at_least))

    def _weight(self, aim: Aim) -> float:
        return aim.weight if len(self.aims) > 1 else 1.0


def _sign(aim: Aim) -> int:
    return 1 if aim.name in MAXIMISED_AIMS else -1


def priorities_of(aims: Sequence[Aim]) -> list[Priority]:
    """The aims by priority, the first ones first."""
    priorities = sorted({aim.priority for aim in aims})
    return [Priority(tuple(aim for aim in aims if aim.priority == priority)) for priority in priorities]


def best_of(priorities: Sequence[Priority], outcomes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The best outcome by the aims in their order; of equal ones the first. None without any plan."""
    planned = [outcome for outcome in outcomes if outcome["has_plan"]]
    scores = [
        tuple(Score(priority.score(outcome), priority.slack(outcome)) for priority in priorities) for outcome in planned
    ]
    best = order.best_of(scores)
    return None if best is None else planned[best]


def compared(
    priorities: Sequence[Priority], outcome: Mapping[str, Any], best: Mapping[str, Any] | None
) -> Iterator[tuple[str, float | None, float | None, float | None, float | None, float | None]]:
    """Per aim (and per weighted sum of aims) its name, the value, the best value, the regret, and what that is at least and at most.

    What is certain: no more can be lost than up to the bound of the best, no less than beyond the bound of the outcome. In a later aim nothing is, unless the
    earlier ones are proven.
    """
    even = certain = best is not None
    for priority in priorities:
        if len(priority.aims) > 1:
            yield from (
                (aim.name, outcome.get(aim.name), (best or {}).get(aim.name), None, None, None) for aim in priority.aims
            )
        regret, known = None, Interval()
        if best is not None and even and not math.isnan(priority.score(outcome)):
            loss = priority.score(best) - priority.score(outcome)
            even = loss <= priority.slack(best)
            regret = 0.0 if abs(loss) <= EQUAL * max(1.0, abs(priority.score(best))) else max(0.0, loss)
            if certain:
                known = (priority.reach(best) - priority.reach(outcome)).loss
            certain = certain and priority.is_proven(best) and priority.is_proven(outcome)
        yield priority.name, priority.value(outcome), priority.value(best or {}), regret, *known.cells
