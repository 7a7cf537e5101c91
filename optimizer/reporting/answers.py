"""Answers to the questions why, as tables beside a plan: written into its folder, and read back from there."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from optimizer.instance.csv_text import csv_text, unescaped, written
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.reporting.content import Cell, Column, Record, Table
from optimizer.reporting.text import as_number, ranges, write_atomically

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve
    from optimizer.studies.why.asks import Ask
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
            "bound": Column("No set beats", "figure"),
            "rule": Column("Rule that bends"),
            "before": Column("From", "figure", "before a concession"),
            "after": Column("To", "figure", "after a concession"),
            "asked": Column("Who is asked"),
            "sentence": Column("The rule in words"),
        },
        "What concessions would bring",
    ),
    "asks": _Answer(
        ("asked", "weight", "value", "bound", "before", "gains", "rules", "together", "refused", "left", "sentence"),
        {
            "asked": Column("Who is asked"),
            "weight": Column("Political weight", "figure"),
            "value": Column("First aim then", "figure"),
            "bound": Column("No set beats", "figure"),
            "refused": Column("At the same weight if it refuses", "figure"),
            "left": Column("A new plan if it leaves", "figure"),
            "sentence": Column("In words"),
        },
        "Whom to ask",
    ),
    "prices": _Answer(
        ("rules", "change", "asked", "aim", "gain_at_least", "gain_at_most", "gain_found", "alone", "sentence"),
        {
            "gain_at_least": Column("Gains at least", "figure"),
            "gain_at_most": Column("Gains at most", "figure"),
            "gain_found": Column("Found better than the plan by", "figure"),
            "rules": Column("Rule, or rules together"),
            "change": Column("Step"),
            "asked": Column("Who is asked"),
            "sentence": Column("The rule in words"),
        },
        "What one step of each rule gains",
    ),
}


MOST_ROWS: Final = 15
"""Rows of an answer that page and markdown show: its sentences are long."""
MADE_BESIDE: Final = (
    "These answers were made of this plan and lie beside it; the independent check does not look at them."
)


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


def write_asks(folder: str | Path, asks: Sequence[Ask]) -> Path:
    """Write `asks.csv`, whole or not at all: one row per capital."""
    rows = [
        (
            one.asked,
            one.weight,
            one.value,
            one.bound,
            one.before,
            one.gains,
            ";".join(one.rules),
            ";".join(one.together),
            None if one.refused is None else one.refused.value,
            None if one.left is None else one.left.value,
            one.sentence,
        )
        for one in asks
    ]
    return _write(folder, "asks", rows)


def write_prices(folder: str | Path, prices: Sequence[Price]) -> Path:
    """Write `prices.csv`, whole or not at all: one row per rule, or set of rules."""
    return _write(folder, "prices", [one.row() for one in prices])


def sets_in(folder: str | Path) -> list[set[str]]:
    """The sets of two rules and more on the curve of concessions that lies in a folder; none where there is no curve."""
    by_weight: dict[str, set[str]] = {}
    for row in _rows_of(Path(folder), "concessions"):
        if row["rule"]:
            by_weight.setdefault(row["weight"], set()).add(unescaped(row["rule"]))
    return [rules for rules in by_weight.values() if len(rules) > 1]


def _write(folder: str | Path, name: str, rows: Sequence[Sequence[object]]) -> Path:
    heading = ANSWERS[name].heading
    columns = [[written(cell) for cell in column] for column in zip(*rows, strict=True)] or [[] for _ in heading]
    file = Path(folder) / f"{name}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, csv_text(heading, columns).encode())
    return file


def read_answers(folder: str | Path) -> dict[str, list[Record]]:
    """The rows of the answers that lie in a plan's folder, by name; figures are numbers, and blank ones None."""
    found = {}
    for name, answer in ANSWERS.items():
        rows = _rows_of(Path(folder), name)
        if rows:
            kinds = {column: answer.shown.get(column, Column("")).kind for column in answer.heading}
            found[name] = [{column: _cell(row[column], Column("", kinds[column])) for column in row} for row in rows]
    return found


def _rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of an answer as they are written; none where the file cannot be read, or has other columns."""
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(folder / f"{name}.csv"))))
    except (UnreadableFile, OSError, csv.Error):
        return []
    return rows if rows and set(rows[0]) == set(ANSWERS[name].heading) else []


def answer_table(name: str, rows: Sequence[Record]) -> Table:
    """One of the answers as a report shows it, from its rows (`read_answers`)."""
    answer = ANSWERS[name]
    cells = tuple(tuple(_shown(column, row.get(column)) for column in answer.shown) for row in rows)
    return Table(answer.caption, tuple(answer.shown.values()), cells, name=name, most=MOST_ROWS)


def _shown(column: str, cell: Cell) -> Cell:
    """Periods in short form, all else as it is."""
    numbers = str(cell).split(";") if column == "periods" else []
    return ranges(map(int, numbers)) if numbers and all(one.isdecimal() for one in numbers) else cell


def _cell(text: str | None, column: Column) -> Cell:
    if column.kind != "figure":
        return unescaped(text or "")
    try:
        return as_number(float(text or ""))
    except ValueError:
        return None
