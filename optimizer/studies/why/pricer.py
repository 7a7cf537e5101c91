"""The worker of prices: one run is an instance with rules loosened by a step each, in whole units or by relaxation; or the search for sets."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.model.linear import LinearModel
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.linear import objective_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.relaxing import Relaxer
from optimizer.solving.solution import SolverFailed
from optimizer.studies.carried import DeniedPlan
from optimizer.studies.pooled import PooledPlan, Trial, Tried, unpacked
from optimizer.studies.question import Setup
from optimizer.studies.record import Record, failed
from optimizer.studies.study import Variant
from optimizer.studies.why.curve import Search
from optimizer.studies.why.judge import GAP, Judge, State, Stopped, Verdict
from optimizer.studies.why.relaxed import RelaxedJudge

MODULE: Final = "optimizer.studies.why.pricer"
WHOLE, OPEN, RELAXED, SETS = "whole", "open", "relaxed", "sets"
"""What a run does, the first of its inputs: solve in whole units, with each rule loosened (or, open, loosened or not), bound by relaxation, or look for
sets. The others are the ids of its rules as JSON, and its seconds (None: any)."""
MOST_TOGETHER: Final = 3
"""The largest sets that are looked for."""
MOST_SETS: Final = 40
FEW: Final = 4
"""So few rules are relaxed one by one at once."""
TRIED: Final = 5
"""So many plans of a pool are tried in each run, beside the plan at hand: the best with every rule loosened."""
ROUGH: Final = 1e-3
"""A relaxation so close to that of the instance as it is (relative) is not looked at rule by rule."""


@dataclass(frozen=True)
class PriceSetup(Setup):
    """What the workers of prices must know. `until`: when the time is over, by the clock of the day; None: never."""

    until: float | None = None


def one_step_each(judge: Judge) -> Judge:
    """The judge, each of whose concessions is made by one step or not at all, and all weigh the same."""
    judge.concessions = [replace(one, weight=1, most=1) for one in judge.concessions]
    return judge


class Pricer:
    """Answers run after run; the base model and its relaxation are made once."""

    def __init__(self, setup: PriceSetup) -> None:
        self.setup = setup
        self._judge: Judge | None = None
        self._large = False
        self._base: Relaxer | None = None
        self._promising: list[PooledPlan] | None = None

    def answer(self, variant: Variant, start: str) -> Record:
        """The record of a run; `start` is the packed plan at hand, or blank. `cut` says that the time was over before its end."""
        begun = time.perf_counter()
        how, named, seconds = variant.inputs
        rules = tuple(json.loads(str(named)))
        plan = ""
        try:
            judge = self._ready()
            if how in (WHOLE, OPEN):
                limit = None if seconds is None else float(seconds)
                outcome, plan = self._whole(rules, start, limit, open_=how == OPEN)
            elif how == RELAXED:
                outcome = self._relaxed(rules)
            else:
                outcome = self._sets()
            outcome["cut"] = outcome.get("cut", False) or judge.interrupted
        except Stopped:
            outcome = {"has_plan": False, "cut": True, "nothing": True}
        except (
            RejectedPlan,
            SolverFailed,
            InvalidInstance,
            ArithmeticError,
            LookupError,
            ValueError,
            TypeError,
            MemoryError,
        ) as error:
            reason = f"{variant.name}: {type(error).__name__}: {' '.join(str(error).split())}"[:500]
            return failed(variant.run, "failed", reason)
        outcome |= {"how": how, "rules": list(rules)}
        return Record(variant.run, outcome, {"seconds": round(time.perf_counter() - begun, 3)}, plan)

    @property
    def interrupted(self) -> bool:
        """Whether a request to end has come."""
        return self._judge is not None and self._judge.interrupted

    def _ready(self) -> Judge:
        if self._judge is None:
            study = self.setup.study
            self._judge = one_step_each(Judge(self.setup.sources[0], study.scenario, seed=study.solver_seed))  # type: ignore[arg-type]
            self._large = self._judge.is_large
        until = self.setup.until
        self._judge.deadline = math.inf if until is None else time.monotonic() + until - time.time()
        return self._judge

    def _state(self, rules: Sequence[str]) -> State:
        judge = self._ready()
        made = {judge.position[rule] for rule in rules}
        return tuple(int(index in made) for index in range(len(judge.concessions)))

    def _whole(
        self, rules: tuple[str, ...], start: str, seconds: float | None, *, open_: bool
    ) -> tuple[dict[str, Any], str]:
        """In whole units; also what its plan is worth as it is, where it needs none of the steps."""
        judge, begun = self._ready(), time.monotonic()
        left = judge.left()
        limit = min(left, math.inf if seconds is None else seconds)
        state = self._state(rules)
        instance = judge.instance_of(state, judge.undecided(judge.nothing, state) if open_ else ())
        known = None if open_ else self._known(instance, start, begun + limit / 2)
        rest = None if math.isinf(limit) else max(0.1, limit - (time.monotonic() - begun))
        options = SolveOptions(time_limit=rest, gap=GAP, seed=judge.seed, improve=False)
        units = known.pooled.units if known is not None else unpacked(start).units if start else None
        verdict = judge.solve(instance, options, units, head=self._large)
        if known is not None:
            verdict = _no_less(verdict, known, judge.score(known.evaluation))
        proven = verdict.impossible or (verdict.score is not None and verdict.bound <= verdict.score + GAP)
        outcome = _outcome(verdict) | {"cut": not proven and limit == left and not math.isinf(left)}
        if verdict.plan is None:
            return outcome, ""
        if rules and not open_:
            as_it_is = judge.check(judge.instance, verdict.plan)
            outcome["as_it_is"] = judge.score(as_it_is) if as_it_is.holds else None
        keeps_all = not rules or outcome.get("as_it_is") is not None
        return outcome, PooledPlan.of(verdict.plan).packed if keeps_all else ""

    def _best_known(self, until: float) -> list[PooledPlan]:
        """A few plans of the pool: the best of those that keep the rules with every rule loosened, as far as they are found in time."""
        judge, found = self._ready(), list[PooledPlan]()
        loosest = Trial(judge.instance_of(judge.everything), judge.scenario, judge.aims)
        for plan in loosest.ranked(map(unpacked, self.setup.plans)):
            if len(found) == TRIED or time.monotonic() > until:
                break
            if loosest.tried(plan) is not None:
                found.append(plan)
        return found

    def _known(self, instance: Instance, start: str, until: float) -> Tried | None:
        """The best of the plan at hand and of a few others, where some rules are loosened."""
        judge = self._ready()
        if self._promising is None:
            self._promising = self._best_known(until)
        plans = [*([unpacked(start)] if start else []), *self._promising]
        return Trial(instance, judge.scenario, judge.aims).best(plans) if plans else None

    def _relaxed(self, rules: tuple[str, ...]) -> dict[str, Any]:
        """A bound per rule: of groups loosened together, halved as long as they have more than the instance as it is; of a few rules one by one."""
        judge = self._ready()
        if not rules:
            guide = RelaxedJudge(judge)
            bound = guide.verdict(judge.nothing, judge.nothing).bound
            gains = guide.gains(judge.nothing, judge.everything)
            seeming = [[judge.concessions[index].id, gain] for index, gain in gains.items()]
            everything = guide.verdict(judge.nothing, judge.everything).bound
            return {"has_plan": True, "bound": _finite(bound), "everything": _finite(everything), "gains": seeming}
        base = self._relaxer()
        close = math.inf if base.first is None else base.first.bound + ROUGH * max(1.0, abs(base.first.bound))
        bounds: dict[str, float] = {}
        same: set[str] = set()
        waiting, cut = [rules] if len(rules) > FEW else [(rule,) for rule in reversed(rules)], False
        while waiting:
            group = waiting.pop()
            try:
                bound, unchanged = self._bound(group, base)
            except Stopped:
                cut = True
                break
            for rule in group:
                bounds[rule] = min(bound, bounds.get(rule, math.inf))
            if unchanged:
                same |= set(group)
            elif len(group) > 1 and (bound > close or base.first is None):
                half = len(group) // 2
                waiting += [group[half:], group[:half]]
            elif len(group) > 1:
                same |= {rule for rule in group if self._is_nothing(rule, base)}
        if not bounds:
            raise Stopped
        found = [_finite(bounds.get(rule, math.inf)) for rule in rules]
        return {"has_plan": True, "bounds": found, "same": [rule in same for rule in rules], "cut": cut}

    def _relaxer(self) -> Relaxer:
        if self._base is None:
            judge = self._ready()
            linear = RelaxedJudge(judge).build(judge.instance).linear
            self._base = Relaxer(linear, objective_of(linear.levels[0]), judge.left())
        return self._base

    def _is_nothing(self, rule: str, base: Relaxer) -> bool:
        """Whether the model stays as it is with one rule loosened. A further unit always changes it."""
        judge = self._ready()
        if judge.concessions[judge.position[rule]].column == "quantity":
            return False
        return unchanged(base.model, RelaxedJudge(judge).build(judge.instance_of(self._state([rule]))).linear)

    def _bound(self, rules: Sequence[str], base: Relaxer) -> tuple[float, bool]:
        """No plan has more with some of these rules loosened; and whether the model stays as it is, so that exactly nothing is gained."""
        judge = self._ready()
        seconds, state = judge.left(), self._state(rules)
        undecided = judge.undecided(judge.nothing, state) if len(rules) > 1 else ()
        linear = RelaxedJudge(judge).build(judge.instance_of(state, undecided)).linear
        objective = objective_of(linear.levels[0])
        if unchanged(base.model, linear):
            return math.inf if base.first is None else base.first.bound, True
        bound = base.guessed(linear, objective)
        if base.first is not None and bound <= base.first.bound + ROUGH * max(1.0, abs(base.first.bound)):
            return bound, False
        found = base.relax(linear, objective, seconds)
        return min(bound, math.inf if found is None else found.bound), False

    def _sets(self) -> dict[str, Any]:
        """Sets of two and three rules that the search over concessions meets, those first that reach most."""
        judge = self._ready()
        judge.left()
        search = Search(judge)
        search.run(MOST_TOGETHER)
        scores = {state: search.score_of(state) for state in search.found()}
        sets = sorted(
            (state for state in scores if sum(state) > 1), key=lambda state: (-scores[state], sum(state), state)
        )
        named = [[one.id for one, made in zip(judge.concessions, state, strict=True) if made] for state in sets]
        reached = [scores[state] for state in sets]
        cut = judge.deadline <= time.monotonic()
        return {"has_plan": True, "sets": named[:MOST_SETS], "scores": reached[:MOST_SETS], "cut": cut}


def unchanged(before: LinearModel, after: LinearModel) -> bool:
    """Whether both have the same plans: the same columns, rows and aims; sides of rows differ only where no values of the columns reach either."""
    if len(before.row_lower) != len(after.row_lower):
        return False
    arrays = ("lower", "upper", "integer", "row_starts", "row_columns", "row_values")
    if any(not np.array_equal(getattr(before, name), getattr(after, name)) for name in arrays):
        return False
    first, second = objective_of(before.levels[0]), objective_of(after.levels[0])
    if first.constant != second.constant or not (
        np.array_equal(first.columns, second.columns) and np.array_equal(first.values, second.values)
    ):
        return False
    rows = np.repeat(np.arange(len(before.row_lower)), np.diff(before.row_starts))
    values, lower, upper = before.row_values, before.lower[before.row_columns], before.upper[before.row_columns]
    most = np.bincount(rows, weights=np.maximum(values * lower, values * upper), minlength=len(before.row_lower))
    least = np.bincount(rows, weights=np.minimum(values * lower, values * upper), minlength=len(before.row_lower))
    above = (before.row_upper == after.row_upper) | (np.fmin(before.row_upper, after.row_upper) >= most)
    below = (before.row_lower == after.row_lower) | (np.fmax(before.row_lower, after.row_lower) <= least)
    return bool((above & below).all())


def _no_less(verdict: Verdict, known: Tried, score: float) -> Verdict:
    """What a search came to, or the plan that was known before, where that is better.

    Raises:
        DeniedPlan: the search says that there is no plan.
    """
    if verdict.impossible:
        raise DeniedPlan
    if verdict.score is not None and verdict.score >= score:
        return verdict
    return Verdict(score, max(verdict.bound, score), known.plan())


def _outcome(verdict: Verdict) -> dict[str, Any]:
    return {
        "has_plan": verdict.score is not None,
        "score": verdict.score,
        "bound": _finite(verdict.bound),
        "impossible": verdict.impossible,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


if __name__ == "__main__":
    from optimizer.studies.worker import main

    main(Pricer)  # type: ignore[arg-type]
