"""The cells of an `.xlsx` workbook as Python values, read by local names from a stream of XML events.

Formulas are not evaluated: the value that the spreadsheet stored with them counts. A cell without a usable value (an error
such as #N/A, a formula that was never calculated) becomes a `FaultyCell`, so that the finding names its row and column.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from optimizer.instance.raw import MAXIMUM_CELLS, MAXIMUM_COLUMNS, FaultyCell, Formula
from optimizer.instance.read.package import Events, Package, broken
from optimizer.instance.read.sheet_values import (
    LAST_ROW,
    Cell,
    as_date,
    built_in,
    column_letters,
    column_number,
    row_number,
    shown_as,
    unescaped,
)
from optimizer.instance.regular import MAXIMUM_FILE_BYTES, UnreadableFile

MAXIMUM_SHEETS: Final = 1_000
MAXIMUM_CHARACTERS: Final = MAXIMUM_FILE_BYTES
"""Most characters in the texts of a workbook."""


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it. `part` is None for one that holds no cells (a chart, a macro)."""

    name: str
    hidden: bool
    part: str | None


@dataclass
class Sheet:
    """The rows of a sheet that hold anything, by number (the first is 1), all of one width; and the merged areas."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


class Book:
    """A workbook: its sheets in their order, and the cells of each."""

    def __init__(self, path: Path) -> None:
        """Read everything but the sheets themselves.

        Raises:
            UnreadableFile: there is something that no spreadsheet would have saved.
            OSError: the file cannot be read.
        """
        self._package = Package(path)
        main = next((part for kind, part in self._package.relations("").values() if kind == "officeDocument"), None)
        if main is None:
            raise broken("this is no readable workbook (it names no part with its sheets).")
        relations = self._package.relations(main)
        listed = _Contents()
        self._package.parse(main, listed)
        self.sheets = [_entry(name, hidden, relations.get(key)) for name, hidden, key in listed.sheets]
        self._budget = _Budget()
        self._start = datetime.datetime(1904, 1, 1) if listed.from_1904 else datetime.datetime(1899, 12, 30)
        strings, styles = _Strings(self._budget), _Styles()
        for kind, part in relations.values():
            if kind == "sharedStrings":
                self._package.parse(part, strings)
            elif kind == "styles":
                self._package.parse(part, styles)
        self._strings, self._shown_as = strings.found, styles.shown_as

    def read(self, entry: SheetEntry, *, formulas: bool = False) -> Sheet:
        """The cells of a sheet; with `formulas`, a cell that is worked out is a `Formula`.

        Raises:
            UnreadableFile: the sheet is broken, or too large.
        """
        if entry.part is None:
            raise broken("this is no sheet of cells.")
        reader = _Cells(self._strings, self._shown_as, self._start, self._budget)
        reader.keeps_formulas = formulas
        self._package.parse(entry.part, reader)
        return reader.sheet()


def _entry(name: str, hidden: bool, relation: tuple[str, str] | None) -> SheetEntry:
    return SheetEntry(name, hidden, relation[1] if relation is not None and relation[0] == "worksheet" else None)


@dataclass
class _Budget:
    """What may still be read, over all sheets of a workbook."""

    cells: int = MAXIMUM_CELLS
    slots: int = MAXIMUM_CELLS
    characters: int = MAXIMUM_CHARACTERS

    def take_text(self, text: str) -> None:
        self.characters -= len(text)
        if self.characters < 0:
            message = f"the texts have more than {MAXIMUM_CHARACTERS:,} characters."
            raise UnreadableFile("workbook-too-large", message, "Leave out what the instance does not need.")

    def take_cell(self) -> None:
        self.cells -= 1
        if self.cells < 0:
            raise _too_many_cells()

    def take_row(self, width: int) -> None:
        self.slots -= width
        if self.slots < 0:
            raise _too_many_cells()


def _too_many_cells() -> UnreadableFile:
    message = f"the sheets have more than {MAXIMUM_CELLS:,} cells, blank ones among them counted."
    return UnreadableFile("too-many-cells", message, "Delete the empty rows and columns after the table.")


class _Contents(Events):
    """The list of sheets."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, str]] = []
        self.from_1904 = False

    def begin(self, name: str, attributes: Any) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif name == "sheet":
            key = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            title = unescaped(attributes.get("name", ""))
            if any(title.casefold() == other.casefold() for other, _, _ in self.sheets):
                raise broken(f"two of its sheets are named {title!r}.")
            self.sheets.append((title, attributes.get("state", "visible") != "visible", key))
            if len(self.sheets) > MAXIMUM_SHEETS:
                raise broken("it lists too many sheets.")


