"""The report on a study: its folder read back, and said in the same words and shapes as the report on a plan."""

from __future__ import annotations

import csv
from pathlib import Path

from optimizer.plan.store import unescaped
from optimizer.reporting.content import Cell, Column, Table


def read_table(file: Path, caption: str, without: tuple[str, ...] = ()) -> Table:
    """A table of a study's folder."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    names = [unescaped(name) for name in lines[0]]
    kept = [place for place, name in enumerate(names) if name not in without]
    numeric = {place for place in kept if all(_is_number(line[place]) for line in lines[1:])}
    columns = tuple(Column(heading(names[place]), "figure" if place in numeric else "text") for place in kept)
    rows = tuple(tuple(_cell(line[place], place in numeric) for place in kept) for line in lines[1:])
    return Table(caption, columns, rows)


def heading(name: str) -> str:
    """A column's name for reading."""
    return name if "." in name else (name[:1].upper() + name[1:]).replace("_", " ")


def _is_number(text: str) -> bool:
    if not text:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(text: str, number: bool) -> Cell:
    if number:
        return float(text) if text else None
    return {"true": "yes", "false": "no"}.get(text, unescaped(text))
