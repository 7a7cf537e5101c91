"""The aims of an instance that names none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from optimizer.instance.instance import Aim, Header, Row


def with_default_aims(header: Header, rows: Mapping[str, list[Row]]) -> Header:
    """The header with the default aims where none is given: coverage, then burden_gap where every pledging nation has a fair share, then cost."""
    if header.aims:
        return header
    pledging = {row["nation"] for row in rows.get("pledges", [])}
    fair = {row["nation"] for row in rows.get("nations", []) if row["fair_share"] is not None}
    shared = bool(pledging) and pledging <= fair and any(row["fair_share"] for row in rows["nations"])
    names = ["coverage", "burden_gap", "cost"] if shared else ["coverage", "cost"]
    return replace(header, aims=tuple(Aim(name, level) for level, name in enumerate(names, 1)))
