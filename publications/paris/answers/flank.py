"""How much the eastern flank competes with Ukraine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from publications.paris.answer import Answer
from publications.paris.answers.ground import only
from publications.paris.cases import Case
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records, span, used
from publications.paris.setup import BASE, Setup, capped

NAME = "flank"
FLANK: Final = "flank"
CAPS: Final = (0.8, 1.2)


def cases(setup: Setup) -> Sequence[Case]:
    """The flank alone, everything else alone, and looser and tighter national caps."""
    alone = only(setup, FLANK)
    rest = setup.case("all-but-flank", "everything but the flank counts", 20.0, (f"missions.{FLANK}.weight=0",))
    caps = [
        setup.case(
            f"caps-{factor:g}",
            f"national ceilings times {factor:g} (but no less than is committed)",
            10.0,
            capped(setup.paris, factor),
        )
        for factor in CAPS
    ]
    return [replace(alone, seconds=20.0), rest, *caps]


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`competition`: what the flank, and everything else, gets in the base plan and could get if the other gave way; `caps`: national ceilings."""
    scores = dict(zip(*(ledger.plan(BASE).missions[name].tolist() for name in ("mission", "score")), strict=True))
    weights = {row["mission"]: float(row["weight"]) for row in setup.paris.rows("missions")}
    total = sum(weight for name, weight in weights.items() if name != FLANK)
    rest = sum(weights[name] * float(scores[name]) for name in weights if name != FLANK and weights[name]) / total
    rows = []
    for name, says, got in (
        (f"only-{FLANK}", "the eastern flank", 100 * float(scores[FLANK])),
        ("all-but-flank", "everything else", 100 * rest),
    ):
        entry = ledger.entries[name]
        low = max(0.0, (entry.value or 0.0) - got)
        high = None if entry.bound is None else max(0.0, entry.bound - got)
        rows.append(
            (
                name,
                says,
                round(got, 6),
                entry.value,
                entry.bound,
                round(low, 6),
                None if high is None else round(high, 6),
            )
        )
    columns = ["case", "says", "in_base_plan", "at_least", "at_most", "at_least_given_up", "at_most_given_up"]
    caps = against(ledger, [f"caps-{factor:g}" for factor in CAPS])
    return {"competition": pd.DataFrame(rows, columns=columns), "caps": caps}


def sentences(tables: Tables) -> list[Sentence]:
    """What each side has, and could have alone."""
    found = []
    for row in records(tables["competition"]):
        names = ("in_base_plan", "at_least", "at_most", "at_least_given_up", "at_most_given_up")
        figures = {name: Cell("competition", row["case"], name) for name in names}
        figures["says"] = Cell("competition", row["case"], "says", "text")
        alone = span(figures, ("at_least", "at_most"), tables)
        given_up = span(figures, ("at_least_given_up", "at_most_given_up"), tables, "")
        text = (
            f"The plan that covers most covers {{in_base_plan}} % of what {{says}} asks for. If nothing else counted, it could be {alone}, "
            f"so {{says}} gives up {given_up} of these points."
        )
        found.append(Sentence(f"{NAME}/{row['case']}", text, used(text, figures)))
    return found + changes(NAME, tables, "caps")


ANSWER = Answer(
    NAME,
    "How much the flank competes with Ukraine",
    "How much does the reinforcement of the eastern flank compete with what is done in and for Ukraine?",
    cases,
    tables,
    sentences,
    limits="What is already on the flank stays there by rule; a decision to move it is not asked here. Other plans of the same coverage may split differently.",
)
