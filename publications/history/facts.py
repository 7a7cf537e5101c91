"""The extract of public facts on which the comparison rests: one fact per row, each with its source and date."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent / "facts"
KINDS: Final = {
    "was": "contingent at the earlier date",
    "announced": "increase announced at the earlier date",
    "reserve": "announced, but kept at home",
    "ends": "year at the end of which the contingent leaves, as announced",
    "outside": "forces in the country outside the mission",
    "caveat": "the only area to which the nation sends",
    "planned": "total planned at the earlier date",
    "gdp": "gross domestic product, billion USD",
    "forces": "armed forces personnel",
    "area": "strength of an area: how what is asked for is divided",
    "came": "contingent at a later date",
}
"""What each row of an extract says."""


@dataclass(frozen=True)
class Fact:
    """One row: `value` is a number for every kind but `caveat`, where it is an area."""

    nation: str
    name: str
    kind: str
    date: str
    value: str
    source: str
    url: str
    note: str

    @property
    def cited(self) -> str:
        """Source and date, as the tables of an instance cite it."""
        return f"{self.source}, {self.date}"


def read_facts(case: str) -> tuple[Fact, ...]:
    """The extract of a case (`isaf` or `kfor`)."""
    with (HERE / f"{case}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Fact(**row) for row in csv.DictReader(file))


def amounts(facts: tuple[Fact, ...], kind: str, date: str = "") -> dict[str, float]:
    """The values of a kind by nation, several rows of one nation added up."""
    found: dict[str, float] = {}
    for fact in facts:
        if fact.kind == kind and date in {"", fact.date}:
            found[fact.nation] = found.get(fact.nation, 0.0) + float(fact.value)
    return found


def names(facts: tuple[Fact, ...]) -> dict[str, str]:
    """The name of each nation."""
    return {fact.nation: fact.name for fact in facts if fact.nation}


def coalition(facts: tuple[Fact, ...]) -> list[str]:
    """The nations that were there at the earlier date, or had announced that they would come."""
    return sorted({fact.nation for fact in facts if fact.kind in {"was", "announced"}})
