"""Which file of a folder is which table, and which files only look like one: they would leave a table off without a word."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from optimizer.instance.attribute import OWN
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import did_you_mean
from optimizer.instance.findings import Finding
from optimizer.instance.names import folds

MAXIMUM_FILES: Final = 10_000
"""Most other files of a folder: each of them is looked at."""

_DOCUMENTS: Final = frozenset(
    (
        *("md", "rst", "rtf", "tex", "pdf", "doc", "docx", "odt", "ppt", "pptx", "html", "htm", "msg", "eml"),
        *("png", "svg", "jpg", "jpeg", "gif", "webp", "py", "ipynb", "r", "sh", "log"),
    )
)
"""Endings of files about a table, which cannot be the table."""
_LOCK: Final = re.compile(r"\.~lock\..*#|~\$.*|\.#.*|#.*#|.*\.sw[a-z]")
"""What office programs and editors lay beside a file while it is open."""
_COPY: Final = re.compile(
    r"(\s*\([0-9]+\)|[\s_-]+(copy|kopie|copie|copia|kopia)|[\s_-]*(backup|bak|old|new|final)|[\s_-]*v?[0-9]+)+$"
)
_COPY_OF: Final = re.compile(r"^(copy of|kopie von|copie de|copia de)\s+")
_NEAR: Final = 0.85


@dataclass
class TableFiles:
    """The file of each table, what is wrong with other files, and the tables that these were probably meant to be."""

    paths: dict[str, Path] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    meant: set[str] = field(default_factory=set)
    own: list[Path] = field(default_factory=list)


def table_files(folder: Path) -> TableFiles:
    """The files of a folder that are tables (`NAME.csv`), with a finding for each that only looks like one.

    Raises:
        OSError: the folder cannot be listed.
    """
    found = TableFiles()
    others = []
    for path in sorted(folder.iterdir()):
        name = path.stem
        if path.suffix.lower() != ".csv" or name not in TABLES:
            others.append(path)
        elif name in found.paths:
            message = f"the table {name!r} is there twice: {found.paths[name].name} is read."
            found.findings.append(_finding("error", "duplicate-table", path, message, "Keep one of the two files."))
        else:
            found.paths[name] = path
    if len(others) > MAXIMUM_FILES:
        message = f"the folder holds more than {MAXIMUM_FILES:,} files that are no tables."
        found.findings.append(_finding("error", "too-many-files", folder, message, "Give the instance its own folder."))
        return found
    for path in others:
        if path.name.startswith(OWN):
            if path.suffix.lower() == ".csv" and path.is_file():
                found.own.append(path)
        elif not _LOCK.fullmatch(path.name):
            _look_at(path, found)
    return found


def _look_at(path: Path, found: TableFiles) -> None:
    """Note a file that is no table, if it should be one."""
    if path.suffix.lower() == ".csv" and not path.name.startswith("."):
        name = path.stem
        near = nearest_table(path.name)
        hint = f" Did you mean {near!r}?" if near is not None else did_you_mean(name, TABLES)
        found.meant |= {known for known in TABLES if f"{known!r}" in hint}
        remedy = f"Rename or remove the file (names that begin with `{OWN}` are left alone).{hint}"
        found.findings.append(_finding("error", "unknown-table", path, f"there is no table {name!r}.", remedy))
        return
    meant = nearest_table(path.name)
    if meant is None or path.is_dir():
        return
    if meant in found.paths:
        if not path.name.startswith("._"):  # what a Mac lays beside every file on other disks
            message = f"this file is not read: the table {meant!r} is {found.paths[meant].name}."
            remedy = f"Remove it, or let its name begin with `{OWN}`."
            found.findings.append(_finding("warning", "file-not-read", path, message, remedy))
        return
    found.meant.add(meant)
    message = f"this file is not read, and so there is no table {meant!r}."
    remedy = f"Save it as {meant}.csv (“CSV UTF-8”); if it is something else, let its name begin with `{OWN}`."
    found.findings.append(_finding("error", "no-table-file", path, message, remedy))


def nearest_table(name: str) -> str | None:
    """The table that a file of this name is probably meant to be: hidden, with another ending, a copy, or misspelt."""
    parts = name.lstrip(".~#").casefold().split(".")
    if parts[-1].rstrip("~#_") in _DOCUMENTS:
        return None
    stem = _COPY.sub("", _COPY_OF.sub("", parts[0].strip())).rstrip("~#_ -")
    stem = re.sub(r"[\s-]+", "_", stem)
    forms = folds(stem)
    for table in TABLES:
        if forms & folds(table):
            return table
    close = difflib.get_close_matches(stem, TABLES, n=1, cutoff=_NEAR) if len(stem) <= 80 else []
    return close[0] if close else None


def _finding(severity: str, code: str, path: Path, message: str, remedy: str) -> Finding:
    return Finding(severity, code, path.name, None, None, message, remedy)
