"""Why a requirement line of a plan is open: the first reason that holds, established by solving, per line and period."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from optimizer.instance.admissible import NO_YIELD, window_mask
from optimizer.instance.instance import Row
from optimizer.instance.rule import Rule
from optimizer.plan.plan import Plan
from optimizer.studies.why.judge import Stopped
from optimizer.studies.why.lines import ABOVE, SLIGHT, Lines, Together, span
from optimizer.studies.why.losses import Loss
from optimizer.studies.why.missing import Missing
from optimizer.studies.why.reason import (
    BELOW_THRESHOLD,
    CAPPED,
    ELSEWHERE,
    EXHAUSTED,
    FORBIDDEN,
    NOT_KNOWN,
    NOTHING_PLEDGED,
    Reason,
    sentence_of,
)

_PARTNERS: Final = frozenset({"min_nations", "lead", "min_contingent"})
_CAUSES_SHARE: Final = 0.6
"""The share of the time for the reasons of a large plan; the rest is for what closing takes, and for what is missing."""


class Unsettled(Exception):  # noqa: N818 - it says what has happened
    """A question ended without proof."""


@dataclass(frozen=True)
class _Cause:
    """What holds in one period."""

    reason: str
    rules: tuple[str, ...] = ()
    pledges: tuple[str, ...] = ()


_ANY: Final = _Cause(NOT_KNOWN)


@dataclass(frozen=True)
class _Open:
    """A line with the periods in which it is open: the share that it has, and what is missing."""

    row: Row
    shares: Mapping[int, float]
    gaps: Mapping[int, float]
    mounted: Mapping[int, bool]
    weight: float
    """What is missing, in shares of the target, times the weights of the line and its mission: what is asked first."""

    @property
    def name(self) -> str:
        return str(self.row["requirement"])


def find_reasons(
    plan: Plan,
    *,
    line: str | None = None,
    seconds: float | None = None,
    seed: int = 0,
    report: Callable[[Reason], None] = lambda _: None,
) -> list[Reason]:
    """The reasons for all open lines of a plan, or for one line, in the order of the lines."""
    lines = Lines(plan, seconds, seed)
    asked = sorted(_open_lines(plan, lines, line), key=lambda one: -one.weight)
    found = _in_turns(lines, asked, report) if lines.large else _one_by_one(lines, asked, report)
    order = {row["requirement"]: place for place, row in enumerate(lines.situation.tables.rows("requirements"))}
    return sorted(found, key=lambda one: (order[one.requirement], one.periods))


def _one_by_one(lines: Lines, asked: Sequence[_Open], report: Callable[[Reason], None]) -> list[Reason]:
    found = []
    for one in asked:
        for cause, periods in _by_cause(lines, one).items():
            found.append(_told(lines, one, cause, periods))
            report(found[-1])
    return found


def _by_cause(lines: Lines, one: _Open) -> dict[_Cause, list[int]]:
    """What holds, with the periods in which it does."""
    causes, found = _Causes(lines, one), dict[_Cause, list[int]]()
    for period in one.shares:
        found.setdefault(causes.cause(period), []).append(period)
    return found


def _in_turns(lines: Lines, asked: Sequence[_Open], report: Callable[[Reason], None]) -> list[Reason]:
    """The reasons of a large plan: first what holds for every line, each in an equal part of the time; then what is told beside it, in the same way."""
    known: dict[str, dict[_Cause, list[int]]] = {}
    for share in (_CAUSES_SHARE, 1.0 - _CAUSES_SHARE):
        waiting = [one for one in asked if any(cause.reason == NOT_KNOWN for cause in known.get(one.name, {_ANY: []}))]
        for place, one in enumerate(waiting):
            lines.take_turn(len(waiting) - place, share)
            known[one.name] = _by_cause(lines, one)
    found = []
    waiting_too = [(one, cause, periods) for one in asked for cause, periods in known[one.name].items()]
    for place, (one, cause, periods) in enumerate(waiting_too):
        lines.take_turn(len(waiting_too) - place)
        found.append(_told(lines, one, cause, periods))
        report(found[-1])
    return found


def _open_lines(plan: Plan, lines: Lines, line: str | None) -> Iterable[_Open]:
    frame = plan.requirements
    for row in lines.situation.tables.rows("requirements"):
        name = row["requirement"]
        if line is not None and name != line:
            continue
        mine = frame[frame["requirement"] == name].to_dict("records")
        mine = [one for one in mine if one["gap"] > SLIGHT * one["target"]]
        if mine:
            asked, missions = lines.situation.lines[name], lines.situation.missions
            yield _Open(
                row,
                {int(one["period"]): float(one["fulfilled"] / one["target"]) for one in mine},
                {int(one["period"]): float(one["gap"]) for one in mine},
                {int(one["period"]): bool(one["mounted"]) for one in mine},
                sum(float(one["gap"] / one["target"]) for one in mine) * asked.weight * missions[asked.mission].weight,
            )


@dataclass
class _Causes:
    """The causes of one line's gaps."""

    lines: Lines
    open: _Open
    _post_rules: dict[str, list[Rule]] = field(default_factory=dict)

    def cause(self, period: int) -> _Cause:
        """The reason that holds in a period, with the rules and pledges that it names."""
        offered = self._offered(period)
        if not offered:
            return _Cause(NOTHING_PLEDGED)
        try:
            return self._by_solving(period, offered)
        except (Stopped, Unsettled, KeyboardInterrupt):
            return _ANY

    def _offered(self, period: int) -> list[Row]:
        """The pledges that yield what the line asks for, whose condition and window hold."""
        situation, bit = self.lines.situation, 1 << period - 1
        return [
            row
            for row in situation.tables.rows("pledges")
            if row["quantity"] > 0
            and situation.admissible.delivers(row, self.open.row)
            and situation.tables.when(row["condition"]) & window_mask(row, situation.horizon) & bit
        ]

    def _by_solving(self, period: int, offered: Sequence[Row]) -> _Cause:
        usable, bans = self._services(period, offered)
        if not usable and bans:
            rules = self._bans_that_help(period, bans)
            if rules:
                return _Cause(FORBIDDEN, rules)
        alone = self.lines.shares(self.open.name, list(self.open.shares))
        if self._gain(alone.most, period) > SLIGHT:
            return _Cause(ELSEWHERE, (), tuple(sorted(usable)))
        if not alone.proven.get(period, True):
            return _Cause(NOT_KNOWN)
        banning = dict.fromkeys(rule for rules in bans.values() for rule in rules)
        groups = {
            FORBIDDEN: [*(self.lines.rules[name] for name in banning), *self._partners()],
            BELOW_THRESHOLD: self._thresholds(),
            CAPPED: self._caps(),
        }
        gains = {reason: self._gained(period, rules) for reason, rules in groups.items()}
        reason = max(gains, key=lambda one: gains[one])
        if gains[reason] > SLIGHT:
            return _Cause(reason, self._needed(period, groups[reason], gains[reason]))
        every = [rule for rules in groups.values() for rule in rules]
        if (joint := self._gained(period, every)) > SLIGHT:
            needed = self._needed(period, every, joint)
            kinds = [one for one, rules in groups.items() if {rule.id for rule in rules} & set(needed)]
            return _Cause(kinds[0], needed)
        return _Cause(EXHAUSTED, (), tuple(sorted(usable or (row["pledge"] for row in offered))))

    def _services(self, period: int, offered: Sequence[Row]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
        """The pledges that may serve on the line in the period, and for those that only caveats ban, these caveats."""
        usable, bans = set(), {}
        for row in offered:
            reasons = self.lines.situation.admissible.reasons(row["pledge"], self.open.name, period)
            if not reasons:
                usable.add(str(row["pledge"]))
            elif NO_YIELD not in reasons and all(
                name.startswith("caveats/") or name.endswith(".tour") for name in reasons
            ):
                bans[str(row["pledge"])] = self._banning(row["pledge"], reasons)
        return usable, {pledge: rules for pledge, rules in bans.items() if rules}

    def _banning(self, pledge: str, reasons: Sequence[str]) -> tuple[str, ...]:
        """The caveats that ban a service; where a tour does not fit, those that ban it in the periods around."""
        mine = tuple(name for name in reasons if name.startswith("caveats/"))
        if mine:
            return mine
        all_ = self.lines.situation.admissible.refusals(pledge, self.open.name)
        return tuple(name for name in all_ if name.startswith("caveats/"))

    def _bans_that_help(self, period: int, bans: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The caveats of every banned pledge that could serve without them; of all together where no pledge could by itself."""
        found: dict[str, None] = {}
        for rules in dict.fromkeys(bans.values()):
            if self._gained(period, [self.lines.rules[name] for name in rules]) > SLIGHT:
                found |= dict.fromkeys(rules)
        if found:
            return tuple(found)
        every = [self.lines.rules[name] for name in dict.fromkeys(name for rules in bans.values() for name in rules)]
        gained = self._gained(period, every)
        return self._needed(period, every, gained) if gained > SLIGHT else ()

    def _gain(self, most: Mapping[int, float], period: int) -> float:
        return most.get(period, 0.0) - self.open.shares[period]

    def _gained(self, period: int, rules: Sequence[Rule]) -> float:
        """By how much of its target more the line could get in the period, coming first, without some rules.

        Raises:
            Unsettled: where it could be more than was found, in a large model; where it is not known whether it is anything, in a small one.
        """
        if not rules:
            return 0.0
        found = self.lines.shares(self.open.name, [period], rules)
        gained = self._gain(found.most, period) if period in found.most else 0.0
        if not found.proven.get(period, True) and (self.lines.large or gained <= SLIGHT):
            raise Unsettled
        return gained

    def _needed(self, period: int, rules: Sequence[Rule], gain: float) -> tuple[str, ...]:
        """A smallest set of the rules with which as much is gained: each is left out in turn, those first that alone bring least."""
        if self.lines.large:
            rules = self._broken(period, rules, gain)
        left = sorted(rules, key=lambda rule: self._gained(period, [rule])) if len(rules) <= 12 else list(rules)
        left = self._halved(period, left, gain)
        for rule in list(left):
            others = [one for one in left if one is not rule]
            if others and self._gained(period, others) >= gain - SLIGHT:
                left = others
        return tuple(rule.id for rule in left)

    def _broken(self, period: int, rules: Sequence[Rule], gain: float) -> Sequence[Rule]:
        """Those of the rules that the plan found without them breaks, where that much is gained without these alone."""
        broken = self.lines.broken(self.open.name, period, rules)
        fewer = [rule for rule in rules if rule.id in broken]
        return fewer if 0 < len(fewer) < len(rules) and self._gained(period, fewer) >= gain - SLIGHT else rules

    def _halved(self, period: int, rules: list[Rule], gain: float) -> list[Rule]:
        """Without halves that are not needed, as long as one can go."""
        while len(rules) > 3:
            half = len(rules) // 2
            kept = next(
                (part for part in (rules[half:], rules[:half]) if self._gained(period, part) >= gain - SLIGHT), None
            )
            if kept is None:
                break
            rules = kept
        return rules

    def _partners(self) -> list[Rule]:
        """Links, lead, least number of nations and least contingents: what keeps a service out that is allowed by itself."""
        post = f"posts/{self.open.row['mission']}:{self.open.row['area']}."
        return [
            rule
            for rule in self.lines.rules.values()
            if rule.table == "links"
            or (rule.column in _PARTNERS and (rule.table != "posts" or rule.id.startswith(post)))
        ]

    def _thresholds(self) -> list[Rule]:
        """The thresholds of the line's post."""
        post = self.open.row["mission"], self.open.row["area"]
        mine = {
            row["requirement"]
            for row in self.lines.situation.tables.rows("requirements")
            if (row["mission"], row["area"]) == post
        }
        return [rule for rule in self.lines.rules.values() if rule.column == "threshold" and rule.key in mine]

    def _caps(self) -> list[Rule]:
        """Caps, limits, `limit` caveats and enablers."""
        return [
            rule
            for rule in self.lines.rules.values()
            if rule.table in {"enablers", "limits"}
            or (rule.bend == "raise" and (rule.table, rule.column) != ("pledges", "quantity"))
        ]


def _told(lines: Lines, one: _Open, cause: _Cause, periods: Sequence[int]) -> Reason:
    loses: Loss | None = None
    more: tuple[float, float | None] | None = None
    missing: Missing | None = None
    if cause.reason in {CAPPED, BELOW_THRESHOLD, EXHAUSTED}:
        more = (0.0, 0.0)
    elif cause.reason == NOT_KNOWN:
        more = lines.more(one.name, periods, list(one.shares))
    try:
        if cause.reason == ELSEWHERE:
            loses = Loss(None, None)
            more = lines.more(one.name, periods, list(one.shares))
            together = lines.together(one.name, periods)
            more = _more(lines, one, periods, together) or more
            if together.shares and min(together.shares.values()) >= 1.0 - ABOVE:
                missing = Missing(())
        if cause.reason != NOT_KNOWN and missing is None:
            missing = lines.missing(one.name, periods, all_that_bends(lines))
        if cause.reason == ELSEWHERE and any(share > one.shares[t] + SLIGHT for t, share in together.shares.items()):
            loses = lines.loss(one.name, together.shares)
    except (Stopped, KeyboardInterrupt):
        pass
    gap = sum(one.gaps[t] for t in periods)
    reason = Reason(one.name, tuple(periods), gap, cause.reason, cause.rules, cause.pledges, "", loses, more, missing)
    return replace(reason, sentence=sentence_of(reason, lines.situation, lines.rules))


def _more(lines: Lines, one: _Open, periods: Sequence[int], together: Together) -> tuple[float, float | None] | None:
    """How much more the line could have in some periods at once, in its measure."""
    if not together.shares:
        return None
    target, now = lines.situation.lines[one.name].target, sum(one.shares[t] for t in periods)
    least = sum(together.shares.values()) - now
    bound = math.inf if together.bound is None else together.bound
    found = span(least, max(least, min(float(len(periods)), bound) - now), target)
    return found if together.bound is not None else (found[0], None)


def all_that_bends(lines: Lines) -> list[Rule]:
    """Every rule that may stand in the way of a line: caveats, partners, thresholds, caps, limits and support."""
    return [
        rule
        for rule in lines.rules.values()
        if rule.table in {"caveats", "links", "enablers", "limits"}
        or rule.column in {*_PARTNERS, "threshold"}
        or (rule.bend == "raise" and (rule.table, rule.column) != ("pledges", "quantity"))
    ]
