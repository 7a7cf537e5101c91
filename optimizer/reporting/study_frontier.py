"""The sections of a report on the trade-off between aims."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.reporting.content import Cell, Chart, Column, Section, Table
from optimizer.reporting.study_tables import Records, label, limits_in_words, number, records
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_figure, aim_title

_READING: Final = (
    "No plan of this table is better than another in one aim without being worse in some other. The bound beside a value says: no plan that is as good as "
    "the point in all other aims is better than this. Where value and bound are the same, the point is proven."
)


def frontier_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, and the points with their curve."""
    aims, rows = [str(aim) for aim in head["aims"]], records(folder / "points.csv")
    limits = limits_in_words(head["limits"])
    text = (
        _READING,
        *([limits] if limits else []),
        f"Solves: {head['asked']}. A plan per point lies beside this report.",
    )
    charts = tuple(_curve(aims[0], other, rows, line=len(aims) == 2) for other in aims[1:]) if rows else ()
    tables = (_points(aims, rows, as_text(head["tables"]["points"])),) if rows else ()
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("points", "The trade-off", text if rows else (), tables, charts),
    )


def _points(aims: list[str], rows: Records, caption: str) -> Table:
    columns = [Column("Point", "figure")]
    for aim in aims:
        columns += [Column(label(aim), "figure", "aim value"), Column("no plan beats", "figure")]
    columns += [Column("Proof"), Column("stands for as many more", "figure")]
    lines = []
    for row in rows:
        line: list[Cell] = [number(row["point"])]
        for aim in aims:
            line += [aim_figure(aim, number(row[name])) for name in (aim, f"{aim}_bound")]
        lines.append((*line, "proven" if row["proven"] == "true" else "open", number(row["merged"])))
    return Table(caption, tuple(columns), tuple(lines))


def _curve(first: str, other: str, rows: Records, *, line: bool) -> Chart:
    names = (other, first, f"{other}_bound", f"{first}_bound")
    cells = {
        (place, column): float(row[name])
        for place, row in enumerate(rows)
        for column, name in enumerate(names)
        if row[name]
    }
    ends = [
        f"{aim_title(first)} {figure(float(row[first]))} at {aim_title(other)} {figure(float(row[other]))}"
        for row in (rows[0], rows[-1])
    ]
    ends[0] = ends[0][:1].upper() + ends[0][1:]
    return Chart(
        f"{aim_title(first).capitalize()} against {aim_title(other)}",
        f"{len(rows)} points: {ends[0]} at one end, {ends[1]} at the other. Bars reach to what is proven to be the limit.",
        "curve" if line else "scatter",
        tuple(row["point"] for row in rows),
        ("across", "up", "bound across", "bound up"),
        cells,
        row_title=label(other),
        value_title=label(first),
    )
