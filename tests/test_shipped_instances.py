"""Every shipped instance gives what its expected.toml says, and without the rule that it shows what its README says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.corridor import solve
from optimizer.instance.files import read_instance
from optimizer.instance.instance import Aim, Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.plan.verify import verify
from tests.shipped import baseline_of, expected_of, folders

RUNS = [
    (folder, number)
    for folder in folders()
    for number, run in enumerate(expected_of(folder).get("run", []))
    if run.get("aims") or run.get("termination")
]
SHOWING = [folder for folder in folders() if "without" in expected_of(folder)]
FEATURES = {
    "participation",
    "lead",
    "links",
    "enablers",
    "movement",
    "instruments",
    "counts-and-shares",
    "burden",
    "persistence",
    "continuity",
    "rotation",
    "reserve",
    "funding",
    "steadiness",
    "conditions",
    "agreed",
}


def baseline_frame(folder: Path) -> pd.DataFrame | None:
    """The shipped plan that `changes` compares with."""
    path = folder / "baseline" / "assignments.csv"
    return pd.read_csv(path) if path.exists() else None


def check_aims(
    instance: Instance, folder: Path, expected: dict[str, Any], scenario: str | None, tolerance: float
) -> None:
    """Solve, verify, and compare every aim that is expected."""
    baseline = baseline_frame(folder)
    plan = solve(instance, scenario, baseline=baseline, child=False)
    assert plan.termination == "optimal"
    verify(instance, plan, scenario=scenario, baseline=baseline)
    for name, value in expected.items():
        assert plan.aim(name) == pytest.approx(value, rel=tolerance, abs=tolerance), name


@pytest.mark.parametrize(("folder", "number"), RUNS, ids=[f"{f.parent.name}-{f.name}-{n}" for f, n in RUNS])
def test_aims_are_as_expected(folder: Path, number: int) -> None:
    """The aims of each run, proven and verified; an instance that has no plan ends as stated."""
    run = expected_of(folder)["run"][number]
    scenario = run.get("scenario") or None
    instance = read_instance(folder)
    if run.get("termination", "optimal") != "optimal":
        plan = solve(instance, scenario, baseline=baseline_frame(folder), child=False)
        assert plan.termination == run["termination"]
        return
    check_aims(instance, folder, run["aims"], scenario, run.get("tolerance", 1e-6))


@pytest.mark.parametrize("folder", SHOWING, ids=lambda path: path.name)
def test_without_the_rule_aims_are_as_told(folder: Path) -> None:
    """Without the tables, columns or aims that an instance shows, the optimum is the other one of its README."""
    without = expected_of(folder)["without"]
    instance = read_instance(folder)
    tables = {name: instance.table(name).to_dict("records") for name in instance.tables}
    for dropped in without.get("drop", []):
        table, _, column = dropped.partition(".")
        assert table in tables
        if column:
            assert any(row[column] is not None for row in tables[table])
            tables[table] = [{key: value for key, value in row.items() if key != column} for row in tables[table]]
        else:
            del tables[table]
    header = {"periods": {"count": instance.header.periods, "months": instance.header.months}}
    aims = tuple(Aim(name, number) for number, name in enumerate(without["order"], 1)) if "order" in without else None
    changed = Instance.from_tables(tables, header=header)
    changed = replace(changed, header=replace(changed.header, aims=instance.header.aims if aims is None else aims))
    check_aims(changed, folder, without["aims"], None, 1e-6)


SIZED = [(folder, number) for folder, number in RUNS if "size" in expected_of(folder)["run"][number]]


@pytest.mark.parametrize(("folder", "number"), SIZED, ids=[f"{f.name}-{n}" for f, n in SIZED])
def test_size_of_the_model_is_as_recorded(folder: Path, number: int, request: pytest.FixtureRequest) -> None:
    """Columns, whole numbers, rows and non-zeros; `--update` records them anew (and `changed` should then say why)."""
    run = expected_of(folder)["run"][number]
    situation = build_situation(read_instance(folder), run.get("scenario") or None)
    size = build(situation, baseline_of(folder)).linear.size
    if request.config.getoption("--update"):
        path = folder / "expected.toml"
        text = path.read_text(encoding="utf-8")
        lines = list(re.finditer(r"^size = .*$", text, re.MULTILINE))
        words = "size = { " + ", ".join(f"{name} = {value}" for name, value in size.items()) + " }"
        path.write_text(text[: lines[number].start()] + words + text[lines[number].end() :], encoding="utf-8")
    assert size == expected_of(folder)["run"][number]["size"]


def test_every_family_has_a_mini_instance() -> None:
    """instances/features has a folder per rule family, each with a README and the optimum without the rule."""
    here = {folder.name for folder in folders() if folder.parent.name == "features"}
    assert here == FEATURES
    assert here <= {folder.name for folder in SHOWING}
    for folder in folders():
        if folder.parent.name == "features":
            readme = (folder / "README.md").read_text(encoding="utf-8")
            told = [*expected_of(folder)["run"][0]["aims"].values(), *expected_of(folder)["without"]["aims"].values()]
            assert all(f"{value:.4g}" in readme for value in told), told
