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
        for period in facts.case.in_force(row):
            serving = float(there[period - 1])
            enough = serving >= units if row["kind"] == "at_least" else serving == units
            if not enough:
                bound = "at least " if row["kind"] == "at_least" else ""
                message = f"{serving:g} units of {pledge} serve on {line}, but {bound}{units} are agreed."
                yield Violation("agreed", pledge, line, period, serving, float(units), message, row_of("agreed", row))
