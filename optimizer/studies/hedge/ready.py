r"""The first stage: which units are made ready where and when, and who leads.

Units $\bar x_{prt}$ of pledge $p$ are made ready for line $r$ in period $t$. They keep the rotation and the stock of the pledge, and what each
nation says of itself in `nations`: `max_personnel` and `max_units` in every period, and the budget, as if all of them were sent. When
scenario $s$ comes true, $x^s_{prt}\le\bar x_{prt}$, and only whoever was named may lead: $\ell^s_{njk}\le\bar\ell_{njk}$, $\sum_n\bar\ell_{njk}\le1$.

Where scenarios differ in what a nation offers, the loosest of them holds here, so that every plan made for one of them can be made ready; its
own rules hold in each scenario itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from optimizer.instance.situation import Line, Pair, Pledge, Post, PostKey, Situation
from optimizer.instance.situation.funding import funded
from optimizer.model.assemble import Built, places_of
from optimizer.model.builder import ModelBuilder
from optimizer.model.families import availability
from optimizer.model.families.lead import terms_of_lead
from optimizer.model.families.units import Counts, Service, Units
from optimizer.model.linear import FloatArray, IntArray, LinearModel
from optimizer.plan.plan import Plan

LeadKey = tuple[str, str, str, int]
_PER_PERIOD: Final = {"max_personnel": "personnel", "max_units": "units"}


@dataclass(frozen=True)
class Ready:
    """What is decided here and now.

    `units`: most that may serve, per (pledge, requirement, period). `leads`: (nation, mission, area, term) of those named to lead; where scenarios
    have terms of different length, periods take the place of terms.
    """

    units: Mapping[Service, int]
    leads: frozenset[LeadKey]


@dataclass(frozen=True)
class Readiness(Situation):
    """What all scenarios together leave open: a situation of units alone. `open`: the admissible periods of each pledge on each line."""

    open: Mapping[Pair, tuple[int, ...]] = field(repr=False)

    @cached_property
    def services(self) -> dict[Pair, tuple[int, ...]]:
        """The periods in which some scenario admits the service."""
        return dict(self.open)


@dataclass(frozen=True, eq=False)
class FirstStage:
    """The first stage as a model of its own, without aims. `leads`: columns of those who may be named."""

    situations: tuple[Situation, ...] = field(repr=False)
    readiness: Readiness = field(repr=False)
    linear: LinearModel = field(repr=False)
    units: Units = field(repr=False)
    leads: Mapping[LeadKey, int] = field(repr=False)

    def spans(self, mission: str, area: str, term: int, situation: Situation) -> list[int]:
        """The terms (or periods, where terms differ) of the first stage that make up a term of lead in a scenario."""
        if _same_terms(self.situations, (mission, area)):
            return [term]
        return list(terms_of_lead(situation, (mission, area))[term])

    def read(self, values: FloatArray) -> Ready:
        """What a solution makes ready."""
        units: dict[Service, int] = {}
        for (pledge, line), periods in self.units.presence.items():
            for period, columns in periods.items():
                if count := round(sum(float(values[column]) for column in columns)):
                    units[pledge, line, period] = count
        return Ready(units, frozenset(key for key, column in self.leads.items() if values[column] > 0.5))

    def of_plan(self, plan: Plan, built: Built) -> Ready:
        """What a plan made for one scenario makes ready: what it sends, and who leads in it."""
        columns = (plan.assignments[name].tolist() for name in ("pledge", "requirement", "period", "units"))
        units = {(str(p), str(r), int(t)): int(u) for p, r, t, u in zip(*columns, strict=True)}
        leading = plan.participation[plan.participation["leads"].astype(bool)]
        found = set()
        for row in leading.to_dict("records"):
            nation, mission, area = (str(row[name]) for name in ("nation", "mission", "area"))
            said = str(row["lead_terms"]) if isinstance(row["lead_terms"], (str, int)) else ""
            for term in terms_of_lead(built.assembly.situation, (mission, area)):
                if not said or str(term) in said.split(";"):
                    spans = self.spans(mission, area, term, built.assembly.situation)
                    found |= {(nation, mission, area, span) for span in spans}
        return Ready(units, frozenset(found))


def first_stage(cases: Sequence[Built]) -> FirstStage:
    """The first stage of some scenarios, from their models."""
    situations = tuple(built.assembly.situation for built in cases)
    readiness = _readiness(situations)
    builder = ModelBuilder()
    units = availability.add(builder, readiness, exact_moves=False, lift_matters=False, bound_by_caps=False)
    _add_caps(builder, units, situations)
    leads = _add_leads(builder, cases)
    linear = builder.finish(())
    linear = replace(linear, places=places_of(linear, readiness, units))
    return FirstStage(situations, readiness, linear, units, leads)


def _readiness(situations: Sequence[Situation]) -> Readiness:
    first = situations[0]
    lines: dict[str, Line] = {}
    posts: dict[PostKey, Post] = {}
    offers: dict[str, list[Pledge]] = {}
    periods: dict[Pair, set[int]] = {}
    for situation in situations:
        lines |= {name: line for name, line in situation.lines.items() if name not in lines}
        posts |= {key: post for key, post in situation.posts.items() if key not in posts}
        for name, pledge in situation.pledges.items():
            offers.setdefault(name, []).append(pledge)
        for pair, when in situation.services.items():
            periods.setdefault(pair, set()).update(when)
    order = {name: number for number, name in enumerate(lines)}
    pairs = sorted(periods, key=lambda pair: (pair[0], order[pair[1]]))
    same: dict[str, Any] = {one.name: getattr(first, one.name) for one in fields(Situation)}
    same |= {
        "pledges": {name: _loosest(offers[name]) for name in sorted(offers)},
        "lines": lines,
        "posts": dict(sorted(posts.items())),
        "limits": (),
        "has_routes": False,
    }
    return Readiness(**same, open={pair: tuple(sorted(periods[pair])) for pair in pairs})


def _loosest(offers: Sequence[Pledge]) -> Pledge:
    """A pledge as the most generous of the scenarios has it; where they differ in its rotation, only its units count."""
    tours = {(offer.tour, offer.dwell) for offer in offers}
    first = offers[0]
    return replace(
        first,
        quantity=max(offer.quantity for offer in offers),
        available=max(offer.available for offer in offers),
        periods=tuple(sorted({period for offer in offers for period in offer.periods})),
        tour=first.tour if len(tours) == 1 else None,
        dwell=first.dwell if len(tours) == 1 else 0,
        deployed_at_start=min(offer.deployed_at_start for offer in offers) if len(tours) == 1 else 0,
    )


def _add_caps(builder: ModelBuilder, units: Units, situations: Sequence[Situation]) -> None:
    """What each nation says of itself: people and units at a time, and the budget."""
    pairs = units.pairs
    nations = list(situations[0].nations)
    for column, measure in _PER_PERIOD.items():
        amounts = _least(units, situations, lambda one, p, r, of=measure: one.measure(of, p, r))  # type: ignore[misc]
        for nation, cap in _caps(situations, column).items():
            mine = units.here.where((pairs.nation == nations.index(nation))[units.here.pair])
            for period in np.unique(mine.period).tolist():
                now = mine.where(mine.period == period)
                builder.add_row(f"ready_{measure}", (nation, period), now.column, amounts[now.pair], upper=cap)
    presence = _least(units, situations, lambda one, p, r: one.measure("cost", p, r))
    moves = _least(units, situations, lambda one, p, r: one.costs.move(one.pledges[p], one.lines[r]))
    concerned = frozenset[str]().union(*(funded(situation.funds) for situation in situations))
    for nation, cap in _caps(situations, "budget").items():
        if nation not in concerned:
            mine_alone = pairs.nation == nations.index(nation)
            here, moving = (counts.where(mine_alone[counts.pair]) for counts in (units.here, units.moves))
            columns, values = _joined((here, presence), (moving, moves))
            if len(columns):
                builder.add_row("ready_budget", (nation,), columns, values, upper=cap)


def _joined(*parts: tuple[Counts, FloatArray]) -> tuple[IntArray, FloatArray]:
    columns = np.concatenate([counts.column for counts, _ in parts])
    return columns, np.concatenate([amounts[counts.pair] for counts, amounts in parts])


def _least(units: Units, situations: Sequence[Situation], amount: Callable[[Situation, str, str], float]) -> FloatArray:
    """Per pair the least that a unit has of something in any scenario in which it may serve."""
    found = np.full(len(units.pairs.names), np.inf)
    for situation in situations:
        for number, (pledge, line) in enumerate(units.pairs.names):
            if pledge in situation.pledges and line in situation.lines:
                found[number] = min(found[number], amount(situation, pledge, line))
    return found


def _caps(situations: Sequence[Situation], column: str) -> dict[str, float]:
    """The largest cap of each nation over the scenarios; none where one of them has none."""
    found: dict[str, list[float | None]] = {}
    for situation in situations:
        for row in situation.tables.rows("nations"):
            found.setdefault(row["nation"], []).append(row[column])
    known = {nation: [cap for cap in caps if cap is not None] for nation, caps in found.items()}
    return {nation: float(max(caps)) for nation, caps in known.items() if len(caps) == len(situations)}


def _same_terms(situations: Sequence[Situation], post: PostKey) -> bool:
    return len({situation.posts[post].lead_term for situation in situations if post in situation.posts}) == 1


def _add_leads(builder: ModelBuilder, cases: Sequence[Built]) -> Mapping[LeadKey, int]:
    """Who may be named: at most one nation per post and term."""
    situations = [built.assembly.situation for built in cases]
    keys: dict[LeadKey, None] = {}
    for built in cases:
        for nation, mission, area, term in built.leads:
            same = _same_terms(situations, (mission, area))
            spans = [term] if same else terms_of_lead(built.assembly.situation, (mission, area))[term]
            keys |= dict.fromkeys((nation, mission, area, span) for span in spans)
    leads = builder.add_columns("leads", list(keys), integer=True)
    by_post: dict[tuple[str, str, int], list[int]] = {}
    for (_, mission, area, span), column in leads.items():
        by_post.setdefault((mission, area, span), []).append(column)
    for key, columns in by_post.items():
        builder.add_row("one_named", key, columns, [1.0] * len(columns), upper=1.0)
    return leads
