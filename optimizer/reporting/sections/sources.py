"""Where the figures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_text, joined, shorten

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section:
    """Where the figures come from."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    rows = bare = 0
    from optimizer.instance.attributes import TABLES
    from optimizer.instance.scenario import row_key

    for table in TABLES:
        for row in reader.instance.rows(table):
            rows += 1
            source, note = as_text(row.get("source")), as_text(row.get("note"))
            if source or note:
                groups.setdefault((table, source, note), []).append(as_text(row_key(table, row)))
            bare += not source
    assumed = sum(len(keys) for (_, source, note), keys in groups.items() if "assum" in f"{source} {note}".lower())
    text = f"{rows} input rows; {bare} name no source; {assumed} are marked as assumed."
    shown: list[tuple[Cell, ...]] = [
        (table, joined(keys, 6), shorten(source, 400), shorten(note, 400))
        for (table, source, note), keys in groups.items()
    ]
    columns = (Column("Table"), Column("Rows"), Column("Source"), Column("Note"))
    tables = (reader.table("Sources and assumptions of the input", columns, shown, len(shown)),) if shown else ()
    return Section("sources", "Assumptions and sources", (text,), tables, folded=len(shown) > 30)
