"""One scenario of an instance, indexed for the check: read from its tables, and from nothing else.

The model has its own reading of the same tables (`optimizer.instance.situation`). The two are kept apart on purpose:
a slip in one of them shows as a disagreement, not as a wrong plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from optimizer.instance.cells import split_words
from optimizer.instance.instance import Aim, Instance, Row
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.plan.fund import Fund, funds_of

Post = tuple[str, str]
"""A post: (mission, area)."""

RELATIVE = 1e-6
"""Share of an amount by which sums may miss a limit (solvers work with such tolerances)."""


def tolerance(*amounts: float) -> float:
    """How far a comparison of these amounts may miss."""
    return RELATIVE * max(1.0, *(abs(amount) for amount in amounts))


def is_above(amount: float, limit: float) -> bool:
    """Whether an amount exceeds a limit by more than the tolerance."""
    return amount > limit + tolerance(amount, limit)


def is_below(amount: float, limit: float) -> bool:
    """Whether an amount misses a limit by more than the tolerance."""
    return amount < limit - tolerance(amount, limit)


def place_of(post: Post) -> str:
    """A post in words."""
    return f"{post[0]} in {post[1]}"


@dataclass(frozen=True)
class Pledge:
    """An offer. `usable`: most units present at a time; `tour` is None where units come and go period by period.

    `has_factor`: the rotation is stated as a factor, not by tour and dwell. `true_in`: the periods in which its condition is true.
    """

    name: str
    nation: str
    unit_type: str
    quantity: int
    usable: int
    first: int
    last: int
    tour: int | None
    dwell: int
    away_at_start: int
    has_factor: bool
    condition: str | None
    true_in: frozenset[int]
    cost: float | None
    tags: frozenset[str]
    type: Row


@dataclass(frozen=True)
class Line:
    """A requirement line, active in periods first..last."""

    name: str
    post: Post
    capability: str
    threshold: float
    target: float
    weight: float
    first: int
    last: int

    def is_active(self, period: int) -> bool:
        """Whether the line asks for anything in a period."""
        return self.first <= period <= self.last


@dataclass(frozen=True)
class PairRule:
    """What the table `participation` says of one nation at one post (None: nothing); `sources`: the id of the cell that says it."""

    cost: float | None = None
    min_contingent: float | None = None
    max_personnel: float | None = None
    max_units: float | None = None
    may_lead: bool | None = None
    min_stay: int | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instrument:
    """An option without deployment. `yields`: amount per requirement line, in the periods `true_in` of its condition."""

    name: str
    cost: float
    escalation: float
    condition: str | None
    true_in: frozenset[int]
    sponsors: tuple[str, ...]
    yields: Mapping[str, float]


@dataclass(frozen=True)
class Route:
    """A directed route; `capacity` and the tonnes that flow are per period. `true_in`: the periods in which its condition is true."""

    origin: str
    destination: str
    mode: str
    capacity: float | None
    cost: float
    first: int
    last: int
    true_in: frozenset[int]

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the route."""
        return (self.origin, self.destination, self.mode)

    def is_open(self, period: int) -> bool:
        """Whether anything may move on it in a period."""
        return period in self.true_in and self.first <= period <= self.last


