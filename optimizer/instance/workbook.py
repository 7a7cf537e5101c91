"""An instance as one `.xlsx` workbook: the sheet `instance` for the header, one sheet per table, drop-downs from the attribute tables."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.instance.attributes import HEADER, TABLES, Attribute
from optimizer.instance.cells import did_you_mean, is_blank
from optimizer.instance.findings import Finding
from optimizer.instance.folder import number_text
from optimizer.instance.header import header_mapping
from optimizer.instance.reading import MAXIMUM_CELLS, MAXIMUM_ROWS, RawInstance, RawTable
from optimizer.instance.regular import MAXIMUM_FILE_BYTES
from optimizer.instance.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance

MAXIMUM_EXPANDED_BYTES: Final = 512 * 1024 * 1024
"""Most bytes that a workbook may expand to; checked before it is opened."""
MAXIMUM_ENTRIES: Final = 2_000
HEADER_SHEET: Final = "instance"

_CELL: Final = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_FAULTY_CELL: Final = re.compile(rb"""<c\s[^>]*?r="([A-Z]{1,3}[0-9]{1,7})"[^>]*?\st="e\"""")
_UNCALCULATED: Final = re.compile(
    rb"""<c\s[^>]*?r="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
_OVERLAP: Final = 4_096
_ROWS_TO_COME: Final = 1_000
"""Rows below the last one that also get the drop-downs."""


class _UnreadableWorkbook(Exception):  # noqa: N818 - it never leaves this module
    """A workbook that cannot be read, as the finding to show."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


def read_workbook(path: Path) -> RawInstance:
    """The header and tables of a workbook, before any check; formulas are not evaluated, their stored values are read."""
    from python_calamine import CalamineError, CalamineWorkbook

    findings: list[Finding] = []
    tables: dict[str, RawTable] = {}
    unread: set[str] = set()
    header: Mapping[str, object] | None = None
    header_rows: dict[str, int] = {}
    try:
        _refuse_bombs(path)
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            for name in names:
                place = f"sheet {name}"
                if name == HEADER_SHEET:
                    header, header_rows = _nested(
                        book.get_sheet_by_name(name).to_python(skip_empty_area=False), findings
                    )
                elif name in TABLES:
                    table = _raw_table(name, place, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                    if table is None:
                        unread.add(name)
                        findings.append(
                            Finding(
                                "error",
                                "empty-file",
                                place,
                                None,
                                None,
                                "the sheet is empty: not even a heading.",
                                "Write the column names in its first row, or remove the sheet.",
                            )
                        )
                    else:
                        tables[name] = table
                else:
                    findings.append(
                        Finding(
                            "error",
                            "unknown-table",
                            place,
                            None,
                            None,
                            f"there is no table {name!r}.",
                            f"Rename or remove the sheet.{did_you_mean(name, TABLES)}",
                        )
                    )
                    unread |= {known for known in TABLES if f"{known!r}" in did_you_mean(name, TABLES)}
        if HEADER_SHEET not in names:
            findings.append(
                Finding(
                    "error",
                    "missing-header",
                    path.name,
                    None,
                    None,
                    f"the sheet {HEADER_SHEET!r} is missing.",
                    "Add it, with the columns key and value; the least it can hold is the row: schema, 1.",
                )
            )
    except _UnreadableWorkbook as error:
        findings.append(Finding("error", error.code, path.name, None, None, error.message, error.remedy))
        unread |= set(TABLES)
    except (CalamineError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        findings.append(
            Finding(
                "error",
                "workbook-unreadable",
                path.name,
                None,
                None,
                f"this is no readable workbook ({error}).",
                "Save it again as .xlsx (Excel workbook), without a password.",
            )
        )
        unread |= set(TABLES)
    return RawInstance(
        header or {},
        tables,
        str(path),
        f"sheet {HEADER_SHEET}",
        path.stem,
        tuple(findings),
        frozenset(unread - set(tables)),
        header_rows,
        header is not None,
    )


def _refuse_bombs(path: Path) -> None:
    """Refuse, before the workbook is opened, what would fill the memory: by the zip directory, and by the cells' addresses.

    A reader lays a sheet out as a rectangle, so that one cell at XFD1048576 costs as much as a full sheet.
    """
    size = path.stat().st_size
    if size > MAXIMUM_FILE_BYTES:
        raise _UnreadableWorkbook(
            "file-too-large",
            f"the file has {size:,} bytes, more than {MAXIMUM_FILE_BYTES:,}.",
            "Leave out what the instance does not need.",
        )
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        expanded = sum(entry.file_size for entry in entries)
        if len(entries) > MAXIMUM_ENTRIES or expanded > MAXIMUM_EXPANDED_BYTES:
            raise _UnreadableWorkbook(
                "workbook-too-large",
                f"the workbook expands to {expanded:,} bytes in {len(entries):,} parts, more than {MAXIMUM_EXPANDED_BYTES:,} or {MAXIMUM_ENTRIES:,}.",
                "Leave out what the instance does not need (pictures, other sheets).",
            )
        for entry in entries:
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                _refuse_sheet(archive, entry)


def _refuse_sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    last_row, last_column = 1, 1
    for chunk in _chunks(archive, entry):
        for column, row in _CELL.findall(chunk):
            last_row = max(last_row, int(row))
            last_column = max(last_column, _column_number(column))
        for pattern, what in (
            (_FAULTY_CELL, "holds an error such as #N/A"),
            (_UNCALCULATED, "holds a formula that was never calculated"),
        ):
            match = pattern.search(chunk)
            if match:
                sheet = Path(entry.filename).stem
                raise _UnreadableWorkbook(
                    "formula",
                    f"cell {match.group(1).decode()} of {sheet} {what}.",
                    "Correct it, or replace it by a value; open and save the workbook to calculate it.",
                )
    if last_row > MAXIMUM_ROWS + 1 + _ROWS_TO_COME or last_row * last_column > MAXIMUM_CELLS:
        raise _UnreadableWorkbook(
            "too-many-cells",
            f"{Path(entry.filename).stem} reaches to row {last_row:,} and column {last_column:,}.",
            "Delete the empty rows and columns after the table.",
        )


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry piece by piece; each begins with the end of the piece before, so that nothing is cut in two."""
    tail = b""
    with archive.open(entry) as stream:
        while piece := stream.read(1 << 20):
            yield tail + piece
            tail = (tail + piece)[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _raw_table(name: str, place: str, cells: list[list[Any]]) -> RawTable | None:
    """The sheet from its first row with content on; the rows keep their numbers."""
    numbered = [(number, row) for number, row in enumerate(cells, 1) if not all(is_blank(cell) for cell in row)]
    if not numbered:
        return None
    (_, heading), *rows = numbered
    return RawTable(name, place, heading, [row for _, row in rows], [number for number, _ in rows])


def _nested(cells: list[list[Any]], findings: list[Finding]) -> tuple[dict[str, Any], dict[str, int]]:
    """The header from its key/value rows: `periods.count`, `aims.1.name`, `aims.1.scope.area` …"""
    header: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    aims: dict[int, dict[str, Any]] = {}
    for number, row in enumerate(cells, 1):
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
        attribute = table.by_name.get(str(column)) or Attribute(
            str(column), "boolean", "Whether the condition holds; blank = its default."
        )
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
