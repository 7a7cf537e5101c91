"""Whose joining brings whom: how each link stands in a plan, and what follows by links alone if one nation decides otherwise.

Nothing is solved again. A nation stays away: whoever may not serve without it leaves too, and so on, until every link is
kept again. A nation joins: whoever was kept out for want of it may come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from optimizer.plan.facts import Facts
from optimizer.plan.rules.links import Bond, bonds
from optimizer.plan.services import Truths


@dataclass(frozen=True)
class Standing:
    """A link for one nation it binds, in a plan. `serving`: those of the partners that serve in the link's scope."""

    bond: Bond
    serves: bool
    serving: tuple[str, ...]
    state: str

    @property
    def spare(self) -> int | None:
        """How many of the partners that serve could leave before the nation has to; None where that is no question."""
        return len(self.serving) - self.bond.least if self.serves and self.bond.least else None


@dataclass(frozen=True)
class Consequence:
    """What the decision of one nation means for another, by links alone.

    `decision`: stays away, or joins; `effect`: leaves, serves less, or may come. `links`: those through which, `steps`: how
    many decisions follow one from another (None: may come). `posts`: how many the other loses or gains. `personnel`: the
    most that the other has at a time at the posts it loses (None: may come).
    """

    nation: str
    decision: str
    other: str
    effect: str
    links: tuple[str, ...]
    steps: int | None
    posts: int
    personnel: float | None


def stands(web: Web) -> Iterator[Standing]:
    """Every link in force, for each nation it binds.

    A link of the kinds needs and at_least is `brought` when the nation serves and has to leave with the next partner that
    does; `room to spare` when one of them could; `kept out` when the nation does not serve, and could not; `free to come`
    when its partners are there and it is not. A link of the kind excludes `keeps out` when the nation serves and a partner
    that could does not; `kept out` the other way round. `offers nothing`: the nation could not serve there anyway.
    """
    for bond in web.bonds:
        there = {web.names[n] for n in np.flatnonzero(web.facts.serving_in(bond.posts))}
        able = {web.names[n] for n in np.flatnonzero(web.could[:, list(bond.posts)].any(axis=1))}
        serving = tuple(partner for partner in bond.partners if partner in there)
        serves, waits = bond.nation in there, bool(able.intersection(bond.partners))
        state = _state(bond, serves, bond.nation in able, len(serving), waits)
        yield Standing(bond, serves, serving, state)


def _state(bond: Bond, serves: bool, may: bool, serving: int, waits: bool) -> str:
    if not serves and not may:
        return "offers nothing"
    if bond.kind == "excludes":
        if serving:
            return "broken" if serves else "kept out"
        return "keeps out" if serves and waits else "idle"
    if not bond.least:
        return "idle"
    if not serves:
        return "kept out" if serving < bond.least else "free to come"
    if serving < bond.least:
        return "broken"
    return "brought" if serving == bond.least else "room to spare"


def possible(facts: Facts) -> Truths:
    """Where each nation could serve as far as its pledges, their windows and its caveats go: nations × posts."""
    services, open_ = facts.admissible.services, facts.admissible.open
    found = np.zeros((len(facts.case.nations), len(facts.case.posts)), dtype=bool)
    np.logical_or.at(found, (services.nation, services.post), open_.any(axis=1))
    return found


def consequences(web: Web) -> Iterator[Consequence]:
    """What follows, by links alone, if one nation stays away, or joins wherever it could."""
    serves, free = web.facts.serves, web.may_come(web.facts.serves)
    linked = {web.number[name] for bond in web.bonds for name in (bond.nation, *bond.partners)}
    for n in sorted(linked):
        nation = web.names[n]
        if serves[n].any():
            after = serves.copy()
            after[n] = False
            fallen = web.fall(after)
            for other, fall in fallen.items():
                lost = serves[other] & ~after[other]
                people = float(web.facts.personnel_at[other][lost].sum(axis=0).max(initial=0.0))
                effect = "serves less" if after[other].any() else "leaves"
                links = tuple(sorted(fall.links))
                yield Consequence(
                    nation, "stays away", web.names[other], effect, links, fall.step, int(lost.sum()), people
                )
            yield from _newcomers(web, nation, "stays away", after, {n, *fallen})
        after = web.joined(n, free[n])
        if (after[n] & ~serves[n]).any():
            yield from _newcomers(web, nation, "joins", after, {n})


