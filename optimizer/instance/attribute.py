"""What is said of one column and of one input table: kind, unit, default, range, description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

OWN: Final = "_"
"""What the names of a planner's own columns, sheets and files begin with. Columns travel with their table; nothing else looks at them."""

WHOLE: Final = frozenset({"integer", "period"})
"""Kinds of columns that hold whole numbers only."""


@dataclass(frozen=True)
class Attribute:
    """One column of an input table.

    `kind` is one of: text, number, integer, boolean, period (whole number 1..H), condition (an expression over conditions),
    reference (a key of the tables in `refers`), selector (values of the tables in `refers`, joined by `;`, `!` negates),
    list (keys of the tables in `refers`, or free words, joined by `;`), choice (one of `choices`), own (anything: the
    planner's own column).
    `default` is what a blank means; None = nothing is said.
    """

    name: str
    kind: str
    description: str
    unit: str = ""
    required: bool = False
    default: str | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    refers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One input table: its key columns (unique together) and all its columns in their order."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Attribute, ...]
    required: bool = False
    open_columns: str | None = None
    by_name: dict[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})


def text(name: str, description: str, **options: object) -> Attribute:
    """A column of text."""
    return Attribute(name, "text", description, **options)  # type: ignore[arg-type]


def number(name: str, description: str, unit: str = "", minimum: float | None = 0.0, **options: object) -> Attribute:
    """A column of numbers, from 0 where nothing else is said."""
    return Attribute(name, "number", description, unit, minimum=minimum, **options)  # type: ignore[arg-type]


def integer(name: str, description: str, unit: str = "", minimum: float | None = 0.0, **options: object) -> Attribute:
    """A column of whole numbers, from 0 where nothing else is said."""
    return Attribute(name, "integer", description, unit, minimum=minimum, **options)  # type: ignore[arg-type]


def reference(name: str, description: str, *refers: str, **options: object) -> Attribute:
    """A column whose cells are keys of the tables in `refers`."""
    return Attribute(name, "reference", description, refers=refers, **options)  # type: ignore[arg-type]


def selector(name: str, description: str, *refers: str) -> Attribute:
    """A column that selects rows by the values of the tables in `refers`."""
    return Attribute(name, "selector", description, refers=refers)


def key(name: str, description: str) -> Attribute:
    """A column that, alone or with others, names the row."""
    return Attribute(name, "text", description, required=True)


FROM: Final = Attribute(
    "from", "period", "First period in which the row holds; blank = the first of the horizon.", "period"
)
UNTIL: Final = Attribute(
    "until", "period", "Last period in which the row holds; blank = the last of the horizon.", "period"
)
CONDITION: Final = Attribute(
    "condition",
    "condition",
    "The row exists only in periods in which this is true: a condition, or an expression with ! (not), & (and), | (or) and brackets.",
    refers=("conditions",),
)
_SOURCE: Final = text("source", "Where the figures of the row come from, or `assumed`.")
_NOTE: Final = text("note", "A remark; travels to the report.")


def table(name: str, description: str, key: tuple[str, ...], *columns: Attribute, **options: object) -> Table:
    """A table with its columns, and those for sources and remarks that every table has."""
    return Table(name, description, key, (*columns, _SOURCE, _NOTE), **options)  # type: ignore[arg-type]
