"""The instance: what the planner fills in, immutable after reading and in canonical order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from optimizer.instance.attribute import OWN, Table
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import Value
from optimizer.instance.header_attributes import SCHEMA_VERSION
from optimizer.instance.raw import OwnSheet

Row = dict[str, Any]


@dataclass(frozen=True)
class Aim:
    """One aim of the header. `scope`: selectors by name; `weights`: weight per nation (aim `changes`)."""

    name: str
    priority: int = 1
    weight: float = 1.0
    tolerance: float = 0.0
    scope: tuple[tuple[str, str], ...] = ()
    measure: str = "cost"
    variant: str = "ratio"
    weights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Header:
    """The header `instance.toml`. `months`: length of a period; `time_limit` in seconds; `gap` relative."""

    name: str = "instance"
    title: str = ""
    description: str = ""
    currency: str = "EUR"
    periods: int = 1
    months: int = 6
    first: str = ""
    aims: tuple[Aim, ...] = ()
    time_limit: float | None = None
    gap: float = 1e-6
    schema: int = SCHEMA_VERSION


@dataclass(frozen=True, eq=False)
class Instance:
    """All tables of one planning question.

    `tables` holds the tables that were given, as data frames of plain values (blank = None), each with all columns of its
    attribute table, in canonical order: sorted by key, so that the order of rows in the input changes nothing.
    """

    header: Header
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    place: str = ""
    origin: Mapping[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict, repr=False)
    """Per table the file or sheet, and the row there of each row of the frame; only findings use it."""
    own: Mapping[str, OwnSheet] = field(default_factory=dict, repr=False)
    """The planner's own sheets (names that begin with `_`); they travel with the instance, and nothing else looks at them."""

    def __eq__(self, other: object) -> bool:
        return self.hash == other.hash if isinstance(other, Instance) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.hash)

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, pd.DataFrame | Sequence[Mapping[str, object]]],
        header: Mapping[str, object] | None = None,
        *,
        impossible: bool = False,
    ) -> Instance:
        """An instance from data frames or lists of rows; `header` has the form of `instance.toml`.

        `impossible`: it is read too where its only errors are rules that no plan can keep.

        Raises:
            InvalidInstance: with every finding.
        """
        from optimizer.instance.read.examine import instance_from_tables

        return instance_from_tables(tables, header or {}, impossible=impossible)

    def table(self, name: str) -> pd.DataFrame:
        """A table as given; an empty one where the instance has none."""
        if name in self.tables:
            return self.tables[name]
        return pd.DataFrame(columns=[column.name for column in TABLES[name].columns], dtype=object)

    def rows(self, name: str) -> list[Row]:
        """The rows of a table as dictionaries, blanks filled with their defaults."""
        return self._rows_of_tables.get(name, [])

    @cached_property
    def _rows_of_tables(self) -> dict[str, list[Row]]:
        return {name: with_defaults(TABLES[name], _records(frame)) for name, frame in self.tables.items()}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of header and tables: equal for instances that say the same, whatever the order of their rows and whatever
        stands in the planner's own columns.
        """
        conditions = {row["condition"] for row in self.rows("conditions")}
        content = {
            "header": asdict(self.header),
            "tables": {
                name: [
                    {
                        key: value
                        for key, value in sorted(row.items())
                        if value is not None and (key in conditions or not str(key).startswith(OWN))
                    }
                    for row in frame.to_dict("records")
                ]
                for name, frame in sorted(self.tables.items())
                if len(frame)
            },
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios, in canonical order."""
        return [row["scenario"] for row in self.rows("scenarios")]


def _records(frame: pd.DataFrame) -> list[Row]:
    """The rows as dictionaries. The cells are plain values already: `to_dict` would look at each of them again."""
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in frame.to_numpy(dtype=object).tolist()]


def with_defaults(table: Table, rows: Sequence[Mapping[str, Value]]) -> list[Row]:
    """Rows with blanks replaced by the defaults of their columns."""
    defaults = {
        column.name: _default(column.kind, column.default) for column in table.columns if column.default is not None
    }
    return [{**row, **{name: value for name, value in defaults.items() if row.get(name) is None}} for row in rows]


def _default(kind: str, value: Value) -> Value:
    return int(value) if kind in {"integer", "period"} and isinstance(value, float) else value
