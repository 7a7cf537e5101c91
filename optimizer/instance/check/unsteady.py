"""Missions whose posts are wanted for long, while no rule keeps a plan from opening and closing them in turn."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from optimizer.instance.admissible import longest_run, window_mask

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance

LONG: Final = 4
"""Periods in a row in which a post is wanted, from which on it is doubtful that it may come and go."""
_SHOWN: Final = 3
"""Posts that a finding names; the others are counted."""


def check_unsteady(instance: Instance, notes: Notes) -> None:
    """Warn of each mission without `continuity` that has posts wanted for long without `min_stay`.

    A post that must be mounted never closes. A `min_stay` of 1 says that a post may come and go, and ends the doubt.
    """
    horizon = instance.header.periods
    if horizon < LONG:
        return
    stated = {
        (row["mission"], row["area"]) for row in instance.rows("posts") if row["min_stay"] is not None or row["must"]
    }
    asked: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in instance.rows("requirements"):
        asked[row["mission"]][row["area"]] |= window_mask(row, horizon)
    for index, row in enumerate(instance.rows("missions")):
        mission = row["mission"]
        long = {area: longest_run(mask) for area, mask in asked[mission].items() if (mission, area) not in stated}
        areas = [area for area, periods in long.items() if periods >= LONG]
        if row["continuity"] or not areas:
            continue
        named = ", ".join(f"{mission}:{area}" for area in areas[:_SHOWN])
        more = f" and {len(areas) - _SHOWN} more" if len(areas) > _SHOWN else ""
        one = len(areas) == 1
        notes.warning(
            "may-come-and-go",
            "missions",
            index,
            "continuity",
            f"the post{'' if one else 's'} {named}{more} {'is' if one else 'are'} wanted for {max(long.values())} periods in a row, "
            f"and no rule keeps a plan from closing {'it' if one else 'them'} and opening {'it' if one else 'them'} again.",
            "Write true in missions, column continuity (once mounted, they stay), or the fewest periods that they stay mounted in posts, "
            "column min_stay (1 if they may come and go).",
        )
