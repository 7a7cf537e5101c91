"""The wheel holds what the program reads, and works where nothing else of the project is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "optimizer", source / "optimizer", ignore=shutil.ignore_patterns("__pycache__", "manual"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    """Templates, outlines, texts and tables beside the modules are there."""
    source = wheel.parent / "source"
    files = {path.relative_to(source).as_posix() for path in (source / "optimizer").rglob("*") if path.is_file()}
    assert len(files) > 400
    assert files <= set(zipfile.ZipFile(wheel).namelist())


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
