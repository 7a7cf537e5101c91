"""Which rules would have to go, each set of them together, before a nation can serve at a post at all."""

from __future__ import annotations

import time
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
from optimizer.studies.why.conflict import HELD, liftable, lifted
from optimizer.studies.why.judge import Judge

MOST_LIFTED: Final = 30
"""Rules that are lifted one by one where no plan lets a nation serve."""
MOST_TRIED: Final = 12
"""Services that the verifier is asked about, in a plan and by themselves."""
MOST_SETS: Final = 4
TRIAL_SECONDS: Final = 10.0
LARGE_SECONDS: Final = 40.0
"""The longest that one question whether there is any plan may take in a large model, and all of them together."""
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
        large: only what the verifier names is tried, and not for long: a set may then hold a rule that could be spared.

    Raises:
        Stopped: no time is left.
    """
    known: dict[frozenset[str], bool] = {}
    until = time.monotonic() + LARGE_SECONDS

    def lets(names: Iterable[str]) -> bool:
        key = frozenset(names)
        if key not in known:
            if large and time.monotonic() > until:
                return False
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
    found += [
        _spared(names, lets) for names in named if not any(set(one) <= set(names) for one in found) and lets(names)
    ]
    if not found:
        # What is lifted lets others in, whose rules then bind, or a way there is missing: all together, and what can be spared is kept again.
        more = () if large else (rule.id for rule in liftable(judge.instance, list(rules.values())))
        every = tuple(dict.fromkeys((*(name for names in named for name in names), *alone, *more)))
        if len(every) > 1 and lets(every):
            found.append(_spared(every, lets))
    return _smallest(found)


def _spared(names: RuleSet, lets: Callable[[Iterable[str]], bool]) -> RuleSet:
    """Without what can be spared: half of the rules at a time as long as that goes, then one by one."""
    left = list(names)
    while len(left) > 3:
        half = len(left) // 2
        part = next((part for part in (left[half:], left[:half]) if lets(part)), None)
        if part is None:
            break
        left = part
    for name in list(left):
        others = [other for other in left if other != name]
        if others and lets(others):
            left = others
    return tuple(left)


def _broken(
    judge: Judge, plan: Plan, rules: Mapping[str, Rule], services: Sequence[tuple[str, str, tuple[int, ...]]]
) -> Iterator[RuleSet]:
    """The rules that can be lifted among those that the verifier names if one unit serves in one period, or in all, beside the plan or alone."""
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
                # What has no name, and what is data, follows from the other choices that a plan makes; solving tells.
                names = dict.fromkeys(str(violation.source) for violation in found.violations)
                mine = tuple(name for name in names if name in rules and _can_go(rules[name]))
                if mine:
                    yield mine


def _can_go(rule: Rule) -> bool:
    return (rule.table, rule.column) not in HELD


def _smallest(sets: Iterable[RuleSet]) -> tuple[RuleSet, ...]:
    """Those that hold no other one, the smallest first."""
    found: list[RuleSet] = []
    for one in sorted(dict.fromkeys(sets), key=lambda names: (len(names), names)):
        if not any(set(other) <= set(one) for other in found):
            found.append(one)
    return tuple(found)
