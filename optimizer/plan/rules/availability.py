"""Family 1: who is available, and the rhythm of tours and rest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.case import is_above
from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import cell_of
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """Every service is possible as such, and no pledge is stretched beyond its quantity."""
    yield from _services(facts)
    yield from _quantities(facts)


def _services(facts: Facts) -> Iterator[Violation]:
    case, services = facts.case, facts.services
    for index, (name, line_name) in enumerate(services.pairs):
        pledge, line = case.pledges[name], case.lines[line_name]
        for t in np.flatnonzero((facts.units[index] > 0) & ~facts.admissible.leaves(name, line_name)):
            period, amount = int(t) + 1, float(facts.units[index, t])
            if period not in pledge.true_in:
                message = f"{name} serves on {line_name}, but the pledge exists only while {pledge.condition} is true."
                yield Violation(
                    "pledge_condition",
                    name,
                    line_name,
                    period,
                    amount,
                    0.0,
                    message,
                    cell_of("pledges", name, "condition"),
                )
            if services.amount[index] <= 0:
                message = f"{name} serves on {line_name}, but a {pledge.unit_type} delivers no {line.capability}."
                yield Violation("no_yield", name, line_name, period, amount, 0.0, message)
            if not pledge.first <= period <= pledge.last:
                message = f"{name} serves on {line_name}, but it is available only in periods {pledge.first} to {pledge.last}."
                side = "from" if period < pledge.first else "until"
                source = cell_of("pledges", name, side)
                yield Violation("pledge_window", name, line_name, period, amount, 0.0, message, source)
            if not line.is_active(period):
                message = (
                    f"{name} serves on {line_name}, which asks for nothing outside periods {line.first} to {line.last}."
                )
                side = "from" if period < line.first else "until"
                source = cell_of("requirements", line_name, side)
                yield Violation("line_window", name, line_name, period, amount, 0.0, message, source)


def _quantities(facts: Facts) -> Iterator[Violation]:
    case = facts.case
    rows_of: dict[str, list[int]] = {}
    for index, (name, _) in enumerate(facts.services.pairs):
        rows_of.setdefault(name, []).append(index)
    for name, rows in rows_of.items():
        pledge = case.pledges[name]
        if pledge.tour is None:
            present = facts.units[rows].sum(axis=0)
            for t in np.flatnonzero(present > pledge.usable):
                amount = float(present[t])
                if is_above(amount, pledge.usable):
                    held = (
                        ""
                        if pledge.usable == pledge.quantity
                        else f" ({pledge.quantity} pledged, the rotation keeps the rest at home)"
                    )
                    message = f"{name}: {amount:g} units serve, but only {pledge.usable} can at a time{held}."
                    source = cell_of("pledges", name, "quantity")
                    yield Violation(
                        "quantity", name, pledge.nation, int(t) + 1, amount, float(pledge.usable), message, source
                    )
            continue
        cycle = pledge.tour + pledge.dwell
        started = facts.starts[rows].sum(axis=0)
        for at in range(case.periods):
            amount = float(started[max(0, at - cycle + 1) : at + 1].sum())
            if at + 1 <= cycle - 1:
                amount += pledge.away_at_start
            # What was away at the start is no plan's doing: a period breaks the rule only through tours of the plan.
            if is_above(amount, pledge.quantity) and amount > pledge.away_at_start:
                message = f"{name}: {amount:g} units are out or at rest, but only {pledge.quantity} are pledged (tour {pledge.tour}, rest {pledge.dwell})."
                source = cell_of("pledges", name, "quantity")
                yield Violation(
                    "rotation", name, pledge.nation, at + 1, amount, float(pledge.quantity), message, source
                )
