"""Tables and sentences on the screen. Names are data: markup in them is shown, not obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Table
from optimizer.reporting.page import shown
from optimizer.reporting.text import shorten, visible

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 140


def console(stderr: bool = False) -> Console:
    """A console that takes text as it is."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=WIDTH_WITHOUT_TERMINAL)
    return made


def show_table(target: Console, table: Table, most: int | None = None, rest_in: str = "") -> None:
    """A table, at most so many rows of it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        title=Text(visible(table.caption)), title_justify="left", box=SIMPLE_HEAD, title_style="bold", pad_edge=False
    )
    for index, column in enumerate(table.columns):
        number = column.kind in {"figure", "percent"}
        least = None if number else min(12 if index == 0 else 6, _longest(table, index))
        title = Text(visible(column.title))
        drawn.add_column(title, justify="right" if number else "left", overflow="fold", min_width=least)
    rows = table.rows if most is None else table.rows[:most]
    for row in rows:
        drawn.add_row(*(Text(_cell(column, cell)) for column, cell in zip(table.columns, row, strict=True)))
    target.print(drawn)
    rest = table.rest + len(table.rows) - len(rows)
    if rest:
        write_line(target, f"  … and {rest} more{f' in {rest_in}' if rest_in else ''}.")


def _cell(column: Column, cell: Cell) -> str:
    text = shorten(visible(shown(column, cell)), 200)
    return text if column.kind == "text" else text.replace(" ", "\N{NO-BREAK SPACE}")


def _longest(table: Table, index: int) -> int:
    return max((len(_cell(table.columns[index], row[index])) for row in table.rows), default=1)


def write_line(target: Console, text: str, style: str = "") -> None:
    """A sentence."""
    from rich.text import Text

    target.print(Text(visible(text), style=style), soft_wrap=not target.is_terminal)


def plain_table(
    caption: str, titles: Sequence[str], rows: Iterable[Sequence[str | float | None]], numbers: Iterable[int] = ()
) -> Table:
    """A table from titles and rows; `numbers` are the indices of columns with figures."""
    figures = set(numbers)
    columns = tuple(Column(title, "figure" if index in figures else "text") for index, title in enumerate(titles))
    return Table(caption, columns, tuple(tuple(row) for row in rows))
