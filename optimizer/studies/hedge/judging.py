"""What is known of one thing that may come true: a verified plan, its score, and a bound that no plan beats."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.linear import FloatArray, LinearModel
from optimizer.plan.plan import Plan
from optimizer.plan.proof import telling
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Solution
from optimizer.studies.head_start import head_start
from optimizer.studies.hedge.extensive import Case
from optimizer.studies.hedge.futures import Future

LEAST_SECONDS: Final = 0.2
"""A search is given no less, so that what it starts from is at least checked."""


@dataclass(frozen=True)
class First:
    """The aims of the first priority, and how their score (more is better) is shown."""

    aims: tuple[Aim, ...]

    @staticmethod
    def of(instance: Instance) -> First:
        """The first priority of an instance."""
        aims = instance.header.aims
        least = min(aim.priority for aim in aims)
        return First(tuple(aim for aim in aims if aim.priority == least))

    @property
    def name(self) -> str:
        """The aim, or the aims joined by a plus sign."""
        return " + ".join(aim.name for aim in self.aims)

    @property
    def sign(self) -> int:
        """-1 where a score is shown as a value that is better when it is less."""
        return -1 if len(self.aims) == 1 and self.aims[0].name not in MAXIMISED_AIMS else 1

    @property
    def scale(self) -> float:
        """What the model counts for one unit of the score: the weight of an aim that is alone decides nothing."""
        return self.aims[0].weight if len(self.aims) == 1 and self.aims[0].weight > 0 else 1.0

    def said(self, score: float | None, bound: float) -> float | None:
        """A bound as a value, where it says something beside a score."""
        if len(self.aims) > 1 or score is None:
            return self.sign * bound if math.isfinite(bound) else None
        return telling(self.aims[0].name, self.sign * score, self.sign * bound, self.sign > 0)

    def score(self, plan: Plan) -> float:
        """The score of a plan, as the verifier found its aims."""
        values = plan.aims["value"].tolist()[: len(self.aims)]
        if len(self.aims) == 1:
            return self.sign * float(values[0])
        signs = [1.0 if aim.name in MAXIMISED_AIMS else -1.0 for aim in self.aims]
        return math.fsum(
            sign * aim.weight * float(value) for sign, aim, value in zip(signs, self.aims, values, strict=True)
        )


@dataclass(frozen=True, eq=False)
class Judged:
    """`score` of `plan` (None: none was found); no plan has more than `bound` (-inf: there is none). `values`: its columns."""

    score: float | None
    bound: float
    termination: str
    plan: Plan | None = None
    values: FloatArray | None = None

    @property
    def at_least(self) -> float:
        """The score, -inf without a plan."""
        return -math.inf if self.score is None else self.score


@dataclass(frozen=True)
class Search:
    """How each search is made. `limit` in seconds (None: none)."""

    gap: float
    seed: int
    limit: float | None = None
    improve: bool = False

    def options(self) -> SolveOptions:
        """As options of the engine."""
        return SolveOptions(time_limit=self.limit, gap=self.gap, seed=self.seed, threads=1, improve=self.improve)


def case_of(future: Future) -> Case:
    """The model of what may come true.

    Raises:
        ValueError: an aim compares with another plan.
    """
    return Case(build(build_situation(future.instance, future.scenario)), First.of(future.instance).scale)


def judge(case: Case, model: LinearModel, search: Search, start: FloatArray | None = None) -> Judged:
    """Solve a model that has the columns of a case, and perhaps more rows.

    Raises:
        RejectedPlan: the plan found breaks a rule (a defect that should be reported).
    """
    begun = time.monotonic()
    options = search.options()
    first = head_start(model, start, search.limit, search.seed)
    if search.limit is not None:
        left = max(LEAST_SECONDS, search.limit - (time.monotonic() - begun))
        options = replace(options, time_limit=left)
    solution = solve_levels(model, options, first)
    if solution.values is None:
        bound = -math.inf if solution.termination == "infeasible" else math.inf
        return Judged(None, bound, solution.termination)
    plan = plan_of(case.situation, case.built, solution, options, None)
    score = First.of(case.situation.instance).score(plan)
    known = solution.levels[0].bound if solution.levels else None
    bound = math.inf if known is None else known / case.scale
    return Judged(score, max(bound, score), solution.termination, plan, solution.values)


def extracted(case: Case, values: FloatArray) -> Judged:
    """What the columns of a case say, as a verified plan of which nothing is proven.

    Raises:
        RejectedPlan: it breaks a rule (a defect that should be reported).
    """
    solution = Solution(values, "feasible")
    plan = plan_of(case.situation, case.built, solution, SolveOptions(), None)
    return Judged(First.of(case.situation.instance).score(plan), math.inf, "feasible", plan, values)


def units_start(case: Case, units: Mapping[tuple[str, str, int], int]) -> FloatArray:
    """A start from units per (pledge, requirement, period)."""
    return start_from(case.built, units)
