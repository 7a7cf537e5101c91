"""A budget of time over a whole study: equal shares, then the runs that may change the order; a function of the records alone."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pandas as pd
import pytest

import optimizer as fg
from optimizer.instance.instance import Aim
from optimizer.reporting.study_tables import limits_in_words
from optimizer.studies import workers
from optimizer.studies.answer import Answerer, options_of
from optimizer.studies.budget import Budget, widest
from optimizer.studies.record import Record
from optimizer.studies.study import Variant
from tests.studies.small import canonical, tutorial
from tests.studies.test_denied import work_with

COVERAGE = [Aim("coverage")]
STUDY = {
    "name": "caps",
    "design": {"kind": "grid"},
    "vary": [{"name": "cap", "cell": "nations.east.max_personnel", "values": [50, 100, 150, 200]}],
}


def outcome(low: float, high: float | None) -> dict[str, Any]:
    """What a run that is not proven has."""
    return {"has_plan": True, "termination": "feasible", "coverage": low, "coverage_bound": high, "coverage_gap": 0.1}


def test_the_widest_interval_that_meets_another_is_searched_first() -> None:
    """Not one that lies apart from all others, however wide; nor one that is proven, or has no plan for certain."""
    outcomes = {
        0: outcome(60, 62),
        1: outcome(61, 65),
        2: outcome(10, 40),
        3: outcome(70, 70),
        4: {"has_plan": False, "termination": "infeasible"},
        5: outcome(61.5, 61.5),
    }
    assert widest(outcomes, COVERAGE) == [1, 0]
    failed = {7 + place: {"has_plan": False, "termination": ended} for place, ended in enumerate(("failed", "crashed"))}
    assert widest({**outcomes, **failed}, COVERAGE) == [1, 0]
    assert widest({**outcomes, 6: {"has_plan": False, "termination": "none_found"}}, COVERAGE) == [6, 2, 1, 0]


def test_searches_take_twice_as_long_each_time_until_nothing_is_left() -> None:
    """At most as many at once as the budget pays for; none once it is used up."""
    budget, records = Budget(100.0), dict[int, Record]()
    assert budget.share(10, records) == 5.0
    assert budget.share(2, records, 1.0, 30.0) == 30.0
    budget.share(10, records)
    records[0] = Record(0, {}, {"seconds": 50.0})
    assert budget.next([7, 3, 1, 2, 8, 9], records) == ([7, 3, 1, 2], 10.0)
    assert budget.next([7, 8, 3], records, 35.0) == ([7], 15.0)
    assert budget.next([7, 8, 3], records, 49.5) == ([], 0.0)
    assert budget.next([], records) == ([], 0.0)


def test_a_further_search_counts_as_no_less_than_a_second() -> None:
    """So searches that end at once do not go on for ever; those of the first round count as they are."""
    budget = Budget(10.0)
    records = {run: Record(run, {}, {"seconds": 0.0}) for run in range(6)}
    assert budget.left(records) == 10.0
    budget.again |= {4, 5}
    assert budget.left(records) == 8.0


class Slow:
    """A run that takes as long as it may, and knows the better the longer it took."""

    def __init__(self, setup: Any) -> None:
        self.limit = setup.study.time_limit

    def answer(self, variant: Variant) -> Record:
        number, open_ = variant.run % 4, 40.0 / self.limit
        found = outcome(60.0 + number, 60.0 + number + open_)
        return Record(variant.run, found | {"coverage_gap": open_ / 60, "reason": ""}, {"seconds": self.limit})


def here(workload: Any, _jobs: int, _care: Any) -> Generator[Record, None, None]:
    works = Slow(workload.setup)
    for chunk, _ in workload.orders():
        yield from map(works.answer, chunk)


def test_a_study_spends_its_budget_where_the_order_is_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Four runs in 80 s: 10 s each, and 40 s for those whose order is open; killed anywhere and resumed to the same table."""
    monkeypatch.setattr(workers, "run_here", here)
    out = tmp_path / "out"
    table = fg.sweep(tutorial(), STUDY, jobs=2, total=40.0, out=out)
    journal = (out / "runs.jsonl").read_bytes().splitlines(keepends=True)
    seconds = [row["seconds"] for row in table.to_dict("records")]
    assert sum(seconds) == pytest.approx(80.0)
    assert min(seconds) == 10.0
    limits = json.loads((out / "study.json").read_text())["limits"] | {"time_limit": 60.0, "gap": None}
    said = "All runs together may take 80 s of work. At first, each run may take no more than 60 s."
    assert limits_in_words(limits) == said
    for cut in range(1, len(journal)):
        (out / "runs.jsonl").write_bytes(b"".join(journal[:cut]))
        (out / "study.json").write_bytes((out / "study.json").read_bytes().replace(b'"done"', b'"running"'))
        again = fg.sweep(tutorial(), STUDY, jobs=2, total=40.0, out=out, resume=True)
        pd.testing.assert_frame_equal(canonical(table), canonical(again), check_exact=True)
    with pytest.raises(FileExistsError, match="another study"):
        fg.sweep(tutorial(), STUDY, jobs=2, total=50.0, out=out, resume=True)


ANSWERS = {
    "within the gap asked": (outcome(60.0, 61.0) | {"termination": "optimal", "reason": ""}, 0.1, 4),
    "at once, and open": (outcome(60.0, 61.0) | {"reason": ""}, 0.0, 24),
    "lost": ({"has_plan": False, "termination": "crashed", "reason": "lost"}, 0.0, 4),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_study_with_a_budget_ends(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """No run is searched again that has what was asked, or is lost; those that end at once cost a second each."""
    found, seconds, most = ANSWERS[answer]
    worked: list[int] = []

    def works(workload: Any, _jobs: int, _care: Any) -> Generator[Record, None, None]:
        for chunk, _ in workload.orders():
            for variant in chunk:
                worked.append(variant.run)
                assert len(worked) <= most
                yield Record(variant.run, found, {"seconds": seconds})

    monkeypatch.setattr(workers, "run_here", works)
    assert len(fg.sweep(tutorial(), STUDY, jobs=2, total=10.0)) == 4
    assert (len(worked) > 4) == (answer == "at once, and open")


@pytest.mark.parametrize(("total", "first"), [(20.0, 5.0), (400.0, 20.0)])
def test_the_first_run_takes_no_more_than_its_share(
    monkeypatch: pytest.MonkeyPatch, total: float, first: float
) -> None:
    """However long it might take without a budget; others keep their own limit."""
    limits: list[float | None] = []

    def works(workload: Any, _jobs: int, _care: Any) -> Generator[Record, None, None]:
        for chunk, _ in workload.orders():
            for variant in chunk:
                study = workload.setup.study
                limits.append(options_of(study, tutorial(), first=variant.run == 0).time_limit)
                yield Record(variant.run, outcome(60.0, 60.0) | {"termination": "optimal", "reason": ""}, {})

    monkeypatch.setattr(workers, "run_here", works)
    fg.sweep(tutorial(), STUDY | {"limits": {"first_time_limit": 20.0, "time_limit": 2.0}}, jobs=2, total=total)
    assert limits == [first, 2.0, 2.0, 2.0]


def test_the_studies_take_a_budget_and_refuse_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios end with all their tables; a budget of nothing is refused."""
    work_with(monkeypatch, Answerer)
    found = fg.scenarios(tutorial(), total=60.0)
    assert found.aims["value"].notna().all()
    with pytest.raises(ValueError, match="above 0"):
        fg.scenarios(tutorial(), total=0.0)
