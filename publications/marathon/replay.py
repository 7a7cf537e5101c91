"""The simulator's greedy rule, replayed from a run's own starts: the check that starts and policies are read as the source reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from publications.marathon.chances import Tour
from publications.marathon.facts import PRESURGE, Rule, Run, demand, rules
from publications.marathon.starts import Start, starts

READY_ENDS: Final = {1825: 1586}
"""Of reserve cycles of so many days: the day on which their next-to-last stage ends, as seen in the published runs."""
READY_TOUR: Final = 96
"""Longest tour of a unit that is sent on the first day of a run from that stage, as seen in the published runs."""


def first_day_tour(start: Start, rule: Rule) -> int:
    """Days that the simulator leaves a unit that it sends on the first day.

    There (and only there) it ends the tour of a unit that was ready before with the stage of its cycle; a unit that waits a day gets the whole tour.
    """
    if rule.expires is None or start.rested < rule.dwell:
        return rule.filling
    ready = READY_ENDS.get(rule.expires, 0)
    if start.component == "reserve" and start.rested < ready:
        return min(READY_TOUR, ready + 1 - start.rested)
    return min(rule.filling, rule.expires + 1 - start.rested)


def cut(run: Run) -> int:
    """So many unit-days greedy loses because first-day tours are cut: those that it sends on the first day, against whole tours."""
    whole = {component: rules()[run.src, component, "presurge"].filling for component in ("active", "reserve")}
    return sum(whole[tour.component] - tour.days for tour in greedy(run) if tour.day == 1)


@dataclass
class _State:
    """A unit while days pass: the day on which its rest began, and its tour."""

    start: Start
    rule: Rule
    origin: int
    tour: Tour | None = None
    gone: list[Tour] = field(default_factory=list)

    def turn(self, day: int) -> None:
        """Come home from a tour, or expire, where that is due."""
        rule = self.rule
        if self.tour is not None:
            home = self.tour.day + self.tour.days + rule.overlap + rule.returning
            if day >= home:
                self.origin, self.tour = home, None
        if self.tour is None and rule.expires is not None and day - self.origin >= rule.expires:
            self.origin += rule.expires

    def serves(self, day: int) -> bool:
        """It is on tour and fills demand."""
        return self.tour is not None and day < self.tour.day + self.tour.days

    def readiness(self, day: int) -> float:
        """How far it is in its cycle."""
        return (day - self.origin) / (self.rule.expires or 1)

    def send(self, day: int) -> None:
        """Begin a tour."""
        days = first_day_tour(self.start, self.rule) if day == 1 else self.rule.filling
        self.tour = Tour(self.start.unit, self.start.component, day, days, self.origin)
        self.gone.append(self.tour)


def greedy(run: Run) -> list[Tour]:
    """The tours that the greedy rule begins before the surge: each day it sends, while demand is open, the unit furthest in its cycle."""
    states = [_State(start, rules()[run.src, start.component, "presurge"], -start.rested) for start in starts(run)]
    asked = demand()[run.src, "presurge"]
    for day in range(1, PRESURGE + 1):
        for state in states:
            state.turn(day)
        needed = asked - sum(state.serves(day) for state in states)
        if needed > 0:
            ready = [state for state in states if state.tour is None and day - state.origin >= state.rule.dwell]
            for state in sorted(ready, key=lambda state: -state.readiness(day))[:needed]:
                state.send(day)
    return [tour for state in states for tour in state.gone]


def filled_before(tours: Sequence[Tour]) -> int:
    """Unit-days before the surge of tours of which never more run than are asked for."""
    return sum(min(tour.days, PRESURGE + 1 - tour.day) for tour in tours)
