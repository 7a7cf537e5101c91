"""What several publications write alike: tables for reading, and a page with its markdown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.reporting.content import Column, Content, Table
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page
from optimizer.reporting.text import write_atomically


def table_of(frame: pd.DataFrame, caption: str, columns: Mapping[str, tuple[str, str]]) -> Table:
    """A table with the title and the meaning of each column; numbers are figures, all else is text."""
    heads = tuple(
        Column(columns[name][0], "figure" if _is_figure(frame[name]) else "text", says=columns[name][1])
        for name in map(str, frame.columns)
    )
    rows = tuple(tuple(_cell(value) for value in row) for row in frame.itertuples(index=False, name=None))
    return Table(caption, heads, rows)


def _is_figure(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _cell(value: Any) -> str | float | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else float(value)


def write_pages(content: Content, folder: Path) -> None:
    """Write `index.html` and `index.md`."""
    write_atomically(folder / "index.html", render_page(content).encode())
    write_atomically(folder / "index.md", render_markdown(content).encode())
