"""`check`, `schema`, `new`, `convert`, `generate`."""

import json
import shutil
from pathlib import Path

import pytest

from optimizer.instance.files import read_instance, write_instance
from optimizer.instance.generator import SIZES
from tests.cli.conftest import TUTORIAL
from tests.reporting.hostile import NASTY, hostile_instance


def test_good_instance(run):
    """A good instance has no findings, and the funnel shows demand and supply."""
    result = run("check", TUTORIAL)
    assert result.exit_code == 0
    assert "The instance can be solved." in result.stdout
    assert "2,000" in result.stdout


def test_good_instance_for_machines(run):
    """The machine form holds the funnel: 10 sites asked for, 8 allowed, 2 short without the ceasefire."""
    result, told = run("check", TUTORIAL, "--scenario", "no-ceasefire", json_form=True)
    assert result.exit_code == 0
    assert told["ok"] is True
    assert told["findings"] == []
    assert told["instance"]["scenarios"] == ["ceasefire", "no-ceasefire"]
    guard = next(row for row in told["funnel"] if row["capability"] == "guard")
    assert guard["demand"] == 10
    assert guard["short"] == guard["demand"] - guard["allowed"] > 0
    lost = sum(row["amount"] for row in told["losses"] if row["capability"] == "guard")
    assert lost > 0
    assert guard["within_caps"] + lost == pytest.approx(guard["pledged"])
    shown = run("check", TUTORIAL, "--scenario", "no-ceasefire").stdout
    assert "What the pledges lose to which rule" in shown
    assert all(row["rules"] in shown for row in told["losses"] if row["step"] == "caveat")


def test_bad_instance(run, copy):
    """Every finding is shown with its place, row, column and remedy; the exit code is 3."""
    file = copy / "pledges.csv"
    file.write_text(file.read_text().replace("battalion", "batalion").replace("Northland", "Nowhere"))
    file = copy / "requirements.csv"
    file.write_text(file.read_text().replace("2000", "-1"))
    result, told = run("check", copy, json_form=True)
    assert result.exit_code == 3
    assert told["ok"] is False
    assert told["funnel"] is told["losses"] is None
    errors = [finding for finding in told["findings"] if finding["severity"] == "error"]
    assert len(errors) >= 3
    assert all(error["row"] and error["column"] and error["message"] and error["remedy"] for error in errors)
    shown = run("check", copy)
    assert shown.exit_code == 3
    assert "Mend the errors" in shown.stdout
    assert "unit_type" in shown.stdout
    solving = run("solve", copy)
    assert solving.exit_code == 3
    assert solving.stdout == ""
    assert "Did you mean 'battalion'?" in solving.stderr


@pytest.mark.parametrize("command", ["check", "solve"])
def test_missing_instance(run, command):
    """A path that does not exist is invalid input, said in one clear sentence."""
    result = run(command, "no/such/place")
    assert result.exit_code == 3
    assert "there is no such folder or workbook" in result.output


def test_missing_instance_for_machines(run):
    """With --json the failure is on stdout too."""
    result, told = run("solve", "no/such/place", json_form=True)
    assert result.exit_code == told["exit_code"] == 3
    assert told["error"]["details"][0]["code"] == "not-found"


@pytest.mark.parametrize("command", ["check", "solve"])
def test_unknown_scenario(run, command):
    """A misspelt scenario is invalid input, with the nearest name."""
    result = run(command, TUTORIAL, "--scenario", "no-ceasefir")
    assert result.exit_code == 3
    assert "Did you mean 'no-ceasefire'?" in result.stderr


def test_not_an_instance(run, tmp_path):
    """A file that is no instance is refused in words."""
    (tmp_path / "x.txt").write_text("hello")
    assert run("check", "x.txt").exit_code == 3
    (tmp_path / "x.xlsx").write_bytes(b"PK no")
    assert run("check", "x.xlsx").exit_code == 3


def test_round_trip(run, tmp_path):
    """Folder to workbook to folder gives the same instance, and nothing is overwritten."""
    assert run("convert", TUTORIAL, "a.xlsx").exit_code == 0
    assert run("convert", "a.xlsx", "b").exit_code == 0
    assert read_instance("b").hash == read_instance(TUTORIAL).hash
    again = run("convert", TUTORIAL, "b")
    assert again.exit_code == 2
    assert "b is there already" in again.stderr
    assert run("convert", "nowhere", "c").exit_code == 3
    for name in ("c.csv", "c.xls", "c.ods"):
        assert run("convert", TUTORIAL, name).exit_code == 2
        assert not (tmp_path / name).exists()
    assert not (tmp_path / "c").exists()


def test_schema(run):
    """The tables are explained in full, one by one, and for machines."""
    assert "## nations" in run("schema").stdout
    one = run("schema", "pledges").stdout
    assert "dwell" in one
    assert "## nations" not in one
    _, told = run("schema", json_form=True)
    assert "pledges" in told["tables"]
    wrong = run("schema", "pledge")
    assert wrong.exit_code == 2
    assert "Did you mean 'pledges'?" in wrong.stderr


