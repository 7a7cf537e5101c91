"""Tables that a caller gives: data frames, or lists of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from optimizer.instance.attributes import TABLES
from optimizer.instance.raw import RawTable


def raw_table(
    name: str, place: str, content: pd.DataFrame | Sequence[Mapping[str, object]], numbers: Sequence[int] | None = None
) -> RawTable:
    """A raw table from a data frame or a list of rows; without `numbers`, rows are counted as a spreadsheet would."""
    if isinstance(content, pd.DataFrame):
        columns: list[object] = list(content.columns)
        rows: list[list[object]] = content.to_numpy(dtype=object).tolist()
    else:
        columns = list(dict.fromkeys(key for row in content for key in row))
        rows = [[row.get(key) for key in columns] for row in content]  # type: ignore[call-overload]
    if not columns and name in TABLES:  # an empty list of rows: the table is there, with no rows
        columns = [column.name for column in TABLES[name].columns]
    rows = [[_plain(cell) for cell in row] for row in rows]
    return RawTable(name, place, columns, rows, numbers if numbers is not None else range(2, len(rows) + 2))


def _plain(cell: object) -> object:
    """A Python value in place of a numpy or pandas one."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if cell is pd.NA or cell is pd.NaT else cell
