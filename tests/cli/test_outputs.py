"""What is written never takes the place of what is read, nor of anything that is no file."""

import os
import shutil
import subprocess
import sys

import pytest

from optimizer.corridor import solve
from optimizer.instance.files import convert, read_instance
from optimizer.plan.store import save_plan
from tests.cli.conftest import TUTORIAL


@pytest.fixture(scope="module")
def plan_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan") / "plan"
    save_plan(solve(read_instance(TUTORIAL), child=False), folder)
    return folder


@pytest.mark.parametrize(
    ("option", "name"), [("--md", "plan.json"), ("--html", "input/nations.csv"), ("--xlsx", "missions.csv")]
)
def test_a_report_never_takes_the_place_of_its_plan(run, plan_folder, option, name):
    """The files of the plan and its input are refused as outputs, and stay as they are."""
    before = (plan_folder / name).read_bytes()
    result = run("report", str(plan_folder), option, str(plan_folder / name))
    assert result.exit_code == 2
    assert "made from" in result.stderr
    assert (plan_folder / name).read_bytes() == before


def test_a_report_never_takes_the_place_of_an_instance(run, plan_folder, tmp_path):
    """The workbook of an instance, and the tables of a folder, are refused; an older report is written anew."""
    convert(TUTORIAL, tmp_path / "mine.xlsx")
    shutil.copytree(TUTORIAL, tmp_path / "mine")
    for option, file in (("--xlsx", "mine.xlsx"), ("--md", "mine/nations.csv"), ("--html", "mine/instance.toml")):
        before = (tmp_path / file).read_bytes()
        assert run("report", str(plan_folder), option, str(tmp_path / file)).exit_code == 2
        assert (tmp_path / file).read_bytes() == before
    for _ in range(2):
        assert run("report", str(plan_folder), "--xlsx", str(tmp_path / "report.xlsx")).exit_code == 0


@pytest.mark.parametrize("option", ["--md", "--xlsx", "--html"])
def test_only_files_are_written_over(run, plan_folder, tmp_path, option):
    """A pipe, a device and a folder are refused as outputs, at once, and stay what they are."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "null", "folder"):
        result = run("report", str(plan_folder), option, str(tmp_path / name))
        assert result.exit_code == 2, name
        assert not (tmp_path / name).is_file()


def test_convert_never_writes_over_its_input(run, tmp_path):
    """A folder or a workbook is not converted into itself, nor into anything that is there."""
    convert(TUTORIAL, tmp_path / "a.xlsx")
    shutil.copytree(TUTORIAL, tmp_path / "d")
    os.mkfifo(tmp_path / "pipe.xlsx")
    before = (tmp_path / "a.xlsx").read_bytes()
    for source, target in (("a.xlsx", "a.xlsx"), ("d", "d"), ("d", "pipe.xlsx"), ("a.xlsx", "d")):
        assert run("convert", str(tmp_path / source), str(tmp_path / target)).exit_code == 2
    assert (tmp_path / "a.xlsx").read_bytes() == before


@pytest.mark.parametrize("args", [["--help"], ["schema"], ["doctor"], ["check", str(TUTORIAL)]])
def test_streams_that_are_closed_from_the_start(args, tmp_path):
    """A command that has no stdout, or no stream at all, does its work and ends without a traceback or a crash report."""
    for closed in (">&-", ">&- 2>&- <&-"):
        command = " ".join([sys.executable, "-m", "optimizer", *args, closed])
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b"")
    assert not list(tmp_path.iterdir())
