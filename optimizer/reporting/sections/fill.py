"""Who could fill what is missing: idle units that no caveat, rotation or cap keeps away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.reporting.content import Cell, Column, Section, Table
from optimizer.reporting.filling import ALONE, COLUMNS, rows_of

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

MOST: Final = 3
"""Candidates of each post; the board has all."""
SHOWN: Final = 20


def section(reader: Reader) -> Section | None:
    """Per post the candidates that bring most, posts that could gain most first; none where nothing is missing."""
    candidates = reader.candidates()
    if not candidates:
        return None
    free = {post: [one for one in found if not one.hindrance][:MOST] for post, found in candidates.items()}
    nobody = sorted(post for post, found in free.items() if not found)
    rows: list[tuple[Cell, ...]] = [
        (reader.label("mission", post[0]), reader.label("area", post[1]), *row)
        for post, found in sorted(free.items(), key=lambda item: (-sum(one.worth for one in item[1]), item[0]))
        for row in rows_of(reader, found)
    ]
    text = [f"The {MOST} candidates of each post whose idle units would bring most. {ALONE}"] if rows else []
    text += [
        f"{reader.label('mission', mission)} in {reader.label('area', area)}: nobody has idle units that could come."
        for mission, area in nobody
    ]
    columns = (Column("Mission"), Column("Area"), *COLUMNS)
    tables = (Table("Candidates", columns, tuple(rows), name="candidates", most=SHOWN),) if rows else ()
    return Section("fill", "Who could fill what is missing", tuple(text), tables)
