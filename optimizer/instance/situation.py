"""One scenario of an instance, ready for the model: conditions decided, shorthands and quantitative caveats expanded into named limits.

Every rule keeps its name and the input row it came from, so that results speak the planner's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from optimizer.instance.admissible import Admissible, admissible, periods_of, rotation_factor
from optimizer.instance.cells import split_words
from optimizer.instance.instance import Aim, Instance, Row
from optimizer.instance.rule import limit_sides, rule_id
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.selectors import ANY, Selector, parse_selector
from optimizer.instance.wording import Words

PostKey = tuple[str, str]
Pair = tuple[str, str]
PRESENCE_MEASURES = frozenset({"units", "personnel", "cost", "escalation", "sustainment"})


@dataclass(frozen=True)
class Nation:
    """A nation's own rules. `min_contingent` in persons at each post; `participation_cost` in million, once; `min_stay` in periods."""

    name: str
    max_posts: int | None
    min_contingent: float
    participation_cost: float
    fair_share: float | None
    gateway: str | None
    min_stay: int | None = None


@dataclass(frozen=True)
class Pledge:
    """An offer that exists in this scenario.

    `available`: most units present at a time (quantity, or quantity ÷ rotation factor rounded down). `tour` is None where units
    may come and go; then `dwell` means nothing. Personnel in persons, lift and sustainment in t, `own_cost` in million or None.
    `factor`: units that must be made ready for each one present, where there are no tours.
    """

    name: str
    nation: str
    unit_type: str
    domain: str
    quantity: int
    available: int
    first: int
    last: int
    tour: int | None
    dwell: int
    deployed_at_start: int
    tags: frozenset[str]
    personnel: float
    lift: float
    sustainment: float
    escalation: float
    own_cost: float | None
    type_cost: float
    factor: float = 1.0
    committed: int = 0


@dataclass(frozen=True)
class Line:
    """A requirement line: threshold and target in the measure of its capability; active in periods first..last."""

    name: str
    mission: str
    area: str
    host: str | None
    capability: str
    threshold: float
    target: float
    weight: float
    first: int
    last: int
    max_drop: float | None = None

    @property
    def post(self) -> PostKey:
        """The post (mission, area) of the line."""
        return (self.mission, self.area)


@dataclass(frozen=True)
class Post:
    """One mission in one area, with its lines and rules; `periods`: those in which at least one line is active."""

    mission: str
    area: str
    lines: tuple[str, ...]
    periods: tuple[int, ...]
    continuity: bool
    must: bool = False
    min_nations: int = 0
    max_nations: int | None = None
    max_share: float | None = None
    lead_required: bool = False
    lead_min_share: float = 0.0
    lead_term: int | None = None
    min_stay: int | None = None

    @property
    def key(self) -> PostKey:
        """(mission, area)."""
        return (self.mission, self.area)


@dataclass(frozen=True)
class Mission:
    """A mission: weight in coverage; `weakest`: its score is that of its weakest line."""

    name: str
    weight: float
    weakest: bool


@dataclass(frozen=True)
class Selection:
    """Which services a rule selects. `nations` is None where neither nations nor groups are selected."""

    nations: frozenset[str] | None = None
    mission: Selector = ANY
    area: Selector = ANY
    host: Selector = ANY
    unit_type: Selector = ANY
    tag: Selector = ANY
    domain: Selector = ANY
    capability: Selector = ANY

    def takes_pledge(self, pledge: Pledge) -> bool:
        """Whether units of the pledge can be selected."""
        return (
            (self.nations is None or pledge.nation in self.nations)
            and self.unit_type.matches(pledge.unit_type)
            and self.domain.matches(pledge.domain)
            and self.tag.matches_tags(pledge.tags)
        )

    def takes_line(self, line: Line) -> bool:
        """Whether service on the line can be selected."""
        return (
            self.mission.matches(line.mission)
            and self.area.matches(line.area)
            and self.host.matches(line.host)
            and self.capability.matches(line.capability)
        )

    @property
    def by_nation_only(self) -> bool:
        """No selector beyond nations and groups."""
        return self.by_nation_and_post_only and self.mission.is_any and self.area.is_any and self.host.is_any

    @property
    def by_post_only(self) -> bool:
        """No selector beyond missions, areas and hosts."""
        return self.by_nation_and_post_only and self.nations is None

    @property
    def by_nation_and_post_only(self) -> bool:
        """No selector beyond nations, groups, missions, areas and hosts."""
        return self.unit_type.is_any and self.tag.is_any and self.domain.is_any and self.capability.is_any

    @property
    def is_everything(self) -> bool:
        """No selector at all."""
        return self.nations is None and self.by_nation_only


