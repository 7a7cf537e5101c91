"""Candidates for what a plan misses, as rows that page and board show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from optimizer.plan.summary import FULL
from optimizer.reporting.content import Cell, Column
from optimizer.reporting.text import Shown, as_text, ranges

if TYPE_CHECKING:
    from optimizer.plan.candidates import Candidate
    from optimizer.reporting.reader import Reader

COLUMNS: Final = (
    Column("Nation"),
    Column("Pledge"),
    Column("Capability"),
    Column("Idle units that fit", "figure"),
    Column("In periods"),
    Column("Brings", "figure"),
    Column("Measure"),
    Column("Of what is missing", "percent"),
)
ALONE: Final = (
    "Each is looked at alone: thresholds of other lines, links, leads, least contingents and stays, numbers of posts and nations, largest shares "
    "and what the aims prefer may still keep somebody, or make them better used elsewhere."
)


def part_of_missing(one: Candidate) -> float | None:
    """What a candidate brings as a part of what its line misses; all of it reads `all`, since the line is open all the same."""
    if not one.missing:
        return None
    part = one.brings / one.missing
    return Shown(part, "all") if part >= 1 - FULL else part


def rows_of(reader: Reader, found: Iterable[Candidate]) -> Iterator[tuple[Cell, ...]]:
    """A row per candidate, in their order."""
    pledges = {row["pledge"]: row for row in reader.rows("pledges")}
    lines = {row["requirement"]: row for row in reader.rows("requirements")}
    for one in found:
        capability = lines[one.requirement]["capability"]
        yield (
            reader.label("nation", pledges[one.pledge]["nation"]),
            as_text(one.pledge),
            reader.label("capability", capability),
            float(one.units),
            ranges(one.periods),
            one.brings,
            reader.measures.get(capability, ""),
            part_of_missing(one),
        )
