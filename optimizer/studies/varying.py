"""What varies in a study: each `[[vary]]`, checked against the instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean
from optimizer.instance.instance import Instance, Row
from optimizer.instance.scenario import row_key, scenario_tables
from optimizer.studies.chosen_rows import RowChoice
from optimizer.studies.faults import Faults
from optimizer.studies.form import (
    VARIES,
    AimForm,
    CellsForm,
    ConditionForm,
    NumbersForm,
    ScenarioForm,
    filled,
    stray_keys,
)
from optimizer.studies.meeting import meetings
from optimizer.studies.outcomes import split_outcome
from optimizer.studies.study import SAMPLED, Vary
from optimizer.studies.values import misfit, shown, strangers, unknown_scenario

_NAMING = frozenset({"condition", "scenario", "aim", "table", "key", "column", "cell", "where"})
"""Keys that say what varies: where one of them is wrong, nothing else of the input can be checked."""


class Varying:
    """Reads the inputs of a study of some design, in some scenario."""

    def __init__(self, instance: Instance, design: str, scenario: str | None, faults: Faults) -> None:
        self.instance, self.design, self.scenario, self.faults = instance, design, scenario, faults

    def read(self, given: Sequence[Mapping[str, Any]], reserved: set[str]) -> list[Vary]:
        """All inputs without faults. `reserved`: columns of the results, which no input may be called."""
        found: dict[int, Vary] = {}
        for number, entry in enumerate(given, 1):
            vary = self._one(entry, f"vary.{number}.")
            if vary is not None:
                self._check_name(vary, list(found.values()), reserved, f"vary.{number}.name")
                found[number] = vary
        self.faults.findings += meetings(list(found.values()), self.instance, self.faults.file, list(found))
        return list(found.values())

    def _check_name(self, vary: Vary, others: Sequence[Vary], reserved: set[str], at: str) -> None:
        if any(other.name == vary.name for other in others):
            fault = "duplicate-name", f"the name {vary.name!r} is there twice.", "Rename one of them."
        elif vary.name in reserved:
            fault = "reserved-name", f"{vary.name!r} is a column of the results.", "Choose another name."
        elif vary.name in {other.used_name for other in others}:
            message = f"{vary.name!r} is the column of what another input uses."
            fault = "reserved-name", message, "Choose another name."
        else:
            return
        self.faults.error(fault, at)

    def _one(self, entry: Mapping[str, Any], at: str) -> Vary | None:
        kinds = [kind for kind in VARIES if kind in entry or (kind == "table" and "cell" in entry)]
        if len(kinds) != 1:
            what = "nothing" if not kinds else " and ".join(kinds)
            remedy = "Name one of: table (or cell), condition, scenario, aim."
            self.faults.error(("what-varies", f"it names {what} to vary.", remedy), at.rstrip("."))
            for key, fault in stray_keys(entry):
                self.faults.error(fault, f"{at}{key}")
            return None
        before = self.faults.count
        form, wrong = filled(VARIES[kinds[0]], entry, at, self.faults)
        if any(key.partition(".")[0] in _NAMING for key in wrong):
            return None
        vary: Vary | None
        if isinstance(form, ConditionForm):
            vary = self._condition(form, at)
        elif isinstance(form, ScenarioForm):
            vary = self._scenarios(form, at)
        elif isinstance(form, AimForm):
            vary = self._aim(form, at)
        elif isinstance(form, CellsForm):
            vary = self._cells(form, at)
        else:
            raise TypeError(f"{form!r} says nothing that varies")
        if vary is None or self.faults.count > before:
            return None
        self._check_fit(vary, f"{at}values")
        return None if self.faults.count > before else vary

    def _condition(self, form: ConditionForm, at: str) -> Vary:
        condition = form.condition or ""
        known = [row["condition"] for row in self.instance.rows("conditions")]
        if condition not in known:
            message = f"the instance has no condition {condition!r}."
            remedy = f"Correct the name.{did_you_mean(condition, known)}"
            self.faults.error(("unknown-condition", message, remedy), f"{at}condition")
        return Vary(form.name or condition, "condition", condition, values=tuple(dict.fromkeys(form.values)))

    def _scenarios(self, form: ScenarioForm, at: str) -> Vary:
        given = form.scenario
        values = [given] if isinstance(given, str) else self.instance.scenarios if given is True else given
        if given is True and not values:
            fault = "unknown-scenario", "the instance has no scenarios.", "Vary something else."
            self.faults.error(fault, f"{at}scenario")
        elif not values:
            fault = "no-values", "the list of scenarios is empty.", "Name some, or write true."
            self.faults.error(fault, f"{at}scenario")
        names = [value.strip() for value in values]
        for name in names:
            unknown = unknown_scenario(name, self.instance)
            if unknown is not None:
                self.faults.error(unknown, f"{at}scenario")
        return Vary(form.name or "scenario", "scenario", values=tuple(dict.fromkeys(names)))

    def _aim(self, form: AimForm, at: str) -> Vary:
        aim = form.aim or ""
        known = [stated.name for stated in self.instance.header.aims]
        if aim not in known:
            remedy = f"Its aims: {', '.join(known)}.{did_you_mean(aim, known)}"
            self.faults.error(("unknown-aim", f"the instance has no aim {aim!r}.", remedy), f"{at}aim")
        name = form.name or f"{aim} {form.column}"
        return self._with_values(Vary(name, "aim", aim, column=form.column, whole=form.column == "priority"), form, at)

    def _cells(self, form: CellsForm, at: str) -> Vary | None:
        table, key, column = form.table or "", form.key or "", form.column or ""
        if form.cell is not None:
            table, key, column = split_outcome(form.cell)
            if {"table", "key", "column", "where"} & form.model_fields_set:
                fault = "what-varies", "it names a cell and a table.", "Keep one of them."
                self.faults.error(fault, at.rstrip("."))
        if not self._is_column(table, column, at):
            return None
        rows = scenario_tables(self.instance, self.scenario).rows(table)
        keys = self._keys_of(table, key, form, rows, at)
        kind = TABLES[table].by_name[column].kind
        if form.mode != "value":
            self._check_mode(form.mode, column, kind, [row[column] for row in rows if row_key(table, row) in keys], at)
        name = form.name or f"{table}.{key or '*'}.{column}"
        whole = form.mode != "factor" and kind in {"integer", "period"}
        return self._with_values(Vary(name, "cells", table, tuple(keys), column, form.mode, whole=whole), form, at)

    def _keys_of(self, table: str, key: str, form: CellsForm, rows: Sequence[Row], at: str) -> list[str]:
        """The rows that vary, by their keys."""
        choice = RowChoice(self.instance, table, rows, at, self.faults)
        if key and form.where is not None:
            fault = "what-varies", "it has a key and a selection of rows.", "Keep one of them."
            self.faults.error(fault, at.rstrip("."))
        return choice.by_key(key) if key else choice.by_selectors(form.where or {})

    def _is_column(self, table: str, column: str, at: str) -> bool:
        """Whether there is such a column, and it is none that names its rows."""
        known = list(self.instance.tables)
        if table not in TABLES or table not in known:
            what = "the instance has no" if table in TABLES else "there is no"
            remedy = f"Correct the name.{did_you_mean(table, known)}"
            self.faults.error(("unknown-table", f"{what} table {shown(table)}.", remedy), f"{at}table")
            return False
        if column in TABLES[table].key:
            message = f"{column!r} is the key of {table}, which cannot vary."
            self.faults.error(("key-column", message, "Vary another column."), f"{at}column")
            return False
        columns = set(TABLES[table].by_name) - set(TABLES[table].key)
        if column not in columns:
            remedy = f"Correct the name.{did_you_mean(column, columns)}"
            self.faults.error(("unknown-column", f"{table} has no column {column!r}.", remedy), f"{at}column")
        return column in columns

    def _check_mode(self, mode: str, column: str, kind: str, cells: Sequence[object], at: str) -> None:
        """That a factor or a step has numbers to start from."""
        if kind not in {"number", "integer", "period"}:
            message = f"{column} holds no numbers: it takes no {mode}."
            self.faults.error(("mode", message, 'Use mode = "value".'), f"{at}mode")
        if cells and all(cell is None for cell in cells):
            message = f"all these cells are blank: nothing to take a {mode} of."
            remedy = 'Fill the cells in, or use mode = "value".'
            self.faults.error(("blank-cells", message, remedy), f"{at}mode")

    def _with_values(self, vary: Vary, form: NumbersForm, at: str) -> Vary:
        """The input with its values: a list, or numbers between low and high. The rows of a design have their own."""
        if self.design == "rows":
            return vary
        if form.values is not None:
            return self._listed(vary, form, at)
        if form.low is None or form.high is None:
            if not self.faults.any_below(at):
                fault = "no-values", "nothing says between what it varies.", "Give values, or low and high."
                self.faults.error(fault, at.rstrip("."))
            return vary
        if form.low >= form.high:
            message = f"low ({form.low:g}) is not below high ({form.high:g})."
            self.faults.error(("low-high", message, "Swap or correct them."), f"{at}low")
            return vary
        vary = replace(vary, low=form.low, high=form.high)
        if self.design in SAMPLED:
            return vary
        steps = 2 if form.steps is None else form.steps
        spread = [float(f"{form.low + (form.high - form.low) * step / (steps - 1):.10g}") for step in range(steps)]
        return replace(vary, values=tuple(dict.fromkeys(round(value) if vary.whole else value for value in spread)))

    def _listed(self, vary: Vary, form: NumbersForm, at: str) -> Vary:
        """The input with the values of its list."""
        values, key = form.values or [], f"{at}values"
        if {"low", "high", "steps"} & form.model_fields_set:
            fault = "values", "there are values, and low, high or steps.", "Keep one of the two."
            self.faults.error(fault, key)
        if len({str(value) for value in values}) < len(values) and not self.faults.is_refused(key):
            self.faults.error(("duplicate-value", "a value is there twice.", "Remove one of them."), key)
        if self.design in SAMPLED:
            message = f"the design {self.design} draws numbers; it takes no list of values."
            self.faults.error(("values", message, "Give low and high."), key)
        return replace(vary, values=tuple(values))

    def _check_fit(self, vary: Vary, key: str) -> None:
        """That every value (or low and high) fits every cell, and names what is there."""
        scenario = self.scenario if vary.kind == "cells" else None
        ends = [value for value in (vary.low, vary.high) if value is not None]
        for value in vary.values or ends:
            # Between low and high whole numbers are drawn; what a list says must be whole itself.
            rounded = round(value) if vary.whole and not vary.values and isinstance(value, float) else value
            fault = misfit(vary, rounded, self.instance, scenario)
            for one in [fault] if fault else strangers(vary, rounded, self.instance):
                self.faults.error(one, key)
