"""Findings on the screen and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from optimizer.reporting.text import shorten, visible

if TYPE_CHECKING:
    from optimizer.instance.findings import Finding


def as_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings for machines."""
    return [asdict(finding) for finding in findings]


def count_in_words(findings: Sequence[Finding]) -> str:
    """How many errors and warnings."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    parts = [
        f"{number} {word}{'s' * (number != 1)}" for number, word in ((errors, "error"), (warnings, "warning")) if number
    ]
    return " and ".join(parts) or "nothing"


def findings_text(findings: Sequence[Finding], head: str) -> str:
    """Findings as lines."""
    return "\n".join(
        [f"{head}: {count_in_words(findings)} found.", *(shorten(visible(str(finding)), 1000) for finding in findings)]
    )
