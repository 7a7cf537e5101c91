"""The heading of a table: which column is which, and where the heading is when it is not the first row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.attribute import OWN, Attribute, Table
from optimizer.instance.cells import did_you_mean, is_blank

if TYPE_CHECKING:
    from optimizer.instance.draft import Draft
    from optimizer.instance.raw import RawTable

_LOOKED_AT: Final = 10
"""Rows below the first in which the heading is looked for."""


def heading_elsewhere(table: Table, raw: RawTable, conditions: set[str]) -> int | None:
    """The number of the row that seems to hold the headings, where the first row holds (nearly) none of them."""
    known = {*table.by_name, *(conditions if table.open_columns else ())}
    required = {column.name for column in table.columns if column.required}
    first = _names_in(raw.header) & known
    if required <= first:
        return None
    for row, number in zip(raw.rows[:_LOOKED_AT], raw.numbers, strict=False):
        found = _names_in(row) & known
        if len(found) > 2 * len(first) and (required <= found or len(found) > 1):
            return number
    return None


def _names_in(cells: Sequence[object]) -> set[str]:
    return {str(cell).strip() for cell in cells if not is_blank(cell)}


def columns(
    table: Table, raw: RawTable, conditions: set[str], conditions_unread: bool, draft: Draft
) -> list[tuple[int, Attribute]]:
    """Position and attribute of each column, with findings on headings that are unknown, twice there, or missing."""
    found: dict[str, tuple[int, Attribute]] = {}
    known = {*table.by_name, *(conditions if table.open_columns else ())}

    def wrong(code: str, column: str, message: str, remedy: str) -> None:
        draft.broken.add(table.name)
        draft.notes.error(code, table.name, None, column, message, remedy)

    for position, heading in enumerate(raw.header):
        name = "" if is_blank(heading) else str(heading).strip()
        attribute = table.by_name.get(name)
        if attribute is None and table.open_columns and (name in conditions or conditions_unread) and name:
            attribute = Attribute(name, "boolean", "Whether the condition holds in the scenario.")
        if attribute is None and name.startswith(OWN):
            attribute = Attribute(name, "own", "The planner's own column.")
        if not name:
            if any(position < len(row) and not is_blank(row[position]) for row in raw.rows):
                column = f"number {position + 1}"
                wrong("blank-heading", column, "the column has cells but no heading.", "Name the column, or empty it.")
        elif name in found:
            wrong("duplicate-column", name, f"the column {name!r} is there twice.", "Keep one of them.")
        elif attribute is None:
            message = f"{table.name} has no {'column or condition' if table.open_columns else 'column'} {name!r}."
            wrong("unknown-column", name, message, f"Rename or remove it.{did_you_mean(name, known)}")
        else:
            found[name] = (position, attribute)
    unknown = [name for name in map(str.strip, map(str, raw.header)) if name not in known and not name.startswith(OWN)]
    for required in (column for column in table.columns if column.required and column.name not in found):
        draft.broken.add(table.name)
        if not any(f"{required.name!r}" in did_you_mean(other, known) for other in unknown):
            message = f"the column {required.name!r} is missing."
            wrong("missing-column", required.name, message, f"Add it: {required.description}")
    return list(found.values())
