"""What is kept of a plan: aims with bound and gap, mission scores, and any cell of any of its tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

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
    tables: dict[str, dict[str, list[dict[Any, Any]]]] = {}
    for outcome in keep:
        table, key, column = split_outcome(outcome)
        if plan.has_plan and table not in tables:
            tables[table] = _by_key(plan, table)
        rows = tables.get(table, {}).get(key, [])
        found[outcome] = _cell(rows, column, COLUMNS[table][column]) if plan.has_plan else None
    return found


def number(value: Any) -> float | None:
    """A finite number in twelve digits (what is behind them is rounding), else None."""
    return float(f"{value:.12g}") if value is not None and math.isfinite(value) else None


def split_outcome(outcome: str) -> tuple[str, str, str]:
    """Table, key and column of an outcome; keys may contain dots."""
    table, _, rest = outcome.partition(".")
    key, _, column = rest.rpartition(".")
    return table, key, column


def _by_key(plan: Plan, table: str) -> dict[str, list[dict[Any, Any]]]:
    """The rows of a table by the keys that select them."""
    rows = getattr(plan, table).to_dict("records")
    found: dict[str, list[dict[Any, Any]]] = {}
    for row in rows:
        label = "/".join(str(row[name]) for name in PLAN_TABLES[table].outcome_key)
        found.setdefault(label, []).append(row)
        if "period" in row:
            found.setdefault(f"{label}/{row['period']}", []).append(row)
    return {**found, EVERY: rows}


def _cell(rows: list[dict[Any, Any]], column: str, kind: str) -> float | str | None:
    """One cell, or the total over the rows (true counts as 1; no row is 0); of text, what stands there, each once."""
    if kind == TEXT:
        return ";".join(dict.fromkeys(str(row[column]) for row in rows if str(row[column]))) or None
    amounts = [number(row[column]) for row in rows if not pd.isna(row[column])]
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known or not rows else None
