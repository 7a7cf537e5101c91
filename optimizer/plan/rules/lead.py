"""Family 6: in each term with a mounted period, exactly one nation leads a post that needs a lead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.case import Post, is_below, place_of
from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import post_cell
from optimizer.plan.violation import Violation


def terms_of(facts: Facts, post: Post) -> list[tuple[int, int]]:
    """First and last period of each term of a post."""
    length = facts.case.posts[post]["lead_term"] or facts.case.periods
    return [(first, min(first + length - 1, facts.case.periods)) for first in range(1, facts.case.periods + 1, length)]


def mounted_in_term(facts: Facts, post: Post, term: tuple[int, int]) -> list[int]:
    """Periods of a term in which the post is mounted."""
    j = list(facts.case.posts).index(post)
    first, last = term
    return [int(t) + first for t in np.flatnonzero(facts.mounted[j, first - 1 : last])]


def leaders(facts: Facts, post: Post, number: int) -> list[str]:
    """Nations named as lead of a post in a term (terms are counted from 1)."""
    named = ((nation, terms) for (nation, at), terms in facts.leads.items() if at == post)
    return [nation for nation, terms in named if terms is None or number in terms]


def check(facts: Facts) -> Iterator[Violation]:
    """One willing lead per term, present throughout, with its share of the personnel."""
    nations = list(facts.case.nations)
    for j, (post, rules) in enumerate(facts.case.posts.items()):
        if rules["lead"] != "required":
            continue
        place, least = place_of(post), float(rules["lead_min_share"] or 0.0)
        source = post_cell(post, "lead")
        for number, term in enumerate(terms_of(facts, post), start=1):
            mounted = mounted_in_term(facts, post, term)
            if not mounted:
                continue
            named = leaders(facts, post, number)
            if len(named) != 1:
                who = f"{' and '.join(named)} are both named" if named else "nobody is named"
                message = f"{place} needs one lead in periods {term[0]} to {term[1]}, but {who}."
                yield Violation("lead", place, place, mounted[0], float(len(named)), 1.0, message, source)
            for nation in named:
                if not facts.case.pair_rule(nation, post).may_lead:
                    message = f"{nation} leads {place}, but is not willing to."
                    yield Violation("lead_willing", place, nation, mounted[0], None, None, message, source)
                n = nations.index(nation)
                for period in mounted:
                    amount = float(facts.personnel_at[n, j, period - 1])
                    limit = least * float(facts.personnel_at[:, j, period - 1].sum())
                    if not facts.present[n, j, period - 1]:
                        message = f"{nation} leads {place}, but is not there."
                        yield Violation("lead_present", place, nation, period, 0.0, 1.0, message, source)
                    elif is_below(amount, limit):
                        message = f"{nation} leads {place} with {amount:g} personnel, but a lead brings at least {least:.0%}: {limit:g}."
                        share = post_cell(post, "lead_min_share")
                        yield Violation("lead_share", place, nation, period, amount, limit, message, share)
