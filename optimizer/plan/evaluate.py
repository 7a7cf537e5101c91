"""The check of a plan: every rule, every aim and every table, from the instance's tables and the plan's rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from optimizer.instance.instance import Aim, Instance
from optimizer.plan.aims import AimValue, aim_values
from optimizer.plan.case import read_case
from optimizer.plan.derive import derive
from optimizer.plan.facts import Facts
from optimizer.plan.gather import SERVICE, Decisions, Rows, gather, records
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
from optimizer.plan.violation import Violation


@dataclass(frozen=True)
class Evaluation:
    """What the check finds.

    `aims`: the aims of the instance in order of solution. `frames`: the tables of the plan, see
    `optimizer.plan.frames.COLUMNS`.
    """

    violations: tuple[Violation, ...]
    aims: tuple[AimValue, ...]
    frames: Mapping[str, pd.DataFrame] = field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether the plan keeps every rule."""
        return not self.violations


def evaluate(
    instance: Instance,
    scenario: str | None,
    decisions: Decisions,
    baseline: Rows = None,
    aims: Sequence[Aim] | None = None,
) -> Evaluation:
    """Check a plan against a scenario of an instance.

    Args:
        instance: The instance.
        scenario: Name of the scenario; None takes the conditions' defaults.
        decisions: What the plan decides; without flows nothing moves.
        baseline: Assignments of the plan that `changes` compares with.
        aims: Replaces the aims of the instance.
    """
    case = read_case(instance, scenario, aims)
    facts = gather(case, decisions, baseline)
    movement = move(facts)
    counted = limits.count(facts, limits.expand(case), movement)
    violations = (
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
        *_start_violations(facts, decisions.starts),
    )
    measures = [aim.measure for aim in case.aims if aim.name == "burden_gap"]
    return Evaluation(
        violations=violations,
        aims=tuple(aim_values(facts, movement, case.aims)),
        frames=derive(facts, movement, limits.uses(facts, counted), measures[0] if measures else "cost"),
    )


def _start_violations(facts: Facts, starts: Rows) -> list[Violation]:
    """Tour starts that the plan states and presence does not show, or the other way round."""
    if starts is None:
        return []
    stated = {(str(p), str(r), int(t)): float(units) for p, r, t, units in records(starts, SERVICE) if float(units)}
    shown = {
        (*pair, int(t) + 1): float(facts.starts[index, t])
        for index, pair in enumerate(facts.services.pairs)
        if facts.case.pledges[pair[0]].tour is not None
        for t in np.flatnonzero(facts.starts[index])
    }
    broken = []
    for pledge, line, period in sorted(stated.keys() | shown.keys()):
        said, seen = stated.get((pledge, line, period), 0.0), shown.get((pledge, line, period), 0.0)
        if said != seen:
            message = f"{pledge} on {line}: {said:g} tours are said to start, but presence shows {seen:g}."
            broken.append(Violation("stated", pledge, line, period, said, seen, message))
    return broken