@pytest.mark.parametrize("template", ["tutorial", "small"])
def test_new(run, template):
    """A new instance can be checked and solved as it is, and is never written over another."""
    result = run("new", "mine", "--template", template)
    assert result.exit_code == 0
    assert "forcegen check mine" in result.stdout
    assert run("check", "mine").exit_code == 0
    assert run("solve", "mine", "--out", "plan").exit_code == 0
    again = run("new", "mine")
    assert again.exit_code == 2
    assert "mine" in again.stderr
    wrong = run("new", "other", "--template", "tutorail")
    assert wrong.exit_code == 2
    assert "Did you mean 'tutorial'?" in wrong.stderr


def test_new_workbook(run):
    """A workbook where one is asked for; a name that promises another kind of file is refused, by `convert` too."""
    assert run("new", "mine.xlsx").exit_code == 0
    assert run("check", "mine.xlsx").exit_code == 0
    for command in (("new", "mine.csv"), ("convert", "mine.xlsx", "other.xls")):
        wrong = run(*command)
        assert wrong.exit_code == 2
        assert "ends in .xlsx" in wrong.stderr
    assert [path.name for path in Path().iterdir()] == ["mine.xlsx"]


def test_generate(run):
    """The same seed gives the same instance; another gives another; numbers go before a preset."""
    small = ("--nations", 5, "--unit-types", 3, "--posts", 2, "--periods", 2)
    assert run("generate", "a", *small, "--seed", 1).exit_code == 0
    assert run("generate", "b.xlsx", *small, "--seed", 1).exit_code == 0
    assert run("generate", "c", *small, "--seed", 2).exit_code == 0
    first, second, third = (read_instance(path) for path in ("a", "b.xlsx", "c"))
    assert first.hash == second.hash != third.hash
    assert run("generate", "d", "--size", "s", "--nations", 4).exit_code == 0
    assert len(read_instance("d").rows("nations")) == 4
    assert run("generate", "a", "--size", "S").exit_code == 2
    assert run("generate", "old", *small, "--seed", 1, "--no-steadiness").exit_code == 0
    assert first.hash != read_instance("old").hash
    assert not any(row["continuity"] for row in read_instance("old").rows("missions"))
    lacking = run("generate", "e", "--nations", 4)
    assert lacking.exit_code == 2
    assert "--size" in lacking.stderr
    assert set(SIZES) == {"S", "M", "L"}


def test_hostile_text(run, tmp_path):
    """Names full of markup, formulas and control characters go through every command as data."""
    write_instance(hostile_instance(), "in")
    checked = run("check", "in")
    solved = run("solve", "in", "--out", "plan")
    assert (checked.exit_code, solved.exit_code) == (0, 0)
    verified = run("verify", "in", "plan")
    reported = run("report", "plan", "--html", "r.html", "--xlsx", "r.xlsx", "--md", "r.md")
    assert (verified.exit_code, reported.exit_code) == (0, 0)
    for result in (checked, solved, verified, reported):
        assert not set(result.output) & set(
            map(chr, [*range(9), *range(11, 32), 0x7F, *range(0x80, 0xA0), 0x202E, 0x202C, 0x200B])
        )
    assert "[bold red]loud" in solved.stdout
    assert solved.stdout.startswith(NASTY[7])
    unknown = run("solve", "in", "--scenario", "\x1b[31m\u202e", "--out", "x")
    assert unknown.exit_code == 3
    assert "\x1b" not in unknown.output
    result, told = run("solve", "in", "--scenario", NASTY[2], json_form=True)
    assert result.exit_code == 0
    assert result.stdout.isascii()
    assert {row["nation"] for row in told["nations"]} == set(NASTY[:4])
    folders = [path.name for path in (tmp_path / "runs").iterdir()]
    assert len(folders) == 1
    assert json.dumps(folders[0]).strip('"') == folders[0]


def test_findings_with_hostile_text(run, copy):
    """A finding that quotes a hostile cell shows it harmlessly."""
    file = copy / "nations.csv"
    file.write_text(file.read_text().replace("150", "[red]\x1b[31m<b>"))
    result = run("check", copy)
    assert result.exit_code == 3
    assert "\x1b" not in result.output
    assert "[red]" in result.output.replace("\n", "")


def test_unreadable_instance(run, tmp_path):
    """A table that is a folder, or broken text, is a finding and no traceback."""
    shutil.copytree(TUTORIAL, tmp_path / "odd")
    (tmp_path / "odd" / "nations.csv").unlink()
    (tmp_path / "odd" / "nations.csv").mkdir()
    (tmp_path / "odd" / "pledges.csv").write_bytes(b"\xff\xfe\x00broken")
    assert run("check", "odd").exit_code == 3
