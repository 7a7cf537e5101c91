"""Escalation ceilings, with the ceiling on soldiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from optimizer.reporting.content import Chart
from publications.paris.answer import Answer, span_chart
from publications.paris.cases import Case
from publications.paris.effects import Effect, changes, effect_table, value_table
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import BASE, Setup, ceiling_of

NAME = "ceilings"
FACTORS: Final = (0.25, 0.5, 1.5, 2.0)
SIZES: Final = (10_000, 64_000)


def cases(setup: Setup) -> Sequence[Case]:
    """The escalation ceiling scaled and lifted, by itself; and half and double with small and large forces."""
    now = _now(setup)
    found = [
        setup.case(f"escalation-{f:g}", f"escalation ceiling {now * f:g} instead of {now:g}", 10.0, (_cell(setup, f),))
        for f in FACTORS
    ]
    rule = f"limits/{ceiling_of(setup.paris, 'escalation')['limit']}"
    lifted = Case("escalation-none", "no escalation ceiling", setup.main, lifted=(rule,), seconds=10.0)
    pairs = [
        setup.case(
            f"escalation-{f:g}-{size}",
            f"escalation ceiling {now * f:g} instead of {now:g}, at most {size:,} soldiers in Ukraine",
            10.0,
            (_cell(setup, f), f"{setup.ceiling}={size}"),
        )
        for f in (0.5, 2.0)
        for size in SIZES
    ]
    return [*found, lifted, *pairs]


def _now(setup: Setup) -> float:
    return float(ceiling_of(setup.paris, "escalation")["maximum"])


def _cell(setup: Setup, factor: float) -> str:
    return f"{setup.escalation}={_now(setup) * factor:g}"


def tables(_setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`ceilings`: coverage by both ceilings; `ceiling_effects`: against the base, or the same force with the ceiling as it is."""
    alone = [f"escalation-{f:g}" for f in FACTORS] + ["escalation-none"]
    effects = [Effect(name, BASE, name, ledger.cases[name].says) for name in alone]
    effects += [
        Effect(name, f"ground-{size}", name, ledger.cases[name].says)
        for f in (0.5, 2.0)
        for size in SIZES
        for name in (f"escalation-{f:g}-{size}",)
    ]
    return {
        "ceilings": value_table(ledger, [BASE, *(effect.to for effect in effects)]),
        "ceiling_effects": effect_table(ledger, effects),
    }


def sentences(tables: Tables) -> list[Sentence]:
    """Each change of the ceiling."""
    base = {name: Cell("ceilings", BASE, name) for name in ("at_least", "at_most")}
    text = "With the ceilings as they stand, the coalition can cover between {at_least} and {at_most} of 100 points."
    return [Sentence(f"{NAME}/base", text, base), *changes(NAME, tables, "ceiling_effects")]


def charts(tables: Tables) -> list[Chart]:
    """Coverage by ceiling."""
    rows = records(tables["ceilings"])
    summary = f"From {min(row['at_least'] for row in rows):.1f} to {max(row['at_least'] for row in rows):.1f} in the plans found."
    return [span_chart("Coverage by ceilings", summary, rows, [str(row["says"]) for row in rows])]


ANSWER = Answer(
    NAME,
    "Escalation ceilings",
    "What does a lower or higher ceiling on the weighted footprint in Ukraine change?",
    cases,
    tables,
    sentences,
    charts=charts,
    limits="The weights of units in the footprint, and the ceiling itself, are assumed; nobody has published such a scale.",
)
