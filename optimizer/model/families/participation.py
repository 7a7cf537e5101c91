r"""Family 5: participation of nations.

Presence $y_{njt}$ of nation $n$ at post $j$ in period $t$ (and likewise serving at a post at all, taking part at all, counting in a
limit) is a 0/1 variable. It is tied to the units it stands for on the side on which some rule needs it:

$$\sum_{r\in j}x_{prt}\le \overline{x}_p\,y_{njt}\ \text{ for each pledge } p \text{ of } n\ \text{(it must be 1 where units are)},
\qquad y_{njt}\le\sum_{p,r}x_{prt}\ \text{(it can be 1 only where units are)}.$$

On it stand the smallest contingent

$$\sum_{p,r}\min(\pi_p,c_{nj})\,x_{prt}\ge c_{nj}\,y_{njt},$$

the largest number of posts $\sum_j y_{njt}\le K_n$, the numbers of nations at a mounted post $k_j\,g_{jt}\le\sum_n y_{njt}\le K_j$, participation
costs, and the largest share of one nation $\sum_{p\in n}\pi x\le\varphi_j P_{jt}$ of the personnel $P_{jt}=\sum_p\pi x$ there.

One unit of a pledge with $\pi_p\ge c_{nj}$ is a contingent of its own. So for the sake of the contingent only the smaller pledges make $y$ 1
(where there are none it needs no $y$), and because $x$ is whole, counting a large unit as $c_{nj}$ cuts nothing off; $y\le\sum x$ then follows
from the row of the contingent. Serving follows each presence that is there, and is tied to the units that are not tied to one.
Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import PostKey, Situation
from optimizer.instance.wording import sentence
from optimizer.model.families.coverage import Coverage
from optimizer.model.families.presence import THOUSAND, Participation
from optimizer.model.family import Assembly, Columns, Family, Rows, states
from optimizer.model.linear import INFINITY, IntArray, Key


def index_contingents(situation: Situation) -> list[tuple[str, PostKey, float]]:
    """(nation, post, fewest personnel) wherever a smallest contingent holds, in every period of the post."""
    return [
        (nation, post, least)
        for post in situation.posts
        for nation in situation.nations
        if (least := situation.least_contingent(nation, post)) > 0
    ]


def add(participation: Participation, coverage: Coverage) -> None:
    """Add the rows `max_posts`, `max_nations`, `min_contingent`, `min_nations` and `max_share`, and `personnel_at`."""
    situation = participation.situation
    nations, posts = situation.nations, situation.posts
    most_posts = [_or_infinite(nation.max_posts) for nation in nations.values()]
    _add_at_most(participation, "max_posts", participation.stay_nation, [(name,) for name in nations], most_posts)
    most_nations = [_or_infinite(post.max_nations) for post in posts.values()]
    _add_at_most(participation, "max_nations", participation.stay_post, list(posts), most_nations)
    # Only now: the rules before tie presence to all units, contingents to the small ones alone.
    _add_contingents(participation)
    _add_min_nations(participation, coverage)
    participation.add_personnel()
    _add_max_share(participation)


def _or_infinite(value: int | None) -> float:
    return INFINITY if value is None else float(value)


def _add_at_most(
    participation: Participation, family: str, owner: IntArray, names: Sequence[Key], most: Sequence[float]
) -> None:
    """In each period at most so many presences of one owner (a nation, or a post), where there could be more."""
    span = participation.situation.horizon + 1
    groups, where, count = np.unique(owner * span + participation.stay_period, return_inverse=True, return_counts=True)
    limits = np.array(most)[groups // span]
    over = count > limits
    wanted = over[where]
    participation.present(wanted, tied=np.ones(len(participation.stay), dtype=np.bool_))
    row = (np.cumsum(over) - 1)[where[wanted]]
    keys: list[Key] = [(*names[one // span], one % span) for one in groups[over].tolist()]
    columns = participation.column_of_stay[wanted]
    participation.builder.add_rows(family, keys, [(row, columns, 1.0)], upper=limits[over])


def _add_contingents(participation: Participation) -> None:
    nations, posts = participation._nations, participation._posts
    smallest = np.zeros((len(nations), len(posts)))
    for nation, post, fewest in index_contingents(participation.situation):
        smallest[nations[nation], posts[post]] = fewest
    least = smallest[participation.stay_nation, participation.stay_post]
    here = participation.units.here
    personnel = participation.units.pairs.amounts("personnel")[here.pair]
    small = personnel < least[participation.stay]
    asked = np.bincount(participation.stay[small], minlength=len(least)) > 0
    participation.present(asked, tied=small)
    participation.back(asked)
    counted = asked[participation.stay] & (personnel > 0)
    row = np.cumsum(asked) - 1
    chosen = np.flatnonzero(asked)
    values = np.minimum(personnel, least[participation.stay])
    participation.builder.add_rows(
        "min_contingent",
        participation.stay_keys(chosen),
        [
            (row[participation.stay[counted]], here.column[counted], values[counted]),
            (row[chosen], participation.column_of_stay[chosen], -least[chosen]),
        ],
        lower=0.0,
    )


def _add_min_nations(participation: Participation, coverage: Coverage) -> None:
    posts = list(participation.situation.posts.values())
    fewest = np.array([post.min_nations for post in posts])
    wanted = fewest[participation.stay_post] > 0
    participation.present(wanted, exact=True)
    for number, post in enumerate(posts):
        for period in post.periods if post.min_nations > 0 else ():
            there = (participation.stay_post == number) & (participation.stay_period == period)
            columns = participation.column_of_stay[there].tolist()
            ones = [1.0] * len(columns)
            gate = coverage.mounted.get((post.key, period))
            key, least = (*post.key, period), float(post.min_nations)
            if gate is None:
                participation.builder.add_row("min_nations", key, columns, ones, lower=least)
            else:
                participation.builder.add_row("min_nations", key, [*columns, gate], [*ones, -least], lower=0.0)


def _add_max_share(participation: Participation) -> None:
    """A nation's personnel at a post is at most a share of all."""
    posts = list(participation.situation.posts.values())
    most = np.array([1.0 if post.max_share is None else post.max_share for post in posts])
    limited = np.flatnonzero(most[participation.stay_post] < 1.0)
    period, nation, post = (
        numbers[limited] for numbers in (participation.stay_period, participation.stay_nation, participation.stay_post)
    )
    stays = limited[np.lexsort((nation, period, post))]
    row, columns, personnel = participation.personnel_in(stays)
    # Whoever can send no personnel there has no share.
    counted, row = np.unique(row, return_inverse=True)
    keys, shares = participation.stay_keys(stays[counted]), most[participation.stay_post[stays[counted]]]
    totals = np.array([participation.personnel_at((mission, area), one) for _, mission, area, one in keys], np.int64)
    participation.builder.add_rows(
        "max_share",
        keys,
        [(row, columns, personnel), (np.arange(len(keys)), totals, -shares * THOUSAND)],
        upper=0.0,
    )


