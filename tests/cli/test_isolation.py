"""Files of the user's folder are data: whatever they are called, no command runs them."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.cli.app import forcegen
from optimizer.solving.peers.processes import end, start_module, trusted_path
from tests.cli.conftest import ROOT, TUTORIAL

COMMANDS = [
    ["--version"],
    ["check", "."],
    ["solve", "."],
    ["verify", ".", "runs/tutorial-default"],
    ["report", "runs/tutorial-default"],
    ["scenarios", ".", "--jobs", "1"],
    ["sweep", ".", "study.toml", "--jobs", "1"],
    ["frontier", ".", "--points", "2", "--jobs", "1"],
    ["alternatives", ".", "--count", "1", "--tests", "1", "--jobs", "1"],
    ["hedge", "."],
    ["withdraw", ".", "--jobs", "1"],
    ["compare", "runs/tutorial-default", "runs/tutorial-default"],
    ["robust", ".", "claims.toml", "--jobs", "1"],
    ["report", "runs/study"],
    ["convert", ".", "../book.xlsx"],
    ["check", "../book.xlsx"],
    ["schema"],
    ["rules", "."],
    ["explain", "runs/tutorial-default"],
    ["concessions", ".", "--most", "1"],
    ["prices", "."],
    ["generate", "s", "--size", "S"],
    # Large enough for the processes that look for better plans.
    ["solve", "s", "--time-limit", "2"],
    ["new", "mine"],
    ["doctor"],
    ["board", "--help"],
    ["manual", "--path"],
    ["completion", "bash"],
]
AS_INSTALLED = """
import sys
sys.path[:0] = [sys.argv[1]] if sys.argv[1] else []
import json
from optimizer.cli import main
codes = []
for args in json.loads(sys.argv[2]):
    try:
        codes.append(main(args))
    except SystemExit as leaving:
        codes.append(leaving.code)
open(sys.argv[3], "w").write(json.dumps(codes))
"""


@pytest.fixture
def traps(tmp_path):
    """An instance among files called like every module of Python, of the packages here, and of ours; each notes in `sprung` that it was run."""
    folder, sprung = tmp_path / "inst", tmp_path / "sprung"
    shutil.copytree(TUTORIAL, folder)
    sprung.mkdir()
    (folder / "claims.toml").write_text(
        'draws = 2\n[[vary]]\ncell = "nations.east.max_personnel"\nlow = 0\nhigh = 250\n'
        '[[claim]]\nname = "some"\nholds = "coverage > 0"\n'
    )
    (folder / "study.toml").write_text('[[vary]]\ncondition = "ceasefire"\nvalues = [false]\n')
    ours = {path.relative_to(ROOT).with_suffix("") for path in (ROOT / "optimizer").rglob("*.py")}
    others = {*sys.stdlib_module_names, *importlib.metadata.packages_distributions(), "sitecustomize", "usercustomize"}
    for module in {*ours, *(Path(name) for name in others if "/" not in name), Path("tests/__init__")}:
        file = folder / module.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"open({str(sprung)!r} + '/' + __name__, 'w').close()\nraise ImportError('a trap')\n")
    return folder, sprung


def sprung_by(traps, *args, **given):
    folder, sprung = traps
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *args], cwd=folder, capture_output=True, text=True, env=environment, timeout=300, **given
    )
    return sorted(path.name for path in sprung.iterdir()), done


def test_no_command_runs_files_of_the_current_folder(traps, tmp_path):
    """Neither the command itself nor any process that it starts."""
    assert {command[0] for command in COMMANDS} >= set(forcegen.commands)
    script, codes = tmp_path / "bin" / "forcegen", tmp_path / "codes"
    script.parent.mkdir()
    script.write_text(AS_INSTALLED)
    sprung, done = sprung_by(traps, script, ROOT, json.dumps(COMMANDS), codes)
    assert sprung == []
    found = dict(zip(map(" ".join, COMMANDS), json.loads(codes.read_text()), strict=True))
    # Of a large instance the time limit may stop the search; the manual is there where somebody has built it.
    may_be = {"solve s --time-limit 2": 5, "manual --path": 2}
    assert {name: code for name, code in found.items() if code}.items() <= may_be.items(), done.stderr


def test_python_m_runs_no_file_of_the_current_folder(traps):
    """`python -m optimizer` takes the current folder from the places of modules before it loads anything more; Python itself has loaded our name."""
    folder, _ = traps
    shutil.rmtree(folder / "optimizer")
    (folder / "optimizer.py").unlink()
    for flags in ([], ["-P"]):
        sprung, done = sprung_by(traps, *flags, "-m", "optimizer", "check", ".")
        assert (sprung, done.returncode) == ([], 0), done.stderr


def test_no_process_of_ours_searches_the_current_folder(tmp_path, monkeypatch):
    """Of PYTHONPATH they get the folders that are named in full, but not the current one."""
    path = ["", ".", "here", "/elsewhere", str(tmp_path), f"{tmp_path}/sub/.."]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    assert trusted_path(os.pathsep.join(path)) == "/elsewhere"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    (tmp_path / "queue.py").write_text("open('sprung', 'w').close()\n")
    process = start_module("optimizer.solving.worker", subprocess.DEVNULL)
    process.stdin.close()
    process.wait(timeout=60)
    end(process)
    assert not (tmp_path / "sprung").exists()
