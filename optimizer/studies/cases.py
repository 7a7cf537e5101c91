"""What differs between the cases of two plans: cells and conditions as they hold in each plan's scenario, aims, horizon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.instance.attribute import OWN
from optimizer.instance.attributes import TABLES
from optimizer.instance.csv_text import written
from optimizer.instance.instance import Row
from optimizer.instance.scenario import ScenarioTables, every_period, row_key, scenario_tables
from optimizer.instance.wording import in_periods

if TYPE_CHECKING:
    from optimizer.instance.instance import Header
    from optimizer.plan.plan import Plan

_IN_SCENARIOS: Final = frozenset({"scenarios", "scenario_conditions", "changes", "conditions", "concessions"})
"""Tables of which only what they mean in the plan's scenario counts, or that plans do not depend on."""
_TOLD: Final = frozenset({"source", "note", "name", "description"})
"""Columns that say something to readers, and nothing to a plan."""


class Cell(NamedTuple):
    """A cell that differs. `column` is blank where a whole row is there in one case only; blanks and missing rows are the empty text."""

    table: str
    key: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.table in {"header", "condition"}:
            return f"{self.key}: {self.before or 'blank'} → {self.after or 'blank'}"
        if not self.column:
            return f"{self.table}.{self.key} is {'new' if self.after else 'gone'}"
        return f"{self.table}.{self.key}.{self.column}: {self.before or 'blank'} → {self.after or 'blank'}"


def differing_cells(one: Plan, other: Plan) -> list[Cell]:
    """Everything in which the second plan's case differs from the first's; none where both plans answer one question."""
    before, after = (scenario_tables(plan.instance, plan.scenario) for plan in (one, other))
    cells = [*_headers(one.instance.header, other.instance.header), *_conditions(before, after)]
    for table in TABLES:
        if table not in _IN_SCENARIOS:
            cells += _rows(table, before.rows(table), after.rows(table))
    lifted = [", ".join(plan.changes.lifted) for plan in (one, other)]
    if lifted[0] != lifted[1]:
        cells.append(Cell("header", "rules lifted in the model", "", *lifted))
    return cells


def _headers(one: Header, other: Header) -> Iterator[Cell]:
    def aims(header: Header) -> str:
        return ", ".join(
            f"{aim.name} (priority {aim.priority}, weight {aim.weight:g}, tolerance {aim.tolerance:g})"
            for aim in header.aims
        )

    pairs = (
        ("periods", str(one.periods), str(other.periods)),
        ("months per period", str(one.months), str(other.months)),
        ("currency", one.currency, other.currency),
        ("aims", aims(one), aims(other)),
    )
    yield from (Cell("header", name, "", before, after) for name, before, after in pairs if before != after)


def _conditions(one: ScenarioTables, other: ScenarioTables) -> Iterator[Cell]:
    def said(tables: ScenarioTables, name: str) -> str:
        holds = tables.conditions.get(name)
        if holds is None:
            return ""
        every = every_period(tables.horizon)
        return "false" if not holds else "true" if holds == every else f"true {in_periods(holds)}"

    for name in dict.fromkeys([*one.conditions, *other.conditions]):
        before, after = said(one, name), said(other, name)
        if before != after:
            yield Cell("condition", name, "", before, after)


def _rows(table: str, one: list[Row], other: list[Row]) -> Iterator[Cell]:
    before, after = ({row_key(table, row): row for row in rows} for rows in (one, other))
    for key in dict.fromkeys([*before, *after]):
        if key not in after:
            yield Cell(table, key, "", "there", "")
        elif key not in before:
            yield Cell(table, key, "", "", "there")
        else:
            yield from _cells(table, key, before[key], after[key])


def _cells(table: str, key: str, one: Row, other: Row) -> Iterator[Cell]:
    for column in dict.fromkeys([*one, *other]):
        before, after = (_said(row.get(column)) for row in (one, other))
        if before != after and column not in _TOLD and not column.startswith(OWN):
            yield Cell(table, key, column, before, after)


def _said(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else written(value)
