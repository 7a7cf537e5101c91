"""Which services a rule selects, and the selector columns of a row as such a selection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from optimizer.instance.instance import Row
from optimizer.instance.selectors import ANY, Selector, parse_selector
from optimizer.instance.situation.records import Line, Pledge


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
class Resolver:
    """The nations and groups of a scenario, which selector columns name."""

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
        """The nations that two selector cells choose together; None where both are blank."""
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


def members_of(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    """The nations of each group, from the rows of `groups`."""
    groups: dict[str, frozenset[str]] = {}
    for row in rows:
        groups[row["group"]] = groups.get(row["group"], frozenset()) | {row["nation"]}
    return groups
