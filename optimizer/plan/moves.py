"""Who moves from one plan to another: spells in which a pledge serves with other numbers, and what they mean for nations at posts, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from optimizer.instance.wording import in_periods
from optimizer.plan.frames import TEXT, WHOLE, table

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Instance
    from optimizer.plan.plan import Plan

MOVED_COLUMNS: Final = {
    "nation": TEXT,
    "pledge": TEXT,
    "unit_type": TEXT,
    "requirement": TEXT,
    "mission": TEXT,
    "area": TEXT,
    "from": WHOLE,
    "until": WHOLE,
    "before": WHOLE,
    "after": WHOLE,
}
"""A spell in which a pledge serves on a line with other units than before: its first and last period, and the units in both plans."""

Post = tuple[str, str]
Names = Callable[[str, str], str]
"""The full name of a nation, mission, area or unit type, from kind and key."""


@dataclass(frozen=True)
class Service:
    """A pledge on a requirement line; blanks where the input does not know them any more."""

    nation: str
    pledge: str
    unit_type: str
    requirement: str
    mission: str
    area: str


Value = TypeVar("Value")
Services = Mapping[Service, Mapping[int, int]]
"""Units per period."""


def services_of(assignments: pd.DataFrame, instance: Instance) -> Services:
    """The services of a table with pledge, requirement, period and units (a plan's, or a baseline's).

    Where it does not say whose the pledge is and where the line, the tables of `instance` do.
    """
    pledges = {str(row["pledge"]): row for row in instance.rows("pledges")}
    lines = {str(row["requirement"]): row for row in instance.rows("requirements")}
    found: dict[Service, dict[int, int]] = {}
    for row in assignments.to_dict("records"):
        pledge, line = str(row["pledge"]), str(row["requirement"])
        known: dict[str, object] = {**pledges.get(pledge, {}), **lines.get(line, {}), **{str(k): row[k] for k in row}}
        told = (str(known.get(column) or "") for column in ("nation", "unit_type", "mission", "area"))
        nation, unit_type, mission, area = told
        service = Service(nation, pledge, unit_type, line, mission, area)
        if int(row["units"]):
            found.setdefault(service, {})[int(row["period"])] = int(row["units"])
    return found


def moved(before: Services, after: Services) -> pd.DataFrame:
    """The table of spells with other units (`MOVED_COLUMNS`), by nation, pledge, line and period."""
    rows = []
    for service in sorted(before.keys() | after.keys(), key=_order):
        old, new = before.get(service, {}), after.get(service, {})
        pairs = {t: (old.get(t, 0), new.get(t, 0)) for t in sorted(old.keys() | new.keys())}
        of = astuple(service)
        rows += [(*of, *spell, *pair) for *spell, pair in runs({t: p for t, p in pairs.items() if p[0] != p[1]})]
    return table(MOVED_COLUMNS, rows)


def moved_from_baseline(plan: Plan) -> pd.DataFrame | None:
    """What moved against the baseline of a plan; None where it has none."""
    found = _against_baseline(plan)
    return None if found is None else moved(*found)


def told_from_baseline(plan: Plan, names: Names) -> list[str]:
    """The same in sentences; none where the plan has no baseline, or nothing moved."""
    found = _against_baseline(plan)
    return [] if found is None else told(*found, names)


def _against_baseline(plan: Plan) -> tuple[Services, Services] | None:
    if plan.baseline is None or not plan.has_plan:
        return None
    return services_of(plan.baseline, plan.instance), services_of(plan.assignments, plan.instance)


def _order(service: Service) -> tuple[str, ...]:
    return service.nation, service.pledge, service.requirement, service.mission, service.area, service.unit_type


def runs(values: Mapping[int, Value]) -> Iterator[tuple[int, int, Value]]:
    """Longest runs of consecutive periods with one value: first and last period, and the value."""
    first = 0
    for period in sorted(values):
        first = first or period
        if period + 1 not in values or values[period + 1] != values[period]:
            yield first, period, values[period]
            first = 0


# in words ----------------------------------------------------------------------------------------------------------


@dataclass
class _AtPost:
    """A nation at a post, before and after: units by type and line in each period."""

    before: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)
    after: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Unit-periods that differ."""
        total = 0
        for period in self.before.keys() | self.after.keys():
            old, new = self.before.get(period, {}), self.after.get(period, {})
            total += sum(abs(new.get(key, 0) - old.get(key, 0)) for key in old.keys() | new.keys())
        return total


