"""Running commands, in this process and in one of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli.app import forcegen

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "instances" / "tutorial"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run():
    """Run a command in this process: `run("check", path).exit_code`."""

    def running(*args, json_form=False):
        result = CliRunner().invoke(forcegen, [*map(str, args), *(["--json"] if json_form else [])])
        assert "Traceback" not in result.output
        if json_form:
            return result, json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        return result

    return running


@pytest.fixture(scope="session")
def environment():
    """The environment of commands in their own process: this source tree, wherever they run."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}


@pytest.fixture
def start(environment, tmp_path):
    """Start a command in a process of its own."""

    def starting(*args, **given):
        given = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment, **given}
        return subprocess.Popen([sys.executable, "-m", "optimizer", *map(str, args)], text=True, **given)

    return starting


@pytest.fixture(scope="session")
def solved(tmp_path_factory):
    """The folder of a solved plan of the tutorial; not to be changed."""
    folder = tmp_path_factory.mktemp("solved") / "plan"
    result = CliRunner().invoke(forcegen, ["solve", str(TUTORIAL), "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def copy(tmp_path):
    """A copy of the tutorial, to be changed."""
    return Path(shutil.copytree(TUTORIAL, tmp_path / "copy"))
