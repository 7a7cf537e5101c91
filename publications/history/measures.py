"""How far predicted shares are from those that came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scipy.stats import spearmanr

from publications.history.predict import Shares

POINTS: Final = 0.5
"""A share is hit if it is no more than so many percentage points away."""
PART: Final = 0.2
"""Or, more strictly for small nations, no more than this part of what came."""


@dataclass(frozen=True)
class Fit:
    """Measures over `nations` nations. Shares are parts of 1; `mean_error` and `distance` are given in percentage points."""

    nations: int
    mean_error: float
    distance: float
    rank: float
    near: int
    close: int


def fit(predicted: Shares, came: Shares, among: Iterable[str]) -> Fit:
    """The measures of a prediction among some nations, both sides taken as parts of these nations' sum.

    `mean_error`: mean absolute error of the shares. `distance`: total variation, the part of the force that another nation sent than was predicted.
    `rank`: Spearman's rank correlation. `near`: shares within `POINTS`. `close`: shares within `PART` of what came.
    """
    nations = sorted(among)
    guess, truth = _within(predicted, nations), _within(came, nations)
    errors = [abs(one - other) for one, other in zip(guess, truth, strict=True)]
    return Fit(
        nations=len(nations),
        mean_error=100 * sum(errors) / len(nations),
        distance=100 * sum(errors) / 2,
        rank=float(spearmanr(guess, truth).statistic),
        near=sum(100 * error <= POINTS + 1e-9 for error in errors),
        close=sum(error <= PART * share + 1e-12 for error, share in zip(errors, truth, strict=True)),
    )


def _within(shares: Shares, nations: list[str]) -> list[float]:
    total = sum(shares.get(nation, 0.0) for nation in nations)
    return [shares.get(nation, 0.0) / total for nation in nations]
