"""Puts the rule families together: one line each, in the order of `docs/design/001-semantics.md`."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.situation import Route, Situation
from optimizer.model import (
    aims,
    availability,
    coverage,
    enablers,
    instruments,
    lead,
    limits,
    links,
    movement,
    participation,
)
from optimizer.model import commitment as readiness
from optimizer.model.pairs import numbers
from optimizer.model.rows import LinearModel, ModelBuilder, Places


@dataclass(frozen=True)
class Built:
    """The model with what is needed to read a solution: units, leads, instruments and flows as columns."""

    linear: LinearModel
    units: availability.Units
    leads: Mapping[lead.LeadKey, int]
    instruments: Mapping[str, int]
    flows: Mapping[movement.FlowKey, int]
    routes: Mapping[str, Route]


def build(
    situation: Situation,
    baseline: aims.Baseline | None = None,
    presence_link: str = "per_pledge",
    *,
    commitment: bool = False,
) -> Built:
    """The model of a situation.

    Args:
        situation: one scenario of an instance.
        baseline: units per (pledge, requirement, period) of the plan that the aim `changes` compares with.
        presence_link: how presence is tied to units, see `optimizer.model.participation`.
        commitment: whether what is made ready is a decision of its own, see `optimizer.model.commitment`.
    """
    # What is collected is kept: looking for garbage among it would take longer than making it.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _build(situation, baseline, presence_link, commitment=commitment)
    finally:
        if collecting:
            gc.enable()


def _build(situation: Situation, baseline: aims.Baseline | None, presence_link: str, *, commitment: bool) -> Built:
    builder = ModelBuilder()
    lift_matters = situation.has_routes or any(limit.measure == "lift" for limit in situation.limits)
    exact = limits.rewards_cost(situation)
    used = instruments.add(builder, situation)
    units = availability.add(builder, situation, exact_moves=exact, lift_matters=lift_matters)
    covered = coverage.add(builder, situation, units, used)
    nations = participation.Participation(builder, situation, units, used, presence_link, costs_must_be_exact=exact)
    participation.add(nations, covered)
    leads = lead.add(nations, covered)
    links.add(nations)
    enablers.add(builder, situation, units, used, covered)
    flows = movement.add(builder, situation, units)
    if commitment:
        readiness.add(builder, situation, units)
    instruments.add_sponsors(nations)
    levels = aims.add(aims.Parts(builder, situation, units, covered, nations, flows, baseline))
    # Last: caps become tighter with the variables that the families before them made.
    limits.add(builder, situation, units, covered, nations, flows)
    linear = builder.finish(levels)
    return Built(
        replace(linear, places=places_of(linear, situation, units)),
        units,
        leads,
        used,
        flows,
        {route.name: route for route in situation.routes},
    )


def places_of(linear: LinearModel, situation: Situation, units: availability.Units) -> Places:
    """Nation, post, period and area of every column: of those that count units by their numbers, of the others by their labels."""
    nations, posts = numbers(situation.nations), numbers(situation.posts)
    areas = numbers(sorted({line.area for line in situation.lines.values()}))
    post_of = {name: posts[line.post] for name, line in situation.lines.items()}
    nation_of = {name: nations[pledge.nation] for name, pledge in situation.pledges.items()}
    nation, post, period, area = np.full((4, len(linear.lower)), -1, dtype=np.int64)
    decide = np.zeros(len(linear.lower), dtype=np.bool_)
    # A start counts in several periods and goes home in another: that in which it moves in comes last.
    for counts in (units.leaves, units.here, units.moves):
        nation[counts.column] = units.pairs.nation[counts.pair]
        post[counts.column] = units.pairs.post[counts.pair]
        period[counts.column] = counts.period
    for family in linear.columns:
        if not family.keys:
            continue
        here = slice(family.start, family.start + len(family.keys))
        name = family.name
        if name in {"starts", "present"}:
            decide[here] = True
            continue
        parts = list(zip(*family.keys, strict=True))
        if name in {"rises", "change"}:
            nation[here] = [nation_of[pledge] for pledge in parts[0]]
            post[here] = [post_of[line] for line in parts[1]]
            period[here] = parts[2]
        elif name in {"is_present", "serves", "leads"}:
            nation[here] = [nations[one] for one in parts[0]]
            post[here] = [posts[key] for key in zip(parts[1], parts[2], strict=True)]
            if name == "is_present":
                period[here] = parts[3]
        elif name in {"mounted", "personnel_at"}:
            post[here] = [posts[key] for key in zip(parts[0], parts[1], strict=True)]
            period[here] = parts[2]
        elif name == "share":
            post[here] = [post_of[line] for line in parts[0]]
            period[here] = parts[1]
        elif name == "flow":
            area[here] = [areas[one] for one in parts[1]]
            period[here] = parts[2]
        elif name in {"takes_part", "serves_in_scope", "counted_nation"}:
            nation[here] = [nations[one] for one in parts[-1]]
            if name == "counted_nation":
                period[here] = [-1 if when == "horizon" else when for when in parts[1]]
    area_of_post = np.array([areas[one] for _, one in situation.posts], dtype=np.int64)
    missions = numbers(dict.fromkeys(mission for mission, _ in situation.posts))
    mission_of_post = np.array([missions[one] for one, _ in situation.posts], dtype=np.int64)
    return Places(nation, post, period, area, area_of_post, mission_of_post, decide)
