"""How steady the plan is: which posts close and reopen, who arrives and leaves when, which lines fall most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.plan.steadiness import LEGEND, marks, sentence, stays_of
from optimizer.reporting.content import MOST_COLUMNS, Cell, Column, Section, Table
from optimizer.reporting.text import as_number, as_text

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

_WORST = 20
"""Lines that are listed; the workbook has all."""


def section(reader: Reader) -> Section | None:
    """The sentence of the summary, the grid of posts and periods with its marks, and the lines that fall most."""
    header = reader.instance.header
    said = sentence(reader.plan.steadiness, header.periods, header.months) if reader.plan.has_plan else ""
    if not said:
        return None
    tables = [*_grids(reader), *_falls(reader)]
    return Section("steadiness", "Steadiness", (said, f"In the table of posts and periods: {LEGEND}"), tuple(tables))


def _grids(reader: Reader) -> list[Table]:
    """Posts × periods, the least steady posts first; a table per stretch of periods that fits a page."""
    stays = stays_of(reader.plan.posts, reader.plan.assignments)
    unsteady = {
        post: (
            sum(spell.again for spell in stay.spells),
            sum(spell.early for spell in stay.spells),
            sum(len(stay.visits(nation)) for nation in stay.present),
        )
        for post, stay in stays.items()
    }
    order = sorted(stays, key=lambda post: tuple(-number for number in unsteady[post]))
    marked = {post: marks(stays, post, reader.horizon) for post in order}
    found = []
    for first in range(0, reader.horizon, MOST_COLUMNS):
        shown = slice(first, first + MOST_COLUMNS)
        columns = [
            Column("Mission"),
            Column("Area"),
            *(Column(name, key="state of a post") for name in reader.periods[shown]),
        ]
        rows: list[tuple[Cell, ...]] = [
            (reader.label("mission", mission), reader.label("area", area), *marked[mission, area][shown])
            for mission, area in order
        ]
        caption = "Posts and periods, the least steady posts first"
        if reader.horizon > MOST_COLUMNS:
            caption += f" (periods {first + 1} to {min(first + MOST_COLUMNS, reader.horizon)})"
        found.append(reader.table(caption, columns, rows))
    return found


def _falls(reader: Reader) -> list[Table]:
    """The lines that fall most from one period to the next, by share of their target."""
    lines = [
        row
        for row in reader.frame("steadiness")
        if row["what"] == "line" and row["key"] in reader.lines and (as_number(row["drop_share"]) or 0) > 0
    ]
    if not lines:
        return []
    rows: list[tuple[Cell, ...]] = []
    for row in sorted(lines, key=lambda row: (-row["drop_share"], row["key"])):
        line = reader.lines[row["key"]]
        rows.append(
            (
                as_text(line.name),
                reader.label("mission", line.mission),
                reader.label("area", line.area),
                row["largest_drop"],
                reader.measures.get(line.capability, ""),
                row["drop_share"],
                as_text(row["drop_period"]),
            )
        )
    columns = (
        Column("Requirement"),
        Column("Mission"),
        Column("Area"),
        Column("Largest drop", "figure"),
        Column("Measure"),
        Column("Of the target", "percent"),
        Column("In period"),
    )
    return [reader.table("Lines that fall most from one period to the next", columns, rows, _WORST)]
