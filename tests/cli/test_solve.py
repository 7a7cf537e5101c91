"""`solve`, `verify`, `report`, `doctor`."""

import dataclasses
import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.cli.codes import code_of
from optimizer.plan.plan import TERMINATIONS, plan_from_solution
from optimizer.plan.store import load_plan
from optimizer.solving.solution import LevelDone, LevelResult, Notice, Progress
from tests.cli.conftest import TUTORIAL
from tests.patches import perhaps


def test_solve(run, tmp_path):
    """The tutorial gives coverage 80 and cost 132; the summary says so, and where the plan is."""
    result = run("solve", TUTORIAL)
    assert result.exit_code == 0
    folder = tmp_path / "runs" / "tutorial-default"
    assert load_plan(folder).aim("coverage") == pytest.approx(80)
    for part in (
        "Best plan found and proven",
        "132",
        "train-capital",
        "Eastland",
        "east max_personnel",
        str(Path("runs/tutorial-default")),
    ):
        assert part in result.stdout
    assert result.stderr == ""


def test_solve_for_machines(run):
    """The machine form names termination, aims and folder, and nothing else is on stdout."""
    result, told = run("solve", TUTORIAL, "--scenario", "no-ceasefire", "--out", "plan", json_form=True)
    assert result.exit_code == told["exit_code"] == 0
    assert told["termination"] == "optimal"
    assert {aim["name"]: round(aim["value"], 6) for aim in told["aims"]} == {"coverage": 60, "cost": 128}
    assert told["directory"] == "plan"
    assert json.loads(Path("plan/plan.json").read_text())["scenario"] == "no-ceasefire"


def test_settings_and_aims(run):
    """Lifting Eastland's cap gives coverage 85, as the tutorial says; aims can be replaced and ordered."""
    _, told = run("solve", TUTORIAL, "--set", "nations.east.max_personnel=", "--out", "a", json_form=True)
    assert told["aims"][0]["value"] == pytest.approx(85)
    _, told = run("solve", TUTORIAL, "--aim", "coverage:2", "--aim", "cost:1", "--out", "b", json_form=True)
    assert [aim["name"] for aim in told["aims"]] == ["cost", "coverage"]
    assert told["aims"][0]["value"] == 0
    verified = run("verify", TUTORIAL, "b")
    assert verified.exit_code == 0
    assert "other aims" in verified.stdout


@pytest.mark.parametrize("aim", ["covrage", "cost:0", "cost:x", "cost:-1", "cost:\u00b2", ""])
def test_wrong_aim(run, aim):
    """An aim that does not exist, or a priority that is no number, is wrong usage."""
    result = run("solve", TUTORIAL, "--aim", aim)
    assert result.exit_code == 2
    assert "--aim" in result.stderr


def test_changes_without_baseline(run, copy):
    """The aim `changes` without a plan to compare with is wrong usage, wherever the aim comes from."""
    header = copy / "instance.toml"
    header.write_text(header.read_text().replace('name = "cost"', 'name = "changes"'))
    for args in ((TUTORIAL, "--aim", "changes"), (copy,)):
        result = run("solve", *args)
        assert result.exit_code == 2
        assert "--baseline" in result.stderr
        assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("aims", "code"),
    [
        (("cost", "cost"), "duplicate-aim"),
        (("burden_gap",), "burden-without-fair-share"),
        (("coverage:1", "burden_gap:1"), "burden-level"),
    ],
)
def test_aims_that_cannot_be(run, aims, code):
    """Aims from the command line are checked as those of the header are."""
    result, told = run("solve", TUTORIAL, *(part for aim in aims for part in ("--aim", aim)), json_form=True)
    assert result.exit_code == 3
    assert code in {finding["code"] for finding in told["error"]["details"]}
    assert all(finding["place"].startswith("--aim ") for finding in told["error"]["details"])


@pytest.mark.parametrize(
    "setting",
    [
        "nations.eas.max_personnel=1",
        "nations",
        "nations.east.max_personel=1",
        "nations.east.max_personnel=x",
    ],
)
def test_wrong_setting(run, setting, tmp_path):
    """A setting that names no cell, or a wrong value, is invalid input, and nothing is solved."""
    result = run("solve", TUTORIAL, "--set", setting)
    assert result.exit_code == 3
    assert "The settings cannot be used" in result.stderr
    assert not (tmp_path / "runs").exists()


