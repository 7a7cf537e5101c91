"""Family 5: how nations take part: contingents, number of posts, number of nations, shares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.case import is_above, is_below, place_of
from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import cell_of, post_cell
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """Smallest contingents, posts per nation, nations per post, share of one nation."""
    yield from _contingents(facts)
    yield from _posts_per_nation(facts)
    yield from _nations_per_post(facts)


def _contingents(facts: Facts) -> Iterator[Violation]:
    case = facts.case
    nations, posts = list(case.nations), list(case.posts)
    for n, j in zip(*np.nonzero(facts.serves), strict=True):
        nation, post = nations[n], posts[j]
        pair = case.pair_rule(nation, post)
        own = pair.min_contingent
        source = pair.sources.get("min_contingent") or cell_of("nations", nation, "min_contingent")
        least = float(case.nations[nation]["min_contingent"] or 0.0) if own is None else float(own)
        for t in np.flatnonzero(facts.present[n, j]):
            amount = float(facts.personnel_at[n, j, t])
            if is_below(amount, least):
                message = f"{nation} has {amount:g} personnel at {place_of(post)}, but serves with at least {least:g} or not at all."
                yield Violation("min_contingent", nation, place_of(post), int(t) + 1, amount, least, message, source)


def _posts_per_nation(facts: Facts) -> Iterator[Violation]:
    for n, (nation, row) in enumerate(facts.case.nations.items()):
        most = row["max_posts"]
        if most is None:
            continue
        served = facts.present[n].sum(axis=0)
        for t in np.flatnonzero(served > most):
            message = f"{nation} serves at {served[t]} posts at a time, but at most at {most}."
            source = cell_of("nations", nation, "max_posts")
            yield Violation("max_posts", nation, nation, int(t) + 1, float(served[t]), float(most), message, source)


def _nations_per_post(facts: Facts) -> Iterator[Violation]:
    for j, (post, rules) in enumerate(facts.case.posts.items()):
        place = place_of(post)
        count, mounted = facts.present[:, j].sum(axis=0), facts.mounted[j]
        least, most, share = rules["min_nations"] or 0, rules["max_nations"], rules["max_share"]
        for t in np.flatnonzero(mounted & (count < least)):
            message = f"{place} is mounted by {count[t]} nations, but needs at least {least}."
            source = post_cell(post, "min_nations")
            yield Violation("min_nations", place, place, int(t) + 1, float(count[t]), float(least), message, source)
        if most is not None:
            for t in np.flatnonzero(count > most):
                message = f"{count[t]} nations are at {place}, but at most {most} may be."
                source = post_cell(post, "max_nations")
                yield Violation("max_nations", place, place, int(t) + 1, float(count[t]), float(most), message, source)
        if share is not None:
            personnel = facts.personnel_at[:, j]
            total = personnel.sum(axis=0)
            for n, t in zip(*np.nonzero(personnel > share * total), strict=True):
                amount, limit = float(personnel[n, t]), float(share * total[t])
                if is_above(amount, limit):
                    nation = list(facts.case.nations)[n]
                    message = f"{nation} brings {amount:g} of the {total[t]:g} personnel at {place}, but no nation may bring more than {share:.0%}."
                    source = post_cell(post, "max_share")
                    yield Violation("max_share", place, nation, int(t) + 1, amount, limit, message, source)
