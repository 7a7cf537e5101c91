"""The value of an instance with concessions made: read anew, solved by the ordinary corridor, verified, and kept.

A *state* says how many steps of each concession are made. More steps never make anything worse, so the value of an open state (every
undecided step made) bounds all states below it. Values are *scores*: the first level of aims, or what one line gets, more is better.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.conceding import Edit, conceded, of_scenario
from optimizer.instance.concessions import Concession, concessions_of
from optimizer.instance.header_attributes import MAXIMISED_AIMS
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.interrupts import requests
from optimizer.model.aims import Baseline
from optimizer.model.assemble import Built, build, rules_of
from optimizer.model.linear import AimTerm, FloatArray, Level, Objective
from optimizer.plan.evaluate import Evaluation, evaluate
from optimizer.plan.funding import least_amounts
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Plan
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.studies.head_start import head_start

if TYPE_CHECKING:
    import pandas as pd

State = tuple[int, ...]
"""Steps made, one number per concession in their order."""
GAP = 1e-7
LARGE_INTEGERS = 2_000
"""From so many whole-number columns on, relaxations take the place of exact solves in the search over sets."""
SAME = 1e-6
"""Scores that differ by less than this part of them are the same."""
FULFILMENT = "fulfilment"
"""The name of the aim where one line is asked about: percent of its target, over the periods in which it is active."""


class Stopped(Exception):  # noqa: N818 - it says what has happened
    """Time is up, or the search was interrupted."""


class NothingToCompare(ValueError):  # noqa: N818 - it says what is missing
    """The question needs a plan to compare with, and there is none."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is known of an instance. `score`: of the best plan found, None without one; `bound`: no plan has more (-inf: there is none).

    `plan`: the verified plan; None where there is none, or where only its feasibility was asked for.
    """

    score: float | None
    bound: float
    plan: Plan | None = field(default=None, repr=False)

    @property
    def impossible(self) -> bool:
        """Whether it is proven that there is no plan."""
        return self.bound == -math.inf


class Judge:
    """Instances with concessions made, and their values. The same question is solved once.

    Attributes:
        concessions: those that may be made, in the order of the rules.
        aims: the first level of aims, which is what scores count.
        solved: how many instances were solved.
    """

    def __init__(
        self,
        instance: Instance,
        scenario: str | None = None,
        *,
        line: str | None = None,
        nation: str | None = None,
        seconds: float | None = None,
        seed: int = 0,
        any_aim: bool = False,
    ) -> None:
        self.instance, self.scenario, self.line, self.seed = of_scenario(instance, scenario), scenario, line, seed
        self.aims = first_level(instance.header.aims, line, any_aim=any_aim)
        self.situation = build_situation(self.instance, scenario, self.aims)
        offered = concessions_of(self.situation, rules_of(self.situation))
        self.concessions = [one for one in offered if nation is None or one.asked == nation]
        self._number()
        self.deadline = math.inf if seconds is None else time.monotonic() + seconds
        self.solved = 0
        self.interrupted = False
        self._verdicts: dict[tuple[State, frozenset[int]], Verdict] = {}
        self._possible: dict[tuple[State, frozenset[int]], bool | None] = {}
        self._checked: dict[tuple[State, int], Evaluation] = {}

    def _number(self) -> None:
        self.position = {one.id: index for index, one in enumerate(self.concessions)}
        self._loosest = _loosest_cells(self.situation, self.concessions)

    def leave_out(self, asked: str) -> None:
        """Ask nothing of somebody; before anything is solved."""
        self.concessions = [one for one in self.concessions if one.asked != asked]
        self._number()

    @property
    def nothing(self) -> State:
        """The state in which nothing is conceded."""
        return (0,) * len(self.concessions)

    @property
    def everything(self) -> State:
        """The state in which every concession is made to its last step."""
        return tuple(one.most for one in self.concessions)

    def weight(self, state: State) -> int:
        """The political cost of a state."""
        return sum(steps * one.weight for steps, one in zip(state, self.concessions, strict=True))

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            Stopped: none are.
        """
        seconds = self.deadline - time.monotonic()
        self.interrupted = self.interrupted or requests() > 0
        if seconds <= 0.0 or self.interrupted:
            raise Stopped
        return seconds

    def instance_of(self, state: State, undecided: Iterable[int] = ()) -> Instance:
        """The instance with a state's concessions made, read anew; undecided lifts that may uncover a stricter row bind nobody instead."""
        steps = {one.id: count for one, count in zip(self.concessions, state, strict=True) if count}
        loose = [self._loosest[index] for index in undecided if index in self._loosest]
        return conceded(self.instance, self.concessions, steps, loose)

    def verdict(self, low: State, high: State) -> Verdict:
        """The value of the open state `high`, of which everything up to `low` is decided.

        Raises:
            Stopped: time was up before anything was known.
        """
        key = high, self.undecided(low, high)
        if key not in self._verdicts:
            self._verdicts[key] = self._solve(self.instance_of(*key))
        return self._verdicts[key]

    def possible(self, low: State, high: State) -> bool | None:
        """Whether there is any plan in the open state; None where it is not known in time.

        Raises:
            Stopped: no time is left.
        """
        key = high, self.undecided(low, high)
        if self._possible.get(key) is None:
            self._possible[key] = self.has_plan(self.instance_of(*key))
        return self._possible[key]

    def undecided(self, low: State, high: State) -> frozenset[int]:
        """The undecided lifts of an open state that may uncover a stricter row."""
        return frozenset(index for index in self._loosest if low[index] < high[index])

    def has_plan(self, instance: Instance, longest: float = math.inf) -> bool | None:
        """Whether an instance has any plan; None where it is not known in time, or in `longest` seconds.

        Raises:
            Stopped: no time is left.
        """
        seconds = min(longest, self.left())
        self.solved += 1
        built = build(build_situation(instance, self.scenario, self.aims))
        solution = solve_levels(replace(built.linear, levels=()), self._options(seconds))
        self.note(solution.termination)
        return True if solution.has_plan else False if solution.termination == "infeasible" else None

    def _solve(self, instance: Instance) -> Verdict:
        return self.solve(instance, self._options(self.left()))

    def solve(
        self,
        instance: Instance,
        options: SolveOptions,
        start: Baseline | None = None,
        *,
        head: bool = False,
        change: Callable[[Built], Built] = lambda built: built,
    ) -> Verdict:
        """The value of an instance, from units of a plan if there are any.

        `head`: a large model is improved before the proof; `change`: is made to the model first.
        """
        self.solved += 1
        situation = build_situation(instance, self.scenario, self.aims)
        built = change(build(situation))
        linear = built.linear if self.line is None else replace(built.linear, levels=(fulfilment(built, self.line),))
        first = None if start is None else start_from(built, start)
        linear = replace(linear, levels=linear.levels[:1])
        if head:
            begun = time.monotonic()
            first = head_start(linear, first, options.time_limit, options.seed)
            if options.time_limit is not None:
                left = max(0.1 * options.time_limit, options.time_limit - (time.monotonic() - begun))
                options = replace(options, time_limit=left)
        solution = solve_levels(linear, options, first)
        self.note(solution.termination)
        if solution.termination == "infeasible":
            return Verdict(None, -math.inf)
        result = solution.levels[0]
        sign = -1.0 if linear.levels[0].ratio is not None else 1.0
        bound = math.inf if result.bound is None else sign * result.bound
        try:
            plan = plan_of(situation, built, solution, options, None)
        except RejectedPlan:
            return Verdict(None, bound)
        if not plan.has_plan:
            return Verdict(None, bound)
        score = self.score(self.check(instance, plan))
        return Verdict(score, max(bound, score), plan)

    def _options(self, seconds: float) -> SolveOptions:
        return SolveOptions(
            time_limit=None if math.isinf(seconds) else max(0.1, seconds), gap=GAP, seed=self.seed, improve=False
        )

    def note(self, termination: str) -> None:
        """Remember that a solve was interrupted: no further one is begun."""
        self.interrupted = self.interrupted or termination == "interrupted"

    def check(
        self,
        instance: Instance,
        plan: Plan,
        aims: tuple[Aim, ...] | None = None,
        baseline: pd.DataFrame | None = None,
    ) -> Evaluation:
        """What the verifier says of a plan in an instance with other concessions; of the first level of aims where no aims are named."""
        decisions = Decisions(
            plan.assignments, plan.participation, plan.instruments, plan.flows if instance.rows("routes") else None
        )
        if instance.rows("funding"):  # who pays how much follows from the caps in force, and may change with them
            paid = replace(decisions, funding=plan.funding)
            decisions = replace(decisions, funding=least_amounts(instance, self.scenario, paid))
        return evaluate(instance, self.scenario, decisions, baseline, self.aims if aims is None else aims)

    def score(self, evaluation: Evaluation) -> float:
        """The score of a plan that was checked."""
        if self.line is not None:
            frame = evaluation.frames["requirements"]
            mine = frame[frame["requirement"] == self.line]
            return float(100.0 * (mine["fulfilled"] / mine["target"]).mean()) if len(mine) else 0.0
        total = 0.0
        for item in evaluation.aims:
            sign = 1.0 if item.maximise else -1.0
            total += sign * (item.value or 0.0) * (1.0 if item.aim.name == "burden_gap" else item.aim.weight)
        return total

    def affordable(self, low: State, high: State, weight: int) -> State:
        """An open state without the steps that alone would weigh too much."""
        left = weight - self.weight(low)
        return tuple(
            min(most, least + left // one.weight) for least, most, one in zip(low, high, self.concessions, strict=True)
        )

    @property
    def unit(self) -> float:
        """What one unit of the aim counts in a score."""
        single = self.line is None and len(self.aims) == 1 and self.aims[0].name != "burden_gap"
        return abs(self.aims[0].weight) or 1.0 if single else 1.0

    def in_own_unit(self, score: float | None) -> float | None:
        """A score as the planner reads it: the aim's own value; of several aims the weighted sum of the level."""
        if score is None or not math.isfinite(score):
            return None
        if self.line is not None or len(self.aims) > 1:
            return score
        aim = self.aims[0]
        sign = 1.0 if aim.name in MAXIMISED_AIMS else -1.0
        weight = 1.0 if aim.name == "burden_gap" else aim.weight
        return score if not weight else score / (sign * weight) + 0.0

    def as_score(self, value: float) -> float:
        """The score of a value of the only aim."""
        aim = self.aims[0]
        sign = 1.0 if self.line is not None or aim.name in MAXIMISED_AIMS else -1.0
        return sign * value * (1.0 if self.line is not None or aim.name == "burden_gap" else aim.weight)

    @property
    def aim(self) -> str:
        """The name of what is scored."""
        return f"{FULFILMENT} of {self.line}" if self.line is not None else " + ".join(aim.name for aim in self.aims)

    @property
    def is_large(self) -> bool:
        """Whether the search over sets is better guided by relaxations: the model is large, and the first level a sum."""
        if self.line is not None or any(aim.name == "burden_gap" for aim in self.aims):
            return False
        return int(build(self.situation).linear.integer.sum()) >= LARGE_INTEGERS

    def plan_of(self, state: State) -> Plan | None:
        """The best plan known of a state that was solved as it is."""
        found = self._verdicts.get((state, frozenset()))
        return None if found is None else found.plan

    def needed(self, low: State, high: State, verdict: Verdict) -> State | None:
        """A smallest state from `low` to `high` in which the plan of the open state holds with the same score; None: there is none known."""
        plan, score = verdict.plan, verdict.score
        if plan is None or score is None:
            return None
        state = low
        while True:
            broken = {violation.source for violation in self._at(state, plan).violations}
            if not broken:
                break
            wider = tuple(
                min(high[index], steps + 1) if self.concessions[index].id in broken else steps
                for index, steps in enumerate(state)
            )
            if wider == state:
                state = high
                break
            state = wider
        if not self._keeps(state, plan, score):
            state = high
            if not self._keeps(state, plan, score):
                return None
        return self._shrunk(low, state, plan, score)

    def _shrunk(self, low: State, state: State, plan: Plan, score: float) -> State:
        heaviest = sorted(range(len(state)), key=lambda index: -self.concessions[index].weight)
        for index in heaviest:
            while state[index] > low[index]:
                less = (*state[:index], state[index] - 1, *state[index + 1 :])
                if not self._keeps(less, plan, score):
                    break
                state = less
        return state

    def _keeps(self, state: State, plan: Plan, score: float) -> bool:
        found = self._at(state, plan)
        return found.holds and same(self.score(found), score)

    def _at(self, state: State, plan: Plan) -> Evaluation:
        key = state, id(plan)
        if key not in self._checked:
            if len(self._checked) > 2000:
                self._checked.clear()
            self._checked[key] = self.check(self.instance_of(state), plan)
        return self._checked[key]


def same(first: float, second: float) -> bool:
    """Whether two scores are the same but for rounding."""
    return abs(first - second) <= SAME * max(1.0, abs(first), abs(second))


def first_level(aims: tuple[Aim, ...], line: str | None = None, *, any_aim: bool = False) -> tuple[Aim, ...]:
    """The aims of the first level; where a line is asked about, coverage, beside which its fulfilment is counted.

    `any_aim`: coverage, too, where the first aim compares with another plan; for questions in which no aim counts.

    Raises:
        NothingToCompare: the first aim compares with another plan.
    """
    if line is not None:
        return (Aim("coverage"),)
    first = min(aim.priority for aim in aims)
    found = tuple(aim for aim in aims if aim.priority == first)
    if any(aim.name == "changes" for aim in found):
        if any_aim:
            return (Aim("coverage"),)
        raise NothingToCompare(
            "The first aim is `changes`, which compares with another plan; this question has none. Put another aim before it in instance.toml."
        )
    return found


def fulfilment(built: Built, line: str) -> Level:
    """The level that maximises what a line gets, in percent of its target over its periods."""
    columns = [column for (name, _), column in built.assembly.coverage.share.items() if name == line]
    values: FloatArray = np.full(len(columns), 100.0 / max(1, len(columns)))
    expression = Objective(np.array(columns, dtype=np.int64), values)
    return Level((AimTerm(FULFILMENT, 1, 1.0, 0.0, True, expression),), None, FULFILMENT)


def _loosest_cells(situation: Situation, concessions: list[Concession]) -> Mapping[int, Edit]:
    """Per lift of a cell of `participation` the value that binds nobody: emptied, it would let a less specific row speak."""
    units = sum(pledge.quantity for pledge in situation.pledges.values())
    units += sum(int(one.most * (one.step or 0)) for one in concessions if one.rule.table == "pledges")
    heaviest = max((pledge.personnel for pledge in situation.pledges.values()), default=0.0)
    loose = {"max_personnel": units * heaviest + 1.0, "max_units": units + 1.0, "min_contingent": 0.0, "min_stay": 1.0}
    return {
        index: Edit(one.rule.table, one.rule.key, one.column, loose[one.column])
        for index, one in enumerate(concessions)
        if one.rule.table == "participation" and one.step is None and one.column is not None
    }


def within(less: State, more: State) -> bool:
    """Whether no concession has more steps in the one state than in the other."""
    return all(one <= two for one, two in zip(less, more, strict=True))
