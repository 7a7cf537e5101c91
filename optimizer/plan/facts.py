"""What a plan's rows say, before any rule is asked: who is where, what is delivered, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.admissible import Admissible
from optimizer.plan.case import Case, Post, is_below
from optimizer.plan.services import Floats, Services, Truths, services_of
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
        for index, name in enumerate(self.case.lines):
            gift = math.fsum(self.case.instruments[used].yields.get(name, 0.0) for used in sorted(self.used))
            delivered[index] += gift * self.active[index]
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

        Where somebody serves, it is. Where nobody does, it counts as mounted if nothing forbids it: thresholds met (by
        instruments, or zero), no nations and no lead needed, and, with continuity, mounted in the next period too.
        """
        mounted = np.asarray(self.present.any(axis=0) & self.post_active)
        for index, (post, rules) in enumerate(self.case.posts.items()):
            if rules["lead"] == "required" or (rules["min_nations"] or 0) > 0:
                continue
            continuity = bool(self.case.missions[post[0]]["continuity"])
            for t in reversed(range(self.case.periods)):
                if mounted[index, t] or not self.post_active[index, t] or not self.thresholds_met[index, t]:
                    continue
                goes_on = t + 1 < self.case.periods and bool(self.post_active[index, t + 1])
                mounted[index, t] = not (continuity and goes_on) or bool(mounted[index, t + 1])
        return mounted

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
        """What each nation bears: cost (deployments, moves, participation), personnel or units."""
        borne = self.by_nation(self.measure(measure))
        if measure == "cost":
            return {nation: amount + self.participation_cost[nation] for nation, amount in borne.items()}
        return borne

    @cached_property
    def instrument_cost(self) -> float:
        """Cost of the instruments used."""
        return math.fsum(self.case.instruments[name].cost for name in sorted(self.used))

    @cached_property
    def instrument_escalation(self) -> float:
        """Escalation of the instruments used."""
        return math.fsum(self.case.instruments[name].escalation for name in sorted(self.used))


Rows = pd.DataFrame | Sequence[Mapping[str, Any]] | None


