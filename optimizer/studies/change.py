"""Applying a run's inputs to an instance: cells, conditions, scenario, aims. What is set holds in the scenario that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from optimizer.instance.attributes import TABLES, Attribute
from optimizer.instance.cells import CellError, parse_cell
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import row_key, scenario_tables
from optimizer.studies.study import Study, Value, Vary


class UnusableChangeError(ValueError):
    """A change whose value does not fit its cell."""


@dataclass
class _Draft:
    """Cells to be set, by table: (row, column) -> value."""

    instance: Instance
    scenario: str | None
    cells: dict[str, dict[tuple[int, str], Any]]

    def set(self, table: str, row: int, column: str, value: object) -> None:
        self.cells.setdefault(table, {})[row, column] = value


def changed(instance: Instance, study: Study, inputs: tuple[Value, ...]) -> tuple[Instance, str | None]:
    """The instance with a run's inputs, and the scenario to ask.

    What varies is set in the scenario asked: where the scenario changes the same cell, its change is replaced.

    Raises:
        UnusableChangeError: a value does not fit.
    """
    scenario = study.scenario
    given = [(vary, value) for vary, value in zip(study.vary, inputs, strict=True) if value is not None]
    for vary, value in given:
        if vary.kind == "scenario":
            scenario = str(value) or None
    if not given:
        return instance, scenario
    header = instance.header
    draft = _Draft(instance, scenario, {})
    for vary, value in given:
        if vary.kind == "cells":
            _set_cells(draft, vary, value)
        elif vary.kind == "condition":
            _set_condition(draft, vary.table, bool(value))
        elif vary.kind == "aim":
            aims = tuple(_with_aim(aim, vary, value) for aim in header.aims)
            header = replace(header, aims=tuple(sorted(aims, key=lambda aim: aim.priority)))
    tables = {**instance.tables, **{name: _with_cells(instance, name, cells) for name, cells in draft.cells.items()}}
    return Instance(header, tables, instance.place, instance.origin), scenario


def _with_aim(aim: Aim, vary: Vary, value: Value) -> Aim:
    if aim.name != vary.table:
        return aim
    number = float(str(value))
    if vary.column == "priority":
        return replace(aim, priority=int(number))
    return replace(aim, weight=number) if vary.column == "weight" else replace(aim, tolerance=number)


def moved(mode: str, before: float, value: float) -> float:
    """The new number of a cell."""
    return value if mode == "value" else before * value if mode == "factor" else before + value


def new_value(attribute: Attribute, mode: str, before: object, value: Value) -> Value:
    """The new content of a cell.

    Raises:
        UnusableChangeError: it does not fit the column, or there is no number to start from.
    """
    content: object = value
    if mode != "value":
        if not isinstance(before, (int, float)) or isinstance(before, bool):
            raise UnusableChangeError("the cell holds no number to start from")
        content = moved(mode, float(before), float(value))  # type: ignore[arg-type]
        if attribute.kind in {"integer", "period"}:
            content = int(content + 0.5)
    try:
        return parse_cell(attribute, content)
    except CellError as error:
        raise UnusableChangeError(error.message) from error


def _set_cells(draft: _Draft, vary: Vary, value: Value) -> None:
    instance, table = draft.instance, vary.table
    attribute = TABLES[table].by_name[vary.column]
    place = {row_key(table, row): index for index, row in enumerate(instance.rows(table))}
    now = {row_key(table, row): row for row in scenario_tables(instance, draft.scenario).rows(table)}
    changes = {
        row["key"]: index
        for index, row in enumerate(instance.rows("changes"))
        if (row["scenario"], row["table"], row["column"]) == (draft.scenario, table, vary.column)
    }
    for key in vary.keys:
        at = (place[key], vary.column)
        # Two inputs may meet in one cell: the second starts from what the first made of it.
        earlier = draft.cells.get(table, {}).get(at, now[key][vary.column])
        if vary.mode != "value" and earlier is None:
            continue
        try:
            content = new_value(attribute, vary.mode, earlier, value)
        except UnusableChangeError as error:
            raise UnusableChangeError(f"{vary.name}: {table}.{key}.{vary.column}: {error}") from error
        draft.set(table, *at, content)
        if key in changes:
            # The scenario's own change would undo it.
            draft.set("changes", changes[key], "value", "" if content is None else str(content))
            draft.set("changes", changes[key], "factor", None)


def _set_condition(draft: _Draft, condition: str, holds: bool) -> None:
    instance = draft.instance
    for index, row in enumerate(instance.rows("conditions")):
        if row["condition"] == condition:
            draft.set("conditions", index, "default", holds)
    if draft.scenario is None:
        return
    if condition in instance.table("scenarios").columns:
        for index, row in enumerate(instance.rows("scenarios")):
            if row["scenario"] == draft.scenario:
                draft.set("scenarios", index, condition, holds)
    for index, row in enumerate(instance.rows("scenario_conditions")):
        if (row["scenario"], row["condition"]) == (draft.scenario, condition):
            draft.set("scenario_conditions", index, "holds", holds)


def _with_cells(instance: Instance, table: str, cells: Mapping[tuple[int, str], Any]) -> pd.DataFrame:
    before = instance.tables[table]
    columns: dict[str, list[Any]] = {}
    for (row, column), value in cells.items():
        if column not in columns:
            columns[column] = before[column].tolist() if column in before else [None] * len(before)
        columns[column][row] = value
    return before.assign(
        **{name: pd.Series(values, dtype=object, index=before.index) for name, values in columns.items()}
    )
