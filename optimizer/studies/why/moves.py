"""What differs between two plans of one instance: who comes and goes where and when, and which posts open and close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.instance.situation import Situation
from optimizer.model.aims import Baseline
from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class Move:
    """A nation comes to a post, or leaves it: by how many unit-periods (below zero: fewer), and the periods in which its units change."""

    nation: str
    mission: str
    area: str
    change: int
    periods: tuple[int, ...] = ()

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "nation": self.nation,
            "mission": self.mission,
            "area": self.area,
            "change": self.change,
            "periods": list(self.periods),
        }


@dataclass(frozen=True)
class PostChange:
    """A post that is mounted in these periods in one plan only: in the new one (`opens`), or in the old one."""

    mission: str
    area: str
    opens: bool
    periods: tuple[int, ...]

    def record(self) -> dict[str, Any]:
        """The machine form."""
        return {"mission": self.mission, "area": self.area, "opens": self.opens, "periods": list(self.periods)}


def moves_between(
    situation: Situation, before: Baseline, after: Baseline, apart: tuple[str, str, str]
) -> tuple[Move, ...]:
    """Who comes and who goes, the largest changes first.

    Args:
        situation: the case of both plans.
        before: units per (pledge, requirement, period).
        after: the same, of the other plan.
        apart: a nation, mission and area that are not looked at.
    """
    change: dict[tuple[str, str, str, int], int] = {}
    for sign, units in ((-1, before), (1, after)):
        for (pledge, line, period), count in units.items():
            key = (situation.pledges[pledge].nation, *situation.lines[line].post, period)
            change[key] = change.get(key, 0) + sign * count
    sums: dict[tuple[str, str, str, bool], list[tuple[int, int]]] = {}
    for (nation, mission, area, period), count in change.items():
        if count and (nation, mission, area) != apart:
            sums.setdefault((nation, mission, area, count > 0), []).append((period, count))
    found = [
        Move(nation, mission, area, sum(count for _, count in counts), tuple(sorted(period for period, _ in counts)))
        for (nation, mission, area, _), counts in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.change), one.nation, one.mission, one.area, one.change)))


def posts_between(before: Plan, after: Plan) -> tuple[PostChange, ...]:
    """Posts that open and close, in the order of the tables."""
    was, is_ = _mounted(before), _mounted(after)
    found = []
    for post in dict.fromkeys((*was, *is_)):
        old, new = was.get(post, frozenset()), is_.get(post, frozenset())
        for opens, periods in ((True, new - old), (False, old - new)):
            if periods:
                found.append(PostChange(*post, opens, tuple(sorted(periods))))
    return tuple(found)


def _mounted(plan: Plan) -> Mapping[tuple[str, str], frozenset[int]]:
    frame = plan.posts[plan.posts["mounted"]]
    found: dict[tuple[str, str], set[int]] = {}
    for mission, area, period in zip(frame["mission"], frame["area"], frame["period"], strict=True):
        found.setdefault((str(mission), str(area)), set()).add(int(period))
    return {post: frozenset(periods) for post, periods in found.items()}
