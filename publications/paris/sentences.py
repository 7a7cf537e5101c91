"""Sentences: templates whose every figure is a named cell of a published table, and what the draws say of them."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Kind = Literal["points", "fewer", "number", "percent", "billions", "text"]


@dataclass(frozen=True)
class Cell:
    """A cell of a published table: the row is named by the first column.

    `kind`: how it is shown; `fewer`: points that are lost, without their sign; `billions`: of what stands there in millions.
    """

    table: str
    row: str
    column: str
    kind: Kind = "points"

    def content(self, tables: Tables) -> Any:
        """What stands there.

        Raises:
            LookupError: there is no such cell.
        """
        frame = tables[self.table]
        rows = frame[frame.iloc[:, 0].astype(str) == self.row]
        if len(rows) != 1 or self.column not in frame.columns:
            raise LookupError(f"{len(rows)} cells are called {self.where}")
        return rows.iloc[0][self.column]

    def shown(self, tables: Tables) -> str:
        """The cell in words; a bound is rounded to the side on which it holds."""
        content = self.content(tables)
        if self.kind == "text":
            return "" if is_blank(content) else str(content)
        if is_blank(content):
            return "an unknown figure"
        return _number(float(content), self.kind, self.column)

    @property
    def where(self) -> str:
        """Its place, as a reader finds it."""
        return f"{self.table}.csv [{self.row}, {self.column}]"


@dataclass(frozen=True)
class Sentence:
    """A statement of the publication.

    Attributes:
        key: unique; begins with the name of its answer.
        template: text with `{names}` of figures.
        figures: the cell of each name.
        sure: how sure it is, see `SURE`.
        claim: the row of the table `claims` that says in how many draws it holds; blank: it is about the inputs as they stand.
    """

    key: str
    template: str
    figures: Mapping[str, Cell] = field(default_factory=dict)
    sure: str = "bounded"
    claim: str = ""

    @property
    def answer(self) -> str:
        """The answer that it belongs to."""
        return self.key.partition("/")[0]

    def text(self, tables: Tables) -> str:
        """The sentence with its figures.

        Raises:
            LookupError: a figure has no cell.
        """
        return self.template.format(**{name: cell.shown(tables) for name, cell in self.figures.items()})

    def names(self) -> set[str]:
        """The names in the template."""
        return {name for _, name, _, _ in string.Formatter().parse(self.template) if name}


SURE: Final[Mapping[str, str]] = {
    "bounded": "at least: a verified plan; at most: a proven bound",
    "plans found": "what the plans found show; others may be as good and differ",
    "from the tables": "follows from the input tables alone",
    "relaxation": "figure of the linear relaxation: a direction, not a promise",
    "assumed": "rests on an assumption that the sentence names",
}
_DIGITS: Final[Mapping[str, int]] = {"points": 1, "fewer": 1, "number": 0, "percent": 0, "billions": 1}
LOWER: Final = "at_least"
UPPER: Final = ("at_most", "no_set_has_more_than")
"""How the names of columns begin that hold what is certain at least, and what nothing exceeds."""
_SCALE: Final[Mapping[str, float]] = {"percent": 100.0, "billions": 0.001}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def is_blank(content: Any) -> bool:
    """Whether a cell says nothing."""
    return content is None or content == "" or (isinstance(content, float) and math.isnan(content))


def _number(value: float, kind: Kind, column: str) -> str:
    digits = _DIGITS[kind]
    value *= _SCALE.get(kind, 1.0)
    scale = 10**digits
    if column.startswith(LOWER):
        value = math.floor(value * scale + 1e-6) / scale
    elif column.startswith(UPPER):
        value = math.ceil(value * scale - 1e-6) / scale
    text = f"{-value if kind == 'fewer' else value:,.{digits}f}"
    text = text.replace("-0.0", "0.0") if float(text.replace(",", "")) == 0.0 else text
    return f"{text} %" if kind == "percent" else text


def used(template: str, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Those of some cells that a template names."""
    return {name: cell for name, cell in cells.items() if f"{{{name}}}" in template}


def span(cells: Mapping[str, Cell], ends: tuple[str, str], tables: Tables, unit: str = " %") -> str:
    """Two ends in a template; where they are shown alike, one."""
    low, high = ends
    alike = cells[low].shown(tables) == cells[high].shown(tables)
    return f"{{{low}}}{unit}" if alike else f"between {{{low}}} and {{{high}}}{unit}"
