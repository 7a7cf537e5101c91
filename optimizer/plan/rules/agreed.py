"""Family 15: as many units serve as was agreed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import row_of
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """In every period of a row's window in which its condition holds, exactly, or at least, its units serve."""
    index = {pair: number for number, pair in enumerate(facts.services.pairs)}
    nobody = np.zeros(facts.case.periods)
    for row in facts.case.tables.rows("agreed"):
        pledge, line, units = row["pledge"], row["requirement"], int(row["units"])
        there = facts.units[index[pledge, line]] if (pledge, line) in index else nobody
        holds = facts.case.tables.when(row["condition"])
        first, last = facts.case.window(row)
        for t in range(first - 1, last):
            serving = float(there[t])
            enough = serving >= units if row["kind"] == "at_least" else serving == units
            if holds >> t & 1 and not enough:
                bound = "at least " if row["kind"] == "at_least" else ""
                message = f"{serving:g} units of {pledge} serve on {line}, but {bound}{units} are agreed."
                yield Violation("agreed", pledge, line, t + 1, serving, float(units), message, row_of("agreed", row))
