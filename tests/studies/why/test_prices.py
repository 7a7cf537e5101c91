"""Prices of single rules, and of pairs, against the oracle."""

from __future__ import annotations

import pytest

import optimizer as fg
from tests.oracle.brute import TooLarge
from tests.studies.why.reference import Case, draw, instance_of, outcome
from tests.studies.why.test_curve import world

pytestmark = pytest.mark.no_cover


def gain(case: Case, rules: set[str]) -> float:
    """What one step of some rules gains, by the oracle."""
    steps = tuple(int(one.rule in rules) for one in case.asked)
    return outcome(case, steps).levels[0] - outcome(case, (0,) * len(steps)).levels[0]


def test_prices_hold_the_gain_that_the_oracle_finds() -> None:
    """For every rule the interval is closed and holds the gain; also of a listed pair."""
    met = 0
    for seed in range(20):
        case = draw(seed)
        first = [aim for aim in case.header.get("aims", [{}]) if aim.get("priority", 1) == 1]
        try:
            if len(first) != 1 or first[0].get("weight", 1) != 1 or not outcome(case, (0,) * len(case.asked)).feasible:
                continue
            for price in fg.prices(instance_of(case), case.scenario, jobs=1):
                true = gain(case, set(price.rules))
                room = 4e-6 * max(1.0, abs(true), 100.0)
                assert price.gain_at_most is not None
                assert price.gain_at_least - room <= true <= price.gain_at_most + room, (seed, price)
                assert price.gain_at_most - price.gain_at_least <= room
                met += true > 1e-3
        except TooLarge:
            continue
    assert met >= 5


def test_sets_that_matter_only_together() -> None:
    """Two caveats on one nation: neither alone gains, both gain forty points; and ten more with a further unit, which alone gains nothing."""
    found = fg.prices(world())
    sets = {frozenset(price.rules): price for price in found if len(price.rules) > 1}
    assert found[0].rules == max(sets.values(), key=lambda price: price.gain_at_least).rules
    pairs = [rules for rules in sets if len(rules) == 2 and round(sets[rules].gain_at_least, 4) == 40]
    assert {"caveats/A1", "caveats/A2"} in pairs or {"caveats/B1", "caveats/B2"} in pairs
    assert all(sets[pair].alone == 0 for pair in pairs if "pledges/C-bn.quantity" not in pair)
    assert all(sets[rules].gain_at_least > (sets[rules].alone or 0) for rules in sets)
    assert {price.rules[0]: round(price.gain_at_least, 4) for price in found if len(price.rules) == 1} == {
        "pledges/A-bn.quantity": 0,
        "pledges/B-bn.quantity": 0,
        "pledges/C-bn.quantity": 10,
        **{f"caveats/{name}{number}": 0 for name in "AB" for number in (1, 2)},
    }


def test_nothing_is_priced_without_a_plan_or_time() -> None:
    """There is no value to compare with."""
    assert fg.prices(world(), time_limit=1e-9) == ()
