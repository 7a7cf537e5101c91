"""How long the plans of a pool are tried where there is a time limit: a part of it, and what was tried by then counts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import optimizer as fg
from optimizer.cli.app import forcegen
from optimizer.studies import pooled
from optimizer.studies.pooled import PooledPlan, Trial, Tried
from optimizer.studies.pooling import solve_with
from optimizer.studies.question import Question
from optimizer.studies.study import Study
from optimizer.studies.withdraw.course import Course
from optimizer.studies.withdraw.known import Known
from optimizer.studies.withdraw.leaving import Measure
from optimizer.studies.workers import Workers
from tests.studies.hedge.test_hedge import world as with_scenarios
from tests.studies.why.test_prices_pool import of_c, world

MANY = 20
"""Plans that seem to be worth much, and break the rules."""
SLOW = 0.1
"""Seconds that the verifier takes with one of them."""


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[PooledPlan]:
    """The plans that the verifier is asked about, each of which takes it a while."""
    asked: list[PooledPlan] = []
    find = Trial._tried

    def slow(self: Trial, plan: PooledPlan) -> Tried | None:
        asked.append(plan)
        time.sleep(SLOW)
        return find(self, plan)

    monkeypatch.setattr(Trial, "_tried", slow)
    return asked


def many(folder: Path | None = None) -> fg.Pool:
    """A pool of many plans, of which one keeps the rules."""
    pool = fg.Pool(folder)
    for units in range(1, MANY + 1):
        pool.add(of_c(units))
    return pool


@pytest.mark.parametrize(("seconds", "units"), [(None, 1), (2.5, 1), (1.5, 0), (0.5, 0), (0.5, None)])
def test_what_was_tried_in_time_counts(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, units: int | None
) -> None:
    """A second each, the most promising first: three, two and one units of C, of whom there is one. Who stays at home was tried before."""
    clock, find, trial = [0.0], Trial._tried, Trial(world())
    if units is not None:
        trial.tried(of_c(0))

    def slow(self: Trial, plan: PooledPlan) -> Tried | None:
        clock.append(1.0)
        return find(self, plan)

    monkeypatch.setattr(Trial, "_tried", slow)
    monkeypatch.setattr(pooled.time, "monotonic", lambda: sum(clock))
    found = trial.best([of_c(number) for number in range(4)], seconds)
    assert found is None if units is None else found is not None and found.pooled == of_c(units)


def test_looking_at_what_plans_are_worth_has_half_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second each: of five seconds three plans are looked at, and the best of these is found."""
    clock, worth = [0.0], Trial.worth

    def slow(self: Trial, plan: PooledPlan) -> Any:
        clock.append(1.0)
        return worth(self, plan)

    monkeypatch.setattr(Trial, "worth", slow)
    monkeypatch.setattr(pooled.time, "monotonic", lambda: sum(clock))
    plans = [of_c(number) for number in (0, 2, 3, 1)]
    for seconds, best in ((5.0, 0), (None, 1)):
        found = Trial(world()).best(plans, seconds)
        assert found is not None
        assert found.pooled == of_c(best)


def test_a_solve_has_what_the_pool_leaves(monkeypatch: pytest.MonkeyPatch, tried: list[PooledPlan]) -> None:
    """Half of its limit at most is for the plans of the pool; its record says what was asked for. Without a limit, all are tried."""
    limits: list[float | None] = []

    def noted(*given: Any, time_limit: float | None, **more: Any) -> fg.Plan:
        limits.append(time_limit)
        return fg.solve(*given, time_limit=time_limit, **more)

    monkeypatch.setattr("optimizer.studies.pooling.solve", noted)
    plan = solve_with(many(), world(), time_limit=1.0, child=False)
    assert len(tried) <= 1 + 0.5 / SLOW
    assert limits[0] is not None
    assert 0.1 <= limits[0] <= 1.0 - SLOW
    assert plan.options["time_limit"] == 1.0
    tried.clear()
    plan = solve_with(many(), world(), child=False)
    assert len(tried) == MANY
    assert (limits[1], plan.options["time_limit"]) == (None, None)


def test_concessions_have_what_the_pool_leaves(tmp_path: Path, tried: list[PooledPlan]) -> None:
    """The command begins to search once half of its time is over."""
    many(tmp_path / "pool")
    fg.write_instance(world(), tmp_path / "x")
    asked = ["concessions", str(tmp_path / "x"), "--pool", str(tmp_path / "pool"), "--most", "0", "--time-limit", "1"]
    assert CliRunner().invoke(forcegen, asked).exit_code in {0, 5, 6}
    assert len(tried) <= 2 + 0.5 / SLOW


def test_hedging_has_what_the_pool_leaves(tried: list[PooledPlan]) -> None:
    """Of the time for the plan of each case alone half is for the pool, in equal parts for the cases."""
    pool = fg.Pool()
    for units in range(2, MANY):
        pool.add(PooledPlan((("F", "n", 1, units), ("P", "s", 1, units))))
    fg.hedge(with_scenarios(), pool=pool, time_limit=2.0)
    assert sum(plan in pool.plans() and plan.assignments[0][3] > 1 for plan in tried) <= 2 + 0.5 / SLOW


def test_prices_have_what_the_pool_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best plan to begin with is looked for in half of the time; that which was given to start from counts in any case."""
    given: list[float | None] = []
    known: list[set[str]] = []
    best, start = Trial.best, fg.solve(world(), child=False)

    def noted(self: Trial, plans: Any, seconds: float | None = None) -> Tried | None:
        given.append(seconds)
        known.append(set(self._known))
        return best(self, plans, seconds)

    monkeypatch.setattr(Trial, "best", noted)
    for limit in (None, 60.0):
        given.clear()
        known.clear()
        fg.prices(world(), jobs=1, start=start, pool=many(), time_limit=limit)
        assert known[0] == {PooledPlan.of(start).key}
        assert given[0] is None if limit is None else 0.0 < given[0] <= 30.0  # type: ignore[operator]


def test_withdrawals_have_what_the_pool_leaves(tried: list[PooledPlan]) -> None:
    """Of the plans beside the old one those are taken up that are tried in half of the time."""
    instance, pool = world(), many()
    for limit in (None, 1.0):
        tried.clear()
        course = Course(Question(Study("withdraw"), (instance,)), Workers(1), {}, limit)
        known = Known(instance, None, Measure(instance, None), course)
        assert known.begin(of_c(0), pool.plans()) == 0.0
        others = len(tried) - 1
        assert others == MANY if limit is None else others <= 1 + 0.5 / SLOW
