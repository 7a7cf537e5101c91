"""CSV files of a plan's folder, read cell by cell: whatever is wrong is a finding with file, row and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.attribute import Attribute
from optimizer.instance.cells import CellError, parse_cell
from optimizer.instance.csv_text import unescaped
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.plan.frames import NUMBER, TEXT, TRUTH, WHOLE, table

MAXIMUM_FILE_BYTES: Final = 512 * 1024 * 1024
MOST: Final = 10**15
"""Largest amount in a plan's table: beyond it, whole numbers are no longer exact."""
_RESTORE: Final = "Restore the file, or solve again."
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


class InvalidPlan(InvalidInstance):
    """A plan's folder that cannot be read; `findings` says all that is wrong with it."""


def csv_rows(path: Path, findings: list[Finding]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Heading and numbered rows of a CSV file (blank rows are left out)."""

    def note(code: str, message: str, remedy: str, row: int | None = None) -> None:
        findings.append(Finding("error", code, path.name, row, None, message, remedy))

    try:
        text = read_text(path, MAXIMUM_FILE_BYTES)
    except UnreadableFile as error:
        if error.code == "not-found":
            note("missing-file", "the file is missing.", "Restore it, or solve again.")
        else:
            note(error.code, error.message, error.remedy, error.row)
        return [], []
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 1
    try:
        for row, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                found.append((row, cells))
    except csv.Error as error:
        note("csv-syntax", f"the row cannot be read ({error}).", "Put text with commas in quotation marks.", row + 1)
        return [], []
    if not found:
        note("empty-file", "the file is empty: not even a heading.", "Write the column names in its first row.")
        return [], []
    heading = [unescaped(cell).strip() for cell in found[0][1]]
    for name in sorted({name for name in heading if name and heading.count(name) > 1}):
        note("duplicate-column", f"the column {name!r} is there twice.", "Remove one of them.", 1)
    for number, cells in found[1:]:
        if len(cells) != len(heading):
            note("cells", f"the row has {len(cells)} cells, the heading {len(heading)}.", "Check the commas.", number)
    return heading, [(number, cells) for number, cells in found[1:] if len(cells) == len(heading)]


_KINDS: Final = {TEXT: "text", WHOLE: "integer", NUMBER: "number", TRUTH: "boolean"}


def own_table(
    path: Path, columns: Mapping[str, str], findings: list[Finding], keys: Sequence[str] | None = None
) -> pd.DataFrame:
    """A table that `save_plan` wrote. With `keys`, only these columns must be there, and only those that are there are read."""
    before = len(findings)
    heading, rows = csv_rows(path, findings)
    if keys is not None:
        columns = {name: kind for name, kind in columns.items() if name in heading or name in keys}
    cells: dict[str, list[Any]] = {name: [] for name in columns}
    missing = [name for name in columns if name not in heading]
    if heading and missing:
        message = f"the column {', '.join(map(repr, missing))} is missing."
        findings.append(Finding("error", "missing-column", path.name, 1, None, message, _RESTORE))
    if len(findings) > before:
        return pd.DataFrame(cells)
    for name, kind in columns.items():
        column, attribute = heading.index(name), Attribute(name, _KINDS[kind], "")
        for at, row in rows:
            raw = row[column]
            if kind == TEXT:
                cells[name].append(unescaped(raw))
                continue
            try:
                cells[name].append(_cell(raw, attribute, blank=keys is not None))
            except CellError as error:
                findings.append(Finding("error", error.code, path.name, at, name, f"{error.message}.", error.remedy))
    if len(findings) > before:
        return pd.DataFrame(columns=list(columns))
    if keys is not None:  # a blank truth is none: it is not compared
        return pd.DataFrame({name: pd.Series(cells[name], dtype=object) for name in columns})
    return table(columns, cells)


def _cell(raw: str, attribute: Attribute, blank: bool) -> Any:
    """A typed cell. `blank`: a truth may be missing.

    Raises:
        CellError: it is of the wrong kind, or out of all proportion.
    """
    value = number(raw) if attribute.kind == "number" else parse_cell(attribute, raw)
    if attribute.kind == "boolean" and value is None and not blank:
        raise CellError("blank", "the cell is blank", "Write true or false.")
    if attribute.kind == "integer" and isinstance(value, (int, float)) and abs(value) > MOST:
        raise CellError("too-large", f"{raw.strip()[:40]} is no number of this kind", _RESTORE)
    return value


def number(raw: str) -> float | None:
    """The number in a cell, None where it is blank.

    Raises:
        CellError: it is something else, or no finite number.
    """
    text = raw.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise CellError("number", f"{text[:40]!r} is not a number", _RESTORE)
    return float(text)
