"""Why there is no plan: a conflict of rules, irreducible, with everything else lifted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from optimizer.instance.conceding import Edit, with_edits
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.rule import Rule
from optimizer.model.assemble import rules_of
from optimizer.studies.why.judge import Judge, Stopped

HELD: Final = frozenset(
    {("pledges", "quantity"), ("requirements", "from"), ("requirements", "until"), ("posts", "lead_term")}
)
"""What is data and not lifted: quantities; and cells that ask for more, not less, when they are empty."""
_GONE_TOO: Final = {("pledges", "tour"): ("dwell", "deployed_at_start")}
"""Cells that mean nothing without another one of their row."""


@dataclass(frozen=True)
class Conflict:
    """Rules that leave no plan with all others lifted. `irreducible`: it is proven that any one left out gives a plan."""

    rules: tuple[Rule, ...]
    irreducible: bool


@dataclass
class _Tested:
    """Whether there is a plan under some of the rules only; each question is solved once."""

    judge: Judge
    rules: Sequence[Rule]
    known: dict[frozenset[str], bool | None] = field(default_factory=dict)

    def impossible(self, kept: Sequence[Rule]) -> bool:
        """Whether it is proven that no plan keeps these rules, every other one lifted."""
        key = frozenset(rule.id for rule in kept)
        if key not in self.known:
            self.known[key] = self._has_plan(key)
        return self.known[key] is False

    def _has_plan(self, kept: frozenset[str]) -> bool | None:
        try:
            instance = lifted(self.judge.instance, [rule for rule in self.rules if rule.id not in kept])
        except InvalidInstance:
            return None
        return self.judge.has_plan(instance)


def find_conflict(judge: Judge, report: Callable[[str], None] = lambda _: None) -> Conflict | None:
    """An irreducible conflict of an instance without a plan; None where there is a plan, or where none is known in time.

    Out of time, the conflict is as small as it is known to be.
    """
    rules = liftable(judge.instance, rules_of(judge.situation))
    tested = _Tested(judge, rules)
    best = rules
    try:
        if not tested.impossible(rules):
            return None
        report(f"No plan keeps all {len(rules)} rules; looking for those that are in conflict.")
        best = _smallest(tested, [], rules, given=False)
        if not tested.impossible(best):
            # Leaving rules out has not only loosened others: one by one, then.
            best = rules
        best = _reduced(tested, best)
    except (Stopped, KeyboardInterrupt):
        judge.interrupted = True
        return Conflict(tuple(best), irreducible=False)
    sure = all(tested.known.get(frozenset(one.id for one in best if one is not rule)) for rule in best)
    return Conflict(tuple(best), irreducible=sure)


def liftable(instance: Instance, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that may be part of a conflict. Shares of funds are data where they cannot all go: the funds of a service would pay more than its cost."""
    found = [rule for rule in rules if (rule.table, rule.column) not in HELD]
    shares = [rule for rule in found if (rule.table, rule.column) == ("funding", "share")]
    try:
        lifted(instance, found)
    except InvalidInstance:
        return [rule for rule in found if rule not in shares]
    return found


def _smallest(tested: _Tested, kept: list[Rule], among: list[Rule], *, given: bool) -> list[Rule]:
    """The rules of `among` that, with those kept, are in conflict (QuickXplain); `given`: whether some were kept just now."""
    if given and tested.impossible(kept):
        return []
    if len(among) == 1:
        return among
    half = len(among) // 2
    first, second = among[:half], among[half:]
    of_second = _smallest(tested, [*kept, *first], second, given=bool(first))
    of_first = _smallest(tested, [*kept, *of_second], first, given=bool(of_second))
    return [*of_first, *of_second]


def _reduced(tested: _Tested, rules: list[Rule]) -> list[Rule]:
    """Without what is superfluous, tried one by one."""
    left = list(rules)
    for rule in rules:
        others = [one for one in left if one is not rule]
        if tested.impossible(others):
            left = others
    return left


def lifted(instance: Instance, rules: Sequence[Rule]) -> Instance:
    """The instance of one scenario without some rules, read anew: rows deleted, cells emptied.

    Raises:
        InvalidInstance: it cannot be read without them.
    """
    edits = []
    for rule in rules:
        more = _GONE_TOO.get((rule.table, rule.column or ""), ())
        edits += [Edit(rule.table, rule.key, column) for column in (rule.column, *more)]
    return with_edits(instance, edits)
