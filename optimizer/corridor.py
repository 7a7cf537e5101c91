"""The corridor, walked once: instance → situation → model → solve → plan → verify."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.extraction import frame_of, plan_of, read_solution, units_of
from optimizer.instance.files import as_instance
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.situation import Situation, build_situation
from optimizer.interrupts import keep, listening
from optimizer.model.aims import Baseline
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray, LinearModel
from optimizer.plan.changes import NO_CHANGES
from optimizer.plan.plan import Plan
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Report, Solution, ignore

if TYPE_CHECKING:
    import pyomo.environ as pyo

    from optimizer.pyomo_model.compile import Compiled

Solver = Callable[[LinearModel, SolveOptions, "FloatArray | None", Report], Solution]


def solve(
    instance: Instance | str | Path,
    scenario: str | None = None,
    *,
    aims: Sequence[Aim] | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    seed: int = 0,
    threads: int = 1,
    baseline: Plan | pd.DataFrame | Baseline | None = None,
    start: Plan | pd.DataFrame | Baseline | None = None,
    model: pyo.ConcreteModel | None = None,
    child: bool = True,
    report: Report = ignore,
    found: Callable[[Found], None] | None = None,
) -> Plan:
    """Find the best plan for an instance, checked by the independent verifier.

    Args:
        instance: what the planner filled in, or its path.
        scenario: name of a scenario; None takes the conditions' defaults.
        aims: replace the aims of the header; None, or none: the header's.
        time_limit: wall-clock seconds for the solve; None takes the header's.
        gap: relative gap at which a level of aims counts as solved; None takes the header's.
        seed: of the solver.
        threads: of the solver.
        baseline: the plan (or its assignments, or units per (pledge, requirement, period)) with which the aim `changes` compares.
        start: a plan (or its assignments) from which the search starts, where it is feasible.
        model: the model of this very question from `build_model`, with what you have changed and added; None builds it. Its
            variables have the plan's values afterwards.
        child: solve in a process of its own, so that a crash of the solver is a reported event.
        report: is told every event of the solve.
        found: gets what the search has found before it is checked, so that it is not lost if the check fails.

    Ctrl-C ends the search (not its preparation): the plan is the best that was found until then, `interrupted`.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        RejectedPlan: the solver's plan breaks a rule (a defect that should be reported).
        UnsupportedModel: the model holds something that cannot be honoured.
    """
    with listening():
        clock = time.perf_counter()
        instance = as_instance(instance)
        if model is None:
            asked = _ask(instance, scenario, aims, units_of(baseline))
        else:
            asked = _ask_in_model(instance, scenario, aims, model)
            baseline = asked.built.assembly.baseline
        built_in = time.perf_counter() - clock
        header = asked.situation.instance.header
        options = SolveOptions(
            time_limit=header.time_limit if time_limit is None else time_limit,
            gap=header.gap if gap is None else gap,
            seed=seed,
            threads=threads,
        )
        solution = asked.search(options, units_of(start), report, child=child)
        clock = time.perf_counter()
        plan = asked.plan(solution, options, frame_of(baseline), found)
        timings = {f"solver {name}": seconds for name, seconds in solution.timings.items()}
        return replace(plan, timings={"build": built_in, **timings, "verify": time.perf_counter() - clock})


@dataclass(frozen=True)
class Found:
    """What a search found, unchecked: tables in the planner's words, as `verify` reads them, and the solver's log."""

    tables: Mapping[str, pd.DataFrame]
    instance: Instance
    scenario: str | None
    log: str


@dataclass(frozen=True)
class _Asked:
    """One scenario and its model; `compiled`: the same with what was changed and added through Pyomo."""

    situation: Situation
    built: Built
    compiled: Compiled | None = None

    @property
    def linear(self) -> LinearModel:
        """The model that is solved."""
        return self.built.linear if self.compiled is None else self.compiled.model

    def search(self, options: SolveOptions, start: Baseline | None, report: Report, *, child: bool) -> Solution:
        """Solve; the variables of a Pyomo model have the values found afterwards."""
        first = None if start is None else start_from(self.built, start, len(self.linear.lower))
        if child:
            # A search in this process ends by KeyboardInterrupt itself.
            keep()
        solution = _solver(child=child)(self.linear, options, first, report)
        if self.compiled is not None and solution.values is not None:
            self.compiled.write_back(solution.values)
        return solution

    def plan(
        self,
        solution: Solution,
        options: SolveOptions,
        baseline: pd.DataFrame | None,
        found: Callable[[Found], None] | None,
    ) -> Plan:
        """The verified plan; `found` gets what it is made of first."""
        read = None if solution.values is None else read_solution(self.built, solution.values)
        if found is not None and read is not None:
            found(Found(read.tables, self.situation.instance, self.situation.scenario, solution.log))
        changes = NO_CHANGES if self.compiled is None else self.compiled.record
        return plan_of(self.situation, self.built, solution, options, baseline, changes, read)


def _ask(instance: Instance, scenario: str | None, aims: Sequence[Aim] | None, baseline: Baseline | None) -> _Asked:
    situation = build_situation(instance, scenario, tuple(aims) if aims else None)
    return _Asked(situation, build(situation, baseline))


def _ask_in_model(
    instance: Instance, scenario: str | None, aims: Sequence[Aim] | None, model: pyo.ConcreteModel
) -> _Asked:
    from optimizer.pyomo_model.compile import compile_model
    from optimizer.pyomo_model.view import door_of

    door = door_of(model)
    made_from = door.origin
    if made_from.instance.hash != instance.hash or scenario not in {None, made_from.scenario}:
        raise ValueError("The model does not belong to this instance and scenario: make it anew with build_model.")
    if aims is not None:
        raise ValueError(
            "The aims of a model are those that it was made with: activate an objective of the model instead."
        )
    return _Asked(made_from.built.assembly.situation, made_from.built, compile_model(model, door))


def start_from(built: Built, units: Baseline, width: int | None = None) -> FloatArray:
    """A start for the solver from units per (pledge, requirement, period): NaN where nothing is said.

    `width`: how many columns the model has, where more follow those of the built one.
    """
    values = np.full(len(built.linear.lower) if width is None else width, np.nan)
    for (pledge, line), periods in built.units.presence.items():
        running = dict.fromkeys(periods, 0)
        for period in sorted(periods):
            for column in periods[period]:
                if np.isnan(values[column]):
                    there = [other for other, columns in periods.items() if column in columns]
                    new = max(0, units.get((pledge, line, period), 0) - running[period])
                    values[column] = min(float(new), float(built.linear.upper[column]))
                    for other in there:
                        running[other] += int(values[column])
    return values


def _solver(*, child: bool) -> Solver:
    if child:
        from optimizer.solving.child import solve_in_child

        return solve_in_child
    from optimizer.solving.levels import solve_levels

    return solve_levels
