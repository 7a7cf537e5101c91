"""Who carries and who pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.studies.pool import Trial
from publications.paris.answer import Answer
from publications.paris.cases import Case, Row, scaled, variant_of
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import BASE, PLAN, Setup

NAME = "burden"
NEAR: Final = 0.03
"""Plans of the base case that lose no more than this share of its coverage count as near-best."""
MOST: Final = 15
TOLD: Final = 6


COSTS: Final = (0.25, 2.0, 4.0)
ASSUMED: Final = 300_000
"""Dollars per soldier-year in the tables; public figures run from 75,000 to 1.2 million."""


def cases(setup: Setup) -> Sequence[Case]:
    """Dearer and cheaper soldiers with the same money; else the base case and the published plan."""
    paris = setup.paris
    return [
        setup.case(
            f"cost-{factor:g}",
            f"{ASSUMED * factor:,.0f} dollars per soldier-year instead of {ASSUMED:,}, with the same money",
            10.0,
            dearer(paris, factor),
        )
        for factor in COSTS
    ]


def dearer(paris: Instance, factor: float) -> tuple[str, ...]:
    """Settings that multiply the cost of every unit that has soldiers."""
    types = {row["unit_type"] for row in paris.rows("unit_types") if row["personnel"]}

    def manned(row: Row) -> bool:
        return row["unit_type"] in types

    return (
        *scaled(paris, "unit_types", "cost", factor, manned),
        *scaled(paris, "deployment_costs", "cost", factor, manned),
    )


def near_best(ledger: Ledger) -> list[pd.DataFrame]:
    """The nations in every known plan of the base case that is near the best one, the best first."""
    variant = variant_of(ledger.cases[BASE])
    trial = Trial(variant.instance, variant.scenario)
    least = (ledger.entries[BASE].value or 0.0) * (1 - NEAR)
    plans = sorted(ledger.pool.plans(), key=lambda plan: (plan.key != ledger.entries[BASE].plan, plan.key))
    found: list[pd.DataFrame] = []
    for plan in plans:
        score = trial.worth(plan)
        if score is None or score[0].value < least:
            continue
        tried = trial.tried(plan)
        if tried is not None:
            found.append(tried.evaluation.frames["nations"])
        if len(found) == MOST:
            break
    return found


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`burden`: a row per nation: soldiers at most at a time, shares of soldiers and money in the published plan, and their range over near-best plans."""
    plan = ledger.plan(PLAN).nations
    others = near_best(ledger)
    names = {row["nation"]: row["name"] for row in setup.paris.rows("nations")}
    fair = {row["nation"]: float(row["fair_share"] or 0.0) for row in setup.paris.rows("nations")}
    carried = [_shares(frame, "personnel") for frame in others]
    paid = [_shares(frame, "paid") for frame in others]
    mine, money = _shares(plan, "personnel"), _shares(plan, "paid")
    peaks = dict(zip(plan["nation"], plan["peak_personnel"], strict=True))
    rows: list[dict[str, Any]] = [
        {
            "nation": nation,
            "name": names[nation],
            "peak_soldiers": peaks.get(nation, 0.0),
            "share_of_soldiers": mine.get(nation, 0.0),
            "at_least_of_soldiers": min((one.get(nation, 0.0) for one in carried), default=0.0),
            "at_most_of_soldiers": max((one.get(nation, 0.0) for one in carried), default=0.0),
            "share_of_money": money.get(nation, 0.0),
            "at_least_of_money": min((one.get(nation, 0.0) for one in paid), default=0.0),
            "at_most_of_money": max((one.get(nation, 0.0) for one in paid), default=0.0),
            "share_of_gdp": fair[nation] / sum(fair.values()),
        }
        for nation in names
    ]
    frame = pd.DataFrame(rows).sort_values(["share_of_money", "nation"], ascending=[False, True], kind="stable")
    five = frame.head(5)
    total = pd.DataFrame(
        [
            (
                "five",
                len(others),
                float(five["share_of_money"].sum()),
                float(five["share_of_gdp"].sum()),
                float(plan["paid"].sum()),
            )
        ],
        columns=["what", "near_best_plans", "share_of_money", "share_of_gdp", "millions"],
    )
    costs = against(ledger, [case.name for case in cases(setup)])
    return {"burden": frame.reset_index(drop=True), "burden_total": total, "costs": costs}


def _shares(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """Shares of the total, by nation."""
    total = float(frame[column].sum()) or 1.0
    return {str(n): float(v) / total for n, v in zip(frame["nation"], frame[column], strict=True)}


def sentences(tables: Tables) -> list[Sentence]:
    """The five that pay most, and what the largest carry."""
    figures = {name: Cell("burden_total", "five", name, "percent") for name in ("share_of_money", "share_of_gdp")}
    figures |= {
        "billions": Cell("burden_total", "five", "millions", "billions"),
    }
    text = (
        "The published plan costs nations {billions} billion dollars over four years; the five that pay most pay {share_of_money} of it, and have "
        "{share_of_gdp} of the coalition's gross domestic product."
    )
    found = [Sentence(f"{NAME}/five", text, figures, "plans found")]
    plans = {"plans": Cell("burden_total", "five", "near_best_plans", "number")}
    text = "The ranges of what a nation pays are those over {plans} known plans that cover nearly as much as the best."
    found.append(Sentence(f"{NAME}/ranges", text, plans, "plans found"))
    for row in records(tables["burden"].head(TOLD)):
        nation = str(row["nation"])
        figures = {
            name: Cell("burden", nation, name, "percent")
            for name in ("share_of_soldiers", "at_least_of_money", "at_most_of_money", "share_of_money", "share_of_gdp")
        }
        figures["name"] = Cell("burden", nation, "name", "text")
        text = (
            "{name}: {share_of_soldiers} of the soldiers and {share_of_money} of the money in the published plan (between {at_least_of_money} and "
            "{at_most_of_money} of the money in plans that cover nearly as much), and {share_of_gdp} of the coalition's gross domestic product."
        )
        found.append(Sentence(f"{NAME}/{nation}", text, figures, "plans found"))
    return found + changes(NAME, tables, "costs")


ANSWER = Answer(
    NAME,
    "Who carries and who pays",
    "Which nations would carry the soldiers and the cost?",
    cases,
    tables,
    sentences,
    limits="Costs lie where units come from unless a fund pays; no negotiation is modelled. "
    "Nobody has published what it would send: these are no estimates of any state.",
)
