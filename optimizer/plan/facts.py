"""What a plan's rows mean, before any rule is checked: who is where, what is delivered, what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from optimizer.plan.admissible import Admissible
from optimizer.plan.case import Case, Post, is_below
from optimizer.plan.services import Floats, Services, Truths
from optimizer.plan.violation import Violation

Key = tuple[str, str, int]
"""A service: (pledge, requirement, period)."""

MEASURES = ("units", "personnel", "cost", "escalation", "sustainment", "lift")
"""Measures that are sums over services."""


@dataclass(frozen=True)
class Facts:
    """A plan against its case.

    Matrices have one row per service of `services` (or nation, post, line) and one column per period. `leads` holds the
    terms for which a nation is named as the lead of a post (None: all terms); `given_flows` is None where none are given.
    `amounts`: what each fund pays to each nation, in million over the horizon.
    """

    case: Case
    services: Services
    units: Floats
    starts: Floats
    ends: Floats
    used: frozenset[str]
    leads: Mapping[tuple[str, Post], frozenset[int] | None]
    given_flows: Mapping[tuple[tuple[str, str, str], str, int], float] | None
    baseline: Mapping[Key, float] | None
    baseline_nations: Mapping[str, str]
    row_violations: tuple[Violation, ...] = ()
    amounts: Mapping[tuple[str, str], float] = field(default_factory=dict)
    _measures: dict[str, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def admissible(self) -> Admissible:
        """Which services are admissible, and what refuses the others."""
        return Admissible.of(self.case)

    @property
    def moves(self) -> Floats:
        """Units that begin to serve: tours started, or units by which presence rises."""
        return self.starts

    def measure(self, name: str) -> Floats:
        """A measure per service and period. `cost` holds presence and moves."""
        if name not in self._measures:
            per_unit = self.services.per_unit[name][:, None]
            if name == "lift":
                value = per_unit * self.moves
            elif name == "cost":
                value = per_unit * self.units + self.services.move_cost[:, None] * self.moves
            else:
                value = per_unit * self.units
            self._measures[name] = value
        return self._measures[name]

    def _by_nation_and_post(self, values: Floats) -> Floats:
        total = np.zeros((len(self.case.nations), len(self.case.posts), self.case.periods))
        np.add.at(total, (self.services.nation, self.services.post), values)
        return total

    @cached_property
    def units_at(self) -> Floats:
        """Units per nation, post and period."""
        return self._by_nation_and_post(self.units)

    @cached_property
    def personnel_at(self) -> Floats:
        """Personnel per nation, post and period."""
        return self._by_nation_and_post(self.measure("personnel"))

    @cached_property
    def present(self) -> Truths:
        """Whether a nation has a unit at a post in a period."""
        return np.asarray(self.units_at > 0)

    @cached_property
    def serves(self) -> Truths:
        """Whether a nation is present at a post in some period."""
        return np.asarray(self.present.any(axis=2))

    def serving_in(self, posts: Sequence[int]) -> Truths:
        """Whether each nation serves at one of these posts, by number."""
        return np.asarray(self.serves[:, list(posts)].any(axis=1), dtype=bool)

    @cached_property
    def takes_part(self) -> dict[str, bool]:
        """Whether a nation serves anywhere."""
        anywhere: Truths = np.asarray(self.serves.any(axis=1))
        return {nation: bool(anywhere[index]) for index, nation in enumerate(self.case.nations)}

    @cached_property
    def active(self) -> Truths:
        """Whether a line asks for anything in a period."""
        active = np.zeros((len(self.case.lines), self.case.periods), dtype=bool)
        for index, line in enumerate(self.case.lines.values()):
            active[index, line.first - 1 : line.last] = True
        return active

    @cached_property
    def line_posts(self) -> list[int]:
        """The post of each line, by number."""
        number = {post: index for index, post in enumerate(self.case.posts)}
        return [number[line.post] for line in self.case.lines.values()]

    @cached_property
    def post_active(self) -> Truths:
        """Whether a post has an active line in a period."""
        active = np.zeros((len(self.case.posts), self.case.periods), dtype=bool)
        for index, post in enumerate(self.line_posts):
            active[post] |= self.active[index]
        return active

    @cached_property
    def delivered(self) -> Floats:
        """What units and instruments deliver to each line in each period."""
        delivered = np.zeros((len(self.case.lines), self.case.periods))
        np.add.at(delivered, self.services.line, self.services.amount[:, None] * self.units)
        used = [self.case.instruments[name] for name in sorted(self.used)]
        for index, name in enumerate(self.case.lines):
            giving = [instrument for instrument in used if name in instrument.yields]
            for t in np.flatnonzero(self.active[index]) if giving else ():
                delivered[index, t] += math.fsum(one.yields[name] for one in giving if int(t) + 1 in one.true_in)
        return delivered

    @cached_property
    def thresholds_met(self) -> Truths:
        """Whether every active line of a post has its threshold in a period."""
        met = np.ones((len(self.case.posts), self.case.periods), dtype=bool)
        for index, line in enumerate(self.case.lines.values()):
            for period in range(line.first, line.last + 1):
                if is_below(self.delivered[index, period - 1], line.threshold):
                    met[self.line_posts[index], period - 1] = False
        return met

    @cached_property
    def mounted(self) -> Truths:
        """Whether a post is mounted in a period.

        Periods in which somebody serves, and those in which nobody need (thresholds met by instruments, or zero; no nations
        and no lead needed), form longest runs. A run is mounted; but one with nobody in it only if it lasts as long as the
        post's least stay, or the mission's continuity, asks for.
        """
        somebody = np.asarray(self.present.any(axis=0) & self.post_active)
        mounted = somebody.copy()
        for index, (post, rules) in enumerate(self.case.posts.items()):
            if rules["lead"] == "required" or (rules["min_nations"] or 0) > 0:
                continue
            possible = somebody[index] | (self.post_active[index] & self.thresholds_met[index])
            for first, last in runs_of(possible):
                stays = last - first + 1 >= min(self.least_stay(post), self.block_end(index, first) - first + 1)
                mounted[index, first : last + 1] |= bool(stays or somebody[index, first : last + 1].any())
        return mounted

    def least_stay(self, post: Post) -> float:
        """Fewest periods that a post stays mounted: endless with continuity, 1 where nothing is said."""
        if self.case.missions[post[0]]["continuity"]:
            return math.inf
        return float(self.case.posts[post]["min_stay"] or 1)

    def block_end(self, post: int, t: int) -> int:
        """The last of the consecutive active periods of a post from one on, all counted from 0."""
        while t + 1 < self.case.periods and self.post_active[post, t + 1]:
            t += 1
        return t

    @cached_property
    def fulfilled(self) -> Floats:
        """What counts of the delivered: at most the target, and only at a mounted post."""
        targets = np.array([line.target for line in self.case.lines.values()])
        mounted = self.mounted[self.line_posts] if self.line_posts else np.zeros((0, self.case.periods), dtype=bool)
        return np.asarray(np.minimum(self.delivered, targets[:, None]) * (mounted & self.active))

    @cached_property
    def shares(self) -> Floats:
        """Fulfilled ÷ target per line and period."""
        targets = np.array([line.target for line in self.case.lines.values()])
        return np.asarray(self.fulfilled / targets[:, None])

    @cached_property
    def nation_costs(self) -> dict[str, float]:
        """Cost of taking part at all, per nation that does."""
        return {n: float(self.case.nations[n]["participation_cost"]) for n, takes in self.takes_part.items() if takes}

    @cached_property
    def pair_costs(self) -> dict[tuple[str, Post], float]:
        """Cost of serving at a post, per nation and post where it does."""
        nations, posts = list(self.case.nations), list(self.case.posts)
        found = {}
        for n, j in zip(*np.nonzero(self.serves), strict=True):
            cost = self.case.pair_rule(nations[n], posts[j]).cost
            if cost:
                found[nations[n], posts[j]] = float(cost)
        return found

    @cached_property
    def participation_cost(self) -> dict[str, float]:
        """Costs of taking part and of serving at posts, per nation."""
        total = dict.fromkeys(self.case.nations, 0.0)
        for nation, cost in self.nation_costs.items():
            total[nation] += cost
        for (nation, _), cost in self.pair_costs.items():
            total[nation] += cost
        return total

    def by_nation(self, values: Floats) -> dict[str, float]:
        """Sums over services and periods, per nation."""
        total = np.zeros(len(self.case.nations))
        np.add.at(total, self.services.nation, values.sum(axis=1))
        return {nation: float(total[index]) for index, nation in enumerate(self.case.nations)}

    def burden(self, measure: str) -> dict[str, float]:
        """What each nation bears: cost (deployments, moves, participation), what it pays of it and for others, personnel or units."""
        if measure == "paid":
            cost = self.burden("cost")
            return {nation: cost[nation] + self.transfers[nation] for nation in cost}
        borne = self.by_nation(self.measure(measure))
        if measure == "cost":
            return {nation: amount + self.participation_cost[nation] for nation, amount in borne.items()}
        return borne

    @cached_property
    def transfers(self) -> dict[str, float]:
        """What each nation pays for others through funds, less what funds pay to it."""
        total = dict.fromkeys(self.case.nations, 0.0)
        for (name, nation), amount in self.amounts.items():
            total[nation] -= amount
            if self.case.funds[name].payer in total:
                total[self.case.funds[name].payer] += amount
        return total

    @cached_property
    def instrument_cost(self) -> float:
        """Cost of the instruments used."""
        return math.fsum(self.case.instruments[name].cost for name in sorted(self.used))

    @cached_property
    def busy(self) -> dict[str, Floats]:
        """Units of each pledge that are out or at rest, per period, of those that the plan sends."""
        busy = {name: np.zeros(self.case.periods) for name in self.case.pledges}
        for index, (name, _) in enumerate(self.services.pairs):
            pledge = self.case.pledges[name]
            if pledge.tour is None:
                busy[name] += self.units[index]
            else:
                for t in np.flatnonzero(self.starts[index]):
                    busy[name][t : t + pledge.tour + pledge.dwell] += self.starts[index, t]
        return busy

    @cached_property
    def instrument_escalation(self) -> float:
        """Escalation of the instruments used."""
        return math.fsum(self.case.instruments[name].escalation for name in sorted(self.used))


def runs_of(holds: Truths) -> list[tuple[int, int]]:
    """First and last of each longest run of periods in which something holds, counted from 0."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]
