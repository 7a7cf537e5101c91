"""What the search for the worst sets asks for, and in which order, from answers that are made up."""

from __future__ import annotations

import math
from itertools import combinations
from types import SimpleNamespace

import numpy as np

from optimizer.studies.withdraw.ledger import Ledger
from optimizer.studies.withdraw.worst import Worst

NATIONS = ("a", "b", "c", "d")
LEFT = {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0}
"""What is left of the one plan without each nation; without several, the least of these."""


class Made:
    """A `Known` whose parts of plans never exist without `a` and `b` together, although a plan does; it notes what it is asked."""

    def __init__(self, steps: int) -> None:
        self.ledger = Ledger(NATIONS, ())
        self.ledger.plan((), 10.0, "all")
        self.nations, self.records, self.proofs, self.asked = NATIONS, {}, {}, []
        screen = SimpleNamespace(serving=np.ones(4, dtype=bool), scores=self.scores)
        self.plans = [(0, None, screen)]
        self.course, self.steps = self, steps
        self.left, self.workers = math.inf, SimpleNamespace(jobs=1)

    @property
    def is_over(self):
        return len(self.asked) >= self.steps

    def scores(self, sets):
        return np.array(
            [min((LEFT[n] for n, out in zip(NATIONS, row, strict=True) if out), default=10.0) for row in sets]
        )

    def prove(self, sets, seconds):
        self.proofs |= dict.fromkeys(sets, False)

    def drop(self, parts, seconds):
        for _, out in parts:
            self.asked.append(("part", out))
            if not {"a", "b"} <= set(out):
                self.ledger.plan(out, 0.5 * min(LEFT[one] for one in out), f"part {out}")

    def solve(self, sets, seconds):
        for out in sets:
            self.asked.append(("solve", out))
            self.records[out] = SimpleNamespace(outcome={"termination": "optimal"})
            low, high = (10.0, 10.0) if not out else (1.0, 1.0) if {"a", "b"} <= set(out) else (2.0, 2.5)
            self.ledger.plan(out, low, f"plan {out}")
            self.ledger.bound(out, high)


def test_a_set_of_which_no_part_is_found_is_solved_before_parts_are_looked_for_again():
    """Nothing is guaranteed of all sets as long as nothing is known of one; afterwards its bound shows that none of the others is the worst."""
    known = Made(steps=100)
    search = Worst(known, list(combinations(NATIONS, 2)))
    search.search()
    assert ("part", ("a", "b")) in known.asked
    first = next(place for place, (kind, out) in enumerate(known.asked) if (kind, out) == ("solve", ("a", "b")))
    tried = [out for kind, out in known.asked[:first] if kind == "part"]
    assert len(tried) == len(set(tried)), "a part was looked for twice while nothing was known of one set"
    assert search.interval() == (1.0, 1.0)
    assert search.complete
