"""Tables as they were found, before any check: untyped cells, and where each of them is in the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from optimizer.instance.findings import Finding

MAXIMUM_ROWS: Final = 200_000
"""Most rows of one table; beyond it the table is refused, so that a wrong file costs a message and not the memory."""
MAXIMUM_CELLS: Final = 5_000_000
"""Most cells of all tables together."""
MAXIMUM_COLUMNS: Final = 1_000
"""Most columns of one table."""


OwnSheet = Mapping[int, Sequence[object]]
"""A planner's own sheet: the rows that hold anything, by number (the first is 1)."""


@dataclass(frozen=True)
class Formula:
    """A cell of a planner's own sheet that is worked out: its formula without `=`, and the value that was stored with it."""

    text: str
    value: object


@dataclass(frozen=True)
class RawTable:
    """A table as it was found: untyped cells. `numbers` and `heading` are the rows, and the heading, as a spreadsheet counts them."""

    name: str
    place: str
    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]
    heading: int = 1


@dataclass(frozen=True)
class RawInstance:
    """Everything that a folder, a workbook or a caller gave, before any check.

    `findings` are those of the reader itself (files that cannot be read …); `unread` names the tables that are there but
    could not be read, so that nothing else is said about them. `header_rows`: row of each dotted header key, where there
    is one; `header_read`: whether the header could be read. `own`: the planner's own sheets, by name; they only travel.
    """

    header: Mapping[str, object]
    tables: Mapping[str, RawTable]
    place: str = ""
    header_place: str = "header"
    name: str = "instance"
    findings: tuple[Finding, ...] = ()
    unread: frozenset[str] = frozenset()
    header_rows: Mapping[str, int] = field(default_factory=dict)
    header_read: bool = True
    own: Mapping[str, OwnSheet] = field(default_factory=dict)


@dataclass(frozen=True)
class FaultyCell:
    """A cell of a workbook that holds no usable value (an error such as #N/A …): `text` is what it shows, the rest the finding."""

    code: str
    text: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return self.text
