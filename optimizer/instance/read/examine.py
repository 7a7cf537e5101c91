"""From raw tables to an `Instance`, with every finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from optimizer.instance.attribute import Table
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean
from optimizer.instance.draft import Draft
from optimizer.instance.findings import Finding, InvalidInstance, Notes
from optimizer.instance.header_attributes import SCHEMA_VERSION
from optimizer.instance.instance import Header, Instance, Row, with_defaults
from optimizer.instance.raw import MAXIMUM_CELLS, RawInstance, RawTable
from optimizer.instance.read.given import raw_table
from optimizer.instance.read.header import header_mapping, read_header
from optimizer.instance.read.typed import condition_names, typed_rows

UPGRADES: Final[dict[int, Callable[[RawInstance], RawInstance]]] = {}
"""For each older version of the format, the function that lifts an instance to the next version."""


def instance_from_tables(
    tables: Mapping[str, pd.DataFrame | Sequence[Mapping[str, object]]],
    header: Mapping[str, object] | None = None,
    *,
    impossible: bool = False,
) -> Instance:
    """An instance from data frames or lists of rows; `header` has the form of `instance.toml`, `impossible` as in `instance_from_raw`.

    Raises:
        InvalidInstance: with every finding.
    """
    raw = {name: raw_table(name, name, content) for name, content in tables.items()}
    return instance_from_raw(RawInstance(header or {}, raw), impossible=impossible)


def instance_from_raw(raw: RawInstance, *, impossible: bool = False) -> Instance:
    """Type every cell, check everything, and put the rows in canonical order.

    `impossible`: an instance is read too whose only errors are rules that no plan can keep, to ask which, and why.

    Raises:
        InvalidInstance: with every finding (errors and warnings), if there is an error.
    """
    instance, findings = examine(raw, impossible=impossible)
    if instance is None:
        raise InvalidInstance(findings)
    return instance


def examine(raw: RawInstance, *, impossible: bool = False) -> tuple[Instance | None, tuple[Finding, ...]]:
    """The instance (None where there is an error; see `instance_from_raw`), and all findings."""
    from optimizer.instance.check.draft import check_draft, check_scenarios
    from optimizer.instance.read.defaults import with_default_aims

    notes = Notes(raw.findings)
    raw = _upgraded(raw)
    header = read_header(raw, notes)
    tables = _known_tables(raw, notes)
    notes.places = {name: tables[name].place for name in TABLES if name in tables}
    draft = Draft(header, {}, notes, set(raw.unread))
    draft.horizon_known = raw.header_read and not notes.about(raw.header_place, "period")
    if sum(len(table.rows) * len(table.header) for table in tables.values()) > MAXIMUM_CELLS:
        finding = Finding(
            "error",
            "too-many-cells",
            raw.place or "instance",
            None,
            None,
            f"the tables together have more than {MAXIMUM_CELLS:,} cells.",
            "Leave out what the instance does not need.",
        )
        return None, (*notes.all(), finding)
    conditions = condition_names(tables.get("conditions"))
    typed = {
        name: typed_rows(TABLES[name], tables[name], conditions, "conditions" in raw.unread, draft)
        for name in TABLES
        if name in tables
    }
    draft.rows = {name: with_defaults(TABLES[name], rows) for name, rows in typed.items()}
    draft.header = with_default_aims(header, draft.rows)
    check_draft(draft, raw)
    instance = _instance(draft.header, typed, notes, raw)
    check_scenarios(draft, instance)
    findings = notes.all()
    return (
        None
        if any(finding.severity == "error" and not (impossible and finding.cannot_be_kept) for finding in findings)
        else instance
    ), findings


def raw_from_instance(instance: Instance) -> RawInstance:
    """An instance as raw tables again, with the places that it came from."""
    tables = {}
    for name, frame in instance.tables.items():
        place, numbers = instance.origin.get(name, (name, ()))
        tables[name] = raw_table(name, place, frame, numbers if len(numbers) == len(frame) else None)
    return RawInstance(header_mapping(instance.header), tables, instance.place, own=instance.own)


def _upgraded(raw: RawInstance) -> RawInstance:
    schema = raw.header.get("schema", SCHEMA_VERSION)
    while isinstance(schema, int) and schema in UPGRADES:
        raw = UPGRADES[schema](raw)
        schema += 1
    return raw


def _known_tables(raw: RawInstance, notes: Notes) -> dict[str, RawTable]:
    for name, table in raw.tables.items():
        if name not in TABLES:
            notes.add(
                Finding(
                    "error",
                    "unknown-table",
                    table.place,
                    None,
                    None,
                    f"there is no table {name!r}.",
                    f"Rename or remove it.{did_you_mean(name, TABLES)}",
                )
            )
    misspelt = set(raw.tables) - set(TABLES)
    for name, described in TABLES.items():
        meant = any(name in did_you_mean(other, TABLES) for other in misspelt)
        if described.required and name not in raw.tables and name not in raw.unread and not meant:
            notes.add(
                Finding(
                    "error",
                    "missing-table",
                    raw.place or "instance",
                    None,
                    None,
                    f"the table {name!r} is missing.",
                    f"Add it with the columns: {', '.join(_required(described))}.",
                )
            )
    return {name: table for name, table in raw.tables.items() if name in TABLES}


def _required(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.required]


def _instance(header: Header, typed: Mapping[str, list[Row]], notes: Notes, raw: RawInstance) -> Instance:
    frames, origin = {}, {}
    for name, rows in typed.items():
        columns = list(rows[0]) if rows else [column.name for column in TABLES[name].columns]
        cells = np.empty((len(rows), len(columns)), dtype=object)
        for number, row in enumerate(rows):
            cells[number] = list(row.values())
        frames[name] = pd.DataFrame(cells, columns=columns, dtype=object)
        origin[name] = (notes.place(name), tuple(notes.numbers[name]))
    return Instance(header, frames, raw.place, origin, raw.own)


def check_instance(instance: Instance) -> tuple[Finding, ...]:
    """Everything there is to say about an instance: errors and warnings, from its cells to the whole."""
    return examine(raw_from_instance(instance))[1]
