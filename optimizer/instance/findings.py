"""What is wrong with an instance: all findings at once, each with its place and a remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

CANNOT_BE_KEPT: Final = frozenset(
    {
        "agreed-above-quantity",
        "agreed-above-rotation",
        "agreed-unservable",
        "burden-unreachable",
        "cap-below-unit",
        "contingent-above-cap",
        "contingent-above-pledges",
        "contingents-above-cap",
        "enabler-feeds-itself",
        "enabler-unserved",
        "floor-above-pledges",
        "lead-cannot-serve",
        "lead-nobody-willing",
        "limits-contradict",
        "link-cannot-hold",
        "min-nations-unreachable",
        "must-unservable",
        "must-unservable-in-scenario",
        "needs-and-excludes",
        "shares-below-whole",
        "sponsor-cannot-serve",
        "sponsors-apart",
    }
)
"""Codes of the findings that only say that a rule, read and understood, cannot be kept: whoever asks why there is no plan need not be stopped by them."""


@dataclass(frozen=True)
class Finding:
    """One thing to mend (`error`) or to know (`warning`).

    `row` is the row as a spreadsheet numbers it (the heading is row 1); None where no single row is meant. `infeasible_in`: scenarios
    in which it leaves no plan, where it does so in some only.
    """

    severity: str
    code: str
    place: str
    row: int | None
    column: str | None
    message: str
    remedy: str
    infeasible_in: tuple[str, ...] = ()

    @property
    def cannot_be_kept(self) -> bool:
        """Whether it only says that a rule cannot be kept; the instance itself is read and understood."""
        return self.code in CANNOT_BE_KEPT

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

    def infeasible(
        self, finding: Finding, table: str, index: int, failing: Sequence[str | None], among: Sequence[object]
    ) -> None:
        """Note a rule that leaves no plan in some scenarios (None: the defaults): an error where these are all, else a warning that names them.

        `finding` says what is wrong in any of them; severity, place and row are filled in here.
        """
        if len(failing) == len(among):
            self.error(finding.code, table, index, finding.column, finding.message, finding.remedy)
            return
        names = tuple("the default" if name is None else name for name in failing)
        self.add(
            replace(
                finding,
                severity="warning",
                place=self.place(table),
                row=self.row(table, index),
                message=f"{finding.message} There is no plan in: {', '.join(names)}.",
                infeasible_in=names,
            )
        )

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