@dataclass(frozen=True)
class Limit:
    """A cap or floor on a measure over a selection in periods first..last.

    `source`: table and key of the input row. `rules`: ids of the rules that it states, one for the floor and one for the cap.
    """

    name: str
    measure: str
    per: str
    minimum: float | None
    maximum: float | None
    selection: Selection
    first: int
    last: int
    source: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairRules:
    """What the table `participation` says of a nation at a post; `contingent_rule`: id of the rule that states the contingent."""

    cost: float = 0.0
    min_contingent: float | None = None
    may_lead: bool = False
    contingent_rule: str = ""
    min_stay: int | None = None
    stay_rule: str = ""


@dataclass(frozen=True)
class Link:
    """One nation's participation depends on others': kind needs, excludes or at_least (`count` of `others`)."""

    name: str
    kind: str
    nation: str
    others: tuple[str, ...]
    count: int
    selection: Selection


@dataclass(frozen=True)
class Enabler:
    """Support per person deployed: `per_personnel` of `capability` in each post, area or mission (`scope`)."""

    name: str
    capability: str
    per_personnel: float
    scope: str
    applies_to: Selector
    hard: bool


@dataclass(frozen=True)
class Instrument:
    """An option without deployment: cost (million) and escalation once; `yields` per requirement line and period."""

    name: str
    cost: float
    escalation: float
    sponsors: tuple[str, ...]
    yields: Mapping[str, float]


@dataclass(frozen=True)
class Route:
    """One direction of a connection: `capacity` in t per period (None: no limit), `cost` in million per t."""

    name: str
    origin: str
    destination: str
    mode: str | None
    capacity: float | None
    cost: float
    first: int
    last: int


@dataclass(frozen=True)
class Situation:
    """Everything the model needs to know of one scenario; all collections in canonical order."""

    instance: Instance = field(repr=False)
    scenario: str | None
    conditions: Mapping[str, bool]
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

    @cached_property
    def services(self) -> dict[Pair, tuple[int, ...]]:
        """Admissible periods per (pledge, line), before tours are looked at: both windows, a yield, no caveat in force. Pairs without any are absent.

        By name of the pledge, then in the order of the lines.
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


class DeploymentCosts:
    """Cost per unit and period, and per move, for a pledge on a line: the most specific row wins (see docs/design/001)."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[tuple[str | None, str | None, str | None, str | None], Row] = {
            (row["pledge"], row["unit_type"], row["mission"], row["area"]): row for row in rows
        }
        self._memory: dict[tuple[str, str, PostKey], float | None] = {}

    def presence(self, pledge: Pledge, line: Line) -> float:
        """Million per unit and period."""
        named = self._find("cost", pledge, line, by_pledge=True)
        if named is not None:
            return named
        if pledge.own_cost is not None:
            return pledge.own_cost
        typed = self._find("cost", pledge, line, by_pledge=False)
        return pledge.type_cost if typed is None else typed

    def move(self, pledge: Pledge, line: Line) -> float:
        """Million per move of one unit."""
        named = self._find("movement_cost", pledge, line, by_pledge=True)
        typed = self._find("movement_cost", pledge, line, by_pledge=False) if named is None else None
        return named if named is not None else typed or 0.0

    def _find(self, column: str, pledge: Pledge, line: Line, *, by_pledge: bool) -> float | None:
        if not self._rows:
            return None
        key = (column + ("!" if by_pledge else ""), pledge.name, line.post)
        if key not in self._memory:
            self._memory[key] = self._look_up(column, pledge, line, by_pledge=by_pledge)
        return self._memory[key]

    def _look_up(self, column: str, pledge: Pledge, line: Line, *, by_pledge: bool) -> float | None:
        heads: list[tuple[str | None, str | None]]
        heads = (
            [(pledge.name, pledge.unit_type), (pledge.name, None)]
            if by_pledge
            else [(None, pledge.unit_type), (None, None)]
        )
        places: list[tuple[str | None, str | None]]
        places = [(line.mission, line.area), (line.mission, None), (None, line.area), (None, None)]
        for head in heads:
            for place in places:
                row = self._rows.get((*head, *place))
                if row is not None and row[column] is not None:
                    return float(row[column])
        return None


