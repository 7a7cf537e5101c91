"""Puts the rule families together: a loop over the list, in the order of `docs/design/001-semantics.md`."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.rule import Rule
from optimizer.instance.situation import Pair, Route, Selection, Situation
from optimizer.model import aims
from optimizer.model.builder import ModelBuilder
from optimizer.model.families import (
    agreed,
    availability,
    burden,
    caveats,
    commitment,
    coverage,
    enablers,
    funding,
    instruments,
    lead,
    limits,
    links,
    movement,
    participation,
    steadiness,
    units,
)
from optimizer.model.families.units import Units
from optimizer.model.family import Assembly, Columns, Family, Rows
from optimizer.model.linear import IntArray, LinearModel, Places
from optimizer.model.pairs import numbers

FAMILIES: tuple[Family, ...] = (
    instruments.FAMILY,
    availability.FAMILY,
    caveats.FAMILY,
    coverage.FAMILY,
    participation.FAMILY,
    steadiness.FAMILY,
    agreed.FAMILY,
    lead.FAMILY,
    links.FAMILY,
    enablers.FAMILY,
    movement.FAMILY,
    commitment.FAMILY,
    funding.FAMILY,
    burden.FAMILY,
    limits.FAMILY,
)
"""All rule families, in the order in which they add their parts: each may use what those before it have added."""

COLUMNS: Mapping[str, Columns] = {
    name: columns for family in FAMILIES for name, columns in family.columns.items()
} | aims.COLUMNS
"""The columns that a model may have, by name."""

ROWS: Mapping[str, Rows] = {name: rows for family in FAMILIES for name, rows in family.rows.items()} | aims.ROWS
"""The rows that a model may have, by name."""


@dataclass(frozen=True)
class Built:
    """The model with what is needed to read a solution: units, leads, instruments, flows and what funds pay as columns."""

    linear: LinearModel
    units: Units
    leads: Mapping[lead.LeadKey, int]
    instruments: Mapping[str, int]
    flows: Mapping[movement.FlowKey, int]
    amounts: Mapping[funding.AmountKey, int]
    routes: Mapping[str, Route]
    assembly: Assembly


def rules_of(situation: Situation) -> list[Rule]:
    """Every rule in force in a situation, family by family."""
    return [rule for family in FAMILIES for rule in family.rules(situation)]


def rules_of_row(situation: Situation, name: str, key: tuple[object, ...]) -> tuple[str, ...]:
    """The ids of the rules that a row of the model states; empty for rows that only define columns."""
    stated = ROWS[name].rule
    return () if stated is None else stated(situation, key)


def excess_is_useless(situation: Situation) -> bool:
    """Whether no rule and no aim can reward more units on a line than its target asks for.

    Then no more than ⌈target / yield⌉ units of a pledge need be on a line (or start a tour there) at a time.
    """
    return not (aims.rewards_excess(situation) or any(family.rewards_excess(situation) for family in FAMILIES))


def unit_bounds(situation: Situation) -> Mapping[Pair, int]:
    """Most units of a pledge on a line at a time, as the model has them."""
    return units.unit_bounds(situation, excess_is_useless=excess_is_useless(situation))


def costs_must_be_exact(situation: Situation) -> bool:
    """Whether some rule or aim could gain by counting more moves or cost than there are."""
    return aims.rewards_cost(situation) or any(family.rewards_cost(situation) for family in FAMILIES)


def build(
    situation: Situation,
    baseline: aims.Baseline | None = None,
    presence_link: str = "per_pledge",
    *,
    commitment: bool = False,
    exact: bool = False,
) -> Built:
    """The model of a situation.

    Args:
        situation: one scenario of an instance.
        baseline: units per (pledge, requirement, period) of the plan that the aim `changes` compares with.
        presence_link: how presence is tied to units, see `optimizer.model.families.participation`.
        commitment: whether what is made ready is a decision of its own, see `optimizer.model.families.commitment`.
        exact: whether every column means what its name says whatever is added to the model: no bound follows from another
            rule than the pledge's own stock, and indicators and moves are tied to units from both sides.
    """
    assembly = Assembly(
        ModelBuilder(),
        situation,
        baseline,
        presence_link,
        commitment,
        exact,
        exact_costs=exact or costs_must_be_exact(situation),
        excess_is_useless=not exact and excess_is_useless(situation),
    )
    # What is collected is kept: looking for garbage among it would take longer than making it.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _build(assembly)
    finally:
        if collecting:
            gc.enable()


def _build(assembly: Assembly) -> Built:
    for family in FAMILIES:
        family.add(assembly)
    for family in FAMILIES:
        family.join(assembly)
    levels = aims.add(assembly)
    if assembly.exact:
        # So that the costs of taking part can be told of every nation, whatever the aims are.
        assembly.participation.costs(Selection())
    for family in FAMILIES:
        family.cap(assembly)
    linear, situation = assembly.builder.finish(levels), assembly.situation
    return Built(
        replace(linear, places=places_of(linear, situation, assembly.units)),
        assembly.units,
        assembly.leads,
        assembly.instruments,
        assembly.flows,
        assembly.amounts,
        {route.name: route for route in situation.routes},
        assembly,
    )


def places_of(linear: LinearModel, situation: Situation, units: Units) -> Places:
    """Nation, post, period and area of every column: of those that count units by their numbers, of the others by their keys."""
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
        kind, count = COLUMNS[family.name], len(family.keys)
        here = slice(family.start, family.start + count)
        if kind.decides:
            decide[here] = True
        elif count:
            parts = list(zip(*family.keys, strict=True))
            if kind.pledge is not None:
                nation[here] = [nation_of[one] for one in parts[kind.pledge]]
            if kind.line is not None:
                post[here] = [post_of[one] for one in parts[kind.line]]
            if kind.nation is not None:
                nation[here] = [nations[one] for one in parts[kind.nation]]
            if kind.post is not None:
                post[here] = [posts[key] for key in zip(parts[kind.post], parts[kind.post + 1], strict=True)]
            if kind.area is not None:
                area[here] = [areas[one] for one in parts[kind.area]]
            if kind.period is not None:
                period[here] = [when if isinstance(when, int) else -1 for when in parts[kind.period]]
    return Places(nation, post, period, area, *_of_posts(situation, areas), decide)


def _of_posts(situation: Situation, areas: Mapping[str, int]) -> tuple[IntArray, IntArray]:
    """The area and the mission of each post, by number."""
    missions = numbers(dict.fromkeys(mission for mission, _ in situation.posts))
    area_of_post = np.array([areas[one] for _, one in situation.posts], dtype=np.int64)
    return area_of_post, np.array([missions[one] for one, _ in situation.posts], dtype=np.int64)
