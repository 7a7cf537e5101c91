"""From raw tables to an `Instance`: every cell typed, every finding collected, rows in canonical order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from optimizer.instance.attributes import SCHEMA_VERSION, TABLES, Attribute, Table
from optimizer.instance.cells import CellError, Value, did_you_mean, is_blank, parse_cell
from optimizer.instance.doubts import doubt_column
from optimizer.instance.findings import Finding, InvalidInstance, Notes
from optimizer.instance.header import header_mapping, read_header
from optimizer.instance.headings import columns, heading_elsewhere
from optimizer.instance.instance import Header, Instance, Row, with_defaults

MAXIMUM_ROWS: Final = 200_000
"""Most rows of one table; beyond it the table is refused, so that a wrong file costs a message and not the memory."""
MAXIMUM_CELLS: Final = 5_000_000
"""Most cells of all tables together."""

MAXIMUM_COLUMNS: Final = 1_000
"""Most columns of one table."""

_DIGITS: Final = re.compile("([0-9]+)")


@dataclass(frozen=True)
class RawTable:
    """A table as it was found: untyped cells. `numbers` and `heading` are the rows, and the heading, as a spreadsheet counts them."""

    name: str
    place: str
    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]
    heading: int = 1


@dataclass(frozen=True)
class RawInstance:
    """Everything that a folder, a workbook or a caller gave, before any check.

    `findings` are those of the reader itself (files that cannot be read …); `unread` names the tables that are there but
    could not be read, so that nothing else is said about them. `header_rows`: row of each dotted header key, where there
    is one; `header_read`: whether the header could be read.
    """

    header: Mapping[str, object]
    tables: Mapping[str, RawTable]
    place: str = ""
    header_place: str = "header"
    name: str = "instance"
    findings: tuple[Finding, ...] = ()
    unread: frozenset[str] = frozenset()
    header_rows: Mapping[str, int] = field(default_factory=dict)
    header_read: bool = True


@dataclass
class Draft:
    """Typed tables that may still hold faults: what the cross-field checks look at.

    `rows` have defaults filled in; `broken` names the tables that could not be read, wholly or in their columns.
    `horizon_known`: whether the header says how many periods there are; if not, windows cannot be checked.
    """

    header: Header
    rows: dict[str, list[Row]]
    notes: Notes
    broken: set[str] = field(default_factory=set)
    horizon_known: bool = True


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


def raw_table(
    name: str, place: str, content: pd.DataFrame | Sequence[Mapping[str, object]], numbers: Sequence[int] | None = None
) -> RawTable:
    """A raw table from a data frame or a list of rows; without `numbers`, rows are counted as a spreadsheet would."""
    if isinstance(content, pd.DataFrame):
        columns: list[object] = list(content.columns)
        rows: list[list[object]] = content.to_numpy(dtype=object).tolist()
    else:
        columns = list(dict.fromkeys(key for row in content for key in row))
        rows = [[row.get(key) for key in columns] for row in content]  # type: ignore[call-overload]
    if not columns and name in TABLES:  # an empty list of rows: the table is there, with no rows
        columns = [column.name for column in TABLES[name].columns]
    rows = [[_plain(cell) for cell in row] for row in rows]
    return RawTable(name, place, columns, rows, numbers if numbers is not None else range(2, len(rows) + 2))


def _plain(cell: object) -> object:
    """A Python value in place of a numpy or pandas one."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if cell is pd.NA or cell is pd.NaT else cell


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
    from optimizer.instance.checks import check_draft, check_scenarios, with_default_aims

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
    conditions = _condition_names(tables.get("conditions"))
    typed = {
        name: _typed_rows(TABLES[name], tables[name], conditions, "conditions" in raw.unread, draft)
        for name in TABLES
        if name in tables
    }
    draft.rows = {name: with_defaults(TABLES[name], rows) for name, rows in typed.items()}
    draft.header = with_default_aims(header, draft.rows)
    check_draft(draft, raw)
    instance = _instance(draft.header, typed, notes, raw.place)
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
    return RawInstance(header_mapping(instance.header), tables, instance.place)


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


def _condition_names(table: RawTable | None) -> set[str]:
    """The keys of `conditions`, read ahead because they are the open columns of `scenarios`."""
    if table is None:
        return set()
    places = [index for index, name in enumerate(table.header) if str(name).strip() == "condition"]
    return {str(row[places[0]]).strip() for row in table.rows if len(row) > places[0]} if places else set()


