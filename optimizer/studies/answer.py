"""One run: apply the inputs, walk the corridor, keep the outcome. Faults become outcomes with a reason."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.files import read_instance
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.scenario import UnknownScenario
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import Built, build
from optimizer.plan.plan import Plan
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.levels import Keeper, solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import SolverFailed
from optimizer.studies.carried import Search, better_of, with_proofs
from optimizer.studies.change import UnusableChangeError, changed, check_changed
from optimizer.studies.effective import used_values
from optimizer.studies.head_start import head_start
from optimizer.studies.live import Recipe, learn
from optimizer.studies.outcomes import kept
from optimizer.studies.pooled import PooledPlan, Trial, Tried, unpacked
from optimizer.studies.question import Setup
from optimizer.studies.record import Record, failed
from optimizer.studies.study import Study, Tries, Variant

MOST_FINDINGS: Final = 5
"""Findings of an invalid variant that its row holds."""

REASONS: Final = {
    "infeasible": "no plan keeps all rules",
    "none_found": "the time limit came before a plan was found",
    "feasible": "the time limit came before the gap was reached",
    "interrupted": "interrupted",
    "crashed": "the solver broke down",
}
"""Why a run has no proven plan, by its termination."""


def why_invalid(error: Exception) -> str:
    """The errors of an invalid variant in one line; of many the first few, and how many more there are."""
    findings = [one for one in getattr(error, "findings", ()) if one.severity == "error"]
    words = [" ".join(str(one).split()) for one in findings[:MOST_FINDINGS]] or [" ".join(str(error).split())]
    more = len(findings) - MOST_FINDINGS
    return " ".join([*words, f"And {more:,} more."] if more > 0 else words)


class Answerer:
    """Answers run after run. Whatever it keeps between runs saves time and never changes a result."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._keeper = Keeper()
        self._from_recipe = False
        self._recipes: dict[int, Recipe | str] = {}
        self._read: tuple[int, Instance] | None = None
        self._plans: dict[int, PooledPlan] = {}

    def answer(self, variant: Variant, start: str) -> Record:
        """The record of a run; `start` is the packed plan of the run before it, or blank."""
        begun = time.perf_counter()
        record = self._answer_or_reason(variant, start, begun)
        try:
            used = used_values(self._instance(variant.source), self.setup.study, variant.inputs)
        except (InvalidInstance, UnknownScenario):
            return record
        return replace(record, outcome={**record.outcome, **used}) if used else record

    def _answer_or_reason(self, variant: Variant, start: str, begun: float) -> Record:
        try:
            return self._answer(variant, start, begun)
        except (UnusableChangeError, InvalidInstance, UnknownScenario) as error:
            # A variant that is read and understood, and whose rules no plan can keep, has its answer.
            findings = getattr(error, "findings", ())
            kept = findings and all(one.cannot_be_kept for one in findings if one.severity == "error")
            termination = "infeasible" if kept else "invalid"
            return failed(variant.run, termination, why_invalid(error), time.perf_counter() - begun)
        except (RejectedPlan, SolverFailed, ArithmeticError, LookupError, ValueError, TypeError, MemoryError) as error:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]
            return failed(variant.run, "failed", reason, time.perf_counter() - begun)

    def _answer(self, variant: Variant, start: str, begun: float) -> Record:
        study = self.setup.study
        given = self._instance(variant.source)
        instance, scenario = changed(given, study, variant.inputs)
        if instance is not given:
            check_changed(instance)
        if variant.tries is not None and not variant.tries.solve:
            return self._tried(variant, variant.tries, instance, scenario, begun)
        recipe = self._recipe(variant.source)
        if isinstance(recipe, Recipe):
            situation, built = recipe.answer(variant.inputs, instance)
            self._keeper.known = recipe.edits if self._from_recipe else None
        else:
            situation = build_situation(instance, scenario)
            built = build(situation)
        self._from_recipe = isinstance(recipe, Recipe)
        options = options_of(study, instance, first=variant.run == 0)
        known = None if variant.tries is None else self._best_known(variant, variant.tries, instance, scenario)
        start = start if known is None else known.pooled.packed
        for vary, value in zip(study.vary, variant.inputs, strict=True):
            if vary.kind == "commitment" and value:
                built = committed(built, str(value))
                start = str(value)
        first = start_from(built, unpacked(start).units) if start else None
        ready = time.perf_counter()
        first = head_start(built.linear, first, options.time_limit, options.seed)
        left = options.time_limit
        if left is not None:
            left = max(0.1 * left, left - (time.perf_counter() - ready))
        solution = solve_levels(built.linear, replace(options, time_limit=left), first, keeper=self._keeper)
        solved = time.perf_counter()
        plan = plan_of(situation, built, solution, options, None)
        if variant.tries is not None:
            plan = better_of(plan, [] if known is None else [known], _searches(variant.tries, instance), options.gap)
        timing = {
            "seconds": round(time.perf_counter() - begun, 3),
            "seconds_build": round(ready - begun, 4),
            "seconds_solver": round(solved - ready, 3),
            "model": "rebuilt" if self._keeper.built else "edited" if isinstance(recipe, str) else "in place",
            "why": self._keeper.built or (recipe if isinstance(recipe, str) else ""),
        }
        return record_of(variant.run, plan, study, timing)

    def _best_known(self, variant: Variant, tries: Tries, instance: Instance, scenario: str | None) -> Tried | None:
        """The best of the plans that a run is told to try; where it may send no more than is committed, of those that do not."""
        plans = [self._plan(place) for place in tries.plans]
        for vary, value in zip(self.setup.study.vary, variant.inputs, strict=True):
            if vary.kind == "commitment" and value:
                committed_plan = unpacked(str(value))
                plans = [plan for plan in plans if plan.is_within(committed_plan)]
        return Trial(instance, scenario).best(plans)

    def _plan(self, place: int) -> PooledPlan:
        if place not in self._plans:
            self._plans[place] = unpacked(self.setup.plans[place])
        return self._plans[place]

    def _tried(self, variant: Variant, tries: Tries, instance: Instance, scenario: str | None, begun: float) -> Record:
        """The record of a run that only tries plans: the best of them, with the bounds that still stand beside it."""
        known = self._best_known(variant, tries, instance, scenario)
        if known is None:
            return failed(
                variant.run, "none_found", "no plan that is known keeps the rules", time.perf_counter() - begun
            )
        study = self.setup.study
        plan = with_proofs(known, _searches(tries, instance), options_of(study, instance).gap)
        return record_of(variant.run, plan, study, {"seconds": round(time.perf_counter() - begun, 3)})

    def _recipe(self, source: int) -> Recipe | str:
        """How the study's variants follow from one model, learned once; or why each must be built."""
        if source not in self._recipes:
            # Variants kept as files are each solved once or a few times.
            self._recipes = {source: learn(self._instance(source), self.setup.study)}
            self._keeper.forget()
            self._from_recipe = False
        return self._recipes[source]

    def _instance(self, source: int) -> Instance:
        if self._read is None or self._read[0] != source:
            given = self.setup.sources[source]
            if isinstance(given, Instance):
                check_changed(given)
            self._read = (source, read_instance(given) if isinstance(given, str) else given)
        return self._read[1]


