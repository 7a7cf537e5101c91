"""The sentences of the report, each made from the tables of a result."""

from __future__ import annotations

from typing import Final

import pandas as pd

from optimizer.reporting.text import figure, joined
from publications.history.cases import MAIN
from publications.history.measures import PART, POINTS
from publications.history.results import LESS, MODEL, MORE, Result

SAME: Final = 0.05
"""Differences below this (percentage points, of a correlation a fifth of it) are called none."""
_MEASURES: Final = (
    ("mean_error", "mean error", -1),
    ("distance", "misplaced part of the force", -1),
    ("rank", "rank", 1),
)


def measure(rows: pd.DataFrame, predictor: str, column: str) -> float:
    """A measure of a predictor, from rows of which each predictor has one."""
    return float(rows.loc[rows["predictor"] == predictor, column].iloc[0])


def verdict(result: Result, rival: str) -> str:
    """Whether forcegen's shares or those of a simple predictor are nearer to what came, over all nations."""
    rows = main_rows(result)
    better: list[str] = []
    worse: list[str] = []
    for column, name, sign in _MEASURES:
        here = SAME / 5 if column == "rank" else SAME
        mine, other = measure(rows, MODEL, column), measure(rows, rival, column)
        ahead = sign * (mine - other)
        words = f"{name} ({figure(mine)} against {figure(other)})"
        (better if ahead > here else worse if ahead < -here else []).append(words)
    if not better and not worse:
        return f"Against “{rival}” there is no difference in any of the three measures."
    parts = ([f"better in {joined(better)}"] if better else []) + ([f"worse in {joined(worse)}"] if worse else [])
    return f"Against “{rival}”, forcegen is {' and '.join(parts)}" + (
        "." if len(better) + len(worse) == len(_MEASURES) else "; in the rest there is no difference."
    )


def main_rows(result: Result) -> pd.DataFrame:
    """The measures over all nations at the first of the later dates."""
    rows = result.measures
    return rows[(rows["date"] == result.case.later[0]) & (rows["among"] == "all")]


def rivals(result: Result) -> list[str]:
    """The predictors that need no model; “as before and announced” is one where anything had been announced."""
    return [str(name) for name in main_rows(result)["predictor"] if name != MODEL]


def headline(result: Result) -> str:
    """Who is nearest to what came, and all predictors from there on, by the misplaced part of the force."""
    rows = main_rows(result).sort_values("distance", kind="stable")
    first, *others = (
        (f"“{row['predictor']}”" if row["predictor"] != MODEL else MODEL, figure(row["distance"]))
        for _, row in rows.iterrows()
    )
    rest = joined([f"{name} {points}" for name, points in others])
    return f"{result.case.mission.upper()}: {first[0]} is nearest to what came; it misplaces {first[1]} percentage points of the force, {rest}."


def outcome(result: Result) -> list[str]:
    """What came of the comparison, in sentences."""
    rows = main_rows(result)
    near, close = (
        {name: int(measure(rows, name, column)) for name in (MODEL, *rivals(result))} for column in ("near", "close")
    )
    others = "; ".join(f"{name}: {near[name]} and {close[name]}" for name in rivals(result))
    hits = (
        f"Of {int(measure(rows, MODEL, 'nations'))} nations, {near[MODEL]} shares are within {figure(POINTS)} percentage points of what came, and "
        f"{close[MODEL]} within {figure(100 * PART)} % of it ({others})."
    )
    return [*(verdict(result, rival) for rival in rivals(result)), hits, _without_largest(result)]


def _without_largest(result: Result) -> str:
    rows = result.measures
    rows = rows[(rows["date"] == result.case.later[0]) & (rows["among"] != "all")]
    parts = [f"{name} {figure(measure(rows, name, 'distance'))}" for name in (MODEL, *rivals(result))]
    return f"Misplaced {rows['among'].iloc[0]}, the largest of the earlier date, in percentage points: {joined(parts)}."


def reasons(result: Result) -> list[str]:
    """Why, from the tables: who is wrong by most, and which decisions did not hold."""
    nations = result.nations
    worst = nations.reindex(nations["error"].abs().sort_values(ascending=False, kind="stable").index).head(5)
    words = [
        f"{row['name']} ({figure(row[MODEL])} % predicted, {figure(row['share'])} % came)"
        for _, row in worst.iterrows()
    ]
    part = 100 * worst["error"].abs().sum() / nations["error"].abs().sum()
    lines = [
        f"Five nations make {figure(round(part))} % of the error: {joined(words)}.",
        f"Decided is what was there or announced and was to stay; “about” is from {figure(100 * LESS)} to {figure(100 * MORE)} % of it.",
    ]
    for _, row in result.errors.iterrows():
        name = f"{row['class'][:1].upper()}{row['class'][1:]} ({_counted(int(row['nations']))})"
        decided, predicted, came = (figure(row[column]) for column in ("decided", "predicted", "came"))
        lines.append(f"{name}: {decided} soldiers decided, {predicted} predicted, {came} came.")
    return lines


def _counted(number: int) -> str:
    return "1 nation" if number == 1 else f"{number} nations"


def free_choices(result: Result) -> list[str]:
    """What the free choices change, over the whole grid."""
    rows = result.variants
    whole = rows[rows["variant"].isin(["main", "grid"])]
    better = [
        f"{int((whole['distance'] < measure(main_rows(result), rival, 'distance') - SAME).sum())} than “{rival}”"
        for rival in rivals(result)
    ]
    lines = [
        (
            "Free are by what the rest is shared (GDP, armed forces, or what each nation has decided), whether what is decided must serve, and the ceilings "
            "(1: as the alliance's target has them, 0.5: half of that, –: none). Which combination fits best could not be known at the earlier date: they show "
            "how much the choices matter, and are no predictions."
        ),
        (
            f"Of the {len(whole)} combinations, so many have a smaller misplaced part: {joined(better)}; it lies between {figure(whole['distance'].min())} and "
            f"{figure(whole['distance'].max())} percentage points."
        ),
    ]
    same = whole[(whole["shared by"] == MAIN.key) & whole["stays"]]
    moved = float(same["moved"].max())
    lines.append(
        f"Halving the ceilings or lifting them moves at most {figure(moved)} percentage points of the force in the main form."
        if moved > SAME
        else "No ceiling binds in the main form: halving or lifting them moves nothing."
    )
    lines += [
        f"{row['variant'][:1].upper()}{row['variant'][1:]}: {figure(row['moved'])} points move, the misplaced part becomes {figure(row['distance'])}."
        for _, row in rows[~rows["variant"].isin(["main", "grid"])].iterrows()
    ]
    proven = int((rows["termination"] == "optimal").sum())
    asked = "half a percent of the largest burden"
    if proven == len(rows):
        return [*lines, f"All {proven} variants are solved to the gap that they ask for ({asked})."]
    widest = figure(100 * rows["gap"].max())
    return [
        *lines,
        f"{proven} of {len(rows)} variants are solved to the gap that they ask for ({asked}), the others to {widest} % at most.",
    ]
