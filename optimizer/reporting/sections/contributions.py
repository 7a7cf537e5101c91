"""Who sends what where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_COLUMNS, MOST_ROWS, Cell, Chart, Column, Section
from optimizer.reporting.text import as_number, figure, ranges

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader

Contribution = tuple[str, str, str, str]
"""Nation, unit type, mission and area."""


def section(reader: Reader) -> Section | None:
    """Who sends what where."""
    if not reader.frame("assignments"):
        return Section("contributions", "Who sends what", ("Nobody is sent.",)) if reader.plan.has_plan else None
    personnel: dict[tuple[str, str], float] = {}
    groups: dict[Contribution, dict[int, tuple[float, float]]] = {}
    for row in reader.frame("assignments"):
        nation, mission = row["nation"], row["mission"]
        units, people = as_number(row.get("units")) or 0.0, as_number(row.get("personnel")) or 0.0
        personnel[nation, mission] = personnel.get((nation, mission), 0.0) + people
        per_period = groups.setdefault((nation, row["unit_type"], mission, row["area"]), {})
        before = per_period.get(int(row["period"]), (0.0, 0.0))
        per_period[int(row["period"])] = (before[0] + units, before[1] + people)
    nations = _by_size(personnel, 0)
    rows = _rows(reader, groups, nations)
    columns = (
        Column("Nation"),
        Column("Unit type"),
        Column("Mission"),
        Column("Area"),
        Column("Most units at a time", "figure"),
        Column("Mean personnel per period", "figure"),
        Column("In periods"),
    )
    table = reader.table("Contributions", columns, rows, 300)
    chart = _chart(reader, personnel, nations)
    return Section("contributions", "Who sends what", (), (table,), (chart,), folded=len(rows) > 40)


def _chart(reader: Reader, personnel: Mapping[tuple[str, str], float], nations: Sequence[str]) -> Chart:
    """Nations against missions."""
    missions = _by_size(personnel, 1)
    cells = {
        (nations.index(nation), missions.index(mission)): value / reader.horizon
        for (nation, mission), value in personnel.items()
        if nations.index(nation) < MOST_ROWS and missions.index(mission) < MOST_COLUMNS
    }
    return Chart(
        "Mean personnel per period, by nation and mission",
        "; ".join(
            f"{reader.label('nation', nation)}: {figure(sum(v for (n, _), v in personnel.items() if n == nation) / reader.horizon, 0)}"
            for nation in nations[:12]
        )
        + ".",
        "amount",
        tuple(reader.label("nation", nation) for nation in nations[:MOST_ROWS]),
        tuple(reader.label("mission", mission) for mission in missions[:MOST_COLUMNS]),
        cells,
        "Nation",
        "Mission",
        "Personnel",
        max(0, len(nations) - MOST_ROWS),
    )


def _rows(
    reader: Reader, groups: Mapping[Contribution, Mapping[int, tuple[float, float]]], nations: Sequence[str]
) -> list[tuple[Cell, ...]]:
    """A row per contribution, the nations with most personnel first."""
    order = {nation: index for index, nation in enumerate(nations)}
    return [
        (
            reader.label("nation", nation),
            reader.label("unit_type", unit_type),
            reader.label("mission", mission),
            reader.label("area", area),
            max(units for units, _ in per_period.values()),
            sum(people for _, people in per_period.values()) / reader.horizon,
            ranges(per_period),
        )
        for (nation, unit_type, mission, area), per_period in sorted(
            groups.items(), key=lambda item: (order[item[0][0]], item[0])
        )
    ]


def _by_size(values: Mapping[tuple[str, str], float], part: int) -> list[str]:
    totals: dict[str, float] = {}
    for key, value in values.items():
        totals[key[part]] = totals.get(key[part], 0.0) + value
    return sorted(totals, key=lambda name: (-totals[name], name))
