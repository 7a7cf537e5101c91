"""What is left of a plan when nations leave and nothing is planned anew.

Their services are gone, and the instruments that they sponsor. A post that is now below a threshold, without its lead, or with fewer nations
than it needs counts as not mounted, period by period. Everything else stays as it was; the other rules that this breaks are listed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from optimizer.instance.cells import split_words
from optimizer.instance.instance import Instance
from optimizer.plan.aims import aim_values
from optimizer.plan.case import read_case
from optimizer.plan.facts import Facts
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.gather import gather
from optimizer.plan.rules import (
    agreed,
    availability,
    caveats,
    coverage,
    enablers,
    funding,
    lead,
    limits,
    links,
    participation,
    steadiness,
)
from optimizer.plan.rules import instruments as instrument_rules
from optimizer.plan.rules.movement import move
from optimizer.plan.services import Truths
from optimizer.plan.violation import Violation
from optimizer.studies.pooled import PooledPlan
from optimizer.studies.withdraw.leaving import Measure, without_nations


@dataclass(frozen=True)
class Kept:
    """What is left of a plan. `closed`: the posts that are not mounted any more, with their periods. `broken`: other rules that are broken now."""

    score: float
    closed: tuple[tuple[str, str, tuple[int, ...]], ...]
    broken: tuple[Violation, ...]


def remaining(plan: PooledPlan, instance: Instance, nations: Collection[str]) -> PooledPlan:
    """The services, leads and instruments of a plan that are left without some nations. `instance`: with all nations."""
    gone = {row["pledge"] for row in instance.rows("pledges") if row["nation"] in nations}
    sponsored = {
        row["instrument"]
        for row in instance.rows("instruments")
        if set(split_words(row["sponsors"] or "")) & set(nations)
    }
    return PooledPlan(
        tuple(row for row in plan.assignments if row[0] not in gone),
        tuple(row for row in plan.leads if row[0] not in nations),
        tuple(row for row in plan.instruments if row[0] not in sponsored),
        plan.flows,
        tuple(row for row in plan.funding if row[1] not in nations),
    )


def kept_of(instance: Instance, scenario: str | None, measure: Measure, plan: PooledPlan, out: Collection[str]) -> Kept:
    """What is left of a plan of `instance` when the nations `out` leave."""
    left = remaining(plan, instance, out)
    without = without_nations(instance, out)
    decisions = replace(left.decisions, flows=None)
    if instance.rows("routes"):
        flows = cheapest_flows(without, scenario, decisions.assignments, decisions.instruments)
        decisions = replace(decisions, flows=flows)
    facts = gather(read_case(without, scenario, measure.aims), decisions)
    before, standing = facts.mounted.copy(), _standing(facts)
    # Every figure and every rule below looks at what is still mounted.
    facts.__dict__["mounted"] = standing
    values = aim_values(facts, move(facts), measure.aims)
    old = gather(read_case(instance, scenario, measure.aims), replace(plan.decisions, flows=None)).mounted
    closed = tuple(
        (*post, tuple(int(t) + 1 for t in np.flatnonzero((old[j] | before[j]) & ~standing[j])))
        for j, post in enumerate(facts.case.posts)
    )
    return Kept(measure.score(values), tuple(row for row in closed if row[2]), _broken(facts))


def _standing(facts: Facts) -> Truths:
    """Which posts are mounted, period by period, of those where somebody serves or nobody need."""
    mounted = facts.mounted & facts.thresholds_met
    present = facts.present.sum(axis=0)
    for j, rules in enumerate(facts.case.posts.values()):
        mounted[j] &= present[j] >= int(rules["min_nations"] or 0)
        if rules["lead"] == "required":
            mounted[j] &= _led(facts, j)
    return np.asarray(mounted)


def _led(facts: Facts, j: int) -> Truths:
    """The periods in which a nation that is named for the term is at the post."""
    post, nations = list(facts.case.posts)[j], list(facts.case.nations)
    led = np.zeros(facts.case.periods, dtype=bool)
    for number, (first, last) in enumerate(lead.terms_of(facts, post), start=1):
        for nation in lead.leaders(facts, post, number):
            led[first - 1 : last] |= facts.present[nations.index(nation), j, first - 1 : last]
    return led


def _broken(facts: Facts) -> tuple[Violation, ...]:
    """The rules that what is left breaks. At posts that count as not mounted, those of mounted ones are silent."""
    movement = move(facts)
    counted = limits.count(facts, limits.expand(facts.case), movement)
    return (
        *facts.row_violations,
        *availability.check(facts),
        *coverage.check(facts),
        *limits.check(counted),
        *caveats.check(facts),
        *participation.check(facts),
        *steadiness.check(facts),
        *agreed.check(facts),
        *lead.check(facts),
        *links.check(facts),
        *enablers.check(facts),
        *funding.check(facts),
        *movement.violations,
        *instrument_rules.check(facts),
    )
