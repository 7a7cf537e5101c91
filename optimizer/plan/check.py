"""The door to the check: reads what is to be checked, finds the flows that it does not state, and asks the verifier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan import verify as verifier
from optimizer.plan.flows import cheapest_flows

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


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
            `participation`, `instruments`, `flows`, `aims`. Tables without flows get the cheapest, which are then checked.
        scenario: Name of the scenario; None takes the plan's own, or the conditions' defaults.
        baseline: Assignments of the plan that the aim `changes` compares with; None takes the plan's own.

    Raises:
        InvalidPlan: the folder cannot be read.
        RejectedPlan: with every broken rule, and every stated figure that is not so.
    """
    if isinstance(plan, (str, Path)):
        from optimizer.plan.store import is_saved_plan, load_plan, read_assignments

        plan = load_plan(plan) if is_saved_plan(plan) else read_assignments(plan, instance)
    if isinstance(plan, Mapping) and plan.get("flows") is None:
        flows = cheapest_flows(instance, scenario, plan["assignments"], plan.get("instruments"))
        plan = dict(plan) if flows is None else {**plan, "flows": flows}
    return verifier.verify(instance, plan, scenario, baseline)
