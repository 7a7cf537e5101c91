"""The table of the publication: per unit type and level of supply, means over the published runs, as the source reports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pandas as pd

from publications.marathon.facts import Run, runs
from publications.marathon.planning import Outcome
from publications.marathon.replay import cut, replayed

LEVEL: Final = ["src", "active", "reserve"]
COLUMNS: Final = {
    "src": "type of unit (SRC)",
    "active": "active units",
    "reserve": "reserve units",
    "runs": "published runs at this level",
    "greedy": "unit-days before the surge, MARATHON's greedy rule",
    "at_least": "unit-days before the surge, forcegen's plan in days, checked",
    "at_most": "what no plan before the surge exceeds",
    "difference": "at_least less greedy",
    "cut": "of the difference, at most so much comes from first-day tours that the simulator cuts short",
    "five": "forcegen with periods of five days",
    "month": "forcegen with periods of thirty days",
    "lost_to_five": "what periods of five days cost against days",
    "lost_to_month": "what periods of thirty days cost against days",
    "waits": "runs in which some unit has to wait for demand",
    "greedy_surge": "unit-days in the surge, greedy",
    "surge": "unit-days in the surge, forcegen, from the state in which its own plan leaves the units",
    "surge_most": "what no plan of the surge exceeds from that state",
    "greedy_both": "both phases, greedy",
    "both": "both phases, forcegen",
}
"""What each column of `levels.csv` holds."""


def by_run(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row per published run."""
    found = {outcome.run: outcome for outcome in outcomes}
    return pd.DataFrame([_row(run, found[run.name]) for run in runs() if run.name in found])


def _row(run: Run, outcome: Outcome) -> dict[str, object]:
    figures = {name: value for name, value in asdict(outcome).items() if name != "run"}
    return {
        "src": run.src,
        "active": run.active,
        "reserve": run.reserve,
        "seed": run.seed,
        "greedy": run.presurge,
        "greedy_surge": run.surge,
        **figures,
        "cut": cut(run),
        "waits": replayed(run) is None,
    }


def by_level(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per unit type and level of supply, with means over its runs."""
    named = frame.rename(columns={"day": "at_least", "presurge_most": "at_most"})
    named = named.assign(runs=1, greedy_both=named["greedy"] + named["greedy_surge"], both=named["at_least"] + named["surge"])
    summed = named.drop(columns="seed").groupby(LEVEL, as_index=False).mean(numeric_only=False)
    summed["runs"] = named.groupby(LEVEL)["runs"].sum().to_numpy()
    summed["waits"] = named.groupby(LEVEL)["waits"].sum().to_numpy()
    summed["difference"] = summed["at_least"] - summed["greedy"]
    summed["lost_to_five"] = summed["at_least"] - summed["five"]
    summed["lost_to_month"] = summed["at_least"] - summed["month"]
    return summed[list(COLUMNS)]


def by_type(levels: pd.DataFrame) -> pd.DataFrame:
    """One row per unit type: sums over its levels."""
    counted = levels.assign(levels=1, never_fewer=levels["at_least"] >= levels["greedy"])
    columns = ["levels", "never_fewer", "greedy", "at_least", "at_most", "difference", "cut", "lost_to_five", "lost_to_month"]
    return counted.groupby("src", as_index=False)[columns].sum()


def write(outcomes: Sequence[Outcome], folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write `runs.csv` and `levels.csv`, and give both."""
    folder.mkdir(parents=True, exist_ok=True)
    runs_frame = by_run(outcomes)
    levels = by_level(runs_frame)
    runs_frame.to_csv(folder / "runs.csv", index=False, lineterminator="\n")
    levels.to_csv(folder / "levels.csv", index=False, lineterminator="\n")
    return runs_frame, levels
