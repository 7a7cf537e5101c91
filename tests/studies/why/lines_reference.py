"""The reference for reasons: what every line could have, among all plans that the oracle enumerates, with rules deleted in plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.oracle import brute
from tests.oracle.brute import Row, Tables
from tests.studies.why.reference import lifted

RULES = (
    brute.coverage_rules,
    brute.caveat_limits,
    brute.participation,
    brute.steadiness,
    brute.agreed,
    brute.leads,
    brute.links,
    brute.enablers,
    brute.limits,
    brute.sponsors,
    brute.movement,
    brute.funding,
)


@dataclass(frozen=True)
class World:
    """The shares of its target that each line gets in each feasible plan: `shares[plan, line, period]`."""

    lines: tuple[str, ...]
    shares: np.ndarray

    def most(self, line: str, period: int, now: Mapping[int, float]) -> float | None:
        """The most that a line gets in a period where it has nowhere less than now; None: there is no such plan."""
        mine = self.shares[:, self.lines.index(line)]
        keep = np.ones(len(mine), dtype=bool)
        for t, share in now.items():
            keep &= mine[:, t - 1] >= share - 1e-6
        return float(mine[keep, period - 1].max()) if keep.any() else None

    def together(self, line: str, periods: Sequence[int], now: Mapping[int, float]) -> float:
        """The largest sum that a line gets in some periods of one plan, with nowhere less than now."""
        mine = self.shares[:, self.lines.index(line)]
        keep = np.ones(len(mine), dtype=bool)
        for t, share in now.items():
            keep &= mine[:, t - 1] >= share - 1e-6
        return float(mine[keep][:, [t - 1 for t in periods]].sum(axis=1).max())


def world(tables: Tables, header: Row, scenario: str | None, without: Sequence[str] = (), cap: int = 60_000) -> World:
    """All feasible plans, with some rules lifted.

    Raises:
        TooLarge: there are more plans than that.
    """
    facts = brute.read(lifted(tables, list(without)), header, scenario)
    plans = brute.enumerate_plans(facts, cap)
    for rule in RULES:
        plans = plans.take(rule(facts, plans))
    return World(tuple(row["requirement"] for row in facts.lines), brute.line_shares(facts, plans))
