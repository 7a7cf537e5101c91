"""What is known of sets of nations that leave: plans and bounds, each of which says something of many sets.

A plan that was checked without some nations is a plan without any part of them; what no plan beats without some nations, none beats without more.
Both hold unless one of the nations between takes a rule away with it (`loosening`): then nothing follows. What is proven without all such rules
(`always`) holds in any case.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

SAME: Final = 1e-6
"""Scores that differ by less than this part of them are the same."""
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Set = tuple[str, ...]


@dataclass
class Ledger:
    """Plans and bounds by what they were found for. `nations`: those that may leave, in their order; `loose`: those that take rules away."""

    nations: tuple[str, ...]
    loose: Collection[str]
    _plans: list[tuple[Truths, float, str]] = field(default_factory=list)
    _bounds: list[tuple[Truths, float, bool]] = field(default_factory=list)

    def row(self, out: Collection[str]) -> Truths:
        """A set as truths, one per nation."""
        return np.array([nation in out for nation in self.nations], dtype=bool)

    def rows(self, sets: Sequence[Collection[str]]) -> Truths:
        """Sets as rows of truths."""
        return np.array([self.row(out) for out in sets], dtype=bool).reshape(len(sets), len(self.nations))

    def plan(self, out: Iterable[str], score: float, packed: str) -> None:
        """A plan that keeps the rules without the nations `out`."""
        self._plans.append((self.row(set(out)), score, packed))

    def bound(self, out: Iterable[str], score: float, *, always: bool = False) -> None:
        """What no plan beats without the nations `out`; minus infinity: there is none. `always`: also without what was committed or agreed."""
        if score < math.inf:
            self._bounds.append((self.row(set(out)), score, always))

    def serves(self, out: Truths, sets: Truths) -> Truths:
        """For which sets a plan counts that keeps the rules without the nations `out`."""
        return self._tighter(out[None], sets)

    def least(self, sets: Truths) -> tuple[Floats, list[str]]:
        """Per set the best score that is known to be reached without it (minus infinity: none is), and the plan that does."""
        best, by = np.full(len(sets), -np.inf), np.full(len(sets), -1)
        for index, (out, score, _) in enumerate(self._plans):
            better = self._tighter(out[None], sets) & (score > best)
            best[better], by[better] = score, index
        return best, ["" if index < 0 else self._plans[index][2] for index in by.tolist()]

    def most(self, sets: Truths) -> Floats:
        """Per set what no plan beats without it; infinity: nothing is known."""
        found = np.full(len(sets), np.inf)
        for out, bound, always in self._bounds:
            held = ~(out[None] & ~sets).any(axis=1) if always else self._tighter(sets, out[None])
            found = np.where(held, np.minimum(found, bound), found)
        return found

    def _tighter(self, more: Truths, less: Truths) -> Truths:
        """Whether without `more` nothing is possible that is not possible without `less`."""
        loose = np.array([nation in self.loose for nation in self.nations], dtype=bool)
        between = more & ~less
        return np.asarray(~(less & ~more).any(axis=1) & ~(between & loose).any(axis=1))


def room(score: float) -> float:
    """By how much scores may differ and still be the same."""
    return SAME * max(1.0, abs(score)) if math.isfinite(score) else 0.0
