"""Differences between cases, as far as they are certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from publications.paris.ledger import Entry, Ledger
from publications.paris.looser import loosens
from publications.paris.sentences import Cell, Sentence, Tables, records, used
from publications.paris.setup import BASE

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


def against(ledger: Ledger, cases: Iterable[str], base: str = BASE) -> pd.DataFrame:
    """The comparisons of some cases with one, each under the name of its case."""
    return effect_table(ledger, [Effect(name, base, name, ledger.cases[name].says) for name in cases])


def value_table(ledger: Ledger, cases: Iterable[str]) -> pd.DataFrame:
    """One row per case: what can be covered, at least and at most."""
    rows = [(name, ledger.cases[name].says, ledger.entries[name].value, ledger.entries[name].bound) for name in cases]
    return pd.DataFrame(rows, columns=["case", "says", "at_least", "at_most"])


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


MORE, LESS = "more can be covered", "less can be covered"
SAME, UP, DOWN = "no difference that a reader would notice", "no less, perhaps more", "no more, perhaps less"
EITHER, NO_PLAN, UNKNOWN = "perhaps more, perhaps less", "no plan keeps every rule", "not known"
TOLD: Final[Mapping[str, str]] = {
    MORE: "Then between {low} and {high} points more can be covered.",
    LESS: "Then between {fewest} and {most} points fewer can be covered.",
    SAME: "Then nothing changes that a reader would notice.",
    UP: "Then up to {high} points more can be covered, or just as many: the search left this open.",
    DOWN: "Then up to {most} points fewer can be covered, or just as many: the search left this open.",
    EITHER: "Then up to {most} points fewer or up to {high} points more can be covered: the search left this open.",
    NO_PLAN: "Then no plan keeps every rule.",
    UNKNOWN: "Then it is not known how much can be covered.",
}
"""What is certain of a difference, in a word and in a sentence."""


def word(to: Entry, low: float | None, high: float | None) -> str:
    """What is certain of a difference, in a word."""
    if to.ended == "infeasible":
        return NO_PLAN
    if low is None or high is None:
        return UNKNOWN
    if low > NONE:
        return MORE
    if high < -NONE:
        return LESS
    if low >= -NONE:
        return SAME if high <= NONE else UP
    return DOWN if high <= NONE else EITHER


def changes(answer: str, tables: Tables, table: str) -> list[Sentence]:
    """A sentence per row of a table of effects."""
    found = []
    for row in records(tables[table]):
        name = str(row["effect"])
        cells = {
            "says": Cell(table, name, "says", "text"),
            "low": Cell(table, name, "at_least"),
            "high": Cell(table, name, "at_most"),
            "most": Cell(table, name, "at_least", "fewer"),
            "fewest": Cell(table, name, "at_most", "fewer"),
        }
        text = f"Suppose: {{says}}. {TOLD[row['word']]}"
        found.append(Sentence(f"{answer}/{name}", text, used(text, cells)))
    return found
