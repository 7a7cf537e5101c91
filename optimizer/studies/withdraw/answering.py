"""What a worker process answers when nations leave: the best plan, the best part of a plan that is left, and what is left of it untouched."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.cells import split_words
from optimizer.instance.instance import Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray, LinearModel
from optimizer.plan.plan import Plan
from optimizer.solving.levels import LARGE_INTEGERS, solve_levels
from optimizer.solving.linear import objective_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.relaxing import relax
from optimizer.solving.solution import Solution, Termination
from optimizer.studies.answer import REASONS, Answerer, committed, options_of
from optimizer.studies.carried import better_of
from optimizer.studies.head_start import head_start
from optimizer.studies.pooled import PooledPlan, Trial, Tried, unpacked
from optimizer.studies.record import Record
from optimizer.studies.study import Variant, Vary
from optimizer.studies.withdraw.kept import Kept, kept_of, remaining
from optimizer.studies.withdraw.leaving import Measure, loosening, pledging, without_nations, without_promises
from optimizer.studies.withdraw.screen import Screen

PLAN: Final = "plan"
"""The plan with all nations, all aims."""
SOLVE: Final = "solve"
"""The best plan without the nations, first level of aims; and what is left of the old plan, which is the first of those to try."""
DROP: Final = "drop"
"""The best part without the nations of the plan to try; of several, the best that sends nothing that none of them sends."""
PROVE: Final = "prove"
"""Whether there is no plan without the nations, even if nothing were committed or agreed."""
CHECK_SECONDS: Final = 20.0
"""The most that it may take to see whether there is a plan if units need not be whole."""
MOST_RELAXATION: Final = 120.0
"""Seconds for the bound of a relaxation at most."""
RELAXATION_SHARE: Final = 0.5
PART_SHARE: Final = 0.3
QUESTION: Final = "question"
"""The outcome that says what was asked."""
VARY: Final = (Vary("question", "withdrawal"), Vary("nations", "withdrawal"))


@dataclass(frozen=True)
class Asked:
    """What a run is asked: `do` is PLAN, SOLVE, DROP or PROVE; the nations that leave."""

    do: str
    out: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, str]:
        """As the inputs of a run."""
        return self.do, ";".join(self.out)


class Leaver(Answerer):
    """Answers run after run."""

    def _answer(self, variant: Variant, start: str, begun: float) -> Record:  # noqa: ARG002
        asked = Asked(str(variant.inputs[0]), tuple(split_words(str(variant.inputs[1] or ""))))
        instance, scenario = self._instance(variant.source), self.setup.study.scenario
        measure = Measure(instance, scenario)
        given = variant.tries.plans if variant.tries is not None else ()
        plans = [unpacked(self.setup.plans[place]) for place in given]
        if asked.do != PLAN:
            instance = measure.of(instance)
        case = _Case(instance, scenario, measure, asked.out)
        if asked.do == PROVE:
            return self._proof(variant, case, " ".join(asked.inputs), begun)
        if asked.do == DROP:
            plan, bound = self._part(case, plans)
        else:
            plan, bound = self._best(case, plans, whole=asked.do == PLAN)
        if plan.termination == "infeasible":
            bound = -math.inf
        outcome: dict[str, Any] = {
            QUESTION: " ".join(asked.inputs),
            "termination": plan.termination,
            "has_plan": plan.has_plan,
            "reason": REASONS.get(plan.termination, ""),
            "score": None,
            "bound": None if math.isinf(bound) else bound,
        }
        packed = ""
        if plan.has_plan:
            outcome["score"], outcome["idle"], packed = case.worth(PooledPlan.of(plan))
        if asked.do == SOLVE and plans:
            outcome |= _left(kept_of(instance, scenario, measure, plans[0], asked.out))
        return Record(variant.run, outcome, {"seconds": round(time.perf_counter() - begun, 3)}, packed)

    def _proof(self, variant: Variant, case: _Case, question: str, begun: float) -> Record:
        """Whether it is proven that there is no plan; no plan is kept."""
        model = build(build_situation(without_promises(case.without), case.scenario)).linear
        termination = "none_found"
        if not has_relaxed_plan(model):
            termination = "infeasible"
        elif not is_large(model):
            options = options_of(self.setup.study, case.instance)
            termination = solve_levels(replace(model, levels=()), options).termination
        outcome = {QUESTION: question, "termination": termination, "has_plan": False, "reason": ""}
        return Record(variant.run, outcome, {"seconds": round(time.perf_counter() - begun, 3)})

    def _best(self, case: _Case, plans: Sequence[PooledPlan], *, whole: bool) -> tuple[Plan, float]:
        """The best plan, from the best of those known; and what no plan beats."""
        begun = time.perf_counter()
        options = options_of(self.setup.study, case.instance)
        situation, built = case.built()
        known = Trial(case.without, case.scenario).best(plans)
        if known is None and is_large(built.linear) and not has_relaxed_plan(built.linear):
            return plan_of(situation, built, Solution(None, "infeasible"), options, None), -math.inf
        bound = math.inf
        if is_large(built.linear) and not whole and built.linear.levels[0].ratio is None:
            seconds = RELAXATION_SHARE * (options.time_limit or math.inf)
            relaxation = relax(built.linear, objective_of(built.linear.levels[0]), min(seconds, MOST_RELAXATION))
            bound = bound if relaxation is None else case.measure.score_of_level(relaxation.bound)
        first = self._first(case, built, known, plans, options)
        if options.time_limit is not None:
            left = options.time_limit - (time.perf_counter() - begun)
            options = replace(options, time_limit=max(0.1 * options.time_limit, left))
        began = time.perf_counter()
        first = head_start(built.linear, first, options.time_limit, options.seed)
        if options.time_limit is not None:
            left = options.time_limit - (time.perf_counter() - began)
            options = replace(options, time_limit=max(0.1 * options.time_limit, left))
        model = built.linear if whole else replace(built.linear, levels=built.linear.levels[:1])
        solution = solve_levels(model, options, first)
        plan = plan_of(situation, built, solution, options, None)
        bound = min(bound, _bound(solution, case.measure))
        if known is None or whole:
            return plan, bound
        # What was known counts, whatever the search came to.
        return better_of(plan, [known], [], options.gap), max(bound, case.measure.score(known.evaluation.aims))

    def _first(
        self, case: _Case, built: Built, known: Tried | None, plans: Sequence[PooledPlan], options: SolveOptions
    ) -> FloatArray | None:
        """A start: the best plan known; in a large model the best part of what is left of one; else what is left as it is."""
        if known is not None:
            return start_from(built, known.pooled.units)
        if not plans:
            return None
        left = case.left(plans[-1])
        if is_large(built.linear):
            part = committed(built, left.packed)
            limit = None if options.time_limit is None else PART_SHARE * options.time_limit
            model = replace(part.linear, levels=part.linear.levels[:1])
            found = solve_levels(model, replace(options, time_limit=limit), start_from(part, left.units))
            if found.values is not None:
                return found.values
        return start_from(built, left.units)

    def _part(self, case: _Case, plans: Sequence[PooledPlan]) -> tuple[Plan, float]:
        """The best plan that sends nothing beyond what is left of some, taken together. It bounds nothing."""
        situation, built = case.built()
        options = options_of(self.setup.study, case.instance)
        whole, left = built.linear, case.left(plans[0])
        built = committed(built, together(map(case.left, plans)).packed)
        model = replace(built.linear, levels=built.linear.levels[:1])
        solution = solve_levels(model, options, start_from(built, left.units))
        if solution.values is None:  # of this part; there may be other plans
            ended: Termination = "none_found" if has_relaxed_plan(whole) else "infeasible"
            solution = replace(solution, termination=ended)
        bound = -math.inf if solution.termination == "infeasible" else math.inf
        return plan_of(situation, built, solution, options, None), bound


def together(plans: Iterable[PooledPlan]) -> PooledPlan:
    """The most that any of some plans sends, and every instrument that one of them uses."""
    most: dict[tuple[str, str, int], int] = {}
    instruments: set[tuple[str, ...]] = set()
    for plan in plans:
        most |= {service: max(units, most.get(service, 0)) for service, units in plan.units.items()}
        instruments |= set(plan.instruments)
    return PooledPlan(
        tuple((*service, units) for service, units in sorted(most.items())), instruments=tuple(sorted(instruments))
    )


def is_large(model: LinearModel) -> bool:
    """Whether a model is so large that a part of a plan is soon found, and the whole is not."""
    return int(model.integer.sum()) >= LARGE_INTEGERS


def has_relaxed_plan(model: LinearModel) -> bool:
    """Whether a model has a plan if units need not be whole; where it has none, nothing is left to search. True where it is not known."""
    relaxed = replace(model, integer=np.zeros_like(model.integer), levels=())
    options = SolveOptions(time_limit=CHECK_SECONDS, gap=1e-6, seed=0, threads=1, improve=False)
    return solve_levels(relaxed, options).termination != "infeasible"


@dataclass(frozen=True)
class _Case:
    """The instance without some nations, in its scenario."""

    instance: Instance
    scenario: str | None
    measure: Measure
    out: tuple[str, ...]

    @property
    def without(self) -> Instance:
        return without_nations(self.instance, self.out)

    def built(self) -> tuple[Situation, Built]:
        situation = build_situation(self.without, self.scenario)
        return situation, build(situation)

    def left(self, plan: PooledPlan) -> PooledPlan:
        return remaining(plan, self.instance, self.out)

    def worth(self, plan: PooledPlan) -> tuple[float, str, str]:
        """The score of a verified plan, the nations that may leave besides without a loss, and the plan, packed."""
        with_first_aims = self.measure.of(self.instance)
        idle = _idle(with_first_aims, self.scenario, plan, self.out)
        # Where no aim counts flows, the plan's own are looked at only where it does not keep the rules with the cheapest ones.
        quick = [(idle, ())] if Screen.counts(self.measure) else []
        for out, flows in (*quick, (idle, plan.flows), (self.out, plan.flows)):
            found = Trial(without_nations(with_first_aims, out), self.scenario).tried(replace(plan, flows=flows))
            if found is not None:
                return self.measure.score(found.evaluation.aims), ";".join(out), plan.packed
        raise ValueError("the plan that was found is not one")


def _idle(instance: Instance, scenario: str | None, plan: PooledPlan, out: Collection[str]) -> tuple[str, ...]:
    """The nations that do not serve in a plan, and whose leaving takes no rule away; those that left among them."""
    nation = {row["pledge"]: row["nation"] for row in instance.rows("pledges")}
    serving = {nation[row[0]] for row in plan.assignments}
    loose = loosening(instance, scenario)
    return tuple(one for one in pledging(instance) if one in out or (one not in serving and one not in loose))


def _bound(solution: Solution, measure: Measure) -> float:
    """What no plan beats, as a score; minus infinity where there is none."""
    if solution.termination == "infeasible":
        return -math.inf
    if not solution.levels or solution.levels[0].bound is None:
        return math.inf
    return measure.score_of_level(float(solution.levels[0].bound))


def _left(kept: Kept) -> dict[str, Any]:
    """What is left of the old plan, as outcomes."""
    return {
        "kept": kept.score,
        "closed": json.dumps(kept.closed, ensure_ascii=False),
        "broken": json.dumps([(one.source, one.message, one.period) for one in kept.broken], ensure_ascii=False),
    }
