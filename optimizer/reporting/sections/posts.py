"""Posts, who serves there and who leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_flag, as_text, joined

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Posts, who serves there and who leads."""
    posts: dict[tuple[str, str], tuple[list[str], list[tuple[str, str]]]] = {}
    for row in reader.frame("participation"):
        serving, leading = posts.setdefault((row["mission"], row["area"]), ([], []))
        if as_flag(row.get("serves")):
            serving.append(reader.label("nation", row["nation"]))
        if as_flag(row.get("leads")):
            terms = as_text(row.get("lead_terms")).replace(";", ", ")
            leading.append((reader.label("nation", row["nation"]), terms))
    rows: list[tuple[Cell, ...]] = [
        (
            reader.label("mission", mission),
            reader.label("area", area),
            _leads_in_words(leading),
            len(serving),
            joined(serving, 20),
        )
        for (mission, area), (serving, leading) in posts.items()
        if serving or leading
    ]
    columns = [Column("Mission"), Column("Area"), Column("Lead"), Column("Nations", "figure"), Column("Serving")]
    if not any(row[2] for row in rows):
        rows = [row[:2] + row[3:] for row in rows]
        columns.pop(2)
    return Section("posts", "Who serves at which post", (), (reader.table("Posts", columns, rows),)) if rows else None


def _leads_in_words(leading: Sequence[tuple[str, str]]) -> str:
    """Who leads; where several do, in which terms."""
    if len(leading) < 2:
        return "".join(name for name, _ in leading)
    return ", ".join(f"{name} (term {terms})" if terms else name for name, terms in leading)
