"""The file of the design `rows`: a run per row, an input per column, all findings with row and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from optimizer.instance.attribute import Attribute
from optimizer.instance.attributes import TABLES
from optimizer.instance.cells import CellError, did_you_mean, is_blank, parse_cell, quoted
from optimizer.instance.findings import Notes
from optimizer.instance.instance import Instance
from optimizer.instance.raw import RawTable
from optimizer.instance.read.folder import read_csv
from optimizer.instance.regular import UnreadableFile
from optimizer.studies.faults import Fault
from optimizer.studies.study import Value, Vary
from optimizer.studies.values import misfit, of_aims, strangers, unknown_scenario

Run = tuple[str, tuple[Value, ...]]
"""Name and inputs."""

TABLE = "rows"
NAME = "name"


def read_rows(
    folder: Path, file: str, vary: Sequence[Vary], instance: Instance, scenario: str | None
) -> tuple[list[Run], Notes]:
    """The runs of a CSV file beside the study, with a column per thing that varies (blank: left as it is) and perhaps `name`."""
    notes = Notes()
    notes.places = {TABLE: file}
    if "\0" in file:
        notes.error("unreadable", TABLE, None, None, "no file can have this name.", "Correct it.")
        return [], notes
    try:
        table = read_csv(folder, folder / file)
    except UnreadableFile as error:
        notes.numbers[TABLE] = () if error.row is None else (error.row,)
        message, remedy = error.message, error.remedy
        if error.code == "outside-folder":
            message, remedy = "the file lies outside the study's folder.", "Put it beside the study."
        elif error.code == "not-found":
            remedy = "Check its name; it is looked for beside the study."
        notes.error(error.code, TABLE, None if error.row is None else 0, None, message, remedy)
        return [], notes
    notes.numbers[TABLE] = tuple(table.numbers)
    heading = [str(cell).strip() for cell in table.header]
    _check_heading(heading, [one.name for one in vary], notes)
    return _RunReader(vary, instance, scenario, notes).runs(table, heading), notes


def _check_heading(heading: Sequence[str], names: Sequence[str], notes: Notes) -> None:
    for name in sorted({name for name in heading if heading.count(name) > 1}):
        notes.error("rows-column", TABLE, None, name, f"the column {quoted(name)} is there twice.", "Remove one.")
    for name in sorted(set(heading) - set(names) - {NAME}):
        remedy = f"Rename or remove it.{did_you_mean(name, names)}"
        notes.error("rows-column", TABLE, None, name, f"nothing that varies is called {quoted(name)}.", remedy)
    for name in sorted(set(names) - set(heading)):
        notes.error("rows-column", TABLE, None, name, f"the column {quoted(name)} is missing.", "Add it.")


class _RunReader:
    """Reads the cells; a value that stands in many rows is looked at once."""

    def __init__(self, vary: Sequence[Vary], instance: Instance, scenario: str | None, notes: Notes) -> None:
        self.vary, self.instance, self.scenario, self.notes = vary, instance, scenario, notes
        self.known: dict[tuple[str, str], tuple[Value, Fault | None]] = {}

    def runs(self, table: RawTable, heading: Sequence[str]) -> list[Run]:
        """The runs of all rows that are not blank."""
        width, found = len(heading), []
        for index, cells in enumerate(table.rows):
            if all(is_blank(cell) for cell in cells):
                continue
            if len(cells) != width:
                message = f"{len(cells)} cells, but the heading has {width}."
                self.notes.error("rows-cells", TABLE, index, None, message, "Check the commas.")
                continue
            given = {name: str(cell) for name, cell in zip(heading, cells, strict=True)}
            values = tuple(self.value(one, given.get(one.name, ""), index) for one in self.vary)
            found.append((given.get(NAME, "").strip(), values))
        return found

    def value(self, vary: Vary, cell: str, index: int) -> Value:
        """The value of a cell, None where it is blank; noted where it does not fit."""
        if is_blank(cell):
            return None
        if (vary.name, cell) not in self.known:
            self.known[vary.name, cell] = self.looked_at(vary, cell)
        value, fault = self.known[vary.name, cell]
        if fault is not None:
            code, message, remedy = fault
            self.notes.error(code, TABLE, index, vary.name, message, remedy)
        return value

    def looked_at(self, vary: Vary, cell: str) -> tuple[Value, Fault | None]:
        """The value of a cell, and what is wrong with it."""
        if vary.kind == "scenario":
            name = cell.strip()
            fault = unknown_scenario(name, self.instance)
            return (name if fault is None else None), fault
        attribute = Attribute(vary.name, "boolean", "")
        if vary.kind == "aim":
            attribute = of_aims(vary.column)
        elif vary.kind == "cells":
            column = TABLES[vary.table].by_name[vary.column]
            attribute = column if vary.mode == "value" else Attribute(vary.name, "number", "")
        try:
            value = parse_cell(attribute, cell)
        except CellError as error:
            return None, ("value", f"{error.message}.", error.remedy)
        wrong = misfit(vary, value, self.instance, self.scenario)
        return value, wrong or next(strangers(vary, value, self.instance), None)
