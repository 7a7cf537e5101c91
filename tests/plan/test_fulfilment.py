"""What the verifier counts for a limit on fulfilment: the lines that the limit names, by their weights, in the periods in which they are asked for."""

from types import SimpleNamespace

import numpy as np
import pytest

from optimizer.instance.selectors import parse_selector
from optimizer.plan.rules.limits import _fulfilment


def counted(per, capability=None, first=2, last=3):
    """Three lines at one post and one elsewhere; in period 2 the second is not asked for, in period 4 nothing is."""
    lines = {
        "patrol": SimpleNamespace(weight=1.0, post=("m", "x"), capability="patrol"),
        "train": SimpleNamespace(weight=3.0, post=("m", "x"), capability="train"),
        "other": SimpleNamespace(weight=7.0, post=("m", "y"), capability="patrol"),
    }
    parts = {"capability": parse_selector(capability)}
    selection = SimpleNamespace(part=parts.__getitem__, takes_post=lambda _case, post: post == ("m", "x"))
    facts = SimpleNamespace(
        case=SimpleNamespace(lines=lines),
        shares=np.array([[1.0, 0.5, 0.2, 0.9], [1.0, 0.7, 0.6, 0.9], [1.0, 0.3, 0.1, 0.9]]),
        active=np.array([[True, True, True, False], [True, False, True, False], [True, True, True, True]]),
    )
    return _fulfilment(facts, SimpleNamespace(selection=selection, periods=tuple(range(first, last + 1)), per=per))


def test_per_period_it_is_the_weighted_mean_of_the_lines_asked_for():
    """A period in which no line is asked for has no figure."""
    assert counted("period", last=4) == [(2, pytest.approx(0.5)), (3, pytest.approx((0.2 + 3 * 0.6) / 4))]


def test_over_the_horizon_it_is_the_weighted_mean_of_all_periods_of_the_window():
    """Periods count by the weights asked for in them, and those outside the window not at all."""
    assert counted("horizon") == [(None, pytest.approx((0.5 + 0.2 + 3 * 0.6) / 5))]
    assert counted("horizon", first=4, last=4) == []


def test_only_lines_of_the_capability_count():
    assert counted("horizon", "patrol") == [(None, pytest.approx((0.5 + 0.2) / 2))]
    assert counted("period", "train") == [(3, pytest.approx(0.6))]
