"""Family 3: caps and floors on a measure over a selection; the shorthands and quantitative caveats that are limits too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.instance.scenario import row_key
from optimizer.plan.case import Case, is_above, is_below, tolerance
from optimizer.plan.facts import MEASURES, Facts
from optimizer.plan.rules.burden import burden_gap
from optimizer.plan.rules.funding import concerns
from optimizer.plan.rules.register import cell_of, limit_side, post_cell, row_of
from optimizer.plan.services import Floats, Numbers, Selection, Services, Truths
from optimizer.plan.violation import Violation

if TYPE_CHECKING:
    from optimizer.plan.rules.movement import Movement

Columns = slice | Numbers
"""Some columns of a matrix; a slice where they stand next to each other."""


@dataclass(frozen=True)
class Limit:
    """A named limit, in the periods of its window in which its condition is true.

    `source`: table and row (and column, for a shorthand) that state it. `floor`, `cap`: ids of the rules that state the two sides.
    """

    name: str
    source: str
    measure: str
    per: str
    minimum: float | None
    maximum: float | None
    selection: Selection
    periods: tuple[int, ...]
    floor: str
    cap: str

    @property
    def holds_route_costs(self) -> bool:
        """Whether the cost that it limits contains the costs of routes."""
        return self.measure == "cost" and self.selection.is_any

    @property
    def columns(self) -> Columns:
        """The columns of its periods in a matrix with one column per period."""
        first, last = self.periods[0], self.periods[-1]
        whole = last - first + 1 == len(self.periods)
        return slice(first - 1, last) if whole else np.array(self.periods, dtype=np.int64) - 1

    def instruments(self, facts: Facts, window: int) -> float:
        """What the instruments in use add to a sum over `window` periods: their cost is spread evenly over the horizon.

        Their escalation is not: it is whole in every period, and counted once in a sum. Only limits without selectors contain it.
        """
        if not self.selection.is_any:
            return 0.0
        if self.measure == "cost":
            return facts.instrument_cost * window / facts.case.periods
        return facts.instrument_escalation if self.measure == "escalation" else 0.0

    def holds_participation_costs(self, periods: int) -> bool:
        """Whether the cost that it limits contains what participation costs once over the horizon."""
        return self.per == "horizon" and len(self.periods) == periods


@dataclass(frozen=True)
class Use:
    """How far a limit is used in a period (None: over all of its periods).

    `step` is the least that one more unit would add, of those that are left and may serve there; infinite if there is none.
    """

    limit: Limit
    period: int | None
    used: float
    step: float

    @property
    def slack(self) -> float:
        """What is left to the nearer bound."""
        return min(self._below_cap, self._above_floor)

    @property
    def binds(self) -> bool:
        """Whether the limit holds something back: not even one more unit fits under the cap, or the floor is just reached."""
        room = tolerance(self.limit.minimum or 0.0, self.limit.maximum or 0.0)
        full = math.isfinite(self.step) and self._below_cap < self.step - room
        return full or abs(self._below_cap) <= room or abs(self._above_floor) <= room

    @property
    def _below_cap(self) -> float:
        return math.inf if self.limit.maximum is None else self.limit.maximum - self.used

    @property
    def _above_floor(self) -> float:
        return math.inf if self.limit.minimum is None else self.used - self.limit.minimum


def expand(case: Case) -> list[Limit]:
    """All limits in force: rows of `limits`, shorthand columns, quantitative caveats."""
    found = [_from_row(case, row, "limits", "limit") for row in case.tables.rows("limits") if case.in_force(row)]
    found += [
        _from_row(case, {**row, "per": "period", "minimum": None}, "caveats", "caveat")
        for row in case.tables.rows("caveats")
        if row["rule"] == "limit" and case.in_force(row)
    ]
    return [*found, *_shorthands(case)]


def _shorthands(case: Case) -> Iterator[Limit]:
    """The caps that stand in columns of nations, areas, posts and participation."""

    def cap_of(
        source: str, name: str, column: str, measure: str, maximum: object, selection: Selection, rule: str
    ) -> Iterator[Limit]:
        if maximum is not None:
            per, most = "horizon" if column == "budget" else "period", float(maximum)  # type: ignore[arg-type]
            label, where = f"{name} {column}", f"{source}/{column}"
            every = tuple(range(1, case.periods + 1))
            yield Limit(label, where, measure, per, None, most, selection, every, "", rule)

    for nation, row in case.nations.items():
        spent = "paid" if row["budget"] is not None and concerns(case, nation) else "cost"
        for column, measure in (("max_personnel", "personnel"), ("max_units", "units"), ("budget", spent)):
            cap, mine = cell_of("nations", nation, column), Selection.exactly(nation=nation)
            yield from cap_of(f"nations/{nation}", nation, column, measure, row[column], mine, cap)
    for row in case.tables.rows("areas"):
        area = row["area"]
        for column, measure in (
            ("max_personnel", "personnel"),
            ("max_escalation", "escalation"),
            ("lift_capacity", "lift"),
            ("sustainment_capacity", "sustainment"),
        ):
            cap, within = cell_of("areas", area, column), Selection.exactly(area=area)
            yield from cap_of(f"areas/{area}", area, column, measure, row[column], within, cap)
    for post, row in case.posts.items():
        here = Selection.exactly(mission=post[0], area=post[1])
        name, source = " ".join(post), f"posts/{post[0]}/{post[1]}"
        cap = post_cell(post, "max_personnel")
        yield from cap_of(source, name, "max_personnel", "personnel", row["max_personnel"], here, cap)
    for (nation, post), rule in case.pair_rules.items():
        there = Selection.exactly(nation=nation, mission=post[0], area=post[1])
        name, source = f"{nation} {post[0]} {post[1]}", f"participation/{nation}/{post[0]}/{post[1]}"
        caps = rule.sources
        yield from cap_of(
            source, name, "max_personnel", "personnel", rule.max_personnel, there, caps.get("max_personnel", "")
        )
        yield from cap_of(source, name, "max_units", "units", rule.max_units, there, caps.get("max_units", ""))


def _from_row(case: Case, row: Mapping[str, object], table: str, key: str) -> Limit:
    bounds = [None if row[end] is None else float(row[end]) for end in ("minimum", "maximum")]  # type: ignore[arg-type]
    return Limit(
        name=str(row[key]),
        source=f"{table}/{row_key(table, row)}",
        measure=str(row["measure"]),
        per=str(row["per"]),
        minimum=bounds[0],
        maximum=bounds[1],
        selection=Selection.of(row),
        periods=case.in_force(row),
        floor="" if table == "caveats" else limit_side(row, floor=True),
        cap=row_of(table, row) if table == "caveats" else limit_side(row, floor=False),
    )


Counted = tuple[Limit, list[tuple[int | None, float]]]
"""A limit and what it counts: in each of its periods, or once over them (None)."""


def count(facts: Facts, limits: Sequence[Limit], movement: Movement) -> list[Counted]:
    """What every limit counts."""
    return [(limit, amounts(facts, limit, movement)) for limit in limits]


def check(counted: Sequence[Counted]) -> Iterator[Violation]:
    """No cap exceeded, no floor missed."""
    for limit, found in counted:
        for period, used in found:
            over = limit.maximum is not None and used > limit.maximum and is_above(used, limit.maximum)
            under = limit.minimum is not None and used < limit.minimum and is_below(used, limit.minimum)
            if over or under:
                bound = limit.maximum if over else limit.minimum
                word = "at most" if over else "at least"
                measure = limit.measure.replace("_", " ")
                message = f"{limit.name}: {used:g} {measure} used, but {word} {bound:g} allowed."
                if under:
                    message = f"{limit.name}: {used:g} {measure} reached, but at least {bound:g} asked for."
                side = limit.cap if over else limit.floor
                yield Violation("limit", limit.name, limit.source, period, used, bound, message, side)


def amounts(facts: Facts, limit: Limit, movement: Movement) -> list[tuple[int | None, float]]:
    """What a limit counts: in each of its periods, or once over them."""
    window = limit.periods
    if limit.measure == "burden_gap":
        return [(None, burden_gap(facts))]
    if limit.measure == "fulfilment":
        return _fulfilment(facts, limit)
    if limit.measure == "paid":
        paid = facts.burden("paid").items()
        return [
            (None, math.fsum(amount for nation, amount in paid if limit.selection.takes_nation(facts.case, nation)))
        ]
    if limit.measure == "ready":
        home = _at_home(facts, limit.selection)
        return [(t, float(home[t - 1])) for t in window]
    mask = facts.services.mask(limit.selection)
    inside = limit.columns
    if limit.measure in {"nations", "posts"}:
        places = facts.services.nation if limit.measure == "nations" else facts.services.post
        there = facts.units[mask][:, inside] > 0
        if limit.per == "horizon":
            return [(None, float(len(set(places[mask][there.any(axis=1)].tolist()))))]
        return [(t, float(len(set(places[mask][there[:, i]].tolist())))) for i, t in enumerate(window)]
    if limit.measure.endswith("_share"):
        values = facts.measure(limit.measure.removesuffix("_share"))[:, inside]
        part, whole = values[mask].sum(axis=0), values.sum(axis=0)
        if limit.per == "horizon":
            part, whole = np.array([part.sum()]), np.array([whole.sum()])
        shares = [_share(float(p), float(w), limit) for p, w in zip(part, whole, strict=True)]
        return [(None, shares[0])] if limit.per == "horizon" else list(zip(window, shares, strict=True))
    values = facts.measure(limit.measure)[mask][:, inside].sum(axis=0)
    if limit.holds_route_costs:
        values = values + movement.total_cost[inside]
    if limit.per == "period":
        added = limit.instruments(facts, 1)
        return [(t, float(value) + added) for t, value in zip(window, values, strict=True)]
    total = float(values.sum()) + limit.instruments(facts, len(window))
    if limit.measure == "cost" and limit.holds_participation_costs(facts.case.periods):
        total += participation_costs(facts, limit.selection)
    return [(None, total)]


def _share(part: float, whole: float, limit: Limit) -> float:
    """Part of the whole; where nobody is deployed, any share is kept (0 ≤ maximum × 0)."""
    if whole > 0:
        return part / whole
    return limit.minimum or 0.0


def _at_home(facts: Facts, selection: Selection) -> Floats:
    """Units at home and rested of the selected pledges, per period: of each pledge in its window, while its condition holds."""
    case, total = facts.case, np.zeros(facts.case.periods)
    busy = facts.busy
    for name, pledge in case.pledges.items():
        if not selection.takes_pledge(case, pledge):
            continue
        for t in range(pledge.first, pledge.last + 1):
            if t in pledge.true_in:
                away = pledge.away_at_start if t <= (pledge.tour or 0) + pledge.dwell - 1 else 0
                total[t - 1] += max(0.0, pledge.usable - away - busy[name][t - 1])
    return total


def participation_costs(facts: Facts, selection: Selection) -> float:
    """The participation costs that a limit over the horizon contains."""
    if not selection.names_only("nation", "group", "mission", "area", "host"):
        return 0.0
    case = facts.case
    total = math.fsum(
        cost
        for (nation, post), cost in facts.pair_costs.items()
        if selection.takes_nation(case, nation) and selection.takes_post(case, post)
    )
    if selection.names_only("nation", "group"):
        total += math.fsum(cost for nation, cost in facts.nation_costs.items() if selection.takes_nation(case, nation))
    return total


def _fulfilment(facts: Facts, limit: Limit) -> list[tuple[int | None, float]]:
    """Weighted mean of line shares, per period with an active line, or over all periods of the limit."""
    case, capability = facts.case, limit.selection.part("capability")
    lines = [
        (index, line.weight)
        for index, line in enumerate(case.lines.values())
        if limit.selection.takes_post(case, line.post) and capability.matches(line.capability)
    ]
    found: list[tuple[int | None, float]] = []
    reached = asked = 0.0
    for period in limit.periods:
        active = [
            (facts.shares[index, period - 1], weight) for index, weight in lines if facts.active[index, period - 1]
        ]
        weights = math.fsum(weight for _, weight in active)
        if weights > 0:
            part = math.fsum(weight * float(share) for share, weight in active)
            reached, asked = reached + part, asked + weights
            found.append((period, part / weights))
    if limit.per == "horizon":
        return [(None, reached / asked)] if asked > 0 else []
    return found


def uses(facts: Facts, counted: Sequence[Counted]) -> list[Use]:
    """How far every limit is used, and whether anything more would fit."""
    idle = _idle_services(facts)
    found = []
    for limit, used_by_period in counted:
        steps: Floats | None = None
        for period, used in used_by_period:
            step = math.inf
            if limit.maximum is not None and limit.measure in MEASURES:
                if steps is None:
                    steps = np.full(facts.case.periods, np.inf)
                    if not _lets_nobody_in(idle, limit):
                        steps = _least_steps(idle, limit, facts.case.periods)
                inside = limit.columns if period is None else slice(period - 1, period)
                step = float(steps[inside].min())
            elif limit.measure in {"nations", "posts"}:
                step = 1.0
            found.append(Use(limit, period, used, step))
    return found


@dataclass(frozen=True)
class _Idle:
    """Possible services, and those for which a unit is left, per period."""

    services: Services
    open: Truths
    left: Truths


def _idle_services(facts: Facts) -> _Idle:
    """Possible services of pledges that have a unit neither out nor at rest in a period."""
    case, busy = facts.case, facts.busy
    services = facts.admissible.services
    free = np.array([busy[name] < case.pledges[name].usable for name, _ in services.pairs], dtype=bool)
    return _Idle(
        services, facts.admissible.open, facts.admissible.open & free.reshape(len(services.pairs), case.periods)
    )


def _least_steps(idle: _Idle, limit: Limit, periods: int) -> Floats:
    """Per period, the least that one more unit adds to a limit (infinite where no unit is left)."""
    steps = np.full(periods, np.inf)
    if not idle.services.pairs:
        return steps
    per_unit = idle.services.per_unit[limit.measure]
    mask = idle.services.mask(limit.selection) & (per_unit > 0)
    for step in np.unique(per_unit[mask])[::-1]:
        steps[idle.left[mask & (per_unit == step)].any(axis=0)] = step
    return steps


def _lets_nobody_in(idle: _Idle, limit: Limit) -> bool:
    """Whether a cap above zero is below what any unit that may serve there needs.

    It is an error of its figure or its unit, which `check` reports, and does not bind.
    """
    if not limit.maximum or not idle.services.pairs:
        return False
    per_unit = idle.services.per_unit[limit.measure]
    mask = idle.services.mask(limit.selection) & (per_unit > 0) & idle.open[:, limit.columns].any(axis=1)
    return bool(mask.any()) and limit.maximum + tolerance(0.0, limit.maximum) < float(per_unit[mask].min())
