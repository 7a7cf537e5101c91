"""Worker processes: a crash, a failure or a run without end costs one row, and a fresh process changes no result."""

import time
from dataclasses import replace

import optimizer as fg
from optimizer.studies.hand import Care, _longest
from optimizer.studies.question import Setup
from optimizer.studies.sweep import ask, run_study
from optimizer.studies.workers import Workers

from .small import GRID, TORNADO, grid_by_one, planted, same, tutorial


def test_crashes_and_failures_cost_only_their_runs(tmp_path, monkeypatch):
    """A native crash and an exception get their own rows with a reason; a process that died by chance is forgiven."""
    monkeypatch.setenv("FAULTY_ONCE", str(tmp_path / "once"))
    care = Care("tests.studies.faulty_worker")
    table = run_study(ask(tutorial(), planted(666, 667, 669)), Workers(care=care))
    assert table["termination"].tolist() == ["optimal", "crashed", "optimal", "failed", "optimal"]
    assert "signal 11" in table["reason"][1]
    assert "planted" in table["reason"][3]
    assert table["coverage"].isna().tolist() == [False, True, False, True, False]
    assert table["coverage"].tolist()[4] == 75


def test_a_run_that_does_not_end_is_ended():
    """A hanging run is cut off after its limit and grace, and the rest go on."""
    begun = time.monotonic()
    fg.sweep(tutorial(), planted(), jobs=1)
    # A fresh process must have time to start, also on a busy machine.
    care = Care("tests.studies.faulty_worker", grace=1.0 + 3 * (time.monotonic() - begun))
    table = run_study(ask(tutorial(), planted(668, time_limit=1.0)), Workers(jobs=1, care=care))
    assert table["termination"].tolist() == ["optimal", "none_found", "optimal"]
    assert "did not keep its time limit" in table["reason"][1]


def test_processes_are_renewed_and_results_do_not_change():
    """A fresh process after every third run gives the same table."""
    same(grid_by_one(), run_study(ask(tutorial(), GRID), Workers(care=Care(runs_per_process=3))))


def test_the_longest_limit_that_holds_ends_a_run():
    """The study's limit, else that of the instance; none where a file is not read yet."""
    rows = {name: frame.to_dict("records") for name, frame in tutorial().tables.items()}
    limited = fg.Instance.from_tables(rows, {"periods": {"count": 2}, "solver": {"time_limit": 7}})
    study = ask(tutorial(), TORNADO).study
    assert _longest(Setup((limited,), study)) == 7
    assert _longest(Setup((limited, tutorial()), study)) is None
    assert _longest(Setup(("a file",), study)) is None
    timed = replace(study, time_limit=2.0, first_time_limit=9.0)
    assert _longest(Setup(("a file",), timed)) == 9
