"""The plan that keeps most when any one nation leaves and nothing is planned anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from optimizer.studies.pooled import PooledPlan
from optimizer.studies.withdraw.kept import kept_of
from optimizer.studies.withdraw.known import Known
from optimizer.studies.withdraw.leaving import Measure
from optimizer.studies.withdraw.screen import Screen

COLUMNS: Final = ("plan", "value", "keeps_at_least", "nation")
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
    """The old plan, and the plan that keeps most among those known. How much another plan could keep is not known."""

    old: Standing
    best: Standing

    def table(self, measure: Measure) -> pd.DataFrame:
        """A row per plan."""
        rows = [
            (name, measure.value(one.score), measure.value(one.keeps), one.nation)
            for name, one in ((OLD, self.old), (BEST, self.best))
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def firmest(known: Known) -> Firm:
    """The best of the plans that are known."""
    old, *others = (_standing(known, plan, screen) for _, plan, screen in known.plans)
    return Firm(old, max((old, *others), key=lambda one: (one.keeps, one.score)))


def _standing(known: Known, plan: PooledPlan, screen: Screen) -> Standing:
    """What a plan keeps at least."""
    rows = known.ledger.rows([(), *((nation,) for nation in known.nations)])
    if Screen.counts(known.measure):
        whole, *kept = screen.scores(rows, named=True).tolist()
    else:
        every = ((), *((nation,) for nation in known.nations))
        whole, *kept = (kept_of(known.instance, known.scenario, known.measure, plan, out).score for out in every)
    least = min(range(len(kept)), key=kept.__getitem__)
    return Standing(plan, whole, kept[least], known.nations[least])