def _typed_rows(table: Table, raw: RawTable, conditions: set[str], conditions_unread: bool, draft: Draft) -> list[Row]:
    """All rows of a table as typed values; what cannot be typed is blank and noted."""
    notes = draft.notes
    for what, found, most in (("rows", len(raw.rows), MAXIMUM_ROWS), ("columns", len(raw.header), MAXIMUM_COLUMNS)):
        if found > most:
            draft.broken.add(table.name)
            notes.numbers[table.name] = ()
            message = f"the table has {found:,} {what}, more than {most:,}."
            notes.error(
                f"too-many-{what}", table.name, None, None, message, "Leave out what the instance does not need."
            )
            return []
    heading = heading_elsewhere(table, raw, conditions)
    if heading is not None:
        draft.broken.add(table.name)
        notes.numbers[table.name] = ()
        message = f"row {raw.heading} is no heading; the headings seem to be in row {heading}."
        notes.error("title-row", table.name, None, None, message, "Remove the rows above the headings.")
        return []
    placed = columns(table, raw, conditions, conditions_unread, draft)
    kept = [index for index, row in enumerate(raw.rows) if not all(is_blank(cell) for cell in row)]
    notes.numbers[table.name] = [raw.numbers[index] for index in kept]
    rows = [raw.rows[index] for index in kept]
    _check_lengths(table.name, rows, len(raw.header), notes)
    typed: dict[str, list[Value]] = {}
    for position, attribute in placed:
        cells = [row[position] if position < len(row) else None for row in rows]
        typed[attribute.name] = _typed_cells(table.name, attribute, cells, draft)
        doubt_column(table.name, attribute, cells, typed[attribute.name], notes)
    known = [column.name for column in table.columns]
    names = known + sorted((name for name in typed if name not in table.by_name), key=natural)
    blank: list[Value] = [None] * len(rows)
    by_column = [typed.get(column, blank) for column in names]
    untidy: list[Row] = [dict(zip(names, values, strict=True)) for values in zip(*by_column, strict=True)]
    return _in_order(table, untidy, notes)


def _check_lengths(table: str, rows: Sequence[Sequence[object]], width: int, notes: Notes) -> None:
    """Every row has as many cells as the heading: with one more or fewer, values stand in the wrong column."""
    for index, row in enumerate(rows):
        if len(row) != width:
            code = "extra-cell" if len(row) > width else "short-row"
            message = f"the row has {len(row)} cell{'s' * (len(row) != 1)}, the heading {width}."
            remedy = (
                "Put text that holds a comma in quotation marks, write numbers with a decimal point, or name the column."
                if len(row) > width
                else "Write a comma for every column, also where the cell is blank."
            )
            notes.error(code, table, index, None, message, remedy)


def _in_order(table: Table, rows: list[Row], notes: Notes) -> list[Row]:
    """Rows in the order of their keys, so that their order in the input changes nothing; what is noted by index follows."""
    ranks = []
    for column in table.key:
        cells = [row[column] for row in rows]
        place = {cell: number for number, cell in enumerate(sorted(set(cells), key=natural))}
        ranks.append([place[cell] for cell in cells])
    # The last key of `lexsort` is the first to decide.
    order: list[int] = np.lexsort(ranks[::-1]).tolist() if ranks else list(range(len(rows)))
    notes.reorder(table.name, order)
    return [rows[index] for index in order]


def _typed_cells(table: str, attribute: Attribute, cells: list[object], draft: Draft) -> list[Value]:
    notes = draft.notes
    values: list[Value] = []
    seen: dict[tuple[type, object], Value] = {}  # most columns repeat few values; each is parsed once
    for index, cell in enumerate(cells):
        if cell is None or cell == "":
            value = None
        else:
            try:
                memory = (type(cell), cell)
                if memory in seen:
                    value = seen[memory]
                else:
                    value = seen[memory] = parse_cell(attribute, cell)
            except CellError as error:
                remedy = error.remedy
                if attribute.kind == "period" and error.code == "number":
                    remedy = _period_wanted(cell, draft)
                notes.error(error.code, table, index, attribute.name, f"{error.message}.", remedy)
                values.append(None)
                continue
            except TypeError:  # not hashable, therefore no cell
                notes.error(
                    "type",
                    table,
                    index,
                    attribute.name,
                    f"{type(cell).__name__} is not a value.",
                    "Write text, a number or true/false.",
                )
                values.append(None)
                continue
        if value is None and attribute.required:
            notes.error(
                "missing-cell",
                table,
                index,
                attribute.name,
                "the cell is blank.",
                f"Fill it in: {attribute.description}",
            )
        values.append(value)
    return values


def _period_wanted(cell: object, draft: Draft) -> str:
    """What to write in place of a date or a word where the number of a period belongs."""
    header = draft.header
    last = f", 1 to {header.periods}" if header.periods > 1 else ": there is only one, 1"
    remedy = f"Write the number of a period{last if draft.horizon_known else ', counted from 1'}"
    month = re.match(r"([0-9]{4})-([0-9]{2})", str(cell).strip())
    if draft.horizon_known and header.first and month:
        year, first = map(int, header.first.split("-"))
        period = ((int(month[1]) - year) * 12 + int(month[2]) - first) // header.months + 1
        if 1 <= period <= header.periods:
            remedy += f" ({month[0]} is in period {period})"
    return f"{remedy}."


def natural(text: str | None) -> tuple[object, ...]:
    """Sort key that puts `post-2` before `post-10`, and blanks first; ties are broken by the text itself."""
    if text is None:
        return ()
    parts = _DIGITS.split(text)
    for index in range(1, len(parts), 2):
        digits = parts[index].lstrip("0")
        parts[index] = f"{len(digits):05d}{digits}"  # orders as the number would, however long it is
    return (tuple(parts), text)


def _instance(header: Header, typed: Mapping[str, list[Row]], notes: Notes, place: str) -> Instance:
    frames, origin = {}, {}
    for name, rows in typed.items():
        columns = list(rows[0]) if rows else [column.name for column in TABLES[name].columns]
        cells = np.empty((len(rows), len(columns)), dtype=object)
        for number, row in enumerate(rows):
            cells[number] = list(row.values())
        frames[name] = pd.DataFrame(cells, columns=columns, dtype=object)
        origin[name] = (notes.place(name), tuple(notes.numbers[name]))
    return Instance(header, frames, place, origin)
