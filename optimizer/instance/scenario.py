"""One scenario of an instance: the truth of every condition, and the tables after the scenario's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, parse_cell
from optimizer.instance.instance import Instance, Row, with_defaults


class UnknownScenario(ValueError):  # noqa: N818 - the name says what is wrong
    """No scenario of that name."""


@dataclass(frozen=True)
class ScenarioTables:
    """Tables (rows with defaults filled in) and conditions of one scenario."""

    conditions: Mapping[str, bool]
    tables: Mapping[str, list[Row]]

    def rows(self, name: str) -> list[Row]:
        """The rows of a table; empty where the instance has none."""
        return self.tables.get(name, [])

    def holds(self, condition: str | None) -> bool:
        """Whether `name` or `!name` is true; blank is true."""
        if not condition:
            return True
        if condition.startswith("!"):
            return not self.conditions[condition[1:].strip()]
        return self.conditions[condition]


def scenario_tables(instance: Instance, scenario: str | None = None) -> ScenarioTables:
    """Conditions and tables under a scenario; None takes the conditions' defaults.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    conditions = {row["condition"]: row["default"] for row in instance.rows("conditions")}
    if scenario is None:
        return ScenarioTables(conditions, {name: instance.rows(name) for name in instance.tables})
    chosen = [row for row in instance.rows("scenarios") if row["scenario"] == scenario]
    if not chosen:
        known = ", ".join(instance.scenarios) or "none"
        raise UnknownScenario(
            f"There is no scenario {scenario!r}.{did_you_mean(scenario, instance.scenarios)} Scenarios: {known}."
        )
    for name in conditions:
        if chosen[0].get(name) is not None:
            conditions[name] = chosen[0][name]
    for row in instance.rows("scenario_conditions"):
        if row["scenario"] == scenario:
            conditions[row["condition"]] = row["holds"]
    changes = [row for row in instance.rows("changes") if row["scenario"] == scenario]
    return ScenarioTables(conditions, {name: _changed(instance, name, changes) for name in instance.tables})


def row_key(table: str, row: Mapping[str, object]) -> str:
    """The key of a row as `changes`, `--set` and studies write it: key columns joined by `/`."""
    return "/".join("" if row.get(column) is None else str(row[column]) for column in TABLES[table].key)


def _changed(instance: Instance, name: str, changes: list[Row]) -> list[Row]:
    mine = [change for change in changes if change["table"] == name]
    if not mine:
        return instance.rows(name)
    rows = [dict(row) for row in instance.rows(name)]
    by_key = {row_key(name, row): row for row in rows}
    for change in mine:
        row, attribute = by_key[change["key"]], TABLES[name].by_name[change["column"]]
        if change["factor"] is not None:
            value: object = row[attribute.name] * change["factor"]
            if attribute.kind in {"integer", "period"}:
                value = int(value + 0.5)  # type: ignore[operator]
            row[attribute.name] = value
        else:
            row[attribute.name] = parse_cell(attribute, change["value"])
    return with_defaults(TABLES[name], rows)