@dataclass(frozen=True)
class Case:
    """The tables of one scenario, indexed. `periods` is H; all mappings are in the canonical order of their tables."""

    tables: ScenarioTables = field(repr=False)
    periods: int
    aims: tuple[Aim, ...]
    nations: Mapping[str, Row]
    groups: Mapping[str, frozenset[str]]
    yields: Mapping[tuple[str, str], float]
    pledges: Mapping[str, Pledge]
    missions: Mapping[str, Row]
    areas: Mapping[str, Row]
    lines: Mapping[str, Line]
    posts: Mapping[Post, Row]
    instruments: Mapping[str, Instrument]
    routes: tuple[Route, ...]
    funds: Mapping[str, Fund] = field(default_factory=dict)

    def in_force(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        """The periods of a row's window in which its condition is true."""
        first, last = window(row, self.periods)
        return tuple(sorted(period for period in true_in(row, self.tables) if first <= period <= last))

    @cached_property
    def fair_shares(self) -> dict[str, float]:
        """Every nation with a fair share above zero, and its share of the key."""
        keys = {name: float(row["fair_share"]) for name, row in self.nations.items() if row["fair_share"]}
        total = math.fsum(keys.values())
        return {name: key / total for name, key in keys.items()}

    @cached_property
    def groups_of(self) -> dict[str, frozenset[str]]:
        """The groups in which each nation is."""
        return {
            nation: frozenset(g for g, members in self.groups.items() if nation in members) for nation in self.nations
        }

    @cached_property
    def _deployment_costs(self) -> tuple[dict[str | None, list[Row]], list[Row]]:
        of_pledge: dict[str | None, list[Row]] = {}
        of_type: list[Row] = []
        for row in self.tables.rows("deployment_costs"):
            (of_type if row["pledge"] is None else of_pledge.setdefault(row["pledge"], [])).append(row)
        return of_pledge, of_type

    def _stated_cost(self, rows: Iterable[Row], column: str, pledge: Pledge, post: Post) -> float | None:
        """The figure of the most specific row that fits and has one."""
        best: tuple[tuple[int, bool, bool, bool], float] | None = None
        for row in rows:
            if row[column] is None or row["unit_type"] not in {None, pledge.unit_type}:
                continue
            if row["mission"] not in {None, post[0]} or row["area"] not in {None, post[1]}:
                continue
            filled = (row["mission"] is not None, row["area"] is not None)
            rank = (sum(filled), *filled, row["unit_type"] is not None)
            if best is None or rank > best[0]:
                best = (rank, float(row[column]))
        return None if best is None else best[1]

    def presence_cost(self, pledge: Pledge, post: Post) -> float:
        """Cost of one unit for one period at a post."""
        of_pledge, of_type = self._deployment_costs
        stated = self._stated_cost(of_pledge.get(pledge.name, ()), "cost", pledge, post)
        if stated is None:
            stated = pledge.cost
        if stated is None:
            stated = self._stated_cost(of_type, "cost", pledge, post)
        return float(pledge.type["cost"]) if stated is None else stated

    def move_cost(self, pledge: Pledge, post: Post) -> float:
        """Cost of one move of one unit to a post."""
        of_pledge, of_type = self._deployment_costs
        stated = self._stated_cost(of_pledge.get(pledge.name, ()), "movement_cost", pledge, post)
        if stated is None:
            stated = self._stated_cost(of_type, "movement_cost", pledge, post)
        return 0.0 if stated is None else stated

    @cached_property
    def pair_rules(self) -> dict[tuple[str, Post], PairRule]:
        """What is said of each nation at each post: per column, the most specific filled row."""
        rows = self.tables.rows("participation")
        found: dict[tuple[str, Post], PairRule] = {}
        if not rows:
            return found
        columns = ("cost", "min_contingent", "max_personnel", "max_units", "may_lead", "min_stay")
        by_key = {(row["nation"], row["mission"], row["area"]): row for row in rows}
        for nation in self.nations:
            for mission, area in self.posts:
                keys = [(n, m, a) for n in (nation, None) for m in (mission, None) for a in (area, None)]
                # More keys filled first; of equally many, the nation before the mission before the area.
                keys.sort(key=lambda key: tuple(part is not None for part in key), reverse=True)
                keys.sort(key=lambda key: sum(part is not None for part in key), reverse=True)
                fitting = [by_key[key] for key in keys if key in by_key]
                if fitting:
                    stating = {c: next((r for r in fitting if r[c] is not None), None) for c in columns}
                    said = {c: None if row is None else row[c] for c, row in stating.items()}
                    sources = {c: f"{_pair_row(row)}.{c}" for c, row in stating.items() if row is not None}
                    found[nation, (mission, area)] = PairRule(**said, sources=sources)
        return found

    def pair_rule(self, nation: str, post: Post) -> PairRule:
        """What is said of a nation at a post."""
        return self.pair_rules.get((nation, post), _NOTHING_SAID)


def _pair_row(row: Row) -> str:
    return "participation/" + ":".join(row[part] or "" for part in ("nation", "mission", "area"))


def window(row: Mapping[str, Any], periods: int) -> tuple[int, int]:
    """First and last period of a row's window; blank = the first / the last of the horizon."""
    return int(row["from"] or 1), int(row["until"] or periods)


def true_in(row: Mapping[str, Any], tables: ScenarioTables) -> frozenset[int]:
    """The periods of the horizon in which a row's condition is true; all where it has none."""
    bits = tables.when(row["condition"])
    return frozenset(period for period in range(1, tables.horizon + 1) if bits & (1 << (period - 1)))


def read_case(instance: Instance, scenario: str | None = None, aims: Iterable[Aim] | None = None) -> Case:
    """Index the tables of a scenario. `aims` replaces the aims of the header."""
    tables = scenario_tables(instance, scenario)
    periods = instance.header.periods
    types = {row["unit_type"]: row for row in tables.rows("unit_types")}
    nations = {row["nation"]: row for row in tables.rows("nations")}
    groups: dict[str, set[str]] = {}
    for row in tables.rows("groups"):
        groups.setdefault(row["group"], set()).add(row["nation"])
    lines = {row["requirement"]: _line(row, periods) for row in tables.rows("requirements")}
    post_rows = {(row["mission"], row["area"]): row for row in tables.rows("posts")}
    posts = {line.post: post_rows.get(line.post, _NO_POST_RULES) for line in lines.values()}
    areas = {row["area"]: row for row in tables.rows("areas")}
    for line in lines.values():
        areas.setdefault(line.post[1], {"area": line.post[1], "host": None})
    chosen = tuple(instance.header.aims if aims is None else aims) or default_aims(tables)
    return Case(
        tables=tables,
        periods=periods,
        aims=tuple(sorted(chosen, key=lambda aim: aim.priority)),
        nations=nations,
        groups={group: frozenset(members) for group, members in groups.items()},
        yields={
            (r["unit_type"], r["capability"]): float(r["amount"]) for r in tables.rows("yields") if r["amount"] > 0
        },
        pledges={r["pledge"]: _pledge(r, types[r["unit_type"]], tables, periods) for r in tables.rows("pledges")},
        missions={row["mission"]: row for row in tables.rows("missions")},
        areas=areas,
        lines=lines,
        posts=posts,
        instruments={row["instrument"]: _instrument(row, tables, lines) for row in tables.rows("instruments")},
        routes=tuple(_route(row, tables, periods) for row in tables.rows("routes")),
        funds=funds_of(tables),
    )


_NO_POST_RULES: Row = {
    "must": False,
    "min_nations": 0,
    "max_nations": None,
    "max_share": None,
    "lead": "none",
    "lead_min_share": 0.0,
    "lead_term": None,
    "max_personnel": None,
    "min_stay": None,
}
_NOTHING_SAID = PairRule()


def default_aims(tables: ScenarioTables) -> tuple[Aim, ...]:
    """The aims where the header names none: burden joins when every nation that pledges has a fair share."""
    fair = {row["nation"] for row in tables.rows("nations") if row["fair_share"] is not None}
    pledging = {row["nation"] for row in tables.rows("pledges")}
    names = ("coverage", "burden_gap", "cost") if pledging and pledging <= fair else ("coverage", "cost")
    return tuple(Aim(name, priority) for priority, name in enumerate(names, start=1))


def _line(row: Row, periods: int) -> Line:
    first, last = window(row, periods)
    return Line(
        name=row["requirement"],
        post=(row["mission"], row["area"]),
        capability=row["capability"],
        threshold=float(row["threshold"]),
        target=float(row["target"]),
        weight=float(row["weight"]),
        first=first,
        last=last,
    )


def _rotation_factor(row: Row, periods: int) -> Fraction:
    if row["rotation_factor"] is not None:
        # As it was written: 1.2 is twelve tenths, although no binary fraction is.
        return Fraction(format(float(row["rotation_factor"]), ".12g"))
    if periods == 1 and row["tour"]:
        return Fraction(int(row["tour"]) + int(row["dwell"] or 0), int(row["tour"]))
    return Fraction(1)


def _pledge(row: Row, unit_type: Row, tables: ScenarioTables, periods: int) -> Pledge:
    first, last = window(row, periods)
    quantity = int(row["quantity"])
    tour = int(row["tour"]) if row["tour"] and periods > 1 else None
    usable = quantity if tour is not None else math.floor(quantity / _rotation_factor(row, periods))
    tags = frozenset(split_words(unit_type["tags"] or "")) | frozenset(split_words(row["tags"] or ""))
    return Pledge(
        name=row["pledge"],
        nation=row["nation"],
        unit_type=row["unit_type"],
        quantity=quantity,
        usable=usable,
        first=first,
        last=last,
        tour=tour,
        dwell=int(row["dwell"] or 0),
        away_at_start=int(row["deployed_at_start"] or 0) if tour is not None else 0,
        has_factor=row["rotation_factor"] is not None,
        condition=row["condition"],
        true_in=true_in(row, tables),
        cost=None if row["cost"] is None else float(row["cost"]),
        tags=tags,
        type=unit_type,
    )


def _instrument(row: Row, tables: ScenarioTables, lines: Mapping[str, Line]) -> Instrument:
    yields: dict[str, float] = {}
    for given in tables.rows("instrument_yields"):
        if given["instrument"] != row["instrument"]:
            continue
        for line in lines.values():
            here = given["mission"] in {None, line.post[0]} and given["area"] in {None, line.post[1]}
            if here and given["capability"] == line.capability:
                yields[line.name] = yields.get(line.name, 0.0) + float(given["amount"])
    return Instrument(
        name=row["instrument"],
        cost=float(row["cost"]),
        escalation=float(row["escalation"]),
        condition=row["condition"],
        true_in=true_in(row, tables),
        sponsors=tuple(split_words(row["sponsors"] or "")),
        yields=yields,
    )


def _route(row: Row, tables: ScenarioTables, periods: int) -> Route:
    first, last = window(row, periods)
    return Route(
        origin=row["origin"],
        destination=row["destination"],
        mode=row["mode"] or "",
        capacity=None if row["capacity"] is None else float(row["capacity"]),
        cost=float(row["cost"]),
        first=first,
        last=last,
        true_in=true_in(row, tables),
    )
