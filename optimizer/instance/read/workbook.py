"""An instance read from one `.xlsx` workbook: the sheet `instance` for the header, one sheet per table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attribute import OWN
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean, is_blank
from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import HEADER
from optimizer.instance.raw import OwnSheet, RawInstance, RawTable
from optimizer.instance.read.sheet_values import column_and_row
from optimizer.instance.read.sheets import Book, Sheet, SheetEntry
from optimizer.instance.regular import UnreadableFile

HEADER_SHEET: Final = "instance"
EXHAUSTED: Final = frozenset({"workbook-too-large", "too-many-cells"})
"""Findings after which nothing more of a workbook is read."""


def read_workbook(path: Path) -> RawInstance:
    """The header and tables of a workbook, before any check; formulas are not evaluated, their stored values are read.

    Sheets whose name begins with `_` are the planner's own: what is in their cells travels, and nothing else looks at it.
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
        for entry in book.sheets:
            if entry.name.startswith(OWN) and entry.part is not None and not gathered.exhausted:
                gathered.add_own(book, entry)
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
        gathered.own,
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
        self.own: dict[str, OwnSheet] = {}

    def note(self, code: str, place: str, message: str, remedy: str, severity: str = "error") -> None:
        self.findings.append(Finding(severity, code, place, None, None, message, remedy))

    def add_own(self, book: Book, entry: SheetEntry) -> None:
        """Keep the cells of a planner's own sheet; one that cannot be read is left behind, with a warning."""
        try:
            sheet = book.read(entry, formulas=True)
        except UnreadableFile as error:
            message = f"this sheet of your own does not travel: {error.message}"
            self.note(error.code, f"sheet {entry.name}", message, error.remedy, "warning")
            return
        self.own[entry.name] = dict(zip(sheet.numbers, sheet.rows, strict=True))

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
        (column, row), (right, bottom) = column_and_row(first), column_and_row(last or first)
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
