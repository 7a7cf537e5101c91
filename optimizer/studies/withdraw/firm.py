"""The plan that keeps most when any one nation leaves and nothing is planned anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from optimizer.studies.pooled import PooledPlan
from optimizer.studies.withdraw.course import Course
from optimizer.studies.withdraw.kept import kept_of
from optimizer.studies.withdraw.known import Known
from optimizer.studies.withdraw.leaving import Measure

COLUMNS: Final = ("plan", "value", "keeps_at_least", "nation", "bound")
OLD: Final = "the plan as it is"
BEST: Final = "the plan found that keeps most"


@dataclass(frozen=True)
class Standing:
    """A plan: its score, what it keeps at least when one nation leaves, and which nation that is."""

    plan: PooledPlan
    score: float
    keeps: float
    nation: str


@dataclass(frozen=True)
class Firm:
    """The old plan, the plan that keeps most among those known, and what no plan keeps more than (infinity: no bound is known)."""

    old: Standing
    best: Standing
    bound: float = math.inf

    def table(self, measure: Measure) -> pd.DataFrame:
        """A row per plan."""
        bound = measure.value(self.bound) if math.isfinite(self.bound) else math.nan
        rows = [
            (name, measure.value(one.score), measure.value(one.keeps), one.nation, bound)
            for name, one in ((OLD, self.old), (BEST, self.best))
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def firmest(known: Known, course: Course) -> Firm:  # noqa: ARG001
    """The best of the plans that are known."""
    standings = [standing_of(known, plan) for _, plan, _ in known.plans]
    old = standings[0]
    best = max(standings, key=lambda one: (one.keeps, one.score, one is old))
    return Firm(old, best)


def standing_of(known: Known, plan: PooledPlan, nations: Sequence[str] | None = None) -> Standing:
    """What a plan keeps at least."""
    kept = [
        (kept_of(known.instance, known.scenario, known.measure, plan, (nation,)).score, nation)
        for nation in (known.nations if nations is None else nations)
    ]
    least, nation = min(kept)
    whole = kept_of(known.instance, known.scenario, known.measure, plan, ()).score
    return Standing(plan, whole, least, nation)
