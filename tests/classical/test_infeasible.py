"""Classical instances that have no solution end with exit code 4."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer.instance.files import write_instance
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.solving import levels
from optimizer.solving.options import SolveOptions

from .problems import Location, Median, Problem
from .published import CASES
from .restate import by_places, by_whole_units, header, restate, tables_of
from .textbook import optimum

PROJECT = Path(__file__).parents[2]


def _published(folder: str) -> Any:
    return next(case for case in CASES if case.folder == folder).read()


def _tight_agents() -> Problem:
    problem = _published("gap-c515-1")
    return replace(problem, capacity=tuple(0.6 * most for most in problem.capacity))


def _job_beyond_every_agent() -> Problem:
    problem = _published("gap-c515-1-profit")
    most = max(problem.capacity) + 1
    return replace(problem, resource=tuple((most, *row[1:]) for row in problem.resource))


def _one_unit_short() -> Problem:
    problem = _published("fctp-bal8x12")
    return replace(problem, supply=(problem.supply[0] - 1, *problem.supply[1:]))


def _few_facilities() -> Problem:
    problem = _published("sscflp-diaz-p1")
    count = 6  # 329 persons are too many for what the first six hold in whole customers
    return replace(
        problem,
        capacity=problem.capacity[:count],
        opening=problem.opening[:count],
        cost=problem.cost[:count],
    )


def _customers_do_not_split() -> Problem:
    return Location((10.0, 10.0), (1.0, 1.0), (6.0, 6.0, 6.0), ((1.0, 2.0, 3.0), (3.0, 2.0, 1.0)))


def _no_room_for_two_medians() -> Problem:
    return Median(2, (10.0,) * 6, (4.0,) * 6, tuple(tuple(float(abs(i - j)) for j in range(6)) for i in range(6)))


def _two_customers_per_origin() -> Problem:
    return replace(_published("shipping-multmip3"), customers=2)


@pytest.mark.parametrize(
    "make",
    [
        _tight_agents,
        _job_beyond_every_agent,
        _one_unit_short,
        _few_facilities,
        _customers_do_not_split,
        _no_room_for_two_medians,
        _two_customers_per_origin,
    ],
)
def test_infeasible_variant_ends_with_exit_code_4(make: Callable[[], Problem], tmp_path: Path) -> None:
    """A problem without a solution is told as infeasible by the command, with exit code 4."""
    problem = make()
    assert optimum(problem) is None
    assert_infeasible(restate(problem), tmp_path)


def test_four_medians_for_the_published_customers_end_with_exit_code_4(tmp_path: Path) -> None:
    """Four medians of 120 cannot hold the 490 of pmedcap1's first problem, told with demand in whole units."""
    problem = replace(_published("cpmp-pmedcap1-1"), medians=4)
    assert sum(problem.demand) > 4 * 120
    assert_infeasible(by_whole_units(problem), tmp_path)


def test_medians_counted_in_each_period_end_with_exit_code_4(tmp_path: Path) -> None:
    """Four medians of 120, counted in the only period instead of over the horizon."""
    problem = replace(_published("cpmp-pmedcap1-1"), medians=4)
    tables = tables_of(problem)
    tables["limits"] = [{**row, "per": "period"} for row in tables["limits"]]
    assert_infeasible(Instance.from_tables(tables, header("per-period", "", "cost")), tmp_path)


def test_four_places_for_the_published_customers_end_with_exit_code_4(tmp_path: Path) -> None:
    """Four places of 120 cannot hold the 490 either when it is posts that are counted."""
    assert_infeasible(by_places(replace(_published("cpmp-pmedcap1-1"), medians=4)), tmp_path)


def assert_infeasible(instance: Instance, folder: Path) -> None:
    """The command tells that the instance has no plan, and ends with exit code 4."""
    write_instance(instance, folder / "instance")
    command = [sys.executable, "-m", "optimizer", "solve", str(folder / "instance"), "--out", str(folder / "plan")]
    ended = subprocess.run([*command, "--json"], cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 4, ended.stderr
    assert json.loads(ended.stdout)["termination"] == "infeasible"


def test_the_solver_is_asked_before_the_search_by_place_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no plan, the search for a first one does not use up all its time: HiGHS ends it."""
    monkeypatch.setattr(levels, "FIRST_PLAN_QUICK", 0.1)
    monkeypatch.setattr(levels, "FIRST_PLAN_SECONDS", 300.0)
    problem = replace(_published("cpmp-pmedcap1-1"), medians=4)
    begun = time.monotonic()
    assert (
        levels.solve_levels(build(build_situation(by_places(problem))).linear, SolveOptions()).termination
        == "infeasible"
    )
    assert time.monotonic() - begun < 100.0
