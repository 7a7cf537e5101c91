"""What is kept of a plan: aims with bound and gap, mission scores, and any cell of any of its tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from optimizer.plan.frames import COLUMNS, PLAN_TABLES, TEXT

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

EVERY: Final = "*"
"""The key that is every row; tables with periods take `/PERIOD` behind the key (`PlanTable.outcome_key`)."""


def kept(plan: Plan, keep: tuple[str, ...]) -> dict[str, float | str | None]:
    """Outcomes by name: `AIM`, `AIM_bound`, `AIM_gap`, `missions.MISSION.score`, and what `keep` names."""
    found: dict[str, float | str | None] = {}
    for aim in plan.aims.to_dict("records"):
        name = str(aim["name"])
        found |= {
            name: number(aim["value"]),
            f"{name}_bound": number(aim["bound"]),
            f"{name}_gap": number(aim["gap"]),
        }
    for row in plan.missions.to_dict("records"):
        found[f"missions.{row['mission']}.score"] = number(row["score"])
    for outcome in keep:
        found[outcome] = cell(plan, outcome) if plan.has_plan else None
    return found


def number(value: Any) -> float | None:
    """A finite number in twelve digits (what is behind them is rounding), else None."""
    return float(f"{value:.12g}") if value is not None and math.isfinite(value) else None


def split_outcome(outcome: str) -> tuple[str, str, str]:
    """Table, key and column of an outcome; keys may contain dots."""
    table, _, rest = outcome.partition(".")
    key, _, column = rest.rpartition(".")
    return table, key, column


def cell(plan: Plan, outcome: str) -> float | str | None:
    """The value of an outcome: one cell, or the total over the rows that the key selects (true counts as 1; no row is 0)."""
    table, key, column = split_outcome(outcome)
    frame = getattr(plan, table)
    names = PLAN_TABLES[table].outcome_key
    rows = frame.to_dict("records")
    if key != EVERY:
        periodic = "period" in frame.columns

        def label(row: dict[Any, Any], *, whole: bool) -> str:
            parts = [str(row[name]) for name in names]
            return "/".join([*parts, str(row["period"])] if whole else parts)

        rows = [row for row in rows if label(row, whole=False) == key or (periodic and label(row, whole=True) == key)]
    if COLUMNS[table][column] == TEXT:
        return ";".join(dict.fromkeys(str(row[column]) for row in rows if str(row[column]))) or None
    amounts = [number(row[column]) for row in rows if not _is_blank(row[column])]
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known or not rows else None


def _is_blank(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value))
