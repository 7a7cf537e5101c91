"""What the policies allow each unit, in days: when it may be sent before the surge, and when it is there in the surge.

Days are counted from 1; the surge begins on day `PRESURGE + 1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from publications.marathon.facts import PRESURGE, SURGE, Rule, Run, rules
from publications.marathon.starts import Start, starts

END: Final = PRESURGE + SURGE

Window = tuple[int, int]
"""First and last day, both included."""


@dataclass(frozen=True)
class Unit:
    """A unit of a run.

    Attributes:
        before: windows of days on which it may be sent before the surge; it is sent at most once then.
        tour: days of a whole tour that fill demand.
        rest: days from a tour's last filling day to the next possible one in the surge.
        unsent: first day of the surge on which it may be sent if it was not before; None = never.
        again: it may be sent in the surge after a tour before it.
    """

    name: str
    component: str
    start: Start
    rule: Rule
    surge_rule: Rule
    before: tuple[Window, ...]
    tour: int
    rest: int
    unsent: int | None
    again: bool


def units(run: Run) -> tuple[Unit, ...]:
    """The units of a published run, from its own starts."""
    return tuple(_unit(run.src, start) for start in starts(run))


def _unit(src: str, start: Start) -> Unit:
    rule, later = (rules()[src, start.component, phase] for phase in ("presurge", "surge"))
    free = surge_windows(start, None, rule, later)
    return Unit(
        name=start.unit,
        component=start.component,
        start=start,
        rule=rule,
        surge_rule=later,
        before=windows_before(start, rule),
        tour=rule.filling,
        rest=rule.overlap + rule.returning + later.dwell,
        unsent=PRESURGE + free[0][0] if free else None,
        again=later.expires is None,
    )


def windows_before(start: Start, rule: Rule) -> tuple[Window, ...]:
    """The days on which a unit may be sent before the surge.

    Day d finds a unit that was not sent on day `rested + d` of its cycle. It may be sent from day `dwell` on, until it expires and begins to rest anew.
    """
    first, last = max(1, rule.dwell - start.rested), _expires(rule) - 1 - start.rested
    anew = last + 1 + rule.dwell
    spans = ((first, last), (anew, anew + _expires(rule) - 1 - rule.dwell))
    return tuple((begin, min(end, PRESURGE)) for begin, end in spans if begin <= min(end, PRESURGE))


def _expires(rule: Rule) -> int:
    if rule.expires is None:
        raise ValueError("Before the surge, every policy says when an unused unit expires.")
    return rule.expires


@dataclass(frozen=True)
class Tour:
    """A tour before the surge: its first day, the days that it fills demand, and the day on which the unit's cycle began."""

    unit: str
    component: str
    day: int
    days: int
    origin: int


def whole_tour(unit: Unit, day: int) -> Tour:
    """The whole tour of a unit that is sent on this day, its first since the run began."""
    cycle = _expires(unit.rule)
    return Tour(unit.name, unit.component, day, unit.tour, day - (unit.start.rested + day) % cycle)


def surge_windows(start: Start, tour: Tour | None, before: Rule, rule: Rule) -> tuple[Window, ...]:
    """Days of the surge, counted from its first, on which a unit may fill demand, after its last tour before.

    As in the source: whoever is on tour when the surge begins goes on until the tour's end; but whoever is in the
    overlap by then, or was sent so late that the cycle is over, goes home at once
    and rests by the rules of the surge. Whoever rests takes the rest along, in proportion where both cycles are finite.
    """
    if tour is None:
        rested = (start.rested + PRESURGE + 1) % _expires(before)
        if rule.expires is not None:
            rested = rested * rule.expires // _expires(before)
        return _window(1 + rule.dwell - rested)
    last = tour.day + tour.days - 1
    rest = before.overlap + before.returning + rule.dwell
    if last + before.overlap < PRESURGE:
        return _window(last + rest + 1 - PRESURGE)
    if last <= PRESURGE or PRESURGE - tour.origin >= _expires(before):
        return _window(rule.dwell + 1)
    on_tour = last - PRESURGE
    return ((1, min(on_tour, SURGE)), *_window(on_tour + rest + 1))


def _window(first: int) -> tuple[Window, ...]:
    return ((max(1, first), SURGE),) if first <= SURGE else ()


def days_in_surge(unit: Unit, tour: Tour | None) -> tuple[Window, ...]:
    """The windows of a unit in the surge, after its last tour before."""
    return surge_windows(unit.start, tour, unit.rule, unit.surge_rule)


def most(unit: Unit) -> tuple[int, int]:
    """Unit-days that the unit can fill at most if there is always demand: in both phases together, and in the surge alone."""
    days = [day for first, last in unit.before for day in range(first, last + 1)]
    before = [0, *(min(unit.tour, PRESURGE + 1 - day) for day in days)]
    tours = [None, *(whole_tour(unit, day) for day in days)]
    after = [sum(last - first + 1 for first, last in days_in_surge(unit, tour)) for tour in tours]
    return max(sum(pair) for pair in zip(before, after, strict=True)), max(after)
