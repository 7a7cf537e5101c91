"""Published instances of classical problems reach their published optimum, proven, through our tables."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.plan.verify import verify

from .problems import Assignment
from .published import CASES, SHIPPED, Case, expected, readme
from .restate import profit_of, restate
from .textbook import optimum

BY_CASE = pytest.mark.parametrize("case", CASES, ids=[case.folder for case in CASES])


@BY_CASE
def test_shipped_folder_reaches_the_published_optimum(case: Case) -> None:
    """The folder under instances/classical is solved to proven optimality at the value in its expected.toml."""
    folder = SHIPPED / case.folder
    run = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))["run"][0]
    instance = read_instance(folder)
    plan = solve(instance, child=False, time_limit=60)
    assert plan.termination == "optimal"
    assert list(plan.aims["name"]) == list(run["aims"])
    for name, value, bound in zip(plan.aims["name"], plan.aims["value"], plan.aims["bound"], strict=True):
        assert value == pytest.approx(run["aims"][name], rel=run["tolerance"])
        assert bound == pytest.approx(value, rel=run["tolerance"])
    recomputed = verify(instance, plan)
    assert list(recomputed["value"]) == pytest.approx(list(plan.aims["value"]), rel=1e-9)


@BY_CASE
def test_shipped_folder_says_what_its_source_says(case: Case) -> None:
    """The tables, the README and the expected values of the folder are those that the published figures give."""
    folder = SHIPPED / case.folder
    assert read_instance(folder) == case.instance()
    assert (folder / "README.md").read_text(encoding="utf-8") == readme(case)
    assert (folder / "expected.toml").read_text(encoding="utf-8") == expected(case)


def test_every_shipped_folder_is_tested() -> None:
    """No folder lies under instances/classical that no case stands for."""
    assert {path.name for path in SHIPPED.iterdir() if path.is_dir()} == {case.folder for case in CASES}


@BY_CASE
def test_textbook_model_agrees_with_the_source(case: Case) -> None:
    """The figures as typed in give the published optimum in the textbook model, so they hold no slip of the pen."""
    assert optimum(case.read()) == pytest.approx(case.optimum, rel=1e-9)


@pytest.mark.parametrize(("name", "published"), [("gap-c515-1-profit", 336), ("gap-c515-2", 327)])
def test_profit_of_an_assignment_is_read_from_coverage(name: str, published: int) -> None:
    """The greatest profit that OR-Library gives is what our coverage stands for."""
    case = next(case for case in CASES if case.folder == name)
    problem = case.read()
    assert isinstance(problem, Assignment)
    problem = replace(problem, maximise=True)
    plan = solve(restate(problem), child=False)
    assert plan.termination == "optimal"
    assert profit_of(problem, float(plan.aims["value"].iloc[0])) == pytest.approx(published, abs=1e-6)
