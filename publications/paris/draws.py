"""Sentences over draws inside public ranges: what is drawn, what is claimed, and in how many draws a claim holds. `drawing` makes the draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
from scipy.stats import qmc

from optimizer.instance.instance import Instance
from optimizer.studies.robust.ask import verdict
from publications.paris.answers.burden import dearer
from publications.paris.answers.years import rotated
from publications.paris.cases import Case, scaled, with_own
from publications.paris.ledger import Ledger
from publications.paris.sentences import is_blank, records
from publications.paris.setup import BASE, Setup, capped

DRAWS: Final = 1024
SEED: Final = 2026
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


def hardest(name: str) -> str:
    """The case of a case at the hard end of all ranges."""
    return f"{name} at the hard end"


def halfway(name: str) -> dict[float, str]:
    """The cases of a case half-way between the ends of all ranges, by rotation."""
    return {dwell: f"{name} in the middle{word}" for dwell, word in ROTATIONS.items()}


ROTATIONS: Final = {0.0: "", -1.0: ", half a year less at home", 1.0: ", half a year more at home"}
NEEDED: Final = frozenset(one for name in CASES for one in (name, hardest(name), *halfway(name).values()))
"""All cases whose values or plans the draws use."""


def corners(setup: Setup, ledger: Ledger) -> list[Case]:
    """The cases of the draws at the hard end and half-way, there with every rotation: their plans are kept."""
    found = []
    for name in CASES:
        case = ledger.cases[name]
        middle = {one: {**corner(0.5), "dwell": dwell} for dwell, one in halfway(name).items()}
        for one, point in {hardest(name): corner(0.0), **middle}.items():
            cells = with_own(case, cells_at(setup, point))
            says = f"{case.says}, {one.removeprefix(name).strip()} of all drawn ranges"
            found.append(replace(case, name=one, says=says, cells=cells, seconds=12.0))
    return found


@dataclass(frozen=True)
class Claim:
    """A sentence that draws can refute: `case` less `other` (blank: nothing) is at least (`>=`) or at most `than` points."""

    name: str
    case: str
    other: str
    sign: str
    than: float

    @property
    def needs(self) -> list[tuple[str, str]]:
        """Cases and ends from which it follows that it holds; the quicker ones first."""
        own, others = ("at_least", "at_most") if self.sign == ">=" else ("at_most", "at_least")
        found = [(self.case, own), *([(self.other, others)] if self.other else [])]
        return sorted(found, key=lambda one: one[1] != "at_most")


WEAKER: Final = "-surely"
ROOMS: Final = {"": 0.5, WEAKER: 0.25}
"""Of a difference that is certain as the tables stand, the parts that are claimed of every draw."""


def claims_of(ledger: Ledger) -> list[Claim]:
    """The claims, with thresholds that leave room around what the tables as they stand give: some, and more for a weaker one that should survive."""
    spans = {name: (ledger.entries[name].value or 0.0, ledger.entries[name].bound or 100.0) for name in CASES}
    few, some, many, war = CASES[0], CASES[1], CASES[3], CASES[4]

    def more(name: str, case: str, other: str) -> list[Claim]:
        sure = spans[case][0] - spans[other][1]
        shares = ROOMS.items()
        return [
            Claim(f"{name}{word}", case, other, ">=", max(0.0, float(math.floor(share * sure))))
            for word, share in shares
        ]

    most = spans[few][1]
    return [
        Claim("none-at-most", few, "", "<=", 5.0 * math.ceil(most / 5.0)),
        Claim(f"none-at-most{WEAKER}", few, "", "<=", 5.0 * math.ceil(1.15 * most / 5.0)),
        *more("ten-adds", some, few),
        *more("base-adds", BASE, few),
        *more("ceasefire-worth", BASE, war),
        Claim("many-adds-at-most", many, BASE, "<=", float(math.ceil(2.0 * (spans[many][1] - spans[BASE][0])))),
    ]


def claim_table(claims: Sequence[Claim], draws: pd.DataFrame, says: Mapping[str, str]) -> pd.DataFrame:
    """One row per claim: in how many draws it holds for certain, does not, or is open, and whether it survives."""
    rows = []
    for claim in claims:
        told = [holds(claim, row) for row in records(draws)]
        count, sure, open_ = len(told), told.count(True), told.count(None)
        low, high = (sure / count, (sure + open_) / count) if count else (0.0, 1.0)
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
                "holds": sure,
                "open": open_,
                "fails": count - sure - open_,
                "at_least_share": low,
                "at_most_share": high,
                "verdict": verdict(low, high, SHARE) if count else "not tried in draws",
            }
        )
    return pd.DataFrame(rows)


def room(claim: Claim, row: Mapping[str, Any]) -> tuple[float, float]:
    """By how many points a claim holds at least, and at most, by the ends of its cases in a draw; below 0: by so many it fails."""
    low, high = _ends(row, claim.case)
    if claim.other:
        least, most = _ends(row, claim.other)
        low, high = low - most, high - least
    return (low - claim.than, high - claim.than) if claim.sign == ">=" else (claim.than - high, claim.than - low)


def holds(claim: Claim, row: Mapping[str, Any]) -> bool | None:
    """Whether a claim holds by the ends of its cases in a draw; None: they do not tell."""
    least, most = room(claim, row)
    return True if least >= 0.0 else False if most < 0.0 else None


def _ends(row: Mapping[str, Any], case: str) -> tuple[float, float]:
    low, high = row[f"{case} at_least"], row[f"{case} at_most"]
    return (0.0 if is_blank(low) else float(low)), (100.0 if is_blank(high) else float(high))
