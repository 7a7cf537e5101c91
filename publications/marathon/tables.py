"""The tables of the publication: per run, per type of unit and level of supply (means over the runs, as the source reports them), and per type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from publications.marathon.facts import Run, runs
from publications.marathon.planning import Outcome
from publications.marathon.replay import cut, filled_before, greedy

LEVEL: Final = ["src", "active", "reserve"]
COLUMNS: Final = {
    "src": "type of unit (SRC)",
    "active": "active units",
    "reserve": "reserve units",
    "runs": "published runs at this level, each with its own starts",
    "greedy": "unit-days that MARATHON's greedy rule filled, both phases",
    "at_least": "unit-days that forcegen's plan fills, in days, checked by the verifier",
    "at_most": "unit-days that no plan of whole tours exceeds",
    "difference": "forcegen's unit-days less those of the greedy rule",
    "difference_worst": "the same for the worse of the runs",
    "difference_best": "the same for the better of the runs",
    "cut": "unit-days that greedy loses because the simulator ends first-day tours early",
    "month": "unit-days of forcegen's plan in periods of thirty days",
    "period_length": "unit-days of the plan in periods of thirty days, less those of the plan in days",
    "greedy_presurge": "greedy before the surge",
    "presurge": "forcegen before the surge",
    "greedy_surge": "greedy in the surge",
    "surge": "forcegen in the surge",
}
"""What each column of `levels.csv` holds; unit-days are means over the runs of the level."""


def by_run(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row per published run that is planned."""
    found = {outcome.run: outcome for outcome in outcomes}
    return pd.DataFrame([_row(run, found[run.name]) for run in runs() if run.name in found])


def _row(run: Run, outcome: Outcome) -> dict[str, object]:
    return {
        "src": run.src,
        "active": run.active,
        "reserve": run.reserve,
        "seed": run.seed,
        "greedy": run.presurge + run.surge,
        "at_least": outcome.presurge + outcome.surge,
        "at_most": outcome.at_most,
        "difference": outcome.presurge + outcome.surge - run.presurge - run.surge,
        "cut": cut(run),
        "month": outcome.month,
        "period_length": outcome.month - outcome.presurge - outcome.surge,
        "greedy_presurge": run.presurge,
        "presurge": outcome.presurge,
        "greedy_surge": run.surge,
        "surge": outcome.surge,
        "replayed": filled_before(greedy(run)) == run.presurge,
    }


def by_level(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per type of unit and level of supply, with means over its runs."""
    grouped = frame.drop(columns=["seed", "replayed"]).groupby(LEVEL)
    levels = grouped.mean().reset_index()
    levels["runs"] = grouped.size().to_numpy()
    levels["difference_worst"] = grouped["difference"].min().to_numpy()
    levels["difference_best"] = grouped["difference"].max().to_numpy()
    return levels[list(COLUMNS)]


def by_type(levels: pd.DataFrame) -> pd.DataFrame:
    """One row per type of unit: sums over its levels, and at how many of them which is more."""
    counted = levels.assign(
        levels=1,
        fewer=levels["difference"] < 0,
        more=levels["difference"] > 0,
        proven=levels["at_least"] == levels["at_most"],
        month_fewer=levels["month"] < levels["greedy"],
    )
    columns = ["levels", "fewer", "more", "proven", "month_fewer", "greedy", "at_least", "at_most", "difference", "cut"]
    return counted.groupby("src", as_index=False)[[*columns, "period_length"]].sum()


def fewer(levels: pd.DataFrame) -> pd.DataFrame:
    """The levels at which forcegen's plan fills fewer unit-days than the greedy rule: there should be none, and each is named."""
    return levels[levels["difference"] < 0]
