"""`forcegen doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from optimizer.cli import codes
from optimizer.cli.running import json_option

PACKAGES = (
    "forcegen",
    "altair",
    "click",
    "confusable-homoglyphs",
    "filelock",
    "highspy",
    "jinja2",
    "lxml",
    "numpy",
    "pandas",
    "pydantic",
    "pyomo",
    "rich",
    "scipy",
    "vl-convert-python",
    "xlsxwriter",
)
LEAST_FREE = 200 * 1024 * 1024


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at."""

    what: str
    fine: bool
    found: str


@click.command(short_help="Look at versions, the solver and the disk.")
@json_option
def doctor(as_json: bool) -> int:
    """Look at this machine: versions, the solver on models known to be hard to get right, the disk. Exit code 1 if something is wrong."""
    from optimizer.interrupts import requests

    results = [*_versions(), *_disk(), *_solver()]
    if requests():  # the solver takes Ctrl-C for the end of its own work
        raise KeyboardInterrupt
    code = codes.DONE if all(result.fine for result in results) else codes.INTERNAL
    if as_json:
        from optimizer.cli.machine import show_json

        show_json({"ok": code == codes.DONE, "exit_code": code, "examined": [vars(result) for result in results]})
        return code
    from optimizer.cli.screen import console, plain_table, show_table, write_line

    out = console()
    rows = [("fine" if result.fine else "WRONG", result.what, result.found) for result in results]
    show_table(out, plain_table("Examined", ("State", "What", "Found"), rows))
    write_line(
        out,
        "Everything is in order." if code == codes.DONE else "Something is wrong; see above.",
        "green" if code == codes.DONE else "red",
    )
    return code


def _versions() -> list[Examined]:
    import platform
    import sys
    from importlib import metadata

    right = sys.version_info >= (3, 11)
    found = [Examined("Python", right, f"{platform.python_version()} on {platform.platform()}")]
    for package in PACKAGES:
        try:
            found.append(Examined(package, True, metadata.version(package)))
        except metadata.PackageNotFoundError:
            mine = package == "forcegen"
            found.append(Examined(package, mine, "run from its sources, not installed" if mine else "not installed"))
    return found


def _disk() -> list[Examined]:
    import shutil
    import tempfile

    found = []
    for what, folder in (("Current folder", Path.cwd()), ("Temporary files", Path(tempfile.gettempdir()))):
        try:
            with tempfile.TemporaryFile(dir=folder) as stream:
                stream.write(b"forcegen")
            free = shutil.disk_usage(folder).free
            found.append(Examined(what, free >= LEAST_FREE, f"{folder}: writable, {free / 1e9:,.1f} GB free"))
        except OSError as error:
            found.append(Examined(what, False, f"{folder}: {error.strerror}"))
    return found


def _solver() -> list[Examined]:
    try:
        from optimizer.solving.canaries import run_canaries

        return [
            Examined(f"Solver, {result.name}", result.passed, f"{result.text} ({result.seconds:.1f} s)")
            for result in run_canaries()
        ]
    except Exception as error:  # whatever is wrong with the solver is the finding
        return [Examined("Solver", False, f"{type(error).__name__}: {error}")]