class _Texts(Events):
    """Collects the text of an element, without what is only for reading aloud (`rPh`)."""

    def __init__(self, budget: _Budget) -> None:
        self.budget = budget
        self.collecting = False
        self.pieces: list[str] = []
        self.aloud = False

    def data(self, text: str) -> None:
        if self.collecting:
            self.budget.take_text(text)
            self.pieces.append(text)


class _Strings(_Texts):
    """The shared strings."""

    def __init__(self, budget: _Budget) -> None:
        super().__init__(budget)
        self.found: list[str] = []

    def begin(self, name: str, attributes: Any) -> None:  # noqa: ARG002
        if name == "si":
            self.pieces = []
        elif name == "rPh":
            self.aloud = True
        elif name == "t":
            self.collecting = not self.aloud

    def finish(self, name: str) -> None:
        if name == "si":
            self.found.append(unescaped("".join(self.pieces)))
            if len(self.found) > MAXIMUM_CELLS:
                raise _too_many_cells()
        elif name == "rPh":
            self.aloud = False
        elif name == "t":
            self.collecting = False


class _Styles(Events):
    """Which styles show a number as a date, or as a duration."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.shown_as: dict[str, str] = {}
        self.inside = False
        self.count = 0

    def begin(self, name: str, attributes: Any) -> None:
        if name == "numFmt":
            self.formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self.inside = True
        elif name == "xf" and self.inside:
            shown = self._shown(attributes.get("numFmtId", "0"))
            if shown:
                self.shown_as[str(self.count)] = shown
            self.count += 1

    def finish(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False

    def _shown(self, number: str) -> str:
        code = self.formats.get(number)
        return built_in(number) if code is None else shown_as(code)


class _Cells(_Texts):
    """The cells of a sheet."""

    def __init__(self, strings: list[str], shown: dict[str, str], start: datetime.datetime, budget: _Budget) -> None:
        super().__init__(budget)
        self.strings, self.shown, self.day_zero = strings, shown, start
        self.found: dict[int, list[Cell]] = {}
        self.merged: list[str] = []
        self.columns: dict[str, int] = {}
        self.in_data = self.in_row = self.in_cell = False
        self.keeps_formulas = False
        self.worked_out = ""
        self.number = 0
        self.label: str | None = ""
        self.cells: list[Cell] = []
        self.at = 0

    def begin(self, name: str, attributes: Any) -> None:
        if self.in_cell:
            if name == "v" or (name == "t" and not self.aloud):
                self.collecting, self.stored = True, True
            elif name == "f":
                self.formula = True
                self.collecting = self.keeps_formulas and attributes.get("t", "normal") == "normal"
            elif name == "rPh":
                self.aloud = True
            elif name == "c":
                raise broken("it has a cell inside a cell.")
        elif self.in_row:
            if name == "c":
                self._begin_cell(attributes)
            elif name == "row":
                raise broken("it has a row inside a row.")
        elif self.in_data and name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "sheetData":
            self.in_data = True
        elif name == "mergeCell":
            self.budget.take_cell()
            self.merged.append(attributes.get("ref", "")[:40])

    def finish(self, name: str) -> None:
        if self.in_cell:
            if name in {"v", "t"}:
                self.collecting = False
            elif name == "f" and self.collecting:
                self.collecting, self.worked_out, self.pieces = False, "".join(self.pieces), []
            elif name == "c":
                self.in_cell = False
                value = self._value()
                self._keep(Formula(self.worked_out, value) if self.worked_out else value)
                self.worked_out = ""
            elif name == "rPh":
                self.aloud = False
        elif name == "row" and self.in_row:
            self.in_row = False
            self._finish_row()
        elif name == "sheetData":
            self.in_data = False

    def _begin_row(self, label: str | None) -> None:
        self.budget.take_cell()
        self.in_row, self.label, self.cells, self.at = True, label, [], 0
        self.number = self.number + 1 if label is None else row_number(label)
        if self.number > LAST_ROW:
            raise broken(f"it has a row {self.number:,}.")

    def _begin_cell(self, attributes: Any) -> None:
        self.budget.take_cell()
        self.in_cell = True
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s")
        self.pieces, self.formula, self.aloud, self.stored = [], False, False, False
        address = attributes.get("r")
        self.at = self.at + 1 if address is None else self._column(address)

    def _column(self, address: str) -> int:
        letters = address.rstrip("0123456789")
        row = address[len(letters) :]
        if row != self.label:
            if self.label is None and not self.at:
                self.number, self.label = row_number(row), row
            elif row_number(row) != self.number:
                raise broken(f"the cell {address[:40]} stands in row {self.number}.")
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_number(letters)
        return column

    def _keep(self, value: Cell) -> None:
        if value is None:
            return
        missing = self.at - len(self.cells)
        if missing > 0:
            if missing > 1:
                self.cells.extend([None] * (missing - 1))
            self.cells.append(value)
        elif self.cells[self.at - 1] is None:
            self.cells[self.at - 1] = value
        else:
            raise broken(f"the cell {column_letters(self.at)}{self.number} is there twice.")

    def _finish_row(self) -> None:
        if self.cells:
            self.budget.take_row(len(self.cells))
            if self.number in self.found:
                raise broken(f"the row {self.number} is there twice.")
            self.found[self.number] = self.cells

    def _value(self) -> Cell:
        text = "".join(self.pieces)
        kind = self.kind
        if kind == "e":
            return FaultyCell(
                "formula", text or "#ERROR", f"the cell holds the error {(text or '#ERROR')[:20]!r}", _MEND
            )
        if not text and self.formula and kind != "inlineStr":
            what = "the cell holds a formula whose result was never calculated, or is an empty text"
            return FaultyCell("formula", "(formula)", what, _MEND)
        if not self.stored:
            return None
        if kind == "n":
            return self._number(text)
        if kind in {"str", "inlineStr"}:
            return unescaped(text) or None
        return self._other(kind, text)

    def _number(self, text: str) -> Cell:
        if not text.strip():
            return None
        try:
            value = float(text)
        except ValueError:
            return _strange(text)
        if not math.isfinite(value) or "_" in text:
            return _strange(text)
        shown = self.shown.get(self.style) if self.style is not None else None
        return value if shown is None else as_date(value, shown, self.day_zero)

    def _other(self, kind: str, text: str) -> Cell:
        stripped = text.strip()
        if kind == "s":
            number = int(stripped) if stripped.isascii() and stripped.isdecimal() and len(stripped) < 10 else -1
            if not 0 <= number < len(self.strings):
                raise broken(f"the cell {column_letters(self.at)}{self.number} refers to a text that is not there.")
            return self.strings[number] or None
        if kind == "b" and stripped in {"0", "1", "true", "false"}:
            return stripped in {"1", "true"}
        if kind == "d":
            try:
                moment = datetime.datetime.fromisoformat(stripped).replace(tzinfo=None)  # sheets know no zones
            except ValueError:
                return text or None
            return moment if moment.time() != datetime.time() else moment.date()
        return _strange(text)

    def sheet(self) -> Sheet:
        """What was read, in order."""
        width = max(map(len, self.found.values()), default=0)
        if width > MAXIMUM_COLUMNS:
            number = next(number for number, row in self.found.items() if len(row) == width)
            message = f"the sheet reaches to column {column_letters(width)} (in row {number:,}), beyond {MAXIMUM_COLUMNS:,} columns."
            raise UnreadableFile("too-many-columns", message, "Delete what stands outside the table.")
        if width * len(self.found) > MAXIMUM_CELLS:
            raise _too_many_cells()
        numbers = sorted(self.found)
        rows = [self.found[number] for number in numbers]
        for row in rows:
            if len(row) < width:
                row.extend([None] * (width - len(row)))
        return Sheet(numbers, rows, self.merged)


_MEND: Final = "Correct it, or replace it by a value; opening and saving the workbook in a spreadsheet calculates it."


def _strange(text: str) -> FaultyCell:
    return FaultyCell("number", text, f"the cell holds {text[:40]!r}, which is no value of its type", "Type it anew.")
