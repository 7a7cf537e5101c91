"""Checks of rules that can never be kept: a contingent nobody can raise, a partner who cannot come, a gateway without a way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.instance.cells import split_words
from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.selectors import parse_selector

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

Post = tuple[str, str]


@dataclass(frozen=True)
class Reach:
    """The tables of one scenario, and the posts at which each nation could serve in it."""

    tables: ScenarioTables
    posts: Mapping[str, frozenset[Post]]

    def could(self, nation: str, mission: str | None = None, area: str | None = None) -> bool:
        """Whether a nation could serve at a post that the selectors pick."""
        missions, areas = parse_selector(mission), parse_selector(area)
        return any(missions.matches(m) and areas.matches(a) for m, a in self.posts.get(nation, ()))


def reach_of(tables: ScenarioTables, services: Mapping[tuple[str, str], int]) -> Reach:
    """From what could serve where: (pledge, requirement) → periods."""
    nation = {row["pledge"]: row["nation"] for row in tables.rows("pledges")}
    post = {row["requirement"]: (row["mission"], row["area"]) for row in tables.rows("requirements")}
    posts: dict[str, set[Post]] = defaultdict(set)
    for pledge, line in services:
        posts[nation[pledge]].add(post[line])
    return Reach(tables, {name: frozenset(found) for name, found in posts.items()})


def check_reach(instance: Instance, scenarios: Sequence[Reach], notes: Notes) -> None:
    """All checks of this module: each speaks only where a rule cannot be kept in any scenario in which it is in force."""
    _check_contingents(instance, scenarios, notes)
    if not {"links", "groups"} & notes.faulty_tables:
        _check_links(instance, scenarios, notes)
    _check_sponsors(instance, scenarios, notes)
    _check_ways(instance, scenarios, notes)


def _check_contingents(instance: Instance, scenarios: Sequence[Reach], notes: Notes) -> None:
    """A nation has as many persons as its smallest contingent asks for."""
    most: dict[str, float] = defaultdict(float)
    for scenario in scenarios:
        people = {row["unit_type"]: row["personnel"] for row in scenario.tables.rows("unit_types")}
        pledged: dict[str, float] = defaultdict(float)
        for row in scenario.tables.rows("pledges"):
            pledged[row["nation"]] += row["quantity"] * people[row["unit_type"]]
        for nation, amount in pledged.items():
            most[nation] = max(most[nation], amount)
    for table in ("nations", "participation"):
        for index, row in enumerate(instance.rows(table)):
            least, cap, nation = row["min_contingent"], row["max_personnel"], row["nation"]
            if not least or nation not in most or (cap is not None and least > cap) or least <= most[nation]:
                continue
            notes.warning(
                "contingent-above-pledges",
                table,
                index,
                "min_contingent",
                f"the smallest contingent is {least:g} persons, and all pledges of {nation} together have {most[nation]:g}: it can never serve there.",
                "Lower it, or correct the pledges.",
            )


def _check_links(instance: Instance, scenarios: Sequence[Reach], notes: Notes) -> None:
    """Whoever needs others could have them."""
    members: dict[str, set[str]] = defaultdict(set)
    for row in instance.rows("groups"):
        members[row["group"]].add(row["nation"])
    nations = [row["nation"] for row in instance.rows("nations")]
    for index, row in enumerate(instance.rows("links")):
        in_force = [scenario for scenario in scenarios if scenario.tables.ever(row["condition"])]
        if row["kind"] == "excludes" or not in_force:
            continue
        for nation in filter(parse_selector(row["nation"]).matches, nations):
            others = ({row["other"]} if row["other"] in nations else members[row["other"]]) - {nation}
            least = row["count"] if row["kind"] == "at_least" else len(others)
            post = (row["mission"], row["area"])
            serving = [scenario for scenario in in_force if scenario.could(nation, *post)]
            counts = [sum(scenario.could(other, *post) for other in others) for scenario in serving]
            if serving and max(counts) < (least or 0):
                lacking = sorted(other for other in others if not any(s.could(other, *post) for s in serving))
                notes.warning(
                    "link-cannot-hold",
                    "links",
                    index,
                    "other",
                    f"{nation} serves only with others who could not: {', '.join(lacking) or row['other']} can serve nowhere in the scope of the link.",
                    "Correct the link, or the pledges and caveats of the others.",
                )
                break


def _check_sponsors(instance: Instance, scenarios: Sequence[Reach], notes: Notes) -> None:
    """Every sponsor of an instrument could take part."""
    for index, row in enumerate(instance.rows("instruments")):
        in_force = [scenario for scenario in scenarios if scenario.tables.ever(row["condition"])]
        for sponsor in split_words(row["sponsors"] or ""):
            if in_force and not any(scenario.could(sponsor) for scenario in in_force):
                notes.warning(
                    "sponsor-cannot-serve",
                    "instruments",
                    index,
                    "sponsors",
                    f"{sponsor} has to take part, and could serve nowhere: {row['instrument']!r} can never be used.",
                    "Remove the sponsor, or give it a pledge that can serve.",
                )


def _check_ways(instance: Instance, scenarios: Sequence[Reach], notes: Notes) -> None:
    """From a nation's gateway some way leads to where its units could serve."""
    if not instance.rows("routes"):
        return
    heavy = {row["nation"] for scenario in scenarios for row in _moving(scenario.tables)}
    for index, row in enumerate(instance.rows("nations")):
        nation, gateway = row["nation"], row["gateway"]
        if gateway is None or nation not in heavy:
            continue
        wanted = {area for scenario in scenarios for _, area in scenario.posts.get(nation, ())}
        reached = {area for scenario in scenarios for area in _from(gateway, scenario.tables)}
        if wanted - reached:
            notes.warning(
                "no-way",
                "nations",
                index,
                "gateway",
                f"no route leads from {gateway!r} to {', '.join(sorted(wanted - reached))}: what {nation} offers there cannot come.",
                "Add routes, or name another gateway.",
            )


def _moving(tables: ScenarioTables) -> Iterator[Row]:
    """The pledges whose units have to be moved or supplied."""
    heavy = {row["unit_type"] for row in tables.rows("unit_types") if row["lift"] or row["sustainment"]}
    return (row for row in tables.rows("pledges") if row["unit_type"] in heavy)


def _from(start: str, tables: ScenarioTables) -> set[str]:
    """The areas to which routes lead, at any time; where it starts itself is one of them."""
    reached, left = {start}, [start]
    while left:
        here = left.pop()
        for row in tables.rows("routes"):
            there = row["destination"]
            if (
                row["origin"] == here
                and there not in reached
                and row["capacity"] != 0
                and tables.ever(row["condition"])
            ):
                reached.add(there)
                left.append(there)
    return reached
