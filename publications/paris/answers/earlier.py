"""The coalition as the summit of March 2025 saw it, beside that of January 2026."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from publications.paris.answer import Answer
from publications.paris.cases import Case, shipped
from publications.paris.effects import value_table
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, is_blank, records
from publications.paris.setup import Setup, ceiling_of

NAME = "earlier"
SIZES: Final = (0, 25_000)


def cases(setup: Setup) -> Sequence[Case]:
    """The earlier tables as they stand, and with the two ends of the ladder."""
    if not setup.earlier:
        return ()
    cell = f"limits.{ceiling_of(shipped(setup.earlier), 'personnel')['limit']}.maximum"
    found = [Case("earlier-base", "the tables of March 2025 as they stand", setup.earlier, seconds=30.0)]
    return [
        *found,
        *(
            Case(
                f"earlier-{size}",
                f"the tables of March 2025, at most {size:,} soldiers in Ukraine",
                setup.earlier,
                cells=(f"{cell}={size}",),
                seconds=14.0,
            )
            for size in SIZES
        ),
    ]


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`earlier`: a row per case."""
    return {"earlier": value_table(ledger, [case.name for case in cases(setup)])}


def sentences(tables: Tables) -> list[Sentence]:
    """Each case."""
    found = []
    for row in records(tables["earlier"]):
        figures = {name: Cell("earlier", row["case"], name) for name in ("at_least", "at_most")}
        figures["says"] = Cell("earlier", row["case"], "says", "text")
        text = "With {says}, the coalition can cover between {at_least} and {at_most} of 100 points."
        if is_blank(row["at_least"]):
            text, figures = "With {says}, no plan was found.", {"says": figures["says"]}
        found.append(Sentence(f"{NAME}/{row['case']}", text, figures))
    return found


ANSWER = Answer(
    NAME,
    "As the summit of March 2025 saw it",
    "What could the coalition have covered with the positions of March 2025?",
    cases,
    tables,
    sentences,
    limits="The two sets of tables ask for different things (skies, sea and regeneration came later), so their points are not compared with one another.",
)