def told(before: Services, after: Services, names: Names) -> list[str]:
    """Who leaves, comes, stays longer, sends more or less, and where: a sentence each, nations that move most first."""
    nations: dict[str, dict[Post, _AtPost]] = {}
    for side, services in (("before", before), ("after", after)):
        for service, units in services.items():
            nation = service.nation or f"pledge {service.pledge}"
            place = nations.setdefault(nation, {}).setdefault((service.mission, service.area), _AtPost())
            for period, count in units.items():
                here = getattr(place, side).setdefault(period, {})
                key = service.unit_type, service.requirement
                here[key] = here.get(key, 0) + count
    weights = {nation: sum(place.weight for place in places.values()) for nation, places in nations.items()}
    said: list[str] = []
    for nation in sorted(nations, key=lambda nation: (-weights[nation], nation)):
        if weights[nation]:
            said += _of_nation(names("nation", nation), nations[nation], names)
    return said


def _of_nation(who: str, places: Mapping[Post, _AtPost], names: Names) -> Iterator[str]:
    def where(post: Post) -> str:
        known = f"{names('mission', post[0])} in {names('area', post[1])}"
        return known if all(post) else "a post that the input no longer has"

    order = sorted(places, key=lambda post: (-places[post].weight, post))
    if not any(places[post].after for post in order):
        yield f"{who} no longer serves anywhere ({_listed(places, order, where, 'before')})."
    elif not any(places[post].before for post in order):
        yield f"{who} joins: {_listed(places, order, where, 'after')}."
    else:
        for post in order:
            if places[post].weight:
                for phrase in _at_post(places[post], where(post), names):
                    yield f"{who} {phrase}."


def _listed(places: Mapping[Post, _AtPost], order: Iterable[Post], where: Callable[[Post], str], side: str) -> str:
    parts = [f"{where(post)} {_when(getattr(places[post], side))}" for post in order]
    return "; ".join(parts)


def _when(periods: Iterable[int]) -> str:
    return in_periods(sum(1 << period - 1 for period in periods))


def _at_post(place: _AtPost, where: str, names: Names) -> Iterator[str]:
    old, new = set(place.before), set(place.after)
    if not new:
        yield f"leaves {where} (before: {_when(old)})"
    elif not old:
        yield f"comes to {where} {_when(new)}"
    else:
        for first, last, _ in runs(dict.fromkeys(old - new, True)):
            yield _gone(first, last, where, new)
        for first, last, _ in runs(dict.fromkeys(new - old, True)):
            yield _added(first, last, where, old)
        yield from _other_units(place, where, old & new, names)


def _gone(first: int, last: int, where: str, new: set[int]) -> str:
    """A spell at a post that is no longer there."""
    if first - 1 in new:
        back = f" and is back in period {last + 1}" if last + 1 in new else ""
        return f"leaves {where} in period {first}{back}"
    if last + 1 in new:
        return f"comes to {where} in period {last + 1} and no longer in period {first}"
    return f"is no longer at {where} {_when(range(first, last + 1))}"


def _added(first: int, last: int, where: str, old: set[int]) -> str:
    """A spell at a post that was not there before."""
    if first - 1 in old and last + 1 in old:
        return f"stays at {where} {_when(range(first, last + 1))}, too"
    if first - 1 in old:
        return f"stays at {where} until period {last} and no longer leaves in period {first}"
    if last + 1 in old:
        return f"comes to {where} in period {first} already, before in period {last + 1}"
    return f"serves at {where} {_when(range(first, last + 1))}, too"


def _other_units(place: _AtPost, where: str, both: set[int], names: Names) -> Iterator[str]:
    """Other numbers, types or lines in periods in which the nation is there in both plans."""
    totals: dict[str, dict[int, tuple[int, int]]] = {}
    lines = set()
    for period in both:
        old, new = place.before[period], place.after[period]
        if old == new:
            continue
        was, now = _by_type(old), _by_type(new)
        if was == now:
            lines.add(period)
        for kind in was.keys() | now.keys():
            pair = was.get(kind, 0), now.get(kind, 0)
            if pair[0] != pair[1]:
                totals.setdefault(kind, {})[period] = pair
    for kind in sorted(totals):
        for first, last, pair in runs(totals[kind]):
            what = names("unit_type", kind)
            when = _when(range(first, last + 1))
            if not pair[0]:
                yield f"sends {pair[1]} of {what} to {where}, too, {when}"
            elif not pair[1]:
                yield f"no longer sends {what} to {where} ({pair[0]} before) {when}"
            else:
                yield f"sends {pair[1]} instead of {pair[0]} of {what} to {where} {when}"
    if lines:
        yield f"serves other requirement lines at {where} {_when(lines)}"


def _by_type(units: Mapping[tuple[str, str], int]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for (kind, _), count in units.items():
        totals[kind] = totals.get(kind, 0) + count
    return totals