def _newcomers(web: Web, nation: str, decision: str, after: Truths, left_out: set[int]) -> Iterator[Consequence]:
    """Who may come after a decision and could not before."""
    serves = web.facts.serves
    before = web.may_come(serves, left_out)
    gained = web.may_come(after, left_out) & ~before
    for other in np.flatnonzero(gained.any(axis=1)).tolist():
        links = tuple(sorted({bond.link for bond in web.against(other, gained[other], serves, serves | before)}))
        yield Consequence(nation, decision, web.names[other], "may come", links, None, int(gained[other].sum()), None)


@dataclass
class _Fall:
    """How a nation comes to leave: the first step at which, and the links through which."""

    step: int
    links: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Web:
    """The links of a plan, and where each nation could serve (nations × posts)."""

    facts: Facts
    bonds: Sequence[Bond]
    could: Truths

    @classmethod
    def of(cls, facts: Facts) -> Web:
        """Read the links in force; without any, nothing else is looked at."""
        known = bonds(facts.case)
        return cls(facts, known, possible(facts) | facts.serves if known else facts.serves)

    @cached_property
    def names(self) -> list[str]:
        """The nations in order."""
        return list(self.facts.case.nations)

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each nation in that order."""
        return {nation: n for n, nation in enumerate(self.names)}

    def _serving(self, nations: Iterable[str], bond: Bond, serves: Truths) -> int:
        rows = [self.number[nation] for nation in nations]
        return int(serves[np.ix_(rows, list(bond.posts))].any(axis=1).sum())

    def fall(self, serves: Truths) -> dict[int, _Fall]:
        """Take away, in place, whoever may not serve for want of partners, until every link is kept; who falls, and how."""
        fallen: dict[int, _Fall] = {}
        step = 0
        while True:
            step += 1
            broken = [
                bond
                for bond in self.bonds
                if self._serving([bond.nation], bond, serves)
                and self._serving(bond.partners, bond, serves) < bond.least
            ]
            if not broken:
                return fallen
            for bond in broken:
                serves[self.number[bond.nation], list(bond.posts)] = False
                fallen.setdefault(self.number[bond.nation], _Fall(step)).links.add(bond.link)

    def may_come(self, serves: Truths, left_out: Iterable[int] = ()) -> Truths:
        """Where nations that do not serve could, as far as links go: nations that need each other may come together."""
        come = self.could & ~serves
        come[list(left_out)] = False
        for bond in self.bonds:
            if bond.kind != "excludes":
                continue
            mine, posts = self.number[bond.nation], list(bond.posts)
            if self._serving(bond.partners, bond, serves):
                come[mine, posts] = False
            if self._serving([bond.nation], bond, serves):
                come[np.ix_([self.number[partner] for partner in bond.partners], posts)] = False
        changed = True
        while changed:
            changed = False
            for bond in self.bonds:
                mine, posts = self.number[bond.nation], list(bond.posts)
                if come[mine, posts].any() and self._serving(bond.partners, bond, serves | come) < bond.least:
                    come[mine, posts] = False
                    changed = True
        return come

    def joined(self, nation: int, posts: Truths) -> Truths:
        """Who serves once a nation joins at these posts, less those where it would keep out, by its own exclusions, whom it needs."""
        posts = posts.copy()
        own = [bond for bond in self.bonds if self.number[bond.nation] == nation]
        while True:
            after = self.facts.serves.copy()
            after[nation] |= posts
            there = after | self.may_come(after, {nation})
            broken = [
                bond
                for bond in own
                if posts[list(bond.posts)].any() and self._serving(bond.partners, bond, there) < bond.least
            ]
            if not broken:
                return after
            for bond in broken:
                posts[list(bond.posts)] = False

    def against(self, nation: int, posts: Truths, serves: Truths, held: Truths) -> Iterator[Bond]:
        """The links that keep a nation from some of these posts, where `serves` do and at most `held` may."""
        for bond in self.bonds:
            if not posts[list(bond.posts)].any():
                continue
            mine, partners = self.number[bond.nation] == nation, {self.number[name] for name in bond.partners}
            if bond.kind == "excludes":
                if (mine and self._serving(bond.partners, bond, serves)) or (
                    nation in partners and self._serving([bond.nation], bond, serves)
                ):
                    yield bond
            elif mine and self._serving(bond.partners, bond, held) < bond.least:
                yield bond
