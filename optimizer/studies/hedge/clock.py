"""How the time limit of the study is shared out among its parts."""

from __future__ import annotations

import time
from typing import Final

from optimizer.studies.hedge.judging import LEAST_SECONDS

PARTS: Final = {"own": 0.35, "usual": 0.15, "known": 0.1, "joint": 0.3, "ready": 0.1}
"""The parts of a time limit; what one leaves passes on."""


class Clock:
    """Shares out a time limit. None: there is none."""

    def __init__(self, limit: float | None, spent: float = 0.0) -> None:
        self._end = None if limit is None else time.monotonic() + max(0.0, limit - spent)
        self._left = dict(PARTS)

    def begin(self, part: str) -> Clock:
        """The clock of one part of the study."""
        whole = sum(self._left.values())
        share = self._left.pop(part) / whole
        found = Clock(None)
        found._end = None if self._end is None else time.monotonic() + share * max(0.0, self._end - time.monotonic())
        return found

    def seconds(self, solves: int, jobs: int = 1) -> float | None:
        """For each of so many solves, of which so many go on at once."""
        if self._end is None:
            return None
        return max(LEAST_SECONDS, (self._end - time.monotonic()) * min(jobs, max(1, solves)) / max(1, solves))
