"""Prices and the pool: plans that are known count wherever they keep the rules, and what is found joins them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import optimizer as fg
from optimizer.solving.options import SolveOptions
from optimizer.studies.pooled import PooledPlan, Trial, Tried
from optimizer.studies.study import Study, Variant
from optimizer.studies.why import judge, pricer, pricing
from optimizer.studies.why.judge import Verdict
from optimizer.studies.why.prices import Price
from tests.studies.why.test_curve import world as larger_world

BLIND = Verdict(None, float("inf"))
DENYING = Verdict(None, float("-inf"))
MORE_OF_C = "pledges/C-bn.quantity"


def world() -> fg.Instance:
    """C pledges one unit; A four, which a caveat keeps at home."""
    pledges = [
        {"pledge": f"{name}-bn", "nation": name, "unit_type": "bn", "quantity": quantity}
        for name, quantity in (("A", 4), ("C", 1))
    ]
    return larger_world(pledges=pledges, caveats=[{"caveat": "A1", "nation": "A", "rule": "forbid"}])


def of_c(units: int) -> PooledPlan:
    """So many units of C on the line, in the only period: ten points each; the world pledges one."""
    return PooledPlan((("C-bn", "r", 1, units),) if units else ())


def searches_are(monkeypatch: pytest.MonkeyPatch, blind: Callable[[bool], bool], answer: Verdict = BLIND) -> None:
    """Some searches find nothing, by whether the instance is as it is; or deny that there is a plan."""
    solve, as_it_is = judge.Judge.solve, world().hash

    def blinded(self: judge.Judge, instance: fg.Instance, *given: object, **more: object) -> Verdict:
        return answer if blind(instance.hash == as_it_is) else solve(self, instance, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(judge.Judge, "solve", blinded)


def by_rule(found: tuple[Price, ...]) -> dict[str, Price]:
    return {one.rules[0]: one for one in found if len(one.rules) == 1}


def test_what_a_loosened_rule_finds_counts_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The search as it is finds nothing; a run with another rule loosened finds one unit of C, which keeps all rules, and which the pool gets."""
    searches_are(monkeypatch, lambda as_it_is: as_it_is)
    pool = fg.Pool(tmp_path)
    pool.add(of_c(0))
    found = by_rule(fg.prices(world(), jobs=1, pool=pool))
    assert found[MORE_OF_C].gain_found == pytest.approx(10)
    assert found["pledges/A-bn.quantity"].gain_found == pytest.approx(0)
    assert found["caveats/A1"].gain_found == pytest.approx(40)
    best = fg.Pool(tmp_path).best_for(world())
    assert best is not None
    assert best.plan().aim("coverage") == pytest.approx(10)


def test_known_plans_are_tried_with_each_rule_loosened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two units of C keep the rules where C offers one more, although no search finds them."""
    searches_are(monkeypatch, lambda as_it_is: not as_it_is)
    pool = fg.Pool()
    pool.add(of_c(2))
    found = by_rule(fg.prices(world(), jobs=1, pool=pool))
    assert (found[MORE_OF_C].gain_at_least, found[MORE_OF_C].gain_found) == pytest.approx((10, 10))
    assert found["caveats/A1"].gain_found is None


def test_few_plans_are_tried_in_a_run_and_the_search_has_the_rest_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large pool the best that may keep the rules, and the plan at hand; what that takes is no further time."""
    monkeypatch.setattr(pricer, "TRIED", 2)
    solve, limits = judge.Judge.solve, list[float | None]()

    def limited(
        self: judge.Judge, instance: fg.Instance, options: SolveOptions, *given: object, **more: object
    ) -> Verdict:
        limits.append(options.time_limit)
        return solve(self, instance, options, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(judge.Judge, "solve", limited)
    tried: list[list[PooledPlan]] = []
    best = Trial.best

    def slow(self: Trial, plans: Iterable[PooledPlan]) -> Tried | None:
        tried.append(list(plans))
        clock.append(7.0)
        return best(self, tried[-1])

    clock = [0.0]
    monkeypatch.setattr(Trial, "best", slow)
    monkeypatch.setattr(pricer.time, "monotonic", lambda: sum(clock))
    setup = pricer.PriceSetup((world(),), Study("prices"), tuple(of_c(units).packed for units in range(8)))
    variant = Variant(0, "more of C", 0, (pricer.WHOLE, json.dumps([MORE_OF_C]), 20.0))
    found = pricer.Pricer(setup).answer(variant, of_c(0).packed)
    assert tried == [[of_c(0), of_c(2), of_c(1)]]
    assert limits == [13.0]
    assert found.outcome["score"] == pytest.approx(20)


def test_a_search_that_denies_a_known_plan_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that there is no plan: the runs count as failed, and each has a warning."""
    searches_are(monkeypatch, lambda _: True, DENYING)
    pool = fg.Pool()
    pool.add(of_c(1))
    found = pricing.priced(world(), jobs=1, pool=pool)
    assert found.termination == "feasible"
    assert any("as it is" in one and "one that keeps all rules is known" in one for one in found.warnings)
    assert all(one.gain_found is None for one in found.prices)


def test_a_resumed_search_keeps_the_plans_that_it_began_with(tmp_path: Path) -> None:
    """Whatever the pool holds by then; and without the pool, too."""
    pool, folder = fg.Pool(), tmp_path / "prices"
    pool.add(of_c(0))
    expected = fg.prices(world(), jobs=1, out=folder, pool=pool)
    journal = (folder / "runs.jsonl").read_bytes()
    pool.add(of_c(2))
    for known in (pool, None):
        assert fg.prices(world(), jobs=1, out=folder, resume=True, pool=known) == expected
        assert (folder / "runs.jsonl").read_bytes() == journal