def test_infeasible(run, copy):
    """Contradicting rules give exit code 4 and words, and a report can still be made."""
    (copy / "posts.csv").write_text("mission,area,must\nprotection,border,true\ntraining,capital,true\n")
    (copy / "limits.csv").write_text("limit,measure,maximum\nnobody,personnel,10\n")
    result = run("solve", copy, "--out", "none")
    assert result.exit_code == 4, result.output
    assert "There is no plan" in result.stdout
    assert run("report", "none", "--html", "x.html").exit_code == 0
    assert "There is no plan" in Path("x.html").read_text()
    refused = run("verify", copy, "none")
    assert refused.exit_code == 3
    assert "holds no plan" in refused.stderr
    assert run("solve", copy, "--baseline", "none", "--out", "y").exit_code == 3


@pytest.mark.parametrize(
    ("termination", "has_plan", "code"),
    [
        ("optimal", True, 0),
        ("infeasible", False, 4),
        ("feasible", True, 5),
        ("crashed", True, 5),
        ("none_found", False, 6),
        ("crashed", False, 6),
        ("interrupted", True, 130),
        ("interrupted", False, 130),
    ],
)
def test_exit_codes(run, monkeypatch, solved, termination, has_plan, code):
    """Each way in which a search ends has its exit code, on the screen and for machines, and is written where there is something."""
    plan = dataclasses.replace(load_plan(solved), termination=termination)
    if not has_plan:
        plan = plan_from_solution(plan.instance, None, termination)
    monkeypatch.setattr("optimizer.corridor.solve", lambda *_, **__: plan)
    assert run("solve", TUTORIAL, "--out", "a").exit_code == code
    result, told = run("solve", TUTORIAL, "--out", "b", json_form=True)
    assert result.exit_code == told["exit_code"] == code == code_of(termination, has_plan)
    written = has_plan or termination != "interrupted"
    assert Path("a/plan.json").exists() == written
    assert (told["directory"] == "b") == written


def test_exit_codes_are_complete():
    """No termination is without an exit code of its own meaning."""
    assert {code_of(name, has_plan=True) for name in TERMINATIONS} == {0, 4, 5, 130}


def test_other_folders_are_not_overwritten(run, tmp_path):
    """A folder that holds something else than a plan is refused before the search; a plan is replaced with --force only, other files in it stay."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    refused = run("solve", TUTORIAL, "--out", "mine")
    assert refused.exit_code == 2
    assert "--out" in refused.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert run("solve", TUTORIAL, "--out", "plan").exit_code == 0
    (tmp_path / "plan" / "remark.txt").write_text("mine")
    (tmp_path / "plan" / "report.html").write_text("of the first plan")
    kept = sorted(tmp_path.rglob("*"))
    asked = ("solve", TUTORIAL, "--out", "plan", "--scenario", "no-ceasefire")
    refused = run(*asked)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert sorted(tmp_path.rglob("*")) == kept
    assert load_plan("plan").scenario is None
    assert run(*asked, "--force").exit_code == 0
    assert load_plan("plan").scenario == "no-ceasefire"
    assert (tmp_path / "plan" / "remark.txt").exists()
    assert not (tmp_path / "plan" / "report.html").exists()


def test_place_that_cannot_be_written(run, monkeypatch):
    """A place without permission is found out before the search."""

    def refuse(**given):
        raise OSError(errno.EACCES, "Permission denied", given["dir"])

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    monkeypatch.setattr("optimizer.corridor.solve", perhaps(lambda *_, **__: pytest.fail("it searched")))
    result = run("solve", TUTORIAL, "--out", "plan")
    assert result.exit_code == 1
    assert "Not allowed to read or write plan" in result.stderr
    assert "crash" not in result.stderr


def test_full_disk(run, monkeypatch, solved, tmp_path):
    """A full disk while writing gives a clear message, exit code 1, nothing half-written, and no crash report."""
    plan = load_plan(solved)
    monkeypatch.setattr("optimizer.corridor.solve", lambda *_, **__: plan)
    write = os.fsync

    def full(handle):
        write(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result, told = run("solve", TUTORIAL, "--out", "plan", json_form=True)
    assert result.exit_code == told["exit_code"] == 1
    assert told["error"]["kind"] == "disk_full"
    assert "The disk is full" in result.stderr
    assert list(tmp_path.iterdir()) == []
    reported = run("report", solved, "--html", "r.html", "--xlsx", "r.xlsx")
    assert reported.exit_code == 1
    assert "The disk is full" in reported.stderr
    assert list(tmp_path.iterdir()) == []


def test_unforeseen_failure(run, monkeypatch, tmp_path):
    """A fault of ours gives exit code 1, a friendly message and a report to send, never a traceback on the screen."""

    def fail(*_, **__):
        raise ZeroDivisionError("by \x1b[31mzero")

    monkeypatch.setattr("optimizer.corridor.solve", fail)
    result, told = run("solve", TUTORIAL, "--out", "plan", json_form=True)
    assert result.exit_code == told["exit_code"] == 1
    assert "our fault" in result.stderr
    assert "\x1b" not in result.output
    reports = list(tmp_path.glob("forcegen-crash-*.txt"))
    assert len(reports) == 1
    assert "ZeroDivisionError" in reports[0].read_text()
    assert "Traceback" in reports[0].read_text()
    assert not (tmp_path / "plan").exists()


def test_plan_of_the_solver_that_breaks_rules(run, monkeypatch, tmp_path):
    """If the check rejects what the solver found, that is an internal error and not the planner's."""
    from optimizer.plan.verify import RejectedPlan
    from optimizer.plan.violation import Violation

    def fail(*_, **__):
        raise RejectedPlan([Violation("limits", "cap", "FRA", 1, 2.0, 1.0, "too many")])

    monkeypatch.setattr("optimizer.corridor.solve", fail)
    assert run("solve", TUTORIAL, "--out", "plan").exit_code == 1
    assert "too many" in next(tmp_path.glob("forcegen-crash-*.txt")).read_text()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()])
