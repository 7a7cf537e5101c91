"""One set of tables for the two Paris instances, and the program that writes both from it (`python -m publications.paris_tables`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

TABLES = Path(__file__).parent / "tables"
CHECKS = Path(__file__).parent / "checks.csv"
"""What became of each of the fifty-two checks of the tables against public sources: decision, reason, and the row that holds it."""
INSTANCES = Path(__file__).parents[2] / "instances"
DATES = ("2025-03", "2026-01")
"""The dates whose knowledge an instance holds; the instance of a date is `instances/paris-DATE`."""
AS_OF = "as_of"
"""The column that says for which date a row of the common tables holds; blank = for all."""


def folder_of(date: str, instances: Path = INSTANCES) -> Path:
    """The folder of the instance that holds what was known at `date`."""
    return instances / f"paris-{date}"


def tables_of(date: str, tables: Path = TABLES) -> Mapping[str, str]:
    """The text of every table of the instance of `date`, by file name; a table without a row for the date is absent.

    Raises `ValueError` for a table without the column `as_of`, and for a cell of it that is no date of the two.
    """
    found = {path.name: _rows_of(date, path) for path in sorted(tables.glob("*.csv"))}
    return {name: text for name, text in found.items() if text}


def _rows_of(date: str, path: Path) -> str:
    """A common table with the rows of the date alone, without `as_of`; empty where there is none."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = [name for name in reader.fieldnames or () if name != AS_OF]
        rows = list(reader)
        if AS_OF not in (reader.fieldnames or ()):
            raise ValueError(f"{path.name}: no column {AS_OF}")
    wrong = sorted({row[AS_OF] for row in rows} - {"", *DATES})
    if wrong:
        raise ValueError(f"{path.name}: {AS_OF} is blank or one of {', '.join(DATES)}, not {', '.join(wrong)}")
    chosen = [row for row in rows if row[AS_OF] in ("", date)]
    if not chosen:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(chosen)
    return text.getvalue()


def write_instance_tables(date: str, instances: Path = INSTANCES) -> Path:
    """Write the tables of the instance of `date` into its folder, in place of those that are there; header and README stay."""
    folder = folder_of(date, instances)
    folder.mkdir(parents=True, exist_ok=True)
    made = tables_of(date)
    for path in folder.glob("*.csv"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder
