"""What a report consists of: the shapes that page, workbook, markdown and screen write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.reporting.columns import about_column

if TYPE_CHECKING:
    from optimizer.reporting.answer.told import Sentence
    from optimizer.reporting.picture.shapes import Picture

Kind = Literal["text", "figure", "percent", "flag"]
Cell = str | float | bool | None
Record = dict[str, Any]

MOST_ROWS: Final = 60
"""Rows of a table or chart on the page; the workbook has all."""
MOST_COLUMNS: Final = 40
MOST_OPEN: Final = 12
"""Rows of a table of details that stands open; a longer one is folded."""


@dataclass(frozen=True)
class Column:
    """A column of a table that is shown.

    `key`: its name in the register of columns, where its title does not say which it is. `says`: what it says, where the register does not know it.
    """

    title: str
    kind: Kind = "text"
    key: str = ""
    says: str = ""

    @property
    def about(self) -> str:
        """What it says, in a sentence, else in that of the register (`columns.py`)."""
        return self.says or about_column(self.key or self.title)


@dataclass(frozen=True)
class Table:
    """A table that is shown; `rest` rows are left out.

    `name`: of its sheet in the workbook, where it has one of its own. `most`: rows that page and markdown show; 0: all that there are.
    `whole`: where all of it is.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: int = 0
    name: str = ""
    most: int = 0
    whole: str = "the workbook"


def first_rows(table: Table, most: int) -> Table:
    """The table without its last rows, which are counted."""
    return replace(table, rows=table.rows[:most], rest=table.rest + max(0, len(table.rows) - most))


def for_reading(table: Table) -> Table:
    """The table with no more rows than page and markdown show."""
    return first_rows(table, table.most) if table.most else table


@dataclass(frozen=True)
class Chart:
    """A chart in neutral terms: marks at (row, column), or bars when there is one column.

    `kind`: `share` for 0..1, `amount` for anything from 0 on; `span` for bars from lowest to highest around a base (three columns);
    `line` for one value per row, the rows being numbers; `curve` (joined by a line) and `scatter` for a point per row, with its place across and up and
    how far bounds reach across and up (four columns, bounds may be missing). `summary` is what somebody who cannot see the chart reads.
    """

    title: str
    summary: str
    kind: Literal["share", "amount", "span", "line", "curve", "scatter"]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[int, int], float]
    row_title: str = ""
    column_title: str = ""
    value_title: str = ""
    rest: int = 0


@dataclass(frozen=True)
class Section:
    """A part of the report. A `folded` one is closed until somebody opens it."""

    key: str
    title: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    folded: bool = False


@dataclass(frozen=True)
class Content:
    """The whole report.

    `changed`: what was changed for this plan beside the instance as it was given, a sentence each. `answer`: the sentences of the first
    screen, and `picture` what stands beside them; a study has neither.
    """

    title: str
    question: str
    scenario: str
    has_plan: bool
    termination: str
    verdict: str
    key_figures: tuple[tuple[str, str], ...]
    calm: bool = False
    broken: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    answer: tuple[Sentence, ...] = ()
    picture: Picture | None = None
    sections: tuple[Section, ...] = field(default=())

    def section(self, key: str) -> Section | None:
        """A section by its key."""
        return next((section for section in self.sections if section.key == key), None)
