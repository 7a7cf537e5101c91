r"""Family 6: lead (framework nation).

For every post that needs a lead and every term $k$ of it (blocks of `lead_term` periods; blank: the whole horizon), with
$\ell_{njk}=1$ when nation $n$, willing to lead, leads:

$$\sum_n\ell_{njk}\le1,\qquad \sum_n\ell_{njk}\ge g_{jt},\qquad y_{njt}\ge\ell_{njk}+g_{jt}-1,\qquad
\sum_{p\in n}\pi x_{prt}\ge\lambda_j\sum_p\pi x_{prt}-M_{jt}(1-\ell_{njk})$$

for all $t$ in the term, where $M_{jt}$ is $\lambda_j$ times the personnel that can be at the post at most. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.instance.situation import PostKey, Situation
from optimizer.model.availability import terms_of
from optimizer.model.coverage import Coverage
from optimizer.model.participation import Participation, personnel_terms

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


def _add_presence(
    participation: Participation, nation: str, post: PostKey, period: int, lead: int, gate: int | None
) -> None:
    columns, values = [lead], [-1.0]
    lower = 0.0
    if gate is not None:
        columns.append(gate)
        values.append(-1.0)
        lower = -1.0
    present = participation.present(nation, post, period, exact=True)
    if present is not None:
        columns.append(present)
        values.append(1.0)
    participation.builder.add_row("lead_present", (nation, *post, period), columns, values, lower=lower)


def _add_share(participation: Participation, nation: str, post: PostKey, period: int, lead: int) -> None:
    builder, situation = participation.builder, participation.situation
    share = situation.posts[post].lead_min_share
    if share <= 0:
        return
    total = personnel_terms(situation, participation.units, post, period)
    if not total:
        return
    most = share * sum(amount * builder.upper_bound(column) for column, amount in total.items())
    terms = personnel_terms(situation, participation.units, post, period, nation)
    for column, amount in total.items():
        terms_of([column], -share * amount, terms)
    terms_of([lead], -most, terms)
    builder.add_row("lead_share", (nation, *post, period), list(terms), list(terms.values()), lower=-most)
