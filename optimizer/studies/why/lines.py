"""What a requirement line could get if it came first: under all rules, or with some of them lifted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

import numpy as np

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
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.submodels import completed
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.relaxing import nudged
from optimizer.studies.why.apart import Apart, Asked
from optimizer.studies.why.conflict import lifted
from optimizer.studies.why.judge import GAP, LARGE_INTEGERS, Stopped, first_level
from optimizer.studies.why.losses import Loss, near
from optimizer.studies.why.missing import Missing, missing_units
from optimizer.studies.why.relaxed import broken_rules, positions

NUDGE_SECONDS: Final = 1.0
LARGE_GAP: Final = 0.02
LONGEST_SECONDS: Final = 30.0
SHARE_OF_TIME: Final = 0.02
"""On large models the longest that one question may take, and the largest share of the time left; what is not decided by then is not known."""
SLIGHT: Final = 1e-6
"""Shares of a target that differ by less are the same."""
ABOVE: Final = 1e-5
"""By how much the bound of a large model may lie above a share that is the most there is: what tolerances hide."""
MODELS_KEPT: Final = 6
LOSS_SECONDS: Final = 12.0
"""The longest that the search for what a large model loses may take."""


@dataclass(frozen=True)
class Shares:
    """Shares of its target that a line could get, per period: the most that was found, and whether more is excluded."""

    most: Mapping[int, float]
    proven: Mapping[int, bool]


@dataclass(frozen=True)
class Together:
    """What a line alone gets in some periods at once, where their sum is largest: shares, the most that was found; no plan has more than `bound` together."""

    shares: Mapping[int, float]
    bound: float | None


def span(least: float, most: float, target: float) -> tuple[float, float]:
    """An interval of shares as amounts, without what tolerances add to them."""
    least, most = (value if value > ABOVE else 0.0 for value in (least, most))
    most = most if most - least > ABOVE else least
    return float(f"{least * target:.6g}"), float(f"{most * target:.6g}")


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
        self._until, self._turn = math.inf, 0
        self._built: dict[frozenset[str], Built | None] = {}
        self._asked: dict[tuple[frozenset[str], str, tuple[int, ...]], Asked] = {}
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
            if built is None:
                self._known[key] = Shares({}, {})
            elif self.large:
                return self._each_apart(key[0], built, line, key[2])
            else:
                self._known[key] = self._each(built, line, periods)
        return self._known[key]

    def take_turn(self, among: int, share: float = 1.0) -> None:
        """From now on questions may take their part of a share of the time that is left, where so many wait."""
        now, self._turn = time.monotonic(), self._turn + 1
        self._until = now + share * (self.deadline - now) / max(1, among)

    def broken(self, line: str, period: int, without: Iterable[Rule]) -> set[str]:
        """The rules in force that a large model's plan without some of them breaks; nothing is proven by it."""
        key = frozenset(rule.id for rule in without), line, (period,)
        built, strict = self._built.get(key[0]), self._model({})
        values = self._asked[key].values if key in self._asked else None
        if built is None or strict is None or values is None:
            return set()
        return broken_rules(strict, positions(strict.linear), built.linear, values)

    def _model(self, rules: Mapping[str, Rule]) -> Built | None:
        key = frozenset(rules)
        if key not in self._built:
            try:
                instance = lifted(self.instance, list(rules.values()))
            except InvalidInstance:
                self._built[key] = None
            else:
                self._built[key] = build(build_situation(instance, self.plan.scenario, (Aim("coverage"),)))
                if self.large and len(self._built) > MODELS_KEPT:  # they are large; that of the rules in force stays
                    del self._built[next(one for one in self._built if one and one != key)]
        return self._built[key]

    def _each(self, built: Built, line: str, periods: Sequence[int]) -> Shares:
        columns = {t: built.assembly.coverage.share[line, t] for t in periods}
        most, proven = {t: self.current[line, t] for t in periods}, dict.fromkeys(periods, False)
        for asked in (tuple(periods), *((t,) for t in periods if len(periods) > 1)):
            if all(most[t] >= 1.0 - SLIGHT or proven[t] for t in asked):
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

    def _solve(self, built: Built, line: str, columns: Sequence[int]) -> tuple[FloatArray | None, float | None]:
        """The values of all columns with the largest sum of some, and its bound, where the line has nowhere less than now; no plan: (None, 0)."""
        expression = Objective(np.array(columns, dtype=np.int64), np.ones(len(columns)))
        level = Level((AimTerm("line", 1, 1.0, 0.0, True, expression),), None, "line")
        model = replace(built.linear, lower=self.floors(built, line), levels=(level,))
        solution = solve_levels(model, self._options(), start_from(built, self._units))
        if solution.termination == "infeasible":
            return None, 0.0
        return solution.values, solution.levels[0].bound

    def floors(self, built: Built, line: str) -> FloatArray:
        """The lower bounds of the columns, with which a line has nowhere less than in the plan."""
        lower = built.linear.lower.copy()
        for (name, period), column in built.assembly.coverage.share.items():
            if name == line:
                lower[column] = max(0.0, self.current[name, period] - SLIGHT / 10)
        return lower

    def _each_apart(self, key: frozenset[str], built: Built, line: str, periods: tuple[int, ...]) -> Shares:
        """The shares in a large model: all periods together, and once more those that had nothing, as long as that gives one of them more."""
        columns = {t: built.assembly.coverage.share[line, t] for t in periods}
        most, proven = {t: self.current[line, t] for t in periods}, dict.fromkeys(periods, False)
        rest = periods
        while rest:
            found = self._ask(key, built, line, rest, bounded=False)
            self._take(found, columns, most)
            still = tuple(t for t in rest if most[t] <= self.current[line, t] + SLIGHT)
            if still == rest or (key and len(rest) == 1):
                try:
                    found = self._ask(key, built, line, rest, bounded=True)
                except Stopped:
                    break
                self._take(found, columns, most)
                nothing_more = found.bound <= sum(self.current[line, t] for t in rest) + ABOVE
                if nothing_more or (len(rest) == 1 and found.bound <= most[rest[0]] + ABOVE):
                    proven |= dict.fromkeys(rest, True)
                break
            rest = still
        return Shares(most, {t: proven[t] or most[t] >= 1.0 - SLIGHT for t in periods})

    def _take(self, found: Asked, columns: Mapping[int, int], most: dict[int, float]) -> None:
        if found.values is not None:
            for t, column in columns.items():
                most[t] = max(most[t], float(found.values[column]))

    def _ask(
        self,
        rules: frozenset[str],
        built: Built,
        line: str,
        periods: tuple[int, ...],
        *,
        bounded: bool,
        share: float = 1.0,
    ) -> Asked:
        """What a line alone gets in some periods of a large model together, from a share of the time that is left.

        A plan is looked for first, and what bounds all others where it is asked for. What is not settled is asked again in another turn.
        """
        key = rules, line, periods
        asked = [built.assembly.coverage.share[line, t] for t in periods]
        expression = Objective(np.array(asked, dtype=np.int64), np.ones(len(asked)))
        known = self._asked.get(key, Asked(None, float(len(asked)), -1))
        lower, apart = self.floors(built, line), Apart(built)
        if known.values is None and known.turn < self._turn:
            start = start_from(built, self._units)
            values = apart.witness(line, lower, expression, start, share * self._left())
            if values is None:
                around = takewhile(lambda _: self._seconds() > 0.0, self._neighbourhoods(built, line))
                values = nudged(replace(built.linear, lower=lower), start, expression, around, NUDGE_SECONDS)
            self._asked[key] = known = Asked(values, known.bound, self._turn if values is None else -1)
        value = float(lower[asked].sum()) if known.values is None else expression.at(known.values)
        if bounded and known.bound > value + ABOVE and known.turn < self._turn:
            bound = apart.bound(line, lower, expression, share * self._left())
            self._asked[key] = known = Asked(known.values, min(known.bound, bound), self._turn)
        return known

    def more(self, line: str, periods: Sequence[int], among: Sequence[int]) -> tuple[float, float] | None:
        """How much more a line alone could have in some periods, in its measure: at least, and at most; None: it was not asked.

        Known from the question about all the periods `among` which these are.
        """
        asked, built = self._asked.get((frozenset(), line, tuple(among))), self._model({})
        if asked is None or built is None:
            return None
        target = self.situation.lines[line].target
        now = {t: self.current[line, t] for t in among}
        least = 0.0
        if asked.values is not None:
            least = sum(float(asked.values[built.assembly.coverage.share[line, t]]) - now[t] for t in periods)
        rest = asked.bound - sum(share for t, share in now.items() if t not in periods)
        most = min(float(len(periods)), rest) - sum(now[t] for t in periods)
        return span(least, most, target)

    def _neighbourhoods(self, built: Built, line: str) -> Iterator[Mask]:
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
                yield here | (places.nation == number)

    def _left(self) -> float:
        left = self._seconds()
        if left <= 0.0 or requests():
            raise Stopped
        return left

    def _seconds(self) -> float:
        return min(self.deadline, self._until) - time.monotonic()

    def _options(self) -> SolveOptions:
        return options_within(self._left(), self.seed, large=self.large)

    def loss(self, line: str, shares: Mapping[int, float]) -> Loss:
        """What the first aim loses where a line gets at least so much in each period.

        Raises:
            Stopped: no time is left.
        """
        self._left()
        aims = first_level(self.plan.instance.header.aims, any_aim=True)
        now = self.plan.aim(aims[0].name)
        if len(aims) != 1 or now is None:
            return Loss(None, None)
        built = build(build_situation(self.instance, self.plan.scenario, aims))
        if self.large and built.linear.levels[0].ratio is None:
            return self._loss_near(built, line, shares)
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

    def _loss_near(self, built: Built, line: str, shares: Mapping[int, float]) -> Loss:
        """The loss in a large model, searched around the plan, and around the one in which the line comes first."""
        left = min(LOSS_SECONDS, self._left())
        objective = built.linear.levels[0].objective
        plan = completed(built.linear, start_from(built, self._units), objective)
        if plan is None:
            return Loss(None, None)
        asked = self._asked.get((frozenset(), line, tuple(shares)))
        if asked is None or asked.values is None or len(asked.values) != len(plan):
            return Loss(None, None)
        floors = {built.assembly.coverage.share[line, t]: min(1.0, share) - SLIGHT / 10 for t, share in shares.items()}
        found = near(built.linear, floors, objective, plan, asked.values, left)
        term = built.linear.levels[0].terms[0]
        now = objective.at(plan)
        value = None if found.value is None else max(0.0, now - found.value) / abs(term.weight)
        least = 0.0 if found.bound is None else max(0.0, now - found.bound) / abs(term.weight)
        return Loss(value, least)

    def missing(self, line: str, periods: Sequence[int], without: Sequence[Rule]) -> Missing | None:
        """The fewest further units with which a line could be full in some periods, with rules lifted; None where that is not known.

        Raises:
            Stopped: no time is left.
        """
        self._left()
        built = self._model({rule.id: rule for rule in without})
        if built is None:
            return None
        return missing_units(built, line, periods, self.floors(built, line), self._left() / 2, large=self.large)

    def together(self, line: str, periods: Sequence[int]) -> Together:
        """What a line alone gets in some periods at once where their sum is largest, under all rules, with no less in the others."""
        built = self._model({})
        if built is None:
            return Together({}, None)
        columns = {t: built.assembly.coverage.share[line, t] for t in periods}
        if self.large:
            asked = self._ask(frozenset(), built, line, tuple(periods), bounded=True, share=0.3)
            values, bound = asked.values, asked.bound
        else:
            values, limit = self._solve(built, line, list(columns.values()))
            bound = math.inf if limit is None else limit
        shares = {} if values is None else {t: float(values[column]) for t, column in columns.items()}
        return Together(shares, None if math.isinf(bound) else bound)
