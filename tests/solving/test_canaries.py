"""The canaries: models that HiGHS gets wrong must come out right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimizer.solving.canaries import CASES, EXPECTED, run_canaries
from optimizer.solving.child import solve_here
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.lp import read_mps
from optimizer.solving.options import SolveOptions


def test_all_canaries_pass():
    """Every canary ends with the right answer, and says what happened on the way."""
    results = run_canaries()
    assert [result.name for result in results] == list(EXPECTED)
    assert all(result.passed for result in results), results
    assert all(result.text for result in results)


def test_a_wrong_answer_fails_a_canary(monkeypatch):
    """A canary with another value than the right one does not pass."""
    monkeypatch.setitem(EXPECTED, "presolve_segfault", 11.0)
    assert [result.passed for result in run_canaries()] == [False, True, True]


def test_doing_nothing_refutes_the_false_infeasible():
    """The model that presolve calls infeasible is solved with and without a start, here too."""
    model = read_mps(CASES / "false_infeasible.mps")
    nothing = np.zeros(len(model.lower))
    assert worst_break(model, nothing)[1] == 0.0
    for start in (None, nothing):
        solution = solve_here(model, SolveOptions(time_limit=30), start)
        assert solution.termination == "optimal"
        assert worst_break(model, solution.values)[1] <= 1e-9


def test_packaged_canaries_are_the_cases_of_the_tests():
    """What `doctor` runs is what the tests hold."""
    for case in (Path(__file__).parent / "cases").glob("*.mps"):
        assert (CASES / case.name).read_bytes() == case.read_bytes()


def test_a_file_that_is_no_model(tmp_path):
    """A file that HiGHS cannot read is refused by name."""
    file = tmp_path / "broken.mps"
    file.write_text("not a model")
    with pytest.raises(ValueError, match=r"cannot read .*broken\.mps"):
        read_mps(file)
