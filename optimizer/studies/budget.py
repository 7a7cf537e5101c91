"""A budget of time over a whole study: at first every run gets an equal share; what is left goes where it may change the order of the runs.

What has been spent is the sum of the seconds in the records, so what is done next follows from the records alone, and a resumed study goes
the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from optimizer.instance.instance import Aim
from optimizer.studies.intervals import Interval, aim_interval
from optimizer.studies.order import EQUAL, in_order
from optimizer.studies.record import Record

FIRST: Final = 0.5
"""The part of the budget that is shared out equally; each further search of a run may take twice as long as its last."""
LEAST: Final = 1.0
"""Fewer seconds are not worth a search."""
NOTHING: Final = frozenset({"infeasible", "invalid", "failed", "crashed"})
"""Runs that ended so, without a plan, are not searched again."""
ROUND: Final = 4
"""Runs that are searched again in a round: a fixed number, so that what is searched does not depend on the number of workers."""


@dataclass
class Budget:
    """Seconds of work, on all workers together. `had`: how long each run could take last; `again`: the records of runs that were searched again."""

    total: float
    had: dict[int, float] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)

    def left(self, records: Mapping[int, Record]) -> float:
        """What the records have left of it. A further search counts as no less than it is worth, so that there is an end to them."""
        spent = {run: float(record.timing.get("seconds", 0.0)) for run, record in records.items()}
        return self.total - math.fsum(
            max(LEAST, seconds) if run in self.again else seconds for run, seconds in spent.items()
        )

    def share(self, runs: int, records: Mapping[int, Record], part: float = FIRST, most: float = math.inf) -> float:
        """An equal share, for each of the first so many runs, of a part of what is left; but no more than `most` seconds."""
        seconds = min(most, max(LEAST, part * self.left(records) / max(1, runs)))
        self.had |= dict.fromkeys(range(runs), seconds)
        return seconds

    def next(self, ranked: Sequence[int], records: Mapping[int, Record], keep: float = 0.0) -> tuple[list[int], float]:
        """Of some runs, which are ranked, those that are searched again, and how long each may take; none once the budget is used up.

        `keep`: seconds that are left for what comes later.
        """
        left = self.left(records) - keep
        if not ranked or left < LEAST:
            return [], 0.0
        seconds = 2.0 * self.had[ranked[0]]
        alike = [run for run in ranked if 2.0 * self.had[run] == seconds][:ROUND]
        seconds = min(seconds, left)
        chosen = alike[: max(1, int(left / seconds))]
        self.had |= {run: 2.0 * self.had[run] for run in chosen}
        return chosen, seconds


def widest(outcomes: Mapping[int, Mapping[str, Any]], aims: Sequence[Aim]) -> list[int]:
    """The runs whose place in the order of all is not known, by the first aim: the widest interval first.

    That of a run is known where its interval meets that of no other. `outcomes`: of all runs, by number.
    """
    first = in_order(aims)[0].name
    known = {run: _interval(outcome, first, aims) for run, outcome in outcomes.items()}
    unsure = [run for run, one in known.items() if _width(one) > 0.0 and _meets(run, known)]
    return sorted(unsure, key=lambda run: (-_width(known[run]), run))


def _interval(outcome: Mapping[str, Any], name: str, aims: Sequence[Aim]) -> Interval | None:
    """What the best plan of a run has; None where it has none for certain, or the search failed."""
    if not outcome["has_plan"]:
        return Interval() if outcome["termination"] not in NOTHING else None
    return aim_interval(outcome, name, aims)


def _width(interval: Interval | None) -> float:
    if interval is None:
        return 0.0
    width = interval.at_most - interval.at_least
    return width if math.isinf(width) or width > EQUAL * max(1.0, abs(interval.at_least)) else 0.0


def _meets(run: int, known: Mapping[int, Interval | None]) -> bool:
    mine = known[run]
    return mine is not None and any(
        other is not None and other.at_least <= mine.at_most and mine.at_least <= other.at_most
        for number, other in known.items()
        if number != run
    )
