"""What happens when a capital refuses, and when it leaves, against enumeration with the oracle."""

from __future__ import annotations

import pytest

import optimizer as fg
from optimizer.instance.conceding import of_scenario
from optimizer.studies.why.asks import Figure
from optimizer.studies.why.judge import Judge
from optimizer.studies.why.refusals import without_pledges
from tests.oracle.brute import TooLarge, best
from tests.studies.why.reference import all_sets, draw, instance_of, outcome
from tests.studies.why.test_curve import world

pytestmark = pytest.mark.no_cover


def same(figure: Figure | None, expected: float | None) -> bool:
    """Whether a figure is what the oracle says, proven."""
    assert figure is not None
    if expected is None:
        return figure.impossible
    room = 1e-5 * max(1.0, abs(expected))
    assert figure.value is not None
    assert figure.bound is not None
    return abs(figure.value - expected) <= room and abs(figure.bound - figure.value) <= room


def test_against_enumeration() -> None:
    """The best set of the same weight without a capital's concessions, and the value without its pledges."""
    refused = left = 0
    for seed in range(40):
        case = draw(seed, rules=4)
        first = [aim for aim in case.header.get("aims", [{"name": "coverage"}]) if aim.get("priority", 1) == 1]
        if len(first) != 1 or first[0]["name"] != "coverage":
            continue
        instance = instance_of(case)
        who = {one.id: one.asked for one in Judge(instance, case.scenario).concessions}
        try:
            curve = fg.concessions(instance, case.scenario, most=2)
            for ask in fg.if_refused(instance, case.scenario, fg.asks(curve), curve):
                assert ask.weight is not None
                values = [
                    found.levels[0]
                    for _, steps in all_sets(case, ask.weight)
                    if not any(n and who.get(one.rule) == ask.asked for n, one in zip(steps, case.asked, strict=True))
                    and (found := outcome(case, steps)).feasible
                ]
                assert same(ask.refused, max(values, default=None)), (seed, ask)
                refused += 1
                if ask.left is not None:
                    rows = without_pledges(of_scenario(instance, case.scenario), ask.asked)
                    found = best({name: list(rows.rows(name)) for name in rows.tables}, case.header, case.scenario)
                    assert same(ask.left, found.levels[0] if found.feasible else None), (seed, ask)
                    left += 1
        except TooLarge:
            continue
    assert refused >= 5
    assert left >= 4


def test_in_words_and_in_time() -> None:
    """The sentence has both; what is not reached in time is said not to be known."""
    curve = fg.concessions(world(), most=2)
    first = fg.if_refused(world(), None, fg.asks(curve), curve)[0]
    assert "If it refuses, coverage at the same weight is 10." in first.sentence
    assert "A new plan without its pledges has 0." in first.sentence
    assert first.record()["left"]["value"] == 0.0
    late = fg.if_refused(world(), None, fg.asks(curve), curve, time_limit=1e-9)[0]
    assert "not known" in late.sentence