def test_interrupted_or_out_of_memory(run, monkeypatch, error, tmp_path):
    """Ctrl-C outside the search, or too little memory, gives a sentence and leaves nothing behind."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr("optimizer.corridor.solve", fail)
    result = run("solve", TUTORIAL, "--out", "plan")
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert result.stderr
    assert list(tmp_path.iterdir()) == []


def test_options_reach_the_search(run, monkeypatch, solved):
    """Time limit, gap, seed, threads, scenario and baseline arrive as they were given."""
    plan, heard = load_plan(solved), {}

    def search(instance, scenario, **given):
        heard.update(given, scenario=scenario, name=instance.header.name)
        return plan

    monkeypatch.setattr("optimizer.corridor.solve", search)
    given = [
        "--scenario",
        "ceasefire",
        "--time-limit",
        "7.5",
        "--gap",
        "0.02",
        "--seed",
        "3",
        "--jobs",
        "2",
        "--baseline",
        solved,
    ]
    assert run("solve", TUTORIAL, *given, "--out", "p").exit_code == 0
    heard.pop("report")
    heard.pop("found")
    baseline = heard.pop("baseline")
    assert baseline.assignments.equals(plan.assignments)
    assert heard == {
        "scenario": "ceasefire",
        "name": "tutorial",
        "time_limit": 7.5,
        "gap": 0.02,
        "seed": 3,
        "threads": 2,
        "aims": None,
    }


def test_baseline_counts_changes(run, solved):
    """Solved again with its own plan as the baseline and `changes` first, nothing changes."""
    _, told = run(
        "solve", TUTORIAL, "--baseline", solved, "--aim", "changes", "--aim", "coverage", "--out", "p", json_form=True
    )
    assert told["aims"][0] == {"name": "changes", "priority": 1, "value": 0.0, "bound": 0.0, "gap": 0.0}
    assert told["aims"][1]["value"] == pytest.approx(80)


def test_summary_fits_a_narrow_terminal(solved):
    """On 80 columns every nation, aim and gap is there, with its figures, and no line is longer."""
    from io import StringIO

    from rich.console import Console

    from optimizer.cli.summary import show_summary
    from optimizer.corridor import solve
    from tests.reporting.hostile import hostile_instance

    for plan in (load_plan(solved), solve(hostile_instance(), child=False)):
        stream = StringIO()
        show_summary(plan, None, Console(file=stream, width=80, markup=False, force_terminal=True, color_system=None))
        lines = stream.getvalue().splitlines()
        assert max(map(len, lines)) <= 80
        words = " ".join(lines).split()
        for part in ("Nation", "Aim", "Requirement", "Mission", "Score", "Filled", "Cost", "Cap", "used"):
            assert part in words, part
        if plan.instance.header.name == "tutorial":
            for part in (
                "Eastland",
                "Northland",
                "guard-border",
                "train-capital",
                "1,600",
                "132",
            ):
                assert part in words, part
            assert "100\N{NO-BREAK SPACE}%" in stream.getvalue()


EVENTS = (
    Notice("crashed", "The solver's process [died]\x1b[31m."),
    Progress("cost", -12.0, -10.0, 0.2, 1.0, 5),
    LevelDone(LevelResult("coverage", 1, 80.0, 80.0, 0.0, "optimal", 1.0, True), None),
    LevelDone(LevelResult("ties", 1, 80.0, 80.0, 0.0, "optimal", 1.0, True, reported=False), None),
    Progress("burden_gap", None, None, None, 1.0, 0),
)


def test_without_a_terminal_only_notices(run, monkeypatch, solved):
    """Where stderr is no terminal, progress is silent and notices are single lines."""
    plan = load_plan(solved)

    def search(*_, report, **__):
        for event in EVENTS:
            report(event)
        return plan

    monkeypatch.setattr("optimizer.corridor.solve", search)
    result, _ = run("solve", TUTORIAL, "--out", "p", json_form=True)
    assert result.stderr == "The solver's process [died]\\x1b[31m.\n"


def test_progress_board():
    """The live display shows finished levels and the running one, costs without a minus sign, and no tie-break."""
    from io import StringIO

    from rich.console import Console

    from optimizer.cli.progress import Board

    board = Board()
    for event in EVENTS[:4]:
        board.hear(event)
    assert board.running is None
    board.hear(EVENTS[1])
    stream = StringIO()
    Console(file=stream, width=100).print(board)
    text = stream.getvalue()
    assert "coverage" in text
    assert "ties" not in text
    assert " 12 " in text
    assert "-12" not in text
    board.hear(EVENTS[4])
    assert board.running[1:4] == ("–", "–", "–")
    assert board.notices == ["The solver's process [died]\\x1b[31m."]


def test_live_display_on_a_terminal(start, tmp_path):
    """On a terminal the display is drawn on stderr, and stdout stays clean for machines."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    child = start("solve", TUTORIAL, "--out", "plan", "--json", stderr=slave)
    os.close(slave)
    out, _ = child.communicate(timeout=120)
    seen = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:
            break
        if not block:
            break
        seen += block
    os.close(master)
    assert child.returncode == 0
    assert json.loads(out)["ok"] is True
    assert b"Searching" in seen


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
    file.write_text("pledge,requirement,period,units\nwest-battalion,train-capital,1,1\n")
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_search(start, environment, tmp_path, number):
    """Ctrl-C, or a scheduler's request to end, stops the search with exit code 130; what was found is written whole."""
    from optimizer.instance.files import write_instance
    from optimizer.instance.generator import generate

    write_instance(generate("M", seed=5), tmp_path / "in")
    child = start("solve", "in", "--out", "plan", "--time-limit", "60", "--json", start_new_session=True)
    time.sleep(6)
    assert child.poll() is None, child.communicate()
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert "Traceback" not in err
    told = json.loads(out)
    assert told["exit_code"] == 130
    written = sorted(path.name for path in tmp_path.iterdir())
    if told.get("has_plan"):
        assert written == ["in", "plan"]
        assert load_plan(tmp_path / "plan").termination == "interrupted"
    else:
        assert written == ["in"]


