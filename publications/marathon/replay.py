"""What the simulator's greedy rule fills where no unit ever waits: the check that starts and rules are read as the source reads them."""

from __future__ import annotations

from publications.marathon.chances import windows_before
from publications.marathon.facts import PRESURGE, Rule, Run, demand, rules
from publications.marathon.starts import Start, starts

READY_ENDS, READY_TOUR = 1586, 96
"""Of reserve units of the cycle of 1825 days, as seen in the published runs: until when, and how long, a unit is sent that goes on the first day."""


def first_day_tour(start: Start, rule: Rule) -> int:
    """Days that the simulator leaves a unit that it sends on the first day.

    There (and only there) it ends a tour with the stage of the cycle in which the unit was put on that day; a unit that waits a day gets the whole tour.
    """
    if rule.expires is None:
        return rule.filling
    if start.component == "reserve" and start.rested < READY_ENDS:
        return min(READY_TOUR, READY_ENDS + 1 - start.rested)
    return min(rule.filling, rule.expires + 1 - start.rested)


def cut(run: Run) -> int:
    """At most so many unit-days before the surge are missing from the published figure because first-day tours are cut."""
    return sum(
        max(0, rule.filling - first_day_tour(start, rule))
        for start in starts(run)
        for rule in [rules()[run.src, start.component, "presurge"]]
        if start.rested + 1 >= rule.dwell
    )


def replayed(run: Run) -> int | None:
    """Unit-days before the surge if every unit goes on its first possible day; None if there is not always demand for it."""
    present = [0] * (PRESURGE + 1)
    for start in starts(run):
        rule = rules()[run.src, start.component, "presurge"]
        for first, days in _tours(start, rule):
            for day in range(first, min(PRESURGE, first + days - 1) + 1):
                present[day] += 1
    return sum(present) if max(present) <= demand()[run.src, "presurge"] else None


def _tours(start: Start, rule: Rule) -> list[tuple[int, int]]:
    """The tours of a unit that never waits: first day and days."""
    if start.rested + 1 < rule.dwell + (0 if start.rested >= rule.dwell else 1):
        return [(first, rule.filling) for first, _ in windows_before(start, rule)[:1]]
    days = first_day_tour(start, rule)
    again = 1 + days + rule.overlap + rule.dwell
    return [(1, days), (again, rule.filling)]
