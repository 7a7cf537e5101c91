"""Limits that bind, ranked: those first that leave the least of what they allow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any


def by_tightness(binding: Iterable[Mapping[Any, Any]]) -> list[tuple[str, list[Mapping[Any, Any]]]]:
    """The rows of binding limits by the name of their limit: the tightest first, of equals those that bind in more periods.

    How tight a limit is: the part of its bound that is left, in the mean of the periods in which it binds.
    """
    by_name: dict[str, list[Mapping[Any, Any]]] = {}
    for row in binding:
        by_name.setdefault(str(row["limit"]), []).append(row)
    left = {name: math.fsum(map(_part_left, rows)) / len(rows) for name, rows in by_name.items()}
    return sorted(by_name.items(), key=lambda item: (round(left[item[0]], 9), -len(item[1]), item[0]))


def _part_left(row: Mapping[Any, Any]) -> float:
    slack = _number(row.get("slack"))
    sides = [abs(side) for side in (_number(row.get("minimum")), _number(row.get("maximum"))) if side]
    return abs(slack or 0.0) / max(sides, default=1.0)


def _number(value: object) -> float | None:
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return None if math.isnan(number) else number
