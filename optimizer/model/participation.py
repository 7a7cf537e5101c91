r"""Family 5: participation of nations.

Presence $y_{njt}$ of nation $n$ at post $j$ in period $t$ (and likewise serving at a post at all, taking part at all, counting in a
limit) is a 0/1 variable tied to the units it stands for:

$$\sum_{r\in j}x_{prt}\le \overline{x}_p\,y_{njt}\ \text{ for each pledge } p \text{ of } n,
\qquad y_{njt}\le\sum_{p,r}x_{prt}\ \text{(where a rule rewards presence)}.$$

On it stand the smallest contingent $\sum\pi x\ge c_{nj}\,y_{njt}$, the largest number of posts $\sum_j y_{njt}\le K_n$, the numbers of
nations at a mounted post $k_j\,g_{jt}\le\sum_n y_{njt}\le K_j$, participation costs, and the largest share of one nation
$\sum_{p\in n}\pi x\le\varphi_j\sum_p\pi x$. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from optimizer.instance.situation import Limit, PostKey, Selection, Situation
from optimizer.model.availability import Units, terms_of
from optimizer.model.coverage import Coverage
from optimizer.model.rows import Key, ModelBuilder

PRESENCE_LINKS = ("per_pledge", "per_unit", "aggregated")
Terms = dict[int, float]


@dataclass
class Participation:
    """Makes the 0/1 variables of participation when a rule asks for them, each once.

    `link` names how an indicator is tied to its units: `per_pledge` (one row per pledge and period), `per_unit` (one per variable)
    or `aggregated` (one per indicator and period); all three have the same solutions in whole numbers.
    """

    builder: ModelBuilder
    situation: Situation
    units: Units
    instruments: Mapping[str, int]
    link: str = "per_pledge"
    costs_must_be_exact: bool = False
    _columns: dict[Key, int] = field(default_factory=dict)
    _supported: set[Key] = field(default_factory=set)
    _counted: dict[str, int] = field(default_factory=dict)

    def present(self, nation: str, post: PostKey, period: int, *, exact: bool = False) -> int | None:
        """Nation present at the post in the period; None where it never can be."""
        lines = self.situation.posts[post].lines
        return self._indicator(
            "is_present", (nation, *post, period), self._of_nation(nation), lines, (period,), exact=exact
        )

    def serves(self, nation: str, post: PostKey, *, exact: bool = False) -> int | None:
        """Nation serves at the post at any time; None where it never can."""
        lines = self.situation.posts[post].lines
        return self._indicator(
            "serves", (nation, *post), self._of_nation(nation), lines, self._all_periods, exact=exact
        )

    def takes_part(self, nation: str, *, exact: bool = False) -> int | None:
        """Nation serves anywhere at any time; None where it never can."""
        return self._indicator(
            "takes_part", (nation,), self._of_nation(nation), self.situation.lines, self._all_periods, exact=exact
        )

    def in_scope(self, link: str, nation: str, selection: Selection, *, exact: bool) -> int | None:
        """Nation serves within a selection at any time."""
        if selection.is_everything:
            return self.takes_part(nation, exact=exact)
        _, lines = self.situation.select(selection)
        return self._indicator(
            "serves_in_scope", (link, nation), self._of_nation(nation), lines, self._all_periods, exact=exact
        )

    def count_terms(self, limit: Limit, periods: tuple[int, ...]) -> Terms:
        """The indicators that a limit on `nations` or `posts` counts."""
        pledges, lines = self.situation.select(limit.selection)
        exact = limit.minimum is not None
        when = periods[0] if limit.per == "period" else "horizon"
        found: list[int | None] = []
        if limit.measure == "nations":
            by_nation: dict[str, list[str]] = {}
            for pledge in pledges:
                by_nation.setdefault(self.situation.pledges[pledge].nation, []).append(pledge)
            for nation, mine in by_nation.items():
                column = self._indicator(
                    "counted_nation", (limit.name, when, nation), mine, lines, periods, exact=exact
                )
                found.append(column)
                whole = limit.per == "horizon" and len(periods) == self.situation.horizon
                if column is not None and whole and limit.selection.by_nation_only:
                    self._counted[nation] = column
        else:
            by_post: dict[PostKey, list[str]] = {}
            for line in lines:
                by_post.setdefault(self.situation.lines[line].post, []).append(line)
            for post, there in by_post.items():
                found.append(
                    self._indicator("counted_post", (limit.name, when, *post), pledges, there, periods, exact=exact)
                )
        return {column: 1.0 for column in found if column is not None}

    def add_costs(self, selection: Selection, terms: Terms) -> None:
        """Add the participation costs (million, once over the horizon) that belong to a selection."""
        if not selection.by_nation_and_post_only:
            return
        for nation in self.situation.nations.values():
            if selection.nations is not None and nation.name not in selection.nations:
                continue
            if selection.by_nation_only and nation.participation_cost > 0:
                _add_term(
                    terms, self.takes_part(nation.name, exact=self.costs_must_be_exact), nation.participation_cost
                )
            for post in self.situation.posts.values():
                rules = self.situation.pairs.get((nation.name, post.key))
                if rules is not None and rules.cost > 0 and selection.takes_line(self.situation.lines[post.lines[0]]):
                    _add_term(terms, self.serves(nation.name, post.key, exact=self.costs_must_be_exact), rules.cost)

    def known_indicator(self, nation: str, posts: set[PostKey], periods: tuple[int, ...]) -> int | None:
        """The tightest variable made so far that is 1 whenever the nation is at one of the posts in one of the periods."""
        names: list[Key] = []
        if len(posts) == 1:
            post = next(iter(posts))
            names += [("is_present", nation, *post, periods[0])] if len(periods) == 1 else []
            names += [("serves", nation, *post)]
        names += [("takes_part", nation)]
        return next((self._columns[name] for name in names if name in self._columns), self._counted.get(nation))

    @property
    def _all_periods(self) -> range:
        return range(1, self.situation.horizon + 1)

    def _of_nation(self, nation: str) -> list[str]:
        return self._pledges_by_nation.get(nation, [])

    def __post_init__(self) -> None:
        if self.link not in PRESENCE_LINKS:
            raise ValueError(f"presence links are one of {', '.join(PRESENCE_LINKS)}, not {self.link!r}")
        self._pledges_by_nation: dict[str, list[str]] = {}
        for name, pledge in self.situation.pledges.items():
            self._pledges_by_nation.setdefault(pledge.nation, []).append(name)
        self._lines_by_pledge: dict[str, list[str]] = {}
        for pledge_name, line in self.units.presence:
            self._lines_by_pledge.setdefault(pledge_name, []).append(line)

    def _indicator(
        self,
        family: str,
        key: Key,
        pledges: Iterable[str],
        lines: Iterable[str],
        periods: Iterable[int],
        *,
        exact: bool,
    ) -> int | None:
        name: Key = (family, *key)
        column = self._columns.get(name)
        if column is not None and (not exact or name in self._supported):
            return column
        cells: dict[tuple[str, int], list[int]] = {}
        lines = list(lines)
        for pledge in pledges:
            for line in lines:
                here = self.units.presence.get((pledge, line))
                if here:
                    for period in periods:
                        if period in here:
                            cells.setdefault((pledge, period), []).extend(here[period])
        if not cells:
            return None
        if column is None:
            column = self._columns[name] = self.builder.add_columns(family, [key], integer=True)[key]
            finer = self._finer(family, key, cells)
            if finer is None:
                self._tie(family, key, column, cells)
            else:
                for number, one in enumerate(finer):
                    self.builder.add_row("follows", (family, *key, number), [one, column], [1.0, -1.0], upper=0.0)
        if exact and name not in self._supported:
            self._supported.add(name)
            every = sorted({one for columns in cells.values() for one in columns})
            self.builder.add_row(f"{family}_supported", key, [column, *every], [1.0] + [-1.0] * len(every), upper=0.0)
        return column

    def _finer(self, family: str, key: Key, cells: Mapping[tuple[str, int], list[int]]) -> list[int] | None:
        """Variables made before that stand for the same units bit by bit: presence for serving, serving for taking part."""
        if family == "serves":
            names: set[Key] = {("is_present", *key, period) for _, period in cells}
        elif family == "takes_part":
            lines = {line for pledge, _ in cells for line in self._lines_by_pledge[pledge]}
            names = {("serves", *key, *self.situation.lines[line].post) for line in lines}
        else:
            return None
        columns = [self._columns.get(name) for name in sorted(names)]
        known = [column for column in columns if column is not None]
        return known if len(known) == len(columns) else None

    def _tie(self, family: str, key: Key, column: int, cells: Mapping[tuple[str, int], list[int]]) -> None:
        if self.link == "per_unit":
            for one in sorted({one for columns in cells.values() for one in columns}):
                self.builder.add_row(
                    f"{family}_link", (*key, one), [one, column], [1.0, -self.builder.upper_bound(one)], upper=0.0
                )
            return
        groups: dict[Key, list[int]] = {}
        most: dict[Key, float] = {}
        for (pledge, period), columns in cells.items():
            group: Key = (pledge, period) if self.link == "per_pledge" else (period,)
            groups.setdefault(group, []).extend(columns)
            bound = min(float(self.situation.pledges[pledge].available), sum(map(self.builder.upper_bound, columns)))
            most[group] = most.get(group, 0.0) + bound
        for group, columns in groups.items():
            self.builder.add_row(
                f"{family}_link", (*key, *group), [*columns, column], [1.0] * len(columns) + [-most[group]], upper=0.0
            )


def _add_term(terms: Terms, column: int | None, value: float) -> None:
    if column is not None:
        terms_of([column], value, terms)


def index_contingents(situation: Situation) -> list[tuple[str, PostKey, int, float]]:
    """(nation, post, period, fewest personnel) wherever a smallest contingent holds."""
    found: list[tuple[str, PostKey, int, float]] = []
    for post in situation.posts.values():
        for nation in situation.nations.values():
            rules = situation.pairs.get((nation.name, post.key))
            least = nation.min_contingent if rules is None or rules.min_contingent is None else rules.min_contingent
            if least > 0:
                found.extend((nation.name, post.key, period, least) for period in post.periods)
    return found


def add(participation: Participation, coverage: Coverage) -> None:
    """Add the rows `min_contingent`, `max_posts`, `min_nations`, `max_nations` and `max_share`."""
    builder, situation = participation.builder, participation.situation
    for nation, post, period, least in index_contingents(situation):
        present = participation.present(nation, post, period)
        if present is not None:
            terms = personnel_terms(situation, participation.units, post, period, nation)
            terms_of([present], -least, terms)
            builder.add_row("min_contingent", (nation, *post, period), list(terms), list(terms.values()), lower=0.0)
    for name, rules in situation.nations.items():
        if rules.max_posts is None:
            continue
        for period in range(1, situation.horizon + 1):
            columns = _present_at(participation, [(name, post) for post in situation.posts], period, exact=False)
            if len(columns) > rules.max_posts:
                builder.add_row(
                    "max_posts", (name, period), columns, [1.0] * len(columns), upper=float(rules.max_posts)
                )
    for key, rules_of_post in situation.posts.items():
        for period in rules_of_post.periods:
            _add_post_rules(participation, coverage, key, period)


def _add_post_rules(participation: Participation, coverage: Coverage, key: PostKey, period: int) -> None:
    builder, situation = participation.builder, participation.situation
    post = situation.posts[key]
    everyone = [(nation, key) for nation in situation.nations]
    if post.min_nations > 0:
        columns = _present_at(participation, everyone, period, exact=True)
        gate = coverage.mounted.get((key, period))
        values = [1.0] * len(columns)
        if gate is None:
            builder.add_row("min_nations", (*key, period), columns, values, lower=float(post.min_nations))
        else:
            builder.add_row(
                "min_nations", (*key, period), [*columns, gate], [*values, -float(post.min_nations)], lower=0.0
            )
    if post.max_nations is not None:
        columns = _present_at(participation, everyone, period, exact=False)
        if len(columns) > post.max_nations:
            builder.add_row("max_nations", (*key, period), columns, [1.0] * len(columns), upper=float(post.max_nations))
    if post.max_share is not None and post.max_share < 1.0:
        total = personnel_terms(situation, participation.units, key, period)
        for nation in situation.nations:
            mine = personnel_terms(situation, participation.units, key, period, nation)
            if mine:
                terms = dict(mine)
                for column, amount in total.items():
                    terms_of([column], -post.max_share * amount, terms)
                builder.add_row("max_share", (nation, *key, period), list(terms), list(terms.values()), upper=0.0)


def _present_at(
    participation: Participation, pairs: Iterable[tuple[str, PostKey]], period: int, *, exact: bool
) -> list[int]:
    columns = (participation.present(nation, post, period, exact=exact) for nation, post in pairs)
    return [column for column in columns if column is not None]


def personnel_terms(situation: Situation, units: Units, post: PostKey, period: int, nation: str | None = None) -> Terms:
    """Personnel at a post in a period, of one nation or of all."""
    terms: Terms = {}
    for line in situation.posts[post].lines:
        for pledge in units.by_line.get(line, ()):
            unit = situation.pledges[pledge]
            if unit.personnel and (nation is None or unit.nation == nation):
                terms_of(units.presence[pledge, line].get(period, ()), unit.personnel, terms)
    return terms
