"""What a table of runs does not show: effects that the solver's gap could make, plans that are not proven best, runs without a plan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from optimizer.instance.header_attributes import AIMS, MAXIMISED_AIMS

SMALL: Final = 1e-9
"""An effect of no more is none."""
_ROUNDING: Final = 1e-7
_PROVEN: Final = 1e-6
"""A relative gap of no more is none (the default gap of `solve`)."""
MOST_REASONS: Final = 10
MOST_NAMED: Final = 5
"""Reasons of runs without a plan that are listed, and runs named with each."""


def solver_gap(table: pd.DataFrame, outcome: str) -> pd.Series[float]:
    """By how much the outcome may be better in each run (blank where nothing is proven, or the outcome is no aim)."""
    if f"{outcome}_bound" not in table:
        return pd.Series(math.nan, index=table.index)
    values = table[outcome].astype(float)
    gaps = (table[f"{outcome}_bound"].astype(float) - values).abs()
    # What the solver itself takes for zero is none.
    return gaps.mask(gaps <= _ROUNDING * values.abs().clip(lower=1.0), 0.0)


def unproven(table: pd.DataFrame) -> pd.Series[bool]:
    """Which runs have a plan that is not proven best in every aim."""
    gaps = [name for name in (f"{aim}_gap" for aim in AIMS) if name in table]
    proven = (table["termination"] == "optimal") & ~(table[gaps].astype(float) > _PROVEN).any(axis=1)
    return table["has_plan"].astype(bool) & ~proven


def is_doubtful(effect: float, gap: float) -> bool:
    """Whether the solver's gap alone could make an effect."""
    return effect > SMALL and (math.isnan(gap) or gap >= effect)


def unbounded_outcomes(table: pd.DataFrame, outcomes: Sequence[str]) -> Iterator[str]:
    """That outcomes without a bound may be the search's."""
    count = int(unproven(table).sum())
    if count and any(outcome not in AIMS for outcome in outcomes):
        yield (
            f"{count} of {int(table['has_plan'].sum())} plans are not proven best. Aims have bounds that say what this means for them; mission scores and "
            "kept cells have none, so differences in these may come from the search alone."
        )


def doubts_of_effects(table: pd.DataFrame) -> Iterator[str]:
    """A sentence per aim on effects that the solver's gap could make."""
    of_aims = table[table["doubtful"] & table["outcome"].isin(AIMS)]
    for outcome, rows in of_aims.groupby("outcome", sort=False):
        effects = []
        for row in rows.to_dict("records"):
            gap = row["solver_gap"]
            how = "not proven" if math.isnan(gap) else f"{_short(gap)} left open"
            effects.append(f"{row['input']} ({_short(row['effect'])}; {how})")
        yield (
            f"{outcome}: at the worse end of these effects the solver leaves as much open as the effect is wide, so there may be none: "
            f"{', '.join(effects)}. Ask for a smaller gap or more time."
        )


def doubts_of_spread(table: pd.DataFrame, outcomes: Sequence[str]) -> Iterator[str]:
    """A sentence per aim whose spread over all runs the solver's gap could make."""
    for outcome in outcomes:
        if f"{outcome}_bound" in table:
            values = table[outcome].astype(float)
            spread = float(values.max() - values.min())
            worst = int((values if outcome in MAXIMISED_AIMS else -values).fillna(math.inf).argmin())
            gap = float(solver_gap(table, outcome).iloc[worst])
            if is_doubtful(spread, gap):
                how = "nothing is proven" if math.isnan(gap) else f"the solver leaves {_short(gap)} open"
                yield (
                    f"{outcome} differs by {_short(spread)} over all runs, and in the worst of them {how}: what is shown may be the solver's."
                )


def failures(table: pd.DataFrame) -> Iterator[str]:
    """How many runs have no plan, and why the invalid and failed ones have none."""
    without = table[~table["has_plan"].astype(bool)]
    for termination, count in without["termination"].value_counts().sort_index().items():
        yield f"{count} of {len(table)} runs have no plan ({str(termination).replace('_', ' ')}); they are left out of the figures."
    if "reason" in without:
        yield from reasons_of(without[without["termination"].isin(["invalid", "failed"])])


def reasons_of(runs: pd.DataFrame) -> Iterator[str]:
    """Why runs are invalid or failed: each reason once, with the first runs that have it."""
    by_reason = list(runs.groupby("reason", sort=False))
    for reason, group in by_reason[:MOST_REASONS]:
        names = [str(name) for name in group["name"].tolist()]
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        yield f"{group['termination'].iloc[0].capitalize()}: {'; '.join(names[:MOST_NAMED])}{more}: {reason}"
    if len(by_reason) > MOST_REASONS:
        yield f"{len(by_reason) - MOST_REASONS:,} more reasons are in the table of runs, column reason."


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
