"""The commands that the README and the manual show exist and do what is said."""

import re
import subprocess
import sys
from pathlib import Path

import click

from optimizer.cli.app import forcegen

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def lines(page: Path) -> list[list[str]]:
    """The words of every shown `forcegen` command, without its remark."""
    import shlex

    shown = "\n".join(BLOCK.findall(page.read_text(encoding="utf-8"))).splitlines()
    return [shlex.split(line, comments=True)[1:] for line in shown if line.startswith("forcegen ")]


def test_every_command_shown_is_understood() -> None:
    """Commands and options on the pages are those that the program has."""
    found = 0
    for page in PAGES:
        for name, *words in lines(page):
            command = forcegen.commands[name]
            with click.Context(command, info_name=name) as context:
                command.make_parser(context).parse_args(list(words)) if hasattr(command, "make_parser") else None
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, (page.name, name)
            found += 1
    assert found > 10


def test_ten_minutes_of_a_new_user(tmp_path: Path) -> None:
    """The first console block of the README with `forcegen new` leads to a plan and its report."""
    block = next(
        block for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")) if "forcegen new" in block
    )
    for line in block.splitlines():
        words = line.split("#")[0].split()
        done = subprocess.run(
            [sys.executable, "-m", "optimizer", *words[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine-plan" / "report.html").stat().st_size > 10_000
