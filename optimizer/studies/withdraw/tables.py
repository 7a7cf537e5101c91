"""The tables of the study, made of what is known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from optimizer.studies.withdraw.known import Known
from optimizer.studies.withdraw.ledger import Set, room

SETS: Final = (
    "nations",
    "size",
    "termination",
    "value_kept",
    "value",
    "bound",
    "lost_at_least",
    "lost_at_most",
    "closed",
    "broken",
)
CLOSED: Final = ("nations", "mission", "area", "periods")
BROKEN: Final = ("nations", "rule", "periods", "message")
_FIGURES: Final = ("value_kept", "value", "bound", "lost_at_least", "lost_at_most")


@dataclass(frozen=True)
class Row:
    """What is known of a set, in the unit of the first aim; None: unknown, or there is no plan. Sorted by `score`."""

    out: Set
    termination: str
    score: float
    kept: float | None
    value: float | None
    bound: float | None
    lost: tuple[float | None, float | None]
    closed: Sequence[tuple[str, str, Sequence[int]]]
    broken: Sequence[tuple[str, str, int | None]]

    @property
    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "nations": list(self.out),
            "value_kept": self.kept,
            "value": self.value,
            "bound": self.bound,
            "termination": self.termination,
        }


def rows_of(known: Known, sets: Iterable[Set], gap: float) -> list[Row]:
    """What is known of sets: those without a plan first, then the lowest value."""
    base = snapped(*known.value(()))
    found = [_row(known, out, base, gap) for out in sets]
    order = {"infeasible": 0, "none_found": 1}
    return sorted(found, key=lambda row: (order.get(row.termination, 2), row.score, row.out))


def snapped(score: float, most: float) -> tuple[float, float]:
    """The two sides of an interval; one figure where they differ by rounding."""
    most = max(score, most)
    return score, score if most - score <= room(score) else most


def is_denied_by(score: float, most: float) -> bool:
    """Whether a plan of this score is known of a set of which a search says that there is none."""
    return most == -math.inf and score > -math.inf


def _row(known: Known, out: Set, base: tuple[float, float], gap: float) -> Row:
    record = known.records.get(out)
    outcome: Any = {} if record is None else record.outcome
    score, most = known.value(out)
    denied = is_denied_by(score, most)
    score, most = snapped(score, math.inf if denied else most)
    if denied:
        termination = "failed"
    elif most == -math.inf:
        termination = "infeasible"
    elif score == -math.inf:
        termination = "none_found"
    else:
        termination = "optimal" if most - score <= max(gap * abs(score), room(score)) else "feasible"
    lost: list[float | None] = [None, None]
    if math.isfinite(most):
        lost[0] = max(0.0, base[0] - most)
    if math.isfinite(score) and math.isfinite(base[1]):
        lost[1] = max(0.0, base[1] - score)
    return Row(
        out,
        termination,
        score,
        _value(known, outcome.get("kept")),
        _value(known, score),
        _value(known, most),
        (lost[0], lost[1]),
        json.loads(outcome.get("closed", "[]")),
        json.loads(outcome.get("broken", "[]")),
    )


def _value(known: Known, score: float | None) -> float | None:
    return None if score is None or not math.isfinite(score) else known.measure.value(score)


def sets_table(rows: Sequence[Row]) -> pd.DataFrame:
    """A row per set. `closed`: posts that are not mounted any more where nothing is planned anew; `broken`: other rules broken then."""
    cells = [
        (
            ";".join(row.out),
            len(row.out),
            row.termination,
            row.kept,
            row.value,
            row.bound,
            *row.lost,
            len(row.closed),
            len(row.broken),
        )
        for row in rows
    ]
    frame = pd.DataFrame(cells, columns=list(SETS))
    for name in _FIGURES:
        frame[name] = pd.to_numeric(frame[name]).astype("float64")
    return frame


def closed_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Posts that are not mounted any more where nothing is planned anew, with their periods."""
    cells = [
        (";".join(row.out), mission, area, ";".join(map(str, periods)))
        for row in rows
        for mission, area, periods in row.closed
    ]
    return pd.DataFrame(cells, columns=list(CLOSED), dtype=object)


def broken_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Other rules that are broken where nothing is planned anew."""
    cells: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        for rule, message, period in row.broken:
            cells.setdefault((";".join(row.out), rule, message), []).extend([] if period is None else [period])
    lines = [
        (nations, rule, ";".join(map(str, sorted(set(periods)))), message)
        for (nations, rule, message), periods in cells.items()
    ]
    return pd.DataFrame(lines, columns=list(BROKEN), dtype=object)
