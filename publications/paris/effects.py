"""Differences between cases, as far as they are certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from optimizer.instance.scenario import row_key
from optimizer.studies.tightening import is_tighter
from publications.paris.cases import Case, shipped
from publications.paris.ledger import Entry, Ledger, profile_of

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
        if loosens(ledger, effect.base, effect.to):
            low = max(0.0, low or 0.0)
        if loosens(ledger, effect.to, effect.base):
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


LOOSER: Final[Mapping[tuple[str, str], int]] = {
    ("areas", "lift_capacity"): 1,
    ("areas", "sustainment_capacity"): 1,
    ("deployment_costs", "cost"): -1,
    ("limits", "maximum"): 1,
    ("missions", "continuity"): -1,
    ("nations", "max_personnel"): 1,
    ("pledges", "dwell"): -1,
    ("posts", "min_nations"): -1,
    ("routes", "capacity"): 1,
    ("unit_types", "cost"): -1,
}
"""Cells of which more (1) or less (-1) only ever allows more plans, none worth less in the first aim."""


def loosens(ledger: Ledger, base: str, to: str) -> bool:
    """Whether a case is known to be at least as loose as another; False: not known."""
    tight, loose = ledger.cases[base], ledger.cases[to]
    if loose.lifted and replace(loose, lifted=(), name="", says="", seconds=0.0) == replace(
        tight, name="", says="", seconds=0.0
    ):
        return True
    return _by_cells(tight, loose) or is_tighter(profile_of(tight), profile_of(loose))


def _by_cells(tight: Case, loose: Case) -> bool:
    """Whether two cases differ in cells alone of which it is known that they loosen that way."""
    alike = [replace(case, cells=(), name="", says="", seconds=0.0, every_aim=False) for case in (tight, loose)]
    if alike[0] != alike[1] or tight.scenario is not None:
        return False
    rows = {name: shipped(tight.instance).rows(name) for name in {table for table, _ in LOOSER}}
    before, after = (dict(cell.rsplit("=", 1) for cell in case.cells) for case in (tight, loose))
    for cell in {*before, *after}:
        table, column = cell.partition(".")[0], cell.rpartition(".")[2]
        sign = LOOSER.get((table, column))
        key = cell.removeprefix(f"{table}.").removesuffix(f".{column}")
        there = next((row.get(column) for row in rows.get(table, ()) if row_key(table, row) == key), None)
        ends = [_as_number(values.get(cell, there)) for values in (before, after)]
        if sign is None or ends[0] is None or ends[1] is None or sign * (ends[1] - ends[0]) < 0:
            return False
    return True


def _as_number(content: object) -> float | None:
    if content is None:
        return None
    words = {"true": 1.0, "false": 0.0, "True": 1.0, "False": 0.0}
    return words.get(str(content)) if str(content) in words else float(str(content))


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
