"""The pool: a plan is what it decides, holds wherever the verifier says so, and is never believed."""

import hashlib
import multiprocessing
from dataclasses import replace

import pytest

import optimizer as fg
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.settings import with_settings
from optimizer.plan.aims import AimValue
from optimizer.studies import pooling
from optimizer.studies.order import best_of, standing
from optimizer.studies.pool import Pool, PooledPlan
from optimizer.studies.pooled import Trial, unpacked
from optimizer.studies.pooling import solve_with
from tests.oracle.random_instances import FAMILIES, scenario_names, tiny

from .small import tutorial


def _solved(instance, scenario, baseline):
    return fg.solve(instance, scenario, baseline=baseline, child=False, time_limit=20)


def _random(seed):
    import pandas as pd

    tables, header, baseline = tiny(seed, FAMILIES)
    frame = None if baseline is None else pd.DataFrame(baseline, columns=["pledge", "requirement", "period", "units"])
    return Instance.from_tables(tables, header), scenario_names(tables), frame


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_is_worth_in_its_own_scenario_what_it_is_worth_and_elsewhere_no_more_than_the_best(seed):
    """Random instances of all families: what the pool gives for a scenario is its proven best plan, once that is in it; and never more."""
    instance, names, baseline = _random(seed)
    plans = {name: _solved(instance, name, baseline) for name in names}
    pool = Pool()
    for name, plan in plans.items():
        if not plan.has_plan:
            with pytest.raises(ValueError, match="no plan to keep"):
                pool.add(plan)
            continue
        pooled = PooledPlan.of(plan)
        assert unpacked(pooled.packed) == pooled
        tried = Trial(instance, name, baseline=baseline).tried(pooled)
        assert tried is not None
        assert [item.value for item in tried.evaluation.aims] == pytest.approx(plan.aims["value"].tolist(), rel=1e-6)
        pool.add(plan)
    for name, plan in plans.items():
        best = pool.best_for(instance, name, baseline=baseline)
        trial = Trial(instance, name, baseline=baseline)
        holding = list(filter(None, map(trial.tried, pool.plans())))
        place = best_of([one.standing for one in holding])
        assert best is (None if place is None else holding[place]) or best.pooled == holding[place].pooled
        if plan.termination == "optimal":
            assert best is not None
            own = Trial(instance, name, baseline=baseline).tried(PooledPlan.of(plan))
            assert best_of([own.standing, best.standing]) == 0
            fg.verify(instance, best.plan(), name)
        if plan.termination == "infeasible":
            assert best is None


def test_the_aims_decide_in_their_order_each_with_its_tolerance():
    """A level decides only between plans that earlier levels leave; within a tolerance of the best they leave more."""
    aims = (Aim("coverage", 1, tolerance=0.05), Aim("cost", 2))

    def of(coverage, cost):
        return standing([AimValue(aims[0], coverage), AimValue(aims[1], cost)])

    assert best_of([]) is None
    assert best_of([of(100, 50), of(104, 60)]) == 0
    assert best_of([of(100, 50), of(104, 60), of(108, 70)]) == 1
    assert best_of([of(100, 50), of(108, 70), of(100, 10)]) == 1
    assert best_of([of(100, 50), of(100, 50)]) == 0
    known = [of(100, 50), of(108, 70), of(104, 60)]
    assert best_of(known, lambda place: place != 1) == 0
    assert best_of(known, lambda place: place == 1) == 1
    assert best_of(known, lambda _: False) is None


def test_aims_may_be_listed_in_any_order():
    """The first priority comes first, wherever the header has it: what the search found is not given up for a worse plan that was known."""
    given = tutorial()
    header = replace(given.header, aims=tuple(reversed(given.header.aims)))
    turned = fg.Instance(header, given.tables, given.place)
    pool = Pool()
    pool.add(fg.solve(given, scenario="no-ceasefire", child=False))
    plan = solve_with(pool, turned, child=False)
    assert plan.termination == "optimal"
    assert plan.aim("coverage") == pytest.approx(80)


