"""What was there: the extract of Geo-PKO v2.3 beside this file, read and divided into units.

Geo-PKO (Cil, Fjelde, Hultman and Nilsson: Mapping Blue Helmets, Journal of Peace Research 57(2), 2020) reads deployment maps and writes a
unit as the standard strength of its size: a battalion 650, a company 150, a platoon 35. So strengths can be divided back into units.
Which contributor brought which capability is not in the data: `units_at` assumes it.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
BATTALION, COMPANY, PLATOON, POLICE_UNIT = 650, 150, 35, 140
SIZES: Final = {"bn": BATTALION, "coy": COMPANY, "plt": PLATOON, "fpu": POLICE_UNIT}
SUPPORT: Final = ("medical", "engineers", "aviation", "signals", "transport", "maintenance", "riverine", "headquarters")
"""Capabilities that a map shows or does not; in this order they get the units that are left once the infantry is complete."""
_NEARLY_A_COMPANY: Final = 140


@dataclass(frozen=True)
class Deployment:
    """One place of one mission in one year; `strengths`: troops per contributor, None where no size is known."""

    mission: str
    country: str
    place: str
    latitude: str
    longitude: str
    year: int
    infantry: int
    shown: tuple[str, ...]
    strengths: dict[str, int | None]


@dataclass(frozen=True)
class Contributor:
    """A contributor, and the missions of the instance in which Geo-PKO shows it in 2010, 2014, 2017, 2019, 2021 or 2024."""

    nation: str
    name: str
    served_in: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Unit:
    """Units of one contributor at a place: `capability` and `size` (a key of SIZES)."""

    nation: str
    capability: str
    size: str

    @property
    def unit_type(self) -> str:
        """The key of the instance's unit type."""
        return "fpu" if self.capability == "police" else f"{self.capability}_{self.size}"


def deployments(file: Path = HERE / "deployments.csv") -> list[Deployment]:
    """All rows of the extract."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [
            Deployment(
                row["mission"],
                row["country"],
                row["place"],
                row["latitude"],
                row["longitude"],
                int(row["year"]),
                int(row["infantry"]),
                tuple(filter(None, row["shown"].split(";"))),
                {
                    nation: None if strength == "?" else int(strength)
                    for nation, strength in (part.split(" ") for part in row["contributors"].split(";"))
                },
            )
            for row in csv.DictReader(opened)
        ]


def contributors(file: Path = HERE / "contributors.csv") -> list[Contributor]:
    """All contributors of the years of the extract."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [
            Contributor(row["nation"], row["name"], tuple(filter(None, row["served_in"].split(";"))))
            for row in csv.DictReader(opened)
        ]


def sizes_of(strength: int) -> list[str]:
    """Battalions, companies and platoons that make up a strength, the largest first; at least one platoon.

    >>> sizes_of(985)
    ['bn', 'coy', 'coy', 'plt']
    """
    battalions, rest = divmod(strength, BATTALION)
    companies, rest = divmod(rest + COMPANY - _NEARLY_A_COMPANY, COMPANY)
    platoons = max(0, round((rest - (COMPANY - _NEARLY_A_COMPANY)) / PLATOON))
    return ["bn"] * battalions + ["coy"] * companies + ["plt"] * platoons or ["plt"]


def units_at(where: Deployment) -> Counter[Unit]:
    """The units at a place.

    Battalions are infantry; companies and platoons join them, the largest first, until the infantry of the map is complete. Those that are
    left take the other capabilities that the map shows, one after the other; where it shows none, they are infantry too. A contributor
    without a known size is a platoon of what the map shows, else a formed police unit.
    """
    known = [(size, nation) for nation, strength in where.strengths.items() if strength for size in sizes_of(strength)]
    known.sort(key=lambda piece: (-SIZES[piece[0]], piece[1]))
    unknown = [nation for nation, strength in sorted(where.strengths.items()) if strength is None]
    support = [name for name in SUPPORT if name in where.shown]
    found: Counter[Unit] = Counter()
    infantry, left = 0, []
    for size, nation in known:
        if size == "bn" or infantry < where.infantry or not support:
            infantry += SIZES[size]
            found[Unit(nation, "infantry", size)] += 1
        else:
            left.append((size, nation))
    if support:
        left += [("plt", nation) for nation in unknown]
        found.update(Unit(nation, name, size) for name, (size, nation) in zip(cycle(support), left, strict=False))
    else:
        found.update(Unit(nation, "police", "fpu") for nation in unknown)
    return found
