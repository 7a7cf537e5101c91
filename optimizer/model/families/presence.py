"""The 0/1 variables of participation: presence, serving, taking part, being counted; how they are tied to units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.instance.situation import Limit, PostKey, Selection, Situation
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import BoolArray, Counts, Units, most_units
from optimizer.model.linear import FloatArray, IntArray, Key, Terms, terms
from optimizer.model.pairs import numbers

PRESENCE_LINKS = ("per_pledge", "per_unit", "aggregated")
THOUSAND = 1000.0
"""The personnel at a post is counted in thousands inside the model: beside 0/1 decisions, persons would make badly scaled rows."""


@dataclass(eq=False)
class Participation:
    """Makes the 0/1 variables of participation when a rule asks for them, each once.

    `link` names how an indicator is tied to its units: `per_pledge` (one row per pledge and period), `per_unit` (one per variable)
    or `aggregated` (one per indicator and period); all three have the same solutions in whole numbers. `always_exact`: every
    indicator is tied to its units from both sides, whoever asks for it.

    A *stay* is a nation at a post in a period, where some of its units can be; stays are numbered by post, nation and period.
    """

    builder: ModelBuilder
    situation: Situation
    units: Units
    instruments: Mapping[str, int]
    link: str = "per_pledge"
    costs_must_be_exact: bool = False
    always_exact: bool = False
    _columns: dict[Key, int] = field(default_factory=dict)
    _supported: set[Key] = field(default_factory=set)
    _counted: dict[Key, list[tuple[frozenset[int], int]]] = field(default_factory=dict)
    _personnel: dict[tuple[PostKey, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.link not in PRESENCE_LINKS:
            raise ValueError(f"presence links are one of {', '.join(PRESENCE_LINKS)}, not {self.link!r}")
        pairs, here, span = self.units.pairs, self.units.here, self.situation.horizon + 1
        self._nations = numbers(self.situation.nations)
        self._posts = numbers(self.situation.posts)
        code = (pairs.post[here.pair] * max(1, len(self._nations)) + pairs.nation[here.pair]) * span + here.period
        found, self.stay = np.unique(code, return_inverse=True)
        rest, self.stay_period = np.divmod(found, span)
        self.stay_post, self.stay_nation = np.divmod(rest, max(1, len(self._nations)))
        self._stay_of = {code: stay for stay, code in enumerate(found.tolist())}
        self._by_stay = np.argsort(self.stay, kind="stable")
        self._ends = np.searchsorted(self.stay[self._by_stay], np.arange(len(found) + 1))
        self.column_of_stay = np.full(len(found), -1, dtype=np.int64)
        self._tied = np.zeros(len(self.stay), dtype=np.bool_)
        self._backed = np.zeros(len(found), dtype=np.bool_)

    def stay_at(self, nation: str, post: PostKey, period: int) -> int | None:
        """The number of a stay; None where the nation can never be."""
        code = self._posts[post] * max(1, len(self._nations)) + self._nations[nation]
        return self._stay_of.get(code * (self.situation.horizon + 1) + period)

    def present(self, stays: BoolArray, *, tied: BoolArray | None = None, exact: bool = False) -> None:
        """Make the presence at some stays, in `column_of_stay`.

        Args:
            stays: which of the stays.
            tied: entries of units that make it 1; None: none do.
            exact: it can be 1 only where units are.
        """
        if self.always_exact:
            tied, exact = np.ones(len(self.stay), dtype=np.bool_), True
        new = np.flatnonzero(stays & (self.column_of_stay < 0))
        self.column_of_stay[new] = self.builder.width + np.arange(len(new))
        self.builder.add_columns("is_present", self.stay_keys(new), integer=True)
        if tied is not None:
            loose = tied & stays[self.stay] & ~self._tied
            self._tied |= loose
            entries = np.flatnonzero(loose)
            chosen, owner = np.unique(self.stay[entries], return_inverse=True)
            self._tie("is_present", self.stay_keys(chosen), self.column_of_stay[chosen], self._entries(entries), owner)
        if exact:
            wanted = stays & ~self._backed
            self._backed |= wanted
            entries = np.flatnonzero(wanted[self.stay])
            chosen, owner = np.unique(self.stay[entries], return_inverse=True)
            columns = self.column_of_stay[chosen]
            self._support("is_present", self.stay_keys(chosen), columns, self._entries(entries), owner)

    def back(self, stays: BoolArray) -> None:
        """Record that some row lets the presence at these stays be 1 only where units are."""
        self._backed |= stays

    def stay_keys(self, stays: IntArray) -> list[Key]:
        """(nation, mission, area, period) of stays."""
        nations, posts = list(self._nations), list(self._posts)
        return [
            (nations[nation], *posts[post], period)
            for nation, post, period in zip(
                self.stay_nation[stays].tolist(),
                self.stay_post[stays].tolist(),
                self.stay_period[stays].tolist(),
                strict=True,
            )
        ]

    def personnel_at(self, post: PostKey, period: int) -> int | None:
        """The column of the personnel at a post in a period, in thousands, where a rule is about shares; None where there can be none."""
        return self._personnel.get((post, period))

    def add_personnel(self) -> None:
        """Add `personnel_at` with its rows, for posts with a rule about shares of the personnel: each sum is written once."""
        pairs, span = self.units.pairs, self.situation.horizon + 1
        posts = list(self.situation.posts.values())
        shared = np.array([post.max_share is not None or post.lead_min_share > 0 for post in posts], dtype=np.bool_)
        personnel = pairs.amounts("personnel")
        here = self.units.here.where((shared[pairs.post] & (personnel > 0))[self.units.here.pair])
        groups, row = np.unique(pairs.post[here.pair] * span + here.period, return_inverse=True)
        where, pledge, most = most_units(self.builder, self.units, here, row)
        each = np.array([one.personnel for one in pairs.pledges])[pledge]
        bounds = np.bincount(where, weights=most * each, minlength=len(groups)) / THOUSAND
        keys = [(*posts[group // span].key, group % span) for group in groups.tolist()]
        rows, columns = np.arange(len(keys)), self.builder.width + np.arange(len(keys))
        self.builder.add_columns("personnel_at", keys, upper=bounds)
        self.builder.add_rows(
            "personnel_sum",
            keys,
            [(row, here.column, personnel[here.pair]), (rows, columns, -THOUSAND)],
            lower=0.0,
            upper=0.0,
        )
        self._personnel = {(key[:2], key[2]): column for key, column in zip(keys, columns.tolist(), strict=True)}

    def personnel_in(self, stays: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """(number in `stays`, column, personnel) of all units at some stays; -1 is a stay where none can be."""
        first = np.where(stays >= 0, self._ends[stays], 0)
        counts = np.where(stays >= 0, self._ends[stays + 1], 0) - first
        owner = np.repeat(np.arange(len(stays)), counts)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        there = self._entries(self._by_stay[first[owner] + step])
        amounts = self.units.pairs.amounts("personnel")[there.pair]
        counted = amounts > 0
        return owner[counted], there.column[counted], amounts[counted]

    def serves(self, nation: str, post: PostKey, *, exact: bool = False) -> int | None:
        """Nation serves at the post at any time; None where it never can."""
        code = (self._posts[post] * max(1, len(self._nations)) + self._nations[nation]) * (self.situation.horizon + 1)
        stays = [self._stay_of[one] for one in range(code, code + self.situation.horizon + 1) if one in self._stay_of]
        # Places of one nation and post are next to each other.
        span = slice(self._ends[stays[0]], self._ends[stays[-1] + 1]) if stays else slice(0, 0)
        presences = self.column_of_stay[stays]
        return self._indicator(
            "serves", (nation, *post), np.sort(self._by_stay[span]), presences[presences >= 0], exact=exact
        )

    def takes_part(self, nation: str, *, exact: bool = False) -> int | None:
        """Nation serves anywhere at any time; None where it never can."""
        mine = self.stay_nation == self._nations[nation]
        posts = list(self._posts)
        serving = [
            self._columns.get(("serves", nation, *posts[post])) for post in np.unique(self.stay_post[mine]).tolist()
        ]
        finer = [column for column in serving if column is not None]
        whole = len(finer) == len(serving)
        return self._indicator(
            "takes_part",
            (nation,),
            np.flatnonzero(mine[self.stay]),
            np.array(finer if whole else [], dtype=np.int64),
            followed=whole,
            exact=exact,
        )

    def in_scope(self, link: str, nation: str, selection: Selection, *, exact: bool) -> int | None:
        """Nation serves within a selection at any time."""
        if selection.is_everything:
            return self.takes_part(nation, exact=exact)
        taken = self.units.pairs.taken(selection) & (self.units.pairs.nation == self._nations[nation])
        entries = np.flatnonzero(taken[self.units.here.pair])
        return self._indicator("serves_in_scope", (link, nation), entries, np.zeros(0, dtype=np.int64), exact=exact)

    def counted(self, limit: Limit, periods: tuple[int, ...]) -> Terms:
        """The indicators that a limit on `nations` or `posts` counts."""
        pairs, here = self.units.pairs, self.units.here
        inside = np.isin(here.period, periods)
        entries = np.flatnonzero(pairs.taken(limit.selection)[here.pair] & inside)
        by_nation = limit.measure == "nations"
        number, owner = np.unique((pairs.nation if by_nation else pairs.post)[here.pair[entries]], return_inverse=True)
        when = periods[0] if limit.per == "period" else "horizon"
        names: list[Key] = [(name,) for name in self._nations] if by_nation else list(self._posts)
        keys = [(limit.name, when, *names[one]) for one in number.tolist()]
        exact = limit.minimum is not None
        if by_nation:
            columns = self._indicators("counted_nation", keys, entries, owner, exact=exact)
        else:
            columns = self._indicators("counted_post", keys, entries, owner, exact=exact)
        if limit.selection.by_nation_only if by_nation else limit.selection.by_post_only:
            for one, column in zip(number, columns.tolist(), strict=True):
                self._counted.setdefault(names[one], []).append((frozenset(periods), column))
        return Terms(columns, np.ones(len(columns)))

    def costs(self, selection: Selection) -> Terms:
        """The participation costs (million, once over the horizon) that belong to a selection."""
        found: dict[int, float] = {}
        if selection.by_nation_and_post_only:
            exact = self.costs_must_be_exact
            for nation in self.situation.nations.values():
                if selection.nations is not None and nation.name not in selection.nations:
                    continue
                if selection.by_nation_only and nation.participation_cost > 0:
                    part = self.takes_part(nation.name, exact=exact)
                    if part is not None:
                        found[part] = nation.participation_cost
                for post in self.situation.posts.values():
                    rules = self.situation.pairs.get((nation.name, post.key))
                    if (
                        rules is None
                        or rules.cost <= 0
                        or not selection.takes_line(self.situation.lines[post.lines[0]])
                    ):
                        continue
                    serving = self.serves(nation.name, post.key, exact=exact)
                    if serving is not None:
                        found[serving] = rules.cost
        return terms(found, found.values())

    def known_indicator(self, nation: str, posts: set[PostKey], periods: tuple[int, ...]) -> int | None:
        """The tightest variable made so far that may be 1 whenever the nation is at one of the posts in one of the periods."""
        if nation not in self._nations:
            return None
        names: list[Key] = [("takes_part", nation)]
        if len(posts) == 1:
            post = next(iter(posts))
            stay = self.stay_at(nation, post, periods[0]) if len(periods) == 1 else None
            if stay is not None and self.column_of_stay[stay] >= 0:
                return int(self.column_of_stay[stay])
            names.insert(0, ("serves", nation, *post))
        known = next((self._columns[name] for name in names if name in self._columns), None)
        return self.counting((nation,), periods) if known is None else known

    def counting(self, name: Key, periods: tuple[int, ...]) -> int | None:
        """The variable by which a limit counts a nation or a post wherever units of it are, over the fewest periods that hold these."""
        spans = [
            (len(counted), column) for counted, column in self._counted.get(name, ()) if counted.issuperset(periods)
        ]
        return min(spans)[1] if spans else None

    def _entries(self, stays: IntArray) -> Counts:
        here = self.units.here
        return Counts(here.pair[stays], here.period[stays], here.column[stays])

    def _indicator(
        self,
        family: str,
        key: Key,
        entries: IntArray,
        finer: IntArray,
        *,
        followed: bool = False,
        exact: bool,
    ) -> int | None:
        """One indicator for the units of some entries.

        `finer` are indicators made before for some of them: it follows them, and is tied to the units that none of them is tied to
        (`followed`: to none at all).
        """
        exact = exact or self.always_exact
        name: Key = (family, *key)
        known = self._columns.get(name)
        if not len(entries) or (known is not None and (not exact or name in self._supported)):
            return known
        owner = np.zeros(len(entries), dtype=np.int64)
        if known is None:
            known = self._columns[name] = self.builder.add_columns(family, [key], integer=True)[key]
            column = np.array([known])
            rows = np.arange(len(finer))
            keys: list[Key] = [(family, *key, number) for number in rows.tolist()]
            ends = [(rows, finer, 1.0), (rows, np.repeat(column, len(rows)), -1.0)]
            self.builder.add_rows("follows", keys, ends, upper=0.0)
            if not followed:
                loose = ~self._tied[entries] if len(finer) else np.ones(len(entries), dtype=np.bool_)
                self._tie(family, [key], column, self._entries(entries[loose]), owner[loose])
        if exact:
            self._supported.add(name)
            self._support(family, [key], np.array([known]), self._entries(entries), owner)
        return known

    def _indicators(
        self, family: str, keys: Sequence[Key], entries: IntArray, owner: IntArray, *, exact: bool
    ) -> IntArray:
        """Indicators that are 1 where their units are; `owner` says to which of the keys an entry of units belongs."""
        columns = self.builder.width + np.arange(len(keys))
        self.builder.add_columns(family, keys, integer=True)
        here = self._entries(entries)
        self._tie(family, keys, columns, here, owner)
        if exact or self.always_exact:
            self._support(family, keys, columns, here, owner)
        return columns

    def _tie(self, family: str, keys: Sequence[Key], columns: IntArray, here: Counts, owner: IntArray) -> None:
        """Indicators must be 1 where their units are."""
        if not len(owner):
            return
        builder, pairs, span = self.builder, self.units.pairs, self.situation.horizon + 1
        if self.link == "per_unit":
            code = np.unique(owner * builder.width + here.column)
            owners, units = np.divmod(code, builder.width)
            rows = np.arange(len(code))
            names = [(*keys[one], unit) for one, unit in zip(owners.tolist(), units.tolist(), strict=True)]
            builder.add_rows(
                f"{family}_link",
                names,
                [(rows, units, 1.0), (rows, columns[owners], -builder.upper_bounds(units))],
                upper=0.0,
            )
            return
        cell, pledges, bounds = most_units(builder, self.units, here, owner * span + here.period)
        if self.link == "aggregated":
            groups, row = np.unique(owner * span + here.period, return_inverse=True)
            owners, periods = np.divmod(groups, span)
            names = [(*keys[one], period) for one, period in zip(owners.tolist(), periods.tolist(), strict=True)]
            position = np.searchsorted(groups, cell)
            most: FloatArray = np.bincount(position, weights=bounds, minlength=len(groups)).astype(np.float64)
        else:
            count = len(pairs.pledges)
            owners, periods = np.divmod(cell, span)
            order = np.lexsort((periods, pledges, owners))
            owners, periods, pledges, most = owners[order], periods[order], pledges[order], bounds[order]
            groups = (owners * count + pledges) * span + periods
            row = np.searchsorted(groups, (owner * count + pairs.pledge[here.pair]) * span + here.period)
            names = [
                (*keys[one], pairs.pledges[pledge].name, period)
                for one, pledge, period in zip(owners.tolist(), pledges.tolist(), periods.tolist(), strict=True)
            ]
        rows = np.arange(len(groups))
        builder.add_rows(f"{family}_link", names, [(row, here.column, 1.0), (rows, columns[owners], -most)], upper=0.0)

    def _support(self, family: str, keys: Sequence[Key], columns: IntArray, here: Counts, owner: IntArray) -> None:
        """Indicators can be 1 only where their units are."""
        if not len(keys):
            return
        code = np.unique(owner * self.builder.width + here.column)
        owners, units = np.divmod(code, self.builder.width)
        rows = np.arange(len(keys))
        self.builder.add_rows(
            f"{family}_supported", list(keys), [(rows, columns, 1.0), (owners, units, -1.0)], upper=0.0
        )
