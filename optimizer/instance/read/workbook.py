"""An instance as one `.xlsx` workbook: the sheet `instance` for the header, one sheet per table, drop-downs from the attribute tables."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.attributes import HEADER, OWN, TABLES, Attribute
from optimizer.instance.cells import did_you_mean, is_blank
from optimizer.instance.csv_text import number_text
from optimizer.instance.findings import Finding
from optimizer.instance.raw import RawInstance, RawTable
from optimizer.instance.read.header import header_mapping
from optimizer.instance.read.sheet_values import place_of
from optimizer.instance.read.sheets import Book, Sheet, SheetEntry
from optimizer.instance.regular import UnreadableFile
from optimizer.instance.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance

HEADER_SHEET: Final = "instance"
EXHAUSTED: Final = frozenset({"workbook-too-large", "too-many-cells"})
"""Findings after which nothing more of a workbook is read."""
_ROWS_TO_COME: Final = 1_000
"""Rows below the last one that also get the drop-downs."""


def read_workbook(path: Path) -> RawInstance:
    """The header and tables of a workbook, before any check; formulas are not evaluated, their stored values are read.

    Sheets whose name begins with `_` are the planner's own and are left alone.
    """
    gathered = _Gathered()
    try:
        book = Book(path)
        entries = [entry for entry in book.sheets if not entry.name.startswith(OWN)]
        for entry in entries:
            gathered.add(book, entry)
            if gathered.exhausted:
                break
        if not gathered.exhausted and HEADER_SHEET not in {entry.name for entry in entries}:
            remedy = "Add it, with the columns key and value; the least it can hold is the row: schema, 1."
            gathered.note("missing-header", path.name, f"the sheet {HEADER_SHEET!r} is missing.", remedy)
    except UnreadableFile as error:
        gathered.note(error.code, path.name, error.message, error.remedy)
        gathered.unread |= set(TABLES)
    except OSError as error:
        message = f"the file cannot be read ({error.strerror})."
        gathered.note("unreadable", path.name, message, "Check its permissions.")
        gathered.unread |= set(TABLES)
    return RawInstance(
        gathered.header or {},
        gathered.tables,
        str(path),
        f"sheet {HEADER_SHEET}",
        path.stem,
        tuple(gathered.findings),
        frozenset(gathered.unread - set(gathered.tables)),
        gathered.header_rows,
        gathered.header is not None,
    )


def is_instance(path: Path) -> bool:
    """Whether a file is a workbook with the sheet of a header."""
    try:
        return any(entry.name == HEADER_SHEET for entry in Book(path).sheets)
    except (UnreadableFile, OSError):
        return False


class _Gathered:
    """What the sheets of a workbook gave so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.tables: dict[str, RawTable] = {}
        self.unread: set[str] = set()
        self.header: Mapping[str, object] | None = None
        self.header_rows: dict[str, int] = {}
        self.exhausted = False

    def note(self, code: str, place: str, message: str, remedy: str, severity: str = "error") -> None:
        self.findings.append(Finding(severity, code, place, None, None, message, remedy))

    def add(self, book: Book, entry: SheetEntry) -> None:
        """Read a sheet; one that cannot be read costs none of the others."""
        name, place = entry.name, f"sheet {entry.name}"
        if name not in TABLES and name != HEADER_SHEET:
            hint = did_you_mean(name.strip().casefold(), (*TABLES, HEADER_SHEET))
            message = f"there is no table {name!r}{' (the sheet is hidden)' if entry.hidden else ''}."
            self.note("unknown-table", place, message, f"Rename or remove the sheet.{hint}")
            self.unread |= {known for known in TABLES if f"{known!r}" in hint}
            return
        try:
            sheet = book.read(entry)
        except UnreadableFile as error:
            self.exhausted = error.code in EXHAUSTED
            self.unread |= set(TABLES) if self.exhausted else {name}
            self.note(error.code, place, error.message, error.remedy)
            return
        if entry.hidden:
            message = "the sheet is hidden; it is read like any other."
            self.note("hidden-sheet", place, message, "Show it, or remove it.", "warning")
        if name == HEADER_SHEET:
            self.header, self.header_rows = _nested(list(zip(sheet.numbers, sheet.rows, strict=True)), self.findings)
        elif not sheet.rows:
            self.unread.add(name)
            remedy = "Write the column names in its first row, or remove the sheet."
            self.note("empty-file", place, "the sheet is empty: not even a heading.", remedy)
        else:
            self.tables[name] = RawTable(
                name, place, sheet.rows[0], sheet.rows[1:], sheet.numbers[1:], sheet.numbers[0]
            )
            self.findings += _merged(sheet, place)


