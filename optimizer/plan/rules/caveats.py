"""Family 4: what nations forbid (quantitative caveats are limits, family 3)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.plan.facts import Facts
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """No service that a caveat in force forbids."""
    for caveat in facts.admissible.prohibitions:
        for index in np.flatnonzero(facts.services.mask(caveat.selection)):
            pledge, line = facts.services.pairs[index]
            for t in np.flatnonzero((facts.units[index] > 0) & caveat.periods):
                message = f"{pledge} serves on {line}, but {caveat.why}."
                amount, source = float(facts.units[index, t]), caveat.rule
                yield Violation("caveat", caveat.name, line, int(t) + 1, amount, 0.0, message, source)
