"""Instances with concessions made, judged by their linear relaxation: for large models, where a solve in whole units takes long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import Built, build, rules_of_row
from optimizer.model.linear import FloatArray, Key, LinearModel
from optimizer.solving.improve.matrix import matrix_of
from optimizer.solving.improve.prices import Relaxation, earned_at
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import relax
from optimizer.studies.why.gated import gated
from optimizer.studies.why.judge import Judge, State, Verdict, fulfilment

_BROKEN: Final = 1e-5
_CHEAP: Final = 1e-7


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A model and the plan of its relaxation."""

    built: Built
    found: Relaxation


@dataclass
class RelaxedJudge:
    """The relaxation of each instance that a judge knows. A score is the proven bound of the relaxation: no plan in whole units has more."""

    judge: Judge
    solved: int = 0
    _known: dict[tuple[State, frozenset[int]], tuple[Verdict, Relaxed | None]] = field(default_factory=dict)
    _bases: dict[State, tuple[Built, Mapping[tuple[str, Key], int]]] = field(default_factory=dict)

    def verdict(self, low: State, high: State) -> Verdict:
        """The relaxation of the open state `high`.

        Raises:
            Stopped: no time is left.
        """
        return self.relaxed(low, high)[0]

    def relaxed(self, low: State, high: State) -> tuple[Verdict, Relaxed | None]:
        """The relaxation of the open state `high`, with its model; None where it has no plan, or none in time."""
        key = high, self.judge.undecided(low, high)
        if key not in self._known:
            seconds = self.judge.left()
            self.solved += 1
            built = self.build(self.judge.instance_of(*key))
            found = relax(built.linear, objective_of(built.linear.levels[0]), seconds)
            if found is None:
                self._known[key] = Verdict(None, math.inf), None
            else:
                self._known[key] = Verdict(found.bound, found.bound), Relaxed(built, found)
        return self._known[key]

    def build(self, instance: Instance) -> Built:
        """The model of the first level, or of the line asked about."""
        built = build(build_situation(instance, self.judge.scenario, self.judge.aims))
        line = self.judge.line
        levels = built.linear.levels[:1] if line is None else (fulfilment(built, line),)
        return replace(built, linear=replace(built.linear, levels=levels))

    def _base(self, low: State) -> tuple[Built, Mapping[tuple[str, Key], int]]:
        """The model in which only `low` is conceded, and the places of its rows; the last one is kept."""
        if low not in self._bases:
            built = self.build(self.judge.instance_of(low))
            self._bases = {low: (built, positions(built.linear))}
        return self._bases[low]

    def bound_of_weight(self, weight: int) -> float:
        """No set of at most this weight has more than this; by one relaxation with gates.

        Raises:
            Stopped: no time is left.
        """
        judge = self.judge
        key = judge.nothing
        seconds = judge.left()
        high = judge.affordable(key, judge.everything, weight)
        strict, _ = self._base(key)
        loose = self.build(judge.instance_of(high, judge.undecided(key, high)))
        self.solved += 1
        found = relax(gated(judge, strict, loose, weight), objective_of(loose.linear.levels[0]), seconds)
        return math.inf if found is None else found.bound

    def used(self, low: State, high: State) -> State:
        """The steps that the relaxed plan of an open state seems to use: those of rules that it breaks where only `low` is conceded.

        It is a guide for branching; nothing is proven by it.
        """
        relaxed = self.relaxed(low, high)[1]
        if relaxed is None:
            return high
        built, position = self._base(low)
        broken = broken_rules(built, position, relaxed.built.linear, relaxed.found.plan)
        return tuple(
            most if one.id in broken else least
            for least, most, one in zip(low, high, self.judge.concessions, strict=True)
        )

    def promising(self, low: State, high: State) -> list[int]:
        """The concessions to branch on, by what each seems to gain at the prices of the relaxation of `low`, the most first."""
        used = self.used(low, high)
        gains = self.gains(low, high)
        chosen = [
            index
            for index in range(len(low))
            if low[index] < high[index] and (used[index] > low[index] or gains.get(index))
        ]
        return sorted(chosen, key=lambda index: -gains.get(index, 0.0))

    def gains(self, low: State, high: State) -> dict[int, float]:
        """What the steps seem to gain: of a row's rule its price for what the step adds; of what forbids a service what the service would earn."""
        base, open_ = self.relaxed(low, low)[1], self.relaxed(low, high)[1]
        gains: dict[int, float] = {}
        if base is None or open_ is None:
            return gains
        situation, prices = base.built.assembly.situation, dict[tuple[str, Key], float]()
        for block in base.built.linear.rows:
            for place, key in enumerate(block.keys):
                row = block.start + place
                price = abs(float(base.found.prices[row]))
                if price > _CHEAP:
                    prices[block.name, key] = float(base.found.prices[row])
                    for rule in rules_of_row(situation, block.name, key):
                        self._add(gains, rule, price * self._step(rule, base.built.linear, row))
        earned = _earned(open_, prices)
        there = positions(base.built.linear)
        for block in open_.built.linear.columns:
            if block.name in {"starts", "present"}:
                for place, key in enumerate(block.keys):
                    column = block.start + place
                    gain = max(0.0, float(earned[column])) * float(open_.found.plan[column])
                    if gain > _CHEAP and (block.name, key) not in there:
                        for rule in _refusing(situation, key):
                            self._add(gains, rule, gain)
        return gains

    def _add(self, gains: dict[int, float], rule: str, gain: float) -> None:
        if (index := self.judge.position.get(rule)) is not None:
            gains[index] = gains.get(index, 0.0) + gain

    def _step(self, rule: str, linear: LinearModel, row: int) -> float:
        """By how much one step of a rule moves the side of one of its rows, roughly."""
        index = self.judge.position.get(rule)
        if index is None:
            return 0.0
        one = self.judge.concessions[index]
        sides = [abs(side) for side in (linear.row_lower[row], linear.row_upper[row]) if math.isfinite(side) and side]
        part = 1.0 if one.step is None or not one.value else one.step / one.value
        return part * float(max(sides, default=1.0))


