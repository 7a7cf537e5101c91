"""`solve` in a process of its own: on a terminal, interrupted, beside another one, with streams that are full or closed."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.plan.store import load_plan
from tests.cli.conftest import TUTORIAL


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


# Neither run checks its plan, and so writes it, before both have one.
BOTH_AT_WORK = """
import os, sys, time
from pathlib import Path
from optimizer.cli import main
from optimizer.plan import plan
evaluate = plan.evaluate
def together(*given):
    Path(f"at-work-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(Path().glob("at-work-*"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    return evaluate(*given)
plan.evaluate = together
main(sys.argv[1:])
"""


def test_two_searches_into_one_folder(environment, tmp_path):
    """Two runs that write to the same place at once leave two whole plans: the later one beside the first, and it says where."""
    place = tmp_path / "place"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", BOTH_AT_WORK, "solve", TUTORIAL, "--out", place / "plan", "--seed", str(seed), "--json"],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for seed in (1, 2)
    ]  # fmt: skip
    ended = [(*child.communicate(timeout=120), child.returncode) for child in children]
    assert sorted(code for _, _, code in ended) == [0, 1]
    told = [(json.loads(out)["directory"], err) for out, err, _ in ended]
    folders = sorted(path.name for path in place.iterdir())
    assert folders[0] == "plan"
    assert folders[1].startswith("plan-")
    assert {load_plan(place / name).seed for name in folders} == {1, 2}
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