def test_two_searches_into_one_folder(start, tmp_path):
    """Two runs that write to the same place at once leave two whole plans: the later one beside the first, and it says where."""
    children = [start("solve", TUTORIAL, "--out", "plan", "--seed", seed, "--json") for seed in (1, 2)]
    told, codes = [], []
    for child in children:
        out, err = child.communicate(timeout=120)
        told.append((json.loads(out)["directory"], err))
        codes.append(child.returncode)
    folders = sorted(path.name for path in tmp_path.iterdir())
    assert sorted(codes) == [0, 1]
    assert folders[0] == "plan"
    assert folders[1].startswith("plan-")
    assert {load_plan(tmp_path / name).seed for name in folders} == {1, 2}
    assert sorted(Path(directory).name for directory, _ in told) == folders
    assert next(err for _, err in told if err).rstrip(".\n").endswith(folders[1])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_stdout_that_is_full(start):
    """A stdout that takes nothing gives a message and exit code 1, not a traceback."""
    with Path("/dev/full").open("w") as full:
        child = start("schema", stdout=full)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "The disk is full" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(environment, tmp_path, closed):
    """A shell that has closed a stream gets its plan all the same."""
    command = f"exec {shlex.quote(sys.executable)} -m optimizer solve {shlex.quote(str(TUTORIAL))} --out plan {closed}"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert load_plan(tmp_path / "plan").has_plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_terminal_without_unicode(start, environment):
    """Where the terminal knows no Unicode, characters are replaced and nothing fails."""
    child = start("solve", TUTORIAL, "--out", "p", env={**environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    assert out.isascii()
    assert "Eastland" in out
