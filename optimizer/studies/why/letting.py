"""Which rules would have to go, each set of them together, before a nation can serve at a post at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from optimizer.instance.admissible import NO_YIELD, Admissible
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance, Row
from optimizer.instance.rule import Rule
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Plan
from optimizer.studies.why.conflict import HELD, lifted
from optimizer.studies.why.judge import Judge

MOST_LIFTED: Final = 30
"""Rules that are lifted one by one where no plan lets a nation serve."""
MOST_TRIED: Final = 12
"""Services that the verifier is asked about, in a plan and by themselves."""
MOST_SETS: Final = 4
TRIAL_SECONDS: Final = 10.0
"""The longest that one question whether there is any plan may take in a large model."""
RuleSet = tuple[str, ...]


def refusing_sets(
    admissible: Admissible, pledges: Iterable[Row], lines: Sequence[Row], periods: Sequence[int]
) -> tuple[RuleSet, ...]:
    """Of the services of these pledges the sets of rules that refuse them together, the smallest first; none of them holds another one.

    Whoever serves has at least one of these sets out of the way; whether that is enough, only a plan can tell.
    """
    found: dict[frozenset[str], RuleSet] = {}
    for pledge in pledges:
        for line in lines:
            for period in periods:
                rules = admissible.reasons(pledge["pledge"], line["requirement"], period)
                if rules and NO_YIELD not in rules:
                    found.setdefault(frozenset(rules), rules)
    return _smallest(found.values())


def letting_sets(
    judge: Judge,
    plan: Plan,
    rules: Mapping[str, Rule],
    must: Callable[[Instance], Instance],
    services: Sequence[tuple[str, str, tuple[int, ...]]],
    about: Callable[[Rule], bool],
    *,
    large: bool,
) -> tuple[RuleSet, ...]:
    """Sets of rules without which there is a plan with one of some services, though none of the set can be spared; each is solved for.

    The verifier says which rules break if one unit more serves, in the plan and all by itself. What it names is lifted together, and then kept
    rule by rule. Small models are also asked about each rule alone.

    Args:
        judge: solves.
        plan: without any of the services.
        rules: in force, by their ids.
        must: adds to an instance that one of the services takes place.
        services: pledge, line and admissible periods.
        about: whether a rule may be in the way at all.
        large: only what the verifier names is tried.

    Raises:
        Stopped: no time is left.
    """
    known: dict[frozenset[str], bool] = {}

    def lets(names: Iterable[str]) -> bool:
        key = frozenset(names)
        if key not in known:
            try:
                instance = must(lifted(judge.instance, [rules[name] for name in names]))
            except InvalidInstance:
                known[key] = False
            else:
                known[key] = judge.has_plan(instance, *((TRIAL_SECONDS,) if large else ())) is True
        return known[key]

    named = _smallest(_broken(judge, plan, rules, services))[:MOST_SETS]
    alone = [name for names in named for name in names] if large else [one.id for one in rules.values() if about(one)]
    found: list[RuleSet] = [(name,) for name in list(dict.fromkeys(alone))[:MOST_LIFTED] if lets((name,))]
    for names in named:
        if any(set(one) <= set(names) for one in found) or not lets(names):
            continue
        left = list(names)
        for name in names:
            others = [other for other in left if other != name]
            if others and lets(others):
                left = others
        found.append(tuple(left))
    return _smallest(found)


def _broken(
    judge: Judge, plan: Plan, rules: Mapping[str, Rule], services: Sequence[tuple[str, str, tuple[int, ...]]]
) -> Iterator[RuleSet]:
    """What the verifier names if one unit serves in one period, or in all, beside the plan or alone; only sets of rules that can be lifted."""
    columns = ["pledge", "requirement", "period", "units"]
    nobody = plan.assignments.loc[[], columns]
    for pledge, line, periods in services[:MOST_TRIED]:
        for others in (plan.assignments[columns], nobody):
            for served in dict.fromkeys(((periods[0],), periods)):
                one = pd.DataFrame([(pledge, line, period, 1) for period in served], columns=columns)
                together = pd.concat([others, one]) if len(others) else one
                units = together.groupby(columns[:3])["units"].sum().reset_index()
                decisions = Decisions(units, plan.participation, plan.instruments, plan.flows, funding=plan.funding)
                found = evaluate(judge.instance, judge.scenario, decisions, aims=judge.aims)
                names = tuple(dict.fromkeys(str(violation.source) for violation in found.violations))
                if names and all(name in rules and _can_go(rules[name]) for name in names):
                    yield names


def _can_go(rule: Rule) -> bool:
    return (rule.table, rule.column) not in HELD


def _smallest(sets: Iterable[RuleSet]) -> tuple[RuleSet, ...]:
    """Those that hold no other one, the smallest first."""
    found: list[RuleSet] = []
    for one in sorted(dict.fromkeys(sets), key=lambda names: (len(names), names)):
        if not any(set(other) <= set(one) for other in found):
            found.append(one)
    return tuple(found)
