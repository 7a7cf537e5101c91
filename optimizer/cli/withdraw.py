"""`forcegen withdraw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, json_option, resume_option, time_limit_option, work_options

if TYPE_CHECKING:
    from rich.console import Console

    from optimizer.studies.withdraw.ask import Withdrawals

MOST_SHOWN = 30
"""Sets that the screen shows; the machine form and the folder have all."""


@click.command(short_help="Say what is lost when nations leave, and which would be the worst.")
@click.argument("instance", metavar="INSTANCE|DIR", type=click.Path())
@click.option(
    "--scenario", metavar="S", help="Name of a scenario; without it that of the plan, or the conditions' defaults."
)
@click.option(
    "--size", type=click.IntRange(min=1), default=1, show_default=True, metavar="K", help="Every set of 1 to K nations."
)
@click.option(
    "--worst",
    is_flag=True,
    help="Look for the worst K nations only; so it is done, too, where there are more than 600 sets.",
)
@click.option(
    "--start",
    type=click.Path(),
    metavar="DIR",
    help="Folder of the plan of which is asked what is left; without it, one is made.",
)
@time_limit_option("Seconds of wall time for the whole study; without it, each solve has the limit of the instance.")
@work_options()
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder for the tables; every finished run is there at once."
)
@resume_option("the study in DIR of --out", "solves")
@json_option
def withdraw(
    instance: str, start: str | None, out: str | None, pool_folder: str | None, as_json: bool, **options: Any
) -> int:
    """Say what is left when nations leave INSTANCE (or that of the plan in DIR): of the plan as it is, and of the best plan without them.

    A nation that leaves takes its pledges along, and the instruments that it sponsors. Every set of 1 to K nations is listed, the lowest value first: `kept`,
    with nothing planned anew (posts below a threshold, without their lead or too few nations close), then the value of a new plan and what no plan beats.
    Exit codes: 0 all is proven; 4 there is no plan with all nations either; 5 or 6 a limit left something open.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.cli.failures import Refused
    from optimizer.plan.store import load_plan
    from optimizer.studies.withdraw.ask import withdraw as ask
    from optimizer.studies.withdraw.known import NothingToWithdraw

    asked = asked_of(instance, options.pop("scenario"), None)
    plan = asked.plan if start is None else load_plan(start)
    if out is None and options["resume"]:
        raise Refused("--resume goes on with the study in a folder: name it with --out DIR.")
    folder = None if out is None else Path(out)
    try:
        with at_work(folder, [instance], pool_folder) as running:
            found = ask(asked.instance, asked.scenario, start=plan, **options, **running)
    except NothingToWithdraw as error:
        code = codes.code_of(error.termination, has_plan=False) if error.termination else codes.INVALID
        raise Refused(str(error), code) from error
    if as_json:
        from optimizer.cli.machine import show_json

        show_json([row.record for row in found.rows])
    else:
        _show(found, folder)
    return _code(found)


def _code(found: Withdrawals) -> int:
    endings = {row.termination for row in found.rows}
    if "none_found" in endings:
        return codes.STOPPED_WITHOUT_PLAN
    open_ = not found.complete if found.searched else "feasible" in endings
    return codes.STOPPED_WITH_PLAN if open_ or (found.searched and not found.is_exact) else codes.DONE


def _show(found: Withdrawals, folder: Path | None) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import visible
    from optimizer.reporting.words import aim_figure, aim_label

    out, aim = console(), found.aim
    rows = []
    for row in found.rows[:MOST_SHOWN]:
        anew = "no plan" if row.termination == "infeasible" else aim_figure(aim, row.value)
        rows.append((" and ".join(row.out), aim_figure(aim, row.kept), anew, aim_figure(aim, row.bound)))
    title = f"{aim_label(aim)}, when these leave"
    show_table(out, plain_table(title, ("Nations", "Kept", "Planned anew", "No plan beats"), rows, (1, 2, 3)))
    more = len(found.rows) - MOST_SHOWN
    if more > 0:
        write_line(out, f"And {more:,} more sets, in which more is left.")
    for sentence in found.sentences:
        write_line(out, visible(sentence))
    _show_tables(found, out)
    for warning in found.warnings:
        write_line(out, visible(warning), "yellow")
    if folder is not None:
        where = visible(folder)
        write_line(out, f"The tables are in {where}; `forcegen report {where}` makes a page and a workbook of them.")


def _show_tables(found: Withdrawals, out: Console) -> None:
    from optimizer.cli.screen import plain_table, show_table

    rows = [tuple(row) for row in found.indispensable.itertuples(index=False)]
    if rows:
        show_table(out, plain_table("Nations that nobody can stand in for", ("Nation", "What", "Which", "Why"), rows))