def _records(rows: Rows, columns: Sequence[str], optional: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
    """The asked columns of each row, as plain Python values."""
    frame = pd.DataFrame() if rows is None else rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if not len(frame):
        return []
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ValueError(f"The rows lack the column {', '.join(missing)}.")
    optional = optional or {}
    cells = [frame[column].tolist() for column in columns]
    cells += [frame[c].tolist() if c in frame else [blank] * len(frame) for c, blank in optional.items()]
    return list(zip(*cells, strict=True))


def _as_number(cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _is_true(cell: object) -> bool:
    return cell is True or str(cell).strip().lower() in {"true", "1", "1.0", "yes"}


def gather(
    case: Case,
    assignments: Rows,
    leads: Rows = None,
    instruments: Rows = None,
    flows: Rows = None,
    baseline: Rows = None,
) -> Facts:
    """Index the rows of a plan. Rows that name nothing known, or no whole number of units, become violations."""
    broken: list[Violation] = []
    presence = _presence(case, assignments, broken)
    pairs = sorted({(pledge, line) for pledge, line, _ in presence}, key=_order(case))
    units = np.zeros((len(pairs), case.periods))
    number = {pair: index for index, pair in enumerate(pairs)}
    for (pledge, line, period), amount in presence.items():
        units[number[pledge, line], period - 1] = amount
    services = services_of(case, pairs)
    starts, ends, cut = _tours(case, pairs, units)
    broken += cut
    old = _earlier(baseline, broken)
    return Facts(
        case=case,
        services=services,
        units=units,
        starts=starts,
        ends=ends,
        used=_used(case, instruments, broken),
        leads=_leads(case, leads, broken),
        given_flows=None if flows is None else _flows(case, flows, broken),
        baseline=None if baseline is None else {(p, r, t): x for p, r, t, x, _ in old},
        baseline_nations={p: str(n) for p, _, _, _, n in old},
        row_violations=tuple(broken),
    )


_SERVICE = ("pledge", "requirement", "period", "units")


def _earlier(baseline: Rows, broken: list[Violation]) -> list[tuple[str, str, int, float, object]]:
    """The rows of the baseline; they may name what the instance does not know any more."""
    found = []
    for pledge, line, when, cell, nation in _records(baseline, _SERVICE, {"nation": ""}):
        period, units = _as_number(when), _as_number(cell)
        if not period.is_integer() or not math.isfinite(units):
            message = f"The baseline has {cell} units of {pledge} on {line} in period {when}."
            broken.append(Violation("row", str(pledge), str(line), None, None, None, message))
            continue
        found.append((str(pledge), str(line), int(period), units, nation))
    return found


def _order(case: Case) -> Any:
    pledges = {name: index for index, name in enumerate(case.pledges)}
    lines = {name: index for index, name in enumerate(case.lines)}
    return lambda pair: (pledges[pair[0]], lines[pair[1]])


def _presence(case: Case, assignments: Rows, broken: list[Violation]) -> dict[Key, float]:
    presence: dict[Key, float] = {}
    for pledge, line, when, cell in _records(assignments, _SERVICE):
        pledge, line, period, units = str(pledge), str(line), _as_number(when), _as_number(cell)

        def reject(
            message: str,
            limit: float | None = None,
            period: float = period,
            name: str = pledge,
            place: str = line,
            units: float = units,
        ) -> None:
            at = int(period) if math.isfinite(period) else None
            broken.append(Violation("row", name, place, at, units, limit, message))

        if pledge not in case.pledges:
            reject(f"There is no pledge {pledge!r}.")
        elif line not in case.lines:
            reject(f"There is no requirement {line!r}.")
        elif not period.is_integer() or not 1 <= period <= case.periods:
            reject(f"{pledge} on {line}: there is no period {when}; periods are 1 to {case.periods}.")
        elif not math.isfinite(units) or units < 0:
            reject(f"{pledge} on {line}: {cell} is not a number of units.", 0.0)
        elif (pledge, line, int(period)) in presence:
            reject(f"{pledge} on {line} is listed twice.")
        else:
            whole = round(units)
            if abs(units - whole) > 1e-6:
                reject(f"{pledge} on {line}: {units:g} is not a whole number of units.", float(whole))
                presence[pledge, line, int(period)] = units
            elif whole:
                presence[pledge, line, int(period)] = float(whole)
    return presence


def _tours(case: Case, pairs: Sequence[tuple[str, str]], units: Floats) -> tuple[Floats, Floats, list[Violation]]:
    """Moves out and moves home per service and period, and the tours that end too early.

    With tours of fixed length the starts follow from presence: whoever is there and is not on a tour that still runs, has started.
    """
    before = np.concatenate([np.zeros((len(pairs), 1)), units[:, :-1]], axis=1)
    starts, ends = np.maximum(units - before, 0.0), np.maximum(before - units, 0.0)
    cut: list[Violation] = []
    for index, (name, line) in enumerate(pairs):
        tour = case.pledges[name].tour
        if tour is None:
            continue
        starts[index], ends[index] = 0.0, 0.0
        running: list[list[float]] = []  # [first period at home, units], oldest first
        present = units[index].tolist()
        for t, there in enumerate(present):
            if running and running[0][0] <= t:
                ends[index, t] = sum(group[1] for group in running if group[0] == t)
                running = [group for group in running if group[0] > t]
            out = sum(group[1] for group in running)
            if there < out - 1e-6:
                missing = out - there
                message = (
                    f"{name} on {line}: {missing:g} of {out:g} units leave before their tour of {tour} periods is over."
                )
                cut.append(Violation("tour", name, line, t + 1, there, out, message, f"pledges/{name}.tour"))
                for group in running:
                    gone = min(missing, group[1])
                    group[1] -= gone
                    missing -= gone
                    ends[index, t] += gone
            elif there > out:
                starts[index, t] = there - out
                running.append([t + tour, there - out])
    return starts, ends, cut


def _used(case: Case, instruments: Rows, broken: list[Violation]) -> frozenset[str]:
    used = set()
    for name, used_cell in _records(instruments, ("instrument",), {"used": True}):
        if str(name) not in case.instruments:
            broken.append(Violation("row", str(name), str(name), None, None, None, f"There is no instrument {name!r}."))
        elif _is_true(used_cell):
            used.add(str(name))
    return frozenset(used)


def _leads(case: Case, leads: Rows, broken: list[Violation]) -> dict[tuple[str, Post], frozenset[int] | None]:
    found: dict[tuple[str, Post], frozenset[int] | None] = {}
    columns = ("nation", "mission", "area", "leads")
    for nation, mission, area, cell, terms in _records(leads, columns, {"lead_terms": ""}):
        if not _is_true(cell):
            continue
        nation, post = str(nation), (str(mission), str(area))
        if nation not in case.nations or post not in case.posts:
            message = f"{nation} is named as lead of {post[0]} in {post[1]}: there is no such nation or post."
            broken.append(Violation("row", nation, f"{post[0]} in {post[1]}", None, None, None, message))
            continue
        words = [] if terms is None or pd.isna(terms) else str(terms).removesuffix(".0").split(";")
        numbers = [word.strip() for word in words if word.strip()]
        if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in numbers):
            message = f"{nation} is named as lead of {post[0]} in {post[1]}, but {terms} is no list of terms."
            broken.append(Violation("row", nation, f"{post[0]} in {post[1]}", None, None, None, message))
            continue
        found[nation, post] = frozenset(map(int, numbers)) or None
    return found


def _flows(case: Case, flows: Rows, broken: list[Violation]) -> dict[tuple[tuple[str, str, str], str, int], float]:
    routes = {route.key for route in case.routes}
    found: dict[tuple[tuple[str, str, str], str, int], float] = {}
    columns = ("origin", "destination", "mode", "destination_area", "period", "tonnes")
    for origin, destination, mode, area, when, cell in _records(flows, columns):
        key = (str(origin), str(destination), "" if mode is None or pd.isna(mode) else str(mode))
        place = f"{key[0]} to {key[1]}" + (f" by {key[2]}" if key[2] else "")
        period, tonnes = _as_number(when), _as_number(cell)
        message = None
        if key not in routes:
            message = f"There is no route {place}."
        elif not period.is_integer() or not 1 <= period <= case.periods:
            message = f"There is no period {when}."
        elif not math.isfinite(tonnes):
            message = f"{cell} is no number of tonnes on {place}."
        elif tonnes:
            at = (key, str(area), int(period))
            found[at] = found.get(at, 0.0) + tonnes
        if message:
            number = int(period) if math.isfinite(period) else None
            broken.append(Violation("row", place, str(area), number, tonnes, None, message))
    return found


def all_of(lists: Iterable[Iterable[Violation]]) -> tuple[Violation, ...]:
    """Violations of several rules, one after another."""
    return tuple(violation for violations in lists for violation in violations)
