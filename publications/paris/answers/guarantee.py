"""A mutual-defence guarantee against forces, at equal cost, over a range of what the guarantee is assumed to deliver."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from optimizer.reporting.content import Chart
from publications.paris.answer import Answer, span_chart
from publications.paris.cases import Case
from publications.paris.effects import against, changes, value_table
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import PLAN, Setup

NAME = "guarantee"
CONDITION: Final = "mutual_defence_guarantee"
COMPANIES: Final = (0, 15, 30, 60)
COSTS: Final = (2_000, 10_000)
"""Millions over the whole horizon that the readiness behind the guarantee is assumed to cost, beside what the tables say."""
FEW, MANY = 10_000, 25_000
STEP: Final = 50.0


def cases(_setup: Setup) -> Sequence[Case]:
    """None before the plan is known: its cost is what both sides may spend."""
    return ()


def more(setup: Setup, ledger: Ledger) -> Sequence[Case]:
    """Many soldiers without the guarantee, and few with it, with the same money per half-year."""
    money = f"{setup.budget}={spending(setup, ledger):g}"
    forces = setup.case(
        "forces-equal-cost",
        f"at most {MANY:,} soldiers in Ukraine and no guarantee, with the money of the published plan",
        20.0,
        (money, f"{setup.ceiling}={MANY}", f"conditions.{CONDITION}=false"),
    )
    few = (money, f"{setup.ceiling}={FEW}", f"conditions.{CONDITION}=true")
    name, presence = _rows(setup)
    found = [forces]
    for companies in COMPANIES:
        cells = (*few, *(f"instrument_yields.{key}.amount={companies}" for key in presence))
        found.append(
            setup.case(
                f"guarantee-{companies}",
                f"the guarantee, counted as {companies} companies, and at most {FEW:,} instead of {MANY:,} soldiers, for the same money",
                14.0,
                cells,
            )
        )
    for cost in COSTS:
        cells = (*few, f"instruments.{name}.cost={cost}", *(f"instrument_yields.{key}.amount=30" for key in presence))
        found.append(
            setup.case(
                f"guarantee-30-cost-{cost}",
                f"the guarantee, counted as 30 companies and costing {cost:,} million dollars in readiness, "
                f"and at most {FEW:,} instead of {MANY:,} soldiers, for the same money",
                14.0,
                cells,
            )
        )
    return found


def spending(setup: Setup, ledger: Ledger) -> float:
    """Millions per half-year: the cost of the published plan, rounded up."""
    plan = ledger.plan(PLAN)
    cost = plan.aim("cost") or float(plan.nations["cost"].sum())
    return float(math.ceil(cost / setup.paris.header.periods / STEP) * STEP)


def _rows(setup: Setup) -> tuple[str, list[str]]:
    """The instrument behind the condition, and the keys of what it is assumed to deliver in companies."""
    (name,) = [row["instrument"] for row in setup.paris.rows("instruments") if row["condition"] == CONDITION]
    keys = [
        "/".join(str(row[column] or "") for column in ("instrument", "mission", "area", "capability"))
        for row in setup.paris.rows("instrument_yields")
        if row["instrument"] == name and row["capability"] == "presence"
    ]
    return name, keys


def _allowed(ledger: Ledger) -> float:
    """Millions per half-year that both sides may spend, as the cases have it."""
    return float(ledger.cases["forces-equal-cost"].cells[0].rpartition("=")[2])


def tables(_setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`guarantee`: the values; `guarantee_effects`: each against the forces; `guarantee_settings`: what both sides may spend."""
    names = [f"guarantee-{n}" for n in COMPANIES] + [f"guarantee-30-cost-{cost}" for cost in COSTS]
    effects = against(ledger, names, "forces-equal-cost")
    settings = pd.DataFrame(
        [("money", _allowed(ledger), FEW, MANY)], columns=["setting", "millions_per_half_year", "few", "many"]
    )
    return {
        "guarantee": value_table(ledger, ["forces-equal-cost", *names]),
        "guarantee_effects": effects,
        "guarantee_settings": settings,
        "guarantee_break_even": _break_even(effects),
    }


def _break_even(effects: pd.DataFrame) -> pd.DataFrame:
    """Between how many companies the guarantee must be counted as to be worth the soldiers that it replaces, as far as that is known."""
    known = dict(zip(effects["effect"], records(effects), strict=True))
    rows = [(n, known[f"guarantee-{n}"]) for n in COMPANIES]
    worse = [n for n, row in rows if row["at_most"] is not None and row["at_most"] < 0]
    better = [n for n, row in rows if row["at_least"] is not None and row["at_least"] > 0]
    if better and not worse:
        told = f"Counted as {min(better)} companies or more, a guarantee with few soldiers covers more than many soldiers for the same money"
    elif worse and not better:
        told = f"Even counted as {max(worse)} companies, a guarantee with few soldiers covers less than many soldiers for the same money"
    elif worse and better:
        told = f"For the same money, a guarantee with few soldiers breaks even with many soldiers between {max(worse)} and {min(better)} companies"
    else:
        told = "For the same money, the search left open whether a guarantee with few soldiers covers more or less than many soldiers"
    return pd.DataFrame([("break-even", told)], columns=["what", "told"])


def sentences(tables: Tables) -> list[Sentence]:
    """What both sides may spend, the break-even, and each assumption."""
    settings = {
        name: Cell("guarantee_settings", "money", name, "number") for name in ("millions_per_half_year", "few", "many")
    }
    text = (
        "Compared for the same money, {millions_per_half_year} million dollars per half-year, about what the published plan costs: up to {many} "
        "soldiers in Ukraine without a guarantee, and up to {few} with it."
    )
    told = Cell("guarantee_break_even", "break-even", "told", "text")
    return [
        Sentence(f"{NAME}/equal-cost", text, settings, "assumed"),
        Sentence(f"{NAME}/break-even", "{told}.", {"told": told}),
        *changes(NAME, tables, "guarantee_effects"),
    ]


def charts(tables: Tables) -> list[Chart]:
    """Coverage by what the guarantee is assumed to deliver."""
    rows = records(tables["guarantee"])
    summary = f"Forces alone cover at least {rows[0]['at_least']:.1f}."
    return [span_chart("Guarantee against forces at equal cost", summary, rows, [str(row["case"]) for row in rows])]


ANSWER = Answer(
    NAME,
    "A mutual-defence guarantee against forces, at equal cost",
    "Is a mutual-defence guarantee worth the forces that it could replace, for the same money?",
    cases,
    tables,
    sentences,
    more,
    charts,
    limits="What a guarantee delivers is a political judgement: here it counts as so many companies of presence, nothing else. "
    "Whether it would be believed, or called, is not modelled. The published evidence does not suffice to choose a number.",
)
