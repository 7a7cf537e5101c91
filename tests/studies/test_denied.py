"""A search that says that there is no plan, where one is known: never silent, and nothing is claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import optimizer as fg
from optimizer.instance.instance import Instance
from optimizer.solving.solution import Solution
from optimizer.studies import answer, scenarios
from optimizer.studies.answer import Answerer
from optimizer.studies.carried import DENIED, DeniedPlan
from optimizer.studies.exchange import Exchange, Row
from optimizer.studies.pooled import PooledPlan
from optimizer.studies.probing import prober
from optimizer.studies.probing.asking import VARY
from optimizer.studies.probing.probe import Probe, Within
from optimizer.studies.question import Question, Setup
from optimizer.studies.reading import read_study
from optimizer.studies.study import Study, Tries, Variant
from optimizer.studies.tightening import Travel
from optimizer.studies.withdraw import answering
from optimizer.studies.withdraw.ask import withdraw
from optimizer.studies.workers import Workers
from tests.studies.small import tutorial
from tests.studies.withdraw.reference import work_here


def deny(*_: Any, **__: Any) -> Solution:
    """A search that denies all plans."""
    return Solution(None, "infeasible")


def packed(instance: Instance) -> str:
    """A plan of an instance."""
    return PooledPlan.of(fg.solve(instance, child=False)).packed


def test_a_run_that_denies_a_plan_it_was_told_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row says so, has a warning, and takes over no other plan as if nothing had happened."""
    instance = tutorial()
    setup = Setup((instance,), Study("plan"), (packed(instance),))
    monkeypatch.setattr(answer, "solve_levels", deny)
    record = Answerer(setup).answer(Variant(0, "base", 0, (), Tries((0,))), "")
    assert record.outcome["termination"] == "failed"
    assert DENIED in record.outcome["reason"]
    assert not Row(Variant(0, "base", 0, ()), record, ()).is_open
    assert Answerer(setup).answer(Variant(0, "base", 0, ()), "").outcome["termination"] == "infeasible"


def test_solve_with_a_pool_denies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`solve --pool` ends with an error that asks for a report."""
    pool = fg.Pool()
    pool.add(fg.solve(tutorial(), child=False))
    ended = replace(fg.solve(tutorial(), child=False), termination="infeasible")
    monkeypatch.setattr("optimizer.studies.pooling.solve", lambda *_, **__: ended)
    with pytest.raises(DeniedPlan, match="report"):
        fg.studies.pooling.solve_with(pool, tutorial())


def test_a_looser_variant_has_a_plan_where_a_stricter_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that denies it has failed, although nobody told it the plan."""
    instance = tutorial()
    cell = {"name": "cap", "cell": "nations.east.max_personnel", "values": [100, 200]}
    study = read_study({"design": {"kind": "grid"}, "vary": [cell]}, instance)
    answerer = Answerer(Question(study, (instance,)).setup)
    strict, loose = Variant(0, "strict", 0, (100,)), Variant(1, "loose", 0, (200,))
    rows = [Row(strict, answerer.answer(strict, ""), ())]
    monkeypatch.setattr(answer, "solve_levels", deny)
    rows.append(Row(loose, answerer.answer(loose, ""), ()))
    assert [row.record.outcome["termination"] for row in rows] == ["optimal", "infeasible"]
    Travel(study, instance)(rows)
    assert [row.record.outcome["termination"] for row in rows] == ["optimal", "failed"]
    assert rows[1].record.outcome["reason"] == DENIED


def test_a_search_that_goes_on_and_denies_its_own_plan_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is not shown as if the search had ended well."""
    instance, base = tutorial(), Variant(0, "base", 0, ())
    question = Question(Study("plan"), (instance,))
    known = packed(instance)
    record = Answerer(replace(question.setup, plans=(known,))).answer(replace(base, tries=Tries((0,))), "")
    record = replace(record, outcome={**record.outcome, "termination": "feasible"})
    monkeypatch.setattr(answer, "solve_levels", deny)
    work_with(monkeypatch, Answerer)
    exchange = Exchange(question, Workers(1), {}, 1, (known,))
    row = Row(base, record, (), plan_from="another", seen=1)
    exchange.settle([row])
    assert row.record.outcome["termination"] == "failed"
    assert row.plan_from == ""


def work_with(monkeypatch: pytest.MonkeyPatch, answerer: Any) -> None:
    """Runs are answered in this process."""

    def here(workload: Any, _jobs: int, _care: Any) -> Any:
        works = answerer(workload.setup)
        for chunk, start in workload.orders():
            yield from (works.answer(variant, start) for variant in chunk)

    monkeypatch.setattr("optimizer.studies.workers.run_here", here)


def test_scenarios_say_that_a_kept_plan_was_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario whose own search denies a plan of the pool is said to have failed."""
    pool = fg.Pool()
    pool.add(fg.solve(tutorial(), "ceasefire", child=False))
    monkeypatch.setattr(answer, "solve_levels", deny)
    work_with(monkeypatch, Answerer)
    found = scenarios.scenarios(tutorial(), pool=pool)
    assert any(one.startswith("ceasefire: no plan") and DENIED in one for one in found.warnings)


def test_withdraw_says_that_a_known_plan_was_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sets of which a plan is known have no proof of the contrary, and a warning says what happened."""
    work_here(monkeypatch)
    plan = fg.solve(tutorial(), child=False)
    monkeypatch.setattr(answering, "solve_levels", deny)
    found = withdraw(tutorial(), start=plan)
    assert any(DENIED in one for one in found.warnings)
    assert found.base[0] == pytest.approx(plan.aim("coverage"))
    serving = set(plan.participation["nation"])
    assert {row.out[0] for row in found.rows if row.termination == "infeasible"} <= serving


def test_a_probe_that_any_plan_answers_denies_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frontier that begins with a plan does not end with "no plan keeps all rules"; with bounds on aims there may be none."""
    instance = tutorial()
    known = packed(instance)
    works = prober.Prober(Question(Study("probes", vary=VARY), (instance,)).setup)
    monkeypatch.setattr(prober, "solve_levels", deny)
    bounded = Probe(within=(Within(0, -1000.0, 1.0),))
    ended = []
    for probe in (Probe(), bounded):
        outcome = works.answer(Variant(0, "0", 0, (probe.text(), known)), "").outcome
        ended.append((outcome["termination"], DENIED in outcome["reason"]))
    assert ended == [("failed", True), ("infeasible", False)]
