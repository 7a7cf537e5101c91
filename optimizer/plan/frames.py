"""The tables of a plan: one description of each, which writing, reading, checking, reporting and the manual use."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

TEXT, WHOLE, NUMBER, TRUTH = "text", "whole", "number", "truth"


@dataclass(frozen=True)
class PlanTable:
    """A table of a plan.

    Attributes:
        name: of the attribute of `Plan`, and of the file.
        about: what a row says.
        key: the columns that tell its rows apart.
        columns: every column and what it holds; a blank number is not a number (NaN), a blank whole number `<NA>`.
        derived: every cell follows from the other tables, so that a row too many is a fault also in a plan by hand.
        given: columns that a plan by hand decides, and a written one states as far as they count.
        label: the columns by which a study asks for a row; blank: the key without the period.
    """

    name: str
    about: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    derived: bool = True
    given: tuple[str, ...] = ()
    label: tuple[str, ...] = ()

    @property
    def outcome_key(self) -> tuple[str, ...]:
        """The columns by which a study asks for a row, over all periods."""
        return self.label or tuple(column for column in self.key if column != "period")


PLAN_TABLES: Final[Mapping[str, PlanTable]] = {
    table.name: table
    for table in (
        PlanTable(
            "assignments",
            "Units of each pledge on each requirement line in each period (only where there are any).",
            ("pledge", "requirement", "period"),
            {
                "pledge": TEXT,
                "nation": TEXT,
                "unit_type": TEXT,
                "requirement": TEXT,
                "mission": TEXT,
                "area": TEXT,
                "capability": TEXT,
                "period": WHOLE,
                "units": WHOLE,
                "personnel": NUMBER,
                "delivered": NUMBER,
                "cost": NUMBER,
            },
            derived=False,
        ),
        PlanTable(
            "requirements",
            "Each requirement line in each period: what is wanted, delivered, fulfilled and open.",
            ("requirement", "period"),
            {
                "requirement": TEXT,
                "mission": TEXT,
                "area": TEXT,
                "capability": TEXT,
                "period": WHOLE,
                "mounted": TRUTH,
                "threshold": NUMBER,
                "target": NUMBER,
                "delivered": NUMBER,
                "fulfilled": NUMBER,
                "gap": NUMBER,
            },
        ),
        PlanTable(
            "posts",
            "Each mission in each area and period: mounted or not, and by how many.",
            ("mission", "area", "period"),
            {
                "mission": TEXT,
                "area": TEXT,
                "period": WHOLE,
                "active": TRUTH,
                "mounted": TRUTH,
                "nations": WHOLE,
                "personnel": NUMBER,
                "lead": TEXT,
            },
        ),
        PlanTable(
            "missions",
            "Score of each mission (0 to 1).",
            ("mission",),
            {"mission": TEXT, "weight": NUMBER, "score": NUMBER},
        ),
        PlanTable(
            "mission_periods",
            "Score of each mission in each period.",
            ("mission", "period"),
            {"mission": TEXT, "period": WHOLE, "score": NUMBER},
        ),
        PlanTable(
            "nations",
            "What each nation bears.",
            ("nation",),
            {
                "nation": TEXT,
                "takes_part": TRUTH,
                "units": WHOLE,
                "peak_units": WHOLE,
                "personnel": NUMBER,
                "peak_personnel": NUMBER,
                "posts": WHOLE,
                "deployment_cost": NUMBER,
                "participation_cost": NUMBER,
                "route_cost": NUMBER,
                "cost": NUMBER,
                "paid": NUMBER,
                "share": NUMBER,
                "fair_share": NUMBER,
                "ratio": NUMBER,
            },
        ),
        PlanTable(
            "participation",
            "Where each nation serves and leads.",
            ("nation", "mission", "area"),
            {
                "nation": TEXT,
                "mission": TEXT,
                "area": TEXT,
                "serves": TRUTH,
                "leads": TRUTH,
                "lead_terms": TEXT,
                "first_period": WHOLE,
                "periods": WHOLE,
                "peak_personnel": NUMBER,
            },
            derived=False,
            given=("leads", "lead_terms"),
        ),
        PlanTable(
            "steadiness",
            "How long each post stays mounted and each nation at a post, and how far each requirement line falls at once.",
            ("what", "key"),
            {
                "what": TEXT,
                "key": TEXT,
                "spells": WHOLE,
                "closes": WHOLE,
                "reopens": WHOLE,
                "periods": WHOLE,
                "mean_stay": NUMBER,
                "not_mounted": WHOLE,
                "largest_drop": NUMBER,
                "drop_share": NUMBER,
                "drop_period": WHOLE,
            },
        ),
        PlanTable(
            "instruments",
            "Options without deployment, used or not.",
            ("instrument",),
            {"instrument": TEXT, "used": TRUTH, "cost": NUMBER, "escalation": NUMBER},
            derived=False,
        ),
        PlanTable(
            "funding",
            "What each fund pays to each nation over the horizon (only where it pays).",
            ("fund", "nation"),
            {"fund": TEXT, "payer": TEXT, "nation": TEXT, "amount": NUMBER},
            derived=False,
        ),
        PlanTable(
            "limits",
            "Every cap and floor: how much of it is used, and whether it binds.",
            ("limit", "source", "period"),
            {
                "limit": TEXT,
                "source": TEXT,
                "measure": TEXT,
                "per": TEXT,
                "period": WHOLE,
                "used": NUMBER,
                "minimum": NUMBER,
                "maximum": NUMBER,
                "slack": NUMBER,
                "binding": TRUTH,
            },
            label=("limit",),
        ),
        PlanTable(
            "links",
            "How each link in force stands for each nation that it binds.",
            ("link", "nation"),
            {
                "link": TEXT,
                "kind": TEXT,
                "mission": TEXT,
                "area": TEXT,
                "nation": TEXT,
                "serves": TRUTH,
                "state": TEXT,
                "partners": TEXT,
                "serving": TEXT,
                "least": WHOLE,
                "spare": WHOLE,
            },
        ),
        PlanTable(
            "tipping",
            "What follows for others, by links alone, if one nation stays away or joins.",
            ("nation", "decision", "other"),
            {
                "nation": TEXT,
                "decision": TEXT,
                "other": TEXT,
                "effect": TEXT,
                "links": TEXT,
                "steps": WHOLE,
                "posts": WHOLE,
                "personnel": NUMBER,
            },
        ),
        PlanTable(
            "enablers",
            "Support needed and delivered.",
            ("enabler", "scope", "period"),
            {
                "enabler": TEXT,
                "scope": TEXT,
                "period": WHOLE,
                "needed": NUMBER,
                "delivered": NUMBER,
                "gap": NUMBER,
                "hard": TRUTH,
            },
        ),
        PlanTable(
            "flows",
            "Tonnes moved on each route.",
            ("origin", "destination", "mode", "destination_area", "period"),
            {
                "origin": TEXT,
                "destination": TEXT,
                "mode": TEXT,
                "destination_area": TEXT,
                "period": WHOLE,
                "tonnes": NUMBER,
            },
            derived=False,
        ),
        PlanTable(
            "routes",
            "Each open route in each period: tonnes against its capacity, and whether it is a bottleneck.",
            ("origin", "destination", "mode", "period"),
            {
                "origin": TEXT,
                "destination": TEXT,
                "mode": TEXT,
                "period": WHOLE,
                "tonnes": NUMBER,
                "capacity": NUMBER,
                "slack": NUMBER,
                "binding": TRUTH,
            },
        ),
        PlanTable(
            "pledges",
            "How far each pledge is used.",
            ("pledge",),
            {
                "pledge": TEXT,
                "nation": TEXT,
                "unit_type": TEXT,
                "exists": TRUTH,
                "quantity": WHOLE,
                "usable": WHOLE,
                "kept_by_rotation": WHOLE,
                "peak_units": WHOLE,
                "unit_periods": WHOLE,
                "tours": WHOLE,
            },
        ),
    )
}
"""In the order of the workbook."""

COLUMNS: Final[dict[str, dict[str, str]]] = {name: dict(table.columns) for name, table in PLAN_TABLES.items()}
"""Every table of a plan and its columns."""

BASELINE_COLUMNS: Final = {"pledge": TEXT, "requirement": TEXT, "period": WHOLE, "units": WHOLE}
"""What is kept of the plan that `changes` compares with."""


def frame(name: str, rows: Iterable[Sequence[Any]] | Mapping[str, Sequence[Any]] = ()) -> pd.DataFrame:
    """A table of a plan from its rows (in the order of its columns) or its columns."""
    return table(COLUMNS[name], rows)


def table(columns: Mapping[str, str], rows: Iterable[Sequence[Any]] | Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """A table with these columns, of these kinds, from its rows or its columns."""
    if isinstance(rows, Mapping):
        cells = {column: rows[column] for column in columns}
    else:
        listed = list(rows)
        cells = dict(zip(columns, zip(*listed, strict=True), strict=True)) if listed else dict.fromkeys(columns, ())
    return pd.DataFrame({column: _series(cells[column], kind) for column, kind in columns.items()})


def _series(cells: Sequence[Any], kind: str) -> pd.Series[Any]:
    if kind == TEXT:
        return pd.Series(list(cells), dtype=object)
    if kind == WHOLE:
        # Through a list: a tuple with None in it would become an array of floats, and large numbers lose digits.
        return pd.Series(pd.array([None if c is None else c for c in cells], dtype="Int64"))
    if kind == NUMBER:
        return pd.Series([math.nan if c is None else float(c) for c in cells], dtype="float64")
    return pd.Series([bool(c) for c in cells], dtype="bool")


def empty_frames() -> dict[str, pd.DataFrame]:
    """All tables, without rows."""
    return {name: frame(name) for name in COLUMNS}
