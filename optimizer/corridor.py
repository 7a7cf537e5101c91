"""The corridor, walked once: instance → situation → model → solve → plan → verify."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import rounding_notices
from optimizer.instance.situation import Situation, build_situation
from optimizer.interrupts import keep, listening
from optimizer.model.aims import Baseline, aims_of
from optimizer.model.assemble import Built, build
from optimizer.model.families.movement import THOUSAND
from optimizer.model.rows import FloatArray, LinearModel
from optimizer.plan.plan import Plan, plan_from_solution
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Report, Solution, ignore

if TYPE_CHECKING:
    import pyomo.environ as pyo

Solver = Callable[[LinearModel, SolveOptions, "FloatArray | None", Report], Solution]


def solve(
    instance: Instance,
    scenario: str | None = None,
    *,
    aims: Sequence[Aim] | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    seed: int = 0,
    threads: int = 1,
    baseline: Plan | pd.DataFrame | None = None,
    start: Plan | pd.DataFrame | None = None,
    model: pyo.ConcreteModel | None = None,
    child: bool = True,
    report: Report = ignore,
    found: Callable[[Found], None] | None = None,
) -> Plan:
    """Find the best plan for an instance, checked by the independent verifier.

    Args:
        instance: what the planner filled in.
        scenario: name of a scenario; None takes the conditions' defaults.
        aims: replace the aims of the header.
        time_limit: wall-clock seconds for the solve; None takes the header's.
        gap: relative gap at which a level of aims counts as solved; None takes the header's.
        seed: of the solver.
        threads: of the solver.
        baseline: the plan (or its assignments) with which the aim `changes` compares.
        start: a plan (or its assignments) from which the search starts, where it is feasible.
        model: the model of this very question from `build_model`, with your additions; None builds it.
        child: solve in a process of its own, so that a crash of the solver is a reported event.
        report: is told every event of the solve.
        found: gets what the search has found before it is checked, so that it is not lost if the check fails.

    Ctrl-C ends the search (not its preparation): the plan is the best that was found until then, `interrupted`.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        RejectedPlan: the solver's plan breaks a rule (a defect that should be reported).
    """
    with listening():
        clock = time.perf_counter()
        if aims is not None:
            instance = replace(instance, header=replace(instance.header, aims=tuple(aims)))
        header = instance.header
        situation = build_situation(instance, scenario)
        if not header.aims:
            instance = replace(instance, header=replace(header, aims=aims_of(situation)))
            situation = replace(situation, instance=instance, aims=instance.header.aims)
        built = build(situation, _units_of(baseline))
        timings = {"build": time.perf_counter() - clock}
        options = SolveOptions(
            time_limit=header.time_limit if time_limit is None else time_limit,
            gap=header.gap if gap is None else gap,
            seed=seed,
            threads=threads,
        )
        first = None if start is None else start_from(built, _units_of(start) or {})
        solver = _solver(child=child)
        if child:
            # A search in this process ends by KeyboardInterrupt itself.
            keep()
        solution = (
            _solve_extended(solver, built, model, options, report)
            if model is not None
            else solver(built.linear, options, first, report)
        )
        clock = time.perf_counter()
        read = None if solution.values is None else read_solution(built, solution.values)
        if found is not None and read is not None:
            found(Found(read.tables, situation.instance, situation.scenario, solution.log))
        plan = plan_of(situation, built, solution, options, _frame_of(baseline), read)
        timings |= {f"solver {name}": seconds for name, seconds in solution.timings.items()}
        return replace(plan, timings={**timings, "verify": time.perf_counter() - clock})


@dataclass(frozen=True)
class Found:
    """What a search found, unchecked: tables in the planner's words, as `verify` reads them, and the solver's log."""

    tables: Mapping[str, pd.DataFrame]
    instance: Instance
    scenario: str | None
    log: str


def plan_of(
    situation: Situation,
    built: Built,
    solution: Solution,
    options: SolveOptions,
    baseline: pd.DataFrame | None,
    read: Read | None = None,
) -> Plan:
    """The verified plan that a solution says; `read`: its values as rows, where they are read already."""
    if read is None and solution.values is not None:
        read = read_solution(built, solution.values)
    return plan_from_solution(
        situation.instance,
        situation.scenario,
        solution.termination,
        None if read is None else read.assignments,
        None if read is None else read.leads,
        None if read is None else read.instruments,
        None if read is None or _flows_may_be_dear(situation) else read.flows,
        solution.aims,
        baseline=baseline,
        versions={**solution.versions, **versions()},
        options={
            "time_limit": options.time_limit,
            "gap": options.gap,
            "threads": options.threads,
            "model": built.linear.size,
        },
        seed=options.seed,
        events=[
            *rounding_notices(situation.instance, situation.scenario),
            *(notice.text for notice in solution.events),
        ],
        log=solution.log,
    )


def _flows_may_be_dear(situation: Situation) -> bool:
    """Whether flows are better found anew, at least cost: a later level may spend on detours what a tolerance allows."""
    floors = any(
        limit.measure == "cost" and limit.minimum is not None and limit.selection.is_everything
        for limit in situation.limits
    )
    return not floors and any(route.cost for route in situation.routes)


@dataclass(frozen=True)
class Read:
    """What a solution says, as rows in the planner's words."""

    assignments: pd.DataFrame
    leads: pd.DataFrame
    instruments: pd.DataFrame
    flows: pd.DataFrame | None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by the names that they have in a plan's folder; those that are not used are left out."""
        tables = {"assignments": self.assignments, "participation": self.leads, "instruments": self.instruments}
        used = {name: table for name, table in tables.items() if name == "assignments" or len(table)}
        return used if self.flows is None else {**used, "flows": self.flows}


