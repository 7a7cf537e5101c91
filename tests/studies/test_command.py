"""`forcegen sweep` from the command line: exit codes, machine form, interruption."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer.cli.app import forcegen

from .small import GRID, ROOT, TORNADO, TUTORIAL, toml

ONE = {"vary": [{"condition": "ceasefire", "values": [False]}]}


def run(*args):
    return CliRunner().invoke(forcegen, ["sweep", *map(str, args)])


def test_results_come_in_machine_form(tmp_path):
    """`--json` gives the table, how the runs ended, and where the folder is."""
    file = tmp_path / "one.toml"
    file.write_text(toml(ONE))
    result = run(TUTORIAL, file, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["terminations"] == {"optimal": 2}
    assert [row["coverage"] for row in said["table"]] == [80, 60]


@pytest.mark.parametrize(
    "args",
    [[TUTORIAL], ["study.toml"], ["study.toml", TUTORIAL], [TUTORIAL, "no.toml"], ["nowhere", "study.toml"], ["none*"]],
    ids=str,
)
def test_wrong_usage_and_wrong_input_are_told_apart(args, tmp_path, monkeypatch):
    """2 where the command is wrong, 3 where a file is; never a traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(toml(ONE))
    result = run(*args)
    wrong_usage = args[0] == "study.toml" or args == [TUTORIAL]
    assert result.exit_code == (2 if wrong_usage else 3), result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_taken_is_wrong_usage(tmp_path):
    """Exit code 2, and the way out is named."""
    file = tmp_path / "one.toml"
    file.write_text(toml(ONE))
    assert run(TUTORIAL, file, "--out", tmp_path / "out").exit_code == 0
    result = run(TUTORIAL, file, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "--resume" in result.output


def test_an_interruption_keeps_what_is_done(tmp_path):
    """Ctrl-C in the middle: exit code 130, finished runs on the disk, no worker left, and --resume finishes."""
    file, folder = tmp_path / "grid.toml", tmp_path / "out"
    file.write_text(toml({**GRID, "vary": [{**GRID["vary"][0], "steps": 100}, *GRID["vary"][1:]]}))
    command = [sys.executable, "-m", "optimizer", "sweep", str(TUTORIAL), str(file), "--out", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    )
    journal = folder / "runs.jsonl"
    deadline = time.monotonic() + 180
    try:
        while (not journal.exists() or journal.read_bytes().count(b"\n") < 3) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=180)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, said
    assert "--resume" in said
    assert 3 <= journal.read_bytes().count(b"\n") < 400
    assert json.loads((folder / "study.json").read_text())["state"] == "running"
    report = CliRunner().invoke(forcegen, ["report", str(folder)])
    assert report.exit_code == 3
    assert "not finished" in report.output


def test_commands_share_a_pool(tmp_path):
    """What `solve` found is where `sweep`, `scenarios`, `concessions` and another `solve` begin; a damaged entry is told; a file is refused."""
    pool, runner = tmp_path / "pool", CliRunner()

    def run(*words):
        return runner.invoke(forcegen, [*words, "--pool", str(pool), "--out", str(tmp_path / words[0])])

    assert run("solve", str(TUTORIAL)).exit_code == 0
    (entry,) = pool.iterdir()
    begun = runner.invoke(
        forcegen,
        ["solve", str(TUTORIAL), "--pool", str(pool), "--time-limit", "1e-9", "--json", "--out", str(tmp_path / "two")],
    )
    assert json.loads(begun.stdout)["aims"][0]["value"] == pytest.approx(80)
    (pool / f"{'0' * 64}.json").write_text("nothing")
    study = tmp_path / "study.toml"
    study.write_text(toml({"limits": {"time_limit": 1e-9}, "vary": [TORNADO["vary"][1]]}))
    swept = run("sweep", str(TUTORIAL), str(study))
    assert swept.exit_code == 0, swept.output
    assert "is left out" in swept.output
    table = pd.read_csv(tmp_path / "sweep" / "runs.csv")
    assert table["coverage"][0] == pytest.approx(80)
    assert table["plan_from"][0] == "the pool"
    assert run("scenarios", str(TUTORIAL)).exit_code == 0
    assert len(list(pool.iterdir())) >= 3
    assert run("concessions", str(TUTORIAL), "--most", "1").exit_code == 0
    assert entry.exists()
    wrong = runner.invoke(forcegen, ["solve", str(TUTORIAL), "--pool", str(study), "--out", str(tmp_path / "three")])
    assert wrong.exit_code == 2
    assert "no folder" in wrong.output
