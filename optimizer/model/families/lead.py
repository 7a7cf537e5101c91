r"""Family 6: lead (framework nation).

For every post that needs a lead and every term $k$ of it (blocks of `lead_term` periods; blank: the whole horizon), with
$\ell_{njk}=1$ when nation $n$, willing to lead, leads:

$$\sum_n\ell_{njk}\le1,\qquad \sum_n\ell_{njk}\ge g_{jt},\qquad y_{njt}\ge\ell_{njk}+g_{jt}-1,\qquad
\sum_{p\in n}\pi x_{prt}\ge\lambda_j P_{jt}-M_{jt}(1-\ell_{njk})$$

for all $t$ in the term, where $P_{jt}=\sum_p\pi x_{prt}$ is the personnel at the post (a column of its own, `personnel_at`) and $M_{jt}$ is
$\lambda_j$ times as many as can be there at most. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import PostKey, Situation
from optimizer.instance.wording import counted, sentence
from optimizer.model.families.coverage import Coverage
from optimizer.model.families.presence import THOUSAND, Participation
from optimizer.model.family import Assembly, Columns, Family, Rows, RuleOfRow
from optimizer.model.linear import IntArray, Key

LeadKey = tuple[str, str, str, int]


class _Held(NamedTuple):
    """Who may lead a post in a period: columns of the lead and of the mounting (-1: always mounted), and the stay (-1: never there)."""

    nation: str
    post: PostKey
    period: int
    lead: int
    gate: int
    stay: int


def terms_of_lead(situation: Situation, post: PostKey) -> dict[int, tuple[int, ...]]:
    """The active periods of each term of lead at a post, by the number of the term (from 1)."""
    length = situation.posts[post].lead_term or situation.horizon
    terms: dict[int, tuple[int, ...]] = {}
    for period in situation.posts[post].periods:
        number = (period - 1) // length + 1
        terms[number] = (*terms.get(number, ()), period)
    return terms


def index_leads(situation: Situation) -> list[LeadKey]:
    """(nation, mission, area, term) for every nation willing to lead a post that needs a lead."""
    found: list[LeadKey] = []
    for post in situation.posts.values():
        if post.lead_required:
            for nation in situation.nations:
                rules = situation.pairs.get((nation, post.key))
                if rules is not None and rules.may_lead:
                    found.extend((nation, *post.key, term) for term in terms_of_lead(situation, post.key))
    return found


def add(participation: Participation, coverage: Coverage) -> Mapping[LeadKey, int]:
    """Add `leads` with the rows `one_lead`, `lead_if_mounted`, `lead_present` and `lead_share`; returns its columns."""
    builder, situation = participation.builder, participation.situation
    leads = builder.add_columns("leads", index_leads(situation), integer=True)
    _add_presences(participation, leads)
    held: list[_Held] = []
    for post in situation.posts.values():
        if not post.lead_required:
            continue
        for term, periods in terms_of_lead(situation, post.key).items():
            candidates = {
                nation: leads[nation, *post.key, term]
                for nation in situation.nations
                if (nation, *post.key, term) in leads
            }
            columns = list(candidates.values())
            ones = [1.0] * len(columns)
            builder.add_row("one_lead", (*post.key, term), columns, ones, upper=1.0)
            for period in periods:
                gate = coverage.mounted.get((post.key, period))
                key = (*post.key, period)
                if gate is None:
                    builder.add_row("lead_if_mounted", key, columns, ones, lower=1.0)
                else:
                    builder.add_row("lead_if_mounted", key, [*columns, gate], [*ones, -1.0], lower=0.0)
                for nation, lead in candidates.items():
                    stay = participation.stay_at(nation, post.key, period)
                    held.append(_Held(nation, post.key, period, lead, _number(gate), _number(stay)))
    _add_present(participation, held)
    _add_shares(participation, held)
    return leads


def _add_presences(participation: Participation, leads: Iterable[LeadKey]) -> None:
    """Presence of those who may lead, wherever they may: it can be 1 only where units are."""
    posts, wanted = participation.situation.posts, np.zeros(len(participation.column_of_stay), dtype=np.bool_)
    for nation, mission, area in {lead[:3] for lead in leads}:
        for period in posts[mission, area].periods:
            stay = participation.stay_at(nation, (mission, area), period)
            if stay is not None:
                wanted[stay] = True
    participation.present(wanted, exact=True)


def _number(found: int | None) -> int:
    return -1 if found is None else found


def _each(held: Sequence[_Held], what: Callable[[_Held], int]) -> IntArray:
    return np.array([what(one) for one in held], dtype=np.int64)


def _keys(held: Sequence[_Held]) -> list[Key]:
    return [(one.nation, *one.post, one.period) for one in held]


def _add_present(participation: Participation, held: Sequence[_Held]) -> None:
    """Who leads what is mounted is there."""
    rows, leads = np.arange(len(held)), _each(held, lambda one: one.lead)
    gates, stays = _each(held, lambda one: one.gate), _each(held, lambda one: one.stay)
    gated, can = gates >= 0, stays >= 0
    participation.builder.add_rows(
        "lead_present",
        _keys(held),
        [
            (rows, leads, -1.0),
            (rows[gated], gates[gated], -1.0),
            (rows[can], participation.column_of_stay[stays[can]], 1.0),
        ],
        lower=np.where(gated, -1.0, 0.0),
    )


def _add_shares(participation: Participation, held: Sequence[_Held]) -> None:
    """Who leads has at least a share of the personnel."""
    builder, posts = participation.builder, participation.situation.posts
    shared = [
        (one, posts[one.post].lead_min_share, total)
        for one in held
        if posts[one.post].lead_min_share > 0
        and (total := participation.personnel_at(one.post, one.period)) is not None
    ]
    held, rows = [one for one, _, _ in shared], np.arange(len(shared))
    shares = THOUSAND * np.array([share for _, share, _ in shared])
    totals = np.array([total for _, _, total in shared], dtype=np.int64)
    most = shares * builder.upper_bounds(totals)
    builder.add_rows(
        "lead_share",
        _keys(held),
        [
            participation.personnel_in(_each(held, lambda one: one.stay)),
            (rows, totals, -shares),
            (rows, _each(held, lambda one: one.lead), -most),
        ],
        lower=-most,
    )


def _rules(situation: Situation) -> Iterator[Rule]:
    words = situation.words
    for row in situation.tables.rows("posts"):
        if (row["mission"], row["area"]) not in situation.posts or row["lead"] != "required":
            continue
        post = words.post(row)
        text = f"a framework nation that is willing to must lead {post} while it is mounted"
        yield rule_of("posts", row, "lead", "lead", sentence(text), bend="lift")
        if row["lead_min_share"]:
            text = f"the lead brings at least {row['lead_min_share']:.0%} of the personnel at {post}"
            yield rule_of("posts", row, "lead_min_share", "lead", sentence(text))
        if row["lead_term"] is not None:
            text = f"the lead of {post} is taken for terms of {counted(row['lead_term'], 'period')}"
            yield rule_of("posts", row, "lead_term", "lead", sentence(text))


def _of_lead(column: str, first: int) -> RuleOfRow:
    def rule(situation: Situation, key: Key) -> tuple[str, ...]:
        del situation
        return (rule_id("posts", f"{key[first]}:{key[first + 1]}", column),)

    return rule


def _rewards_excess(situation: Situation) -> bool:
    """The lead may bring more than is needed to have its share."""
    return any(post.lead_min_share > 0 for post in situation.posts.values())


def _add(assembly: Assembly) -> None:
    assembly.leads = add(assembly.participation, assembly.coverage)


FAMILY = Family(
    name="lead",
    tables=("posts", "participation"),
    rules=_rules,
    columns={
        "leads": Columns(
            "1 where the nation leads the post in the term: leads[nation, mission, area, term].", nation=0, post=1
        )
    },
    rows={
        "one_lead": Rows("At most one nation leads in a term.", _of_lead("lead", 0)),
        "lead_if_mounted": Rows("A mounted post has a lead.", _of_lead("lead", 0)),
        "lead_present": Rows("Who leads what is mounted is there.", _of_lead("lead", 1)),
        "lead_share": Rows("Who leads has its share of the personnel.", _of_lead("lead_min_share", 1)),
    },
    add=_add,
    rewards_excess=_rewards_excess,
)
