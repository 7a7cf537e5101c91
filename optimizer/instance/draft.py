"""Typed tables that may still hold faults: what the checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.instance.findings import Notes
from optimizer.instance.instance import Header, Row


@dataclass
class Draft:
    """Typed tables that may still hold faults: what the cross-field checks look at.

    `rows` have defaults filled in; `broken` names the tables that could not be read, wholly or in their columns.
    `horizon_known`: whether the header says how many periods there are; if not, windows cannot be checked.
    """

    header: Header
    rows: dict[str, list[Row]]
    notes: Notes
    broken: set[str] = field(default_factory=set)
    horizon_known: bool = True
