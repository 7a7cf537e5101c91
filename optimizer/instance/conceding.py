"""Concessions made: the cells changed or the rows deleted, and the instance read anew, so that everything derived follows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from optimizer.instance.bending import is_whole
from optimizer.instance.concessions import Concession, Steps
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance, RawTable
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.read.given import raw_table
from optimizer.instance.rule import key_of
from optimizer.instance.scenario import scenario_tables


@dataclass(frozen=True)
class Edit:
    """A cell of a row and its new value (None: emptied); without a column: the row is deleted."""

    table: str
    key: str
    column: str | None
    value: float | None = None


def edit_of(concession: Concession, steps: int) -> Edit:
    """What so many steps of a concession do to the tables."""
    rule = concession.rule
    return Edit(rule.table, rule.key, concession.column, concession.after(steps))


def of_scenario(instance: Instance, scenario: str | None) -> Instance:
    """The instance with one scenario only, its changes made in the tables themselves; None: with none, where the defaults hold."""
    tables = scenario_tables(instance, scenario)
    changed = {row["table"] for row in instance.rows("changes") if row["scenario"] == scenario}
    raw = raw_from_instance(instance)
    kept = {name: table for name, table in raw.tables.items() if name not in _OF_SCENARIOS}
    for name in changed:
        kept[name] = raw_table(name, raw.tables[name].place, tables.rows(name), raw.tables[name].numbers)
    if scenario is not None:
        for name in _OF_SCENARIOS - {"changes"}:
            rows = [{**row, **_SURE.get(name, {})} for row in instance.rows(name) if row["scenario"] == scenario]
            if rows:
                kept[name] = raw_table(name, name, rows)
    return _read(instance, replace(raw, tables=kept, findings=()))


_OF_SCENARIOS: Final = frozenset({"scenarios", "scenario_conditions", "changes"})
_SURE: Final = {"scenarios": {"probability": 1.0}}


def conceded(
    instance: Instance, concessions: Sequence[Concession], steps: Steps, undecided: Iterable[Edit] = ()
) -> Instance:
    """The instance with some concessions made, read anew.

    Args:
        instance: of one scenario, see `of_scenario`.
        concessions: those that may be made.
        steps: how many steps of each are made.
        undecided: further edits, which go before those of the same cells.

    Raises:
        InvalidInstance: the instance that comes out cannot be read.
    """
    edits = {(one.table, one.key, one.column): one for one in undecided}
    for one in concessions:
        if steps.get(one.id, 0):
            made = edit_of(one, steps[one.id])
            edits.setdefault((made.table, made.key, made.column), made)
    return with_edits(instance, list(edits.values()))


def with_edits(instance: Instance, edits: Sequence[Edit]) -> Instance:
    """The instance of one scenario with cells changed and rows deleted, read anew; rules that cannot be kept do not stop it.

    Raises:
        InvalidInstance: it cannot be read.
    """
    if not edits:
        return instance
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    for name in {edit.table for edit in edits}:
        keys = [key_of(name, row) for row in instance.rows(name)]
        tables[name] = _edited(tables[name], keys, [edit for edit in edits if edit.table == name])
    # What else could be conceded is settled: rows about rules that are gone would only be findings.
    tables.pop("concessions", None)
    return _read(instance, replace(raw, tables=tables, findings=()))


def with_rows(instance: Instance, table: str, rows: Iterable[Mapping[str, object]]) -> Instance:
    """The instance of one scenario with more rows of a table, read anew.

    Raises:
        InvalidInstance: it cannot be read.
    """
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    tables.pop("concessions", None)
    tables[table] = raw_table(table, table, [*instance.rows(table), *rows])
    return _read(instance, replace(raw, tables=tables, findings=()))


def _read(before: Instance, raw: RawInstance) -> Instance:
    """An instance from its tables; its aims are those that it had."""
    changed, findings = examine(raw, impossible=True)
    if changed is None:
        raise InvalidInstance(findings)
    return replace(changed, header=before.header)


def _edited(table: RawTable, keys: Sequence[str], edits: Sequence[Edit]) -> RawTable:
    columns = [str(name) for name in table.header]
    by_row: dict[str, list[Edit]] = {}
    for edit in edits:
        by_row.setdefault(edit.key, []).append(edit)
    rows, numbers = [], []
    for key, row, number in zip(keys, table.rows, table.numbers, strict=True):
        mine, cells = by_row.get(key, []), list(row)
        for edit in mine:
            if edit.column is not None:
                cells[columns.index(edit.column)] = _cell(table.name, edit)
        if any(edit.column is None for edit in mine) or (mine and _says_nothing(table.name, columns, cells)):
            continue
        rows.append(cells)
        numbers.append(number)
    return replace(table, rows=rows, numbers=numbers)


def _cell(table: str, edit: Edit) -> float | int | None:
    if edit.value is None:
        return None
    return math.floor(edit.value + 1e-9) if is_whole(table, edit.column) else edit.value


def _says_nothing(table: str, columns: Sequence[str], cells: Sequence[object]) -> bool:
    """Whether a row has nothing left to state: a limit without a side, a caveat that limits nothing."""
    if table == "limits":
        return cells[columns.index("minimum")] is None and cells[columns.index("maximum")] is None
    return table == "caveats" and cells[columns.index("rule")] == "limit" and cells[columns.index("maximum")] is None
