"""The page: the answers as one self-contained file, and as markdown, from the tables alone."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from optimizer.reporting.answer.told import Sentence as Told
from optimizer.reporting.content import Cell, Column, Content, Kind, Section, Table
from optimizer.reporting.text import outward
from publications.paris.answer import Answer
from publications.paris.answers import ANSWERS
from publications.paris.draws import DRAWS
from publications.paris.sentences import LOWER, UPPER, Tables, is_blank
from publications.paris.text import HEADLINES

USE: Final = (
    (
        "No government has published what it would send. This is an exercise of method with public anchors: not an estimate of any nation's readiness, "
        "not a proposal, not a forecast, and not for operational planning."
    ),
    (
        "Coverage is the share of what the tables ask for, weighted as the tables weigh it, on average over eight half-years. It says nothing of "
        "deterrence, of fighting, or of what an adversary does. Most requirements are assumed."
    ),
    (
        "Between 'at least' and 'at most' lies what the search left open: at least so much does a plan cover that keeps every rule, checked by a "
        "second reading of the rules; more than 'at most' is proven to be impossible under these rules and figures."
    ),
    "Where a published figure does not exist, the row of the input says 'assumed'; where an answer rests on such rows, it is as good as they are.",
)
HIDDEN: Final = frozenset({"base", "key", "plan", "instance_hash", "reason", "seconds", "searched", "effect"})
"""Columns that stand in the files and not on the page."""
WIDE: Final = {
    "at_least": "at least",
    "at_most": "at most",
    "says": "what",
    "word": "in words",
    "found": "plans found",
    "relaxation": "relaxation",
}
MOST_ROWS: Final = 500


def content_of(tables: Tables, about: dict[str, Any]) -> Content:
    """The page, in the shapes of the other reports."""
    sentences = tables["sentences"]
    head = (
        Section("use", "What this must not be used for, and how to read it", (*USE, str(about["told"]))),
        Section(
            "question",
            "The question, sentence by sentence",
            (),
            (
                shown(
                    tables["question"], "Sentences of the question", ("question", "modelled_in", "answer", "how_sure")
                ),
            ),
        ),
    )
    parts = [_section(answer, tables) for answer in ANSWERS]
    return Content(
        title=str(about["title"]),
        question="Every sentence is generated from tables; every figure names its cell. With each answer stands the command that asks it again.",
        scenario="",
        has_plan=True,
        termination="finished",
        verdict=str(about["verdict"]),
        key_figures=(),
        calm=True,
        answer=tuple(_headlines(sentences)),
        sections=(*head, *parts, _draws(tables), _trace(tables, about)),
    )


def _headlines(sentences: pd.DataFrame) -> list[Told]:
    found = []
    for label, key in HEADLINES:
        rows = sentences[sentences["sentence"].astype(str).str.startswith(key)]
        if len(rows):
            row = rows.iloc[-1]
            found.append(Told(str(row["sentence"]), label, str(row["text"])))
    return found


def _section(answer: Answer, tables: Tables) -> Section:
    """One answer: the question, what follows, its tables, where each figure stands, its limits, and the command."""
    name, sentences = answer.name, tables["sentences"]
    mine = sentences[sentences["answer"] == name]
    names = list(
        dict.fromkeys(
            part.split(".csv")[0].split(" = ")[-1]
            for row in mine["figures"]
            for part in str(row).split("; ")
            if ".csv" in part
        )
    )
    shown_tables = [shown(tables[one], f"{one}.csv") for one in names if one in tables]
    listed = shown(
        mine,
        f"Sentences of this answer: sentences.csv, answer {name}",
        ("sentence", "text", "how_sure", "draws", "figures"),
    )
    text = (answer.asks, f"Limits: {answer.limits}", f"Ask again: python -m publications.paris answer {name}")
    return Section(name, answer.title, text, (listed, *shown_tables), tuple(answer.charts(tables)))


def _draws(tables: Tables) -> Section:
    """Sentences over draws."""
    claims = tables["claims"]
    count = int(claims["draws"].max()) if len(claims) else 0
    text = (
        (
            f"{count:,} of {DRAWS:,} draws inside the public ranges below were tried. A full search in each draw is not affordable: "
            "'holds' counts draws in which plans that the verifier accepts in that draw, "
            "and bounds proven for that draw, leave no doubt; 'open' those in which they leave room. "
            "Where a sentence lacked few draws to survive, open ones had four times the time. "
            "It survives if it holds for certain in 95 % of the draws."
        ),
        "The draws fill the ranges evenly; they are no probabilities of the world.",
        "Ask again: python -m publications.paris draws",
    )
    listed = shown(
        tables["sentences"][tables["sentences"]["answer"] == "claims"],
        "Sentences that were tried",
        ("sentence", "text", "draws"),
    )
    return Section(
        "claims",
        "Which sentences survive the ranges of the inputs",
        text,
        (listed, shown(claims, "claims.csv"), shown(tables["ranges"], "ranges.csv")),
    )


def _trace(tables: Tables, about: dict[str, Any]) -> Section:
    """How a number leads to its input rows."""
    text = (
        (
            "From a figure to its input rows in two steps: the figure names a cell, for example ground.csv [ground-0, at_least]; the row names a case, "
            "and cases.csv says "
            "what that case is, which command asks it again, and which plan and bound it has. inputs.csv lists the input rows that the case changes, "
            "with their sources; all "
            f"other rows are those of instances/{about['main']}."
        ),
        "The plans behind 'at least' lie in plans/; python -m publications.paris check has the verifier reckon every one of them again, without any search.",
    )
    columns = ("case", "says", "at_least", "at_most", "relaxation", "ended", "seconds")
    return Section(
        "trace", "Where every figure comes from", text, (shown(tables["cases"], "cases.csv", columns),), folded=True
    )


def shown(frame: pd.DataFrame, caption: str, columns: tuple[str, ...] = ()) -> Table:
    """A table for reading, without the columns that only link."""
    names = (
        [name for name in frame.columns if name in columns]
        if columns
        else [name for name in frame.columns if name not in HIDDEN]
    )
    kinds: list[Kind] = ["figure" if pd.api.types.is_numeric_dtype(frame[name]) else "text" for name in names]
    rows = tuple(
        tuple(_cell(*one) for one in zip(row, kinds, names, strict=True))
        for row in frame[names].head(MOST_ROWS).itertuples(index=False, name=None)
    )
    heads = tuple(Column(WIDE.get(name, name.replace("_", " ")), kind) for name, kind in zip(names, kinds, strict=True))
    return Table(caption, heads, rows, max(0, len(frame) - MOST_ROWS))


def _cell(value: Any, kind: Kind, column: str) -> Cell:
    """A cell for reading; a bound is rounded to the side on which it holds."""
    if is_blank(value) or pd.isna(value):
        return None
    if kind == "figure" and column.startswith((LOWER, *UPPER)):
        return outward(float(value), upper=column.startswith(UPPER))
    return round(float(value), 3) if kind == "figure" else str(value)
