"""Why a requirement line of a plan is open: the first reason that holds, established by solving, per line and period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from optimizer.instance.admissible import NO_YIELD, window_mask
from optimizer.instance.instance import Row
from optimizer.instance.rule import Rule
from optimizer.instance.wording import in_periods
from optimizer.plan.plan import Plan
from optimizer.studies.why.judge import Stopped
from optimizer.studies.why.lines import SLIGHT, Lines, Loss
from optimizer.studies.why.words import figures, offers

NOT_KNOWN: Final = "not known in time"
NOTHING_PLEDGED: Final = "nothing pledged"
FORBIDDEN: Final = "forbidden"
BELOW_THRESHOLD: Final = "below threshold"
ELSEWHERE: Final = "better used elsewhere"
CAPPED: Final = "capped"
EXHAUSTED: Final = "exhausted"
_PARTNERS: Final = frozenset({"min_nations", "lead", "min_contingent"})


@dataclass(frozen=True)
class Reason:
    """Why a line is open in some periods. `gap`: what is missing in them together, in the measure of the capability.

    `rules`: ids of those that would have to bend; `pledges`: those that are used up, or used elsewhere; `loses`: what closing the gap as far as the
    line alone could takes from the first aim.
    """

    requirement: str
    periods: tuple[int, ...]
    gap: float
    reason: str
    rules: tuple[str, ...]
    pledges: tuple[str, ...]
    sentence: str
    loses: Loss | None = None

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "requirement": self.requirement,
            "periods": list(self.periods),
            "gap": self.gap,
            "reason": self.reason,
            "rules": list(self.rules),
            "pledges": list(self.pledges),
            "sentence": self.sentence,
            "loses": self.loses and self.loses.record(),
        }


@dataclass(frozen=True)
class _Cause:
    """What holds in one period."""

    reason: str
    rules: tuple[str, ...] = ()
    pledges: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Open:
    """A line with the periods in which it is open: the share that it has, and what is missing."""

    row: Row
    shares: Mapping[int, float]
    gaps: Mapping[int, float]
    mounted: Mapping[int, bool]

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
    found = []
    for one in _open_lines(plan, lines, line):
        causes = _Causes(lines, one)
        by_cause: dict[_Cause, list[int]] = {}
        for period in one.shares:
            by_cause.setdefault(causes.cause(period), []).append(period)
        for cause, periods in by_cause.items():
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
            yield _Open(
                row,
                {int(one["period"]): float(one["fulfilled"] / one["target"]) for one in mine},
                {int(one["period"]): float(one["gap"]) for one in mine},
                {int(one["period"]): bool(one["mounted"]) for one in mine},
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
        except (Stopped, KeyboardInterrupt):
            return _Cause(NOT_KNOWN)

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
        """By how much of its target more the line could get in the period, coming first, without some rules; in a large instance in all its open periods."""
        if not rules:
            return 0.0
        periods = list(self.open.shares) if self.lines.large else [period]
        most = self.lines.shares(self.open.name, periods, rules).most
        return sum(self._gain(most, one) for one in periods if one in most)

    def _needed(self, period: int, rules: Sequence[Rule], gain: float) -> tuple[str, ...]:
        """A smallest set of the rules with which as much is gained: each is left out in turn, those first that alone bring least."""
        left = sorted(rules, key=lambda rule: self._gained(period, [rule])) if len(rules) <= 12 else list(rules)
        left = self._halved(period, left, gain)
        for rule in list(left):
            others = [one for one in left if one is not rule]
            if others and self._gained(period, others) >= gain - SLIGHT:
                left = others
        return tuple(rule.id for rule in left)

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
    loses = None
    if cause.reason == ELSEWHERE:
        try:
            shares = lines.together(one.name, periods)
            more = any(share > one.shares[t] + SLIGHT for t, share in shares.items())
            loses = lines.loss(one.name, shares) if more else Loss(None, None)
        except (Stopped, KeyboardInterrupt):
            loses = Loss(None, None)
    gap = sum(one.gaps[t] for t in periods)
    sentence = _sentence(lines, one, cause, periods, loses)
    return Reason(one.name, tuple(periods), gap, cause.reason, cause.rules, cause.pledges, sentence, loses)


def _sentence(lines: Lines, one: _Open, cause: _Cause, periods: Sequence[int], loses: Loss | None) -> str:
    words = lines.situation.words
    what = f"{words.name('capability', one.row['capability'])} at {words.post(one.row)}"
    head = f"{what} ({one.name}) is open {in_periods(sum(1 << t - 1 for t in periods))}: "
    rules = " ".join(lines.rules[name].sentence for name in cause.rules if name in lines.rules)
    nations = {row["pledge"]: row["nation"] for row in lines.situation.tables.rows("pledges")}
    pledges = offers(words, nations, cause.pledges)
    return (
        head
        + {
            NOT_KNOWN: "why was not known in time.",
            NOTHING_PLEDGED: "nothing that is pledged for then delivers it.",
            FORBIDDEN: f"what could serve there may not. {rules}",
            BELOW_THRESHOLD: f"the post cannot be mounted, since a threshold cannot be reached. {rules}",
            ELSEWHERE: f"units of {pledges} could do more there, and are better used elsewhere{_loss(loses)}.",
            CAPPED: f"more could come if this did not bind. {rules}",
            EXHAUSTED: f"what is pledged is used up ({pledges}).",
        }[cause.reason]
    )


def _loss(loses: Loss | None) -> str:
    if loses is None or loses.value is None:
        return ""
    return f" (closing it as far as that goes takes {figures(loses.bound, loses.value)} from the first aim)"
