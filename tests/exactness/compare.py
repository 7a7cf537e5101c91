"""One random tiny instance through the whole corridor and through the oracle, and what differs.

Tolerances. A level's value and the oracle's optimum agree within `LEVEL` (relative to at least 1): a later level may
lean on the slack of the floors that keep the earlier ones (2e-7 of their value), which only shows where both trade the
same continuous quantity (shares, flows). Aims recomputed from the whole units of the plan lie within `FINAL` of the
range that they have over all plans which the oracle calls optimal after the last level; relative to the largest level,
since a sum of aims may lose its slack in its smallest part (routes that are a little dearer than they need be).
A level that leans on a slack may also keep a gap to its bound: `GAP` is not held against it. The level of the amounts that funds pay
only leads to a plan in which they are small: in the plan they are found anew, and are never more than the level had.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from optimizer.extraction import plan_of
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.plan.verify import verify
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Solution
from tests.oracle.brute import Outcome, Row, Tables
from tests.oracle.random_instances import tiny_with_outcomes

LEVEL = 2e-6
FINAL = 1e-6
GAP = 1e-5
AMOUNTS = "least amounts"
COLUMNS = ["pledge", "requirement", "period", "units"]


@dataclass
class Comparison:
    """What was asked and how the answers differ (empty: not at all)."""

    seed: int
    scenario: str | None
    feasible: bool
    termination: str = ""
    levels: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"seed {self.seed}, scenario {self.scenario}: " + "; ".join(self.differences)


def compare(seed: int, families: Collection[str], presence_link: str = "per_pledge") -> Comparison:
    """Solve one scenario of the instance of a seed, check the plan, and hold everything against the oracle."""
    tables, header, baseline, outcomes = tiny_with_outcomes(seed, frozenset(families))
    scenarios = list(outcomes)
    scenario = scenarios[seed % len(scenarios)]
    return compare_case(tables, header, baseline, scenario, outcomes[scenario], presence_link, seed)


def compare_case(
    tables: Tables,
    header: Row,
    baseline: list[Row] | None,
    scenario: str | None,
    outcome: Outcome,
    presence_link: str = "per_pledge",
    seed: int = 0,
) -> Comparison:
    """Solve an instance, check the plan, and hold everything against what the oracle said."""
    found = Comparison(seed, scenario, outcome.feasible)
    frame = None if baseline is None else pd.DataFrame(baseline, columns=COLUMNS)
    try:
        instance = Instance.from_tables(tables, header=header, impossible=True)
        _answer(found, instance, outcome, frame, presence_link)
    except Exception as error:  # any exception is a difference
        found.differences.append(f"{type(error).__name__}: {error}")
    return found


def _answer(
    found: Comparison, instance: Instance, outcome: Outcome, baseline: pd.DataFrame | None, presence_link: str
) -> None:
    situation = build_situation(instance, found.scenario)
    units = None if baseline is None else {tuple(row[:3]): int(row[3]) for row in baseline.itertuples(index=False)}
    built = build(situation, units, presence_link)
    options = SolveOptions()
    solution = solve_levels(built.linear, options)
    found.termination = solution.termination
    if (solution.termination == "infeasible") == outcome.feasible:
        found.differences.append(f"the tool says {solution.termination}, the oracle feasible={outcome.feasible}")
        return
    plan = plan_of(situation, built, solution, options, baseline)
    if not outcome.feasible:
        return
    open_levels = [
        level.name
        for level in solution.levels
        if level.termination != "optimal"
        and level.name != AMOUNTS
        and (level.value is None or level.bound is None or abs(level.value - level.bound) > GAP)
    ]
    if open_levels:
        found.differences.append(f"not optimal but {solution.termination}: {', '.join(open_levels)}")
    found.differences += _level_differences(found, solution, outcome)
    for level in solution.levels:
        paid = float(plan.funding["amount"].sum())
        if level.name == AMOUNTS and level.value is not None and paid > -level.value + LEVEL * max(1.0, paid):
            found.differences.append(f"funds pay {paid}, and the level needed only {-level.value}")
    evaluation = evaluate(
        instance,
        found.scenario,
        Decisions(
            plan.assignments,
            plan.participation,
            plan.instruments,
            plan.flows if instance.rows("routes") else None,
            funding=plan.funding,
        ),
        baseline=baseline,
        aims=situation.aims,
    )
    found.differences += [str(violation) for violation in evaluation.violations]
    values = [(item.aim.name, item.value) for item in evaluation.aims]
    if [name for name, _ in values] != [name for name, _ in outcome.aims]:
        found.differences.append(f"aims {values} instead of {outcome.aims}")
        return
    for (name, value), (low, high) in zip(values, outcome.final, strict=True):
        room = FINAL * max(1.0, abs(low), abs(high), *map(abs, outcome.levels))
        if value is None or not low - room <= value <= high + room:
            found.differences.append(f"{name} of the plan is {value}, of the optimal plans {low}..{high}")
    if instance.header.aims:
        stated = verify(instance, plan, baseline=baseline)
        if stated["value"].tolist() != plan.aims["value"].tolist():
            found.differences.append(f"verify says {stated['value'].tolist()}, the plan {plan.aims['value'].tolist()}")


def _level_differences(found: Comparison, solution: Solution, outcome: Outcome) -> list[str]:
    levels = [level for level in solution.levels if level.reported]
    found.levels = len(levels)
    if len(levels) != len(outcome.levels):
        return [f"{len(levels)} levels instead of {len(outcome.levels)}"]
    differences = []
    for level, optimum in zip(levels, outcome.levels, strict=True):
        # a ratio is minimised, the oracle's levels are maximised
        ratio = level.name == "burden_gap"
        value: Any = None if level.value is None else (-level.value if ratio else level.value)
        if value is None or abs(value - optimum) > LEVEL * max(1.0, abs(optimum)):
            differences.append(f"level {level.name}: {value} instead of {optimum}")
    return differences
