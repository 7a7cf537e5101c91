"""Family 12: posts and nations stay for their least stay, lines do not fall too far, and what is committed serves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.case import is_above, is_below, place_of
from optimizer.plan.facts import Facts, runs_of
from optimizer.plan.rules.register import cell_of, post_cell
from optimizer.plan.services import Truths
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """Least stays of posts and nations, largest drops of lines, commitments of pledges."""
    yield from _posts(facts)
    yield from _nations(facts)
    yield from _drops(facts)
    yield from _commitments(facts)


def spells(facts: Facts, post: int, holds: Truths) -> list[tuple[int, int]]:
    """First and last period (from 0) of each longest run of consecutive active periods of a post in which something holds."""
    # A period in which the post is not active ends a block, and nothing holds there.
    return runs_of(holds & facts.post_active[post])


def arrivals(facts: Facts) -> int:
    """How many spells of presence nations have at posts."""
    nations, posts = range(len(facts.case.nations)), range(len(facts.case.posts))
    return sum(len(spells(facts, j, facts.present[n, j])) for n in nations for j in posts)


def _too_short(facts: Facts, post: int, first: int, last: int, least: int) -> bool:
    return last - first + 1 < min(least, facts.block_end(post, first) - first + 1)


def _posts(facts: Facts) -> Iterator[Violation]:
    for j, (post, rules) in enumerate(facts.case.posts.items()):
        least = int(rules["min_stay"] or 1)
        for first, last in spells(facts, j, facts.mounted[j]):
            if _too_short(facts, j, first, last, least):
                place, length = place_of(post), last - first + 1
                message = f"{place} is mounted for {length} of at least {least} periods, and then given up."
                source = post_cell(post, "min_stay")
                yield Violation("post_stay", place, place, last + 2, float(length), float(least), message, source)


def _nations(facts: Facts) -> Iterator[Violation]:
    for n, (nation, row) in enumerate(facts.case.nations.items()):
        for j, post in enumerate(facts.case.posts):
            pair = facts.case.pair_rule(nation, post)
            least = int((row["min_stay"] if pair.min_stay is None else pair.min_stay) or 1)
            source = pair.sources.get("min_stay") or cell_of("nations", nation, "min_stay")
            for first, last in spells(facts, j, facts.present[n, j]):
                if _too_short(facts, j, first, last, least):
                    place, length = place_of(post), last - first + 1
                    message = f"{nation} stays at {place} for {length} of at least {least} periods."
                    yield Violation(
                        "nation_stay", nation, place, last + 2, float(length), float(least), message, source
                    )


def _drops(facts: Facts) -> Iterator[Violation]:
    rows = {row["requirement"]: row for row in facts.case.tables.rows("requirements")}
    for index, line in enumerate(facts.case.lines.values()):
        share = rows[line.name]["max_drop"]
        if share is None:
            continue
        for t in range(line.first - 1, line.last - 1):
            fall = float(facts.delivered[index, t] - facts.delivered[index, t + 1])
            most = float(share) * line.target
            if is_above(fall, most):
                message = f"{line.name} falls by {fall:g} from one period to the next, but by {most:g} at most it may."
                source = cell_of("requirements", line.name, "max_drop")
                yield Violation("max_drop", line.name, place_of(line.post), t + 2, fall, most, message, source)


def _commitments(facts: Facts) -> Iterator[Violation]:
    serving = {name: np.zeros(facts.case.periods) for name in facts.case.pledges}
    for index, (name, _) in enumerate(facts.services.pairs):
        serving[name] += facts.units[index]
    for row in facts.case.tables.rows("pledges"):
        pledge, least = facts.case.pledges[row["pledge"]], int(row["committed"] or 0)
        for period in facts.case.in_force(row) if least else ():
            there = float(serving[pledge.name][period - 1])
            if is_below(there, least):
                message = f"{there:g} units of {pledge.name} serve, but {least} are committed."
                source = cell_of("pledges", pledge.name, "committed")
                yield Violation("committed", pledge.name, pledge.nation, period, there, float(least), message, source)
