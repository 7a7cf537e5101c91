"""The story: plans before and after the mission in Mali closes, and what the tables of these plans say, in sentences.

Three plans, each proven best in both of its aims or called otherwise: `before` (coverage, then fewest changes from 2019 carried on), `least`
(the closing; fewest changes from `before`, then coverage) and `after` (the closing; coverage, then fewest changes from `before`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

import optimizer as fg
from publications.un.facts import SIZES
from publications.un.tables import CLOSES, MALI, NAMES, PERIODS, World, unit_size

PLANS: Final = ("before", "least", "after")
LAST: Final = PERIODS
"""The year in which the mission in Mali is closed."""
YEAR: Final = 2018
"""The year before the first period."""
Units = dict[tuple[str, str, int], int]


def carried_on(world: World) -> Units:
    """Everybody stays where 2019 shows it, for as long as the place still wants such units: what `before` is to change least."""
    lines = {(line.mission, line.place, line.unit_type, line.year): line for line in world.lines}
    found = {}
    for (mission, place, year), units in world.units.items():
        if year == 2019:
            for unit, number in units.items():
                for wanted in (2019, 2021):
                    line = lines.get((mission, place, unit.unit_type, wanted))
                    if line:
                        for period in range(line.first, line.last + 1):
                            found[f"{unit.nation} {unit.unit_type}", line.key, period] = number
    return found


def solve_plans(
    folder: Path, baseline: Units, seconds: float, known: Callable[[str], fg.Plan | None]
) -> dict[str, fg.Plan]:
    """The three plans; each search begins with the plan of that name that is known."""
    instance = fg.read_instance(folder)

    def ask(name: str, scenario: str | None, aims: tuple[str, str], base: fg.Plan | Units) -> fg.Plan:
        start = known(name)
        return fg.solve(
            instance,
            scenario,
            aims=[fg.Aim(aim, priority) for priority, aim in enumerate(aims, 1)],
            baseline=base,
            start=start if start is not None else base,
            time_limit=seconds,
            gap=1e-6,
        )

    before = ask("before", None, ("coverage", "changes"), baseline)
    least = ask("least", CLOSES, ("changes", "coverage"), before)
    after = ask("after", CLOSES, ("coverage", "changes"), before)
    return {"before": before, "least": least, "after": after}


@dataclass(frozen=True)
class Figures:
    """What the sentences say, by name, and the tables behind: units that come free, open lines, and who finds work elsewhere."""

    values: dict[str, float]
    freed: pd.DataFrame
    still_open: pd.DataFrame
    moves: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        values = pd.DataFrame(sorted(self.values.items()), columns=["figure", "value"])
        return {"figures": values, "freed": self.freed, "open": self.still_open, "moves": self.moves}


def figures_of(plans: dict[str, fg.Plan]) -> Figures:
    """Everything that is told, from the tables of the plans."""
    before, least, after = (plans[name] for name in PLANS)
    freed = _freed(before)
    still_open = _still_open(plans)
    moves = fg.compare(least, after, names=("least", "after")).moved
    elsewhere = {name: _elsewhere(plan) for name, plan in plans.items()}
    values: dict[str, float] = {
        "contributors": len(before.instance.rows("nations")),
        "missions": len(before.instance.rows("missions")),
        "places": len(before.instance.rows("areas")),
        "wanted_persons": _wanted(before),
        "freed_units": int(freed["units"].sum()),
        "freed_persons": int(freed["persons"].sum()),
        "freed_contributors": freed["nation"].nunique(),
        "least_differs_elsewhere": _differing(elsewhere["before"], elsewhere["least"]),
        "after_differs_elsewhere": _differing(elsewhere["before"], elsewhere["after"]),
    }
    for name in PLANS:
        values[f"open_units_{name}"] = int(still_open[name].sum())
        for row in plans[name].aims.to_dict("records"):
            values[f"{name}_{row['name']}"] = float(row["value"])
            values[f"{name}_{row['name']}_bound"] = float(row["bound"])
    return Figures(values, freed, still_open, moves)


def _in_mali(lines: pd.Series[str]) -> pd.Series[bool]:
    return lines.str.startswith(f"{MALI} ")


def _persons(unit_types: pd.Series[str]) -> pd.Series[int]:
    return unit_types.map(lambda name: SIZES[unit_size(name)])


def _freed(before: fg.Plan) -> pd.DataFrame:
    """Units in Mali in the last year of the plan before, by contributor and type."""
    rows = before.assignments
    rows = rows[_in_mali(rows["requirement"]) & (rows["period"] == LAST)]
    found = rows.groupby(["nation", "unit_type"], as_index=False)["units"].sum()
    return pd.DataFrame(found.assign(persons=found["units"] * _persons(found["unit_type"])))


def _wanted(before: fg.Plan) -> int:
    rows = before.requirements[before.requirements["period"] == LAST]
    return int((rows["target"] * _persons(rows["capability"])).sum())


def _still_open(plans: dict[str, fg.Plan]) -> pd.DataFrame:
    """Units that are missing outside Mali in the last year: one row per line, one column per plan."""
    columns = {}
    for name, plan in plans.items():
        rows = plan.requirements
        rows = rows[~_in_mali(rows["requirement"]) & (rows["period"] == LAST)].set_index("requirement")
        columns[name] = rows["target"] - rows["fulfilled"]
    table = pd.DataFrame(columns).round().astype(int)
    table = table[(table > 0).any(axis=1)].rename_axis("requirement").reset_index()
    types = {str(row["requirement"]): str(row["capability"]) for row in plans["before"].instance.rows("requirements")}
    return table.assign(unit_type=table["requirement"].map(types))


def _elsewhere(plan: fg.Plan) -> Units:
    """Units outside Mali by pledge, line and year, and those in Mali until it closes."""
    rows = plan.assignments
    rows = rows[~_in_mali(rows["requirement"]) | (rows["period"] < LAST)]
    return {
        (str(row["pledge"]), str(row["requirement"]), int(row["period"])): int(row["units"])
        for row in rows.to_dict("records")
    }


def _differing(one: Units, other: Units) -> int:
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for key in one.keys() | other.keys())


def sentences(figures: Figures, plans: dict[str, fg.Plan]) -> list[str]:
    """What the figures say; what is not proven is told with its bound."""
    of, names = figures.values, _Names(plans["before"])
    year = YEAR + LAST
    return [
        _size(of, year),
        _offered(of, year),
        _freed_told(of, year),
        _must_change(of),
        _found(figures, names, year),
        _left_open(figures, names),
    ]


def _size(of: dict[str, float], year: int) -> str:
    parts = ", ".join(f"{of[name]:.0f} {name}" for name in ("contributors", "missions", "places"))
    return f"{parts}; {of['wanted_persons']:,.0f} persons are wanted in {year}."


def _offered(of: dict[str, float], year: int) -> str:
    return (
        f"With what was out in 2019 and its reliefs, {of['before_coverage']:.2f} % of what is wanted from 2019 to {year} is there"
        f"{_more(of, 'before_coverage')}; against everybody staying where 2019 shows it, "
        f"{of['before_changes']:.0f} unit-years (a unit at a place for a year) differ{_fewer(of, 'before_changes')}."
    )


def _freed_told(of: dict[str, float], year: int) -> str:
    return (
        f"If the mission in {NAMES[MALI]} closes at the end of {year - 1}, {of['freed_units']:.0f} units of "
        f"{of['freed_contributors']:.0f} contributors ({of['freed_persons']:,.0f} persons) come free in {year}."
    )


def _must_change(of: dict[str, float]) -> str:
    elsewhere = of["least_differs_elsewhere"]
    told = f"{of['least_changes']:.0f} unit-years must change{_fewer(of, 'least_changes')}: "
    if elsewhere:
        return f"{told}{elsewhere:.0f} of them are elsewhere."
    return f"{told}the units in Mali leave, and outside Mali everybody can stay where it is."


def _found(figures: Figures, names: _Names, year: int) -> str:
    of = figures.values
    moves = "; ".join(names.move(row) for row in figures.moves.to_dict("records"))
    gained = int(of["open_units_least"] - of["open_units_after"])
    return (
        f"Outside Mali {of['open_units_least']:.0f} units are missing in {year}. "
        f"{gained or 'None'} of them can be filled{_more(of, 'after_coverage')}, with "
        f"{of['after_changes'] - of['least_changes']:.0f} unit-years more that change{_fewer(of, 'after_changes')}"
        f"{': ' if moves else ''}{moves}."
    )


def _left_open(figures: Figures, names: _Names) -> str:
    missing = figures.still_open.groupby("unit_type")["after"].sum()
    listed = ", ".join(f"{units} × {names.unit(str(kind)).lower()}" for kind, units in missing[missing > 0].items())
    return f"What stays open then: {listed}." if listed else "Nothing stays open then."


def _more(of: dict[str, float], name: str) -> str:
    value, bound = of[name], of[f"{name}_bound"]
    return (
        " (no plan covers more)" if bound - value <= 1e-6 * abs(value) else f" (no plan covers more than {bound:.2f} %)"
    )


def _fewer(of: dict[str, float], name: str) -> str:
    value, bound = of[name], of[f"{name}_bound"]
    return " (no plan needs fewer)" if value - bound <= 1e-6 * abs(value) else f" (at least {bound:.0f})"


class _Names:
    """Full names of contributors, unit types and lines."""

    def __init__(self, plan: fg.Plan) -> None:
        self._nations = {str(row["nation"]): str(row["name"]) for row in plan.instance.rows("nations")}
        self._units = {str(row["unit_type"]): str(row["name"]) for row in plan.instance.rows("unit_types")}
        self._lines = {str(row["requirement"]): row for row in plan.instance.rows("requirements")}

    def unit(self, unit_type: str) -> str:
        return self._units[unit_type]

    def move(self, row: dict[object, object]) -> str:
        line = self._lines[str(row["requirement"])]
        where = f"{NAMES[str(line['mission'])]} in {line['area']}"
        nation, unit = self._nations[str(row["nation"])], self._units[str(row["unit_type"])].lower()
        return f"{nation} ({unit}) at {where}: {row['after']} instead of {row['before']}"
