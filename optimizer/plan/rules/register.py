"""The verifier's own register of rules: the id of the input row or cell that each check speaks of.

Written from `docs/design/009-rules.md`, not from the model, and held against the model's ids by a test.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.attributes import TABLES
from optimizer.plan.case import Post


def row_of(table: str, row: Mapping[str, object]) -> str:
    """The id of a row: the parts of its key joined by `:`, blank parts empty."""
    parts = (row.get(column) for column in TABLES[table].key)
    return f"{table}/{':'.join('' if part is None else str(part) for part in parts)}"


def cell_of(table: str, key: str, column: str) -> str:
    """The id of a cell of a row with one key column."""
    return f"{table}/{key}.{column}"


def post_cell(post: Post, column: str) -> str:
    """The id of a cell of `posts`."""
    return f"posts/{post[0]}:{post[1]}.{column}"


def limit_side(row: Mapping[str, object], *, floor: bool) -> str:
    """The id of the floor or the cap of a row of `limits`: where only one side is filled, that of the row."""
    both = row.get("minimum") is not None and row.get("maximum") is not None
    return row_of("limits", row) + ("" if not both else ".minimum" if floor else ".maximum")
