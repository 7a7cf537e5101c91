"""One scenario of an instance: when each condition is true, and the tables after the scenario's changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.instance.attribute import WHOLE, Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, parse_cell
from optimizer.instance.conditions import parse_condition
from optimizer.instance.instance import Instance, Row, with_defaults


class UnknownScenario(ValueError):  # noqa: N818 - the name says what is wrong
    """No scenario of that name."""


@dataclass(frozen=True)
class ScenarioTables:
    """Tables (rows with defaults filled in) of one scenario, over a horizon of so many periods.

    `conditions`: the periods in which each condition is true, as bits of a whole number; bit 0 is period 1.
    """

    conditions: Mapping[str, int]
    tables: Mapping[str, list[Row]]
    horizon: int

    def rows(self, name: str) -> list[Row]:
        """The rows of a table; empty where the instance has none."""
        return self.tables.get(name, [])

    def when(self, condition: str | None) -> int:
        """The periods in which an expression over conditions is true, as bits of a whole number; blank is always true."""
        every = every_period(self.horizon)
        return every if not condition else parse_condition(condition).periods(self.conditions, every)

    def ever(self, condition: str | None) -> bool:
        """Whether the expression is true in at least one period."""
        return self.when(condition) != 0


def every_period(horizon: int) -> int:
    """All periods of a horizon, as bits of a whole number."""
    return (1 << horizon) - 1


def periods_between(first: int | None, last: int | None, horizon: int) -> int:
    """The periods of a window, as bits of a whole number; blank: from the first, to the last of the horizon."""
    return every_period(horizon if last is None else int(last)) & ~every_period(0 if first is None else int(first) - 1)


def scenario_tables(instance: Instance, scenario: str | None = None) -> ScenarioTables:
    """Conditions and tables under a scenario; None takes the conditions' defaults.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    horizon = instance.header.periods
    conditions = _defaults(instance)
    if scenario is None:
        return ScenarioTables(conditions, {name: instance.rows(name) for name in instance.tables}, horizon)
    conditions |= scenario_conditions(instance, scenario)
    changes = [row for row in instance.rows("changes") if row["scenario"] == scenario]
    return ScenarioTables(conditions, {name: _changed(instance, name, changes) for name in instance.tables}, horizon)


def _defaults(instance: Instance) -> dict[str, int]:
    every = every_period(instance.header.periods)
    return {row["condition"]: every if row["default"] else 0 for row in instance.rows("conditions")}


def scenario_conditions(instance: Instance, scenario: str) -> dict[str, int]:
    """When the conditions of which a scenario itself says anything are true in it; the others keep their defaults.

    Rows of `scenario_conditions` take the place of the cell in `scenarios`: outside their windows the default holds.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    chosen = next((row for row in instance.rows("scenarios") if row["scenario"] == scenario), None)
    if chosen is None:
        known = ", ".join(instance.scenarios) or "none"
        raise UnknownScenario(
            f"There is no scenario {scenario!r}.{did_you_mean(scenario, instance.scenarios)} Scenarios: {known}."
        )
    horizon, defaults = instance.header.periods, _defaults(instance)
    said = {name: every_period(horizon) if chosen[name] else 0 for name in defaults if chosen.get(name) is not None}
    rows = [row for row in instance.rows("scenario_conditions") if row["scenario"] == scenario]
    said |= {row["condition"]: defaults[row["condition"]] for row in rows}
    for row in rows:
        window = periods_between(row["from"], row["until"], horizon)
        said[row["condition"]] = said[row["condition"]] | window if row["holds"] else said[row["condition"]] & ~window
    return said


def decided_conditions(instance: Instance, scenario: str) -> set[str]:
    """The conditions of which a scenario says in every period whether they are true: their defaults do not count.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    horizon, windows = instance.header.periods, dict[str, int]()
    for row in instance.rows("scenario_conditions"):
        if row["scenario"] == scenario:
            window = periods_between(row["from"], row["until"], horizon)
            windows[row["condition"]] = windows.get(row["condition"], 0) | window
    every = every_period(horizon)
    return {name for name in scenario_conditions(instance, scenario) if windows.get(name, every) == every}


def row_key(table: str, row: Mapping[str, object]) -> str:
    """The key of a row as `changes`, `--set` and studies write it: key columns joined by `/`.

    A row of `scenario_conditions` for the whole horizon is named by scenario and condition alone.
    """
    parts = ["" if row.get(column) is None else str(row[column]) for column in TABLES[table].key]
    return "/".join(parts[:-1] if table == "scenario_conditions" and not parts[-1] else parts)


def apply_factor(attribute: Attribute, value: float, factor: float) -> float | int:
    """A cell times a factor, exact in the numbers as they are written; of a whole number a fraction is left away (3 × 0.9 = 2).

    Never more comes than the factor says, as with rotation.
    """
    product = _product(value, factor)
    return math.floor(product) if attribute.kind in WHOLE else float(product)


def is_rounded(attribute: Attribute, value: float, factor: float) -> bool:
    """Whether `apply_factor` leaves a fraction away."""
    return attribute.kind in WHOLE and _product(value, factor).denominator != 1


def _product(value: float, factor: float) -> Fraction:
    return Fraction(str(value)) * Fraction(str(factor))


def rounding_notices(instance: Instance, scenario: str | None) -> list[str]:
    """One sentence per change of a scenario whose factor leaves a fraction of a whole number away."""
    changes = [row for row in instance.rows("changes") if row["scenario"] == scenario and row["factor"] is not None]
    rows = {
        name: {row_key(name, row): row for row in instance.rows(name)}
        for name in {change["table"] for change in changes}
    }
    found = []
    for change in changes:
        attribute = TABLES[change["table"]].by_name[change["column"]]
        before = rows[change["table"]][change["key"]][attribute.name]
        if is_rounded(attribute, before, change["factor"]):
            cell = f"{change['table']}.{change['key']}.{attribute.name}"
            found.append(f"Rounded in this scenario: {cell}, {rounding_in_words(attribute, before, change['factor'])}")
    return found


def rounding_in_words(attribute: Attribute, value: float, factor: float) -> str:
    """What `apply_factor` makes of a whole number, for findings and events."""
    left = apply_factor(attribute, value, factor)
    return f"{value:g} × {factor:g} is {float(_product(value, factor)):.6g}, rounded down to {left:g}."


def _changed(instance: Instance, name: str, changes: list[Row]) -> list[Row]:
    mine = [change for change in changes if change["table"] == name]
    if not mine:
        return instance.rows(name)
    rows = [dict(row) for row in instance.rows(name)]
    by_key = {row_key(name, row): row for row in rows}
    for change in mine:
        row, attribute = by_key[change["key"]], TABLES[name].by_name[change["column"]]
        if change["factor"] is not None:
            row[attribute.name] = apply_factor(attribute, row[attribute.name], change["factor"])
        else:
            row[attribute.name] = parse_cell(attribute, change["value"])
    return with_defaults(TABLES[name], rows)
