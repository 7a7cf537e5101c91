"""Puts the rule families together: one line each, in the order of `docs/design/001-semantics.md`."""

from __future__ import annotations

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
from optimizer.model.rows import Key, LinearModel, ModelBuilder, Places


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
    enablers.add(builder, situation, units, used)
    flows = movement.add(builder, situation, units)
    if commitment:
        readiness.add(builder, situation, units)
    instruments.add_sponsors(nations)
    levels = aims.add(aims.Parts(builder, situation, units, covered, nations, flows, baseline))
    # Last: caps become tighter with the variables that the families before them made.
    limits.add(builder, situation, units, covered, nations, flows)
    linear = builder.finish(levels)
    return Built(
        replace(linear, places=places_of(linear, situation)),
        units,
        leads,
        used,
        flows,
        {route.name: route for route in situation.routes},
    )


def places_of(linear: LinearModel, situation: Situation) -> Places:
    """Nation, post, period and area of every column, read from its label."""
    nations = {name: number for number, name in enumerate(situation.nations)}
    posts = {key: number for number, key in enumerate(situation.posts)}
    post_of = {name: posts[line.post] for name, line in situation.lines.items()}
    nation_of = {name: nations[pledge.nation] for name, pledge in situation.pledges.items()}
    areas = {area: number for number, area in enumerate(sorted({line.area for line in situation.lines.values()}))}
    places = np.full((4, len(linear.lower)), -1, dtype=np.int64)
    units = np.zeros(len(linear.lower), dtype=np.bool_)

    def place(family: str, key: Key) -> tuple[int, int, int, int]:
        if family in {"starts", "present", "moves", "rises", "leaves", "change"}:
            return nation_of[key[0]], post_of[key[1]], key[2], -1
        if family == "is_present":
            return nations[key[0]], posts[key[1], key[2]], key[3], -1
        if family in {"serves", "leads"}:
            return nations[key[0]], posts[key[1], key[2]], -1, -1
        if family == "mounted":
            return -1, posts[key[0], key[1]], key[2], -1
        if family == "share":
            return -1, post_of[key[0]], key[1], -1
        if family == "flow":
            return -1, -1, key[2], areas[key[1]]
        if family == "takes_part":
            return nations[key[0]], -1, -1, -1
        if family == "serves_in_scope":
            return nations[key[1]], -1, -1, -1
        if family == "counted_nation":
            return nations[key[2]], -1, -1 if key[1] == "horizon" else key[1], -1
        return -1, -1, -1, -1

    for family in linear.columns:
        span = slice(family.start, family.start + len(family.keys))
        places[:, span] = np.array([place(family.name, key) for key in family.keys], dtype=np.int64).reshape(-1, 4).T
        units[span] = family.name in {"starts", "present"}
    area_of_post = np.array([areas[area] for _, area in situation.posts], dtype=np.int64)
    return Places(places[0], places[1], places[2], places[3], area_of_post, units)
