"""Thresholds: what a clear mission buys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from optimizer.instance.instance import Instance
from publications.paris.answer import Answer
from publications.paris.cases import Case, Row, cells_of, scaled
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Sentence, Tables
from publications.paris.setup import Setup

NAME = "thresholds"
FACTORS: Final = (0.0, 0.5, 1.5)
NATIONS: Final = ("min_nations", "min_contingent")


def cases(setup: Setup) -> Sequence[Case]:
    """Thresholds of lines in Ukraine scaled; conditions that a clear mandate would settle; the smallest contingents and numbers of nations gone."""
    paris, inside = setup.paris, setup.ukraine

    def there(row: Row) -> bool:
        return row["area"] in inside

    found = [
        setup.case(
            f"thresholds-{f:g}",
            f"thresholds in Ukraine times {f:g}",
            10.0,
            raised(paris, f, there),
        )
        for f in FACTORS
    ]
    clear = tuple(
        f"conditions.{name}=true" for name in setup.conditions if name in {"un_mandate", "us_backstop", "straits_open"}
    )
    found.append(setup.case("clear-mandate", "a UN mandate, a US backstop and open Straits together", 20.0, clear))
    small = scaled(paris, "participation", "min_contingent", 0.0) + scaled(paris, "nations", "min_contingent", 0.0)
    found.append(setup.case("no-smallest-contingent", "no smallest contingent anywhere", 10.0, small))
    posts = tuple(
        f"posts.{row['mission']}/{row['area']}.min_nations=1"
        for row in paris.rows("posts")
        if (row["min_nations"] or 0) > 1
    )
    found.append(setup.case("one-nation-suffices", "one nation suffices to mount a post", 10.0, posts))
    return found


def raised(paris: Instance, factor: float, where: Callable[[Row], bool]) -> tuple[str, ...]:
    """Settings of thresholds; none rises above its target."""
    return cells_of(
        paris, "requirements", "threshold", lambda row: min(row["threshold"] * factor, row["target"]), where
    )


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`thresholds`: a row per change."""
    return {"thresholds": against(ledger, [case.name for case in cases(setup)])}


def sentences(tables: Tables) -> list[Sentence]:
    """Each change."""
    return changes(NAME, tables, "thresholds")


ANSWER = Answer(
    NAME,
    "Thresholds: what a clear mission buys",
    "What would a clearer mission buy: lower thresholds, a mandate, fewer conditions on company?",
    cases,
    tables,
    sentences,
    limits="Thresholds say from where on a post is worth mounting, and are assumed. A clear mandate is read as the conditions that capitals have tied to it.",
)
