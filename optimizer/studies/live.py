"""Variants that differ only in numbers, without building anything: the numbers of the model as sums of the inputs.

Many inputs enter the model in proportion: a cap is the side of a row or the coefficient of a gate, a cost a coefficient of an aim. So a
few models are built (at both ends of every input, and at points between), and each number of the model is written as a + Σ b·input. Where
the models between agree with that, every variant is read from it. Where they do not (whole units that fit under a cap, a bound that is replaced
by another) or where the structure differs, the reason is recorded and each variant is built as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.instance.instance import Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray, IntArray, Level, LinearModel, Objective, RatioAim
from optimizer.solving.edits import NOTHING, Edits, structure_changed
from optimizer.studies.change import UnusableChangeError, changed
from optimizer.studies.design import count_runs
from optimizer.studies.study import Study, Value
from optimizer.studies.table import base_value

MOST_INPUTS = 8
RUNS_PER_PROBE = 4
"""Building the models must cost less than it saves: so many runs per model are asked for."""
_AGREE = 1e-9
# Where models are built between the ends (shares of each span): no simple fractions, so that no whole number hides a step.
_BETWEEN = ((0.5, 0.5), (0.3819660113, 0.7320508076), (0.8541019662, 0.2360679775), (0.1458980338, 0.5857864376))


@dataclass(frozen=True, eq=False)
class Recipe:
    """The numbers of the model as `at` + `slopes` · inputs, for those that move; the rest as in `built`."""

    situation: Situation
    built: Built
    moving: IntArray
    at: FloatArray
    slopes: FloatArray
    edits: Edits
    arrays: tuple[tuple[str, IntArray, slice], ...]
    of_aims: slice
    read: Callable[[tuple[Value, ...]], FloatArray]

    def model(self, inputs: tuple[Value, ...]) -> LinearModel:
        """The arrays of a variant."""
        values = self.at + self.read(inputs) @ self.slopes
        linear = self.built.linear
        changes: dict[str, Any] = {}
        for name, places, chosen in self.arrays:
            array = getattr(linear, name).copy()
            array[places] = values[chosen]
            changes[name] = array
        if self.of_aims.stop > self.of_aims.start:
            begin = _parts(linear)[-1]
            changes["levels"] = _with_level_numbers(
                linear.levels, self.moving[self.of_aims] - begin, values[self.of_aims]
            )
        return replace(linear, **changes)

    def answer(self, inputs: tuple[Value, ...], instance: Instance) -> tuple[Situation, Built]:
        """Situation and model of a variant, as far as a plan is read from them."""
        return replace(self.situation, instance=instance), replace(self.built, linear=self.model(inputs))


def learn(instance: Instance, study: Study, runs: int | None = None) -> Recipe | str:
    """The recipe of a study, or the reason why its variants must be built one by one. The same study gets the same answer anywhere."""
    count = count_runs(study) if runs is None else runs
    if not study.vary or len(study.vary) > MOST_INPUTS:
        return "nothing varies, or too much"
    if any(vary.kind != "cells" for vary in study.vary):
        return "not only cells of tables vary"
    ends, bases = _ends(instance, study)
    if ends is None or bases is None:
        return "not only numbers vary"
    points = list(_points(ends))
    if count < RUNS_PER_PROBE * len(points):
        return "too few runs"
    models = _models_at(points, instance, study)
    return models if isinstance(models, str) else _fitted(models, points, ends, bases)


def _models_at(points: Sequence[FloatArray], instance: Instance, study: Study) -> tuple[Situation, list[Built]] | str:
    """The models at some points, and the situation of the last; or why they are not of one structure."""
    built: list[Built] = []
    for point in points:
        try:
            variant, scenario = changed(instance, study, tuple(point.tolist()))
        except UnusableChangeError:
            return "a value between does not fit its cell"
        situation = build_situation(variant, scenario)
        built.append(build(situation))
        first, last = built[0].linear, built[-1].linear
        reason = structure_changed(first, last) or _levels_changed(first, last)
        if reason:
            return reason
    return situation, built


def _fitted(
    models: tuple[Situation, list[Built]],
    points: Sequence[FloatArray],
    ends: tuple[FloatArray, FloatArray],
    bases: Sequence[float],
) -> Recipe | str:
    """The recipe that agrees with all models, or why there is none. The points are `low`, then each input high, then others."""
    (situation, built), (low, high) = models, ends
    numbers = np.array([_numbers(one.linear) for one in built])
    moving = np.flatnonzero((numbers != numbers[0]).any(axis=0))
    seen = numbers[:, moving]
    if not np.isfinite(seen).all():
        return "a limit appears or vanishes"
    slopes = (seen[1 : len(low) + 1] - seen[0]) / (high - low)[:, None]
    at = seen[0] - low @ slopes
    if (np.abs(at + np.array(points) @ slopes - seen) > _AGREE * np.fmax(1.0, np.abs(seen))).any():
        return "a number of the model does not follow the inputs in proportion"
    slopes[np.abs(slopes) * (high - low)[:, None] <= _AGREE * np.fmax(1.0, np.abs(at))] = 0.0
    parts = _parts(built[0].linear)
    entries = (moving >= parts[3]) & (moving < parts[4])
    # The sign of a coefficient decides which rows there are: it must be the same everywhere between the ends, not only where models were built.
    reach = slopes[:, entries] * (high - low)[:, None]
    least = seen[0, entries] + np.minimum(reach, 0.0).sum(axis=0)
    most = seen[0, entries] + np.maximum(reach, 0.0).sum(axis=0)
    if ((least <= NOTHING) & (most >= -NOTHING)).any():
        return "a coefficient appears, vanishes or changes its sign"

    def read(inputs: tuple[Value, ...]) -> FloatArray:
        return np.array([base if value is None else value for base, value in zip(bases, inputs, strict=True)])

    arrays, of_aims = _places(built[0].linear, moving)
    edits = _edits(built[0].linear, moving)
    return Recipe(situation, built[0], moving, at, slopes, edits, arrays, of_aims, read)


def _ends(instance: Instance, study: Study) -> tuple[tuple[FloatArray, FloatArray] | None, list[float] | None]:
    """The lowest and highest value of each input, and its value in the base case."""
    low, high, bases = [], [], []
    for index, vary in enumerate(study.vary):
        values: list[Value] = [*vary.values, *(row[index] for row in study.rows if row[index] is not None)]
        values += [end for end in (vary.low, vary.high) if end is not None]
        base = base_value(vary, instance, study)
        if study.design == "one_at_a_time" or any(row[index] is None for row in study.rows):
            values.append(base)
        if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in values) or vary.whole:
            return None, None
        numbers = [float(value) for value in values]  # type: ignore[arg-type]
        if min(numbers) == max(numbers):
            return None, None
        low.append(min(numbers))
        high.append(max(numbers))
        bases.append(float(base) if isinstance(base, (int, float)) else numbers[0])
    return (np.array(low), np.array(high)), bases


def _points(ends: tuple[FloatArray, FloatArray]) -> Iterator[FloatArray]:
    """All inputs low; each of them high; all high; and points between."""
    low, high = ends
    yield low
    for index in range(len(low)):
        point = low.copy()
        point[index] = high[index]
        yield point
    yield high.copy()
    for one, other in _BETWEEN:
        shares = np.where(np.arange(len(low)) % 2 == 0, one, other)
        yield low + shares * (high - low)


def _expressions(level: Level) -> Iterator[Objective]:
    yield from (term.expression for term in level.terms)
    if level.ratio is not None:
        yield from level.ratio.numerators
        yield level.ratio.denominator


def _levels_changed(old: LinearModel, new: LinearModel) -> str:
    """Why the aims of two models are not of one structure."""
    before, after = ([one for level in model.levels for one in _expressions(level)] for model in (old, new))
    if len(before) != len(after) or not all(
        np.array_equal(one.columns, other.columns) for one, other in zip(before, after, strict=True)
    ):
        return "other variables stand in an aim"
    for one, other in zip(old.levels, new.levels, strict=True):
        if [(t.weight, t.tolerance) for t in one.terms] != [(t.weight, t.tolerance) for t in other.terms]:
            return "another weight of an aim"
        if one.ratio is not None and other.ratio is not None and one.ratio.shares != other.ratio.shares:
            return "another share of the burden"
    return ""


def _numbers(model: LinearModel) -> FloatArray:
    """All numbers of a model, one behind the other."""
    parts = [model.lower, model.upper, model.row_lower, model.row_upper, model.row_values]
    parts += [
        part for level in model.levels for one in _expressions(level) for part in (one.values, np.array([one.constant]))
    ]
    # Bounds that are not there are all the same, and no difference.
    return np.concatenate(parts)


def _parts(model: LinearModel) -> list[int]:
    """Where lower, upper, row_lower, row_upper, row_values and the aims end among the numbers; five ends."""
    sizes = [len(part) for part in (model.lower, model.upper, model.row_lower, model.row_upper, model.row_values)]
    ends: list[int] = np.cumsum(sizes).tolist()
    return ends


def _edits(model: LinearModel, moving: IntArray) -> Edits:
    ends = _parts(model)
    columns, rows = len(model.lower), len(model.row_lower)
    in_columns = moving[moving < ends[1]] % columns
    in_rows = (moving[(moving >= ends[1]) & (moving < ends[3])] - ends[1]) % rows if rows else moving[:0]
    entries = moving[(moving >= ends[3]) & (moving < ends[4])] - ends[3]
    return Edits(np.unique(in_columns), np.unique(in_rows), entries)


def _places(model: LinearModel, moving: IntArray) -> tuple[tuple[tuple[str, IntArray, slice], ...], slice]:
    """Which of the moving numbers belong to which array, and where there; and which belong to the aims."""
    names = ("lower", "upper", "row_lower", "row_upper", "row_values")
    ends = _parts(model)
    cuts = [0, *np.searchsorted(moving, ends).tolist()]
    begins = [0, *ends]
    arrays = tuple(
        (name, moving[cuts[index] : cuts[index + 1]] - begins[index], slice(cuts[index], cuts[index + 1]))
        for index, name in enumerate(names)
        if cuts[index + 1] > cuts[index]
    )
    return arrays, slice(cuts[-1], len(moving))


def _with_level_numbers(levels: Sequence[Level], moving: IntArray, values: FloatArray) -> tuple[Level, ...]:
    begin = 0

    def moved(one: Objective) -> Objective:
        nonlocal begin
        end = begin + len(one.values)
        first, last, behind = np.searchsorted(moving, [begin, end, end + 1])
        found = one
        if behind > first:
            array = one.values.copy()
            array[moving[first:last] - begin] = values[first:last]
            found = Objective(one.columns, array, float(values[last]) if behind > last else one.constant)
        begin = end + 1
        return found

    def all_moved(many: Iterable[Objective]) -> tuple[Objective, ...]:
        return tuple(moved(one) for one in many)

    result = []
    for level in levels:
        terms = tuple(replace(term, expression=moved(term.expression)) for term in level.terms)
        ratio = level.ratio
        if ratio is not None:
            ratio = RatioAim(all_moved(ratio.numerators), ratio.shares, moved(ratio.denominator))
        result.append(replace(level, terms=terms, ratio=ratio))
    return tuple(result)
