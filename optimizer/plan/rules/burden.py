"""Family 11: each nation's share of a burden against its share of the key."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from optimizer.plan.facts import Facts

ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Burden:
    """What a nation with a fair share bears, its share of what all such nations bear, and its share of the key."""

    nation: str
    borne: float
    share: float
    fair_share: float

    @property
    def ratio(self) -> float:
        """Share ÷ fair share: above one, the nation bears more than its part."""
        return self.share / self.fair_share


def burdens(facts: Facts, measure: str = "cost") -> list[Burden]:
    """Every nation with a fair share above zero; shares are taken among these nations."""
    borne = facts.burden(measure)
    total = math.fsum(borne[nation] for nation in facts.case.fair_shares)
    # Where funds pay all, what is left over is rounding.
    least = ROUNDING * max(1.0, *facts.burden("cost").values()) if measure == "paid" and facts.amounts else 0.0
    return [
        Burden(nation, borne[nation], borne[nation] / total if total > least else 0.0, fair)
        for nation, fair in facts.case.fair_shares.items()
    ]


def burden_gap(facts: Facts, measure: str = "cost", variant: str = "ratio") -> float:
    """The largest ratio, or the sum of absolute deviations; nothing where nobody bears anything."""
    each = burdens(facts, measure)
    if not any(burden.share > 0 for burden in each):
        return 0.0
    if variant == "deviation":
        return math.fsum(abs(burden.share - burden.fair_share) for burden in each)
    return max(burden.ratio for burden in each)
