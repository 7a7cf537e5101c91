"""What every check of rows has at hand: the draft, the names that it knows, and the rows that could be read whole."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.check.references import Known
from optimizer.instance.draft import Draft
from optimizer.instance.instance import Row


class RowChecks:
    """A draft under check, row by row; rows with a cell that could not be read are left out."""

    def __init__(self, draft: Draft, known: Known, unsound: set[tuple[str, int]]) -> None:
        self.draft, self.known, self.unsound = draft, known, unsound
        self.error, self.warning = draft.notes.error, draft.notes.warning

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """The rows of a table that could be read whole, with their indices."""
        if table not in self.draft.broken:
            for index, row in enumerate(self.draft.rows.get(table, [])):
                if (table, index) not in self.unsound:
                    yield index, row
