"""Whether a bound has stalled."""

from __future__ import annotations

import time
from dataclasses import dataclass

# A bound that closes less than this share of the gap has not moved.
STALL_SHARE = 0.05


@dataclass
class Stall:
    """Since when a bound has hardly come nearer to the best plan. `since`: when it last did, and to where."""

    since: tuple[float, float] | None = None

    def lasts(self, seconds: float, bound: float, value: float) -> bool:
        """Whether for so many seconds, with the bound (of what is maximised) and the value of the best plan as they are now."""
        now = time.monotonic()
        if self.since is None or self.since[1] - bound > STALL_SHARE * max(0.0, bound - value):
            self.since = (now, bound)
        return now - self.since[0] > seconds
