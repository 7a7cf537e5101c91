"""An instance written as a folder: `instance.toml` and one CSV file per table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import has_thousands_point
from optimizer.instance.csv_text import csv_text, written
from optimizer.instance.raw import Formula, OwnSheet
from optimizer.instance.read.folder import HEADER_FILE
from optimizer.instance.read.header import header_mapping
from optimizer.instance.write.names import free_name
from optimizer.instance.writing import write_files

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance


def write_folder(instance: Instance, folder: str | Path) -> None:
    """Write an instance as a new folder, whole or not at all.

    Raises:
        OSError: nothing was written (no space, no permission, the folder is there already and holds something).
    """
    write_files(Path(folder), folder_contents(instance))


def folder_contents(instance: Instance) -> dict[str, bytes]:
    """The files of an instance's folder."""
    contents = {HEADER_FILE: toml_text(header_mapping(instance.header)).encode()}
    for name in TABLES:
        if name in instance.tables:
            contents[f"{name}.csv"] = table_text(instance.tables[name]).encode()
    for name, sheet in instance.own.items():
        contents[f"{free_name(name, (file.removesuffix('.csv') for file in contents))}.csv"] = own_text(sheet).encode()
    return contents


def own_text(sheet: OwnSheet) -> str:
    """A planner's own sheet as CSV: the rows that hold anything; of formulas the values."""
    rows = [[cell.value if isinstance(cell, Formula) else cell for cell in sheet[number]] for number in sorted(sheet)]
    if not rows:
        return '""\n'
    width = max(map(len, rows))
    columns = [[_own_cell(row[at]) if at < len(row) else "" for row in rows[1:]] for at in range(width)]
    heading = [cell if isinstance(cell, str) else _own_cell(cell) for cell in rows[0]]
    return csv_text([*heading, *[""] * (width - len(heading))], columns)


def _own_cell(value: object) -> str:
    """Dates, times and errors as they show; all else as in every other table."""
    return _written(value if value is None or isinstance(value, (str, bool, int, float)) else str(value))


def table_text(frame: pd.DataFrame) -> str:
    """A table as CSV; text that a spreadsheet would take for a formula is escaped."""
    return csv_text(map(str, frame.columns), [[_written(value) for value in frame[name]] for name in frame.columns])


def _written(value: object) -> str:
    text = written(value)
    # 1.2000: nobody takes it for thousands.
    return f"{text}0" if isinstance(value, float) and has_thousands_point(text) else text


def toml_text(header: Mapping[str, Any]) -> str:
    """A header as TOML."""
    lines = [f"{key} = {_toml(value)}" for key, value in header.items() if not isinstance(value, (dict, list))]
    for key, value in header.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *(f"{name} = {_toml(item)}" for name, item in value.items())]
    for aim in header.get("aims", []):
        lines += ["", "[[aims]]", *(f"{name} = {_toml(item)}" for name, item in aim.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (bool, int, float)):
        return _written(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