def _rules(situation: Situation) -> Iterator[Rule]:
    words, tables = situation.words, situation.tables
    for row in tables.rows("nations"):
        who = words.name("nation", row["nation"])
        if row["max_posts"] is not None:
            text = f"{who} serves at most at {row['max_posts']} posts at a time"
            yield rule_of("nations", row, "max_posts", "cap", sentence(text), nation=row["nation"], bend="raise")
        if row["min_contingent"]:
            text = f"{who} serves at a post with at least {row['min_contingent']:,.10g} personnel or not at all"
            yield rule_of(
                "nations", row, "min_contingent", "contingent", sentence(text), nation=row["nation"], bend="lower"
            )
    for row in tables.rows("participation"):
        if row["min_contingent"]:
            text = f"{words.who(row, 'each nation')} serves with at least {row['min_contingent']:,.10g} personnel or not at all"
            said = sentence(text, words.where(row))
            yield rule_of(
                "participation", row, "min_contingent", "contingent", said, nation=row["nation"], bend="lower"
            )
    for row in tables.rows("posts"):
        if (row["mission"], row["area"]) not in situation.posts:
            continue
        post = words.post(row)
        if row["min_nations"]:
            text = f"{post} is mounted by at least {row['min_nations']} nations"
            yield rule_of("posts", row, "min_nations", "number of nations", sentence(text), bend="lower")
        if row["max_nations"] is not None:
            text = f"at most {row['max_nations']} nations are at {post} at a time"
            yield rule_of("posts", row, "max_nations", "number of nations", sentence(text), bend="raise")
        if row["max_share"] is not None and row["max_share"] < 1:
            text = f"no nation brings more than {row['max_share']:.0%} of the personnel at {post}"
            yield rule_of("posts", row, "max_share", "share", sentence(text), bend="raise")