def _merged(sheet: Sheet, place: str) -> Iterator[Finding]:
    """Merged cells below the heading: only their first holds the value, the others are blank."""
    row_of = dict(zip(sheet.numbers, sheet.rows, strict=True))
    for area in sheet.merged:
        first, _, last = area.partition(":")
        (column, row), (right, bottom) = place_of(first), place_of(last or first)
        cells = row_of.get(row, [])
        if row <= sheet.numbers[0] or (column, row) == (right, bottom) or not 1 <= column <= len(cells):
            continue
        heading = sheet.rows[0][column - 1]
        own = column == right and str(heading).strip().startswith(OWN)
        if cells[column - 1] is not None and not own:
            yield Finding(
                "error",
                "merged-cells",
                place,
                row,
                str(heading) if heading is not None else None,
                f"the cells {area} are merged: only the first of them holds the value, the others are blank.",
                "Unmerge them and write the value into every cell that it holds for.",
            )


def _nested(rows: list[tuple[int, list[Any]]], findings: list[Finding]) -> tuple[dict[str, Any], dict[str, int]]:
    """The header from its key/value rows: `periods.count`, `aims.1.name`, `aims.1.scope.area` …"""
    header: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    aims: dict[int, dict[str, Any]] = {}
    for number, row in rows:
        key, value = ("" if is_blank(row[0]) else str(row[0]).strip()), (row[1] if len(row) > 1 else None)
        if not key or key == "key" or is_blank(value):
            continue
        if key in numbers:
            findings.append(
                Finding(
                    "error",
                    "duplicate-key",
                    f"sheet {HEADER_SHEET}",
                    number,
                    key,
                    f"{key!r} is already in row {numbers[key]}.",
                    "Keep one of them.",
                )
            )
            continue
        numbers[key] = number
        section, _, rest = key.partition(".")
        if section == "aims" and rest:
            position, _, name = rest.partition(".")
            if not position.isdecimal() or not name:
                findings.append(
                    Finding(
                        "error",
                        "unknown-key",
                        f"sheet {HEADER_SHEET}",
                        number,
                        key,
                        f"{key!r} names no value of an aim.",
                        "Write aims.1.name, aims.1.priority and so on.",
                    )
                )
                continue
            _put(aims.setdefault(int(position), {}), name, value, ("scope", "weights"))
        else:
            _put(header, key, value, tuple(section for section in HEADER if section))
    if aims:
        header["aims"] = [aims[position] for position in sorted(aims)]
        renumbered = {position: number for number, position in enumerate(sorted(aims), 1)}
        for key, number in list(numbers.items()):
            parts = key.split(".", 2)
            if len(parts) == 3 and parts[0] == "aims" and parts[1].isdecimal():
                numbers[f"aims.{renumbered[int(parts[1])]}.{parts[2]}"] = number
    return header, numbers


def _put(target: dict[str, Any], key: str, value: Any, sections: tuple[str, ...]) -> None:
    section, dot, name = key.partition(".")
    if dot and section in sections and isinstance(target.setdefault(section, {}), dict):
        target[section][name] = value
    else:
        target[key] = value


def write_workbook(instance: Instance, path: str | Path) -> None:
    """Write an instance as a new workbook, whole or not at all.

    Raises:
        OSError: nothing was written (no space, no permission, the file is there already).
    """
    write_file(Path(path), workbook_bytes(instance))


