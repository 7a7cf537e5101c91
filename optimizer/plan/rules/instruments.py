"""Family 10: instruments need their condition and their sponsors."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.plan.facts import Facts
from optimizer.plan.rules.register import cell_of
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """Each instrument used has its condition in some period, and all its sponsors take part."""
    for name in sorted(facts.used):
        instrument = facts.case.instruments[name]
        if not instrument.true_in:
            message = f"{name} is used, but it exists only while {instrument.condition} is true."
            source = cell_of("instruments", name, "condition")
            yield Violation("instrument_condition", name, name, None, 1.0, 0.0, message, source)
        for sponsor in instrument.sponsors:
            if not facts.takes_part.get(sponsor, False):
                message = f"{name} is used, but its sponsor {sponsor} does not take part."
                source = cell_of("instruments", name, "sponsors")
                yield Violation("sponsor", name, sponsor, None, 0.0, 1.0, message, source)
