"""A budget of time over a whole study: equal shares, then the runs that may change the order; a function of the records alone."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pandas as pd
import pytest

import optimizer as fg
from optimizer.instance.instance import Aim
from optimizer.studies import workers
from optimizer.studies.answer import Answerer
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
    for cut in range(1, len(journal)):
        (out / "runs.jsonl").write_bytes(b"".join(journal[:cut]))
        (out / "study.json").write_bytes((out / "study.json").read_bytes().replace(b'"done"', b'"running"'))
        again = fg.sweep(tutorial(), STUDY, jobs=2, total=40.0, out=out, resume=True)
        pd.testing.assert_frame_equal(canonical(table), canonical(again), check_exact=True)
    with pytest.raises(FileExistsError, match="another study"):
        fg.sweep(tutorial(), STUDY, jobs=2, total=50.0, out=out, resume=True)


def test_the_studies_take_a_budget_and_refuse_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios end with all their tables; a budget of nothing is refused."""
    work_with(monkeypatch, Answerer)
    found = fg.scenarios(tutorial(), total=60.0)
    assert found.aims["value"].notna().all()
    with pytest.raises(ValueError, match="above 0"):
        fg.scenarios(tutorial(), total=0.0)
