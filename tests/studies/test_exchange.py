"""Runs that try each other's plans: none is beaten by another's, none that is looser is worse, and the table depends on nobody's haste."""

import functools
import itertools
from dataclasses import replace

import pandas as pd
import pytest

import optimizer as fg
from optimizer.studies import answer
from optimizer.studies.change import changed
from optimizer.studies.design import variants_of
from optimizer.studies.exchange import Exchange
from optimizer.studies.hand import Care
from optimizer.studies.order import EQUAL
from optimizer.studies.pool import Pool
from optimizer.studies.pooled import Trial, unpacked
from optimizer.studies.sweep import ask, run_study
from optimizer.studies.tightening import tighter
from optimizer.studies.workers import Workers

from .exchanges import random_sweep
from .lazy_worker import Lazy
from .small import same

LAZY = Care("tests.studies.lazy_worker")


class Here(Workers):
    """Works in this process."""

    def _records(self, workload):
        answerer = Lazy(workload.setup)
        for left, begin in workload.orders():
            start = begin
            for variant in left:
                record = answerer.answer(variant, start)
                start = record.start or start
                yield record


@pytest.fixture(autouse=True)
def _searches():
    """What the lazy worker does to this process is undone."""
    before = answer.solve_levels
    yield
    answer.solve_levels = before


def settled(instance, study):
    """The rows of a sweep in which few runs are searched, and all their plans."""
    question = ask(instance, study)
    variants = variants_of(study)
    exchange = Exchange(question, Here(), {}, len(variants))
    rows = exchange.solve([(variant,) for variant in variants])
    exchange.settle(rows)
    return rows, exchange.plans


@pytest.mark.parametrize("seed", [0, 1, 3, 7, 10, 14])
def test_no_row_is_beaten_and_nothing_looser_is_worse(seed):
    """Random sweeps whose searches stop at once: by the verifier's arithmetic and the exact optimum of every row."""
    instance, study = random_sweep(seed)
    rows, plans = settled(instance, study)
    sense = {aim.name: 1 if aim.name in {"coverage", "weakest_mission"} else -1 for aim in instance.header.aims}
    first = [aim for aim in instance.header.aims if aim.priority == instance.header.aims[0].priority]
    pool = Pool()
    for plan in plans:
        pool.add(unpacked(plan))
    for row in rows:
        outcome = row.record.outcome
        if outcome["termination"] == "invalid":
            continue
        variant, scenario = changed(instance, study, row.variant.inputs)
        best = pool.best_for(variant, scenario)
        exact = fg.solve(variant, scenario, gap=0, child=False, time_limit=20)
        assert exact.termination in {"optimal", "infeasible"}
        assert outcome["has_plan"] == exact.has_plan == (best is not None)
        if best is None:
            continue
        own = Trial(variant, scenario).tried(unpacked(row.record.start))
        for mine, others in zip(own.standing, best.standing, strict=True):
            assert others.value <= mine.value + max(mine.room, others.room)
            if others.value < mine.value - EQUAL * max(1.0, abs(mine.value)):
                break
        for aim in first if len(first) == 1 else []:
            value, bound = outcome[aim.name], outcome[f"{aim.name}_bound"]
            truth = exact.aim(aim.name)
            slack = 1e-5 * (1 + abs(truth)) + aim.tolerance * abs(truth)
            assert sense[aim.name] * value <= sense[aim.name] * truth + slack
            if bound is not None:
                assert sense[aim.name] * bound >= sense[aim.name] * truth - slack
    if len(first) == 1 and not first[0].tolerance:
        name, sign = first[0].name, sense[first[0].name]
        for one, other in itertools.permutations(rows, 2):
            if not tighter(study, instance, one.variant.inputs, other.variant.inputs):
                continue
            strict, loose = one.record.outcome, other.record.outcome
            if "invalid" in {strict["termination"], loose["termination"]}:
                continue
            assert loose["has_plan"] or not strict["has_plan"]
            if strict["has_plan"]:
                assert sign * loose[name] >= sign * strict[name] - EQUAL * max(1.0, abs(strict[name]))
                if loose[f"{name}_bound"] is not None:
                    assert sign * strict[f"{name}_bound"] <= sign * loose[f"{name}_bound"] + 1e-6


@pytest.mark.parametrize("jobs", [2, 3])
def test_the_table_does_not_depend_on_the_number_of_workers(jobs):
    """Plans are taken over and runs searched once more; the tables agree to the last digit."""
    same(_lazy_table(), run_study(_lazy_question(), Workers(jobs, care=LAZY)))


@functools.cache
def _lazy_table():
    table = run_study(_lazy_question(), Workers(1, care=LAZY))
    assert (table["plan_from"] != "").sum() >= 4
    return table


def _lazy_question():
    return ask(*random_sweep(0))


def test_a_study_that_is_killed_in_any_of_its_rounds_is_resumed_to_the_same_table(tmp_path):
    """The journal is cut after each of its lines: what is left is made anew, with the same end, and nothing is made twice."""
    out = tmp_path / "out"
    whole = run_study(_lazy_question(), Here(), out)
    assert (whole["plan_from"] != "").sum() >= 4
    lines = (out / "runs.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) >= 2.5 * len(whole)
    for count in range(len(lines)):
        (out / "runs.jsonl").write_bytes(b"".join(lines[:count]))
        same(whole, run_study(_lazy_question(), Here(), out, resume=True))
        assert len((out / "runs.jsonl").read_bytes().splitlines()) == len(lines)


def test_a_pool_goes_from_study_to_study(tmp_path):
    """A second study that searches nothing has what the first found, says so, and a study that is resumed keeps the plans that it began with."""
    instance, study = random_sweep(0)
    first = run_study(ask(instance, study), Workers(2), pool=Pool(tmp_path / "pool"))
    assert first["termination"].tolist() == ["optimal"] * len(first)
    lazy = ask(instance, replace(study, time_limit=1e-9))
    again = run_study(lazy, Workers(2), tmp_path / "out", pool=Pool(tmp_path / "pool"))
    aims = [aim.name for aim in instance.header.aims]
    pd.testing.assert_frame_equal(again[aims[:1]], first[aims[:1]])
    assert "the pool" in set(again["plan_from"])
    for entry in (tmp_path / "pool").iterdir():
        entry.unlink()
    resumed = run_study(lazy, Workers(2), tmp_path / "out", resume=True, pool=Pool(tmp_path / "pool"))
    same(again, resumed)
