"""The wheel holds what the program reads, and works where nothing else of the project is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", "optimizer", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT,
        capture_output=True,
    )
    if tracked.returncode:
        pytest.skip("no copy of the repository here")
    source = folder / "source"
    for name in filter(None, tracked.stdout.decode().split("\0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    """Templates, outlines, texts and tables beside the modules are there."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "optimizer"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    assert set(filter(None, tracked.split("\0"))) <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.slow
def test_the_wheel_plans_and_reports(wheel, tmp_path):
    """In an environment of its own the installed program makes an instance, a plan, and a page of it."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    binary = tmp_path / "env" / "bin"
    subprocess.run([binary / "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for arguments in (["doctor"], ["new", "mine"], ["solve", "mine", "--out", "plan"], ["report", "plan"]):
        subprocess.run(
            [binary / "forcegen", *arguments], cwd=tmp_path, check=True, capture_output=True, env=environment
        )
    assert (tmp_path / "plan" / "report.html").stat().st_size > 20_000
