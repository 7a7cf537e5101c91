"""Why a nation serves at a post, and why it does not: what refuses it, or what every aim loses if it must, or must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optimizer.extraction import units_of
from optimizer.instance.admissible import periods_of, window_mask
from optimizer.instance.conceding import with_rows
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance, Row
from optimizer.instance.rule import Rule
from optimizer.model.assemble import rules_of
from optimizer.plan.plan import Plan
from optimizer.studies.why.forced import AimLoss, Forced, Forcing
from optimizer.studies.why.judge import Judge, Stopped
from optimizer.studies.why.letting import RuleSet, letting_sets, refusing_sets
from optimizer.studies.why.losses import Loss
from optimizer.studies.why.moves import Move, PostChange, moves_between, posts_between
from optimizer.studies.why.presence_words import presence_sentence

NOTHING_PLEDGED: Final = "nothing pledged"
REFUSED: Final = "refused"
RULED_OUT: Final = "ruled out"
ELSEWHERE: Final = "better used elsewhere"
NEEDED: Final = "needed"
AS_GOOD: Final = "as good"
NOT_KNOWN: Final = "not known in time"


@dataclass(frozen=True)
class Presence:
    """Why a nation is, or is not, at a post in some periods of a plan.

    `reason`: `nothing pledged`, `refused` (rules forbid each of its pledges), `ruled out` (admissible by itself, but in no plan), `better used
    elsewhere`, `needed` (it serves, and without it the first aim is worse), `as good` (with or without), `not known in time`.
    `rules`: ids of those that refuse it, or that would have to go; `sets`: which of them have to go together, each set by itself.
    `loses`: what the first level of aims loses if it must serve, or must not; `aims`: the same for every aim, in their order.
    `moves`: who else comes or goes then, in unit-periods; `posts`: which open and close.
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
    sets: tuple[RuleSet, ...] = ()
    aims: tuple[AimLoss, ...] = ()
    posts: tuple[PostChange, ...] = ()

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "nation": self.nation,
            "mission": self.mission,
            "area": self.area,
            "periods": list(self.periods),
            "serves": self.serves,
            "reason": self.reason,
            "rules": list(self.rules),
            "sets": [list(names) for names in self.sets],
            "pledges": list(self.pledges),
            "sentence": self.sentence,
            "loses": self.loses and self.loses.record(),
            "aims": [one.record() for one in self.aims],
            "moves": [one.record() for one in self.moves],
            "posts": [one.record() for one in self.posts],
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
    places = [place for place in asked.places(period) if post is None or (place.mission, place.area) == post]
    found = []
    for number, place in enumerate(places):
        one = asked.about(place, 1.0 / (len(places) - number) if asked.forcing.large else 1.0)
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
        self.forcing = Forcing(plan, judge)
        self.units = self.forcing.units
        self.nation_of = {row["pledge"]: row["nation"] for row in self.situation.tables.rows("pledges")}
        self.mine = [row for row in self.situation.tables.rows("pledges") if row["nation"] == nation]
        first = [aim.name for aim in self.forcing.aims if aim.priority == self.forcing.aims[0].priority]
        self.unit = first[0] if len(first) == 1 else ""

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

    def about(self, place: _Place, share: float) -> Presence:
        """The answer about one post; `share`: of the time left that it may use."""
        there = {line["requirement"] for line in place.lines}
        serving = {
            (pledge, t)
            for (pledge, line, t), units in self.units.items()
            if units and line in there and t in place.periods and self.nation_of[pledge] == self.nation
        }
        if not serving:
            return self._absent(place, share)
        periods = tuple(sorted({t for _, t in serving}))
        pledges = tuple(sorted({pledge for pledge, _ in serving}))
        blank = self._blank(place, periods, NEEDED, pledges, serves=True)
        return self._weighed(blank, place, self._forced(self._must_not(place, periods), place, share))

    def _absent(self, place: _Place, share: float) -> Presence:
        admissible = self.situation.admissible
        able = [p for p in self.mine if any(admissible.delivers(p, line) for line in place.lines)]
        if not able:
            return self._told(self._blank(place, place.periods, NOTHING_PLEDGED, ()))
        services = [
            (str(pledge["pledge"]), str(line["requirement"]), periods)
            for pledge in able
            for line in place.lines
            if admissible.delivers(pledge, line) and (periods := self._open(pledge, line, place))
        ]
        if not services:
            sets = refusing_sets(admissible, able, place.lines, place.periods)
            rules = tuple(dict.fromkeys(name for names in self._refusals(able, place) for name in names))
            named = tuple(str(pledge["pledge"]) for pledge in able)
            return self._told(replace(self._blank(place, place.periods, REFUSED, named), rules=rules, sets=sets))
        open_ = tuple(dict.fromkeys(pledge for pledge, _, _ in services))
        blank = self._blank(place, place.periods, ELSEWHERE, open_)
        forced = self._forced(self._must(place), place, share)
        if forced is not None and forced.impossible:
            sets = self._letting(place, services)
            rules = tuple(dict.fromkeys(name for names in sets for name in names))
            return self._told(replace(blank, reason=RULED_OUT, rules=rules, sets=sets))
        return self._weighed(blank, place, forced)

    def _open(self, pledge: Row, line: Row, place: _Place) -> tuple[int, ...]:
        """The periods of a place in which a service is admissible."""
        refused = self.situation.admissible.reasons
        return tuple(t for t in place.periods if not refused(pledge["pledge"], line["requirement"], t))

    def _refusals(self, able: Sequence[Row], place: _Place) -> Iterator[tuple[str, ...]]:
        """The rules that refuse each service of units that would deliver something."""
        admissible = self.situation.admissible
        for pledge in able:
            for line in place.lines:
                if admissible.delivers(pledge, line):
                    for t in place.periods:
                        yield admissible.reasons(pledge["pledge"], line["requirement"], t)

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

    def _forced(self, rows: Sequence[Row], place: _Place, share: float) -> Forced | None:
        """The answer with more limits; None: not known in time."""
        try:
            return self.forcing.ask(rows, (self.nation, (place.mission, place.area)), share)
        except (Stopped, KeyboardInterrupt, InvalidInstance):
            return None

    def _letting(self, place: _Place, services: Sequence[tuple[str, str, tuple[int, ...]]]) -> tuple[RuleSet, ...]:
        """The sets of rules of which each, lifted, lets the nation serve at the post; none where that was not known in time."""

        def must(instance: Instance) -> Instance:
            return with_rows(instance, "limits", self._must(place))

        def about(rule: Rule) -> bool:
            return self._is_about(rule, place)

        try:
            return letting_sets(self.judge, self.plan, self.rules, must, services, about, large=self.forcing.large)
        except (Stopped, KeyboardInterrupt):
            return ()

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

    def _weighed(self, blank: Presence, place: _Place, forced: Forced | None) -> Presence:
        """The answer where both are possible: what the other costs."""
        if forced is None or (forced.least is None and forced.most is None and not forced.impossible):
            return self._told(replace(blank, reason=NOT_KNOWN))
        if forced.impossible:
            return self._told(blank)
        sure = forced.least is not None and forced.least > 0
        as_good = forced.most is not None and forced.most <= 0
        moves: tuple[Move, ...] = ()
        posts: tuple[PostChange, ...] = ()
        if forced.plan is not None:
            apart = (self.nation, place.mission, place.area)
            moves = moves_between(self.situation, self.units, units_of(forced.plan) or {}, apart)
            posts = posts_between(self.plan, forced.plan)
        found = replace(
            blank,
            reason=AS_GOOD if as_good else blank.reason if sure else NOT_KNOWN,
            loses=Loss(_at_least_none(forced.most), _at_least_none(forced.least)),
            aims=forced.aims,
            moves=moves,
            posts=posts,
        )
        return self._told(found)

    def _blank(
        self, place: _Place, periods: tuple[int, ...], reason: str, pledges: tuple[str, ...], *, serves: bool = False
    ) -> Presence:
        """An answer that says nothing yet but where, and what it may come to."""
        return Presence(self.nation, place.mission, place.area, periods, serves, reason, (), pledges, "")

    def _told(self, one: Presence) -> Presence:
        return replace(one, sentence=presence_sentence(one, self.situation.words, self.rules, self.unit))


def _at_least_none(loss: float | None) -> float | None:
    """A loss that a better plan than the one at hand would turn into a gain counts as none."""
    return None if loss is None else max(0.0, loss)
