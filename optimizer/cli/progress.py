"""Live progress on a terminal; elsewhere only notices, on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from optimizer.reporting.text import figure, percent, visible

if TYPE_CHECKING:
    from rich.table import Table

Report = Callable[[Any], None]


class Board:
    """What the live display shows: levels that are done, and the value and bound of the running one."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.done: list[tuple[str, str, str, str, str]] = []
        self.running: tuple[str, str, str, str, str] | None = None
        self.notices: list[str] = []

    def update(self, event: Any) -> None:
        """Take in one event of the solve."""
        kind = type(event).__name__
        if kind == "Notice":
            self.notices.append(visible(event.text))
        elif kind == "Progress":
            self.running = _line(event.level, event.value, event.bound, event.gap, event.seconds)
        elif kind == "LevelDone":
            result = event.result
            self.running = None
            if result.reported:
                self.done.append(_line(result.name, result.value, result.bound, result.gap, result.seconds))

    def __rich__(self) -> Table:
        """The display as a table."""
        from rich.table import Table
        from rich.text import Text

        table = Table(
            box=None,
            pad_edge=False,
            title=Text(f"Searching, {time.monotonic() - self.begun:.0f} s (Ctrl-C keeps the best plan found)"),
            title_justify="left",
        )
        for title in ("Aim", "Value", "No plan beats", "Gap", "Seconds"):
            table.add_column(title, justify="left" if title == "Aim" else "right", min_width=9, overflow="fold")
        for line in self.done:
            table.add_row(*line)
        if self.running is not None:
            table.add_row(*self.running, style="bold")
        return table


def _line(
    level: str, value: float | None, bound: float | None, gap: float | None, seconds: float
) -> tuple[str, str, str, str, str]:
    sign = _sign(level)
    shown = [figure(None if number is None else sign * number) for number in (value, bound)]
    return visible(level), *shown, percent(gap), f"{seconds:.0f}"  # type: ignore[return-value]


def _sign(level: str) -> float:
    """Levels are maximised (a burden ratio is not): costs come with a minus, which nobody wants to read."""
    from optimizer.instance.header_attributes import AIMS, MAXIMISED_AIMS

    return -1.0 if level in AIMS and level not in MAXIMISED_AIMS and level != "burden_gap" else 1.0


@contextmanager
def following() -> Iterator[Report]:
    """A report for the solve: a live display where stderr is a terminal, else only notices."""
    from optimizer.cli.screen import console

    err = console(stderr=True)
    board = Board()
    if not err.is_terminal:
        yield _show_notice
        return
    from rich.live import Live

    with Live(board, console=err, transient=True, refresh_per_second=4):
        yield board.update
    for notice in board.notices:
        click.echo(notice, err=True)


def _show_notice(event: Any) -> None:
    if type(event).__name__ == "Notice":
        click.echo(visible(event.text), err=True)
