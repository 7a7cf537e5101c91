"""The table of runs: inputs as they held, termination, aims with bound and gap, kept outcomes; timings at the end."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.instance.scenario import every_period, row_key, scenario_tables
from optimizer.studies.study import Study, Value, Variant, Vary

if TYPE_CHECKING:
    from optimizer.studies.question import Question
    from optimizer.studies.record import Record

TIMINGS: Final = ("seconds", "seconds_build", "seconds_solver", "model", "why")
"""Columns that differ from one execution to the next; all others do not, where no clock stops a run."""


def run_table(question: Question, variants: Sequence[Variant], records: Mapping[int, Record]) -> pd.DataFrame:
    """One row per run that is finished, in order of the runs."""
    study = question.study
    many = len(question.sources) > 1
    outcomes = ["termination", "has_plan", "reason"]
    seen = dict.fromkeys(name for run in sorted(records) for name in records[run].outcome)
    used = {vary.used_name for vary in study.vary}
    outcomes += [name for name in seen if name not in outcomes and name not in used]
    base = _base_values(question)
    rows = []
    for variant in variants:
        record = records.get(variant.run)
        if record is None:
            continue
        row: dict[str, Any] = {"run": variant.run, "name": variant.name}
        if many:
            row["instance"] = question.labels[variant.source]
        if study.design == "one_at_a_time" and study.vary:
            changed = [vary.name for vary, value in zip(study.vary, variant.inputs, strict=True) if value is not None]
            row["varied"] = ";".join(changed)
        for vary, value in zip(study.vary, variant.inputs, strict=True):
            row[vary.name] = base[vary.name] if value is None else value
            if vary.used_name:
                row[vary.used_name] = record.outcome.get(vary.used_name)
        row |= {name: record.outcome.get(name) for name in outcomes}
        row |= {name: record.timing.get(name) for name in TIMINGS}
        rows.append(row)
    columns = list(rows[0]) if rows else ["run", "name", *outcomes, *TIMINGS]
    return pd.DataFrame({name: _series([row[name] for row in rows]) for name in columns})


def _series(values: list[Any]) -> pd.Series[Any]:
    """Numbers as numbers (blank: not a number), everything else as it is."""
    if values and all(
        value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values
    ):
        if any(value is None for value in values) or any(isinstance(value, float) for value in values):
            return pd.Series([float("nan") if value is None else float(value) for value in values], dtype="float64")
        return pd.Series(values, dtype="int64")
    if values and all(isinstance(value, bool) for value in values):
        return pd.Series(values, dtype="bool")
    return pd.Series(values, dtype=object)


def _base_values(question: Question) -> dict[str, Value]:
    """What holds where a run leaves an input as it is; blank where it is not one value."""
    study = question.study
    if any(isinstance(source, str) for source in question.sources):
        return {vary.name: neutral(vary) for vary in study.vary}
    instance = question.first
    return {vary.name: base_value(vary, instance, study) for vary in study.vary}


def neutral(vary: Vary) -> Value:
    """What leaves a cell as it is: a factor of 1, a step of 0; blank where there is no such value."""
    return {"factor": 1.0, "step": 0.0}.get(vary.mode) if vary.kind == "cells" else None


@functools.lru_cache(maxsize=8)
def _tables(instance: Instance, scenario: str | None) -> Any:
    return scenario_tables(instance, scenario)


@functools.lru_cache(maxsize=32)
def rows_by_key(instance: Instance, scenario: str | None, table: str) -> Mapping[str, Mapping[str, Any]]:
    """The rows of a table in a scenario, by their keys."""
    return {row_key(table, row): row for row in _tables(instance, scenario).rows(table)}


def base_value(vary: Vary, instance: Instance, study: Study) -> Value:
    """What an input is in the base case: a factor of 1, a step of 0, the cell's own content."""
    if vary.kind == "scenario":
        return study.scenario or ""
    if vary.kind == "condition":
        holds = _tables(instance, study.scenario).conditions[vary.table]
        # Where it holds in some periods only, it is not one value.
        return None if 0 < holds < every_period(instance.header.periods) else holds > 0
    if vary.kind == "aim":
        return next((getattr(aim, vary.column) for aim in instance.header.aims if aim.name == vary.table), None)
    if vary.mode != "value":
        return neutral(vary)
    rows = rows_by_key(instance, study.scenario, vary.table)
    found = {rows[key][vary.column] for key in vary.keys}
    value: Value = found.pop() if len(found) == 1 else None
    return value
