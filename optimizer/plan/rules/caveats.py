"""Family 4: what nations forbid (quantitative caveats are limits, family 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.plan.case import Case
from optimizer.plan.facts import Facts
from optimizer.plan.services import Selection
from optimizer.plan.violation import Violation


@dataclass(frozen=True)
class Prohibition:
    """A caveat in force in periods first..last; `why` says it in words."""

    name: str
    selection: Selection
    first: int
    last: int
    why: str


def prohibitions(case: Case) -> list[Prohibition]:
    """The caveats that forbid something in this scenario."""
    found = []
    for row in case.tables.rows("caveats"):
        holds = case.tables.holds(row["condition"])
        if row["rule"] == "limit" or holds == (row["rule"] == "unless"):
            continue
        why = f"the caveat {row['caveat']!r} forbids it"
        if row["condition"]:
            why += f" {'unless' if row['rule'] == 'unless' else 'while'} {row['condition']} is true"
        found.append(Prohibition(row["caveat"], Selection.of(row), *case.window(row), why))
    return found


def check(facts: Facts) -> Iterator[Violation]:
    """No service that a caveat in force forbids."""
    for caveat in prohibitions(facts.case):
        before = caveat.first - 1
        for index in np.flatnonzero(facts.services.mask(caveat.selection)):
            pledge, line = facts.services.pairs[index]
            for t in np.flatnonzero(facts.units[index, before : caveat.last] > 0) + before:
                message = f"{pledge} serves on {line}, but {caveat.why}."
                amount, source = float(facts.units[index, t]), f"caveats/{caveat.name}"
                yield Violation("caveat", caveat.name, line, int(t) + 1, amount, 0.0, message, source)
