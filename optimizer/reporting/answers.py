"""Answers to the questions why, as tables beside a plan: written into its folder, and read back into its report."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.instance.csv_text import csv_text, unescaped, written
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.reporting.content import Cell, Column, Content, Section, Table
from optimizer.reporting.text import as_number, write_atomically

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve
    from optimizer.studies.why.prices import Price
    from optimizer.studies.why.reason import Reason


class _Answer(NamedTuple):
    """One table: its columns in the file, what the report shows of them (title and kind by column), and the caption."""

    heading: tuple[str, ...]
    shown: Mapping[str, Column]
    caption: str


ANSWERS: Final[Mapping[str, _Answer]] = {
    "reasons": _Answer(
        (
            "requirement",
            "periods",
            "gap",
            "reason",
            "rules",
            "pledges",
            "loses",
            "loses_at_least",
            "more_at_least",
            "more_at_most",
            "missing_units",
            "sentence",
        ),
        {
            "requirement": Column("Line"),
            "periods": Column("Periods"),
            "gap": Column("Missing", "figure"),
            "reason": Column("Reason"),
            "loses": Column("Closing it takes from the first aim", "figure"),
            "missing_units": Column("Units missing whatever bends"),
            "sentence": Column("In words"),
        },
        "Why lines are open",
    ),
    "concessions": _Answer(
        (
            "weight",
            "aim",
            "value",
            "bound",
            "proven",
            "rule",
            "change",
            "steps",
            "asked",
            "before",
            "after",
            "sentence",
        ),
        {
            "weight": Column("Political weight", "figure"),
            "value": Column("First aim", "figure"),
            "bound": Column("No set gives more than", "figure"),
            "rule": Column("Rule that bends"),
            "before": Column("From", "figure"),
            "after": Column("To", "figure"),
            "asked": Column("Who is asked"),
            "sentence": Column("The rule in words"),
        },
        "What concessions would bring",
    ),
    "prices": _Answer(
        ("rules", "change", "asked", "aim", "gain_at_least", "gain_at_most", "alone", "sentence"),
        {
            "gain_at_least": Column("Gains at least", "figure"),
            "gain_at_most": Column("Gains at most", "figure"),
            "rules": Column("Rule, or rules together"),
            "change": Column("Step"),
            "asked": Column("Who is asked"),
            "sentence": Column("The rule in words"),
        },
        "What one step of each rule gains",
    ),
}


SHEETS: Final = {answer.caption: name for name, answer in ANSWERS.items()}
"""The name of a table's sheet in the workbook, as that of its file, by its caption."""


def write_reasons(folder: str | Path, reasons: Sequence[Reason]) -> Path:
    """Write `reasons.csv`, whole or not at all: one row per line and reason."""
    rows = [
        (
            one.requirement,
            ";".join(map(str, one.periods)),
            one.gap,
            one.reason,
            ";".join(one.rules),
            ";".join(one.pledges),
            None if one.loses is None else one.loses.value,
            None if one.loses is None else one.loses.bound,
            None if one.more is None else one.more[0],
            None if one.more is None else one.more[1],
            one.missing_units,
            one.sentence,
        )
        for one in reasons
    ]
    return _write(folder, "reasons", rows)


def write_concessions(folder: str | Path, curve: Curve) -> Path:
    """Write `concessions.csv`, whole or not at all: one row per weight and concession; a weight without concessions has a row without a rule."""
    named = ("rule", "change", "steps", "asked", "before", "after", "sentence")
    rows = [
        (point.weight, curve.aim, point.value, point.bound, point.proven, *(made.get(name) for name in named))
        for point in curve.points
        for made in point.concessions or ({},)
    ]
    return _write(folder, "concessions", rows)


def write_prices(folder: str | Path, prices: Sequence[Price]) -> Path:
    """Write `prices.csv`, whole or not at all: one row per rule, or pair of rules."""
    rows = [
        (
            ";".join(one.rules),
            ";".join(map(written, one.change)),
            ";".join(dict.fromkeys(one.asked)),
            one.aim,
            one.gain_at_least,
            one.gain_at_most,
            one.alone,
            one.sentence,
        )
        for one in prices
    ]
    return _write(folder, "prices", rows)


def _write(folder: str | Path, name: str, rows: Sequence[Sequence[object]]) -> Path:
    heading = ANSWERS[name].heading
    columns = [[written(cell) for cell in column] for column in zip(*rows, strict=True)] or [[] for _ in heading]
    file = Path(folder) / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, csv_text(heading, columns).encode())
    return file


def with_answers(content: Content, folder: str | Path) -> Content:
    """The report with a part for the answers that lie in the plan's folder; as it was where there are none.

    A file that cannot be read, or has other columns, is left out.
    """
    found = [table for name in ANSWERS if (table := _read(Path(folder), name)) is not None]
    if not found:
        return content
    text = ("These answers were made of this plan and lie beside it; the independent check does not look at them.",)
    section = Section("why", "Why", text, tuple(found))
    place = next((k for k, one in enumerate(content.sections) if one.key == "gaps"), len(content.sections) - 1) + 1
    return replace(content, sections=(*content.sections[:place], section, *content.sections[place:]))


def _read(folder: Path, name: str) -> Table | None:
    answer = ANSWERS[name]
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(folder / f"{name}.csv"))))
    except (UnreadableFile, OSError, csv.Error):
        return None
    if not rows or set(rows[0]) != set(answer.heading):
        return None
    cells = [tuple(_cell(row[column], kind) for column, kind in answer.shown.items()) for row in rows]
    return Table(answer.caption, tuple(answer.shown.values()), tuple(cells))


def _cell(text: str | None, column: Column) -> Cell:
    if column.kind != "figure":
        return unescaped(text or "")
    try:
        return as_number(float(text or ""))
    except ValueError:
        return None
