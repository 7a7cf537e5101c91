"""Why a nation serves at a post, and why it does not: what refuses it, or what the first aim loses if it must, or must not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optimizer.extraction import units_of
from optimizer.instance.admissible import NO_YIELD, periods_of, window_mask
from optimizer.instance.conceding import with_rows
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance, Row
from optimizer.instance.rule import Rule
from optimizer.instance.wording import in_periods
from optimizer.model.assemble import rules_of
from optimizer.plan.plan import Plan
from optimizer.solving.options import SolveOptions
from optimizer.studies.why.conflict import lifted
from optimizer.studies.why.judge import Judge, Stopped, Verdict, same
from optimizer.studies.why.lines import options_within
from optimizer.studies.why.losses import Loss
from optimizer.studies.why.words import amount

NOTHING_PLEDGED: Final = "nothing pledged"
REFUSED: Final = "refused"
RULED_OUT: Final = "ruled out"
ELSEWHERE: Final = "better used elsewhere"
NEEDED: Final = "needed"
AS_GOOD: Final = "as good"
NOT_KNOWN: Final = "not known in time"
MOST_LIFTED: Final = 30
"""Rules that are lifted one by one where no plan lets a nation serve."""
SHOWN_MOVES: Final = 4


@dataclass(frozen=True)
class Move:
    """By how many unit-periods a nation's presence at a post changes."""

    nation: str
    mission: str
    area: str
    change: int


@dataclass(frozen=True)
class Presence:
    """Why a nation is, or is not, at a post in some periods of a plan.

    `reason`: `nothing pledged`, `refused` (rules forbid each of its pledges), `ruled out` (admissible by itself, but in no plan), `better used
    elsewhere`, `needed` (it serves, and without it the first aim is worse), `as good` (with or without), `not known in time`.
    `rules`: ids of those that refuse it, or that alone would have to go. `loses`: what the first aim loses if it must serve, or must not.
    `moves`: who else comes or goes then, in unit-periods.
    """

    nation: str
    mission: str
    area: str
    periods: tuple[int, ...]
    serves: bool
    reason: str
    rules: tuple[str, ...]
    pledges: tuple[str, ...]
    sentence: str
    loses: Loss | None = None
    moves: tuple[Move, ...] = ()

    def record(self) -> dict[str, Any]:
        """The machine form."""
        moves = [{"nation": m.nation, "mission": m.mission, "area": m.area, "change": m.change} for m in self.moves]
        return {
            "nation": self.nation,
            "mission": self.mission,
            "area": self.area,
            "periods": list(self.periods),
            "serves": self.serves,
            "reason": self.reason,
            "rules": list(self.rules),
            "pledges": list(self.pledges),
            "sentence": self.sentence,
            "loses": self.loses and self.loses.record(),
            "moves": moves,
        }


@dataclass(frozen=True)
class _Place:
    """A post, its lines, and the periods that are asked about, in each of which some line is active."""

    mission: str
    area: str
    lines: tuple[Row, ...]
    periods: tuple[int, ...]


def find_presence(
    plan: Plan,
    nation: str,
    post: tuple[str, str] | None = None,
    period: int | None = None,
    *,
    seconds: float | None = None,
    seed: int = 0,
    report: Callable[[Presence], None] = lambda _: None,
) -> list[Presence]:
    """Why a nation is or is not at one post, or at each where units of it serve or deliver something, in a period or over all."""
    asked = _Asked(plan, nation, Judge(plan.instance, plan.scenario, seconds=seconds, seed=seed, any_aim=True))
    found = []
    for place in asked.places(period):
        if post is not None and (place.mission, place.area) != post:
            continue
        one = asked.about(place)
        if post is None and one.reason == NOTHING_PLEDGED:
            continue
        found.append(one)
        report(one)
    return found


