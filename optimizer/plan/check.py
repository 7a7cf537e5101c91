"""The door to the check: reads what is to be checked, finds the flows that it does not state, and asks the verifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.plan import verify as verifier
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.proof import BY_HAND, contradictions, proven_by
from optimizer.plan.verify import RejectedPlan
from optimizer.plan.violation import Violation

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class Checked:
    """A folder that passed the check. `aims`: recomputed values, and the bounds and gaps that a solved plan states.

    `plan` is None for a plan by hand; `proof` is who proved the bounds; `remarks` are for the reader.
    """

    aims: pd.DataFrame
    plan: Plan | None
    proof: str
    remarks: tuple[str, ...] = ()


def verify(
    instance: Instance,
    plan: Plan | Mapping[str, pd.DataFrame] | str | Path,
    scenario: str | None = None,
    baseline: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Check a plan and return the recomputed aims (name, priority, value), in order of solution.

    Args:
        instance: The instance.
        plan: A `Plan`, a plan's folder (solved, or written by hand), or tables by name: `assignments`, and where used
            `participation`, `instruments`, `flows`, `funding`, `aims`. Tables without flows get the cheapest, which are then checked;
            without `funding`, funds pay nothing.
        scenario: Name of the scenario; None takes the plan's own, or the conditions' defaults.
        baseline: Assignments of the plan that the aim `changes` compares with; None takes the plan's own.

    Raises:
        InvalidPlan: the folder cannot be read.
        RejectedPlan: with every broken rule, and every stated figure that is not so.
    """
    if isinstance(plan, (str, Path)):
        return _verify_folder(instance, Path(plan), scenario, baseline)[1]
    return _verify(instance, plan, scenario, baseline, [])


def check_folder(instance: Instance, directory: str | Path, scenario: str | None = None) -> Checked:
    """Check a plan's folder, solved or by hand, against an instance.

    Raises:
        InvalidPlan: it cannot be read, or its search ended without a plan.
        RejectedPlan: with every broken rule, every stated figure that is not so, and every changed file.
    """
    remarks = []
    plan, aims = _verify_folder(instance, Path(directory), scenario)
    if plan is None:
        return Checked(aims, None, BY_HAND)
    if plan.instance.header.aims != instance.header.aims:
        remarks.append("The plan was made for other aims than the instance names; its own aims are recomputed.")
    if plan.instance.hash != replace(instance, header=replace(instance.header, aims=plan.instance.header.aims)).hash:
        remarks.append("The plan was made from other input than this instance; it is checked against this instance.")
    if plan.changes.lifted:
        remarks.append(
            f"Rules that were switched off in its model are not held against it: {', '.join(plan.changes.lifted)}."
        )
    aims = aims.assign(bound=plan.aims["bound"].tolist(), gap=plan.aims["gap"].tolist())
    return Checked(aims, plan, proven_by(plan), tuple(remarks))


def load_checked(directory: str | Path) -> Plan:
    """Read a solved plan's folder, and check it against its own copy of the input.

    Raises:
        InvalidPlan: it cannot be read.
        RejectedPlan: with every broken rule, every stated figure that is not so, and every changed file.
    """
    from optimizer.plan.store import changed_since_written, load_plan

    plan = load_plan(directory)
    changed = changed_since_written(directory)
    if plan.has_plan:
        _verify(plan.instance, plan, None, None, changed)
    elif broken := [*changed, *contradictions(plan, ())]:
        raise RejectedPlan(broken)
    return plan


def _verify_folder(
    instance: Instance, folder: Path, scenario: str | None, baseline: pd.DataFrame | None = None
) -> tuple[Plan | None, pd.DataFrame]:
    from optimizer.plan.hand import read_assignments
    from optimizer.plan.head import PLAN_FILE
    from optimizer.plan.store import changed_since_written, load_plan
    from optimizer.plan.tables import InvalidPlan

    # A folder with a damaged head is no plan by hand.
    if not (folder / PLAN_FILE).exists() and not (folder / PLAN_FILE).is_symlink():
        return None, _verify(instance, read_assignments(folder, instance), scenario, baseline, [])
    plan = load_plan(folder)
    changed = changed_since_written(folder)
    if not plan.has_plan and (broken := [*changed, *contradictions(plan, ())]):
        raise RejectedPlan(broken)
    if not plan.has_plan:
        message = f"{folder} holds no plan: its search ended without one ({plan.termination})."
        raise InvalidPlan([Finding("error", "no-plan", PLAN_FILE, None, None, message, "Give the folder of a plan.")])
    asked = replace(instance, header=replace(instance.header, aims=plan.instance.header.aims))
    return plan, _verify(asked, plan, scenario, baseline, changed)


def _verify(
    instance: Instance,
    plan: Plan | Mapping[str, pd.DataFrame],
    scenario: str | None,
    baseline: pd.DataFrame | None,
    known: list[Violation],
) -> pd.DataFrame:
    """The verifier's answer; what is known to be wrong already joins what it finds."""
    if isinstance(plan, Mapping) and plan.get("flows") is None:
        flows = cheapest_flows(instance, scenario, plan["assignments"], plan.get("instruments"))
        plan = dict(plan) if flows is None else {**plan, "flows": flows}
    try:
        aims = verifier.verify(instance, plan, scenario, baseline)
    except RejectedPlan as error:
        raise RejectedPlan([*known, *error.violations]) from None
    if known:
        raise RejectedPlan(known)
    return aims
