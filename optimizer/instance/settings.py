"""One value of an instance set from outside: `TABLE.KEY.COLUMN=VALUE`, as the command line and the studies write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import CellError, did_you_mean, parse_cell
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.reading import RawInstance, RawTable, examine, raw_from_instance
from optimizer.instance.scenario import row_key


class InvalidSetting(InvalidInstance):
    """Settings that name nothing or hold a wrong value; `findings` holds all of them."""


@dataclass(frozen=True)
class Setting:
    """A resolved setting: the cell and its new value (blank: empty it)."""

    table: str
    key: str
    column: str
    value: str


def with_settings(instance: Instance, settings: Iterable[str]) -> Instance:
    """The instance with some cells set, checked again; keys of several columns are joined by `/`, and keys may contain dots.

    Raises:
        InvalidSetting: a setting names no cell, or its value does not fit.
        InvalidInstance: the instance with the settings has errors.
    """
    keys = {
        name: {row_key(name, row): index for index, row in enumerate(instance.rows(name))} for name in instance.tables
    }
    findings: list[Finding] = []
    resolved: list[Setting] = []
    for text in settings:
        found = resolve_setting(text, instance, keys)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            resolved.append(found)
    if findings:
        raise InvalidSetting(findings)
    if not resolved:
        return instance
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    for setting in resolved:
        tables[setting.table] = _with_cell(tables[setting.table], keys[setting.table][setting.key], setting)
    changed, wrong = examine(RawInstance(raw.header, tables, raw.place))
    if changed is None:
        raise InvalidInstance(wrong)
    return changed


def _with_cell(table: RawTable, index: int, setting: Setting) -> RawTable:
    rows = [list(row) for row in table.rows]
    rows[index][list(table.header).index(setting.column)] = setting.value
    return replace(table, rows=rows)


def resolve_setting(text: str, instance: Instance, keys: Mapping[str, Mapping[str, int]]) -> Setting | Finding:
    """The cell that a setting means. Every `=` and every `.` is tried, from the left, because keys may contain both."""
    name, dot, rest = text.partition(".")
    name = name.strip()
    if not dot or "=" not in rest:
        return _wrong(text, "this is not TABLE.KEY.COLUMN=VALUE.", "Write, for example, nations.FRA.max_personnel=500.")
    if name not in TABLES:
        return _wrong(text, f"there is no table {name!r}.", f"Correct the name.{did_you_mean(name, TABLES)}")
    if name not in instance.tables:
        return _wrong(text, f"the instance has no table {name!r}.", "Add it to the instance.")
    columns = {str(column) for column in instance.tables[name].columns} - set(TABLES[name].key)
    for at in (position for position, mark in enumerate(rest) if mark == "="):
        path, value = rest[:at], rest[at + 1 :].strip()
        for dot_at in (position for position, mark in enumerate(path) if mark == "."):
            key, column = path[:dot_at].strip(), path[dot_at + 1 :].strip()
            if key in keys[name] and column in columns:
                return _fitting(text, Setting(name, key, column, value))
    key, _, column = rest.partition("=")[0].rpartition(".")
    key, column = key.strip(), column.strip()
    if column in TABLES[name].key:
        return _wrong(text, f"{column!r} is the key of {name}, which cannot be set.", "Set another column.")
    if column not in columns:
        return _wrong(text, f"{name} has no column {column!r}.", f"Correct the name.{did_you_mean(column, columns)}")
    return _wrong(
        text,
        f"{name} has no row {key!r}.",
        f"Correct the key ({'/'.join(TABLES[name].key)}).{did_you_mean(key, keys[name])}",
    )


def _fitting(text: str, setting: Setting) -> Setting | Finding:
    attribute = TABLES[setting.table].by_name.get(setting.column)
    try:
        if attribute is not None and parse_cell(attribute, setting.value) is None and attribute.required:
            return _wrong(text, f"{setting.column} cannot be blank.", "Give a value.")
    except CellError as error:
        return _wrong(text, f"{error.message}.", error.remedy)
    return setting


def _wrong(text: str, message: str, remedy: str) -> Finding:
    return Finding("error", "setting", f"--set {text}", None, None, message, remedy)
