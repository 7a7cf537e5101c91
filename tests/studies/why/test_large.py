"""The search by relaxations, on small instances where the truth is known: its intervals hold it, and its sets are searched to the end."""

from __future__ import annotations

import pytest

from optimizer.studies.why.judge import Judge
from optimizer.studies.why.large import LargeSearch
from optimizer.studies.why.relaxed import RelaxedJudge
from tests.studies.why.reference import curve, draw, instance_of
from tests.studies.why.test_curve import world

pytestmark = pytest.mark.no_cover


def test_intervals_hold_the_truth() -> None:
    """The bound is never below the best value among all sets, the value never above; heavier weights have no lower values."""
    met = 0
    for seed in range(10):
        case = draw(seed)
        if case.header.get("aims", [{"name": "coverage"}])[0]["name"] == "burden_gap":
            continue
        expected = curve(case, most=2)
        if expected is None or expected[0] is None:
            continue
        judge = Judge(instance_of(case), case.scenario)
        points = LargeSearch(judge).run(2)
        for value, point in zip(expected, points, strict=True):
            room = 1e-5 * max(1.0, abs(value or 0.0))
            assert value is not None
            assert point.bound >= value - room, (seed, point, expected)
            assert point.score is not None
            assert point.score <= value + room, (seed, point, expected)
            assert judge.weight(point.state) <= point.weight
        met += points[2].score > points[0].score + 1e-6  # type: ignore[operator]
    assert met >= 1


def test_sets_that_help_only_together_are_found() -> None:
    """The relaxation leads to both caveats of a nation, and the sets found are solved in whole units."""
    points = LargeSearch(Judge(world())).run(2)
    assert [round(point.score or 0) for point in points] == [10, 20, 50]
    assert all(point.proven for point in points)


def test_one_relaxation_with_gates_bounds_all_sets_of_a_weight() -> None:
    """It is never below the best value among the sets, and never above the relaxation with everything conceded."""
    met = 0
    for seed in range(30):
        case = draw(seed)
        expected = curve(case, most=2)
        judge = Judge(instance_of(case), case.scenario)
        if expected is None or expected[0] is None or any(aim.name == "burden_gap" for aim in judge.aims):
            continue
        relaxed = RelaxedJudge(judge)
        for weight, value in enumerate(expected):
            open_ = tuple(min(one.most, weight // one.weight) for one in judge.concessions)
            bound, whole = relaxed.bound_of_weight(weight), relaxed.verdict(judge.nothing, open_).bound
            room = 1e-5 * max(1.0, abs(whole))
            assert value is not None
            assert value - room <= bound <= whole + room, (seed, weight)
            met += 1
    assert met > 20
