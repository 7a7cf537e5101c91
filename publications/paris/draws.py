"""Sentences over draws: up to 1,024 draws inside public ranges, each case between a plan that is kept and a bound of its relaxation.

A full search per draw is not affordable. In each draw and case, *at least* is the best of the kept plans that the verifier accepts there: the
case's own, and those searched for at the hard end and in the middle of all ranges. *At most* is what prices of relaxations, solved at some
points per rotation, prove there by weak duality. Both sides hold; they are wider than a search of the draw would leave them. So a claim that
holds by them holds, and one that is open may hold.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import qmc

from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.linear import LinearModel, Objective
from optimizer.solving.linear import objective_of
from optimizer.solving.relaxing import Relaxer
from optimizer.studies.pool import PooledPlan, Trial
from optimizer.studies.robust.ask import verdict
from publications.paris.answers.burden import dearer
from publications.paris.answers.years import rotated
from publications.paris.cases import Case, drawn, scaled
from publications.paris.ledger import Ledger, pool_of
from publications.paris.processes import workers
from publications.paris.sentences import records
from publications.paris.setup import BASE, Setup, capped

DRAWS: Final = 1024
SEED: Final = 2026
BLOCK: Final = 32
"""A power of two, as Sobol points ask for: whole blocks fill the ranges evenly."""
SECONDS: Final = 900.0
SHARE: Final = 0.95
CASES: Final = ("ground-0", "ground-10000", BASE, "ground-64000", "ceasefire=false")
Point = Mapping[str, float]


@dataclass(frozen=True)
class Range:
    """An input that is drawn, between `low` and `high`; `hard`: the end at which least can be covered."""

    name: str
    low: float
    high: float
    hard: float
    source: str


RANGES: Final = (
    Range("caps", 0.8, 1.0, 0.8, "8 to 10 percent of the land force sustained: alliance targets of 2006 and 2010"),
    Range(
        "dwell",
        -1.0,
        1.0,
        1.0,
        "rotation factors 3 to 6: published practice of the United Kingdom, Germany and others, 2003 to 2026",
    ),
    Range("battalion", 500.0, 1000.0, 1000.0, "battalion of 500 to 1,000"),
    Range("company", 100.0, 200.0, 200.0, "company of 100 to 200"),
    Range("trainees", 300.0, 400.0, 300.0, "courses of five to seven weeks: three to four a half-year"),
    Range("france", 6000.0, 8000.0, 6000.0, "6,000 to 8,000 French soldiers, as reported"),
    Range(
        "cost",
        0.25,
        4.0,
        4.0,
        "75,000 to 1.2 million dollars per soldier-year, drawn evenly in its logarithm; the budget follows (40,000 soldiers)",
    ),
)


def points(count: int) -> list[dict[str, float]]:
    """The first draws: scrambled Sobol points, of which fewer are the first of more. Rotation is a whole number; the cost is even in its logarithm."""
    shares = qmc.Sobol(len(RANGES), seed=SEED).random(count)
    return [{one.name: _at(one, float(share)) for one, share in zip(RANGES, row, strict=True)} for row in shares]


def _at(one: Range, share: float) -> float:
    if one.name == "dwell":
        return float(min(1, math.floor(3 * share) - 1))
    if one.name == "cost":
        return float(one.low * (one.high / one.low) ** share)
    value = one.low + share * (one.high - one.low)
    return float(round(value)) if one.high > 10 else value


def corner(share: float) -> dict[str, float]:
    """A point between the hard ends (0) and the easy ones (1)."""
    return {one.name: _at(one, share if one.hard == one.low else 1.0 - share) for one in RANGES}


def cells_at(setup: Setup, point: Point) -> tuple[str, ...]:
    """What a draw sets in the tables."""
    paris = setup.paris
    found = list(capped(paris, point["caps"]))
    found += rotated(setup, int(point["dwell"])) if point["dwell"] else ()
    for row in paris.rows("unit_types"):
        name = str(row["unit_type"])
        size = point["battalion"] if name in BATTALIONS else point["company"] if name in SOLDIERS else None
        found += [f"unit_types.{name}.personnel={size:g}"] if size else []
    found += [f"yields.{key}.amount={point['trainees']:g}" for key in _training(paris)]
    found += [
        f"limits.{row['limit']}.maximum={point['france']:g}" for row in paris.rows("limits") if row["limit"] == FRANCE
    ]
    factor = point["cost"]
    found += dearer(paris, factor)
    name = setup.budget.split(".")[1]
    return (*found, *scaled(paris, "limits", "maximum", factor, lambda row: row["limit"] == name))


BATTALIONS: Final = frozenset({"mech_bn", "light_bn"})
SOLDIERS: Final = frozenset({"light_coy", "eng_coy"})
FRANCE: Final = "France in Ukraine"


def _training(paris: Instance) -> list[str]:
    return [
        f"{row['unit_type']}/{row['capability']}" for row in paris.rows("yields") if row["unit_type"] == "train_team"
    ]


def corners(setup: Setup, ledger: Ledger) -> list[Case]:
    """The cases of the draws at the hard end and in the middle of all ranges: their plans are kept."""
    found = []
    for name in CASES:
        case = ledger.cases[name]
        for share, word in ((0.0, "at the hard end"), (0.5, "in the middle")):
            cells = [cell for cell in cells_at(setup, corner(share)) if cell.split("=")[0] not in _set_by(case)]
            says = f"{case.says}, {word} of all drawn ranges"
            found.append(replace(case, name=f"{name} {word}", says=says, cells=(*cells, *case.cells), seconds=12.0))
    return found


def _set_by(case: Case) -> set[str]:
    return {cell.split("=")[0] for cell in case.cells}


def run(setup: Setup, ledger: Ledger) -> pd.DataFrame:
    """Draw after draw, in blocks, until all are there or the time is over; those of earlier runs are kept."""
    # A draw is known by its number alone, so the name says of which sequence.
    path = ledger.folder / "draws" / f"sobol-{setup.paris.hash[:16]}.csv"
    known = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=["draw", "case", "at_least", "at_most"])
    done = {(int(draw), str(case)) for draw, case in zip(known["draw"], known["case"], strict=True)}
    plans = _kept(ledger)
    until = time.monotonic() + SECONDS * ledger.budget
    every = points(DRAWS)
    rows = records(known)
    path.parent.mkdir(parents=True, exist_ok=True)
    with workers() as there:
        for begin in range(0, DRAWS, BLOCK):
            if time.monotonic() > until:
                break
            new = [(name, draw) for name in CASES for draw in range(begin, begin + BLOCK) if (draw, name) not in done]
            # Draws of one case and rotation share their relaxations, so one process has them all.
            groups: dict[tuple[str, float], list[tuple[int, Point]]] = {}
            for name, draw in new:
                groups.setdefault((name, every[draw]["dwell"]), []).append((draw, every[draw]))
            orders = [
                (setup, ledger.cases[name], some, plans, str(ledger.folder)) for (name, _), some in groups.items()
            ]
            if orders:
                rows += [row for found in there.map(_asked_all, orders) for row in found]
                pd.DataFrame(rows).to_csv(path, index=False)
                ledger.say(f"draws: {begin + BLOCK} of {DRAWS}")
    return _wide(pd.DataFrame(rows, columns=["draw", "case", "at_least", "at_most"]), every)


def _kept(ledger: Ledger) -> tuple[str, ...]:
    """Keys of the plans that are tried in draws."""
    names = [name for one in CASES for name in (one, f"{one} at the hard end", f"{one} in the middle")]
    keys = [ledger.entries[name].plan for name in names if name in ledger.entries]
    return tuple(dict.fromkeys(key for key in keys if key))


def _asked_all(order: tuple[Setup, Case, list[tuple[int, Point]], tuple[str, ...], str]) -> list[dict[str, Any]]:
    """What is certain of a case in some draws."""
    setup, case, some, plans, folder = order
    return [_asked(setup, case, one, plans, folder) for one in some]


def _asked(setup: Setup, case: Case, one: tuple[int, Point], plans: tuple[str, ...], folder: str) -> dict[str, Any]:
    draw, point = one
    row: dict[str, Any] = {"draw": draw, "case": case.name, "at_least": None, "at_most": None}
    try:
        variant = drawn(case, cells_at(setup, point))
    except InvalidInstance:
        return row
    best = Trial(variant.instance, variant.scenario).best(_plans(plans, folder))
    low = None if best is None else float(best.evaluation.aims[0].value or 0.0)
    model, objective = _model(variant.instance, variant.scenario)
    high = min(one.guessed(model, objective) for one in _relaxers(setup, case, int(point["dwell"])))
    return row | {"at_least": low, "at_most": None if math.isinf(high) else max(high, low or 0.0)}


@lru_cache(maxsize=4)
def _plans(keys: tuple[str, ...], folder: str) -> tuple[PooledPlan, ...]:
    """The kept plans, without their flows: the cheapest are found anew."""
    there = {plan.key: plan for plan in pool_of(folder).plans()}
    return tuple(replace(there[key], flows=()) for key in keys)


@lru_cache(maxsize=64)
def _relaxers(setup: Setup, case: Case, dwell: int) -> tuple[Relaxer, ...]:
    """Relaxations of a case with a rotation, at three points of the other ranges: their prices bound every draw with that rotation."""
    found = []
    for share in (0.15, 0.5, 0.85):
        variant = drawn(case, cells_at(setup, {**corner(share), "dwell": float(dwell)}))
        found.append(Relaxer(*_model(variant.instance, variant.scenario), 240.0))
    return tuple(found)


def _model(instance: Instance, scenario: str | None) -> tuple[LinearModel, Objective]:
    linear = build(build_situation(instance, scenario)).linear
    linear = replace(linear, levels=linear.levels[:1])
    return linear, objective_of(linear.levels[0])


def _wide(rows: pd.DataFrame, every: Sequence[Point]) -> pd.DataFrame:
    """A row per draw that has all its cases: the inputs, and both ends per case."""
    found = []
    for draw, group in rows.groupby("draw", sort=True):
        if set(group["case"]) >= set(CASES):
            ends = {
                f"{row['case']} {end}": row[end]
                for row in records(group)
                if row["case"] in CASES
                for end in ("at_least", "at_most")
            }
            found.append(
                {
                    "draw": int(str(draw)),
                    **every[int(str(draw))],
                    **{name: _rounded(value) for name, value in ends.items()},
                }
            )
    columns = [
        "draw",
        *(one.name for one in RANGES),
        *(f"{case} {end}" for case in CASES for end in ("at_least", "at_most")),
    ]
    return pd.DataFrame(found, columns=columns)


def _rounded(value: Any) -> float | None:
    return None if value is None or not np.isfinite(float(value)) else round(float(value), 4)


@dataclass(frozen=True)
class Claim:
    """A sentence that draws can refute: `case` less `other` (blank: nothing) is at least (`>=`) or at most `than` points."""

    name: str
    case: str
    other: str
    sign: str
    than: float


def claims_of(ledger: Ledger) -> list[Claim]:
    """The claims, with thresholds that leave room around what the tables as they stand give."""
    spans = {name: (ledger.entries[name].value or 0.0, ledger.entries[name].bound or 100.0) for name in CASES}

    def least(case: str, other: str, share: float) -> float:
        return max(0.0, math.floor(share * (spans[case][0] - spans[other][1])))

    few, some, many, war = CASES[0], CASES[1], CASES[3], CASES[4]
    return [
        Claim("none-at-most", few, "", "<=", 5.0 * math.ceil(spans[few][1] / 5.0)),
        Claim("ten-adds", some, few, ">=", least(some, few, 0.5)),
        Claim("base-adds", BASE, few, ">=", least(BASE, few, 0.5)),
        Claim("many-adds-at-most", many, BASE, "<=", math.ceil(1.25 * (spans[many][1] - spans[BASE][0]))),
        Claim("ceasefire-worth", BASE, war, ">=", least(BASE, war, 0.5)),
    ]


def claim_table(claims: Sequence[Claim], draws: pd.DataFrame, says: Mapping[str, str]) -> pd.DataFrame:
    """One row per claim: in how many draws it holds for certain, does not, or is open, and whether it survives."""
    rows = []
    for claim in claims:
        told = [_holds(claim, row) for row in records(draws)]
        count, holds, open_ = len(told), told.count(True), told.count(None)
        low, high = (holds / count, (holds + open_) / count) if count else (0.0, 1.0)
        rows.append(
            {
                "claim": claim.name,
                "case": claim.case,
                "says": says[claim.case],
                "other": claim.other,
                "other_says": says.get(claim.other, ""),
                "sign": claim.sign,
                "than": claim.than,
                "draws": count,
                "holds": holds,
                "open": open_,
                "fails": count - holds - open_,
                "at_least_share": low,
                "at_most_share": high,
                "verdict": verdict(low, high, SHARE) if count else "not tried in draws",
            }
        )
    return pd.DataFrame(rows)


def _holds(claim: Claim, row: Mapping[str, Any]) -> bool | None:
    low, high = _ends(row, claim.case)
    if claim.other:
        least, most = _ends(row, claim.other)
        low, high = low - most, high - least
    if claim.sign == ">=":
        return True if low >= claim.than else False if high < claim.than else None
    return True if high <= claim.than else False if low > claim.than else None


def _ends(row: Mapping[str, Any], case: str) -> tuple[float, float]:
    low, high = row[f"{case} at_least"], row[f"{case} at_most"]
    return (0.0 if low is None or np.isnan(low) else float(low)), (
        100.0 if high is None or np.isnan(high) else float(high)
    )
