"""`forcegen hedge`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import (
    Report,
    at_work,
    folder_for,
    json_option,
    limit_options,
    live_line,
    resume_option,
    work_options,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from optimizer.studies.hedge.hedge import Hedge


@click.command(short_help="Say what to make ready before it is known which scenario comes true.")
@click.argument("instance", type=click.Path())
@click.option(
    "--measure",
    type=click.Choice(["expected", "worst", "cvar"]),
    default="expected",
    show_default=True,
    help="What is made best of the first aim: its expected value, its worst case, or the mean of its worst cases.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.9,
    show_default=True,
    metavar="P",
    help="Of cvar: the worst cases with a probability of 1 - P together.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 10_000),
    default=0,
    show_default=True,
    metavar="N",
    help="Draw N times which pledges hold, by their probability; 0 = all do.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="Seed of the draws and of the solver.",
)
@limit_options("Seconds of wall time for all solves together; without it, the instance's.")
@click.option(
    "--engine",
    type=click.Choice(["highs", "mpi-sppy"]),
    default="highs",
    show_default=True,
    help="What solves all scenarios together; mpi-sppy is an extra.",
)
@work_options("Processes on this machine for the cases of a large instance, one solver thread each")
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder for tables and plans; without it, runs/INSTANCE-hedge here."
)
@resume_option("the search in DIR", "runs")
@json_option
def hedge(instance: str, out: str | None, pool_folder: str | None, as_json: bool, **options: Any) -> int:
    """Find which units of INSTANCE to make ready, where and when, and who leads, before it is known which scenario comes true.

    When one does, nothing beyond what is ready may be sent, and only who was named leads; all else is decided then. Shown with what the plan is worth in
    each scenario, what knowing the future would be worth, and what is gained over the plan made for the most likely scenario. Every plan is verified
    and written. Exit codes: 0 proven; 5 stopped by the limit; 4 or 6 without a here-and-now plan; 130 interrupted.
    """
    from optimizer.instance.files import read_instance
    from optimizer.studies.hedge.hedge import hedge as find

    question = read_instance(instance)
    folder = folder_for(out, question, "hedge")
    with at_work(folder, [instance], pool_folder, _telling) as running:
        found = find(question, **options, **running)
    code = codes.code_of(found.termination, found.value is not None)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(
            {
                "ok": code == codes.DONE,
                "exit_code": code,
                "directory": str(folder),
                "termination": found.termination,
                "measure": found.measure.kind,
                "level": found.measure.level if found.measure.kind == "cvar" else None,
                "aim": found.aim,
                "value": found.value,
                "bound": found.bound,
                "usual": found.usual,
                "warnings": list(found.warnings),
                **found.tables,
            }
        )
        return code
    _show(found, folder)
    return code


def _telling() -> AbstractContextManager[Report]:
    """A live line on a terminal that says what is being done; elsewhere nothing."""
    from optimizer.reporting.text import visible

    return live_line(lambda words: f"{visible(words)} …", lambda _: None)


def _show(found: Hedge, folder: Path) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.study_hedge import in_words, intervals_of
    from optimizer.reporting.text import as_number, visible
    from optimizer.reporting.words import aim_figure, aim_label

    out, aim = console(), found.aim
    cases = found.cases.to_dict("records")
    if found.value is not None:
        rows: list[tuple[str | float | None, ...]] = [
            (
                str(row["comes_true"]),
                as_number(row["probability"]),
                aim_figure(aim, row["value"]),
                aim_figure(aim, row["own_value"]),
                aim_figure(aim, row["bound"]),
            )
            for row in cases
        ]
        title = f"The here-and-now plan: {aim_label(aim)} when each case comes true"
        columns = ("Comes true", "Probability", "With what is ready", "Made for it alone", "No plan beats")
        show_table(out, plain_table(title, columns, rows, range(1, 5)))
    what, at_least, at_most = (found.information[name].tolist() for name in ("what", "at_least", "at_most"))
    for line in in_words(intervals_of(what, at_least, at_most), aim, found.measure.name, found.usual):
        write_line(out, visible(line))
    for warning in found.warnings:
        write_line(out, visible(warning), "yellow")
    where = visible(folder)
    write_line(out, f"The tables are in {where}; `forcegen report {where}` makes a page and a workbook of them.")
