"""What is wrong with a study file: noted key by key, and raised all at once."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.instance.findings import Finding

Fault = tuple[str, str, str]
"""Code, message and remedy."""


class Faults:
    """The findings of one file. `count` also counts faults at keys whose value is refused already, which are not reported twice."""

    def __init__(self, file: str, refused: Iterable[tuple[str, Fault]] = ()) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.count = 0
        self._refused: frozenset[str | None] = frozenset()
        for key, fault in refused:
            self.error(fault, key)
        self._refused = frozenset(finding.column for finding in self.findings)

    def error(self, fault: Fault, key: str) -> None:
        """Note a fault at a key path (blank: at none)."""
        code, message, remedy = fault
        self.count += 1
        if not self.is_refused(key):
            self.findings.append(Finding("error", code, self.file, None, key or None, message, remedy))

    def is_refused(self, key: str) -> bool:
        """Whether the value of a key was refused, whatever the key takes."""
        return bool(key) and key in self._refused

    def any_below(self, prefix: str) -> bool:
        """Whether there is a finding at a key that begins so."""
        return any((finding.column or "").startswith(prefix) for finding in self.findings)
