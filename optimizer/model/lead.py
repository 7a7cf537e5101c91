r"""Family 6: lead (framework nation).

For every post that needs a lead and every term $k$ of it (blocks of `lead_term` periods; blank: the whole horizon), with
$\ell_{njk}=1$ when nation $n$, willing to lead, leads:

$$\sum_n\ell_{njk}\le1,\qquad \sum_n\ell_{njk}\ge g_{jt},\qquad y_{njt}\ge\ell_{njk}+g_{jt}-1,\qquad
\sum_{p\in n}\pi x_{prt}\ge\lambda_j P_{jt}-M_{jt}(1-\ell_{njk})$$

for all $t$ in the term, where $P_{jt}=\sum_p\pi x_{prt}$ is the personnel at the post (a column of its own, `personnel_at`) and $M_{jt}$ is
$\lambda_j$ times as many as can be there at most. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from optimizer.instance.situation import PostKey, Situation
from optimizer.model.coverage import Coverage
from optimizer.model.participation import THOUSAND, Participation

LeadKey = tuple[str, str, str, int]


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
                    _add_presence(participation, nation, post.key, period, lead, gate)
                    _add_share(participation, nation, post.key, period, lead)
    return leads


def _add_presences(participation: Participation, leads: Iterable[LeadKey]) -> None:
    """Presence of those who may lead, wherever they may: it can be 1 only where units are."""
    posts, wanted = participation.situation.posts, np.zeros(len(participation.column_of_place), dtype=np.bool_)
    for nation, mission, area in {lead[:3] for lead in leads}:
        for period in posts[mission, area].periods:
            place = participation.place_at(nation, (mission, area), period)
            if place is not None:
                wanted[place] = True
    participation.present(wanted, exact=True)


def _add_presence(
    participation: Participation, nation: str, post: PostKey, period: int, lead: int, gate: int | None
) -> None:
    columns, values = [lead], [-1.0]
    lower = 0.0
    if gate is not None:
        columns.append(gate)
        values.append(-1.0)
        lower = -1.0
    place = participation.place_at(nation, post, period)
    if place is not None:
        columns.append(int(participation.column_of_place[place]))
        values.append(1.0)
    participation.builder.add_row("lead_present", (nation, *post, period), columns, values, lower=lower)


def _add_share(participation: Participation, nation: str, post: PostKey, period: int, lead: int) -> None:
    builder = participation.builder
    share = participation.situation.posts[post].lead_min_share
    total = participation.personnel_at(post, period) if share > 0 else None
    if total is None:
        return
    most = share * THOUSAND * builder.upper_bound(total)
    mine = participation.personnel_of(nation, post, period)
    builder.add_row(
        "lead_share",
        (nation, *post, period),
        [*mine.columns, total, lead],
        [*mine.values, -share * THOUSAND, -most],
        lower=-most,
    )
