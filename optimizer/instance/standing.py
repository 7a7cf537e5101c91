"""What makes a synthetic instance steady: missions that stay, least stays of posts, and contingents that stand there already.

The standing contingents of a post alone reach the thresholds of all its lines in every period and scenario, so that what is committed
can always be kept.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from optimizer.instance.generator import Draws, Rows

_STAY: Final = 40
"""Of a hundred missions, those that stay once they are there; of the others, each post has a least stay."""
_PART_OF_CAP: Final = 0.75
"""Share of a nation's cap, and of a host's, that standing contingents take at most."""
Post = tuple[str, str]


def make_steady(tables: dict[str, Rows], draws: Draws, horizon: int) -> None:
    """Give missions `continuity` or their posts a `min_stay`, and a part of the posts contingents that stand there already."""
    posts: dict[Post, Rows] = defaultdict(list)
    for line in tables["requirements"]:
        posts[line["mission"], line["area"]].append(line)
    ruled = {(row["mission"], row["area"]) for row in tables.get("posts", [])}
    for row in tables["missions"]:
        row["continuity"] = draws.happens(_STAY)
    _stays(tables, draws, list(posts), horizon)
    free = [post for post, lines in posts.items() if post not in ruled and not any(line.get("from") for line in lines)]
    wanted = max(1, len(posts) // 4)
    nations, used = _unbound(tables), dict[str, float]()
    for post in draws.pick(free, len(free)):
        found = _contingents(tables, post[1], posts[post], nations, used) if wanted else []
        tables["pledges"] += found
        wanted -= bool(found)


def _contingents(tables: Mapping[str, Rows], area: str, lines: Rows, nations: Rows, used: dict[str, float]) -> Rows:
    """The standing contingents of a post, from the first nation that can bear them, which then is taken from the nations; or none."""
    people = _people(tables)
    for nation in nations:
        pledges = _standing(tables, nation["nation"], lines)
        persons = sum(people[pledge["unit_type"]] * pledge["quantity"] for pledge in pledges)
        there = used.get(area, 0.0) + persons
        fits = persons <= _PART_OF_CAP * nation["max_personnel"] and there <= _PART_OF_CAP * _ceiling(tables, area)
        if pledges and fits and nation.get("min_contingent", 0) <= persons:
            nations.remove(nation)
            used[area] = there
            return pledges
    return []


def _stays(tables: dict[str, Rows], draws: Draws, posts: list[Post], horizon: int) -> None:
    """A least stay of two periods up to a quarter of the horizon for each post of a mission that need not stay."""
    stays = {row["mission"] for row in tables["missions"] if row["continuity"]}
    rows = {(row["mission"], row["area"]): row for row in tables.get("posts", [])}
    for mission, area in posts:
        if mission not in stays:
            row = rows.setdefault((mission, area), {"mission": mission, "area": area})
            row["min_stay"] = draws.whole(2, max(2, horizon // 4))
    if rows:
        tables["posts"] = list(rows.values())


def _unbound(tables: Mapping[str, Rows]) -> Rows:
    """The nations without a caveat, the largest first."""
    bound = {row["nation"] for row in tables["caveats"]}
    return [row for row in tables["nations"] if row["nation"] not in bound]


def _standing(tables: Mapping[str, Rows], nation: str, lines: Rows) -> Rows:
    """Pledges of a nation that reach the thresholds of all lines of a post with as few people as can be, and are committed."""
    pledges, people = [], _people(tables)
    for line in lines:
        able = [row for row in tables["yields"] if row["capability"] == line["capability"]]
        if not able:
            return []
        needed = {row["unit_type"]: max(1, math.ceil(line["threshold"] / row["amount"])) for row in able}
        best = min(needed, key=lambda kind: (needed[kind] * people[kind], kind))
        pledge: dict[str, Any] = {"pledge": f"{nation}-standing-{line['requirement']}", "nation": nation}
        number = {"quantity": needed[best], "committed": needed[best]}
        pledges.append(pledge | {"unit_type": best, **number, "tags": "existing"})
    return pledges


def _people(tables: Mapping[str, Rows]) -> dict[str, float]:
    return {row["unit_type"]: row["personnel"] for row in tables["unit_types"]}


def _ceiling(tables: Mapping[str, Rows], area: str) -> float:
    """The most personnel that an area admits."""
    return next((row.get("max_personnel", math.inf) for row in tables["areas"] if row["area"] == area), math.inf)
