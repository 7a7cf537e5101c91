"""Tables of a study's folder as they are shown, and the words that all its reports use."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from optimizer.instance.csv_text import unescaped
from optimizer.instance.header_attributes import AIMS
from optimizer.reporting.content import MOST_ROWS, Cell, Column, Table, first_rows
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_label

NO_KEYS: Final[Mapping[str, str]] = {}
Records = list[dict[str, str]]
_ROUNDING: Final = 1e-9
ENDINGS: Final = {
    "optimal": "proven",
    "infeasible": "infeasible",
    "feasible": "stopped by a limit, with a plan",
    "none_found": "stopped by a limit, without a plan",
    "invalid": "with invalid input",
    "failed": "failed",
    "crashed": "crashed",
}


def keys_of(head: Mapping[str, Any]) -> dict[str, str]:
    """The register's key of columns that a study names itself: its inputs."""
    return {str(vary["name"]): "input of a run" for vary in head.get("vary", ())}


def records(file: Path) -> Records:
    """The rows of a table of a study's folder, as text."""
    names, lines = _lines(file)
    return [dict(zip(names, map(unescaped, line), strict=True)) for line in lines]


def read_table(file: Path, caption: str, without: tuple[str, ...] = (), inputs: Mapping[str, str] = NO_KEYS) -> Table:
    """A table of a study's folder; `inputs`: the register's key of columns that are named by the study itself."""
    names, lines = _lines(file)
    kept = [column for column, name in enumerate(names) if name not in without]
    numeric = {column for column in kept if all(is_number(line[column]) for line in lines)}
    columns = tuple(
        Column(heading(names[column]), "figure" if column in numeric else "text", _key(names[column], inputs))
        for column in kept
    )
    rows = tuple(tuple(_cell(line[column], column in numeric) for column in kept) for line in lines)
    return Table(caption, columns, rows)


def _key(name: str, inputs: Mapping[str, str]) -> str:
    return inputs.get(name) or inputs.get(name.rpartition(": ")[0]) or _KEYS.get(name, "")


_KEYS: Final = {
    "correlation": "correlation",
    "effect": "effect of an input",
    "at_least": "effect at least",
    "at_most": "effect at most",
}


def _lines(file: Path) -> tuple[list[str], list[list[str]]]:
    with file.open(encoding="utf-8", newline="") as stream:
        names, *lines = csv.reader(stream)
    return [unescaped(name) for name in names], lines


def heading(name: str) -> str:
    """A column's name for reading."""
    return as_text(name if "." in name else (name[:1].upper() + name[1:]).replace("_", " "))


def is_number(text: str) -> bool:
    """Whether a cell is blank or a number."""
    if not text:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def number(text: str) -> float | None:
    """The number in a cell; None where it is blank."""
    return float(text) if text else None


def _cell(text: str, numeric: bool) -> Cell:
    if numeric:
        value = number(text)
        return 0.0 if value is not None and abs(value) < _ROUNDING else value
    return {"true": "yes", "false": "no"}.get(text, as_text(unescaped(text)))


def by(rows: Records, column: str) -> list[tuple[str, Records]]:
    """Rows by a column, in the order in which its values appear."""
    groups: dict[str, Records] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return list(groups.items())


def label(outcome: str) -> str:
    """An outcome in words."""
    if outcome.startswith("missions.") and outcome.endswith(".score"):
        return f"Score of {as_text(outcome[len('missions.') : -len('.score')])} (from 0 to 1)"
    return aim_label(outcome) if outcome in AIMS else as_text(outcome)


def said(value: str) -> str:
    """A value of an input as readers know it."""
    if value and is_number(value):
        return figure(float(value))
    return {"true": "yes", "false": "no", "": "as given"}.get(value, as_text(value))


def cut(table: Table) -> Table:
    """The table with no more rows than a page takes."""
    return first_rows(table, MOST_ROWS)


def limits_in_words(limits: dict[str, Any]) -> str:
    """The limits of each run, and of all together, in words."""
    words, each = [], "Each run may take"
    if limits.get("total") is not None:
        words.append(f"All runs together may take {figure(limits['total'])} s of work.")
        each = "At first, each run may take no more than"
    if limits.get("time_limit") is not None:
        words.append(f"{each} {figure(limits['time_limit'])} s.")
    if limits.get("first_time_limit") is not None:
        words.append(f"The first may take {figure(limits['first_time_limit'])} s, and the others begin from its plan.")
    if limits.get("gap") is not None:
        words.append(f"An aim counts as solved within a gap of {figure(100 * limits['gap'])} %.")
    return " ".join(words)
