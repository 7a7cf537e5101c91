"""Every aim, recomputed from the facts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.instance.selectors import parse_selector
from optimizer.plan.case import window
from optimizer.plan.facts import Facts
from optimizer.plan.rules import steadiness
from optimizer.plan.rules.burden import burden_gap
from optimizer.plan.rules.movement import Movement
from optimizer.plan.services import Floats, Selection


@dataclass(frozen=True)
class AimValue:
    """An aim and its value; None where it is unknown (changes without a baseline)."""

    aim: Aim
    value: float | None

    @property
    def maximise(self) -> bool:
        """Whether more is better."""
        return self.aim.name in MAXIMISED_AIMS


def mission_scores_by_period(facts: Facts) -> dict[str, Floats]:
    """Score of every mission in every period; not a number where no line with a weight is active."""
    case = facts.case
    lines_of: dict[str, list[int]] = {mission: [] for mission in case.missions}
    weights = np.array([line.weight for line in case.lines.values()])
    for index, line in enumerate(case.lines.values()):
        if line.weight > 0:
            lines_of[line.post[0]].append(index)
    found = {}
    for mission, lines in lines_of.items():
        scores = np.full(case.periods, np.nan)
        for t in range(case.periods):
            active = [index for index in lines if facts.active[index, t]]
            if not active:
                continue
            if case.missions[mission]["score"] == "weakest":
                scores[t] = facts.shares[active, t].min()
            else:
                scores[t] = float(weights[active] @ facts.shares[active, t]) / float(weights[active].sum())
        found[mission] = scores
    return found


def mission_scores(facts: Facts) -> dict[str, float]:
    """Score of every mission that has one: the mean over the periods in which it has."""
    by_period = mission_scores_by_period(facts)
    return {name: float(np.nanmean(scores)) for name, scores in by_period.items() if not np.isnan(scores).all()}


def aim_values(facts: Facts, movement: Movement, aims: Sequence[Aim]) -> list[AimValue]:
    """The value of every aim, in the given order."""
    scores = mission_scores(facts)
    return [AimValue(aim, _value(facts, movement, scores, aim)) for aim in aims]


def _value(facts: Facts, movement: Movement, scores: dict[str, float], aim: Aim) -> float | None:
    scope = dict(aim.scope)
    if aim.name in {"coverage", "weakest_mission"}:
        return _over_missions(facts, scores, aim.name, scope.get("mission"))
    if aim.name in {"cost", "personnel", "escalation"}:
        return _over_services(facts, movement, aim.name, scope)
    if aim.name == "burden_gap":
        return burden_gap(facts, aim.measure, aim.variant)
    if aim.name == "changes":
        return changes(facts, dict(aim.weights))
    if aim.name == "turnover":
        return float(steadiness.arrivals(facts))
    if aim.name == "nations":
        return float(sum(facts.takes_part.values()))
    raise ValueError(f"There is no aim {aim.name!r}.")


def _over_missions(facts: Facts, scores: dict[str, float], name: str, mission: str | None) -> float:
    selector = parse_selector(mission)
    chosen = {m: (float(facts.case.missions[m]["weight"]), score) for m, score in scores.items() if selector.matches(m)}
    weighty = [(weight, score) for weight, score in chosen.values() if weight > 0]
    if not weighty:
        return 0.0
    if name == "weakest_mission":
        return min(score for _, score in weighty)
    return 100.0 * math.fsum(weight * score for weight, score in weighty) / math.fsum(weight for weight, _ in weighty)


def _over_services(facts: Facts, movement: Movement, measure: str, scope: dict[str, str]) -> float:
    values = facts.measure(measure)
    if scope:
        ends = {end: int(scope[end]) if scope.get(end) else None for end in ("from", "until")}
        first, last = window(ends, facts.case.periods)
        return float(values[facts.services.mask(Selection.of(scope)), first - 1 : last].sum())
    total = float(values.sum())
    if measure == "cost":
        participation = math.fsum(facts.participation_cost.values())
        total += participation + float(movement.total_cost.sum()) + facts.instrument_cost
    elif measure == "escalation":
        total += facts.instrument_escalation
    return total


def changes(facts: Facts, weights: dict[str, float]) -> float | None:
    """Unit-periods that differ from the baseline, weighted by nation; None without a baseline."""
    if facts.baseline is None:
        return None
    now = {
        (*pair, int(t) + 1): float(facts.units[index, t])
        for index, pair in enumerate(facts.services.pairs)
        for t in np.flatnonzero(facts.units[index])
    }
    total = []
    for key in sorted(now.keys() | facts.baseline.keys()):
        pledge = facts.case.pledges.get(key[0])
        nation = pledge.nation if pledge else facts.baseline_nations.get(key[0], "")
        total.append(weights.get(nation, 1.0) * abs(now.get(key, 0.0) - facts.baseline.get(key, 0.0)))
    return math.fsum(total)
