"""Puts the rule families together: one line each, in the order of `docs/design/001-semantics.md`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from optimizer.model.rows import LinearModel, ModelBuilder


@dataclass(frozen=True)
class Built:
    """The model with what is needed to read a solution: units, leads, instruments and flows as columns."""

    linear: LinearModel
    units: availability.Units
    leads: Mapping[lead.LeadKey, int]
    instruments: Mapping[str, int]
    flows: Mapping[movement.FlowKey, int]
    routes: Mapping[str, Route]


def build(situation: Situation, baseline: aims.Baseline | None = None, presence_link: str = "per_pledge") -> Built:
    """The model of a situation.

    Args:
        situation: one scenario of an instance.
        baseline: units per (pledge, requirement, period) of the plan that the aim `changes` compares with.
        presence_link: how presence is tied to units, see `optimizer.model.participation`.
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
    instruments.add_sponsors(nations)
    limits.add(builder, situation, units, covered, nations, flows)
    levels = aims.add(aims.Parts(builder, situation, units, covered, nations, flows, baseline))
    return Built(builder.finish(levels), units, leads, used, flows, {route.name: route for route in situation.routes})
