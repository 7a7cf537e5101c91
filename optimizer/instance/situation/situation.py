"""One scenario of an instance, ready for the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from optimizer.instance.admissible import Admissible, admissible, periods_of
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.situation.costs import DeploymentCosts
from optimizer.instance.situation.records import Instrument, Line, Mission, Nation, Pair, Pledge, Post, PostKey, Route
from optimizer.instance.situation.rules import Enabler, Fund, Limit, Link, PairRules
from optimizer.instance.situation.selection import Resolver, Selection, members_of
from optimizer.instance.wording import Words


@dataclass(frozen=True)
class Situation:
    """Everything the model needs to know of one scenario; all collections in canonical order."""

    instance: Instance = field(repr=False)
    scenario: str | None
    horizon: int
    aims: tuple[Aim, ...]
    nations: Mapping[str, Nation]
    pledges: Mapping[str, Pledge]
    missions: Mapping[str, Mission]
    lines: Mapping[str, Line]
    posts: Mapping[PostKey, Post]
    yields: Mapping[Pair, float]
    limits: tuple[Limit, ...]
    pairs: Mapping[tuple[str, PostKey], PairRules] = field(repr=False)
    links: tuple[Link, ...]
    enablers: tuple[Enabler, ...]
    instruments: tuple[Instrument, ...]
    funds: tuple[Fund, ...]
    routes: tuple[Route, ...]
    has_routes: bool
    costs: DeploymentCosts = field(repr=False)
    tables: ScenarioTables = field(repr=False)

    @cached_property
    def rules_of_limit(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the rules that each limit states, by its source."""
        return {limit.source: limit.rules for limit in self.limits}

    @cached_property
    def words(self) -> Words:
        """Names and phrases for the rows of the scenario."""
        return Words(self.tables, self.horizon)

    def select(self, selection: Selection) -> tuple[list[str], list[str]]:
        """Names of the pledges and of the lines that a selection takes."""
        pledges = [name for name, pledge in self.pledges.items() if selection.takes_pledge(pledge)]
        lines = [name for name, line in self.lines.items() if selection.takes_line(line)]
        return pledges, lines

    def yield_on(self, pledge: str, line: str) -> float:
        """What one unit of the pledge delivers per period on the line."""
        return self.yields.get((self.pledges[pledge].unit_type, self.lines[line].capability), 0.0)

    def least_contingent(self, nation: str, post: PostKey) -> float:
        """The fewest personnel with which a nation may be at a post: what `participation` says of the two, else the nation's own."""
        rules = self.pairs.get((nation, post))
        own = None if rules is None else rules.min_contingent
        return self.nations[nation].min_contingent if own is None else own

    @cached_property
    def services(self) -> dict[Pair, tuple[int, ...]]:
        """Admissible periods per (pledge, line), before tours are looked at: both windows, the condition, a yield, no caveat in force.

        Pairs without any are absent. By name of the pledge, then in the order of the lines.
        """
        return {pair: periods_of(mask) for pair, mask in self.admissible.open.items()}

    @cached_property
    def admissible(self) -> Admissible:
        """Which services are admissible, and which rules refuse the others."""
        return admissible(self.tables, self.horizon)

    def measure(self, measure: str, pledge: str, line: str) -> float:
        """Amount of a measure for one unit present in one period (cost without moves); lift: for one move."""
        unit = self.pledges[pledge]
        if measure == "units":
            return 1.0
        if measure == "cost":
            return self.costs.presence(unit, self.lines[line])
        if measure in {"personnel", "escalation", "sustainment", "lift"}:
            return float(getattr(unit, measure))
        raise ValueError(f"{measure!r} is not a measure of units")


def at_home(pledge: Pledge, period: int) -> int:
    """Units of a pledge that are at home and rested in a period where none of them serves: none outside its window and condition."""
    if period not in pledge.periods:
        return 0
    if pledge.tour is None:
        return pledge.available
    away = pledge.deployed_at_start if period < pledge.tour + pledge.dwell else 0
    return max(0, pledge.quantity - away)


def scope_selection(situation: Situation, scope: Iterable[tuple[str, str]]) -> Selection:
    """The selection of an aim's scope."""
    return Resolver(frozenset(situation.nations), members_of(situation.instance.rows("groups"))).selection(dict(scope))
