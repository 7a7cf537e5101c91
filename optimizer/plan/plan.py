"""The plan: the answer to an instance under one scenario, with everything derived from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.aims import AimValue
from optimizer.plan.changes import NO_CHANGES, Changes
from optimizer.plan.evaluate import evaluate
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.frames import BASELINE_COLUMNS, empty_frames, table
from optimizer.plan.funding import least_amounts
from optimizer.plan.gather import Decisions
from optimizer.plan.proof import gap_of, room
from optimizer.plan.verify import RejectedPlan
from optimizer.plan.violation import Violation, kept_of

TERMINATIONS: Final = ("optimal", "feasible", "infeasible", "none_found", "interrupted", "crashed")
"""How a search can end."""


@dataclass(frozen=True, eq=False)
class Plan:
    """An answer, frozen and picklable.

    `termination`: one of `TERMINATIONS`. `aims`: name, priority, value, bound, gap, in order of solution (not a number
    where unknown). The other tables are those of `optimizer.plan.frames.COLUMNS`; without a plan they are empty.
    `baseline` holds the assignments that `changes` was measured against. `timings` in seconds per phase.
    """

    instance: Instance
    scenario: str | None
    termination: str
    has_plan: bool
    aims: pd.DataFrame = field(repr=False)
    assignments: pd.DataFrame = field(repr=False)
    requirements: pd.DataFrame = field(repr=False)
    posts: pd.DataFrame = field(repr=False)
    missions: pd.DataFrame = field(repr=False)
    mission_periods: pd.DataFrame = field(repr=False)
    nations: pd.DataFrame = field(repr=False)
    participation: pd.DataFrame = field(repr=False)
    steadiness: pd.DataFrame = field(repr=False)
    instruments: pd.DataFrame = field(repr=False)
    funding: pd.DataFrame = field(repr=False)
    limits: pd.DataFrame = field(repr=False)
    links: pd.DataFrame = field(repr=False)
    tipping: pd.DataFrame = field(repr=False)
    enablers: pd.DataFrame = field(repr=False)
    flows: pd.DataFrame = field(repr=False)
    routes: pd.DataFrame = field(repr=False)
    pledges: pd.DataFrame = field(repr=False)
    baseline: pd.DataFrame | None = field(default=None, repr=False)
    timings: Mapping[str, float] = field(default_factory=dict, repr=False)
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    seed: int | None = None
    events: tuple[str, ...] = field(default=(), repr=False)
    log: str = field(default="", repr=False)
    changes: Changes = NO_CHANGES

    def aim(self, name: str) -> float | None:
        """The value of the first aim of that name; None where the plan has no such aim or value."""
        values = self.aims.loc[self.aims["name"] == name, "value"].tolist()
        return None if not values or math.isnan(values[0]) else float(values[0])

    def summary(self) -> str:
        """The plan on one screen, in words."""
        from optimizer.plan.summary import summarise

        return summarise(self)


@dataclass(frozen=True)
class Ending:
    """How a search ended, and what it says of itself.

    `termination`: one of `TERMINATIONS`. `aims`: mappings with name, value, bound, gap (priority is the instance's), in order of
    solution. `timings` in seconds per phase; `versions` of what took part; `options` and `seed` of the search; `events`: what a planner
    should know, in sentences; `log`: the solver's.
    """

    termination: str
    aims: Sequence[Mapping[str, Any]] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    events: tuple[str, ...] = ()
    log: str = ""


def plan_from_solution(
    instance: Instance,
    scenario: str | None,
    ending: Ending,
    decisions: Decisions | None = None,
    *,
    baseline: pd.DataFrame | None = None,
    changes: Changes = NO_CHANGES,
) -> Plan:
    """A plan from what a search found, checked before it exists.

    Args:
        instance: The instance; its aims are the aims of the plan.
        scenario: The scenario's name; None for the conditions' defaults.
        ending: How the search ended. What it says of an aim may be worse than the plan's own value (a solver need not count all
            that is delivered), never better; and the plan's own is never better than the bound.
        decisions: What was found; None: nothing. Without flows, the cheapest are found. Of the amounts that funds may pay, the least are
            taken that keep the budgets and are no less fair; those of a changed model are kept, since what was added may ask for them.
        baseline: Assignments that `changes` compares with.
        changes: What was changed beside the instance; rules that are lifted need not be kept.

    Raises:
        RejectedPlan: the decisions break a rule, or an aim is not what was said.
        ValueError: there is no such ending, or it does not go with what was found.
    """
    _must_fit(ending.termination, found=decisions is not None)
    common: dict[str, Any] = {item.name: getattr(ending, item.name) for item in fields(ending) if item.name != "aims"}
    common |= {"instance": instance, "scenario": scenario, "changes": changes, "has_plan": decisions is not None}
    if decisions is None:
        return Plan(**common | empty_frames(), aims=aim_table(ending.aims))
    if decisions.flows is None:
        flows = cheapest_flows(instance, scenario, decisions.assignments, decisions.instruments)
        decisions = replace(decisions, flows=flows)
    if decisions.funding is not None and not changes:
        decisions = replace(decisions, funding=least_amounts(instance, scenario, decisions))
    found = evaluate(instance, scenario, decisions, baseline)
    rows, broken = _reconcile(found.aims, ending.aims)
    violations = kept_of(found.violations, changes.lifted)
    if violations or broken:
        raise RejectedPlan([*violations, *broken])
    if baseline is not None:
        kept = {name: baseline[name].tolist() if len(baseline) else [] for name in BASELINE_COLUMNS}
        baseline = table(BASELINE_COLUMNS, kept)
    return Plan(**common | dict(found.frames), aims=aim_table(rows), baseline=baseline)


def _must_fit(termination: str, *, found: bool) -> None:
    """Do nothing where a search can end so, with a plan or without one."""
    if termination not in TERMINATIONS:
        raise ValueError(f"There is no termination {termination!r}; it is one of {', '.join(TERMINATIONS)}.")
    never, always = termination in {"infeasible", "none_found"}, termination in {"optimal", "feasible"}
    if (never and found) or (always and not found):
        raise ValueError(f"A search that ended as {termination!r} has {'no' if never else 'a'} plan.")


def aim_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The table of aims."""
    listed = list(rows)
    table = pd.DataFrame({"name": pd.Series([str(row["name"]) for row in listed], dtype=object)})
    table["priority"] = pd.Series([int(row.get("priority") or 1) for row in listed], dtype="int64")
    for column in ("value", "bound", "gap"):
        numbers = [math.nan if row.get(column) is None else float(row[column]) for row in listed]
        table[column] = pd.Series(numbers, dtype="float64")
    return table


