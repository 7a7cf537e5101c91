"""What is wrong with an instance: all findings at once, each with its place and a remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing to mend (`error`) or to know (`warning`).

    `row` is the row as a spreadsheet numbers it (the heading is row 1); None where no single row is meant.
    """

    severity: str
    code: str
    place: str
    row: int | None
    column: str | None
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.place
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{self.severity} [{self.code}] {place}: {self.message} {self.remedy}".rstrip()


class InvalidInstance(ValueError):  # noqa: N818 - the name says what is wrong
    """The instance has errors; `findings` holds all of them (and the warnings)."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


SHOWN = 20
"""Findings of one kind in one column that are shown; the rest are counted."""


class Notes:
    """Collects findings while an instance is read and checked.

    `places` and `numbers` turn a table and the index of a row into what the planner sees: a file or sheet, and its row.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self.places: Mapping[str, str] = {}
        self.numbers: dict[str, Sequence[int]] = {}
        self.faulty_rows: set[tuple[str, int]] = set()
        self.faulty_tables: set[str] = set()
        self._findings: list[Finding] = []
        self._counts: Counter[tuple[str, str, str, str | None]] = Counter()
        for finding in findings:
            self.add(finding)

    def add(self, finding: Finding) -> None:
        """Keep a finding, or only count it when there are many of its kind already."""
        kind = (finding.severity, finding.code, finding.place, finding.column)
        self._counts[kind] += 1
        if self._counts[kind] <= SHOWN:
            self._findings.append(finding)

    def error(self, code: str, table: str, index: int | None, column: str | None, message: str, remedy: str) -> None:
        """Note an error at a row (by its index; None: the table as a whole)."""
        self.faulty_tables.add(table)
        if index is not None:
            self.faulty_rows.add((table, index))
        self.add(Finding("error", code, self.place(table), self.row(table, index), column, message, remedy))

    def warning(self, code: str, table: str, index: int | None, column: str | None, message: str, remedy: str) -> None:
        """Note a warning at a row (by its index; None: the table as a whole)."""
        self.add(Finding("warning", code, self.place(table), self.row(table, index), column, message, remedy))

    def about(self, place: str, column: str) -> bool:
        """Whether something is wrong in a place with what begins so."""
        return any(finding.place == place and (finding.column or "").startswith(column) for finding in self._findings)

    def place(self, table: str) -> str:
        """The file or sheet of a table."""
        return self.places.get(table, table)

    def row(self, table: str, index: int | None) -> int | None:
        """The row as a spreadsheet counts it."""
        if index is None:
            return None
        numbers = self.numbers.get(table)
        return numbers[index] if numbers is not None and index < len(numbers) else index + 2

    def reorder(self, table: str, order: Sequence[int]) -> None:
        """Follow the rows of a table to a new order (position -> old index)."""
        numbers = self.numbers[table]
        self.numbers[table] = tuple(numbers[index] for index in order)
        moved = {old: new for new, old in enumerate(order)}
        self.faulty_rows = {(name, moved[index] if name == table else index) for name, index in self.faulty_rows}

    def all(self) -> tuple[Finding, ...]:
        """All findings: errors first, then by place and row."""
        findings = [(finding, finding.row or 0) for finding in self._findings]
        for (severity, code, place, column), count in self._counts.items():
            if count > SHOWN:
                more = Finding(severity, code, place, None, column, f"and {count - SHOWN:,} more of this kind.", "")
                findings.append((more, 10**9))
        places = list(dict.fromkeys((*self.places.values(), *(finding.place for finding, _ in findings))))
        position = {place: number for number, place in enumerate(places)}
        findings.sort(key=lambda item: (item[0].severity != "error", position[item[0].place], item[1]))
        return tuple(finding for finding, _ in findings)
