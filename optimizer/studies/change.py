"""Applying a run's inputs to an instance: cells, conditions, scenario, aims. What is set holds in the scenario that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import CellError, parse_cell
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.read.examine import check_instance
from optimizer.instance.scenario import apply_factor, row_key, scenario_tables
from optimizer.studies.study import Study, Value, Vary


class UnusableChangeError(ValueError):
    """A change whose value does not fit its cell."""


@dataclass
class _Draft:
    """Cells to be set, by table: (row, column) -> value; and rows of `changes` to be left out."""

    instance: Instance
    scenario: str | None
    cells: dict[str, dict[tuple[int, str], Any]]
    left_out: set[int]

    def set(self, table: str, row: int, column: str, value: object) -> None:
        self.cells.setdefault(table, {})[row, column] = value


def changed(instance: Instance, study: Study, inputs: tuple[Value, ...]) -> tuple[Instance, str | None]:
    """The instance with a run's inputs, and the scenario to ask.

    What varies is set in the scenario asked: where the scenario changes the same cell, its change is replaced. The instance itself comes
    back where nothing of it varies.

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
    draft = _Draft(instance, scenario, {}, set())
    for vary, value in given:
        if vary.kind == "cells":
            _set_cells(draft, vary, value)
        elif vary.kind == "condition":
            _set_condition(draft, vary.table, bool(value))
        elif vary.kind == "aim":
            header = replace(header, aims=changed_aims(header.aims, [(vary, value)]))
    if not draft.cells and header is instance.header:
        return instance, scenario
    tables = {**instance.tables, **{name: _with_cells(instance, name, cells) for name, cells in draft.cells.items()}}
    return _without_changes(Instance(header, tables, instance.place, instance.origin), draft.left_out), scenario


def changed_aims(aims: Sequence[Aim], given: Iterable[tuple[Vary, Value]]) -> tuple[Aim, ...]:
    """The aims with the values of those inputs that vary aims, in order of solution."""
    for vary, value in given:
        if vary.kind == "aim" and value is not None:
            aims = sorted((_with_aim(aim, vary, value) for aim in aims), key=lambda aim: aim.priority)
    return tuple(aims)


def check_changed(instance: Instance) -> None:
    """Do nothing where `check` would find no error in a variant.

    Raises:
        InvalidInstance: it finds some; with these alone.
    """
    errors = [finding for finding in check_instance(instance) if finding.severity == "error"]
    if errors:
        raise InvalidInstance(errors)


def _without_changes(instance: Instance, left_out: set[int]) -> Instance:
    if not left_out:
        return instance
    frame = instance.tables["changes"]
    kept = [index for index in range(len(frame)) if index not in left_out]
    place, numbers = instance.origin.get("changes", ("changes", ()))
    rows = tuple(numbers[index] for index in kept) if len(numbers) == len(frame) else ()
    tables = {**instance.tables, "changes": frame.iloc[kept].reset_index(drop=True)}
    return Instance(instance.header, tables, instance.place, {**instance.origin, "changes": (place, rows)})


def _with_aim(aim: Aim, vary: Vary, value: Value) -> Aim:
    if aim.name != vary.table:
        return aim
    number = float(str(value))
    if vary.column == "priority":
        return replace(aim, priority=int(number))
    return replace(aim, weight=number) if vary.column == "weight" else replace(aim, tolerance=number)


def new_value(attribute: Attribute, mode: str, before: object, value: Value) -> Value:
    """The new content of a cell; of a count, a factor leaves fractions away, as in `changes`.

    Raises:
        UnusableChangeError: it does not fit the column, or there is no number to start from.
    """
    content: object = value
    if mode != "value" and (not isinstance(before, (int, float)) or isinstance(before, bool)):
        raise UnusableChangeError("the cell holds no number to start from")
    try:
        if mode == "factor":
            content = apply_factor(attribute, before, float(value))  # type: ignore[arg-type]
        elif mode == "step":
            content = before + float(value)  # type: ignore[arg-type, operator]
        return parse_cell(attribute, content)
    except CellError as error:
        raise UnusableChangeError(error.message) from error
    except OverflowError:
        raise UnusableChangeError("the number becomes too large") from None


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
        # Inputs of a study that was read never meet in one cell; where others do, the second starts from what the first made of it.
        before = draft.cells.get(table, {}).get(at, now[key][vary.column])
        if vary.mode != "value" and before is None:
            continue
        try:
            content = new_value(attribute, vary.mode, before, value)
        except UnusableChangeError as error:
            raise UnusableChangeError(f"{vary.name}: {table}.{key}.{vary.column}: {error}") from error
        if key in changes and content is not None:
            draft.set("changes", changes[key], "value", str(content))
            draft.set("changes", changes[key], "factor", None)
            continue
        draft.set(table, *at, content)
        if key in changes:
            # No change can make a cell blank: without it the cell is as it was set.
            draft.left_out.add(changes[key])


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