def _earned(relaxed: Relaxed, prices: Mapping[tuple[str, Key], float]) -> FloatArray:
    """What a unit of each column earns at the prices of another instance's rows."""
    linear = relaxed.built.linear
    here = np.zeros(len(linear.row_lower))
    for block in linear.rows:
        for place, key in enumerate(block.keys):
            here[block.start + place] = prices.get((block.name, key), 0.0)
    return earned_at(matrix_of(linear), objective_of(linear.levels[0]), here, len(linear.lower))


def positions(linear: LinearModel) -> dict[tuple[str, Key], int]:
    """The number of every column by its name and key."""
    return {(block.name, key): block.start + place for block in linear.columns for place, key in enumerate(block.keys)}


def broken_rules(
    built: Built, position: Mapping[tuple[str, Key], int], looser: LinearModel, plan: FloatArray
) -> set[str]:
    """The rules of a stricter instance that a plan of a looser one breaks: rows, and services that do not exist there."""
    situation = built.assembly.situation
    values: FloatArray = np.zeros(len(built.linear.lower))
    broken: set[str] = set()
    for block in looser.columns:
        counts = block.name in {"starts", "present"}
        for place, key in enumerate(block.keys):
            value = float(plan[block.start + place])
            there = position.get((block.name, key))
            if there is not None:
                values[there] = value
            elif counts and value > _BROKEN:
                broken |= _refusing(situation, key)
    matrix = matrix_of(built.linear)
    activity = matrix.times(values)
    slack = _BROKEN * np.fmax(1.0, np.abs(activity))
    wrong = (activity < matrix.lower - slack) | (activity > matrix.upper + slack)
    for block in built.linear.rows:
        here = np.flatnonzero(wrong[block.start : block.start + len(block.keys)])
        for place in here.tolist():
            broken |= set(rules_of_row(situation, block.name, block.keys[place]))
    above = values > built.linear.upper + _BROKEN * np.fmax(1.0, built.linear.upper)
    for block in built.linear.columns:
        if block.name in {"starts", "present"}:
            for place in np.flatnonzero(above[block.start : block.start + len(block.keys)]).tolist():
                broken.add(f"pledges/{block.keys[place][0]}.quantity")
    return broken


def _refusing(situation: Situation, key: Key) -> set[str]:
    """The rules that refuse a service."""
    pledge, line, period = str(key[0]), str(key[1]), int(str(key[2]))
    if pledge not in situation.pledges:
        return set()
    found = set(situation.admissible.reasons(pledge, line, period))
    if any(name.endswith(".tour") for name in found):
        found |= set(situation.admissible.refusals(pledge, line))
    return found
