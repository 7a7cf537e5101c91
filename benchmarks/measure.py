"""One entry, all phases: tidy rows (entry, method, phase, measure, value)."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import highspy
import numpy as np

from benchmarks.registry import Entry
from optimizer.corridor import plan_of
from optimizer.instance.checks import check_instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.rows import LinearModel
from optimizer.solving.child import solve_in_child
from optimizer.solving.highs import _as_lp
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Event, Incumbent, Progress

METHODS = {"forcegen": True, "HiGHS alone": False}
"""Methods by name: with or without the companion that improves plans."""


@dataclass(frozen=True)
class Row:
    """One measurement; `value` in seconds, MB, or in the unit of the first aim."""

    entry: str
    method: str
    phase: str
    value: float | None


def phases(entry: Entry) -> tuple[list[Row], Built]:
    """Check, situation, build and hand over, with the bare hand-over of the same arrays as the floor."""
    rows: list[Row] = []
    clock = time.perf_counter()

    def lap(phase: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        rows.append(Row(entry.name, "forcegen", phase, now - clock))
        clock = time.perf_counter()

    check_instance(entry.instance)
    lap("check")
    situation = build_situation(entry.instance, entry.scenario)
    built = build(situation)
    lap("build")
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(_as_lp(built.linear))
    lap("hand over")
    rows.append(Row(entry.name, "numpy floor", "build and hand over", floor(built.linear)))
    rows += [Row(entry.name, "forcegen", name, float(value)) for name, value in built.linear.size.items()]
    rows.append(Row(entry.name, "forcegen", "peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    return rows, built


def floor(model: LinearModel) -> float:
    """Seconds for what no build can do without: sorting the same non-zeros into rows by numpy, and passing them on."""
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    shuffled = np.random.default_rng(0).permutation(len(rows))
    rows, columns, values = rows[shuffled], model.row_columns[shuffled], model.row_values[shuffled]
    clock = time.perf_counter()
    order = np.argsort(rows, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(model.row_lower)))])
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(_as_lp(replace(model, row_starts=starts, row_columns=columns[order], row_values=values[order])))
    return time.perf_counter() - clock


def anytime(entry: Entry, built: Built, method: str, seconds: float, marks: tuple[float, ...]) -> Iterator[Row]:
    """First plan, and value and bound of the first aim at each mark, from one run of the first level."""
    model = replace(built.linear, levels=built.linear.levels[:1])
    values: list[tuple[float, float]] = []
    bounds: list[tuple[float, float]] = []
    begun = time.perf_counter()

    def hear(event: Event) -> None:
        now = time.perf_counter() - begun
        if isinstance(event, Incumbent):
            values.append((now, event.value))
        elif isinstance(event, Progress) and event.bound is not None:
            bounds.append((now, event.bound))

    options = SolveOptions(time_limit=seconds, gap=1e-4, improve=METHODS[method])
    solution = solve_in_child(model, options, None, hear)
    total = time.perf_counter() - begun
    level = solution.levels[0]
    if level.value is not None:
        values.append((total, level.value))
    if level.bound is not None:
        bounds.append((total, level.bound))
    yield Row(entry.name, method, "first plan", values[0][0] if values else None)
    for mark in marks:
        reached = [value for when, value in values if when <= mark or total <= mark]
        proven = [bound for when, bound in bounds if when <= mark or total <= mark]
        yield Row(entry.name, method, f"value at {mark:g} s", max(reached, default=None))
        yield Row(entry.name, method, f"bound at {mark:g} s", min(proven, default=None))
    if solution.values is not None:
        clock = time.perf_counter()
        plan_of(build_situation(entry.instance, entry.scenario), built, replace(solution, aims=()), options, None)
        yield Row(entry.name, method, "verify", time.perf_counter() - clock)
