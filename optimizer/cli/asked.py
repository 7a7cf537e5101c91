"""What a question why is about: an instance, or a plan's folder with the instance and the scenario that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class Asked:
    """The instance or its path, the scenario, the plan whose folder was named, and where the answer is to be written (None: nowhere)."""

    instance: Instance | str
    scenario: str | None
    plan: Plan | None
    folder: str | None


def asked_of(what: str, scenario: str | None, out: str | None) -> Asked:
    """What a command is asked about; a plan's folder gets the answer, unless another one is named.

    Raises:
        Refused: a scenario is named beside a plan, which has its own.
    """
    from optimizer.cli.failures import Refused
    from optimizer.plan.store import is_saved_plan, load_plan

    if not is_saved_plan(what):
        return Asked(what, scenario, None, out)
    if scenario is not None:
        raise Refused("A plan has its own scenario: leave out --scenario, or name the instance.")
    plan = load_plan(what)
    return Asked(plan.instance, plan.scenario, plan if plan.has_plan else None, what if out is None else out)
