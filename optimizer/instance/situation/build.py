"""From the tables of a scenario to its situation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from optimizer.instance.admissible import periods_of, rotation_factor
from optimizer.instance.cells import split_words
from optimizer.instance.instance import Aim, Instance, Row
from optimizer.instance.scenario import ScenarioTables, scenario_tables
from optimizer.instance.selectors import parse_selector
from optimizer.instance.situation.costs import DeploymentCosts
from optimizer.instance.situation.funding import funded, funds
from optimizer.instance.situation.limits import (
    caveat_limits,
    periods_in_force,
    shorthand_limits,
    stated_limits,
    window,
)
from optimizer.instance.situation.participation import participation
from optimizer.instance.situation.records import Instrument, Line, Mission, Nation, Pledge, Post, PostKey, Route
from optimizer.instance.situation.rules import Enabler, Link
from optimizer.instance.situation.selection import Resolver, Selection, members_of
from optimizer.instance.situation.situation import Situation


def build_situation(instance: Instance, scenario: str | None = None, aims: tuple[Aim, ...] | None = None) -> Situation:
    """Resolve one scenario (None: the conditions' defaults); `aims`: followed in place of the header's, in the instance too.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """
    tables = scenario_tables(instance, scenario)
    if aims:
        instance = replace(instance, header=replace(instance.header, aims=aims))
    horizon = instance.header.periods
    areas = {row["area"]: row for row in tables.rows("areas")}
    lines = {row["requirement"]: _line(row, areas, horizon) for row in tables.rows("requirements")}
    missions = {row["mission"]: row for row in tables.rows("missions")}
    posts = _posts(tables, lines, missions)
    pledges = _pledges(tables, horizon)
    nations = {row["nation"]: _nation(row) for row in tables.rows("nations")}
    groups = members_of(tables.rows("groups"))
    resolve = Resolver(frozenset(nations), groups)
    pairs, pair_limits = participation(tables, nations, posts, horizon)
    paying = tuple(funds(tables, resolve))
    shorthands = shorthand_limits(tables, lines, horizon, funded(paying))
    limits = (*stated_limits(tables, resolve), *shorthands, *pair_limits)
    return Situation(
        instance=instance,
        scenario=scenario,
        horizon=horizon,
        aims=instance.header.aims,
        nations=nations,
        pledges=pledges,
        missions={name: Mission(name, row["weight"], row["score"] == "weakest") for name, row in missions.items()},
        lines=lines,
        posts=posts,
        yields={(row["unit_type"], row["capability"]): row["amount"] for row in tables.rows("yields")},
        limits=(*limits, *caveat_limits(tables, resolve)),
        pairs=pairs,
        links=tuple(_links(tables, resolve, groups)),
        enablers=tuple(_enabler(row) for row in tables.rows("enablers")),
        instruments=tuple(_instruments(tables, lines)),
        funds=paying,
        routes=tuple(_routes(tables)),
        has_routes=bool(tables.rows("routes")),
        costs=DeploymentCosts(tables.rows("deployment_costs")),
        tables=tables,
    )


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
    first, last = window(row, horizon)
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
        if not tables.ever(row["condition"]):
            continue
        kind = types[row["unit_type"]]
        tour = int(row["tour"]) if row["tour"] is not None and horizon > 1 else None
        quantity = int(row["quantity"])
        pledges[row["pledge"]] = Pledge(
            name=row["pledge"],
            nation=row["nation"],
            unit_type=row["unit_type"],
            domain=kind["domain"],
            quantity=quantity,
            available=quantity if tour is not None else int(quantity / rotation_factor(row)),
            periods=periods_in_force(row, tables),
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
            condition=row["condition"],
        )
    return pledges


def _links(tables: ScenarioTables, resolve: Resolver, groups: Mapping[str, frozenset[str]]) -> Iterable[Link]:
    for row in tables.rows("links"):
        if not tables.ever(row["condition"]):
            continue
        bound = resolve.nations_of(row["nation"], None)
        where = Selection(mission=parse_selector(row["mission"]), area=parse_selector(row["area"]))
        for nation in sorted(resolve.nations if bound is None else bound):
            others = groups.get(row["other"], frozenset({row["other"]})) - {nation}
            count = int(row["count"] or 1) if row["kind"] == "at_least" else len(others)
            yield Link(row["link"], row["kind"], nation, tuple(sorted(others)), count, where)


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
        if not tables.ever(row["condition"]):
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
        periods = frozenset(periods_of(tables.when(row["condition"])))
        yield Instrument(row["instrument"], row["cost"], row["escalation"], sponsors, yields, periods)


def _routes(tables: ScenarioTables) -> Iterable[Route]:
    for row in tables.rows("routes"):
        periods = periods_in_force(row, tables)
        if periods:
            name = f"{row['origin']}>{row['destination']}" + (f" {row['mode']}" if row["mode"] else "")
            yield Route(
                name,
                row["origin"],
                row["destination"],
                row["mode"],
                row["capacity"],
                row["cost"],
                frozenset(periods),
            )
