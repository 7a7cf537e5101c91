"""`forcegen sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, json_option, resume_option, total_option, work_options

if TYPE_CHECKING:
    import pandas as pd

HIDDEN = ("solver_gap", "doubtful")
"""Columns of a tornado that the screen leaves to the report: what is certain of an effect says more."""


@click.command(short_help="Solve many variants of an instance; one table of all runs.")
@click.argument("given", metavar="INSTANCE... [STUDY.toml]", nargs=-1, required=True, type=click.Path())
@click.option("--out", type=click.Path(), metavar="DIR", help="Folder for the results; without it, runs/STUDY here.")
@work_options()
@total_option
@resume_option("the study in DIR", "runs")
@json_option
def sweep(given: tuple[str, ...], out: str | None, pool_folder: str | None, as_json: bool, **options: Any) -> int:
    """Solve the variants of INSTANCE that STUDY.toml lists, and write one table of all runs.

    Several instances (or a pattern such as 'variants/*') are compared in one table; then the study may be left out. Every finished run is on the disk at
    once; after an interruption, --resume goes on. Exit code 0 once every run is in the table, whatever became of it: the column `termination` tells.
    """
    from optimizer.studies.sweep import sweep as run

    instances, study = _split(given)
    folder = Path(out) if out is not None else Path("runs") / (Path(study).stem if study else "instances")
    with at_work(folder, instances, pool_folder) as running:
        table = run(list(instances), study, **options, **running)
    return _show_result(table, folder, as_json)


def _split(given: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Instances, and the study (the last, where it is a TOML file that is no instance's header)."""
    last = given[-1]
    for path in given[:-1]:
        if path.lower().endswith(".toml") and not Path(path).is_dir():
            raise click.UsageError(f"Give one study, behind the instances: {path} comes too early.")
    if last.lower().endswith(".toml") and Path(last).name != "instance.toml":
        if len(given) == 1:
            raise click.UsageError("Give the instance before the study.")
        return given[:-1], last
    if len(given) == 1 and not any(mark in last for mark in "*?["):
        raise click.UsageError("Give a study (STUDY.toml), or several instances.")
    return given, None


def _show_result(table: pd.DataFrame, folder: Path, as_json: bool) -> int:
    import json

    from optimizer.studies.folder import HEAD

    head: dict[str, Any] = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    terminations = {str(name): int(count) for name, count in table["termination"].value_counts().items()}
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(
            {
                "ok": True,
                "exit_code": codes.DONE,
                "directory": str(folder),
                "runs": len(table),
                "terminations": terminations,
                "warnings": head["warnings"],
                "table": table,
            }
        )
        return codes.DONE
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import visible

    out = console()
    rows = [(name.replace("_", " "), float(count)) for name, count in terminations.items()]
    show_table(out, plain_table(f"{len(table)} runs", ("How they ended", "Runs"), rows, (1,)))
    for name in ("tornado", "outcomes"):
        if name in head["tables"]:
            _show(folder / f"{name}.csv", str(head["tables"][name]))
            break
    for warning in head["warnings"]:
        write_line(out, visible(warning), "yellow")
    where = visible(folder)
    write_line(out, f"The table is {where}/runs.csv; `forcegen report {where}` makes a page and a workbook of it.")
    return codes.DONE


def _show(file: Path, title: str) -> None:
    from optimizer.cli.screen import console, show_table
    from optimizer.reporting.study_tables import read_table

    show_table(console(), read_table(file, title, HIDDEN), 15, "the report")
    return
