"""Family 2: mounted posts have their thresholds, posts that must be mounted are, and go on where they have to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.case import is_below, place_of
from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import cell_of, post_cell
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """Thresholds of mounted posts, *must*, continuity."""
    case = facts.case
    for index, line in enumerate(case.lines.values()):
        mounted = facts.mounted[facts.line_posts[index]] & facts.active[index]
        for t in np.flatnonzero(mounted & (facts.delivered[index] < line.threshold)):
            amount = float(facts.delivered[index, t])
            if is_below(amount, line.threshold):
                message = f"{place_of(line.post)} is mounted, but {line.name} has {amount:g} of the {line.threshold:g} without which it cannot be."
                yield Violation(
                    "threshold",
                    line.name,
                    place_of(line.post),
                    int(t) + 1,
                    amount,
                    line.threshold,
                    message,
                    cell_of("requirements", line.name, "threshold"),
                )
    for index, (post, rules) in enumerate(case.posts.items()):
        mounted, active = facts.mounted[index], facts.post_active[index]
        if rules["must"]:
            for t in np.flatnonzero(active & ~mounted):
                message = f"{place_of(post)} must be mounted, but it is not."
                yield Violation(
                    "must", place_of(post), place_of(post), int(t) + 1, 0.0, 1.0, message, post_cell(post, "must")
                )
        if case.missions[post[0]]["continuity"]:
            for t in np.flatnonzero(mounted[:-1] & active[1:] & ~mounted[1:]):
                message = f"{place_of(post)} is given up, but {post[0]} has to go on once it has begun."
                source = cell_of("missions", post[0], "continuity")
                yield Violation("continuity", post[0], place_of(post), int(t) + 2, 0.0, 1.0, message, source)
