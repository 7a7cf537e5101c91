"""Family 7: one nation's participation depends on another's."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.instance.selectors import parse_selector
from optimizer.plan.facts import Facts
from optimizer.plan.services import Selection
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """needs, excludes, at_least; over the horizon, in the scope of the link."""
    case = facts.case
    for row in case.tables.rows("links"):
        if not case.tables.holds(row["condition"]):
            continue
        scope = Selection.of({"mission": row["mission"], "area": row["area"]})
        inside = [j for j, post in enumerate(case.posts) if scope.takes_post(case, post)]
        serving = {nation: bool(facts.serves[n, inside].any()) for n, nation in enumerate(case.nations)}
        other, bound = row["other"], parse_selector(row["nation"])
        # A name that is both: a nation, except where only a group makes sense.
        group_first = row["kind"] == "at_least" or other not in case.nations
        others = case.groups[other] if group_first and other in case.groups else frozenset({other})
        place = " and ".join(part for part in (row["mission"], row["area"]) if part) or "the coalition"
        for nation in case.nations:
            if not bound.matches(nation) or not serving[nation]:
                continue
            partners = sorted(others - {nation})
            there = [partner for partner in partners if serving[partner]]
            absent = [partner for partner in partners if not serving[partner]]
            name, count = row["link"], float(len(there))
            if row["kind"] == "needs" and absent:
                message = (
                    f"{nation} serves in {place} without {', '.join(absent)}, but the link {name!r} says: only with."
                )
                yield Violation("needs", name, nation, None, count, float(len(partners)), message)
            elif row["kind"] == "excludes" and there:
                message = (
                    f"{nation} serves in {place} with {', '.join(there)}, but the link {name!r} says: not together."
                )
                yield Violation("excludes", name, nation, None, count, 0.0, message)
            elif row["kind"] == "at_least" and len(there) < (row["count"] or 1):
                least = row["count"] or 1
                message = f"{nation} serves in {place} with {len(there)} of {other}, but the link {name!r} asks for at least {least}."
                yield Violation("at_least", name, nation, None, count, float(least), message)
