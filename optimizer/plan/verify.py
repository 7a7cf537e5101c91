"""Accept or reject a plan. Imports neither model nor solver, nor anything that asks one: what it finds does not depend on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.aims import AimValue
from optimizer.plan.case import RELATIVE
from optimizer.plan.evaluate import Evaluation, evaluate
from optimizer.plan.frames import COLUMNS, NUMBER
from optimizer.plan.violation import Violation

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


class RejectedPlan(ValueError):  # noqa: N818 - what happened to the plan, in a planner's word
    """The plan breaks rules; `violations` holds every one."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        count = len(self.violations)
        first = f"The plan breaks {count} rule{'s' * (count != 1)}:"
        super().__init__("\n".join([first, *map(str, self.violations)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.violations,)


def verify(
    instance: Instance,
    plan: Plan | Mapping[str, pd.DataFrame],
    scenario: str | None = None,
    baseline: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Check a plan and return the recomputed aims (name, priority, value), in order of solution.

    Args:
        instance: The instance.
        plan: A `Plan`, or tables by name: `assignments`, and where used `participation`, `instruments`, `flows`, `aims`.
            Without flows nothing moves; `optimizer.plan.check.verify` finds them first.
        scenario: Name of the scenario; None takes the plan's own, or the conditions' defaults.
        baseline: Assignments of the plan that the aim `changes` compares with; None takes the plan's own.

    Raises:
        RejectedPlan: with every broken rule, and every stated figure that is not so.
    """
    frames, stated_scenario, stated_baseline = _frames(instance, plan)
    found = evaluate(
        instance,
        stated_scenario if scenario is None else scenario,
        frames["assignments"],
        leads=frames.get("participation"),
        instruments=frames.get("instruments"),
        flows=frames.get("flows"),
        baseline=stated_baseline if baseline is None else baseline,
    )
    broken = [*found.violations, *stated_aims(found.aims, frames.get("aims")), *stated_tables(found, frames)]
    if broken:
        raise RejectedPlan(broken)
    return pd.DataFrame(
        {
            "name": [item.aim.name for item in found.aims],
            "priority": [item.aim.priority for item in found.aims],
            "value": [math.nan if item.value is None else item.value for item in found.aims],
        }
    )


def _frames(
    instance: Instance, plan: Plan | Mapping[str, pd.DataFrame]
) -> tuple[Mapping[str, pd.DataFrame], str | None, pd.DataFrame | None]:
    """The tables that a plan gives, its scenario, and its baseline."""
    if isinstance(plan, Mapping):
        return plan, None, None
    if not plan.has_plan:
        raise ValueError("There is no plan to verify: the search ended without one.")
    frames = {name: getattr(plan, name) for name in COLUMNS} | {"aims": plan.aims}
    if not instance.table("routes").empty or len(plan.flows):
        return frames, plan.scenario, plan.baseline
    return {name: table for name, table in frames.items() if name != "flows"}, plan.scenario, plan.baseline


def is_same(stated: float, found: float) -> bool:
    """Whether two figures are the same up to the tolerance; two blanks are."""
    if math.isnan(stated) or math.isnan(found):
        return math.isnan(stated) and math.isnan(found)
    return abs(stated - found) <= RELATIVE * (1.0 + max(abs(stated), abs(found)))


def stated_aims(found: Sequence[AimValue], stated: pd.DataFrame | None) -> list[Violation]:
    """Aims whose stated value is not the recomputed one. Aims of one name are told apart by their order."""
    if stated is None or not len(stated):
        return []
    broken = []
    names, values = stated["name"].tolist(), stated["value"].tolist()
    for number, item in enumerate(found):
        name = item.aim.name
        if number >= len(names) or names[number] != name:
            says = repr(names[number]) if number < len(names) else "nothing"
            message = f"Aim {number + 1} is {name!r}, but the plan states {says}."
            broken.append(Violation("stated", name, "aims", None, None, item.value, message))
            continue
        value = math.nan if values[number] is None else float(values[number])
        if not is_same(value, math.nan if item.value is None else item.value):
            shown = "unknown" if item.value is None else f"{item.value:.10g}"
            message = f"The plan states {name} = {value:.10g}, but it is {shown}."
            broken.append(Violation("stated", name, "aims", None, value, item.value, message))
    return broken


_DERIVED = (
    "assignments",
    "requirements",
    "posts",
    "missions",
    "mission_periods",
    "nations",
    "limits",
    "links",
    "tipping",
    "enablers",
    "routes",
    "pledges",
)


def stated_tables(found: Evaluation, stated: Mapping[str, pd.DataFrame]) -> list[Violation]:
    """Figures in a plan's tables that are not the recomputed ones (only columns that are there are compared)."""
    broken: list[Violation] = []
    for name in _DERIVED:
        if name in stated:
            broken += _differences(name, stated[name], found.frames[name])
    return broken


_KEYS = {
    "assignments": ("pledge", "requirement", "period"),
    "requirements": ("requirement", "period"),
    "posts": ("mission", "area", "period"),
    "missions": ("mission",),
    "mission_periods": ("mission", "period"),
    "nations": ("nation",),
    "limits": ("limit", "source", "period"),
    "links": ("link", "nation"),
    "tipping": ("nation", "decision", "other"),
    "enablers": ("enabler", "scope", "period"),
    "routes": ("origin", "destination", "mode", "period"),
    "pledges": ("pledge",),
}


def _differences(name: str, stated: pd.DataFrame, found: pd.DataFrame) -> Iterable[Violation]:
    keys = _KEYS[name]
    if not all(key in stated for key in keys):
        return
    rows = {_key(cells): index for index, cells in enumerate(zip(*(stated[key].tolist() for key in keys), strict=True))}
    match = [rows.get(_key(cells), -1) for cells in zip(*(found[key].tolist() for key in keys), strict=True)]
    missing = [index for index, row in enumerate(match) if row < 0]
    if name != "assignments" and (missing or len(stated) != len(found)):
        message = f"The table {name} has {len(stated)} rows where there should be {len(found)}."
        yield Violation("stated", name, name, None, float(len(stated)), float(len(found)), message)
        return
    here = [index for index, row in enumerate(match) if row >= 0]
    there = [match[index] for index in here]
    for column, kind in COLUMNS[name].items():
        if column in keys or column not in stated:
            continue
        says, should = stated[column].iloc[there].tolist(), found[column].iloc[here].tolist()
        if kind == NUMBER:
            a, b = np.array(says, dtype=float), np.array(should, dtype=float)
            near = np.abs(a - b) <= RELATIVE * (1.0 + np.maximum(np.abs(a), np.abs(b)))
            wrong = np.flatnonzero(~(near | (np.isnan(a) & np.isnan(b))))
        else:
            wrong = np.array(
                [i for i, (a, b) in enumerate(zip(says, should, strict=True)) if not _equal(a, b)], dtype=int
            )
        for index in wrong:
            row = found.iloc[here[index]]
            period = int(row["period"]) if "period" in keys and not pd.isna(row["period"]) else None
            label = ", ".join(str(row[key]) for key in keys if key != "period")
            message = f"The table {name} states {column} = {says[index]} for {label}, but it is {should[index]}."
            says_number, should_number = (float(v) if kind == NUMBER else None for v in (says[index], should[index]))
            yield Violation("stated", f"{name}.{column}", label, period, says_number, should_number, message)


def _equal(stated: object, found: object) -> bool:
    return stated is found or (pd.isna(stated) and pd.isna(found)) is True or stated == found  # type: ignore[call-overload]


def _key(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple("" if pd.isna(cell) else str(cell) for cell in cells)  # type: ignore[call-overload]
