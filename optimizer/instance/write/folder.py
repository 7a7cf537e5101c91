"""An instance written as a folder: `instance.toml` and one CSV file per table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import has_thousands_point
from optimizer.instance.read.folder import HEADER_FILE
from optimizer.instance.read.header import header_mapping
from optimizer.instance.text import escaped, number_text
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
            contents[f"{name}.csv"] = csv_text(instance.tables[name], name).encode()
    return contents


def csv_text(frame: pd.DataFrame, table: str) -> str:
    """A table as CSV; text that a spreadsheet would take for a formula is escaped."""
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    columns = []
    for name in frame.columns:
        kind = kinds.get(str(name), "boolean")
        plain = kind in {"number", "integer", "period", "boolean"}
        columns.append([_written(value) if plain else _quoted(escaped(_written(value))) for value in frame[name]])
    heading = ",".join(_quoted(escaped(str(name))) for name in frame.columns)
    return "\n".join([heading, *(",".join(row) for row in zip(*columns, strict=True))]) + "\n"


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = number_text(value)
        return f"{text}0" if has_thousands_point(text) else text  # 1.2000: nobody takes it for thousands
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


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