def _contingent(situation: Situation, key: Key) -> tuple[str, ...]:
    pair = situation.pairs.get((str(key[0]), (str(key[1]), str(key[2]))))
    own = "" if pair is None else pair.contingent_rule
    return (own or rule_id("nations", str(key[0]), "min_contingent"),)


def _rewards_excess(situation: Situation) -> bool:
    """More personnel makes a contingent, and a smaller share of others."""
    return (
        any(nation.min_contingent > 0 for nation in situation.nations.values())
        or any(rules.min_contingent for rules in situation.pairs.values())
        or any(post.max_share is not None for post in situation.posts.values())
    )


def _add(assembly: Assembly) -> None:
    assembly.participation = Participation(
        assembly.builder,
        assembly.situation,
        assembly.units,
        assembly.instruments,
        assembly.presence_link,
        costs_must_be_exact=assembly.exact_costs,
        always_exact=assembly.exact,
    )
    add(assembly.participation, assembly.coverage)


_TIED = "The indicator is 1 where units that it stands for are there."
_BACKED = "The indicator is 1 only where units that it stands for are there."
_INDICATORS = {
    "is_present": Columns(
        "1 where the nation is at the post in the period: is_present[nation, mission, area, period].",
        nation=0,
        post=1,
        period=3,
    ),
    "serves": Columns(
        "1 where the nation serves at the post at any time: serves[nation, mission, area].", nation=0, post=1
    ),
    "takes_part": Columns("1 where the nation serves anywhere at any time: takes_part[nation].", nation=0),
    "serves_in_scope": Columns(
        "1 where the nation serves in the scope of a link: serves_in_scope[link, nation].", nation=1
    ),
    "counted_nation": Columns(
        "1 where a limit counts the nation: counted_nation[limit, period or horizon, nation].", nation=2, period=1
    ),
    "counted_post": Columns("1 where a limit counts the post: counted_post[limit, period or horizon, mission, area]."),
}
FAMILY = Family(
    name="participation",
    tables=("nations", "participation", "posts"),
    rules=_rules,
    columns={
        **_INDICATORS,
        "personnel_at": Columns(
            "Personnel at a post, in thousands: personnel_at[mission, area, period].", post=0, period=2
        ),
    },
    rows={
        **{f"{name}_link": Rows(_TIED) for name in _INDICATORS},
        **{f"{name}_supported": Rows(_BACKED) for name in _INDICATORS},
        "follows": Rows("Serving follows from presence."),
        "max_posts": Rows("A nation serves at so many posts at a time at most.", states("nations", "max_posts")),
        "max_nations": Rows("At most so many nations are at a post.", states("posts", "max_nations")),
        "min_contingent": Rows("A nation that is present brings at least its smallest contingent.", _contingent),
        "min_nations": Rows("A mounted post has so many nations at least.", states("posts", "min_nations")),
        "personnel_sum": Rows("The personnel at a post is the sum over its units."),
        "max_share": Rows("No nation brings more than its share of the personnel.", states("posts", "max_share", 1)),
    },
    add=_add,
    rewards_excess=_rewards_excess,
)
