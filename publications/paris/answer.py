"""The shape of an answer: which cases it asks for, which tables it makes of the ledger, and what follows from the tables in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.reporting.content import Chart
from publications.paris.cases import Case
from publications.paris.ledger import Ledger
from publications.paris.sentences import Sentence, Tables
from publications.paris.setup import Setup


def _none(_setup: Setup, _ledger: Ledger) -> Sequence[Case]:
    return ()


def _no_charts(_tables: Tables) -> Sequence[Chart]:
    return ()


@dataclass(frozen=True)
class Answer:
    """One question of the publication.

    Attributes:
        name: of the command and the section.
        title, asks: heading, and the question in words.
        cases: those it needs.
        tables: by name, made of the ledger when all cases are known; the first column names the row.
        sentences: made of these tables alone, so that whoever has the tables has the text.
        more: further cases, chosen by what the first ones have shown.
        charts: made of the tables.
        limits: what the answer does not say, in words.
    """

    name: str
    title: str
    asks: str
    cases: Callable[[Setup], Sequence[Case]]
    tables: Callable[[Setup, Ledger], Mapping[str, pd.DataFrame]]
    sentences: Callable[[Tables], Sequence[Sentence]]
    more: Callable[[Setup, Ledger], Sequence[Case]] = _none
    charts: Callable[[Tables], Sequence[Chart]] = _no_charts
    limits: str = ""


def span_chart(
    title: str, summary: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str], axis: str = ""
) -> Chart:
    """At least and at most of each row, beside one another, in points of coverage."""
    ends = ("at_least", "at_most")
    cells = {(index, column): float(row[name]) for index, row in enumerate(rows) for column, name in enumerate(ends)}
    columns = ("at least", "at most")
    return Chart(title, summary, "amount", tuple(names), columns, cells, axis, value_title="points of coverage")
