"""How a run ended: what the journal holds, what workers send, and what the table of runs is made of."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """How a run ended. `outcome` is the same whoever worked; `timing` is not. `start`: the plan, packed, for the next run."""

    run: int
    outcome: Mapping[str, Any]
    timing: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""


def failed(run: int, termination: str, reason: str, seconds: float = 0.0) -> Record:
    """The record of a run without a plan."""
    outcome = {"termination": termination, "has_plan": False, "reason": reason}
    return Record(run, outcome, {"seconds": round(seconds, 3)})


def slim(record: Record) -> Record:
    """The record, as it is kept until the end: thousands of copies of the same words, or of the same plan, would fill the memory."""
    outcome, timing = (
        {sys.intern(name): sys.intern(value) if isinstance(value, str) else value for name, value in part.items()}
        for part in (record.outcome, record.timing)
    )
    return Record(record.run, outcome, timing, sys.intern(record.start))
