"""Family 7: one nation's participation depends on another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.instance.selectors import parse_selector
from optimizer.plan.case import Case, true_in
from optimizer.plan.facts import Facts
from optimizer.plan.services import Selection
from optimizer.plan.violation import Violation


@dataclass(frozen=True)
class Bond:
    """A link in force, for one of the nations that it binds.

    `mission` and `area` are the scope as written (empty: any), `posts` the numbers of the posts inside it; `partners` are
    the nations that `other` stands for, in order of name, without the nation itself. `least`: how many of them have to
    serve there (0 for excludes).
    """

    link: str
    kind: str
    nation: str
    other: str
    partners: tuple[str, ...]
    least: int
    mission: str
    area: str
    posts: tuple[int, ...]

    @property
    def place(self) -> str:
        """The scope in words."""
        return " and ".join(part for part in (self.mission, self.area) if part) or "the coalition"


def bonds(case: Case) -> list[Bond]:
    """Every link whose condition is true in some period, once for each nation that it binds."""
    found = []
    for row in case.tables.rows("links"):
        if not true_in(row, case.tables):
            continue
        scope = Selection.of({"mission": row["mission"], "area": row["area"]})
        inside = tuple(j for j, post in enumerate(case.posts) if scope.takes_post(case, post))
        other, bound = row["other"], parse_selector(row["nation"])
        # A name that is both: a nation, except where only a group makes sense.
        group_first = row["kind"] == "at_least" or other not in case.nations
        others = case.groups[other] if group_first and other in case.groups else frozenset({other})
        for nation in case.nations:
            if not bound.matches(nation):
                continue
            partners = tuple(sorted(others - {nation}))
            least = {"needs": len(partners), "excludes": 0}.get(row["kind"], int(row["count"] or 1))
            where = (row["mission"] or "", row["area"] or "")
            found.append(Bond(row["link"], row["kind"], nation, other, partners, least, *where, inside))
    return found


def check(facts: Facts) -> Iterator[Violation]:
    """needs, excludes, at_least; over the horizon, in the scope of the link."""
    number = {nation: n for n, nation in enumerate(facts.case.nations)}
    for bond in bonds(facts.case):
        serving = facts.serving_in(bond.posts)
        if not serving[number[bond.nation]]:
            continue
        there = [partner for partner in bond.partners if serving[number[partner]]]
        absent = [partner for partner in bond.partners if not serving[number[partner]]]
        name, nation, count = bond.link, bond.nation, float(len(there))
        source = f"links/{name}"
        if bond.kind == "needs" and absent:
            message = (
                f"{nation} serves in {bond.place} without {', '.join(absent)}, but the link {name!r} says: only with."
            )
            yield Violation("needs", name, nation, None, count, float(bond.least), message, source)
        elif bond.kind == "excludes" and there:
            message = (
                f"{nation} serves in {bond.place} with {', '.join(there)}, but the link {name!r} says: not together."
            )
            yield Violation("excludes", name, nation, None, count, 0.0, message, source)
        elif bond.kind == "at_least" and len(there) < bond.least:
            message = f"{nation} serves in {bond.place} with {len(there)} of {bond.other}, but the link {name!r} asks for at least {bond.least}."
            yield Violation("at_least", name, nation, None, count, float(bond.least), message, source)
