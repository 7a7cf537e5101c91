"""Plans written by hand: a table of assignments, and whatever else stands beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.attribute import Attribute
from optimizer.instance.cells import CellError, did_you_mean, is_blank, parse_cell
from optimizer.instance.csv_text import unescaped
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.plan.frames import COLUMNS, PLAN_TABLES
from optimizer.plan.tables import InvalidPlan, csv_rows, own_table

_TERMS: Final = re.compile(r"[0-9]+(\s*;\s*[0-9]+)*")

_OF_INSTANCES: Final = ("instance.toml", "pledges.csv", "missions.csv")
"""Files of which a folder of an instance has one, and a plan's has none."""


def read_assignments(directory: str | Path, instance: Instance) -> dict[str, pd.DataFrame]:
    """The tables of a plan written by hand: `assignments`, and every other table of a plan that lies beside it.

    `assignments.csv` needs pledge, requirement, period, units; `participation.csv` nation, mission, area, leads (and
    lead_terms where terms differ); `instruments.csv` instrument (and used); `funding.csv` fund, nation, amount; `flows.csv` origin, destination, mode,
    destination_area, period, tonnes. What else a plan's table could hold is read too, to be held against what follows from the
    assignments; columns with other names are not read.

    Raises:
        InvalidPlan: with every finding.
    """
    folder = Path(directory)
    if not folder.is_dir():
        gone = Finding("error", "not-a-plan", str(directory), None, None, "there is no such folder.", "Check the path.")
        raise InvalidPlan([gone])
    if not (folder / "assignments.csv").exists() and any((folder / name).exists() for name in _OF_INSTANCES):
        message, remedy = "there is no plan in this folder: it holds an instance.", "Name the folder of a plan."
        raise InvalidPlan([Finding("error", "not-a-plan", str(directory), None, None, message, remedy)])
    findings: list[Finding] = []
    files = _by_hand(instance)
    found = {}
    for name, columns in files.items():
        path = folder / f"{name}.csv"
        if name == "assignments" or path.exists():
            found[name] = _hand_table(path, columns, PLAN_TABLES[name].key, findings)
            if not findings:
                beside = own_table(path, COLUMNS[name], findings, ())
                for column in beside.columns.difference(found[name].columns):
                    found[name][column] = beside[column]
    for name, columns_of in COLUMNS.items():
        if name not in files and (folder / f"{name}.csv").exists():
            found[name] = own_table(folder / f"{name}.csv", columns_of, findings, PLAN_TABLES[name].key)
    if findings:
        raise InvalidPlan(findings)
    return found


def _by_hand(instance: Instance) -> dict[str, Sequence[_Column]]:
    """The tables that a plan by hand decides, and what their columns may hold."""
    periods = instance.header.periods

    def names(table: str, column: str) -> set[str]:
        return {str(row[column]) for row in instance.rows(table)}

    period = _Column(Attribute("period", "integer", "", minimum=1.0, maximum=float(periods)))
    areas = names("areas", "area") | names("requirements", "area")
    nodes = areas | names("routes", "origin") | names("routes", "destination")
    return {
        "assignments": (
            _Column(_text("pledge"), names("pledges", "pledge")),
            _Column(_text("requirement"), names("requirements", "requirement")),
            period,
            _Column(Attribute("units", "integer", "", minimum=0.0)),
        ),
        "participation": (
            _Column(_text("nation"), names("nations", "nation")),
            _Column(_text("mission"), names("missions", "mission")),
            _Column(_text("area"), areas),
            _Column(Attribute("leads", "boolean", ""), blank=False),
            _Column(_text("lead_terms"), optional=True, blank="", pattern=_TERMS),
        ),
        "instruments": (
            _Column(_text("instrument"), names("instruments", "instrument")),
            _Column(Attribute("used", "boolean", ""), optional=True, blank=True),
        ),
        "funding": (
            _Column(_text("fund"), names("funding", "fund")),
            _Column(_text("nation"), names("nations", "nation")),
            _Column(Attribute("amount", "number", "", minimum=0.0)),
        ),
        "flows": (
            _Column(_text("origin"), nodes),
            _Column(_text("destination"), nodes),
            _Column(_text("mode"), blank=""),
            _Column(_text("destination_area"), areas),
            period,
            _Column(Attribute("tonnes", "number", "", minimum=0.0)),
        ),
    }


def _text(name: str) -> Attribute:
    return Attribute(name, "text", "")


@dataclass(frozen=True)
class _Column:
    """A column of a file written by hand: what it may hold, and what a blank means (None: it must be filled)."""

    attribute: Attribute
    known: AbstractSet[str] | None = None
    optional: bool = False
    blank: Any = None
    pattern: re.Pattern[str] | None = None

    @property
    def name(self) -> str:
        return self.attribute.name

    def read(self, raw: str) -> Any:
        """The value of a cell.

        Raises:
            CellError: it is blank, of the wrong kind, or names nothing known.
        """
        cell = unescaped(raw.strip())
        if is_blank(cell):
            if self.blank is None:
                raise CellError("blank", "the cell is blank", "Fill it in.")
            return self.blank
        value = parse_cell(self.attribute, cell)
        if self.pattern is not None and not self.pattern.fullmatch(str(value)):
            raise CellError("terms", f"{value!r} is no list of terms", "Write numbers joined by `;`, for example 1;3.")
        if self.known is not None and value not in self.known:
            hint = did_you_mean(str(value), self.known).strip()
            raise CellError(
                "unknown", f"the instance has no {self.name.replace('_', ' ')} {value!r}", hint or "Check the name."
            )
        return value


def _hand_table(path: Path, columns: Sequence[_Column], key: Sequence[str], findings: list[Finding]) -> pd.DataFrame:
    heading, rows = csv_rows(path, findings)
    there = [column for column in columns if column.name in heading]
    for column in columns:
        if heading and column.name not in heading and not column.optional:
            message, remedy = f"the column {column.name!r} is missing.", f"Add it.{did_you_mean(column.name, heading)}"
            findings.append(Finding("error", "missing-column", path.name, 1, None, message, remedy))
    cells: dict[str, list[Any]] = {column.name: [] for column in columns}
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in rows:
        values: dict[str, Any] = {column.name: column.blank for column in columns}
        whole = True
        for column in there:
            try:
                values[column.name] = column.read(row[heading.index(column.name)])
            except CellError as error:
                whole = False
                findings.append(
                    Finding("error", error.code, path.name, number, column.name, f"{error.message}.", error.remedy)
                )
        at = tuple(values[name] for name in key)
        if whole and at in seen:
            message = f"{', '.join(map(str, at))} stands in row {seen[at]} already."
            findings.append(Finding("error", "duplicate", path.name, number, key[0], message, "Put the rows together."))
        seen.setdefault(at, number)
        for name, value in values.items():
            cells[name].append(value)
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()})
