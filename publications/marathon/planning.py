"""One published run, planned: in coarse periods first, then in days near that plan, and the surge from the state that the plan leaves."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import optimizer as fg
from publications.marathon.chances import Tour, Unit, Window, days_in_surge, most, units, whole_tour
from publications.marathon.facts import PRESURGE, SURGE, Run, demand
from publications.marathon.grid import Grid
from publications.marathon.instances import Option, before_in_days, both_phases, relaxed, surge
from publications.marathon.replay import greedy

MONTH, FIVE, DAY = Grid(30), Grid(5), Grid(1)
"""Periods of thirty days, as planners use; of five, the longest in which both tours (335 and 240 days) are whole, for the bound; and of one, as the source."""
FEW: Final = 20
"""Up to so many units, starts near the coarse plan's are tried as well."""
SECONDS: Final = 60.0
"""For one solve; where it ends one, the bound says how much more there could be."""


Choice = tuple[Option, Tour]
"""Tours to choose from, and the one of them that starts first."""


@dataclass(frozen=True)
class Outcome:
    """Unit-days of a run in both phases together, unless the name says otherwise.

    Attributes:
        month: filled with periods of thirty days.
        presurge, surge: filled with periods of one day, before the surge and in it.
        at_most: what no plan of whole tours exceeds.
    """

    run: str
    month: int
    presurge: int
    surge: int
    at_most: int


def outcome(run: Run) -> Outcome:
    """Plan a run from its own starts.

    The best of up to three plans in days: greedy's own tours (those that the simulator cuts also whole), everybody on
    the first day, and tours near those of the plan in periods of thirty days.
    """
    members = units(run)
    month = _coarse(run.src, members, MONTH)
    together, in_surge = (sum(part) for part in zip(*map(most, members), strict=True))
    asked = demand()[run.src, "presurge"] * PRESURGE, demand()[run.src, "surge"] * SURGE
    at_most = min(together, sum(asked))
    best = (0, 0)
    for choices in _beginnings(run, members, month):
        if sum(best) < at_most:
            best = max(best, _in_days(run.src, members, choices), key=sum)
    if sum(best) < at_most:
        at_most = min(at_most, _most_before(run.src, members) + min(in_surge, asked[1]))
    return Outcome(run.name, month.filled, *best, at_most)


def _beginnings(run: Run, members: Sequence[Unit], month: Coarse) -> Iterator[list[Choice]]:
    yield as_sent(run, members)
    yield near(members, {})
    if len(members) <= FEW:
        yield near(members, month.sent)


@dataclass(frozen=True)
class Coarse:
    """A plan in periods: unit-days that it fills, and the days on which it sends units, in both phases."""

    filled: int
    sent: Mapping[str, Sequence[int]]


def _coarse(src: str, members: Sequence[Unit], grid: Grid) -> Coarse:
    plan = _solve(both_phases(src, members, grid))
    if plan is None:
        return Coarse(0, {})
    lines = plan.requirements
    filled = sum(
        value * grid.length(int(period)) for period, value in zip(lines["period"], lines["fulfilled"], strict=True)
    )
    return Coarse(round(filled), sent_on(plan, grid))


def sent_on(plan: fg.Plan, grid: Grid) -> dict[str, list[int]]:
    """The days on which tours start: the first period of each run of periods in which a unit serves."""
    sent: dict[str, list[int]] = {}
    for pledge, rows in plan.assignments.groupby("pledge"):
        periods = sorted(int(period) for period in rows["period"])
        sent[str(pledge)] = [
            grid.day(period)
            for before, period in zip([0, *periods], periods, strict=False)
            if period > before + 1 or not before
        ]
    return sent


def near(members: Sequence[Unit], sent: Mapping[str, Sequence[int]]) -> list[Choice]:
    """Whole tours that start up to a period before the coarse plan's; units that it leaves at home may go on their first days.

    The coarse plan can be done in days as it is, and a unit that is there within a period goes with its next one: only earlier starts can be better.
    """
    choices = []
    for unit in members:
        planned = [day for day in sent.get(unit.name, ()) if day <= PRESURGE]
        for first, last in unit.before:
            for day in planned or [first]:
                span = max(first, day - MONTH.days + 1), min(last, day)
                choices += _whole(unit, *span)
    return choices


def _whole(unit: Unit, first: int, last: int) -> list[Choice]:
    """Whole tours that start in these days; those that run into the surge one by one, each as long as it is before the surge."""
    if first <= last and last + unit.tour - 1 <= PRESURGE:
        return [_choice(whole_tour(unit, first), last, unit.name)]
    return [_choice(whole_tour(unit, day), day, unit.name) for day in range(first, last + 1)]


def _choice(tour: Tour, last: int, once: str) -> Choice:
    days = min(tour.days, PRESURGE + 1 - last)
    return Option(f"{once}: {tour.days} from {tour.day}", once, tour.component, tour.day, last, days), tour


def as_sent(run: Run, members: Sequence[Unit]) -> list[Choice]:
    """The tours of the greedy rule; those that the simulator cuts on the first day also whole, where the unit makes no second."""
    tours = greedy(run)
    found = {unit.name: unit for unit in members}
    often = Counter(tour.unit for tour in tours)
    choices = []
    for tour in tours:
        once = tour.unit if often[tour.unit] == 1 else f"{tour.unit} from {tour.day}"
        choices.append(_choice(tour, tour.day, once))
        whole = whole_tour(found[tour.unit], tour.day)
        if tour.days < whole.days and often[tour.unit] == 1:
            choices.append(_choice(whole, tour.day, once))
    return choices


def _in_days(src: str, members: Sequence[Unit], choices: Sequence[Choice]) -> tuple[int, int]:
    """Unit-days before the surge and in it, planned in days one after the other."""
    plan = _solve(before_in_days(src, [option for option, _ in choices]))
    before, made = 0, dict[str, Tour]()
    if plan is not None:
        before = round(float(plan.requirements["fulfilled"].sum()))
        tours = {option.name: tour for option, tour in choices}
        for pledge, (day, *_) in sorted(sent_on(plan, DAY).items(), key=lambda item: item[1]):
            tour = tours[pledge]
            made[tour.unit] = replace(tour, day=day)
    windows: dict[tuple[str, str], Sequence[Window]] = {
        (unit.name, unit.component): days_in_surge(unit, made.get(unit.name)) for unit in members
    }
    after = _solve(surge(src, windows))
    return before, 0 if after is None else round(float(after.requirements["fulfilled"].sum()))


def _most_before(src: str, members: Sequence[Unit]) -> int:
    """What no plan exceeds before the surge: the bound of a relaxation in periods of five days."""
    plan = _solve(relaxed(src, members, FIVE))
    if plan is None:
        return 0
    asked = demand()[src, "presurge"] * FIVE.days * (FIVE.surge - 1)
    return min(math.floor(float(plan.aims["bound"].iloc[0]) / 100 * asked + 1e-3), demand()[src, "presurge"] * PRESURGE)


def _solve(instance: fg.Instance) -> fg.Plan | None:
    """The plan, checked by the verifier; None where no unit can be sent."""
    return fg.solve(instance, time_limit=SECONDS, child=False) if instance.rows("pledges") else None
