"""`forcegen manual` and `forcegen completion`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from optimizer.cli import manual as command
from optimizer.cli.app import forcegen


def test_manual_is_found_or_said_to_be_missing(monkeypatch, tmp_path):
    """The one inside the package goes first; where there is none, the remedy is said."""
    package = tmp_path / "optimizer"
    (package / "cli").mkdir(parents=True)
    monkeypatch.setattr(command, "__file__", str(package / "cli" / "manual.py"))
    missing = CliRunner().invoke(forcegen, ["manual", "--path"])
    assert missing.exit_code == 2
    assert "make docs" in missing.output
    (package / "manual").mkdir()
    (package / "manual" / "index.html").write_text("<p>the manual</p>")
    found = CliRunner().invoke(forcegen, ["manual", "--path"])
    assert (found.exit_code, found.output.strip()) == (0, str(package / "manual" / "index.html"))


def test_bash_completes_commands(tmp_path):
    """The script makes bash complete the name of a command."""
    runner = tmp_path / "forcegen"
    runner.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m optimizer "$@"\n')
    runner.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(command.__file__).parents[2]),
    }
    script = subprocess.run(
        [runner, "completion", "bash"], capture_output=True, text=True, check=True, env=environment
    ).stdout
    words = "COMP_WORDS=(forcegen conc) COMP_CWORD=1; _forcegen_completion forcegen; echo ${COMPREPLY[@]}"
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{words}"], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert done.stdout.split() == ["concessions"]
