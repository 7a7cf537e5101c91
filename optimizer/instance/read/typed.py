"""The rows of a table as typed values, in canonical order; what cannot be typed is blank and noted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from optimizer.instance.attribute import Attribute, Table
from optimizer.instance.cells import CellError, Value, is_blank, parse_cell
from optimizer.instance.check.written import doubt_column
from optimizer.instance.draft import Draft
from optimizer.instance.findings import Notes
from optimizer.instance.instance import Row
from optimizer.instance.raw import MAXIMUM_COLUMNS, MAXIMUM_ROWS, RawTable
from optimizer.instance.read.headings import columns, heading_elsewhere

_DIGITS: Final = re.compile("([0-9]+)")


def condition_names(table: RawTable | None) -> set[str]:
    """The keys of `conditions`, read ahead because they are the open columns of `scenarios`."""
    if table is None:
        return set()
    positions = [index for index, name in enumerate(table.header) if str(name).strip() == "condition"]
    return {str(row[positions[0]]).strip() for row in table.rows if len(row) > positions[0]} if positions else set()


def typed_rows(table: Table, raw: RawTable, conditions: set[str], conditions_unread: bool, draft: Draft) -> list[Row]:
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
        rank = {cell: number for number, cell in enumerate(sorted(set(cells), key=natural))}
        ranks.append([rank[cell] for cell in cells])
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


def natural(cell: Value) -> tuple[object, ...]:
    """Sort key that puts `post-2` before `post-10`, and blanks first; ties are broken by the text itself."""
    if cell is None:
        return ()
    text = str(cell)
    parts = _DIGITS.split(text)
    for index in range(1, len(parts), 2):
        digits = parts[index].lstrip("0")
        parts[index] = f"{len(digits):05d}{digits}"  # orders as the number would, however long it is
    return (tuple(parts), text)
