"""`solve`: results, options, endings and what stands on the screen."""

import dataclasses
import errno
import json
import os
from pathlib import Path

import pytest

from optimizer.cli.codes import code_of
from optimizer.plan.plan import TERMINATIONS, Ending, plan_from_solution
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
        plan = plan_from_solution(plan.instance, None, Ending(termination))
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
        "start": None,
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
        board.update(event)
    assert board.running is None
    board.update(EVENTS[1])
    stream = StringIO()
    Console(file=stream, width=100).print(board)
    text = stream.getvalue()
    assert "coverage" in text
    assert "ties" not in text
    assert " 12 " in text
    assert "-12" not in text
    board.update(EVENTS[4])
    assert board.running[1:4] == ("–", "–", "–")
    assert board.notices == ["The solver's process [died]\\x1b[31m."]
