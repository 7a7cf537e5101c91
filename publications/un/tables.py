"""The tables of `instances/un-2019`, made from the facts; `write_tables` writes them as the folder ships them."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from publications.un.facts import SIZES, Contributor, Deployment, Unit, contributors, deployments, units_at

Row = dict[str, Any]
MALI: Final = "MINUSMA"
CLOSES: Final = "mali-closes"
PERIODS: Final = 3
AGREED_UNTIL, MALI_UNTIL = 1, 2
"""Periods are years. 2019 is settled; in the scenario the mission in Mali ends with 2020, half-way through the two years to be planned."""
ENDS: Final = {
    "MINUJUSTH": (1, "Security Council resolution 2466 (2019): until 15 October 2019; counted to the end of the year"),
    "UNAMID": (2, "Security Council resolution 2559 (2020): until 31 December 2020; strength of 2019, no later map"),
}
FACTOR: Final = 3
RATE: Final = 1428 * 12 / 1e6
"""Million dollars for one person and a year."""
GEOPKO: Final = "Geo-PKO v2.3 (Cil, Fjelde, Hultman, Nilsson 2020)"
ROTATION: Final = "12 months out: General Assembly resolution 67/261 (GA/11368, 2013); 24 at home: Helsinki Headline Goal (2002), assumed"
NAMES: Final = {
    "MINUJUSTH": "Haiti (MINUJUSTH)",
    "MINURSO": "Western Sahara (MINURSO)",
    "MINUSCA": "Central African Republic (MINUSCA)",
    "MINUSMA": "Mali (MINUSMA)",
    "MONUSCO": "Democratic Republic of the Congo (MONUSCO)",
    "UNAMID": "Darfur (UNAMID)",
    "UNDOF": "Golan (UNDOF)",
    "UNFICYP": "Cyprus (UNFICYP)",
    "UNIFIL": "Lebanon (UNIFIL)",
    "UNISFA": "Abyei (UNISFA)",
    "UNMISS": "South Sudan (UNMISS)",
}
DOMAINS: Final = {"aviation": "air", "riverine": "sea", "headquarters": "hq"}
SIZE_WORDS: Final = {"bn": "battalion", "coy": "company", "plt": "platoon"}
UNIT_WORDS: Final = {
    "infantry": "Infantry", "medical": "Medical", "engineers": "Engineer", "aviation": "Aviation", "signals": "Signals",
    "transport": "Transport", "maintenance": "Maintenance", "riverine": "Riverine or naval", "headquarters": "Headquarters",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A requirement line: units of one type wanted at a place in a window of periods."""

    mission: str
    place: str
    unit_type: str
    year: int
    target: int
    first: int
    last: int

    @property
    def key(self) -> str:
        """The key of the row."""
        return f"{self.mission} {self.place} {self.unit_type} {self.year}"

    @property
    def strength(self) -> int:
        """Persons wanted in a period."""
        return self.target * SIZES[unit_size(self.unit_type)]


@dataclass(frozen=True)
class World:
    """The facts, and what follows from them for the tables."""

    rows: Sequence[Deployment]
    nations: Sequence[Contributor]

    @cached_property
    def units(self) -> dict[tuple[str, str, int], Counter[Unit]]:
        """Units at each place in each year."""
        return {(row.mission, row.place, row.year): units_at(row) for row in self.rows}

    @cached_property
    def lines(self) -> list[Line]:
        """2019 until the end of 2019, 2021 from then on; one line where nothing changes."""
        wanted: dict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
        for (mission, place, year), units in self.units.items():
            for unit, number in units.items():
                wanted[mission, place, unit.unit_type][year] += number
        found = []
        for (mission, place, unit_type), years in sorted(wanted.items()):
            end, _ = ENDS.get(mission, (PERIODS, ""))
            windows = [(2019, 1, AGREED_UNTIL), (2021, AGREED_UNTIL + 1, end)]
            if mission in ENDS or years[2019] == years[2021]:
                windows = [(2019, 1, end)]
            found += [
                Line(mission, place, unit_type, year, years[year], first, last)
                for year, first, last in windows
                if years[year]
            ]
        return found

    @cached_property
    def pools(self) -> Counter[tuple[str, str]]:
        """Units that each contributor had out in 2019, by unit type."""
        found: Counter[tuple[str, str]] = Counter()
        for (_, _, year), units in self.units.items():
            if year == 2019:
                for unit, number in units.items():
                    found[unit.nation, unit.unit_type] += number
        return found

    @cached_property
    def offering(self) -> list[Contributor]:
        """Contributors with units out in 2019."""
        with_units = {nation for nation, _ in self.pools}
        return [nation for nation in self.nations if nation.nation in with_units]


def read_world() -> World:
    """The facts as the project holds them."""
    return World(deployments(), contributors())


def tables(world: World) -> dict[str, list[Row]]:
    """Every table of the instance."""
    used = sorted(
        {unit for _, unit in world.pools} | {unit.unit_type for many in world.units.values() for unit in many}
    )
    return {
        "nations": [
            {"nation": one.nation, "name": one.name, "source": f"{GEOPKO}, 2019", "note": ""} for one in world.offering
        ],
        "unit_types": [_unit_type(name) for name in used],
        "capabilities": [
            {"capability": name, "name": _words(name), "measure": "units", "source": GEOPKO, "note": ""}
            for name in used
        ],
        "yields": [
            {
                "unit_type": name,
                "capability": name,
                "amount": 1,
                "source": "assumed",
                "note": "no unit stands in for another",
            }
            for name in used
        ],
        "pledges": [_pledge(nation, unit, number) for (nation, unit), number in sorted(world.pools.items())],
        "missions": [_mission(world, mission) for mission in NAMES],
        "areas": list(_areas(world)),
        "requirements": [_requirement(line) for line in world.lines],
        "agreed": list(_agreed(world)),
        "caveats": [_caveat(one) for one in world.offering],
        "scenarios": [
            {
                "scenario": CLOSES,
                "description": "The mission in Mali ends on 31 December 2020.",
                "source": "assumed",
                "note": "In truth it ended on 31 December 2023: Security Council resolution 2690 (2023)",
            }
        ],
        "changes": list(_changes(world)),
    }


