"""Smallest contingents and largest shares that cannot be kept."""

from __future__ import annotations

import math
from collections.abc import Iterator

from optimizer.instance.check.kept import ROUNDING, Fault, RuleCell, Verdict, joined
from optimizer.instance.check.scene import Scene
from optimizer.instance.scenario import row_key
from optimizer.instance.situation.participation import rows_about, rows_by_place, stating


def contingents(scene: Scene) -> Iterator[Verdict]:
    """Every smallest contingent fits under the caps of some post where it is asked for; and so do those of the fewest nations."""
    if not any(row["min_contingent"] for table in ("nations", "participation") for row in scene.rows(table)):
        return
    said = rows_by_place(scene.situation.tables)
    own = {row["nation"]: row for row in scene.rows("nations")}
    for post, nations in scene.pledges_at.items():
        leasts = []
        for nation in nations:
            least = scene.situation.least_contingent(nation, post)
            leasts.append(least)
            if not least:
                continue
            cap, name = scene.ceiling(post, nation)
            by_pair = stating(rows_about(said, nation, post), "min_contingent")
            row = own[nation] if by_pair is None else by_pair
            beside = row["max_personnel"]
            if beside is not None and beside < least:  # reported where the row is read
                continue
            fault = None
            if cap < least:
                fault = Fault(
                    f"the smallest contingent, {least:g}, is above the cap of {cap:g} ({name}): it can serve nowhere that the row is about.",
                    "Lower one, or raise the other.",
                )
            table = "nations" if by_pair is None else "participation"
            yield RuleCell("contingent-above-cap", table, row_key(table, row), "min_contingent"), fault
        rule = scene.situation.posts[post]
        together, (cap, name) = math.fsum(sorted(leasts)[: rule.min_nations]), scene.ceiling(post)
        if not 1 < rule.min_nations <= len(leasts):
            continue
        fault = None
        if together > cap:
            fault = Fault(
                f"{rule.min_nations} nations bring at least {together:g} persons, and the cap is {cap:g} ({name}): the post cannot be mounted.",
                "Lower the number of nations or the contingents, or raise the cap.",
                no_plan=rule.must,
            )
        yield RuleCell("contingents-above-cap", "posts", joined(post), "min_nations"), fault


def shares(scene: Scene) -> Iterator[Verdict]:
    """As many nations could be at a post as its largest share asks for."""
    for post, rules in scene.situation.posts.items():
        if rules.max_share is None or (rules.max_nations and rules.max_nations * rules.max_share < 1 - ROUNDING):
            continue
        able = [nation for nation, pledges in scene.pledges_at[post].items() if any(one.personnel for one in pledges)]
        fault = None
        if able and len(able) * rules.max_share < 1 - ROUNDING:
            fault = Fault(
                f"{len(able)} nation(s) could serve there, with at most {rules.max_share:g} each: they do not make up the whole, so no personnel can be there.",
                "Raise the share, or check pledges and caveats.",
            )
        yield RuleCell("shares-below-whole", "posts", joined(post), "max_share"), fault
