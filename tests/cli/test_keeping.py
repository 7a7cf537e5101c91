"""A plan that was found is never lost, and nothing that was there before is."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.cli import keeping
from optimizer.corridor import Found
from optimizer.plan import placing
from optimizer.plan.store import load_plan
from optimizer.plan.verify import RejectedPlan
from optimizer.plan.violation import Violation
from tests.campaigns.signals import processes_of
from tests.cli.conftest import ROOT, TUTORIAL


@pytest.fixture
def searching(monkeypatch, solved):
    """The search gives the solved plan, after something has happened."""

    def after(happens=lambda: None):
        def search(*_, **__):
            happens()
            return load_plan(solved)

        monkeypatch.setattr("optimizer.corridor.solve", search)

    return after


@pytest.fixture
def full(monkeypatch):
    """Disks that are full: nothing can be written below these folders."""

    def fill(*folders):
        write = os.open

        def opened(path, flags, *args, **given):
            if flags & os.O_CREAT and any(Path(folder) in Path(path).absolute().parents for folder in folders):
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return write(path, flags, *args, **given)

        monkeypatch.setattr(placing.os, "open", opened)

    return fill


def test_beside_and_then_among_the_temporary_files(run, searching, full, tmp_path, monkeypatch):
    """Where its folder cannot be written, the plan goes beside it, or where that fails too to the temporary files; the message says where."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (tmp_path / "a" / "plan").mkdir(parents=True)
    searching()
    full(tmp_path / "a" / "plan")
    result, told = run("solve", TUTORIAL, "--out", "a/plan", json_form=True)
    assert result.exit_code == told["exit_code"] == 1
    assert "the disk is full" in result.stderr
    assert told["directory"] in result.stderr
    assert Path(told["directory"]).parent == tmp_path / "a"
    assert load_plan(told["directory"]).aim("coverage") == pytest.approx(80)
    full(tmp_path / "a")
    result, told = run("solve", TUTORIAL, "--out", "a/other", json_form=True)
    assert result.exit_code == 1
    assert temporary in Path(told["directory"]).parents
    assert load_plan(told["directory"]).has_plan
    assert list(temporary.iterdir()) == [Path(told["directory"]).parent]
    full(tmp_path)
    result = run("solve", TUTORIAL, "--out", "a/third")
    assert result.exit_code == 1
    assert "pledge,nation,unit_type,requirement" in result.stderr
    assert len(list(temporary.iterdir())) == 1


def test_permission_lost_and_folder_gone(run, searching, tmp_path):
    """What happens to the folder during the search costs no plan."""

    def gone():
        shutil.rmtree(tmp_path / "a")

    (tmp_path / "a").mkdir()
    searching(gone)
    assert run("solve", TUTORIAL, "--out", "a/plan").exit_code == 0
    assert load_plan("a/plan").has_plan
    searching(lambda: (tmp_path / "b" / "plan").write_text("in the way"))
    result, told = run("solve", TUTORIAL, "--out", "b/plan", json_form=True)
    assert result.exit_code == 1
    assert (tmp_path / "b" / "plan").read_text() == "in the way"
    assert load_plan(told["directory"]).has_plan
    here = tmp_path / "here"
    here.mkdir()
    os.chdir(here)
    searching(here.rmdir)
    assert run("solve", TUTORIAL, "--out", "plan").exit_code == 0
    assert load_plan(here / "plan").has_plan


def test_a_refused_plan_is_kept_apart(run, monkeypatch, solved, tmp_path):
    """With the broken rules, the input and the report to send, and not so that it could be taken for a plan; exit code 1."""
    plan = load_plan(solved)
    tables = {"assignments": plan.assignments[["pledge", "requirement", "period", "units"]]}
    broken = Violation("limits", "cap", "FRA", 1, 2.0, 1.0, "too many")

    def search(*_, found, **__):
        found(Found(tables, plan.instance, None, "the log"))
        raise RejectedPlan([broken])

    monkeypatch.setattr("optimizer.corridor.solve", search)
    for _ in range(2):
        result, told = run("solve", TUTORIAL, "--out", "plan", json_form=True)
        assert result.exit_code == told["exit_code"] == 1
        assert "our fault" in result.stderr
    first, second = sorted(tmp_path.iterdir())
    assert first.name == "plan-refused"
    assert second.name.startswith("plan-refused-")
    assert str(second) in result.stderr
    assert "too many" in (first / "violations.csv").read_text()
    assert "RejectedPlan" in (first / "report.txt").read_text()
    assert (first / "solver.log").read_text() == "the log"
    assert (first / "input" / "instance.toml").exists()
    assert not (first / "plan.json").exists()
    assert run("verify", first / "input", first).exit_code == 0


@pytest.mark.parametrize(("out", "relation"), [("copy", "is"), (".", "lies above"), ("copy/plan", "lies within")])
@pytest.mark.parametrize("command", ["solve", "sweep", "scenarios"])
def test_results_do_not_lie_over_the_input(run, copy, command, out, relation):
    """Refused before anything is done; in an instance's own folder `runs/` is a fine place."""
    before = sorted(copy.rglob("*"))
    study = [copy / "studies" / "heat-map.toml"] if command == "sweep" else []
    result = run(command, copy, *study, "--out", out)
    assert result.exit_code == 2
    assert f"{relation} the input" in result.stderr
    assert sorted(copy.rglob("*")) == before


def test_in_the_folder_of_the_instance(run, copy, searching):
    """Whoever works there finds the plan below it."""
    os.chdir(copy)
    searching()
    assert run("solve", ".").exit_code == 0
    assert (copy / "runs" / "tutorial-default" / "plan.json").exists()


def test_reports_of_errors_that_are_not_ours(tmp_path):
    """A message names the reason, not the temporary name of a file."""
    assert keeping._reason(OSError(errno.EACCES, "Permission denied: the plan was not written")) == "Permission denied"


SLOW_CHECK = """
import sys, time
from pathlib import Path
from optimizer.cli import main
from optimizer.plan import plan
evaluate = plan.evaluate
def slowly(*given):
    Path("checking").touch()
    time.sleep(1.0)
    return evaluate(*given)
plan.evaluate = slowly
main(sys.argv[1:])
"""


def test_requests_while_the_plan_is_checked(tmp_path, environment):
    """Not even two of them lose it: it is checked, written, and the exit code says interrupted."""
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_CHECK, "solve", str(TUTORIAL), "--out", "plan", "--json"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "checking").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    for number in (signal.SIGHUP, signal.SIGINT):
        child.send_signal(number)
        time.sleep(0.1)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, json.loads(out)["exit_code"]) == (130, 130), err
    assert load_plan(tmp_path / "plan").termination == "optimal"
    assert err == ""


def test_a_kill_leaves_no_process_and_no_file(tmp_path, environment):
    """Killed with kill -9 in the middle of the search, nothing of it is left after a moment."""
    from optimizer.instance.files import write_instance
    from optimizer.instance.generator import generate

    write_instance(generate("S", seed=5), tmp_path / "in")
    (tmp_path / "tmp").mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "optimizer", "solve", "in", "--out", "plan", "--time-limit", "30"],
        cwd=tmp_path,
        env={**environment, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(processes_of(child.pid, patience=0.0)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    child.kill()
    child.wait()
    assert processes_of(child.pid) == []
    assert sorted(path.name for path in tmp_path.rglob("*") if path.parent.name != "in") == ["in", "tmp"]