def unit_size(unit_type: str) -> str:
    """The size of a unit type, a key of SIZES."""
    return _parts(unit_type)[1]


def _parts(unit_type: str) -> tuple[str, str]:
    return ("police", "fpu") if unit_type == "fpu" else (unit_type.split("_")[0], unit_type.split("_")[1])


def _size_source(size: str) -> str:
    return "assumed" if size == "fpu" else f"{GEOPKO}: standard size"


def _words(unit_type: str) -> str:
    capability, size = _parts(unit_type)
    return "Formed police unit" if size == "fpu" else f"{UNIT_WORDS[capability]} {SIZE_WORDS[size]}"


def _unit_type(name: str) -> Row:
    capability, size = _parts(name)
    return {
        "unit_type": name,
        "name": _words(name),
        "domain": DOMAINS.get(capability, "land"),
        "personnel": SIZES[size],
        "cost": f"{SIZES[size] * RATE:.4f}",
        "tags": capability,
        "source": f"{_size_source(size)}; cost: General Assembly resolution 72/285 (2018), assumed for all ranks",
        "note": f"{SIZES[size]} persons x 12 months x 1,428 USD",
    }


def _pledge(nation: str, unit_type: str, number: int) -> Row:
    return {
        "pledge": f"{nation} {unit_type}",
        "nation": nation,
        "unit_type": unit_type,
        "quantity": FACTOR * number,
        "rotation_factor": FACTOR,
        "source": f"{GEOPKO}, 2019; capability assumed; {ROTATION}",
        "note": f"{number} out in 2019, three in the pool for each",
    }


def _mission(world: World, mission: str) -> Row:
    return {
        "mission": mission,
        "name": NAMES[mission],
        "weight": _weight([line for line in world.lines if line.mission == mission]),
        "continuity": "true",
        "source": f"{GEOPKO}; that weight is strength, and that places are held to the end, is assumed",
        "note": "thousand persons wanted, times years",
    }


def _weight(lines: Sequence[Line]) -> str:
    return f"{sum(line.strength * (line.last - line.first + 1) for line in lines) / 1000:.3f}"


def _areas(world: World) -> Iterator[Row]:
    """One area per place; a place of two years stands where the first year has it."""
    key = attrgetter("mission", "place")
    for _, rows in groupby(sorted(world.rows, key=key), key):
        first = next(rows)
        yield {
            "area": first.place,
            "name": first.place,
            "host": first.country,
            "domain": "sea" if first.place == "Maritime Task Force" else "land",
            "latitude": first.latitude,
            "longitude": first.longitude,
            "source": GEOPKO,
            "note": "",
        }


def _requirement(line: Line) -> Row:
    end, ended = ENDS.get(line.mission, (0, ""))
    return {
        "requirement": line.key,
        "mission": line.mission,
        "area": line.place,
        "capability": line.unit_type,
        "target": line.target,
        "weight": line.strength,
        "from": line.first,
        "until": line.last,
        "source": f"{GEOPKO}, {line.year}" + "; capability assumed" + (f"; end: {ended}" if end == line.last else ""),
        "note": f"{line.strength} persons",
    }


def _agreed(world: World) -> Iterator[Row]:
    """Everybody serves in 2019 where the maps of that year show it."""
    lines = {(line.mission, line.place, line.unit_type): line for line in world.lines if line.first == 1}
    for (mission, place, year), units in sorted(world.units.items()):
        if year == 2019:
            for unit, number in sorted(units.items()):
                yield {
                    "pledge": f"{unit.nation} {unit.unit_type}",
                    "requirement": lines[mission, place, unit.unit_type].key,
                    "until": AGREED_UNTIL,
                    "units": number,
                    "kind": "exactly",
                    "source": f"{GEOPKO}, 2019; capability assumed",
                    "note": "",
                }


def _caveat(one: Contributor) -> Row:
    return {
        "caveat": f"{one.name} serves only where it is known",
        "nation": one.nation,
        "mission": ";".join(f"!{mission}" for mission in one.served_in),
        "rule": "forbid",
        "source": f"assumed from {GEOPKO}",
        "note": "missions in which a map of 2010, 2014, 2017, 2019, 2021 or 2024 shows it",
    }


def _changes(world: World) -> Iterator[Row]:
    """What the closing changes: the windows of the lines in Mali, and the weight of the mission."""
    left = []
    for line in world.lines:
        if line.mission == MALI:
            last = min(line.last, MALI_UNTIL)
            left.append(replace(line, last=last))
            if last < line.last:
                yield _change("requirements", line.key, "until", last)
    yield _change("missions", MALI, "weight", _weight(left))


def _change(table: str, key: str, column: str, value: object) -> Row:
    return {
        "scenario": CLOSES,
        "table": table,
        "key": key,
        "column": column,
        "value": value,
        "source": "assumed",
        "note": "",
    }


def write_tables(made: Mapping[str, Sequence[Row]], folder: Path) -> None:
    """Write each table as a CSV file into a folder."""
    for name, rows in made.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
