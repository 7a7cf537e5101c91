"""What funds pay: who pays, for whom, how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_number, as_text, figure

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """What funds pay."""
    if not reader.plan.has_plan or not reader.rows("funding"):
        return None
    nations = {row["nation"] for row in reader.rows("nations")}
    rows: list[tuple[Cell, ...]] = []
    for row in reader.frame("funding"):
        payer = as_text(row.get("payer"))
        shown = reader.label("nation", payer) if payer in nations else payer
        rows.append(
            (as_text(row.get("fund")), shown, reader.label("nation", row["nation"]), as_number(row.get("amount")))
        )
    total = sum(as_number(row[3]) or 0.0 for row in rows)
    text = (
        f"Funds pay {figure(total)} {reader.money} in all."
        if rows
        else "No fund pays anything in this plan: none has to."
    )
    columns = (
        Column("Fund"),
        Column("Who pays"),
        Column("For services of"),
        Column(f"Amount ({reader.money})", "figure"),
    )
    return Section("funding", "Funds", (text,), (reader.table("What funds pay", columns, rows),) if rows else ())
