"""One probe: the model with what is asked of it, solved, verified, and kept as a record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.instance import Aim
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.levels import solve_levels
from optimizer.solving.solution import Solution
from optimizer.studies.answer import REASONS, Answerer, options_of
from optimizer.studies.carried import deny_none
from optimizer.studies.head_start import head_start
from optimizer.studies.outcomes import kept, number
from optimizer.studies.pooled import PooledPlan, Trial, unpacked
from optimizer.studies.probing.probe import Place, Probe, probe_of
from optimizer.studies.probing.relaxed import FIRST_SHARE, LATER_SHARE, is_relaxed, relaxed_bound
from optimizer.studies.probing.rows import DISTANCE, Added, add_distance, add_within, without
from optimizer.studies.question import Setup
from optimizer.studies.record import Record
from optimizer.studies.study import Variant

MOST_MODELS: Final = 3
"""Models that are kept for further probes: as many as there may be orders of aims."""


class Prober(Answerer):
    """Answers probe after probe."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._models: dict[tuple[Aim, ...], tuple[Situation, Built]] = {}

    def _answer(self, variant: Variant, start: str, begun: float) -> Record:
        probe, study = probe_of(str(variant.inputs[0])), self.setup.study
        start = str(variant.inputs[1] or "") or start
        instance = self._instance(variant.source)
        situation, built = self._model(variant.source, probe.aims)
        linear, stands = asked(built, probe)
        options = options_of(study, instance)
        first = None if not start else _start(built, linear, start, stands)
        ready = time.perf_counter()
        limit = options.time_limit
        relaxing = limit if limit is not None and is_relaxed(linear, limit) else 0.0
        later = 0.0 if probe.first_only else LATER_SHARE * relaxing
        first = head_start(linear, first, None if limit is None else limit - FIRST_SHARE * relaxing, options.seed)
        known = relaxed_bound(linear, 0, FIRST_SHARE * relaxing) if relaxing else None
        left = limit
        if limit is not None:
            left = max(0.1 * limit, limit - later - (time.perf_counter() - ready))
        solution = solve_levels(linear, replace(options, time_limit=left), first)
        solved = time.perf_counter()
        plan = plan_of(situation, built, solution, options, None)
        if plan.termination == "infeasible" and start and probe.is_free:
            deny_none(Trial(instance, study.scenario).tried(unpacked(start)))
        outcome: dict[str, Any] = {
            "termination": plan.termination,
            "has_plan": plan.has_plan,
            "reason": REASONS.get(plan.termination, ""),
            **kept(plan, ()),
        }
        outcome |= _bounds(solution, probe, known)
        if later and solution.values is not None:
            outcome |= _later_bounds(linear, solution, outcome, later)
        timing = {
            "seconds": round(time.perf_counter() - begun, 3),
            "seconds_build": round(ready - begun, 4),
            "seconds_solver": round(solved - ready, 3),
        }
        return Record(variant.run, outcome, timing, PooledPlan.of(plan).packed if plan.has_plan else "")

    def _model(self, source: int, aims: tuple[Aim, ...]) -> tuple[Situation, Built]:
        """The model with these aims, made once."""
        if aims not in self._models:
            while len(self._models) >= MOST_MODELS:
                del self._models[next(iter(self._models))]
            situation = build_situation(self._instance(source), self.setup.study.scenario, aims or None)
            self._models[aims] = situation, build(situation)
        return self._models[aims]


def asked(built: Built, probe: Probe) -> tuple[LinearModel, Mapping[Place, int]]:
    """The model with what a probe adds; and the columns for who serves where, if it asks for a distance."""
    linear = built.linear if probe.without is None else without(built, probe.without)
    added, levels = Added(linear), linear.levels
    stands: Mapping[Place, int] = {}
    for within in probe.within:
        add_within(added, linear.levels[within.level], within)
    if probe.first_only:
        levels = levels[:1]
    if probe.apart:
        nation_of = {name: pledge.nation for name, pledge in built.assembly.situation.pledges.items()}
        post_of = {name: line.post for name, line in built.assembly.situation.lines.items()}
        others = [places_of(unpacked(plan), nation_of, post_of) for plan in probe.apart]
        distance, stands = add_distance(added, built, others)
        levels = (distance, *levels)
    return added.finished(levels), stands


def places_of(
    plan: PooledPlan, nation_of: Mapping[str, str], post_of: Mapping[str, tuple[str, str]]
) -> frozenset[Place]:
    """Who serves where in a plan: nation, mission, area of every unit that is anywhere at any time."""
    return frozenset((nation_of[pledge], *post_of[line]) for pledge, line, _, units in plan.assignments if units)


def _start(built: Built, linear: LinearModel, plan: str, stands: Mapping[Place, int]) -> FloatArray:
    """A start from a packed plan, with who serves where."""
    pooled, situation = unpacked(plan), built.assembly.situation
    first = start_from(built, pooled.units, len(linear.lower))
    there = {
        (situation.pledges[pledge].nation, *situation.lines[line].post)
        for pledge, line, _, units in pooled.assignments
        if units and pledge in situation.pledges and line in situation.lines
    }
    for place, column in stands.items():
        first[column] = float(place in there)
    return np.minimum(first, linear.upper)


def _bounds(solution: Solution, probe: Probe, relaxed: float | None) -> dict[str, float | None]:
    """What was proven of the first level (as it is maximised, a ratio as it is), and of the distance, which no plan states."""
    first = solution.levels[0] if solution.levels else None
    bounds = [bound for bound in (None if first is None else first.bound, relaxed) if bound is not None]
    found = {"first_bound": number(min(bounds)) if bounds else None}
    if probe.apart:
        found |= {DISTANCE: None if first is None else number(first.value), f"{DISTANCE}_bound": found["first_bound"]}
    return found


def _later_bounds(
    linear: LinearModel, solution: Solution, outcome: Mapping[str, Any], seconds: float
) -> dict[str, float | None]:
    """The bound of the second level by its relaxation, where the search has none: of the plans that are as good in the first."""
    levels = linear.levels
    if len(levels) < 2 or solution.values is None or len(levels[1].terms) != 1:
        return {}
    term = levels[1].terms[0]
    name = f"{term.name}_bound"
    if name not in outcome or outcome[name] is not None or not term.weight:
        return {}
    bound = relaxed_bound(linear, 1, seconds, solution.values)
    return {} if bound is None else {name: number(bound / term.weight)}