def _known(number: object) -> float | None:
    if number is None:
        return None
    value = float(number)  # type: ignore[arg-type]
    return value if math.isfinite(value) else None


def _reconcile(
    found: Iterable[AimValue], stated: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[Violation]]:
    """The table of aims with recomputed values, and what the search said that cannot be."""
    left = list(stated)
    rows: list[dict[str, Any]] = []
    broken: list[Violation] = []
    for item in found:
        name, value = item.aim.name, item.value
        said = next((row for row in left if row["name"] == name), None)
        if said is not None:
            left.remove(said)
        claim = _known(said.get("value")) if said else None
        bound = _known(said.get("bound")) if said else None
        gap = _known(said.get("gap")) if said else None
        if value is not None:
            sign = 1.0 if item.maximise else -1.0
            slack = room(value)
            if claim is not None and sign * (value - claim) < -slack:
                message = f"The search says {name} = {claim:.10g}, but the plan has only {value:.10g}."
                if not item.maximise:
                    message = f"The search says {name} = {claim:.10g}, but the plan has {value:.10g}."
                broken.append(Violation("stated", name, "aims", None, claim, value, message))
            if bound is not None and sign * (value - bound) > slack:
                message = (
                    f"The search says that {name} cannot be better than {bound:.10g}, but the plan has {value:.10g}."
                )
                broken.append(Violation("stated", name, "aims", None, bound, value, message))
            if bound is not None:
                # What the plan has, recomputed, is possible; a bound within rounding of it is the same figure.
                bound = sign * max(sign * bound, sign * value)
                gap = gap_of(value, bound, item.maximise)
                bound = value if gap == 0.0 else bound
        rows.append({"name": name, "priority": item.aim.priority, "value": value, "bound": bound, "gap": gap})
    return rows, broken
