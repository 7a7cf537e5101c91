"""A rule: a row or a cell of the input that restricts, with a name that lives from the table to the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optimizer.instance.attributes import TABLES

Bend = Literal["lift", "raise", "lower"]


@dataclass(frozen=True)
class Rule:
    """One rule in force.

    Attributes:
        id: `table/key` for a row, `table/key.column` for a cell; the parts of a key are joined by `:`.
        kind: what sort of rule it is, in one or two words.
        sentence: the rule in a planner's words.
        nation: code of the nation that it belongs to; None where it is the coalition's.
        bend: how a concession changes it: lifted, raised or lowered by a step; None: it never bends.
        source: where the row says that it comes from; blank where it says nothing.
        table: the input table; with `key` (as in the id) and `column` (None: the whole row) the place that states the rule.
        key: see `table`.
        column: see `table`.
    """

    id: str
    kind: str
    sentence: str
    nation: str | None
    bend: Bend | None
    source: str = ""
    table: str = ""
    key: str = ""
    column: str | None = None

    @property
    def bendable(self) -> bool:
        """Whether a concession can change it."""
        return self.bend is not None


def key_of(table: str, row: Mapping[str, object]) -> str:
    """The key of a row as it stands in the id of a rule: key columns joined by `:`, blank parts empty."""
    return ":".join("" if row.get(column) is None else str(row[column]) for column in TABLES[table].key)


def rule_id(table: str, key: str | Mapping[str, object], column: str | None = None) -> str:
    """The id of a row's rule, or (with `column`) of a cell's."""
    name = key if isinstance(key, str) else key_of(table, key)
    return f"{table}/{name}" + ("" if column is None else f".{column}")


def limit_sides(row: Mapping[str, object]) -> tuple[str | None, ...]:
    """The sides of a row of `limits` that are rules of their own: floor and cap where both are filled, else the row as one."""
    both = row.get("minimum") is not None and row.get("maximum") is not None
    return ("minimum", "maximum") if both else (None,)


def rule_of(
    table: str,
    row: Mapping[str, object],
    column: str | None,
    kind: str,
    sentence: str,
    *,
    nation: str | None = None,
    bend: Bend | None = None,
) -> Rule:
    """The rule that a row, or one cell of it, states."""
    source = str(row.get("source") or "")
    return Rule(rule_id(table, row, column), kind, sentence, nation, bend, source, table, key_of(table, row), column)
