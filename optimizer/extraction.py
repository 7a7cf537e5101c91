"""From a solution to a plan: what the columns say in the planner's words, checked by the independent verifier."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from optimizer.instance.scenario import rounding_notices
from optimizer.instance.situation import Situation
from optimizer.model.aims import Baseline
from optimizer.model.assemble import Built
from optimizer.model.families.movement import THOUSAND
from optimizer.model.linear import FloatArray
from optimizer.plan.changes import NO_CHANGES, Changes, OwnAim
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, Plan, plan_from_solution
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import AimResult, Solution


def plan_of(
    situation: Situation,
    built: Built,
    solution: Solution,
    options: SolveOptions,
    baseline: pd.DataFrame | None,
    changes: Changes = NO_CHANGES,
    read: Read | None = None,
) -> Plan:
    """The verified plan that a solution holds; `changes`: what the model was changed in, `read`: its values as rows where they are read already."""
    if read is None and solution.values is not None:
        read = read_solution(built, solution.values)
    changes, aims = _with_own_aim(changes, solution.aims)
    ending = Ending(
        solution.termination,
        aims=[asdict(aim) for aim in aims],
        versions={**solution.versions, **versions()},
        options={
            "time_limit": options.time_limit,
            "gap": options.gap,
            "threads": options.threads,
            "model": built.linear.size,
        },
        seed=options.seed,
        events=(
            *rounding_notices(situation.instance, situation.scenario),
            *(notice.text for notice in solution.events),
        ),
        log=solution.log,
    )
    flows = None if read is None or _flows_may_be_dear(situation) else read.flows
    decisions = (
        None if read is None else Decisions(read.assignments, read.leads, read.instruments, flows, funding=read.funding)
    )
    return plan_from_solution(
        situation.instance, situation.scenario, ending, decisions, baseline=baseline, changes=changes
    )


def _with_own_aim(changes: Changes, aims: Sequence[AimResult]) -> tuple[Changes, Sequence[AimResult]]:
    """What the search reached of an aim of the model's own goes to the changes; of the instance's aims it has proven nothing."""
    if changes.own_aim is None:
        return changes, aims
    name = changes.own_aim.name
    found = next((aim for aim in aims if aim.name == name), None)
    own = changes.own_aim if found is None else OwnAim(name, found.value, found.bound, found.gap)
    return replace(changes, own_aim=own), ()


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
    funding: pd.DataFrame | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by the names that they have in a plan's folder; those that are not used are left out."""
        tables = {"assignments": self.assignments, "participation": self.leads, "instruments": self.instruments}
        used = {name: table for name, table in tables.items() if name == "assignments" or len(table)}
        more = {"flows": self.flows, "funding": self.funding}
        return used | {name: table for name, table in more.items() if table is not None}


def read_solution(built: Built, values: FloatArray) -> Read:
    """Units, leads, instruments, flows and what funds pay, from the values of the columns."""
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
    paid = [(*key, float(values[column])) for key, column in built.amounts.items() if values[column] > 1e-9]
    flow_columns = ["origin", "destination", "mode", "destination_area", "period", "tonnes"]
    return Read(
        pd.DataFrame(rows, columns=["pledge", "requirement", "period", "units"]),
        pd.DataFrame(leads, columns=["nation", "mission", "area", "leads", "lead_terms"]),
        pd.DataFrame(instruments, columns=["instrument", "used"]),
        pd.DataFrame(flows, columns=flow_columns) if built.flows and _moves_are_true(built, values) else None,
        pd.DataFrame(paid, columns=["fund", "nation", "amount"]) if built.amounts else None,
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


def versions() -> dict[str, str]:
    """Versions of what took part."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version(), "pandas": pd.__version__, "numpy": np.__version__}
    try:
        found["forcegen"] = version("forcegen")
    except PackageNotFoundError:
        found["forcegen"] = "not installed"
    return found


def frame_of(units: Plan | pd.DataFrame | Baseline | None) -> pd.DataFrame | None:
    """The assignments of a plan, of a table, or of units per (pledge, requirement, period)."""
    if units is None or isinstance(units, pd.DataFrame):
        return units
    if isinstance(units, Plan):
        return units.assignments
    rows = [(*service, count) for service, count in sorted(units.items())]
    return pd.DataFrame(rows, columns=["pledge", "requirement", "period", "units"])


def units_of(units: Plan | pd.DataFrame | Baseline | None) -> Baseline | None:
    """Units per (pledge, requirement, period), from a plan or a table of assignments."""
    if units is None or not isinstance(units, (Plan, pd.DataFrame)):
        return units
    frame = units.assignments if isinstance(units, Plan) else units
    if frame.empty:
        return {}
    columns = (frame[name].tolist() for name in ("pledge", "requirement", "period", "units"))
    return {(str(p), str(r), int(t)): int(u) for p, r, t, u in zip(*columns, strict=True)}
