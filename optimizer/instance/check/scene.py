"""One scenario as the checks see it: who could serve where, and under which caps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.instance.situation import Limit, Pledge, PostKey, Selection, Situation

if TYPE_CHECKING:
    from optimizer.instance.instance import Row


@dataclass(frozen=True)
class Scene:
    """One scenario, and who could serve where in it: the pairs (pledge, line)."""

    situation: Situation
    services: Iterable[tuple[str, str]]

    def rows(self, table: str) -> list[Row]:
        """The rows of a table as they are in this scenario."""
        return self.situation.tables.rows(table)

    @cached_property
    def lines_of(self) -> dict[str, list[str]]:
        """The lines on which each pledge could serve."""
        found: dict[str, list[str]] = defaultdict(list)
        for pledge, line in self.services:
            found[pledge].append(line)
        return found

    @cached_property
    def pledges_of(self) -> dict[str, list[Pledge]]:
        """The pledges of each nation that could serve anywhere."""
        found: dict[str, list[Pledge]] = defaultdict(list)
        for name in self.lines_of:
            found[self.situation.pledges[name].nation].append(self.situation.pledges[name])
        return found

    @cached_property
    def pledges_at(self) -> dict[PostKey, dict[str, list[Pledge]]]:
        """The pledges that could serve at each post, by nation."""
        found: dict[PostKey, dict[str, list[Pledge]]] = defaultdict(lambda: defaultdict(list))
        for name, lines in self.lines_of.items():
            pledge = self.situation.pledges[name]
            for post in dict.fromkeys(self.situation.lines[line].post for line in lines):
                found[post][pledge.nation].append(pledge)
        return found

    def selected(self, selection: Selection) -> Iterator[tuple[Pledge, list[str]]]:
        """The pledges that could serve in a selection, with the lines."""
        for nation in self.pledges_of if selection.nations is None else sorted(selection.nations):
            for pledge in self.pledges_of.get(nation, ()):
                if selection.takes_pledge(pledge):
                    lines = [x for x in self.lines_of[pledge.name] if selection.takes_line(self.situation.lines[x])]
                    if lines:
                        yield pledge, lines

    def could(self, nation: str, selection: Selection) -> bool:
        """Whether a nation could serve in a selection of posts."""
        lines = self.situation.lines
        return any(
            selection.takes_line(lines[line])
            for pledge in self.pledges_of.get(nation, ())
            for line in self.lines_of[pledge.name]
        )

    @cached_property
    def ceilings(self) -> dict[str | None, list[Limit]]:
        """The caps on personnel that hold throughout and count everybody at a post, by the nations that they select (None: all together)."""
        found: dict[str | None, list[Limit]] = defaultdict(list)
        for limit in self.situation.limits:
            throughout = limit.per == "period" and len(limit.periods) == self.situation.horizon
            if limit.measure == "personnel" and limit.maximum is not None and throughout:
                for nation in limit.selection.nations or (None,) if limit.selection.by_nation_and_post_only else ():
                    found[nation].append(limit)
        return found

    def ceiling(self, post: PostKey, nation: str | None = None) -> tuple[float, str]:
        """The lowest cap on the personnel of a nation (None: of all together) at a post, and its name."""
        line = self.situation.lines[self.situation.posts[post].lines[0]]
        limits = [*self.ceilings.get(None, ()), *(self.ceilings.get(nation, ()) if nation is not None else ())]
        caps = [(limit.maximum or 0.0, limit.name) for limit in limits if limit.selection.takes_line(line)]
        return min(caps, default=(math.inf, ""))