def workbook_bytes(instance: Instance) -> bytes:
    """The workbook of an instance; the same instance gives the same bytes."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": instance.header.title, "created": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)})
    formats = {
        "heading": book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border": 1}),
        "required": book.add_format({"bold": True, "bg_color": "#7A1F1F", "font_color": "#FFFFFF", "border": 1}),
        "remark": book.add_format({"italic": True, "font_color": "#666666"}),
        "text": book.add_format({"num_format": "@"}),
    }
    _write_header(book.add_worksheet(HEADER_SHEET), instance, formats)
    for name in TABLES:
        if name in instance.tables:
            _write_table(book.add_worksheet(name), instance, name, formats)
    book.close()
    return stream.getvalue()


def _write_header(sheet: Any, instance: Instance, formats: Mapping[str, Any]) -> None:
    for column, (name, width) in enumerate((("key", 24), ("value", 40), ("description", 80))):
        sheet.write_string(0, column, name, formats["heading"])
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    row = 1
    for key, attribute, value in _flat(header_mapping(instance.header)):
        sheet.write_string(row, 0, key)
        _write_cell(sheet, row, 1, value, formats)
        if attribute is not None:
            sheet.write_string(row, 2, attribute.description, formats["remark"])
            if attribute.choices:
                sheet.data_validation(row, 1, row, 1, _validation(list(attribute.choices)))
        row += 1


def _flat(header: Mapping[str, Any]) -> Iterator[tuple[str, Attribute | None, Any]]:
    """Dotted key, attribute and value of everything in a header; also of what is blank, so that it can be filled in."""
    for attribute in HEADER[""]:
        yield attribute.name, attribute, header.get(attribute.name)
    for section in ("periods", "solver"):
        for attribute in HEADER[section]:
            yield f"{section}.{attribute.name}", attribute, header.get(section, {}).get(attribute.name)
    for number, aim in enumerate(header.get("aims", []), 1):
        for attribute in HEADER["aims"]:
            value, key = aim.get(attribute.name), f"aims.{number}.{attribute.name}"
            if isinstance(value, dict):
                for name, item in value.items():
                    yield f"{key}.{name}", None, item
            elif value is not None:
                yield key, attribute, value


def _write_table(sheet: Any, instance: Instance, name: str, formats: Mapping[str, Any]) -> None:
    frame = instance.tables[name]
    table = TABLES[name]
    rows = len(frame)
    sheet.freeze_panes(1, len(table.key))
    for position, column in enumerate(frame.columns):
        attribute = table.by_name.get(str(column)) or _open_column(str(column), instance)
        heading = formats["required" if attribute.required else "heading"]
        sheet.write_string(0, position, str(column), heading)
        sheet.write_comment(0, position, _comment(attribute), {"x_scale": 2})
        values = list(frame[column])
        for row, value in enumerate(values, 1):
            _write_cell(sheet, row, position, value, formats)
        longest = max((len(str(value)) for value in values if value is not None), default=0)
        sheet.set_column(position, position, min(max(len(str(column)) + 2, longest + 1, 8), 50))
        validation = _drop_down(attribute, name, instance)
        if validation is not None:
            sheet.data_validation(1, position, rows + _ROWS_TO_COME, position, validation)
    if rows:
        sheet.autofilter(0, 0, rows, len(frame.columns) - 1)


def _open_column(name: str, instance: Instance) -> Attribute:
    """What a column is that the table does not describe: the planner's own, or a condition."""
    if name.startswith(OWN) and name not in {row["condition"] for row in instance.rows("conditions")}:
        return Attribute(name, "own", "The planner's own column.")
    return Attribute(name, "boolean", "Whether the condition holds; blank = its default.")


def _comment(attribute: Attribute) -> str:
    parts = [attribute.description]
    if attribute.unit:
        parts.append(f"Unit: {attribute.unit}.")
    if attribute.choices:
        parts.append(f"One of: {', '.join(attribute.choices)}.")
    if attribute.required:
        parts.append("Required.")
    elif attribute.default is not None:
        default = str(attribute.default).lower() if isinstance(attribute.default, bool) else f"{attribute.default}"
        parts.append(f"Blank = {default}.")
    return "\n".join(parts)


def _write_cell(sheet: Any, row: int, column: int, value: object, formats: Mapping[str, Any]) -> None:
    """Text always as text; numbers that the format cannot hold exactly (17 digits) as text too: they read back as themselves."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)) and float(f"{value:.16G}") == value:
        sheet.write_number(row, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_string(row, column, number_text(value) if isinstance(value, float) else str(value), formats["text"])
    else:
        sheet.write_string(row, column, str(value), formats["text"])


def _drop_down(attribute: Attribute, table: str, instance: Instance) -> dict[str, Any] | None:
    """The drop-down of a column: choices, true/false, or the keys of the table that it refers to."""
    if attribute.choices:
        return _validation(list(attribute.choices))
    if attribute.kind == "boolean":
        return _validation(["TRUE", "FALSE"])
    if attribute.kind == "reference" and len(attribute.refers) == 1:
        other = attribute.refers[0]
        frame: pd.DataFrame | None = instance.tables.get(other)
        if frame is not None and other != table:
            column = chr(65 + list(frame.columns).index(TABLES[other].key[0]))
            return _validation(f"='{other}'!${column}$2:${column}${len(frame) + 1 + _ROWS_TO_COME}")
    return None


def _validation(source: list[str] | str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": "Not in the list",
        "error_message": "This is none of the values that the column knows.",
    }