def build_situation(instance: Instance, scenario: str | None = None, aims: tuple[Aim, ...] | None = None) -> Situation:
    """Resolve one scenario (None: the conditions' defaults).

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    tables = scenario_tables(instance, scenario)
    horizon = instance.header.periods
    areas = {row["area"]: row for row in tables.rows("areas")}
    lines = {row["requirement"]: _line(row, areas, horizon) for row in tables.rows("requirements")}
    missions = {row["mission"]: row for row in tables.rows("missions")}
    posts = _posts(tables, lines, missions)
    pledges = _pledges(tables, horizon)
    nations = {row["nation"]: _nation(row) for row in tables.rows("nations")}
    groups: dict[str, frozenset[str]] = {}
    for row in tables.rows("groups"):
        groups[row["group"]] = groups.get(row["group"], frozenset()) | {row["nation"]}
    resolve = _Resolver(frozenset(nations), groups)
    pairs, pair_limits = _participation(tables, nations, posts, horizon)
    limits = (*_limits(tables, resolve, horizon), *_shorthands(tables, lines, horizon), *pair_limits)
    return Situation(
        instance=instance,
        scenario=scenario,
        conditions=tables.conditions,
        horizon=horizon,
        aims=instance.header.aims if aims is None else aims,
        nations=nations,
        pledges=pledges,
        missions={name: Mission(name, row["weight"], row["score"] == "weakest") for name, row in missions.items()},
        lines=lines,
        posts=posts,
        yields={(row["unit_type"], row["capability"]): row["amount"] for row in tables.rows("yields")},
        limits=(*limits, *_caveat_limits(tables, resolve, horizon)),
        pairs=pairs,
        links=tuple(_links(tables, resolve, groups)),
        enablers=tuple(_enabler(row) for row in tables.rows("enablers")),
        instruments=tuple(_instruments(tables, lines)),
        routes=tuple(_routes(tables, horizon)),
        has_routes=bool(tables.rows("routes")),
        costs=DeploymentCosts(tables.rows("deployment_costs")),
        tables=tables,
    )


@dataclass(frozen=True)
class _Resolver:
    nations: frozenset[str]
    groups: Mapping[str, frozenset[str]]

    def selection(self, row: Row) -> Selection:
        """The selection that the selector columns of a row describe."""
        return Selection(
            nations=self.nations_of(row.get("nation"), row.get("group")),
            mission=parse_selector(row.get("mission")),
            area=parse_selector(row.get("area")),
            host=parse_selector(row.get("host")),
            unit_type=parse_selector(row.get("unit_type")),
            tag=parse_selector(row.get("tag")),
            domain=parse_selector(row.get("domain")),
            capability=parse_selector(row.get("capability")),
        )

    def nations_of(self, nation: str | None, group: str | None) -> frozenset[str] | None:
        by_nation, by_group = parse_selector(nation), parse_selector(group)
        if by_nation.is_any and by_group.is_any:
            return None
        chosen = {name for name in self.nations if by_nation.matches(name)}
        if not by_group.is_any:
            chosen &= {
                name
                for name in self.nations
                if by_group.matches_tags(g for g, members in self.groups.items() if name in members)
            }
        return frozenset(chosen)


def scope_selection(situation: Situation, scope: Iterable[tuple[str, str]]) -> Selection:
    """The selection of an aim's scope."""
    groups: dict[str, frozenset[str]] = {}
    for row in situation.instance.rows("groups"):
        groups[row["group"]] = groups.get(row["group"], frozenset()) | {row["nation"]}
    return _Resolver(frozenset(situation.nations), groups).selection(dict(scope))


def _window(row: Row, horizon: int) -> tuple[int, int]:
    first, last = row.get("from"), row.get("until")
    return (1 if first is None else int(first), horizon if last is None else int(last))


def _nation(row: Row) -> Nation:
    return Nation(
        row["nation"],
        row["max_posts"],
        row["min_contingent"],
        row["participation_cost"],
        row["fair_share"],
        row["gateway"],
        row["min_stay"],
    )


def _line(row: Row, areas: Mapping[str, Row], horizon: int) -> Line:
    first, last = _window(row, horizon)
    host = areas[row["area"]]["host"] if row["area"] in areas else None
    return Line(
        row["requirement"],
        row["mission"],
        row["area"],
        host,
        row["capability"],
        row["threshold"],
        row["target"],
        row["weight"],
        first,
        last,
        row["max_drop"],
    )


def _posts(tables: ScenarioTables, lines: Mapping[str, Line], missions: Mapping[str, Row]) -> dict[PostKey, Post]:
    rules = {(row["mission"], row["area"]): row for row in tables.rows("posts")}
    members: dict[PostKey, list[Line]] = {}
    for line in lines.values():
        members.setdefault(line.post, []).append(line)
    posts = {}
    for key in sorted(members):
        periods = sorted({period for line in members[key] for period in range(line.first, line.last + 1)})
        row = rules.get(key)
        post = Post(*key, tuple(line.name for line in members[key]), tuple(periods), missions[key[0]]["continuity"])
        if row is not None:
            post = Post(
                *key,
                post.lines,
                post.periods,
                post.continuity,
                must=row["must"],
                min_nations=row["min_nations"],
                max_nations=row["max_nations"],
                max_share=row["max_share"],
                lead_required=row["lead"] == "required",
                lead_min_share=row["lead_min_share"],
                lead_term=row["lead_term"],
                min_stay=row["min_stay"],
            )
        posts[key] = post
    return posts