def options_of(study: Study, instance: Instance, *, first: bool = False) -> SolveOptions:
    """One thread and no second process: runs are parallel, each by itself, and repeat exactly where no clock stops them."""
    header = instance.header
    limit = header.time_limit if study.time_limit is None else study.time_limit
    return SolveOptions(
        time_limit=study.first_time_limit if first and study.first_time_limit is not None else limit,
        gap=header.gap if study.gap is None else study.gap,
        seed=study.solver_seed,
        threads=1,
        improve=False,
    )


def record_of(run: int, plan: Plan, study: Study, timing: Mapping[str, Any]) -> Record:
    """The record of a plan."""
    outcome: dict[str, Any] = {
        "termination": plan.termination,
        "has_plan": plan.has_plan,
        "reason": REASONS.get(plan.termination, ""),
    }
    return Record(
        run, {**outcome, **kept(plan, study.keep)}, timing, PooledPlan.of(plan).packed if plan.has_plan else ""
    )


def _searches(tries: Tries, instance: Instance) -> list[Search]:
    """What the searches of a run that have ended have proven."""
    return [Search.of_outcome(instance.header.aims, outcome) for outcome in tries.ended]


def committed(built: Built, *plans: str) -> Built:
    """The model in which nothing may be sent beyond what some packed plans send: what no longer may or should serve stays at home."""
    kept = [unpacked(plan) for plan in plans]
    sent = np.fmax.reduce([start_from(built, plan.units) for plan in kept])
    used = frozenset[str]().union(*(plan.instruments_used for plan in kept))
    linear = built.linear
    upper = np.where(np.isnan(sent), linear.upper, np.fmin(sent, linear.upper))
    for name, column in built.instruments.items():
        if name not in used:
            upper[column] = 0.0
    return replace(built, linear=replace(linear, lower=np.fmin(linear.lower, upper), upper=upper))
