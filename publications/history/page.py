"""The report: as a page and as markdown, in the shapes of all other reports."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from optimizer.reporting.content import Chart, Content, Section, Table
from optimizer.reporting.text import write_atomically
from publications.history import sentences
from publications.history.results import ANNOUNCED, BEFORE, GDP, MODEL, Result
from publications.pages import table_of, write_pages

_QUESTION: Final = (
    "What would forcegen have said of two coalitions at an earlier date, and was it nearer to what came than predictors that need no model? "
    "The result is published either way."
)
_METHOD: Final = tuple(
    """\
What was there and what had been announced at the earlier date is decided and serves; an announced withdrawal holds from the end of the year that it names. \
The rest of what is asked for is divided so that the largest burden in proportion to GDP is as small as can be, within ceilings (the part of all armed \
forces that the alliance's target of the time wants sustained) and published caveats. So does the shipped Paris instance, but for one thing: what is \
decided is no burden here, since else the nation farthest above its share alone would decide how fair a plan is, and the rest could be divided in any way.
Of the later date, two facts are used: the total of the list, since somebody has to say how many are wanted, and in Afghanistan how the force was \
divided between the north and the rest in June 2010. All else is of the earlier date, but for one series: armed forces of 2010 stand in for 2009 in the \
ceilings. GDP is that of the last complete year, as published today.
“As before” are the shares of the earlier date; “by GDP” the shares of GDP among the nations that were there or had announced to come; “as before and \
announced” adds the announcements and needs no model either. A nation that was neither there nor announced counts as predicted to send nothing, by all \
predictors.
Misplaced: the part of the force that another nation sent than was predicted (total variation distance). Mean error: how far the shares are from those \
that came, on average. Rank: whether the order of the nations is right (Spearman's correlation; 1 is quite right). Where a later list is partial, both \
sides are taken as parts of the nations that it lists.
Up to a thousandth of the total may stay open, and the fairest division is sought to half a percent of the largest burden, since soldiers are whole.\
""".splitlines()
)
_COLUMNS: Final = {
    "name": ("nation", "The nation."),
    "was": ("had", "Soldiers in the mission at the earlier date."),
    "announced": ("announced", "Soldiers whom it had announced to send in addition."),
    "decided": ("decided", "What was there or announced, and was to stay."),
    "predicted": ("predicted", "Soldiers in forcegen's plan."),
    "came": ("came", "Soldiers at the later date."),
    MODEL: (MODEL, "Share of the force in forcegen's plan, in percent."),
    BEFORE: (BEFORE, "Share at the earlier date, in percent."),
    GDP: (GDP, "Share of the coalition's gross domestic product, in percent."),
    ANNOUNCED: (ANNOUNCED, "Share of what was there and what was announced, in percent."),
    "share": ("came, %", "Share at the later date."),
    "class": ("what became of it", "What came, held against what was decided."),
    "error": ("error, points", "forcegen's share less the one that came."),
    "points": ("sum of errors, points", "Errors of these nations, without their signs."),
    "too many": ("predicted less came", "Soldiers predicted beyond those who came."),
    "date": ("date", "The later date."),
    "among": ("among", "The nations among which shares are taken."),
    "predictor": ("predictor", "Who predicts."),
    "nations": ("nations", "How many nations are counted."),
    "mean_error": ("mean error, points", "How far a share is off on average, in percentage points."),
    "distance": ("misplaced, points", "The part of the force that another nation sent than was predicted."),
    "rank": ("rank", "Spearman's correlation of predicted shares and those that came."),
    "near": ("within half a point", "Nations whose share is no more than half a percentage point off."),
    "close": ("within a fifth", "Nations whose share is off by no more than a fifth of what came."),
    "variant": ("variant", "The main form, one of the combinations, or what was left out or added."),
    "shared by": ("shared by", "By what the part that is not decided is shared."),
    "stays": ("decisions serve", "Whether what is decided must serve."),
    "ceiling": ("ceiling", "Factor on the ceilings of nations; blank without any."),
    "moved": ("moved from main, points", "The part of the force that is placed otherwise than in the main form."),
    "coverage": ("coverage", "How much of what is asked for is there, in percent."),
    "termination": ("termination", "How the search ended."),
}
"""Titles and meanings of the columns."""
OUTCOME: Final = {
    "nations": "By nation: soldiers, and shares in percent",
    "measures": "Measures",
    "errors": "Where the errors lie",
    "variants": "All variants",
}
"""The tables of a case, each published as CSV, with their captions."""


def content_of(results: list[Result]) -> Content:
    """The report on all cases."""
    sections = [Section("method", "How it was done", _METHOD)]
    for result in results:
        sections += _sections(result)
    figures = [
        (f"{result.case.mission.upper()}: misplaced, {name}", f"{row['distance']:.1f} points")
        for result in results
        for name, row in sentences.main_rows(result).set_index("predictor").iterrows()
    ]
    return Content(
        title="forcegen held against history",
        question=_QUESTION,
        scenario="",
        has_plan=True,
        termination="finished",
        verdict=" ".join(map(sentences.headline, results)),
        key_figures=tuple((str(name), value) for name, value in figures),
        sections=tuple(sections),
    )


def _sections(result: Result) -> list[Section]:
    key, title = result.case.key, result.case.title
    return [
        Section(
            f"{key}-outcome",
            title,
            tuple(sentences.outcome(result)),
            (_table(result.measures, OUTCOME["measures"]),),
            (_chart(result),),
        ),
        Section(
            f"{key}-why",
            f"{result.case.mission.upper()}: what fits, what does not, and why",
            tuple(sentences.reasons(result)),
            (
                _table(result.errors, OUTCOME["errors"]),
                _table(result.nations.drop(columns="nation"), OUTCOME["nations"]),
            ),
        ),
        Section(
            f"{key}-choices",
            f"{result.case.mission.upper()}: the free choices, whole",
            tuple(sentences.free_choices(result)),
            (_table(result.variants.drop(columns="gap"), OUTCOME["variants"]),),
        ),
    ]


def _table(frame: pd.DataFrame, caption: str) -> Table:
    return table_of(frame, caption, _COLUMNS)


def _chart(result: Result) -> Chart:
    rows = result.nations.head(16)
    columns = {"came": "share"} | {name: name for name in (MODEL, BEFORE, ANNOUNCED, GDP) if name in rows}
    cells = {
        (line, place): float(row[column])
        for line, (_, row) in enumerate(rows.iterrows())
        for place, column in enumerate(columns.values())
    }
    return Chart(
        title="Shares in percent of the sixteen largest contributors",
        summary="What came, and what each predictor said; the table by nation has all.",
        kind="amount",
        rows=tuple(str(name) for name in rows["name"]),
        columns=tuple(columns),
        cells=cells,
        value_title="percent",
    )


def write_report(results: list[Result], folder: Path) -> None:
    """Write `index.html`, `index.md`, and every table as CSV."""
    write_pages(content_of(results), folder)
    for result in results:
        for name in OUTCOME:
            write_table(getattr(result, name), folder / f"{result.case.key}-{name}.csv")


def write_table(frame: pd.DataFrame, file: Path) -> None:
    """Write a table, its figures with six digits that count."""
    write_atomically(file, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())
