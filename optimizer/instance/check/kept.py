"""Whether a rule can be kept: the cell that states it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from optimizer.instance.situation import Limit

ROUNDING: Final = 1e-9


class RuleCell(NamedTuple):
    """A cell: the table, the key of its row joined by `/`, the column; and the kind of finding."""

    code: str
    table: str
    key: str
    column: str


class Fault(NamedTuple):
    """What is wrong with a rule and what to do; `no_plan`: no plan keeps it, with nobody deployed either."""

    message: str
    remedy: str
    no_plan: bool = False


Verdict = tuple[RuleCell, Fault | None]
"""A rule in force, and what is wrong with it; None: it can be kept."""


def joined(parts: Iterable[object]) -> str:
    """The parts of a key, joined by `/`; blank parts stay empty."""
    return "/".join("" if part is None else str(part) for part in parts)


def cell_of(limit: Limit, column: str) -> tuple[str, str, str]:
    """Table, key and column of the row that a limit came from."""
    table, _, rest = limit.source.partition("/")
    if table in {"limits", "caveats"}:
        return table, rest, column
    key, _, shorthand = rest.rpartition("/")
    return table, key, shorthand
