"""Family 8: support in proportion to the personnel deployed, at the same post, in the same area or in the same mission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.plan.case import Post, is_below, place_of
from optimizer.plan.facts import Facts
from optimizer.plan.services import Selection
from optimizer.plan.violation import Violation


@dataclass(frozen=True)
class Support:
    """What one rule needs and has in one unit of its scope and period."""

    enabler: str
    scope: str
    period: int
    needed: float
    delivered: float
    hard: bool

    @property
    def gap(self) -> float:
        """What is missing."""
        return max(0.0, self.needed - self.delivered)


def _unit_of(scope: str, post: Post) -> str:
    return {"post": place_of(post), "area": post[1], "mission": post[0]}[scope]


def supports(facts: Facts) -> Iterator[Support]:
    """Every rule in every unit of its scope and period in which something is needed."""
    case, services = facts.case, facts.services
    posts = list(case.posts)
    for row in case.tables.rows("enablers"):
        scope = row["scope"]
        units = list(dict.fromkeys(_unit_of(scope, post) for post in posts))
        number = {unit: index for index, unit in enumerate(units)}
        of_post = np.array([number[_unit_of(scope, post)] for post in posts], dtype=np.int64)
        served = services.mask(Selection.of({"tag": row["applies_to"]}))
        needed = np.zeros((len(units), case.periods))
        delivered = np.zeros((len(units), case.periods))
        personnel = facts.measure("personnel")
        np.add.at(needed, of_post[services.post[served]], float(row["per_personnel"]) * personnel[served])
        for index, line in enumerate(case.lines.values()):
            if line.capability == row["capability"]:
                delivered[number[_unit_of(scope, line.post)]] += facts.delivered[index]
        for index, t in zip(*np.nonzero(needed), strict=True):
            yield Support(
                row["enabler"],
                units[index],
                int(t) + 1,
                float(needed[index, t]),
                float(delivered[index, t]),
                bool(row["hard"]),
            )


def check(facts: Facts) -> Iterator[Violation]:
    """Hard enablers are there (soft ones only show their gap)."""
    for support in supports(facts):
        if support.hard and is_below(support.delivered, support.needed):
            message = f"{support.scope} needs {support.needed:g} of {support.enabler}, but has {support.delivered:g}."
            yield Violation(
                "enabler",
                support.enabler,
                support.scope,
                support.period,
                support.delivered,
                support.needed,
                message,
                f"enablers/{support.enabler}",
            )
