"""The limits of a situation: rows of `limits`, shorthands of other tables, and quantitative caveats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from optimizer.instance.admissible import periods_of, window_mask
from optimizer.instance.instance import Row
from optimizer.instance.rule import limit_sides, rule_id
from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.selectors import Selector
from optimizer.instance.situation.records import Line
from optimizer.instance.situation.rules import Limit
from optimizer.instance.situation.selection import Resolver, Selection

_OF_NATIONS: Final = {"max_personnel": "personnel", "max_units": "units", "budget": "cost"}
_OF_AREAS: Final = {
    "max_personnel": "personnel",
    "max_escalation": "escalation",
    "lift_capacity": "lift",
    "sustainment_capacity": "sustainment",
}
"""Shorthand columns, and the measures that they limit."""


def window(row: Row, horizon: int) -> tuple[int, int]:
    """The first and the last period of a row; blank: those of the horizon."""
    first, last = row.get("from"), row.get("until")
    return (1 if first is None else int(first), horizon if last is None else int(last))


def periods_in_force(row: Row, tables: ScenarioTables) -> tuple[int, ...]:
    """The periods of a row's window in which its condition is true."""
    return periods_of(window_mask(row, tables.horizon) & tables.when(row["condition"]))


def caveat_limits(tables: ScenarioTables, resolve: Resolver) -> Iterable[Limit]:
    """The caveats in force whose rule is `limit`: a cap in every period."""
    for row in tables.rows("caveats"):
        periods = periods_in_force(row, tables) if row["rule"] == "limit" else ()
        if periods:
            yield Limit(
                row["caveat"],
                row["measure"],
                "period",
                None,
                row["maximum"],
                resolve.selection(row),
                periods,
                f"caveats/{row['caveat']}",
                (rule_id("caveats", row),),
            )


def stated_limits(tables: ScenarioTables, resolve: Resolver) -> Iterable[Limit]:
    """The rows of the table `limits` that are in force."""
    for row in tables.rows("limits"):
        periods = periods_in_force(row, tables)
        if periods and row["measure"] == "paid":
            # What is paid has no periods: such a limit binds for the whole horizon if its condition is ever true.
            periods = tuple(range(1, tables.horizon + 1))
        if periods:
            yield Limit(
                row["limit"],
                row["measure"],
                row["per"],
                row["minimum"],
                row["maximum"],
                resolve.selection(row),
                periods,
                f"limits/{row['limit']}",
                tuple(rule_id("limits", row, side) for side in limit_sides(row)),
            )


def shorthand_limits(
    tables: ScenarioTables, lines: Mapping[str, Line], horizon: int, funded: Collection[str] = ()
) -> Iterable[Limit]:
    """The caps that nations, areas and posts state in columns of their own; a budget of a nation that funds concern is on what it pays."""
    for row in tables.rows("nations"):
        mine = Selection(nations=frozenset({row["nation"]}))
        for column, measure in _OF_NATIONS.items():
            if row[column] is not None:
                measure = "paid" if column == "budget" and row["nation"] in funded else measure
                yield shorthand("nations", (row["nation"],), row, column, measure, mine, horizon)
    for row in tables.rows("areas"):
        here = Selection(area=exactly(row["area"]))
        for column, measure in _OF_AREAS.items():
            if row[column] is not None:
                yield shorthand("areas", (row["area"],), row, column, measure, here, horizon)
    posts = {line.post for line in lines.values()}
    for row in tables.rows("posts"):
        key = (row["mission"], row["area"])
        if row["max_personnel"] is not None and key in posts:
            there = Selection(mission=exactly(key[0]), area=exactly(key[1]))
            yield shorthand("posts", key, row, "max_personnel", "personnel", there, horizon)


def exactly(name: str) -> Selector:
    """The selector of one name."""
    return Selector(included=frozenset({name}))


def shorthand(
    table: str, key: tuple[str, ...], row: Row, column: str, measure: str, selection: Selection, horizon: int
) -> Limit:
    """A cap from a column of another table: on cost and payments over the horizon, on other measures in every period.

    Args:
        table: the table of the row.
        key: whom or what the cap is about; with the column it names the limit.
        row: the row that states it.
        column: the column that states it.
        measure: what it limits.
        selection: what it counts.
        horizon: number of periods.
    """
    per = "horizon" if measure in {"cost", "paid"} else "period"
    name, source = " ".join((*key, column)), "/".join((table, *key, column))
    every = tuple(range(1, horizon + 1))
    return Limit(name, measure, per, None, row[column], selection, every, source, (rule_id(table, row, column),))
