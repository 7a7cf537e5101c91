"""Which rules can bend, and how, from the rows of the tables alone: what a concession may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from optimizer.instance.rule import Bend, limit_sides, rule_id

RAISED: Final[Mapping[str, tuple[str, ...]]] = {
    "nations": ("max_personnel", "max_units", "budget", "max_posts"),
    "areas": ("max_personnel", "max_escalation", "lift_capacity", "sustainment_capacity"),
    "posts": ("max_personnel", "max_nations", "max_share"),
    "participation": ("max_personnel", "max_units"),
    "pledges": ("quantity",),
}
LOWERED: Final[Mapping[str, tuple[str, ...]]] = {
    "nations": ("min_contingent", "min_stay"),
    "posts": ("min_nations", "min_stay"),
    "participation": ("min_contingent", "min_stay"),
    "requirements": ("threshold",),
    "pledges": ("committed",),
}
BENDING_TABLES: Final = (*dict.fromkeys((*RAISED, *LOWERED)), "caveats", "limits", "links", "enablers", "agreed")
"""The tables whose rows state rules that can bend."""
_STAYS: Final = "min_stay"
"""A stay of one period asks for nothing, and none can be shorter."""


def names_agreed(concessions: Iterable[Mapping[str, Any]], rule: str) -> bool:
    """Whether rows of `concessions` let a row of `agreed` bend: one names it, by its id or by a pattern about that table, and none says never."""
    mine = [row for row in concessions if row["rule"] and (row["rule"] == rule or fnmatchcase(rule, row["rule"]))]
    return any(row["rule"].startswith("agreed/") for row in mine) and not any(row["never"] for row in mine)


def lowest(column: str | None) -> float:
    """The value at which a lowered cell stops, and asks for nothing any more."""
    return 1.0 if column == _STAYS else 0.0


def bending(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Bend]]:
    """The rules of a row that can bend: id, column of the cell (None: the whole row), and how."""
    if table == "caveats":
        limited = row["rule"] == "limit"
        yield rule_id(table, row), "maximum" if limited else None, "raise" if limited else "lift"
    elif table == "limits":
        for side in limit_sides(row):
            column = side or ("minimum" if row["minimum"] is not None else "maximum")
            bend: Bend = "raise" if column == "maximum" else "lower"
            if column == "maximum" or row[column]:
                yield rule_id(table, row, side), column, bend
    elif table == "links" or (table == "enablers" and row["hard"] and row["per_personnel"]):
        yield rule_id(table, row), None, "lift"
    elif table == "posts":
        if row["must"]:
            yield rule_id(table, row, "must"), "must", "lift"
        if row["lead"] == "required":
            yield rule_id(table, row, "lead"), "lead", "lift"
    elif table == "agreed" and (row["units"] or row["kind"] == "exactly"):
        yield rule_id(table, row), None, "lift"
    for column in RAISED.get(table, ()):
        if row[column] is not None and not (column == "max_share" and row[column] >= 1.0):
            yield rule_id(table, row, column), column, "raise"
    for column in LOWERED.get(table, ()):
        if row[column] is not None and row[column] > lowest(column):
            yield rule_id(table, row, column), column, "lower"


def can_ever_bend(table: str, row: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the rules that a row could state and that would bend, whatever stands in its cells."""
    if table == "limits":
        yield from (rule_id(table, row), rule_id(table, row, "minimum"), rule_id(table, row, "maximum"))
    elif table in {"caveats", "links", "enablers", "agreed"}:
        yield rule_id(table, row)
    elif table == "posts":
        yield from (rule_id(table, row, "must"), rule_id(table, row, "lead"))
    for column in (*RAISED.get(table, ()), *LOWERED.get(table, ())):
        yield rule_id(table, row, column)
