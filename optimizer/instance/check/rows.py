"""Checks that need one row, or one table and the names in another: contradictions, missing halves, impossible numbers."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.check.funds import payers
from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.check.rows_agreed import agreed
from optimizer.instance.check.rows_limits import caveats, limits
from optimizer.instance.check.rows_nations import groups, links, nations, participation
from optimizer.instance.check.rows_pledges import pledges
from optimizer.instance.check.rows_posts import posts, requirements, routes

_MAGNITUDE: Final = 1e4


def check_rows(checks: RowChecks) -> None:
    """All of them, but for the tables that make the scenarios."""
    for check in (
        windows,
        nations,
        pledges,
        agreed,
        requirements,
        posts,
        participation,
        caveats,
        limits,
        groups,
        links,
        routes,
        payers,
        magnitudes,
    ):
        check(checks)


def windows(checks: RowChecks) -> None:
    """`from` and `until` lie in the horizon, in this order."""
    horizon = checks.draft.header.periods
    for table in TABLES:
        if "until" not in TABLES[table].by_name or not checks.draft.horizon_known:
            continue
        for index, row in checks.rows(table):
            first, last = row["from"], row["until"]
            outside = False
            for column, period in (("from", first), ("until", last)):
                if period is not None and period > horizon:
                    outside = True
                    checks.error(
                        "outside-horizon",
                        table,
                        index,
                        column,
                        f"period {period} is after the last period, {horizon}.",
                        f"Write 1 to {horizon}, or leave it blank.",
                    )
            if not outside and first is not None and last is not None and first > last:
                checks.error(
                    "empty-window",
                    table,
                    index,
                    "from",
                    f"from {first} is after until {last}.",
                    "Exchange them, or leave one blank.",
                )


def magnitudes(checks: RowChecks) -> None:
    """No column mixes numbers so far apart that the solver would lose the small ones: most often a wrong unit."""
    columns: list[tuple[str, str, str | None]] = [
        ("unit_types", name, None) for name in ("personnel", "cost", "lift", "sustainment", "escalation")
    ]
    columns += [("yields", "amount", "capability"), ("requirements", "target", "capability")]
    for table, column, by in columns:
        parts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for index, row in checks.rows(table):
            if row[column]:
                parts["" if by is None else str(row[by])].append((row[column], index))
        for part, numbers in parts.items():
            (least, low), (most, high) = min(numbers), max(numbers)
            if most / least > _MAGNITUDE:
                of = f" of {part!r}" if part else ""
                other = checks.draft.notes.row(table, low)
                checks.warning(
                    "magnitude",
                    table,
                    high,
                    column,
                    f"{most:g}{of} is {most / least:,.0f} times as large as {least:g} in row {other}.",
                    "Check the unit of both.",
                )
