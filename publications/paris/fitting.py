"""Whether a plan can keep the rules of another case at all, by the rows of its model: quick, so that the verifier is asked only where it may say yes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.linear import FloatArray
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.matrix import matrix_of
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.studies.answer import committed
from optimizer.studies.pooled import PooledPlan
from publications.paris.cases import Variant

SLACK: Final = 1e-4
GAP: Final = 0.005


class Fitting:
    """The model of a case, against which plans are held."""

    def __init__(self, variant: Variant) -> None:
        self.situation = build_situation(variant.instance, variant.scenario)
        self.built = build(self.situation)
        self.matrix = matrix_of(self.built.linear)

    def may_fit(self, plan: PooledPlan) -> bool:
        """Whether no row is broken whatever the columns do that the units of the plan leave open; False: some rule is broken for certain."""
        presence = self.built.units.presence
        units = plan.units
        if any(period not in presence.get((pledge, line), {}) for pledge, line, period in units):
            return False
        values = start_from(self.built, units)
        for (pledge, line, period), count in units.items():
            if round(float(sum(values[column] for column in presence[pledge, line][period]))) != count:
                return False
        return not self._breaks(values)

    def within(self, plans: Sequence[PooledPlan], seconds: float) -> PooledPlan | None:
        """The best that was found of some plans of other cases: nothing is sent beyond what they send, and what breaks rules here stays at home.

        The search begins with the first of them that may keep the rules here.
        """
        built = committed(self.built, *(plan.packed for plan in plans))
        options = SolveOptions(time_limit=seconds, gap=GAP, improve=False)
        start = next((plan for plan in plans if self.may_fit(plan)), plans[0])
        solution = solve_levels(built.linear, options, start_from(built, start.units))
        found = plan_of(self.situation, built, solution, options, None)
        return PooledPlan.of(found) if found.has_plan else None

    def _breaks(self, values: FloatArray) -> bool:
        linear, matrix = self.built.linear, self.matrix
        known = ~np.isnan(values)
        low, high = np.where(known, values, linear.lower), np.where(known, values, linear.upper)
        rises = matrix.values > 0.0
        least = self._ends(low, high, rises)
        most = self._ends(high, low, rises)
        count = len(matrix.lower)
        lowest = np.bincount(matrix.rows, weights=least, minlength=count)
        highest = np.bincount(matrix.rows, weights=most, minlength=count)
        slack = SLACK * (1.0 + np.abs(np.where(np.isfinite(matrix.upper), matrix.upper, 0.0)))
        return bool(((lowest > matrix.upper + slack) | (highest < matrix.lower - slack)).any())

    def _ends(self, one: FloatArray, other: FloatArray, rises: Mask) -> FloatArray:
        """What each entry adds at one end of its column."""
        matrix = self.matrix
        ends: FloatArray = matrix.values * np.where(rises, one[matrix.columns], other[matrix.columns])
        return ends
