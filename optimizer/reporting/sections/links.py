"""Whose joining brings whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Record, Section, Table
from optimizer.reporting.text import as_number, as_text, figure, joined
from optimizer.reporting.words import heading

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Whose joining brings whom."""
    rows = reader.frame("links")
    if not rows or not reader.plan.has_plan:
        return None
    tipping = _tipping(reader)
    columns = (
        Column("Nation"),
        Column("If it"),
        Column("May not serve"),
        Column("Serve at fewer posts"),
        Column("May come"),
        Column("Nations that lose", "figure"),
        Column("Personnel that go", "figure"),
    )
    tables = [reader.table("If one nation decided otherwise", columns, tipping)] if tipping else []
    return Section("links", "Whose joining brings whom", _text(tipping), (*tables, _standing(reader, rows)))


def _tipping(reader: Reader) -> list[tuple[Cell, ...]]:
    """A row per decision of a nation, those that cost most personnel first."""
    decisions: dict[tuple[str, str], list[Record]] = {}
    for row in reader.frame("tipping"):
        decisions.setdefault((row["nation"], row["decision"]), []).append(row)

    def others(found: Sequence[Record], effect: str) -> str:
        return joined([reader.label("nation", row["other"]) for row in found if row["effect"] == effect], 20)

    tipping: list[tuple[Cell, ...]] = [
        (
            reader.label("nation", nation),
            decision,
            others(found, "leaves"),
            others(found, "serves less"),
            others(found, "may come"),
            sum(row["effect"] != "may come" for row in found),
            sum(as_number(row["personnel"]) or 0.0 for row in found),
        )
        for (nation, decision), found in decisions.items()
    ]
    tipping.sort(key=lambda row: (-(as_number(row[6]) or 0.0), -(as_number(row[5]) or 0.0)))
    return tipping


def _text(tipping: Sequence[tuple[Cell, ...]]) -> tuple[str, ...]:
    """The heaviest decisions in sentences."""
    text = []
    for nation, _, leave, less, _, count, people in tipping[:3]:
        if count:
            who = "; ".join([f"{leave} may not serve"] * bool(leave) + [f"{less} serve at fewer posts"] * bool(less))
            text.append(f"Without {nation}: {who} ({figure(people, 0)} personnel).")
    if not text:
        text = ["No nation that serves would have to leave if one other did."]
    text.append(
        "By links alone, all else as in this plan; nothing is solved again. Personnel is the sum of the most that each "
        "of the others has at a time where it would have to leave."
    )
    return tuple(text)


def _standing(reader: Reader, rows: Sequence[Record]) -> Table:
    """How each link stands for each nation that it binds."""
    standing: list[tuple[Cell, ...]] = [
        (
            as_text(row["link"]),
            reader.label("nation", row["nation"]),
            heading(row["kind"]).lower(),
            joined([reader.label("nation", name) for name in as_text(row["partners"]).split(";") if name], 20),
            as_text(row["mission"]),
            as_text(row["area"]),
            joined([reader.label("nation", name) for name in as_text(row["serving"]).split(";") if name], 20),
            as_number(row["least"]),
            as_text(row["state"]),
        )
        for row in rows
    ]
    columns = (
        Column("Link"),
        Column("Nation"),
        Column("Kind"),
        Column("Partners"),
        Column("Mission"),
        Column("Area"),
        Column("Partners that serve there"),
        Column("At least", "figure", "least"),
        Column("State"),
    )
    return reader.table("How each link stands", columns, standing)