def _pledges(tables: ScenarioTables, horizon: int) -> dict[str, Pledge]:
    types = {row["unit_type"]: row for row in tables.rows("unit_types")}
    pledges = {}
    for row in tables.rows("pledges"):
        if not tables.holds(row["condition"]):
            continue
        kind = types[row["unit_type"]]
        first, last = _window(row, horizon)
        tour = int(row["tour"]) if row["tour"] is not None and horizon > 1 else None
        quantity = int(row["quantity"])
        pledges[row["pledge"]] = Pledge(
            name=row["pledge"],
            nation=row["nation"],
            unit_type=row["unit_type"],
            domain=kind["domain"],
            quantity=quantity,
            available=quantity if tour is not None else int(quantity / rotation_factor(row)),
            first=first,
            last=last,
            tour=tour,
            dwell=int(row["dwell"] or 0),
            deployed_at_start=int(row["deployed_at_start"]) if tour is not None else 0,
            tags=frozenset(split_words(kind["tags"] or "")) | frozenset(split_words(row["tags"] or "")),
            personnel=kind["personnel"],
            lift=kind["lift"],
            sustainment=kind["sustainment"],
            escalation=kind["escalation"],
            own_cost=row["cost"],
            type_cost=kind["cost"],
            factor=1.0 if tour is not None else float(rotation_factor(row)),
            committed=int(row["committed"] or 0),
        )
    return pledges


def _caveat_limits(tables: ScenarioTables, resolve: _Resolver, horizon: int) -> Iterable[Limit]:
    for row in tables.rows("caveats"):
        if row["rule"] == "limit" and tables.holds(row["condition"]):
            yield Limit(
                row["caveat"],
                row["measure"],
                "period",
                None,
                row["maximum"],
                resolve.selection(row),
                *_window(row, horizon),
                f"caveats/{row['caveat']}",
                (rule_id("caveats", row),),
            )


def _limits(tables: ScenarioTables, resolve: _Resolver, horizon: int) -> Iterable[Limit]:
    for row in tables.rows("limits"):
        if tables.holds(row["condition"]):
            yield Limit(
                row["limit"],
                row["measure"],
                row["per"],
                row["minimum"],
                row["maximum"],
                resolve.selection(row),
                *_window(row, horizon),
                f"limits/{row['limit']}",
                tuple(rule_id("limits", row, side) for side in limit_sides(row)),
            )


def _shorthands(tables: ScenarioTables, lines: Mapping[str, Line], horizon: int) -> Iterable[Limit]:
    for row in tables.rows("nations"):
        mine = Selection(nations=frozenset({row["nation"]}))
        for column, measure, per in (
            ("max_personnel", "personnel", "period"),
            ("max_units", "units", "period"),
            ("budget", "cost", "horizon"),
        ):
            if row[column] is not None:
                yield _shorthand(
                    f"{row['nation']} {column}",
                    measure,
                    per,
                    row[column],
                    mine,
                    horizon,
                    f"nations/{row['nation']}/{column}",
                    rule_id("nations", row, column),
                )
    shorthand_columns = (
        ("max_personnel", "personnel"),
        ("max_escalation", "escalation"),
        ("lift_capacity", "lift"),
        ("sustainment_capacity", "sustainment"),
    )
    for row in tables.rows("areas"):
        here = Selection(area=_exactly(row["area"]))
        for column, measure in shorthand_columns:
            if row[column] is not None:
                yield _shorthand(
                    f"{row['area']} {column}",
                    measure,
                    "period",
                    row[column],
                    here,
                    horizon,
                    f"areas/{row['area']}/{column}",
                    rule_id("areas", row, column),
                )
    posts = {line.post for line in lines.values()}
    for row in tables.rows("posts"):
        key = (row["mission"], row["area"])
        if row["max_personnel"] is not None and key in posts:
            there = Selection(mission=_exactly(key[0]), area=_exactly(key[1]))
            yield _shorthand(
                f"{key[0]} {key[1]} max_personnel",
                "personnel",
                "period",
                row["max_personnel"],
                there,
                horizon,
                f"posts/{key[0]}/{key[1]}/max_personnel",
                rule_id("posts", row, "max_personnel"),
            )


