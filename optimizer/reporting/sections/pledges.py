"""How far pledges are used, and what keeps the others at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Section, Table
from optimizer.reporting.text import as_text, joined

if TYPE_CHECKING:
    from optimizer.plan.idle import IdlePledge
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """How far pledges are used; of those that stay at home, the rules that refuse them."""
    rows = reader.frame("pledges")
    if not rows or not reader.plan.has_plan:
        return None
    idle = _idle(reader)
    text: tuple[str, ...] = ()
    tables = [reader.generic("Pledges", rows, list(rows[0]), 150)]
    if idle:
        text = (f"{len(idle)} of {len(rows)} pledges stay at home; the last table names the rules that refuse them.",)
        tables.append(_at_home(reader, idle))
    return Section("pledges", "How the pledges are used", text, tuple(tables), folded=True)


def _idle(reader: Reader) -> list[IdlePledge]:
    from optimizer.instance.scenario import UnknownScenario
    from optimizer.plan.case import read_case
    from optimizer.plan.idle import idle_pledges

    try:
        case = read_case(reader.instance, reader.plan.scenario or None)
    except UnknownScenario:
        return []
    return idle_pledges(case, {row["pledge"] for row in reader.frame("assignments")})


def _at_home(reader: Reader, idle: list[IdlePledge]) -> Table:
    given = {row["pledge"]: row for row in reader.frame("pledges")}
    rows: list[tuple[Cell, ...]] = [
        (
            as_text(found.pledge),
            reader.label("nation", given[found.pledge]["nation"]),
            reader.label("unit_type", given[found.pledge]["unit_type"]),
            float(given[found.pledge]["quantity"]),
            f"{len(found.may_serve)} of {len(found.lines)}",
            _reason(found),
        )
        for found in idle
    ]
    columns = (
        Column("Pledge"),
        Column("Nation"),
        Column("Unit type"),
        Column("Units", "figure"),
        Column("Lines on which it may serve"),
        Column("Refused by"),
    )
    return reader.table("Pledges that stay at home, and the rules that refuse them", columns, rows, len(rows))


def _reason(found: IdlePledge) -> str:
    if not found.lines:
        return "no rule: no requirement line asks for what it delivers"
    refused = joined(list(map(as_text, found.rules)), 8)
    return refused or "nothing by itself: caps, links or the aims leave it at home"
