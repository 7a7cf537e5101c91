"""Accept or reject a plan. Imports neither model nor solver, nor anything that asks one: what it finds does not depend on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.aims import AimValue
from optimizer.plan.case import RELATIVE
from optimizer.plan.evaluate import Evaluation, evaluate
from optimizer.plan.frames import COLUMNS, NUMBER, PLAN_TABLES
from optimizer.plan.gather import Decisions
from optimizer.plan.proof import contradictions
from optimizer.plan.violation import Violation, kept_of

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
        plan: A `Plan`, or tables by name: `assignments`, and where used `participation`, `instruments`, `flows`, `funding`, `aims`.
            Without `funding` funds pay nothing. Without flows nothing moves; `optimizer.plan.check.verify` finds them first.
        scenario: Name of the scenario; None takes the plan's own, or the conditions' defaults.
        baseline: Assignments of the plan that the aim `changes` compares with; None takes the plan's own.

    Raises:
        RejectedPlan: with every broken rule, and every stated figure that is not so.
    """
    frames, stated_scenario, stated_baseline = _frames(instance, plan)
    found = evaluate(
        instance,
        stated_scenario if scenario is None else scenario,
        Decisions(
            frames["assignments"],
            frames.get("participation"),
            frames.get("instruments"),
            frames.get("flows"),
            funding=frames.get("funding"),
        ),
        baseline=stated_baseline if baseline is None else baseline,
    )
    whole = not isinstance(plan, Mapping)
    lifted = () if isinstance(plan, Mapping) else plan.changes.lifted
    broken = [
        *kept_of(found.violations, lifted),
        *stated_aims(found.aims, frames.get("aims")),
        *stated_tables(found, frames, whole),
    ]
    if not isinstance(plan, Mapping):
        broken += contradictions(plan, found.aims)
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
    """Aims whose stated value is not the recomputed one. Aims of one name are distinguished by their order."""
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
        elif "priority" in stated and stated["priority"].tolist()[number] != item.aim.priority:
            message = f"The plan states that {name} has priority {stated['priority'].tolist()[number]}, but it has {item.aim.priority}."
            broken.append(Violation("stated", name, "aims", None, None, float(item.aim.priority), message))
    for name in names[len(found) :]:
        message = f"The plan states {name!r}, which is no more among its aims."
        broken.append(Violation("stated", name, "aims", None, None, None, message))
    return broken


def stated_tables(found: Evaluation, stated: Mapping[str, pd.DataFrame], whole: bool = False) -> list[Violation]:
    """Figures in a plan's tables that are not the recomputed ones.

    `whole`: the plan is one that was written by `save_plan`, every row of every table must be there. Of a plan by hand
    only the rows, columns and cells that are filled are compared.
    """
    broken: list[Violation] = []
    for name in COLUMNS:
        if name in stated:
            broken += _differences(name, stated[name], found.frames[name], whole)
        elif whole and (name != "flows" or len(found.frames[name])):
            broken.append(Violation("stated", name, name, None, None, None, f"The table {name} is missing."))
    return broken


def _differences(name: str, stated: pd.DataFrame, found: pd.DataFrame, whole: bool) -> Iterator[Violation]:
    keys = PLAN_TABLES[name].key
    if not all(key in stated for key in keys):
        return
    says, should = _keys(stated, keys), _keys(found, keys)
    if whole and (len(says) != len(should) or set(says) != set(should)):
        message = f"The table {name} has {len(says)} rows where there should be {len(should)}."
        odd = sorted(set(says) ^ set(should))
        if odd:
            word = "is missing" if odd[0] in should else "should not be there"
            message += f" The row of {', '.join(filter(None, odd[0]))} {word}."
        yield Violation("stated", name, name, None, float(len(says)), float(len(should)), message)
        return
    row_of = {key: index for index, key in enumerate(should)}
    there = [index for index, key in enumerate(says) if key in row_of]
    here = [row_of[says[index]] for index in there]
    if PLAN_TABLES[name].derived:
        for key in sorted(set(says) - set(row_of)):
            message = f"The table {name} has a row of {', '.join(filter(None, key))}, which should not be there."
            yield Violation("stated", name, name, None, None, None, message)
    for column, kind in COLUMNS[name].items():
        if column not in keys and column in stated and (whole or column not in PLAN_TABLES[name].given):
            cells = stated[column].iloc[there].tolist(), found[column].iloc[here].tolist()
            for index in _unequal(*cells, kind, whole):
                yield _wrong_cell(name, column, kind, found.iloc[here[index]], (cells[0][index], cells[1][index]))


def _unequal(says: list[Any], should: list[Any], kind: str, whole: bool) -> list[int]:
    """Which cells are not the same (of a plan by hand: of those that are filled)."""
    if kind == NUMBER:
        a, b = (np.array([_number(cell) for cell in cells], dtype=float) for cells in (says, should))
        with np.errstate(invalid="ignore"):
            same = np.abs(a - b) <= RELATIVE * (1.0 + np.maximum(np.abs(a), np.abs(b)))
        same |= np.isnan(a) & np.isnan(b)
    else:
        same = np.array([_equal(a, b) for a, b in zip(says, should, strict=True)], dtype=bool)
    if not whole:
        same |= np.array([_is_blank(cell) for cell in says], dtype=bool)
    return [int(index) for index in np.flatnonzero(~same)]


def _wrong_cell(name: str, column: str, kind: str, row: pd.Series[Any], cells: tuple[Any, Any]) -> Violation:
    keys = PLAN_TABLES[name].key
    period = int(row["period"]) if "period" in keys and not pd.isna(row["period"]) else None
    label = ", ".join(str(row[key]) for key in keys if key != "period" and str(row[key]))
    message = f"The table {name} states {column} = {cells[0]} for {label}, but it is {cells[1]}."
    says, should = (_number(cell) if kind == NUMBER else None for cell in cells)
    return Violation("stated", f"{name}.{column}", label, period, says, should, message)


def _number(cell: object) -> float:
    try:
        return math.nan if _is_blank(cell) else float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.inf


def _is_blank(cell: object) -> bool:
    return cell is None or pd.isna(cell) is True or cell == ""  # type: ignore[call-overload]


def _equal(stated: object, found: object) -> bool:
    if _is_blank(stated) or _is_blank(found):
        return _is_blank(stated) and _is_blank(found)
    return stated == found


def _key(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple("" if _is_blank(cell) else str(cell) for cell in cells)


def _keys(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, ...]]:
    return [_key(cells) for cells in zip(*(table[key].tolist() for key in keys), strict=True)]