def test_tolerances_do_not_add_up(monkeypatch):
    """Coverage of 75 is within 8 % of 80, and 70 within 8 % of 75: a search that ends with the cheapest of them does not replace the second."""
    given = tutorial()
    aims = tuple(replace(aim, tolerance=0.08 if aim.name == "coverage" else 0.0) for aim in given.header.aims)
    instance = replace(given, header=replace(given.header, aims=aims))
    plans = [
        fg.solve(with_settings(given, [f"nations.east.max_personnel={most}"]), child=False) for most in (150, 100, 50)
    ]
    best, second, third = map(PooledPlan.of, plans)
    pool = Pool()
    pool.add(best)
    pool.add(second)
    ended = Trial(instance).tried(third).plan()
    monkeypatch.setattr(pooling, "solve", lambda *_, **__: ended)
    assert [round(plan.aim("coverage"), 2) for plan in plans] == [80.0, 75.0, 70.0]
    assert solve_with(pool, instance).aim("coverage") == pytest.approx(plans[1].aim("coverage"))


def test_a_folder_keeps_plans_from_one_command_to_the_next(tmp_path):
    """What one pool wrote another reads; the name of an entry is the digest of its content; writing twice changes nothing."""
    plan = fg.solve(tutorial(), child=False)
    key = Pool(tmp_path / "new" / "pool").add(plan)
    (entry,) = (tmp_path / "new" / "pool").iterdir()
    assert entry.name == f"{key}.json"
    assert hashlib.sha256(entry.read_bytes()).hexdigest() == key
    again = Pool(tmp_path / "new" / "pool")
    assert again.add(plan) == key
    assert [one.key for one in again.plans()] == [key]
    assert again.damaged == ()
    assert again.best_for(tutorial(), "no-ceasefire") is None


def _damage(kind, content):
    return {
        "cut off": content[: len(content) // 2],
        "one unit more": content.replace(b",1,1]", b",1,2]", 1),
        "no plan": b'{"format":1}\n',
        "no text": b"\xff\xfe\x00",
        "nested": b"[" * 100_000,
        "no number": content.replace(b'"flows":[]', b'"flows":[["a","b","c","d",1,NaN]]'),
        "too many": content.replace(b",1,1]", b",1,%d]" % 10**30, 1),
    }[kind]


@pytest.mark.parametrize("kind", ["cut off", "one unit more", "no plan", "no text", "nested", "no number", "too many"])
@pytest.mark.parametrize("renamed", [False, True])
def test_what_is_damaged_is_told_once_and_left_out(tmp_path, kind, renamed):
    """Whether its name goes with it or not: an entry that is no kept plan is left out, and the others stand."""
    plan = fg.solve(tutorial(), child=False)
    pool = Pool(tmp_path)
    content = PooledPlan.of(plan).content
    bad = _damage(kind, content)
    assert bad != content
    key = hashlib.sha256(bad if renamed else b"other").hexdigest()
    (tmp_path / f"{key}.json").write_bytes(bad)
    (tmp_path / "notes.txt").write_text("no entry")
    kept = pool.add(plan)
    for _ in range(2):
        known = [one.key for one in pool.plans()]
        if kind == "one unit more" and renamed:
            # A plan of somebody else's making: it is read, and the verifier has the word.
            assert sorted(known) == sorted([kept, key])
            assert pool.damaged == ()
        else:
            assert known == [kept]
            (sentence,) = pool.damaged
            assert key in sentence
    best = pool.best_for(tutorial())
    assert best is not None
    fg.verify(tutorial(), best.plan())


def test_a_link_to_nowhere_and_a_folder_are_no_entries(tmp_path):
    """What cannot be read is told, and nothing waits for it."""
    (tmp_path / f"{'a' * 64}.json").symlink_to(tmp_path / "nothing")
    (tmp_path / f"{'b' * 64}.json").mkdir()
    pool = Pool(tmp_path)
    assert pool.plans() == []
    assert len(pool.damaged) == 2


def _write_all(folder, plans):
    pool = Pool(folder)
    for plan in plans:
        pool.add(plan)


def test_writers_at_once_do_not_disturb_each_other(tmp_path):
    """Four processes write the same fifty plans; a reader beside them sees whole entries only."""
    plans = [PooledPlan((("a", "b", 1, units),)) for units in range(1, 51)]
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_all, args=(tmp_path, plans)) for _ in range(4)]
    for writer in writers:
        writer.start()
    reader = Pool(tmp_path)
    while any(writer.is_alive() for writer in writers):
        assert len(reader.plans()) <= 50
    assert {writer.exitcode for writer in writers} == {0}
    assert len(reader.plans()) == 50
    assert reader.damaged == ()
    assert not list(tmp_path.glob(".*"))
