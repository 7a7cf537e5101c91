"""Checks of rules that nobody could keep, or that contradict each other, on every scenario as it is resolved for the model.

What leaves no plan at all is an error where it does so in every scenario, and a warning that names the scenarios where it does so in some. What only
keeps somebody out is a warning, where it does so in every scenario in which the rule is in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.check.kept import Fault, RuleCell, Verdict, joined
from optimizer.instance.check.kept_agreed import agreed
from optimizer.instance.check.kept_contingents import contingents, shares
from optimizer.instance.check.kept_limits import burden, caps, contradictions, floors, reserves, selections
from optimizer.instance.check.kept_links import links, partners
from optimizer.instance.check.kept_support import support, ways, yields
from optimizer.instance.check.scene import Scene
from optimizer.instance.findings import Finding

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row


def check_keeping(instance: Instance, scenes: Mapping[str | None, Scene], notes: Notes) -> None:
    """All checks of this module on every scenario (None: the defaults)."""
    found: dict[RuleCell, dict[str | None, Fault | None]] = defaultdict(dict)
    for scenario, scene in scenes.items():
        for check in CHECKS:
            for cell, fault in _worst(check(scene)):
                found[cell][scenario] = fault
    for cell, faults in found.items():
        wrong = [fault for fault in faults.values() if fault is not None]
        failing = {scenario: fault for scenario, fault in faults.items() if fault is not None and fault.no_plan}
        if not failing and len(wrong) < len(faults):
            continue
        key = TABLES[cell.table].key
        for row in (number for number, row in enumerate(instance.rows(cell.table)) if _named(row, key) == cell.key):
            if failing:
                message, remedy, _ = next(iter(failing.values()))
                finding = Finding("error", cell.code, "", None, cell.column, message, remedy)
                notes.infeasible(finding, cell.table, row, list(failing), list(scenes))
            elif wrong:
                notes.warning(cell.code, cell.table, row, cell.column, wrong[0].message, wrong[0].remedy)


def _named(row: Row, key: Iterable[str]) -> str:
    return joined(row[column] for column in key)


def _worst(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Each cell once: kept, where it is kept for any of those whom it binds."""
    found: dict[RuleCell, Fault | None] = {}
    for cell, fault in verdicts:
        found[cell] = fault if found.get(cell, fault) is not None else None
    yield from found.items()


CHECKS: Final[tuple[Callable[[Scene], Iterator[Verdict]], ...]] = (
    caps,
    floors,
    reserves,
    selections,
    contradictions,
    contingents,
    shares,
    links,
    partners,
    support,
    ways,
    yields,
    burden,
    agreed,
)