class _Asked:
    """The questions about one nation in a plan."""

    def __init__(self, plan: Plan, nation: str, judge: Judge) -> None:
        self.plan, self.nation, self.judge = plan, nation, judge
        self.situation = judge.situation
        self.rules = {rule.id: rule for rule in rules_of(self.situation)}
        self.units = units_of(plan) or {}
        self.now = judge.score(judge.check(judge.instance, plan))
        self.large = judge.is_large
        self.nation_of = {row["pledge"]: row["nation"] for row in self.situation.tables.rows("pledges")}
        self.mine = [row for row in self.situation.tables.rows("pledges") if row["nation"] == nation]

    def places(self, period: int | None) -> Iterator[_Place]:
        """The posts at which something is asked for, in the order of their first lines."""
        by_post: dict[tuple[str, str], list[Row]] = {}
        for row in self.situation.tables.rows("requirements"):
            by_post.setdefault((row["mission"], row["area"]), []).append(row)
        for (mission, area), lines in by_post.items():
            active = 0
            for row in lines:
                active |= window_mask(row, self.situation.horizon)
            if period is not None:
                active &= 1 << period - 1
            if active:
                yield _Place(mission, area, tuple(lines), periods_of(active))

    def about(self, place: _Place) -> Presence:
        """The answer about one post."""
        there = {line["requirement"] for line in place.lines}
        serving = {
            (pledge, t)
            for (pledge, line, t), units in self.units.items()
            if units and line in there and t in place.periods and self.nation_of[pledge] == self.nation
        }
        if serving:
            periods = tuple(sorted({t for _, t in serving}))
            return self._serves(place, periods, tuple(sorted({pledge for pledge, _ in serving})))
        return self._absent(place)

    def _serves(self, place: _Place, periods: tuple[int, ...], pledges: tuple[str, ...]) -> Presence:
        verdict = self._solved(self._must_not(place, periods))
        if verdict is not None and verdict.impossible:
            return self._told(place, periods, NEEDED, (), pledges, serves=True)
        return self._weighed(place, periods, verdict, pledges, serves=True)

    def _absent(self, place: _Place) -> Presence:
        admissible, refused, able = self.situation.admissible, dict[str, None](), []
        open_: dict[str, None] = {}
        for pledge in self.mine:
            for line in place.lines:
                if not admissible.delivers(pledge, line):
                    continue
                able.append(pledge["pledge"])
                for t in place.periods:
                    reasons = admissible.reasons(pledge["pledge"], line["requirement"], t)
                    if not reasons:
                        open_[pledge["pledge"]] = None
                    refused |= dict.fromkeys(name for name in reasons if name != NO_YIELD)
        if not able:
            return self._told(place, place.periods, NOTHING_PLEDGED, (), (), serves=False)
        if not open_:
            named = tuple(dict.fromkeys(able))
            return self._told(place, place.periods, REFUSED, tuple(refused), named, serves=False)
        verdict = self._solved(self._must(place))
        if verdict is not None and verdict.impossible:
            rules = self._letting(place)
            return self._told(place, place.periods, RULED_OUT, rules, tuple(open_), serves=False)
        return self._weighed(place, place.periods, verdict, tuple(open_), serves=False)

    def _must(self, place: _Place) -> list[Row]:
        """The nation serves at the post in one of its periods at least; between them nothing is asked for."""
        return [self._limit(place, place.periods[0], place.periods[-1], {"minimum": 1})]

    def _must_not(self, place: _Place, periods: Sequence[int]) -> list[Row]:
        """The nation does not serve at the post in these periods."""
        return [self._limit(place, t, t, {"maximum": 0}) for t in periods]

    def _limit(self, place: _Place, first: int, last: int, bound: Row) -> Row:
        """A row of `limits` on the units of the nation at the post."""
        names = {row["limit"] for row in self.situation.tables.rows("limits")}
        name = f"asked {first}"
        while name in names:
            name += "+"
        where = {"nation": self.nation, "mission": place.mission, "area": place.area, "from": first, "until": last}
        return {"limit": name, "measure": "units", "per": "horizon", **where, **bound}

    def _solved(self, rows: Sequence[Row], base: Instance | None = None) -> Verdict | None:
        """The value with more limits; None: not known in time."""
        try:
            instance = with_rows(self.judge.instance if base is None else base, "limits", rows)
            return self.judge.solve(instance, self._options(), self.units)
        except (Stopped, KeyboardInterrupt, InvalidInstance):
            return None

    def _options(self) -> SolveOptions:
        return options_within(self.judge.left(), self.judge.seed, large=self.large)

    def _letting(self, place: _Place) -> tuple[str, ...]:
        """The rules of which each, lifted alone, lets the nation serve at the post: those about it, the post, or several nations."""
        found = []
        for rule in [rule for rule in self.rules.values() if self._is_about(rule, place)][:MOST_LIFTED]:
            try:
                base = lifted(self.judge.instance, [rule])
            except InvalidInstance:
                continue
            verdict = self._solved(self._must(place), base)
            if verdict is not None and verdict.score is not None:
                found.append(rule.id)
        return tuple(found)

    def _is_about(self, rule: Rule, place: _Place) -> bool:
        if rule.bend is None or (rule.table, rule.column) == ("pledges", "quantity"):
            return False
        post = rule.table == "posts" and rule.key == f"{place.mission}:{place.area}"
        lines = rule.table == "requirements" and any(rule.key == line["requirement"] for line in place.lines)
        return (
            post
            or lines
            or rule.nation == self.nation
            or rule.table in {"links", "limits", "enablers", "areas", "caveats"}
        )

    def _weighed(
        self,
        place: _Place,
        periods: tuple[int, ...],
        verdict: Verdict | None,
        pledges: tuple[str, ...],
        *,
        serves: bool,
    ) -> Presence:
        """The answer where both are possible: what the other costs."""
        if verdict is None or (verdict.score is None and math.isinf(verdict.bound)):
            return self._told(place, periods, NOT_KNOWN, (), pledges, serves=serves)
        loses = Loss(self._lost(verdict.score), self._lost(verdict.bound))
        if verdict.score is None:
            reason = NOT_KNOWN if not loses.bound else NEEDED if serves else ELSEWHERE
        elif loses.value:
            reason = NEEDED if serves else ELSEWHERE
        else:
            reason = AS_GOOD
        moves = () if verdict.plan is None else self._moves(verdict.plan, place)
        return self._told(place, periods, reason, (), pledges, serves=serves, loses=loses, moves=moves)

    def _lost(self, score: float | None) -> float | None:
        if score is None or math.isinf(score):
            return None
        return 0.0 if same(score, self.now) else max(0.0, self.now - score) / self.judge.unit

    def _moves(self, after: Plan, place: _Place) -> tuple[Move, ...]:
        """Who else comes and goes, the largest changes first."""
        post_of = {name: line.post for name, line in self.situation.lines.items()}
        change: dict[tuple[str, str, str], int] = {}
        for sign, units in ((-1, self.units), (1, units_of(after) or {})):
            for (pledge, line, _), count in units.items():
                key = (self.nation_of[pledge], *post_of[line])
                change[key] = change.get(key, 0) + sign * count
        change.pop((self.nation, place.mission, place.area), None)
        found = [Move(*key, count) for key, count in change.items() if count]
        return tuple(sorted(found, key=lambda one: (-abs(one.change), one.nation, one.mission, one.area)))

    def _told(
        self,
        place: _Place,
        periods: tuple[int, ...],
        reason: str,
        rules: tuple[str, ...],
        pledges: tuple[str, ...],
        *,
        serves: bool,
        loses: Loss | None = None,
        moves: tuple[Move, ...] = (),
    ) -> Presence:
        words = self.situation.words
        who, where = words.name("nation", self.nation), words.post(place.lines[0])
        head = f"{who} {'serves' if serves else 'does not serve'} at {where} {in_periods(sum(1 << t - 1 for t in periods))}"
        said = " ".join(self.rules[name].sentence for name in rules if name in self.rules)
        offers = ", ".join(pledges)
        tail = {
            NOTHING_PLEDGED: ": it pledges nothing that delivers what is asked for there.",
            REFUSED: f": none of what it pledges may ({offers}). {said}".rstrip(),
            RULED_OUT: f": no plan keeps every rule with it there. {self._lifting(said)}".rstrip(),
            NOT_KNOWN: ": what would be otherwise was not known in time.",
            AS_GOOD: f": the first aim is as good {'without' if serves else 'with'} it there.",
            ELSEWHERE: f": if it must, the first aim loses {_figures(loses)}.",
            NEEDED: f": without it there, the first aim loses {_figures(loses)}."
            if loses is not None
            else ": without it there, no plan keeps every rule.",
        }[reason]
        sentence = head + tail + self._moving(moves if reason in {AS_GOOD, ELSEWHERE, NEEDED} else ())
        return Presence(
            self.nation, place.mission, place.area, periods, serves, reason, rules, pledges, sentence, loses, moves
        )

    @staticmethod
    def _lifting(said: str) -> str:
        return f"It could if one of these went: {said}" if said else ""

    def _moving(self, moves: Sequence[Move]) -> str:
        if not moves:
            return ""
        words = self.situation.words
        parts = []
        for one in moves[:SHOWN_MOVES]:
            post = words.post({"mission": one.mission, "area": one.area})
            parts.append(f"{words.name('nation', one.nation)} {one.change:+d} at {post}")
        more = len(moves) - SHOWN_MOVES
        rest = f", and {more} more" if more > 0 else ""
        return f" Then, in units times periods: {', '.join(parts)}{rest}."


def _figures(loses: Loss | None) -> str:
    if loses is None or (loses.value is None and loses.bound is None):
        return "an amount that was not known in time"
    if loses.value is None:
        return f"at least {amount(float(loses.bound or 0.0))}"
    if loses.bound is None or abs(loses.value - loses.bound) <= 1e-4 * max(1.0, abs(loses.value)):
        return f"{amount(loses.value)}" + ("" if loses.bound is not None else " at most")
    return f"between {amount(loses.bound)} and {amount(loses.value)}"
