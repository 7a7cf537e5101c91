"""Writes the publication: the same text and tables as Markdown, as a page and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jinja2
import pandas as pd

from publications.marathon.planning import Outcome
from publications.marathon.tables import COLUMNS, by_level, by_run, by_type
from publications.marathon.text import sentences

TITLE: Final = "Held against MARATHON"
SHOWN: Final = [
    "src",
    "active",
    "reserve",
    "greedy",
    "at_least",
    "at_most",
    "difference",
    "difference_worst",
    "difference_best",
    "cut",
    "period_length",
]
TYPES: Final = {
    "src": "type of unit",
    "levels": "levels of supply",
    "fewer": "levels at which forcegen fills fewer",
    "more": "levels at which it fills more",
    "proven": "levels at which its plan is proven best",
    "month_fewer": "levels at which its plan in periods of thirty days fills fewer than greedy",
}
INTRODUCTION: Final = (
    "MARATHON is the US Army's open simulator of rotating units; its greedy rule sends, whenever demand is open, "
    "the unit that is furthest in its cycle. Its published test set gives supply, demand and"
    " policies of ten types of unit, and the unit-days filled in two phases: 821 days of steady demand, and a "
    "surge of 146 days. Unit-days below are of both phases, and means over the two published runs"
    " of a level. How a run becomes an instance, and what is left out: design note 020 of the manual."
)


def publish(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write `runs.csv`, `levels.csv`, `index.md` and `index.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = by_run(outcomes)
    levels = by_level(frame)
    frame.to_csv(folder / "runs.csv", index=False, lineterminator="\n")
    levels.to_csv(folder / "levels.csv", index=False, lineterminator="\n")
    parts = {
        "title": TITLE,
        "introduction": INTRODUCTION,
        "sentences": sentences(frame, levels),
        "tables": [
            ("By type of unit", _cells(by_type(levels)[[*TYPES, *_amounts()]]), TYPES | COLUMNS),
            ("By level of supply", _cells(levels[SHOWN]), COLUMNS),
        ],
    }
    for name in ("index.md", "index.html"):
        (folder / name).write_text(_template(name).render(parts), encoding="utf-8")


def _amounts() -> list[str]:
    return ["greedy", "at_least", "at_most", "difference", "cut", "period_length"]


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are shown: whole days, halves of means."""
    return table.map(
        lambda value: value if isinstance(value, str) else f"{value:g}" if abs(value) < 1000 else f"{value:.0f}"
    )


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
