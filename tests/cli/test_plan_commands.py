"""`verify`, `report` and `doctor`."""

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, TUTORIAL


def test_verify(run, solved):
    """A good plan is accepted with its aims, on the screen and for machines."""
    result = run("verify", TUTORIAL, solved)
    assert result.exit_code == 0
    assert "keeps every rule" in result.stdout
    _, told = run("verify", TUTORIAL, solved, json_form=True)
    assert [aim["value"] for aim in told["aims"]] == pytest.approx([80, 132])


def test_verify_rejects(run, solved, tmp_path):
    """A plan under another scenario, or with other figures, is rejected with every broken rule and exit code 3."""
    result = run("verify", TUTORIAL, solved, "--scenario", "no-ceasefire")
    assert result.exit_code == 3
    assert "The plan breaks" in result.stderr
    broken = shutil.copytree(solved, tmp_path / "broken")
    file = broken / "assignments.csv"
    head, first, *rest = file.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index("units")] = "40"
    file.write_text("\n".join([head, ",".join(cells), *rest]) + "\n")
    result, told = run("verify", TUTORIAL, broken, json_form=True)
    assert result.exit_code == 3
    assert told["error"]["kind"] == "rejected_plan"
    assert len(told["error"]["details"]) > 1
    reported = run("report", broken, "--html", "r.html")
    assert reported.exit_code == 3
    assert not Path("r.html").exists()


def test_verify_a_plan_made_by_hand(run, tmp_path):
    """A folder with nothing but assignments.csv is enough."""
    (tmp_path / "hand").mkdir()
    file = tmp_path / "hand" / "assignments.csv"
    file.write_text("pledge,requirement,period,units\nwest-battalion,train-capital,2,1\n")
    result, told = run("verify", TUTORIAL, "hand", json_form=True)
    assert result.exit_code == 0, result.stderr
    assert told["aims"][1]["value"] == 20
    file.write_text("pledge,requirement,period,units\nwest-battalion,guard-border,1,1\n")
    assert run("verify", TUTORIAL, "hand").exit_code == 3
    (tmp_path / "empty").mkdir()
    assert run("verify", TUTORIAL, "empty").exit_code == 3
    result = run("verify", TUTORIAL, "nowhere")
    assert result.exit_code == 3
    assert "nowhere: there is no such folder" in result.stderr


def test_report(run, solved, tmp_path):
    """Without options page and workbook go into the plan's folder; with them, only what was asked for is written."""
    folder = shutil.copytree(solved, tmp_path / "plan")
    result, told = run("report", folder, json_form=True)
    assert result.exit_code == 0
    assert [Path(file).name for file in told["files"]] == ["report.html", "report.xlsx"]
    assert all(Path(file).stat().st_size > 5000 for file in told["files"])
    assert run("report", folder, "--md", "x.md").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "x.md"]
    assert run("report", folder, "--html", tmp_path).exit_code == 2
    os.mkfifo(tmp_path / "pipe")
    for target in (folder / "plan.json", folder / "input" / "nations.csv", tmp_path / "pipe"):
        assert run("report", folder, "--html", target).exit_code == 2
    (tmp_path / "pipe").unlink()
    assert run("report", "nowhere").exit_code == 3
    assert run("verify", TUTORIAL, folder).exit_code == 0


def test_damaged_plan(run, solved, tmp_path):
    """A plan's folder that was damaged is refused with findings, by every command that reads one."""
    folder = shutil.copytree(solved, tmp_path / "plan")
    (folder / "requirements.csv").unlink()
    for command in (
        ("report", folder),
        ("verify", TUTORIAL, folder),
        ("solve", TUTORIAL, "--out", "x", "--baseline", folder),
    ):
        result = run(*command)
        assert result.exit_code == 3, command
        assert "The plan cannot be read" in result.stderr


def test_doctor(run):
    """On a sound machine everything is fine, and the solver's canaries are among what was looked at."""
    result, told = run("doctor", json_form=True)
    assert result.exit_code == 0, result.stdout
    names = {examined["what"] for examined in told["examined"]}
    assert {"Python", "highspy", "Current folder", "Solver, presolve_segfault", "Solver, false_infeasible"} <= names


def test_doctor_looks_at_every_package_that_is_needed():
    """Whatever forcegen depends on is looked for."""
    import re
    import tomllib

    from optimizer.cli.doctor import PACKAGES

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}
    assert set(PACKAGES) == needed | {"forcegen"}


def test_doctor_finds_a_broken_solver(run, monkeypatch):
    """A solver that fails, a missing package and a full disk are said, with exit code 1."""

    def fail():
        raise RuntimeError("no library")

    monkeypatch.setattr("optimizer.solving.canaries.run_canaries", fail)
    monkeypatch.setattr("optimizer.cli.doctor.PACKAGES", ("surely-not-installed",))
    monkeypatch.setattr("optimizer.cli.doctor.LEAST_FREE", 10**18)
    result, told = run("doctor", json_form=True)
    assert result.exit_code == 1
    wrong = {examined["what"] for examined in told["examined"] if not examined["fine"]}
    assert wrong == {"surely-not-installed", "Current folder", "Temporary files", "Solver"}
    assert "WRONG" in run("doctor").stdout
