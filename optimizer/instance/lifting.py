"""Rules switched off: the row deleted, or the cell emptied, and the instance read anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, escaped
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawTable
from optimizer.instance.read.examine import examine, raw_from_instance
from optimizer.instance.rule import Rule, key_of
from optimizer.instance.scenario import row_key
from optimizer.instance.settings import InvalidSetting


def chosen_rules(rules: Sequence[Rule], patterns: Iterable[str]) -> list[Rule]:
    """The rules that ids or patterns (`*` stands for anything) name.

    Raises:
        InvalidSetting: a pattern names no rule in force, or one that cannot be switched off.
    """
    known, found, wrong = {rule.id: rule for rule in rules}, dict[str, Rule](), []
    for pattern in patterns:
        mine = [known[pattern]] if pattern in known else []
        if "*" in pattern:
            mine += [rule for rule in rules if fnmatchcase(rule.id, pattern) and _can_go(rule)]
        if not mine:
            remedy = f"`forcegen rules` lists the rules in force.{did_you_mean(pattern, known)}"
            wrong.append(_wrong(pattern, f"there is no rule {pattern!r} in force.", remedy))
        for rule in mine:
            if _can_go(rule):
                found[rule.id] = rule
            else:
                wrong.append(
                    _wrong(pattern, f"{rule.column} cannot be blank.", "Set another value with --set instead.")
                )
    if wrong:
        raise InvalidSetting(wrong)
    return list(found.values())


def _wrong(pattern: str, message: str, remedy: str) -> Finding:
    return Finding("error", "rule", f"--without {escaped(pattern)}", None, None, message, remedy)


def _can_go(rule: Rule) -> bool:
    return rule.column is None or not TABLES[rule.table].by_name[rule.column].required


def without_rules(instance: Instance, rules: Sequence[Rule]) -> Instance:
    """The instance without some rules, in every scenario: rows deleted, cells emptied, and changes of either left out.

    Raises:
        InvalidInstance: the instance without them has errors.
    """
    if not rules:
        return instance
    raw = raw_from_instance(instance)
    tables = dict(raw.tables)
    cells = [(rule.table, rule.key, rule.column) for rule in rules]
    for name in {rule.table for rule in rules}:
        mine = [(key, column) for table, key, column in cells if table == name]
        tables[name] = _without(tables[name], [key_of(name, row) for row in instance.rows(name)], mine)
    if "changes" in tables:
        tables["changes"] = _kept_changes(instance, tables["changes"], cells)
    changed, findings = examine(replace(raw, tables=tables, findings=()))
    if changed is None:
        raise InvalidInstance(findings)
    return changed


def _without(table: RawTable, keys: Sequence[str], gone: Sequence[tuple[str, str | None]]) -> RawTable:
    rows, numbers, columns = [], [], [str(name) for name in table.header]
    for key, row, number in zip(keys, table.rows, table.numbers, strict=True):
        if (key, None) in gone:
            continue
        emptied = {columns.index(column) for other, column in gone if other == key and column is not None}
        rows.append([None if place in emptied else cell for place, cell in enumerate(row)])
        numbers.append(number)
    return replace(table, rows=rows, numbers=numbers)


def _kept_changes(instance: Instance, table: RawTable, cells: Sequence[tuple[str, str, str | None]]) -> RawTable:
    """Changes of scenarios that neither touch a deleted row nor fill an emptied cell again."""
    gone = {
        (name, row_key(name, row), column)
        for name, key, column in cells
        for row in instance.rows(name)
        if key_of(name, row) == key
    }
    kept = [
        place
        for place, row in enumerate(instance.rows("changes"))
        if not {(row["table"], row["key"], None), (row["table"], row["key"], row["column"])} & gone
    ]
    return replace(table, rows=[table.rows[place] for place in kept], numbers=[table.numbers[place] for place in kept])
