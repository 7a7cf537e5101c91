"""`forcegen sweep`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.failures import Refused, disk_is_full
from optimizer.cli.jobs import jobs_option
from optimizer.cli.keeping import refuse_over_input
from optimizer.cli.pooling import opened, pool_option, tell_damage
from optimizer.cli.running import dask_option, json_option, resume_option, total_option

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.studies.runner import StudyProgress

SECONDS_BETWEEN_LINES = 30.0
HIDDEN = ("solver_gap", "doubtful")
"""Columns of a tornado that the screen leaves to the report: what is certain of an effect says more."""


@click.command(short_help="Solve many variants of an instance; one table of all runs.")
@click.argument("given", metavar="INSTANCE... [STUDY.toml]", nargs=-1, required=True, type=click.Path())
@click.option("--out", type=click.Path(), metavar="DIR", help="Folder for the results; without it, runs/STUDY here.")
@jobs_option(2, "Processes on this machine, one solver thread each")
@dask_option
@pool_option
@total_option
@resume_option("the study in DIR", "runs")
@json_option
def sweep(
    given: tuple[str, ...],
    out: str | None,
    jobs: int,
    dask: str | None,
    pool_folder: str | None,
    total: float | None,
    resume: bool,
    as_json: bool,
) -> int:
    """Solve the variants of INSTANCE that STUDY.toml lists, and write one table of all runs.

    Several instances (or a pattern such as 'variants/*') are compared in one table; then the study may be left out. Every finished run is on the disk at
    once; after an interruption, --resume goes on. Exit code 0 once every run is in the table, whatever became of it: the column `termination` tells.
    """
    from optimizer.studies.sweep import sweep as run

    instances, study = _split(given)
    folder = Path(out) if out is not None else Path("runs") / (Path(study).stem if study else "instances")
    refuse_over_input(folder, [Path(path) for path in instances])
    pool = opened(pool_folder, instances)
    with reporting_what_is_kept(folder), counting() as report:
        table = run(
            list(instances),
            study,
            jobs=jobs,
            dask=dask,
            out=folder,
            resume=resume,
            report=report,
            pool=pool,
            total=total,
        )
    tell_damage(pool)
    return _show_result(table, folder, as_json)


@contextmanager
def reporting_what_is_kept(folder: Path) -> Iterator[None]:
    """Where a study is stopped, report what it has left behind and how to resume it."""
    from optimizer.reporting.text import visible
    from optimizer.studies.folder import HEAD
    from optimizer.studies.runner import NoClusterError

    def kept() -> str:
        if not (folder / HEAD).exists():
            return "No run was finished; nothing is left behind."
        return f"The finished runs are in {visible(folder)}; the same command with --resume goes on."

    try:
        yield
    except NoClusterError as error:
        raise Refused(f"{visible(error.strerror)}. {kept()}") from None
    except KeyboardInterrupt:
        raise Refused(f"Interrupted. {kept()}", codes.INTERRUPTED) from None
    except OSError as error:
        if not disk_is_full(error):
            raise
        raise Refused(f"The disk is full; make room. {kept()}", codes.INTERNAL) from None


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


@contextmanager
def counting() -> Iterator[Callable[[StudyProgress], None]]:
    """A report for a study: a live line where stderr is a terminal, else a line now and then."""
    from optimizer.cli.screen import console

    err = console(stderr=True)
    if not err.is_terminal:
        yield _Lines().show
        return
    from rich.live import Live
    from rich.text import Text

    with Live(Text("Starting …"), console=err, transient=True, refresh_per_second=4) as live:
        yield lambda progress: live.update(Text(in_words(progress)))


class _Lines:
    """Progress for logs: a line every half minute."""

    def __init__(self) -> None:
        self.shown_at = time.monotonic()

    def show(self, progress: StudyProgress) -> None:
        if time.monotonic() - self.shown_at >= SECONDS_BETWEEN_LINES:
            self.shown_at = time.monotonic()
            click.echo(in_words(progress), err=True)


def in_words(progress: StudyProgress) -> str:
    """`12 of 40 runs, 3.1 per minute, about 9 min left`."""
    words = [f"{progress.done} of {progress.total} runs"]
    if progress.failed:
        words.append(f"{progress.failed} without a plan")
    if progress.rate is not None:
        rate = progress.rate
        words.append(f"{rate:.1f} per second" if rate >= 1 else f"{60 * rate:.1f} per minute")
    if progress.left is not None:
        left = progress.left
        words.append(f"about {left:.0f} s left" if left < 120 else f"about {left / 60:.0f} min left")
    return ", ".join(words)


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
