"""The published facts: demand, rotation rules and runs, read from `facts/`."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FACTS = Path(__file__).parent / "facts"
PRESURGE, SURGE = 821, 146
"""Days of the two phases that the published results report."""


@dataclass(frozen=True)
class Rule:
    """A rotation policy in days.

    Attributes:
        dwell: rest before a unit may be sent.
        expires: day of the cycle on which a unit that was not sent begins to rest anew; None = never.
        longest: longest tour, its overlap included; None = without end.
        overlap: last days of a tour in which the successor is there already; they fill nothing.
        returning: days after a tour before rest begins.
    """

    dwell: int
    expires: int | None
    longest: int | None
    overlap: int
    returning: int

    @property
    def filling(self) -> int:
        """Days of a whole tour that fill demand."""
        if self.longest is None:
            raise ValueError("The policy has no longest tour.")
        return self.longest - self.overlap


@dataclass(frozen=True)
class Run:
    """One published run: a level of supply, the seed of its starts, and the unit-days that the greedy rule filled."""

    src: str
    active: int
    reserve: int
    seed: int
    presurge: int
    surge: int

    @property
    def name(self) -> str:
        """Unique among the runs, and good for a file name."""
        return f"{self.src}-{self.active}-{self.reserve}-{self.seed}"


def _rows(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def demand() -> dict[tuple[str, str], int]:
    """Units asked for by unit type and phase, all demands of the phase together."""
    units: dict[tuple[str, str], int] = defaultdict(int)
    for row in _rows("demand"):
        units[row["src"], row["phase"]] += int(row["units"])
    return dict(units)


@cache
def rules() -> dict[tuple[str, str, str], Rule]:
    """Rotation rules by unit type, component and phase."""
    return {
        (row["src"], row["component"], row["phase"]): Rule(
            int(row["dwell"]),
            int(row["expires"]) if row["expires"] else None,
            int(row["longest"]) if row["longest"] else None,
            int(row["overlap"]),
            int(row["returning"]),
        )
        for row in _rows("rules")
    }


@cache
def runs() -> tuple[Run, ...]:
    """All published runs, by unit type and level of supply."""
    return tuple(
        Run(
            row["src"],
            int(row["active"]),
            int(row["reserve"]),
            int(row["seed"]),
            int(row["presurge_active"]) + int(row["presurge_reserve"]),
            int(row["surge_active"]) + int(row["surge_reserve"]),
        )
        for row in _rows("runs")
    )
