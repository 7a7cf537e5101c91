"""An instance read from a folder: `instance.toml` and one CSV file per table."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import is_blank
from optimizer.instance.csv_text import unescaped
from optimizer.instance.findings import Finding
from optimizer.instance.names import folds
from optimizer.instance.raw import MAXIMUM_CELLS, MAXIMUM_ROWS, OwnSheet, RawInstance, RawTable
from optimizer.instance.read.table_files import TableFiles, table_files
from optimizer.instance.regular import MAXIMUM_FILE_BYTES, UnreadableFile, read_text

HEADER_FILE: Final = "instance.toml"
MAXIMUM_HEADER_BYTES: Final = 1024 * 1024
"""Largest header: reading TOML takes long."""
_SEPARATOR_LINE: Final = re.compile(r'\A"?sep=."?\r?\n', re.IGNORECASE)
"""The first line of some spreadsheets' files; they do not count it as a row, and show none of it."""
_MANY_PARTS: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
_LINE: Final = re.compile(r"\(at line ([0-9]+)")


def read_folder(folder: Path) -> RawInstance:
    """The header and tables of a folder, before any check; other files (README, sources …) are left alone."""
    findings: list[Finding] = []
    tables: dict[str, RawTable] = {}
    unread: set[str] = set()
    header: Mapping[str, object] | None = None
    try:
        header = _read_toml(folder)
    except UnreadableFile as error:
        findings.append(Finding("error", error.code, HEADER_FILE, error.row, None, error.message, error.remedy))
    files = TableFiles()
    try:
        files = table_files(folder)
    except OSError as error:
        message = f"the folder cannot be listed ({error.strerror})."
        findings.append(Finding("error", "unreadable", str(folder), None, None, message, "Check its permissions."))
        unread |= set(TABLES)
    findings += files.findings
    unread |= files.meant
    for name, path in files.paths.items():
        try:
            tables[name] = read_csv(folder, path)
        except UnreadableFile as error:
            unread.add(name)
            findings.append(Finding("error", error.code, path.name, error.row, None, error.message, error.remedy))
    own = dict(_own_sheets(folder, files.own, findings))
    return RawInstance(
        header or {},
        tables,
        str(folder),
        HEADER_FILE,
        folder.resolve().name or "instance",
        tuple(findings),
        frozenset(unread - set(tables)),
        header_read=header is not None,
        own=own,
    )


def _own_sheets(folder: Path, paths: list[Path], findings: list[Finding]) -> Iterator[tuple[str, OwnSheet]]:
    """The planner's own CSV files as sheets; one that cannot be read is left behind, with a warning unless it is empty."""
    for path in paths:
        try:
            table = read_csv(folder, path)
        except UnreadableFile as error:
            if error.code != "empty-file":
                message = f"this file of your own does not travel: {error.message}"
                findings.append(Finding("warning", error.code, path.name, error.row, None, message, error.remedy))
            continue
        yield path.stem, {table.heading: table.header, **dict(zip(table.numbers, table.rows, strict=True))}


def _read_text(folder: Path, path: Path, most_bytes: int) -> str:
    """The text of a file that lies in the folder itself (links that lead out of it are refused)."""
    try:
        outside = not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a ring of links
        outside = False
    if outside:
        raise UnreadableFile(
            "outside-folder",
            "the file is a link to a place outside the instance's folder.",
            "Copy the file into the folder.",
        )
    return read_text(path, most_bytes)


def _read_toml(folder: Path) -> Mapping[str, object]:
    path = folder / HEADER_FILE
    if not path.exists() and not path.is_symlink():
        hint = ""
        with contextlib.suppress(OSError):
            names = [found.name for found in sorted(folder.iterdir())]
            near = [name for name in names if folds(HEADER_FILE) & folds(name.lstrip(".").removesuffix(".txt"))]
            hint = f" Did you mean {near[0]!r}? Rename it." if near else ""
        raise UnreadableFile(
            "missing-header",
            "the file is missing.",
            f"Create it; the least it can hold is the line `schema = 1`.{hint}",
        )
    return parse_toml(_read_text(folder, path, MAXIMUM_HEADER_BYTES))


def parse_toml(text: str) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        UnreadableFile: it is no TOML, with the line where known; or its keys have so many parts that reading them takes
            time and memory without end.
    """
    many = _MANY_PARTS.search(text)
    if many:
        row = text.count("\n", 0, many.start()) + 1
        raise UnreadableFile("toml-syntax", "a key has more than 100 parts.", "Write `key = value`.", row)
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError; so are numbers without end
        line = _LINE.search(str(error))
        raise UnreadableFile(
            "toml-syntax",
            f"{error}.",
            'Write `key = value`, with text in "quotation marks".',
            int(line.group(1)) if line else None,
        ) from None


def read_csv(folder: Path, path: Path) -> RawTable:
    """A CSV file of a folder with its heading, before any check of its cells.

    Raises:
        UnreadableFile: it is no regular file of the folder, too large, not UTF-8, no CSV, or separated by something else than commas.
    """
    text = _SEPARATOR_LINE.sub("", _read_text(folder, path, MAXIMUM_FILE_BYTES), count=1)
    if text.count(",") > MAXIMUM_CELLS or text.count("\n") > MAXIMUM_CELLS:
        message = f"the table has more than {MAXIMUM_CELLS:,} cells."
        raise UnreadableFile("too-many-cells", message, "Leave out what the instance does not need.")
    heading: list[str] | None = None
    first = 1
    rows: list[list[object]] = []
    numbers: list[int] = []
    for number, cells in _records(text):
        if not any(cells):
            continue
        if heading is None:
            if all(map(is_blank, cells)):
                continue
            heading, first = cells, number
            _refuse_other_delimiters(heading)
            continue
        if len(rows) == MAXIMUM_ROWS:
            raise UnreadableFile(
                "too-many-rows",
                f"the table has more than {MAXIMUM_ROWS:,} rows.",
                "Leave out what the instance does not need.",
                number,
            )
        rows.append([unescaped(cell) for cell in cells])
        numbers.append(number)
    if heading is None:
        raise UnreadableFile(
            "empty-file",
            "the file is empty: not even a heading.",
            "Write the column names in its first row, or remove the file.",
        )
    return RawTable(path.stem, path.name, [unescaped(cell) for cell in heading], rows, numbers, first)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(
                "csv-syntax",
                f"the row cannot be read ({error}).",
                'Put text that holds commas or quotation marks in quotation marks, and double the inner ones: "a ""b"" c".',
                number,
            ) from None
        yield number, cells


def _refuse_other_delimiters(heading: list[str]) -> None:
    for delimiter, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(heading) == 1 and delimiter in heading[0]:
            raise UnreadableFile(
                "delimiter",
                f"the columns are separated by {name}.",
                "Save the file with commas (“CSV UTF-8, comma delimited”).",
                1,
            )
