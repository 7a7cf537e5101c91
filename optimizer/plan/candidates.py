"""Who could fill a post: idle units of every pledge that delivers something of what the post misses, by what they bring.

The verifier's arithmetic on one service at a time: conditions, windows, tours with their rest and caveats, units that serve elsewhere, what
every cap leaves, and whether the line has its threshold where the post is not mounted. What only several services together decide (thresholds
of other lines, links, leads, least contingents, stays, numbers of posts and nations, shares, the aims) is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from optimizer.plan.admissible import NO_YIELD, Admissible
from optimizer.plan.case import Case, Post, read_case, tolerance
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.rules.limits import Limit, expand
from optimizer.plan.services import Floats, Truths

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

Hindrance = Literal["", "rules", "caps", "busy", "threshold"]


@dataclass(frozen=True)
class Candidate:
    """A pledge for a requirement line of a post that misses something.

    Attributes:
        pledge: its name.
        requirement: the line.
        units: the most units that could come in any one period.
        periods: in which they could.
        brings: what they would deliver of what is missing, in the line's measure, summed over these periods.
        missing: what the line misses, summed over its periods.
        worth: what they bring as a part of the target, summed over periods, times the line's weight: candidates are ranked by it.
        hindrance: blank where units could come; else what keeps all of them: rules that refuse the service, caps that leave no room, that
            all units serve elsewhere or rest, or that the post is not mounted and they alone stay below the line's threshold.
        rules: ids of the rules, or of the caps.
    """

    pledge: str
    requirement: str
    units: int
    periods: tuple[int, ...]
    brings: float
    missing: float
    worth: float
    hindrance: Hindrance
    rules: tuple[str, ...]


@dataclass(frozen=True)
class _Gap:
    """What a line misses in each period, and what it lacks to its threshold where its post is not mounted."""

    missing: Floats
    lacking: Floats


class _Room:
    """What caps leave in each period, and what is idle."""

    def __init__(self, case: Case, admissible: Admissible, plan: Plan) -> None:
        self.case, self.services = case, admissible.services
        self.index = {pair: number for number, pair in enumerate(self.services.pairs)}
        left: dict[tuple[str, str], dict[int, float]] = {}
        for row in plan.limits.to_dict("records"):
            period = row["period"]
            at = 0 if period is None or period != period or str(period) == "<NA>" else int(period)
            cap, used = float(row["maximum"]), float(row["used"])
            if not math.isnan(cap):
                left.setdefault((str(row["limit"]), str(row["source"])), {})[at] = cap - used
        self.left = left
        self.caps = [
            limit for limit in expand(case) if limit.maximum is not None and limit.measure in self.services.per_unit
        ]
        self.busy = gather(case, Decisions(plan.assignments)).busy

    def coming(self, pledge: str, wanted: Floats, admitted: Truths, fits: Floats | float = math.inf) -> Floats:
        """Units of a pledge that could come in each period, no more than are wanted and fit: of one with tours, in whole tours that leave time for rest."""
        offer, periods = self.case.pledges[pledge], self.case.periods
        fits = np.broadcast_to(fits, periods)
        if offer.tour is None:
            idle = np.minimum(offer.usable - self.busy[pledge], np.minimum(wanted, fits))
            return np.where(admitted & (idle >= 1.0), np.floor(idle), 0.0)
        cycle, coming, busy = offer.tour + offer.dwell, np.zeros(periods), self.busy[pledge].copy()
        busy[: cycle - 1] += offer.away_at_start
        for first in range(periods):
            out, away = slice(first, first + offer.tour), slice(first, first + cycle)
            if admitted[out].all():
                room = min(offer.quantity - busy[away].max(), (fits[out] - coming[out]).min())
                more = max(0, math.floor(min(room, (wanted[out] - coming[out]).max())))
                coming[out] += more
                busy[away] += more
        return coming

    def under_caps(self, pair: tuple[str, str], wanted: Truths) -> tuple[Floats, tuple[str, ...]]:
        """How many units fit under every cap in each period, and the caps that leave no room in a period that is wanted."""
        fits, full = np.full(self.case.periods, np.inf), []
        for limit in self.caps:
            left = self.left.get((limit.name, limit.source))
            if left is None or not self.services.mask(limit.selection)[self.index[pair]]:
                continue
            more = self._units(limit, left, float(self.services.per_unit[limit.measure][self.index[pair]]), wanted)
            if (wanted & (more < 1.0)).any():
                full.append(limit.cap)
            fits = np.minimum(fits, more)
        return fits, tuple(full)

    def _units(self, limit: Limit, left: dict[int, float], each: float, wanted: Truths) -> Floats:
        """Units that one cap has room for, by period; a cap on a sum is shared evenly among the periods that are wanted."""
        more = np.full(self.case.periods, np.inf)
        if each <= 0.0:
            return more
        for period in limit.periods:
            whole = left.get(0)
            room = left.get(period, math.inf) if whole is None else whole / max(1, int(wanted.sum()))
            more[period - 1] = max(0.0, math.floor(room / each + 1e-9)) if math.isfinite(room) else math.inf
        return more


def candidates(plan: Plan, post: Post) -> list[Candidate]:
    """Everybody who delivers something of what a post of a plan misses: those who could come by what they bring, then the others.

    Raises:
        UnknownScenario: the plan's scenario is not one of its instance.
    """
    return candidates_by_post(plan, (post,)).get(post, [])


def candidates_by_post(plan: Plan, posts: Collection[Post] | None = None) -> dict[Post, list[Candidate]]:
    """The candidates of these posts of a plan, or of all; only posts that miss something.

    Raises:
        UnknownScenario: the plan's scenario is not one of its instance.
    """
    case = read_case(plan.instance, plan.scenario or None)
    gaps = _gaps(plan, case)
    if posts is not None:
        gaps = {line: gap for line, gap in gaps.items() if case.lines[line].post in posts}
    if not gaps:
        return {}
    admissible = Admissible.of(case)
    room = _Room(case, admissible, plan)
    found: dict[Post, list[Candidate]] = {}
    for pledge, line in room.index:
        if line in gaps:
            found.setdefault(case.lines[line].post, []).append(_candidate(admissible, room, pledge, line, gaps[line]))
    return {post: sorted(some, key=_rank) for post, some in found.items()}


def _rank(one: Candidate) -> tuple[bool, float, str, str]:
    return bool(one.hindrance), -one.worth, one.pledge, one.requirement


def _gaps(plan: Plan, case: Case) -> dict[str, _Gap]:
    """What each line misses in each period; lines that miss nothing are left out."""
    gaps: dict[str, _Gap] = {}
    for row in plan.requirements.to_dict("records"):
        if float(row["gap"]) > 1e-9:
            gap = gaps.setdefault(str(row["requirement"]), _Gap(np.zeros(case.periods), np.zeros(case.periods)))
            at, threshold = int(row["period"]) - 1, float(row["threshold"])
            gap.missing[at] = float(row["gap"])
            if not row["mounted"]:
                gap.lacking[at] = max(0.0, threshold - tolerance(threshold) - float(row["delivered"]))
    return gaps


def _candidate(admissible: Admissible, room: _Room, pledge: str, name: str, gap: _Gap) -> Candidate:
    case, line = admissible.case, admissible.case.lines[name]
    missing, each = gap.missing > 0.0, case.yields[case.pledges[pledge].unit_type, line.capability]
    admitted, wanted = admissible.admits(pledge, name), np.ceil(gap.missing / each - 1e-9)
    free = room.coming(pledge, wanted, admitted) >= 1.0
    fits, full = room.under_caps((pledge, name), free)
    coming = room.coming(pledge, wanted, free, fits)
    hindrance: Hindrance = (
        "threshold" if coming.any() else "caps" if free.any() else "busy" if (missing & admitted).any() else "rules"
    )
    while (short := (coming > 0.0) & (coming * each < gap.lacking)).any():
        free = free & ~short
        coming = room.coming(pledge, wanted, free, fits)
    units = np.where(missing, coming, 0.0)
    brought = np.minimum(units * each, gap.missing)
    hindrance = "" if units.any() else hindrance
    rules = (
        full if hindrance == "caps" else _refusing(admissible, pledge, name, missing) if hindrance == "rules" else ()
    )
    return Candidate(
        pledge,
        name,
        int(units.max()),
        tuple(int(period) + 1 for period in np.flatnonzero(units)),
        float(brought.sum()),
        float(gap.missing.sum()),
        float(brought.sum()) / line.target * line.weight if line.target else 0.0,
        hindrance,
        rules,
    )


def _refusing(admissible: Admissible, pledge: str, line: str, missing: Truths) -> tuple[str, ...]:
    """The rules that refuse a pledge where the line misses something, those that refuse most periods first."""
    refused = {rule: int((periods & missing).sum()) for rule, periods in admissible.refusals(pledge, line).items()}
    kept: Sequence[str] = sorted(
        (rule for rule in refused if refused[rule] and rule != NO_YIELD), key=lambda rule: -refused[rule]
    )
    return tuple(kept)