def _exactly(name: str) -> Selector:
    return Selector(included=frozenset({name}))


def _shorthand(
    name: str, measure: str, per: str, maximum: float, selection: Selection, horizon: int, source: str, rule: str
) -> Limit:
    return Limit(name, measure, per, None, maximum, selection, 1, horizon, source, (rule,))


def _participation(
    tables: ScenarioTables, nations: Mapping[str, Nation], posts: Mapping[PostKey, Post], horizon: int
) -> tuple[dict[tuple[str, PostKey], PairRules], list[Limit]]:
    rows = {(row["nation"], row["mission"], row["area"]): row for row in tables.rows("participation")}
    pairs: dict[tuple[str, PostKey], PairRules] = {}
    limits: list[Limit] = []
    if not rows:
        return pairs, limits
    for nation in nations:
        for mission, area in posts:
            matching = [
                rows[key]
                for key in (
                    (nation, mission, area),
                    (nation, mission, None),
                    (nation, None, area),
                    (None, mission, area),
                    (nation, None, None),
                    (None, mission, None),
                    (None, None, area),
                    (None, None, None),
                )
                if key in rows
            ]
            if not matching:
                continue

            def stating(column: str, matching: list[Row] = matching) -> Row | None:
                return next((row for row in matching if row[column] is not None), None)

            cost, contingent, lead = stating("cost"), stating("min_contingent"), stating("may_lead")
            stay = stating("min_stay")
            pairs[nation, (mission, area)] = PairRules(
                0.0 if cost is None else cost["cost"],
                None if contingent is None else contingent["min_contingent"],
                lead is not None and lead["may_lead"],
                "" if contingent is None else rule_id("participation", contingent, "min_contingent"),
                None if stay is None else int(stay["min_stay"]),
                "" if stay is None else rule_id("participation", stay, "min_stay"),
            )
            there = Selection(nations=frozenset({nation}), mission=_exactly(mission), area=_exactly(area))
            for column, measure in (("max_personnel", "personnel"), ("max_units", "units")):
                row = stating(column)
                if row is not None:
                    name = f"{nation} {mission} {area} {column}"
                    limits.append(
                        _shorthand(
                            name,
                            measure,
                            "period",
                            row[column],
                            there,
                            horizon,
                            f"participation/{nation}/{mission}/{area}/{column}",
                            rule_id("participation", row, column),
                        )
                    )
    return pairs, limits


def _links(tables: ScenarioTables, resolve: _Resolver, groups: Mapping[str, frozenset[str]]) -> Iterable[Link]:
    for row in tables.rows("links"):
        if not tables.holds(row["condition"]):
            continue
        bound = resolve.nations_of(row["nation"], None)
        place = Selection(mission=parse_selector(row["mission"]), area=parse_selector(row["area"]))
        for nation in sorted(resolve.nations if bound is None else bound):
            others = groups.get(row["other"], frozenset({row["other"]})) - {nation}
            count = int(row["count"] or 1) if row["kind"] == "at_least" else len(others)
            yield Link(row["link"], row["kind"], nation, tuple(sorted(others)), count, place)


def _enabler(row: Row) -> Enabler:
    return Enabler(
        row["enabler"],
        row["capability"],
        row["per_personnel"],
        row["scope"],
        parse_selector(row["applies_to"]),
        row["hard"],
    )


def _instruments(tables: ScenarioTables, lines: Mapping[str, Line]) -> Iterable[Instrument]:
    for row in tables.rows("instruments"):
        if not tables.holds(row["condition"]):
            continue
        yields: dict[str, float] = {}
        for given in tables.rows("instrument_yields"):
            if given["instrument"] != row["instrument"]:
                continue
            for line in lines.values():
                fits = given["mission"] in {None, line.mission} and given["area"] in {None, line.area}
                if fits and given["capability"] == line.capability:
                    yields[line.name] = yields.get(line.name, 0.0) + given["amount"]
        sponsors = tuple(sorted(split_words(row["sponsors"] or "")))
        yield Instrument(row["instrument"], row["cost"], row["escalation"], sponsors, yields)


def _routes(tables: ScenarioTables, horizon: int) -> Iterable[Route]:
    for row in tables.rows("routes"):
        if tables.holds(row["condition"]):
            name = f"{row['origin']}>{row['destination']}" + (f" {row['mode']}" if row["mode"] else "")
            yield Route(
                name,
                row["origin"],
                row["destination"],
                row["mode"],
                row["capacity"],
                row["cost"],
                *_window(row, horizon),
            )