def read_solution(built: Built, values: FloatArray) -> Read:
    """Units, leads, instruments and flows from the values of the columns."""
    rows = []
    for (pledge, line), periods in built.units.presence.items():
        for period, columns in periods.items():
            units = sum(int(values[column]) for column in columns)
            if units:
                rows.append((pledge, line, period, units))
    terms: dict[tuple[str, str, str], list[int]] = {}
    for (nation, mission, area, term), column in built.leads.items():
        if values[column] > 0.5:
            terms.setdefault((nation, mission, area), []).append(term)
    leads = [(*key, True, ";".join(map(str, sorted(numbers)))) for key, numbers in sorted(terms.items())]
    instruments = [(name, bool(values[column] > 0.5)) for name, column in built.instruments.items()]
    routes = built.routes
    flows = [
        (
            routes[route].origin,
            routes[route].destination,
            routes[route].mode,
            area,
            period,
            float(values[column]) * THOUSAND,
        )
        for (route, area, period), column in built.flows.items()
        if values[column] > 1e-9
    ]
    flow_columns = ["origin", "destination", "mode", "destination_area", "period", "tonnes"]
    return Read(
        pd.DataFrame(rows, columns=["pledge", "requirement", "period", "units"]),
        pd.DataFrame(leads, columns=["nation", "mission", "area", "leads", "lead_terms"]),
        pd.DataFrame(instruments, columns=["instrument", "used"]),
        pd.DataFrame(flows, columns=flow_columns) if built.flows and _moves_are_true(built, values) else None,
    )


def _moves_are_true(built: Built, values: FloatArray) -> bool:
    """Whether what the model says moves in and goes home is what does: unless an aim or a rule asks, it may be more."""

    def units(pledge: str, line: str, period: int) -> float:
        return float(sum(values[column] for column in built.units.presence[pledge, line].get(period, ())))

    for family in built.linear.columns:
        sign = {"moves": 1.0, "leaves": -1.0}.get(family.name)
        if sign is None:
            continue
        for column, (pledge, line, period) in enumerate(family.keys, family.start):
            rise = units(pledge, line, period) - units(pledge, line, period - 1)
            if values[column] > max(0.0, sign * rise) + 1e-6:
                return False
    return True


def start_from(built: Built, units: Baseline) -> FloatArray:
    """A start for the solver from units per (pledge, requirement, period): NaN where nothing is said."""
    values = np.full(len(built.linear.lower), np.nan)
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


def versions() -> dict[str, str]:
    """Versions of what took part."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "pandas": pd.__version__, "numpy": np.__version__}
    try:
        found["forcegen"] = version("forcegen")
    except PackageNotFoundError:
        found["forcegen"] = "not installed"
    return found


def _solver(*, child: bool) -> Solver:
    if child:
        from optimizer.solving.child import solve_in_child

        return solve_in_child
    from optimizer.solving.levels import solve_levels

    return solve_levels


def _solve_extended(
    solver: Solver, built: Built, model: pyo.ConcreteModel, options: SolveOptions, report: Report
) -> Solution:
    """Solve a Pyomo model that was made by `build_model` and added to, under the levels of aims of its instance."""
    from optimizer.model.pyomo_model import variables_of
    from optimizer.solving.pyomo_direct import compile_pyomo

    order = variables_of(model, built.linear)
    compiled = compile_pyomo(model, order, built.linear.levels)
    solution = solver(compiled.model, options, None, report)
    if solution.values is None:
        return solution
    compiled.write_back(solution.values)
    return replace(solution, values=solution.values[: len(order)])


def _frame_of(plan: Plan | pd.DataFrame | None) -> pd.DataFrame | None:
    return plan if plan is None or isinstance(plan, pd.DataFrame) else plan.assignments


def _units_of(plan: Plan | pd.DataFrame | None) -> Mapping[tuple[str, str, int], int] | None:
    frame = _frame_of(plan)
    if frame is None:
        return None
    if frame.empty:
        return {}
    columns = (frame[name].tolist() for name in ("pledge", "requirement", "period", "units"))
    return {(str(p), str(r), int(t)): int(u) for p, r, t, u in zip(*columns, strict=True)}
