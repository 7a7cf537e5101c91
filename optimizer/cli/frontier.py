"""`forcegen frontier`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, folder_for, limit_options, resume_option, work_options

if TYPE_CHECKING:
    from optimizer.studies.frontier.ask import Frontier


@click.command(short_help="Show what one aim gains where another gives way.")
@click.argument("instance", type=click.Path())
@click.option(
    "--aims", default="coverage,cost", show_default=True, metavar="A,B[,C]", help="Two or three aims, the first first."
)
@click.option(
    "--points",
    type=click.IntRange(min=2),
    default=9,
    show_default=True,
    metavar="N",
    help="Points at most: the ends, and levels between them.",
)
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--out",
    type=click.Path(),
    metavar="DIR",
    help="Folder for table and plans; without it, runs/INSTANCE-frontier here.",
)
@limit_options("Seconds of wall time for each solve; without it, the instance's.")
@work_options()
@resume_option("the study in DIR", "solves")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout: the points.")
def frontier(instance: str, aims: str, out: str | None, pool_folder: str | None, as_json: bool, **options: Any) -> int:
    """The exact trade-off between two or three aims of INSTANCE: plans of which none is better in one aim without being worse in another.

    Each point comes with a verified plan, and with a bound per aim: no plan that is as good in the other aims is better. Where there are no more points than
    N, all are found. Every finished solve is on the disk at once; after an interruption, --resume goes on. Exit codes: 0 every point proven; 5 a limit
    left some open; 4 or 6 no plan.
    """
    from optimizer.instance.files import read_instance
    from optimizer.studies.frontier.ask import frontier as ask

    question = read_instance(instance, impossible=True)
    folder = folder_for(out, question, "frontier", options["scenario"])
    names = [name.strip() for name in aims.split(",") if name.strip()]
    with at_work(folder, [instance], pool_folder) as running:
        found = ask(question, names, **options, **running)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record())
    else:
        _show(found, folder)
    return codes.code_of(found.termination, bool(found.points))


def _show(found: Frontier, folder: Path) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import visible
    from optimizer.reporting.words import aim_figure, aim_label

    out = console()
    rows: list[tuple[str | float | None, ...]] = []
    for number, point in enumerate(found.points, 1):
        cells: list[str | float | None] = []
        for aim in found.aims:
            cells += [aim_figure(aim, point.values[aim]), aim_figure(aim, point.bounds[aim])]
        rows.append((str(number), *cells, "proven" if point.proven else "open"))
    if rows:
        titles = ["Point", *(title for aim in found.aims for title in (aim_label(aim), "no plan beats")), ""]
        show_table(out, plain_table("Trade-off", titles, rows, range(1, 2 * len(found.aims) + 1)))
        write_line(out, "A bound holds for plans that are as good as the point in the other aims.")
    write_line(out, found.verdict)
    for line in found.warnings:
        write_line(out, visible(line), "yellow")
    where = visible(folder)
    write_line(out, f"Table and plans are in {where}; `forcegen report {where}` makes a page and a workbook of them.")
