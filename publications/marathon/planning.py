"""One published run, planned: in coarse periods first, then in days near that plan, and the surge from the state that the plan leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import optimizer as fg
from publications.marathon.chances import Unit, Window, days_in_surge, most, units
from publications.marathon.facts import PRESURGE, SURGE, Run, demand
from publications.marathon.grid import Grid
from publications.marathon.instances import before_in_days, both_phases, relaxed, surge

MONTH, FIVE, DAY = Grid(30), Grid(5), Grid(1)
"""Periods of thirty days, as planners use; of five, the longest in which both tours (335 and 240 days) are whole; and of one, as the source."""
SECONDS: Final = 60.0
"""For one solve; where it ends one, the bound says how much more there could be."""


@dataclass(frozen=True)
class Outcome:
    """Unit-days of a run in both phases together, unless the name says otherwise.

    Attributes:
        month, five: filled with periods of thirty and five days.
        presurge, surge: filled with periods of one day, before the surge and in it.
        at_most: what no plan exceeds.
    """

    run: str
    month: int
    five: int
    presurge: int
    surge: int
    at_most: int


def outcome(run: Run, seed: int | None = None) -> Outcome:
    """Plan a run from its own starts, or from those of another seed."""
    members = units(run, seed)
    month = _coarse(run.src, members, MONTH)
    five = _coarse(run.src, members, FIVE)
    plans = [_in_days(run.src, members, near(members, five.sent))]
    together, in_surge = (sum(part) for part in zip(*(most(run.src, unit) for unit in members), strict=True))
    asked = demand()[run.src, "presurge"] * PRESURGE, demand()[run.src, "surge"] * SURGE
    at_most = min(together, sum(asked))
    if sum(plans[0]) < at_most and (first := everyone_first(run.src, members)):
        plans.append(_in_days(run.src, members, first))
    best = max(plans, key=sum)
    if sum(best) < at_most:
        at_most = min(at_most, _most_before(run.src, members) + min(in_surge, asked[1]))
    return Outcome(run.name, month.filled, five.filled, *best, at_most)


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
            grid.day(period) for before, period in zip([0, *periods], periods, strict=False) if period > before + 1 or not before
        ]
    return sent


def near(members: Sequence[Unit], sent: Mapping[str, Sequence[int]]) -> list[Unit]:
    """The units, with starts up to a period before the coarse plan's; units that it leaves at home may go on their first day.

    The coarse plan can be done in days as it is, and a unit that is there within a period goes with its next one: only earlier starts can be better.
    """
    narrowed = []
    for unit in members:
        days = [day for day in sent.get(unit.name, ()) if day <= PRESURGE] or [first for first, _ in unit.before]
        spans = {
            (max(first, day - FIVE.days + 1), min(last, day))
            for first, last in unit.before
            for day in days
        }
        narrowed.append(replace(unit, before=tuple(sorted(span for span in spans if span[0] <= span[1]))))
    return narrowed


def everyone_first(src: str, members: Sequence[Unit]) -> list[Unit] | None:
    """The units, each with its first possible day alone; None if they would be more than are asked for."""
    present = [0] * (PRESURGE + 1)
    for unit in members:
        for first, _ in unit.before[:1]:
            for day in range(first, min(PRESURGE, first + unit.tour - 1) + 1):
                present[day] += 1
    if max(present) > demand()[src, "presurge"]:
        return None
    return [replace(unit, before=tuple((first, first) for first, _ in unit.before[:1])) for unit in members]


def _in_days(src: str, members: Sequence[Unit], narrowed: Sequence[Unit]) -> tuple[int, int]:
    """Unit-days before the surge and in it, planned in days one after the other."""
    plan = _solve(before_in_days(src, narrowed))
    before, sent = 0, dict[str, int]()
    if plan is not None:
        before = round(float(plan.requirements["fulfilled"].sum()))
        owner = {row["pledge"]: str(row["tags"]) for row in plan.instance.rows("pledges")}
        sent = {owner[pledge]: days[0] for pledge, days in sent_on(plan, DAY).items()}
    windows: dict[tuple[str, str], Sequence[Window]] = {
        (unit.name, unit.component): days_in_surge(src, unit, sent.get(unit.name)) for unit in members
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
