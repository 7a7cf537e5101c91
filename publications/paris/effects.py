"""Differences between cases, as far as they are certain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from publications.paris.ledger import Entry, Ledger
from publications.paris.looser import loosens

NONE: Final = 0.05
"""Points of coverage below which a difference is none to a reader."""


@dataclass(frozen=True)
class Effect:
    """A comparison: the case `to` against the case `base`."""

    name: str
    base: str
    to: str
    says: str


def effect_table(ledger: Ledger, effects: Iterable[Effect]) -> pd.DataFrame:
    """One row per comparison: by how much the best possible values differ, at least and at most, and that in words.

    `found`: the difference of the plans known. `relaxation`: that of the linear relaxations, which points where the search for whole units
    left the difference open. Where one case is known to be the looser one, it has no less.
    """
    columns = ["effect", "says", "base", "case", "at_least", "at_most", "found", "relaxation", "word"]
    return pd.DataFrame([_row(ledger, one) for one in effects], columns=columns)


def _row(ledger: Ledger, effect: Effect) -> dict[str, Any]:
    base, to = ledger.entries[effect.base], ledger.entries[effect.to]
    low, high = _less(to.value, base.bound), _less(to.bound, base.value)
    if to.is_open and base.is_open:
        tight, loose = ledger.cases[effect.base], ledger.cases[effect.to]
        if loosens(tight, loose):
            low = max(0.0, low or 0.0)
        if loosens(loose, tight):
            high = min(0.0, high or 0.0)
    return {
        "effect": effect.name,
        "says": effect.says,
        "base": effect.base,
        "case": effect.to,
        "at_least": low,
        "at_most": high,
        "found": _less(to.value, base.value),
        "relaxation": _less(to.relaxation, base.relaxation),
        "word": word(to, low, high),
    }


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 6)


def word(to: Entry, low: float | None, high: float | None) -> str:
    """What is certain of a difference, in a word."""
    if to.ended == "infeasible":
        return "leaves no plan that keeps every rule"
    if low is None or high is None:
        return "is not known"
    if low > NONE:
        return "raises what can be covered"
    if high < -NONE:
        return "lowers what can be covered"
    if low >= -NONE and high <= NONE:
        return "changes nothing that a reader would notice"
    if low >= -NONE:
        return "lowers nothing, and what it adds is within what the search left open"
    if high <= NONE:
        return "adds nothing, and what it costs is within what the search left open"
    return "makes a difference that is within what the search left open"
