"""What is wrong with an instance: all findings at once, each with its place and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
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


class InvalidInstance(ValueError):
    """The instance has errors; `findings` holds all of them (and the warnings)."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))
