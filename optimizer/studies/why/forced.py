"""What every aim of a plan loses if one more limit holds: aims in their order, each beside what the earlier ones have reached, with bounds."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of, units_of
from optimizer.instance.conceding import with_rows
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance, Row
from optimizer.instance.situation import build_situation
from optimizer.model.aims import Baseline
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray
from optimizer.plan.plan import Plan
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better
from optimizer.solving.improve.submodels import completed
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Solution
from optimizer.studies.head_start import head_start
from optimizer.studies.why.judge import GAP, SAME, Judge, same

LONGEST: Final = 60.0
"""The longest that one question about a large model may take, in seconds; what is not decided by then is said with its bound."""
LARGE_GAP: Final = 1e-3
NEAR_SHARE: Final = 0.2
IMPROVING_SHARE: Final = 0.6
"""Of the time of one question about a large model: what may be spent on a plan close to the one at hand, and until when it is improved."""


@dataclass(frozen=True)
class AimLoss:
    """What one aim loses, in its own unit; below zero it gains, None where it is not known.

    `value`: in the plan; `otherwise`: in the best plan found with the limit. No plan that has the `otherwise` of the aims before loses less
    than `loses_at_least`; the plan found loses `loses_at_most`.
    """

    aim: str
    priority: int
    value: float | None
    otherwise: float | None
    loses_at_least: float | None
    loses_at_most: float | None

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "aim": self.aim,
            "priority": self.priority,
            "value": self.value,
            "otherwise": self.otherwise,
            "loses_at_least": self.loses_at_least,
            "loses_at_most": self.loses_at_most,
        }


@dataclass(frozen=True, eq=False)
class Forced:
    """The answer with one more limit. `impossible`: it is proven that no plan keeps it; `plan`: the best one found, verified.

    `least` and `most`: what the first level of aims loses, as a score (its own unit where it is one aim); None: not known.
    """

    impossible: bool
    least: float | None = None
    most: float | None = None
    aims: tuple[AimLoss, ...] = ()
    plan: Plan | None = field(default=None, repr=False)


class _NoPlanError(Exception):
    """It is proven that no plan keeps the limits."""


class Forcing:
    """Questions with one more limit about one plan.

    Behind the aims of the plan comes a further one: few changes of the plan. So what else moves is what must move for its aims.
    """

    def __init__(self, plan: Plan, judge: Judge) -> None:
        self.plan, self.judge, self.large = plan, judge, judge.is_large
        self.units: Baseline = units_of(plan) or {}
        known = units_of(plan.baseline)
        given = tuple(sorted(plan.instance.header.aims, key=lambda aim: aim.priority))
        self.aims = tuple(aim for aim in given if aim.name != "changes" or known is not None) or (Aim("coverage"),)
        self.baseline = plan.assignments if known is None else plan.baseline
        self._compared: Baseline = self.units if known is None else known
        nearest = () if known is not None else (Aim("changes", self.aims[-1].priority + 1),)
        self._asked = (*self.aims, *nearest)
        self.now = self._values(self.judge.instance, plan)

    def _values(self, instance: Instance, plan: Plan) -> list[float | None]:
        """The values of the aims, by the verifier."""
        found = self.judge.check(instance, plan, self.aims, self.baseline)
        return [item.value for item in found.aims]

    def ask(self, rows: Sequence[Row], around: tuple[str, tuple[str, str]], share: float = 1.0) -> Forced:
        """The answer with these rows of `limits` added.

        Args:
            rows: of the table `limits`.
            around: the nation and the post that they are about; a large model begins with what can be done there, all else as in the plan.
            share: of the time left that may be used.

        Raises:
            Stopped: no time is left.
            InvalidInstance: the rows cannot be read.
        """
        left = self.judge.left() * share
        instance = with_rows(self.judge.instance, "limits", rows)
        situation = build_situation(instance, self.plan.scenario, self._asked)
        built = build(situation, self._compared)
        try:
            options, start = self._prepared(built, around, left)
        except _NoPlanError:
            return Forced(impossible=True)
        solution = solve_levels(built.linear, options, start)
        self.judge.note(solution.termination)
        if solution.termination == "infeasible":
            return Forced(impossible=True)
        try:
            after = plan_of(situation, built, solution, options, self.baseline)
        except RejectedPlan:
            return self._answer(instance, solution, None)
        return self._answer(instance, solution, after if after.has_plan else None)

    def _prepared(
        self, built: Built, around: tuple[str, tuple[str, str]], left: float
    ) -> tuple[SolveOptions, FloatArray | None]:
        """How to solve, and from what."""
        known, seed = start_from(built, self.units), self.judge.seed
        if not self.large:
            limit = None if math.isinf(left) else max(0.1, left)
            return SolveOptions(time_limit=limit, gap=GAP, seed=seed, improve=False), known
        seconds, begun = min(LONGEST, left), time.monotonic()
        start = self._near(built, known, around, seconds)
        limit = max(1.0, seconds - (time.monotonic() - begun))
        return SolveOptions(time_limit=limit, gap=LARGE_GAP, seed=seed, improve=False), start

    def _near(
        self, built: Built, known: FloatArray, around: tuple[str, tuple[str, str]], seconds: float
    ) -> FloatArray | None:
        """A plan of a large model in which others than the nation and the post keep their units; improved only where the first level is worse than now.

        So what moves is little where little has to move.
        """
        linear, situation = built.linear, built.assembly.situation
        if linear.places is None or not linear.levels or linear.levels[0].ratio is not None:
            return known
        nation, post = around
        here = linear.places.post == list(situation.posts).index(post)
        here |= linear.places.nation == list(situation.nations).index(nation)
        hint = np.where(here, np.nan, known)
        objective, begun = linear.levels[0].objective, time.monotonic()
        plan = completed(linear, hint, objective, NEAR_SHARE * seconds)
        if plan is None:
            # Whether there is any plan at all is often known at once, and nothing has to be looked for then.
            quick = SolveOptions(time_limit=NEAR_SHARE * seconds, seed=self.judge.seed, improve=False)
            if solve_levels(replace(linear, levels=()), quick).termination == "infeasible":
                raise _NoPlanError
            left = max(1.0, seconds - (time.monotonic() - begun))
            return head_start(linear, hint, left, self.judge.seed)
        now = self._score(self.now)
        enough = math.inf if now is None else now - SAME * max(1.0, abs(now))
        if objective.at(plan) < enough:
            limits = Limits(max(0.1, IMPROVING_SHARE * seconds - (time.monotonic() - begun)))
            for better in Improver(linear, linear.places, self.judge.seed).improve(plan, objective, limits):
                if isinstance(better, Better):
                    plan = better.values
                    if better.value >= enough:
                        break
        return plan if linear.integer.all() else np.where(linear.integer, np.rint(plan), np.nan)

    def _answer(self, instance: Instance, solution: Solution, after: Plan | None) -> Forced:
        values = [None] * len(self.aims) if after is None else self._values(instance, after)
        first = self.aims[0].priority
        bounds: list[float | None]
        if after is not None:
            bounds = [None if math.isnan(bound) else float(bound) for bound in after.aims["bound"][: len(self.aims)]]
        else:
            bounds = [self._single_bound(solution), *[None] * (len(self.aims) - 1)]
        rows = tuple(
            AimLoss(aim.name, aim.priority, now, value, _lost(aim, now, bound), _lost(aim, now, value))
            for aim, now, value, bound in zip(self.aims, self.now, values, bounds, strict=True)
        )
        mine = [row for row in rows if row.priority == first]
        if len(mine) == 1:
            return Forced(False, mine[0].loses_at_least, mine[0].loses_at_most, rows, after)
        now, found = self._score(self.now), self._score(values)
        bound = solution.levels[0].bound if solution.levels else None
        least = None if bound is None or now is None or math.isinf(bound) else _difference(now, bound)
        most = None if found is None or now is None else _difference(now, found)
        return Forced(False, least, most, rows, after)

    def _single_bound(self, solution: Solution) -> float | None:
        """The bound of the first aim in its own unit, where it is alone in its level."""
        first = self.aims[0]
        alone = sum(aim.priority == first.priority for aim in self.aims) == 1
        bound = solution.levels[0].bound if solution.levels else None
        if not alone or bound is None or math.isinf(bound):
            return None
        if first.name == "burden_gap":
            return bound
        sign = 1.0 if first.name in MAXIMISED_AIMS else -1.0
        return bound / (sign * first.weight) if first.weight else None

    def _score(self, values: Sequence[float | None]) -> float | None:
        """The weighted sum of the first level, more is better."""
        total = 0.0
        for aim, value in zip(self.aims, values, strict=True):
            if aim.priority == self.aims[0].priority:
                if value is None:
                    return None
                total += (1.0 if aim.name in MAXIMISED_AIMS else -1.0) * value * aim.weight
        return total


def _lost(aim: Aim, now: float | None, value: float | None) -> float | None:
    if now is None or value is None or not math.isfinite(value):
        return None
    return _difference(now, value) if aim.name in MAXIMISED_AIMS else _difference(value, now)


def _difference(more: float, less: float) -> float:
    return 0.0 if same(more, less) else more - less
