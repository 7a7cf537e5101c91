"""What a requirement line could get if it came first: under all rules, or with some of them lifted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from optimizer.corridor import start_from
from optimizer.extraction import units_of
from optimizer.instance.conceding import of_scenario
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Aim
from optimizer.instance.rule import Rule
from optimizer.instance.situation import Situation, build_situation
from optimizer.interrupts import requests
from optimizer.model.assemble import Built, build, rules_of
from optimizer.model.linear import AimTerm, FloatArray, Level, Objective
from optimizer.plan.plan import Plan
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.relaxing import nudged, relax
from optimizer.studies.why.conflict import lifted
from optimizer.studies.why.judge import GAP, LARGE_INTEGERS, Stopped, first_level

NUDGE_SECONDS: Final = 3.0
LARGE_GAP: Final = 0.02
LONGEST_SECONDS: Final = 30.0
SHARE_OF_TIME: Final = 0.02
"""On large models the longest that one question may take, and the largest share of the time left; what is not decided by then is not known."""
SLIGHT: Final = 1e-6
"""Shares of a target that differ by less are the same."""


@dataclass(frozen=True)
class Shares:
    """Shares of its target that a line could get, per period: the most that was found, and whether more is excluded."""

    most: Mapping[int, float]
    proven: Mapping[int, bool]


@dataclass(frozen=True)
class Loss:
    """What closing a gap takes from the first aim, in its own unit: as found, and at least. None: not known."""

    value: float | None
    bound: float | None

    def record(self) -> dict[str, float | None]:
        """The machine form."""
        return {"value": self.value, "bound": self.bound}


def options_within(left: float, seed: int, *, large: bool) -> SolveOptions:
    """How one question is solved with so many seconds left: on large models in a share of them, and to a wider gap."""
    limit = None if math.isinf(left) else max(0.1, left)
    if large:
        limit = LONGEST_SECONDS if limit is None else min(LONGEST_SECONDS, max(1.0, SHARE_OF_TIME * left))
    return SolveOptions(time_limit=limit, gap=LARGE_GAP if large else GAP, seed=seed, improve=large)


class Lines:
    """The lines of a plan, each asked for alone. Every question has its answer once; raises `Stopped` when time is up."""

    def __init__(self, plan: Plan, seconds: float | None = None, seed: int = 0) -> None:
        self.plan, self.seed = plan, seed
        self.instance = of_scenario(plan.instance, plan.scenario)
        self.situation: Situation = build_situation(self.instance, plan.scenario)
        self.rules = {rule.id: rule for rule in rules_of(self.situation)}
        self.deadline = math.inf if seconds is None else time.monotonic() + seconds
        self.large = int(build(self.situation).linear.integer.sum()) >= LARGE_INTEGERS
        self._units = units_of(plan) or {}
        frame = plan.requirements
        keys = zip(frame["requirement"].tolist(), frame["period"].tolist(), strict=True)
        self.current = dict(zip(keys, (frame["fulfilled"] / frame["target"]).tolist(), strict=True))
        self._built: dict[frozenset[str], Built | None] = {}
        self._known: dict[tuple[frozenset[str], str, tuple[int, ...]], Shares] = {}

    def shares(self, line: str, periods: Sequence[int], without: Iterable[Rule] = ()) -> Shares:
        """The most that a line could get in some periods, each for itself and with no less in the others, with some rules lifted.

        Raises:
            Stopped: no time is left.
        """
        rules = {rule.id: rule for rule in without}
        key = frozenset(rules), line, tuple(periods)
        if key not in self._known:
            built = self._model(rules)
            self._known[key] = Shares({}, {}) if built is None else self._each(built, line, periods)
        return self._known[key]

    def _model(self, rules: Mapping[str, Rule]) -> Built | None:
        key = frozenset(rules)
        if key not in self._built:
            try:
                instance = lifted(self.instance, list(rules.values()))
            except InvalidInstance:
                self._built[key] = None
            else:
                self._built[key] = build(build_situation(instance, self.plan.scenario, (Aim("coverage"),)))
        return self._built[key]

    def _each(self, built: Built, line: str, periods: Sequence[int]) -> Shares:
        columns = {t: built.assembly.coverage.share[line, t] for t in periods}
        most, proven = {t: self.current[line, t] for t in periods}, dict.fromkeys(periods, False)
        for asked in self._questions(line, periods, most):
            if not asked or all(most[t] >= 1.0 - SLIGHT or proven[t] for t in asked):
                continue
            if len(asked) == 1 and most[asked[0]] > self.current[line, asked[0]] + SLIGHT and len(periods) > 1:
                continue  # that it could have more is all that is asked where several periods are
            values, bound = self._solve(built, line, [columns[t] for t in asked])
            if values is not None:
                for t, column in columns.items():
                    most[t] = max(most[t], float(values[column]))
            nothing_more = bound is not None and bound <= sum(self.current[line, t] for t in asked) + SLIGHT
            if nothing_more or (len(asked) == 1 and bound is not None and bound <= most[asked[0]] + SLIGHT):
                proven |= dict.fromkeys(asked, True)
        return Shares(most, {t: proven[t] or most[t] >= 1.0 - SLIGHT for t in periods})

    def _questions(self, line: str, periods: Sequence[int], most: Mapping[int, float]) -> Iterator[tuple[int, ...]]:
        """All periods together, then each by itself; in a large model all together once more that had nothing the first time."""
        yield tuple(periods)
        if self.large:
            yield tuple(t for t in periods if most[t] <= self.current[line, t] + SLIGHT)
        elif len(periods) > 1:
            yield from ((t,) for t in periods)

    def _solve(self, built: Built, line: str, columns: Sequence[int]) -> tuple[FloatArray | None, float | None]:
        """The values of all columns with the largest sum of some, and its bound, where the line has nowhere less than now; no plan: (None, 0)."""
        expression = Objective(np.array(columns, dtype=np.int64), np.ones(len(columns)))
        level = Level((AimTerm("line", 1, 1.0, 0.0, True, expression),), None, "line")
        lower = built.linear.lower.copy()
        for (name, period), column in built.assembly.coverage.share.items():
            if name == line:
                lower[column] = max(0.0, self.current[name, period] - SLIGHT / 10)
        model = replace(built.linear, lower=lower, levels=(level,))
        if self.large:
            # The relaxation alone often shows that there is no more.
            relaxed = relax(model, expression, self._left())
            if relaxed is not None and relaxed.bound <= sum(float(lower[column]) for column in columns) + SLIGHT:
                return None, relaxed.bound
            around = self._neighbourhoods(built, line)
            better = nudged(model, start_from(built, self._units), expression, around, NUDGE_SECONDS)
            if better is not None:
                return better, None if relaxed is None else relaxed.bound
        solution = solve_levels(model, self._options(), start_from(built, self._units))
        if solution.termination == "infeasible":
            return None, 0.0
        return solution.values, solution.levels[0].bound

    def _neighbourhoods(self, built: Built, line: str) -> Iterator[npt.NDArray[np.bool_]]:
        """The columns of the line's post and those of nobody, with those of each nation that can serve there."""
        places, situation = built.linear.places, built.assembly.situation
        if places is None:
            return
        here = places.post == list(situation.posts).index(situation.lines[line].post)
        # Flows, and what else belongs to no nation and no post, follow.
        here |= (places.post < 0) & (places.nation < 0)
        able = {situation.pledges[pledge].nation for pledge, other in situation.services if other == line}
        yield here
        for number, nation in enumerate(situation.nations):
            if nation in able:
                self._left()
                yield here | (places.nation == number)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0.0 or requests():
            raise Stopped
        return left

    def _options(self) -> SolveOptions:
        return options_within(self._left(), self.seed, large=self.large)

    def loss(self, line: str, shares: Mapping[int, float]) -> Loss:
        """What the first aim loses where a line gets at least so much in each period.

        Raises:
            Stopped: no time is left.
        """
        aims = first_level(self.plan.instance.header.aims, any_aim=True)
        now = self.plan.aim(aims[0].name)
        if len(aims) != 1 or now is None:
            return Loss(None, None)
        built = build(build_situation(self.instance, self.plan.scenario, aims))
        lower = built.linear.lower.copy()
        for period, share in shares.items():
            lower[built.assembly.coverage.share[line, period]] = max(0.0, min(1.0, share) - SLIGHT / 10)
        linear = replace(built.linear, lower=lower, levels=built.linear.levels[:1])
        solution = solve_levels(linear, self._options(), start_from(built, self._units))
        if not solution.has_plan:
            return Loss(None, None)
        aim = solution.aims[0]
        sign = 1.0 if built.linear.levels[0].terms[0].maximise else -1.0
        bound = None if aim.bound is None else max(0.0, sign * (now - aim.bound))
        return Loss(max(0.0, sign * (now - aim.value)), bound)

    def together(self, line: str, periods: Sequence[int]) -> dict[int, float]:
        """What a line alone gets in some periods at once where their sum is largest, under all rules, with no less in the others."""
        built = self._model({})
        if built is None:
            return {}
        columns = {t: built.assembly.coverage.share[line, t] for t in periods}
        values, _ = self._solve(built, line, list(columns.values()))
        return {} if values is None else {t: float(values[column]) for t, column in columns.items()}
