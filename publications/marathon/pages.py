"""Writes the publication: the page and its Markdown in the shapes of all other reports, and the tables as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from optimizer.reporting.content import Content, Section
from optimizer.reporting.text import write_atomically
from publications.marathon.planning import Outcome
from publications.marathon.tables import COLUMNS, by_level, by_run, by_type
from publications.marathon.text import figures, headline, sentences
from publications.pages import table_of, write_pages

TITLES: Final = {
    "src": "type of unit",
    "active": "active units",
    "reserve": "reserve units",
    "greedy": "greedy fills",
    "at_least": "forcegen fills",
    "at_most": "no plan fills more than",
    "difference": "forcegen less greedy",
    "difference_worst": "in the worse run",
    "difference_best": "in the better run",
    "cut": "greedy loses by cut tours",
    "period_length": "30-day periods less days",
}
"""Columns of the table by level, with their titles."""
TYPES: Final = {
    "levels": ("levels", "levels of supply: so many active and so many reserve units"),
    "fewer": ("forcegen below greedy", "levels at which forcegen fills fewer unit-days than the greedy rule"),
    "more": ("forcegen above greedy", "levels at which it fills more"),
    "proven": ("proven best", "levels at which its plan is proven best"),
    "month_fewer": ("30-day periods below greedy", "levels at which its plan in periods of thirty days fills fewer"),
}
"""Columns that the table by type has besides: titles and meanings."""
AMOUNTS: Final = ("greedy", "at_least", "at_most", "difference", "cut", "period_length")
INTRODUCTION: Final = (
    "MARATHON is the US Army's open simulator of rotating units; its greedy rule sends, whenever demand is open, "
    "the unit that is furthest in its cycle. Its published test set gives supply, demand and policies of ten types of unit, and the unit-days "
    "filled in two phases: 821 days of steady demand, and a surge of 146 days. Would a plan made ahead fill more?"
)
METHOD: Final = (
    (
        "A unit-day is a day on which a unit fills demand. Unit-days are of both phases, and means over the two published runs of a level of supply, "
        "which begin with their units at different days of their cycles. How a run becomes an instance, and what is left out: design note 020 of the manual."
    ),
    "Made by python -m publications.marathon. One row per run is in runs.csv, one per level in levels.csv.",
)


def publish(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write `runs.csv`, `levels.csv`, `index.md` and `index.html`."""
    frame = by_run(outcomes)
    levels = by_level(frame)
    for name, table in (("runs", frame), ("levels", levels)):
        write_atomically(folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n").encode())
    write_pages(content_of(frame, levels), folder)


def content_of(frame: pd.DataFrame, levels: pd.DataFrame) -> Content:
    """The report on all runs that are planned."""
    types = {name: (TITLES[name], COLUMNS[name]) for name in ("src", *AMOUNTS)} | TYPES
    by_types = table_of(by_type(levels)[["src", *TYPES, *AMOUNTS]], "By type of unit: sums over its levels", types)
    shown = {name: (title, COLUMNS[name]) for name, title in TITLES.items()}
    by_levels = table_of(levels[list(TITLES)], "By level of supply", shown)
    return Content(
        title="forcegen held against MARATHON",
        question=INTRODUCTION,
        scenario="",
        has_plan=True,
        termination="finished",
        verdict=headline(frame, levels),
        key_figures=figures(levels),
        sections=(
            Section("outcome", "What came out", tuple(sentences(frame, levels))),
            Section("method", "How to read it", METHOD),
            Section("types", "By type of unit", tables=(by_types,)),
            Section("levels", "By level of supply", tables=(by_levels,), folded=True),
        ),
    )
