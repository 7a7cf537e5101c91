"""One value of an instance set from outside: `TABLE.KEY.COLUMN=VALUE`, as the command line and the studies write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optimizer.instance.attribute import OWN
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import CellError, did_you_mean, escaped, parse_cell
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawInstance, RawTable
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.scenario import decided_conditions, row_key


class InvalidSetting(InvalidInstance):
    """Settings that name nothing or hold a wrong value; `findings` holds all of them."""


@dataclass(frozen=True)
class Setting:
    """A resolved setting: the cell and its new value (blank: empty it); without a column, a condition in every scenario."""

    table: str
    key: str
    column: str
    value: str


def with_settings(instance: Instance, settings: Iterable[str]) -> Instance:
    """The instance with some cells set, checked again; keys of several columns are joined by `/`, and keys may contain dots.

    What is set holds in every scenario: where a scenario changes the same cell, its change is left out (see `overruled`).

    Raises:
        InvalidSetting: a setting names no cell, or its value does not fit.
        InvalidInstance: the instance with the settings has errors.
    """
    keys = _keys(instance)
    resolved = _resolved(instance, settings, keys)
    if not resolved:
        return instance
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    for setting in resolved:
        if not setting.column:
            _decide_condition(instance, tables, setting)
            setting = replace(setting, column="default")
        tables[setting.table] = _with_cell(tables[setting.table], keys[setting.table][setting.key], setting)
    if left_out := set(_overruled_changes(instance, resolved)):
        tables["changes"] = _without_rows(tables["changes"], left_out)
    changed, wrong = examine(RawInstance(raw.header, tables, raw.place, own=raw.own))
    if changed is None:
        raise InvalidInstance(wrong)
    return changed


def overruled(instance: Instance, settings: Iterable[str], scenario: str | None) -> list[str]:
    """One sentence per setting that stands against what a scenario of the instance (before the settings) says.

    Raises:
        InvalidSetting: as `with_settings`.
    """
    if scenario is None:
        return []
    resolved = _resolved(instance, settings, _keys(instance))
    changes = instance.rows("changes")
    found = []
    for index in _overruled_changes(instance, resolved):
        row = changes[index]
        if row["scenario"] == scenario:
            new = f"{row['value']}" if row["factor"] is None else f"{row['factor']:g} times what it was"
            found.append(
                f"--set {row['table']}.{row['key']}.{row['column']}: your value holds; "
                f"the scenario {scenario!r} would have made it {new}."
            )
    decided = decided_conditions(instance, scenario)
    return found + [
        f"--set conditions.{one.key}.default: it changes nothing here, because the scenario {scenario!r} says itself "
        f"whether {one.key!r} holds. Write --set conditions.{one.key}=…, which holds in every scenario."
        for one in resolved
        if (one.table, one.column) == ("conditions", "default") and one.key in decided
    ]


def _keys(instance: Instance) -> dict[str, dict[str, int]]:
    return {
        name: {row_key(name, row): index for index, row in enumerate(instance.rows(name))} for name in instance.tables
    }


def _resolved(instance: Instance, settings: Iterable[str], keys: Mapping[str, Mapping[str, int]]) -> list[Setting]:
    found = [resolve_setting(text, instance, keys) for text in settings]
    wrong = [one for one in found if isinstance(one, Finding)]
    if wrong:
        raise InvalidSetting(wrong)
    return [one for one in found if isinstance(one, Setting)]


def _overruled_changes(instance: Instance, resolved: Iterable[Setting]) -> list[int]:
    """Rows of `changes` on a cell that is set, unless the row itself is set too."""
    cells = {(one.table, one.key, one.column) for one in resolved}
    return [
        index
        for index, row in enumerate(instance.rows("changes"))
        if (row["table"], row["key"], row["column"]) in cells
        and not any(one.table == "changes" and one.key == row_key("changes", row) for one in resolved)
    ]


def _decide_condition(instance: Instance, tables: dict[str, RawTable], setting: Setting) -> None:
    """Leave out what scenarios say of a condition, so that its default holds in every one of them."""
    if "scenarios" in tables and setting.key in tables["scenarios"].header:
        table = tables["scenarios"]
        place = list(table.header).index(setting.key)
        rows = [[None if number == place else cell for number, cell in enumerate(row)] for row in table.rows]
        tables["scenarios"] = replace(table, rows=rows)
    if "scenario_conditions" in tables:
        said = instance.rows("scenario_conditions")
        left_out = {index for index, row in enumerate(said) if row["condition"] == setting.key}
        tables["scenario_conditions"] = _without_rows(tables["scenario_conditions"], left_out)


def _without_rows(table: RawTable, left_out: set[int]) -> RawTable:
    kept = [index for index in range(len(table.rows)) if index not in left_out]
    return replace(table, rows=[table.rows[index] for index in kept], numbers=[table.numbers[index] for index in kept])


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
    short = rest.partition("=")
    if name == "conditions" and short[0].strip() in keys[name]:
        return _condition(text, short[0].strip(), short[2].strip())
    columns = {column for column in map(str, instance.tables[name].columns) if not column.startswith(OWN)}
    columns -= set(TABLES[name].key)
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


def _condition(text: str, key: str, value: str) -> Setting | Finding:
    """A condition decided for every scenario: `conditions.X=true`."""
    found = _fitting(text, Setting("conditions", key, "default", value))
    if isinstance(found, Finding) or value:
        return found if isinstance(found, Finding) else replace(found, column="")
    return _wrong(text, "a condition is true or false.", "Write =true or =false.")


def _fitting(text: str, setting: Setting) -> Setting | Finding:
    attribute = TABLES[setting.table].by_name.get(setting.column)
    try:
        if attribute is not None and parse_cell(attribute, setting.value) is None and attribute.required:
            return _wrong(text, f"{setting.column} cannot be blank.", "Give a value.")
    except CellError as error:
        return _wrong(text, f"{error.message}.", error.remedy)
    return setting


def _wrong(text: str, message: str, remedy: str) -> Finding:
    return Finding("error", "setting", f"--set {escaped(text)}", None, None, message, remedy)
