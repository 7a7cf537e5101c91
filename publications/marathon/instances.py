"""A published run as forcegen instances: both phases together, the surge alone, and a relaxation of what is before the surge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import optimizer as fg
from publications.marathon.chances import Unit, Window
from publications.marathon.facts import PRESURGE, SURGE, demand
from publications.marathon.grid import Grid

SOURCE: Final = "MARATHON test set, fsdonks/m4 (a work of the US Government)"

Row = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """Tours of a unit to choose from: they may start from `first` to `last`, and end by the surge. Of options with the same `once`, one tour is made."""

    name: str
    once: str
    component: str
    first: int
    last: int
    days: int


def both_phases(src: str, units: Sequence[Unit], grid: Grid) -> fg.Instance:
    """Before the surge and in it: one pledge per unit, tours in whole periods.

    All demands of a phase are one line, since the published figures do not tell them apart. Before the surge no more
    units may serve than are asked for, so whoever serves fills demand; a tour that runs into the
    surge goes on there. A unit has one pledge, and where a policy does not let it be sent, a limit allows no tour to start.
    """
    pledges: list[Row] = []
    asked = demand()[src, "presurge"]
    limits: list[Row] = [_limit("before the surge", "units", asked, 1, grid.surge - 1) | {"per": "period"}]
    for unit in units:
        starts = _starts(unit, grid)
        if not starts:
            continue
        tour = grid.tour(unit.tour)
        rest = grid.rest(unit.tour, unit.rest) if unit.again else grid.count
        pledges.append(
            _pledge(unit.name, unit.component) | {"from": starts[0][0], "tour": tour, "dwell": rest, "tags": unit.name}
        )
        limits += _no_other_start(unit.name, starts, grid)
        if starts[-1][0] < grid.surge or tour + rest < grid.surge:
            limits.append(_limit(f"{unit.name}: once before the surge", "lift", 1, 1, grid.surge - 1, unit.name))
    return _instance(f"{src} both phases", demand()[src, "surge"], grid.count, pledges, limits)


def before_in_days(src: str, options: Sequence[Option]) -> fg.Instance:
    """What is before the surge, in days, with the tours that are to choose from."""
    asked = demand()[src, "presurge"]
    pledges: list[Row] = []
    limits: list[Row] = [_limit("before the surge", "units", asked, 1, PRESURGE) | {"per": "period"}]
    for option in options:
        window = {"from": option.first, "until": option.last + option.days - 1, "tour": option.days}
        pledges.append(_pledge(option.name, option.component) | window | {"tags": option.once})
    shared = Counter(option.once for option in options)
    limits += [_limit(f"{once}: once", "lift", 1, 1, PRESURGE, once) for once in sorted(shared) if shared[once] > 1]
    # One day more than is asked for: tours could run over the horizon's end, and begin later than they may.
    instance = f"{src} before the surge, in days"
    return _instance(instance, asked, PRESURGE + 1, pledges, limits, until=PRESURGE)


def surge(src: str, windows: Mapping[tuple[str, str], Sequence[Window]]) -> fg.Instance:
    """The surge in days: who is there when, by unit and component."""
    pledges = [
        _pledge(f"{unit}-{number}", component) | {"from": first, "until": last}
        for (unit, component), spans in windows.items()
        for number, (first, last) in enumerate(spans, start=1)
    ]
    return _instance(f"{src} surge", demand()[src, "surge"], SURGE, pledges, [])


def relaxed(src: str, units: Sequence[Unit], grid: Grid) -> fg.Instance:
    """A relaxation of what is before the surge: whatever can be done in days fills at least as much here.

    Units are there from the period in which their first day falls, and tours are as long as the periods that they can touch.
    """
    count = grid.surge - 1
    pledges: list[Row] = []
    limits: list[Row] = []
    for unit in units:
        if unit.before:
            starts = [(grid.last(first), grid.last(last)) for first, last in unit.before]
            pledges.append(
                _pledge(unit.name, unit.component)
                | {"from": starts[0][0], "tour": grid.touched(unit.tour), "dwell": count, "tags": unit.name}
            )
            limits += [row for row in _no_other_start(unit.name, starts, grid) if row["from"] <= count]
    limits = [row | {"until": min(row["until"], count)} for row in limits]
    return _instance(f"{src} before the surge", demand()[src, "presurge"], count, pledges, limits)


def _starts(unit: Unit, grid: Grid) -> list[Window]:
    """The periods in which the unit may be sent, in both phases."""
    spans = [(grid.first(first), min(grid.last(last), grid.surge - 1)) for first, last in unit.before]
    found = [(first, last) for first, last in spans if first <= last]
    if unit.unsent is not None:
        found.append((grid.first(unit.unsent), grid.count))
    return [(first, last) for first, last in found if first <= grid.count]


def _no_other_start(unit: str, starts: Sequence[Window], grid: Grid) -> list[Row]:
    """Limits that let no tour start between the windows nor after the last."""
    edges = [*starts, (grid.count + 1, grid.count + 1)]
    return [
        _limit(f"{unit}: not from {end + 1}", "lift", 0, end + 1, begin - 1, unit)
        for (_, end), (begin, _) in pairwise(edges)
        if end + 1 <= begin - 1
    ]


def _limit(name: str, measure: str, maximum: int, first: int, last: int, tag: str = "") -> Row:
    """A limit over a window; every tour that starts moves one tonne of lift, so `lift` counts starts."""
    row = {"limit": name, "measure": measure, "per": "horizon", "maximum": maximum, "from": first, "until": last}
    return row | {"source": SOURCE} | ({"tag": tag} if tag else {})


def _pledge(name: str, component: str) -> Row:
    return {"pledge": name, "nation": "USA", "unit_type": component, "quantity": 1, "source": SOURCE}


def _instance(
    name: str, target: int, periods: int, pledges: list[Row], limits: list[Row], until: int | None = None
) -> fg.Instance:
    components = ("active", "reserve")
    line = {
        "requirement": "units",
        "mission": "demand",
        "area": "anywhere",
        "capability": "unit",
        "target": target,
        "until": until,
    }
    tables: dict[str, list[Row]] = {
        "nations": [{"nation": "USA", "name": "United States", "source": SOURCE}],
        "unit_types": [{"unit_type": component, "lift": 1, "source": SOURCE} for component in components],
        "yields": [{"unit_type": component, "capability": "unit", "amount": 1} for component in components],
        "pledges": pledges,
        "missions": [{"mission": "demand", "source": SOURCE}],
        "requirements": [line | {"source": SOURCE}],
    }
    if limits:
        tables["limits"] = limits
    header = {"name": name, "periods": {"count": periods}, "aims": [{"name": "coverage", "priority": 1}]}
    return fg.Instance.from_tables(tables, header)
