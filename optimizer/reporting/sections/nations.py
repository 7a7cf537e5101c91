"""What each nation bears, against its cap and its fair share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section
from optimizer.reporting.text import as_flag, as_number, joined

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """What each nation bears, against its cap and its fair share."""
    if not reader.plan.has_plan:
        return None
    given = {row["nation"]: row for row in reader.rows("nations")}
    rows: list[tuple[Cell, ...]] = []
    idle = []
    funded = bool(reader.rows("funding"))
    for row in reader.frame("nations"):
        nation = row["nation"]
        paid = as_number(row.get("paid")) if funded else None
        if not as_flag(row.get("takes_part")) and not paid:
            idle.append(reader.label("nation", nation))
            continue
        peak = as_number(row.get("peak_personnel"))
        cap, budget = (as_number(given.get(nation, {}).get(name)) for name in ("max_personnel", "budget"))
        cost, share, fair, ratio = (as_number(row.get(name)) for name in ("cost", "share", "fair_share", "ratio"))
        used = peak / cap if cap and peak is not None else None
        rows.append((reader.label("nation", nation), peak, cap, used, cost, paid, budget, share, fair, ratio))
    rows.sort(key=lambda row: (-(as_number(row[1]) or 0.0), str(row[0])))
    columns = (
        Column("Nation"),
        Column("Most personnel at a time", "figure"),
        Column("Personnel cap", "figure"),
        Column("Cap used", "percent"),
        Column(f"Cost ({reader.money})", "figure"),
        Column(f"Paid ({reader.money})", "figure"),
        Column("Budget", "figure"),
        Column("Share of the burden", "percent"),
        Column("Fair share", "percent"),
        Column("Burden ÷ fair share", "figure"),
    )
    kept = [index for index in range(len(columns)) if index < 2 or any(row[index] is not None for row in rows)]
    rows = [tuple(row[index] for index in kept) for row in rows]
    text = (f"Not serving: {joined(idle, 40)}.",) if idle else ()
    tables = (reader.table("Nations", [columns[index] for index in kept], rows, 150),) if rows else ()
    return Section("nations", "What each nation bears", text, tables)
