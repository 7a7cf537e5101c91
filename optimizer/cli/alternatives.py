"""`forcegen alternatives`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, folder_for, json_option, limit_options, resume_option, work_options

if TYPE_CHECKING:
    from optimizer.studies.alternatives.ask import Alternatives, Common


@click.command(short_help="Find near-best plans in which others serve; what all share.")
@click.argument("instance", type=click.Path())
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Plans at most, the best one among them.",
)
@click.option(
    "--within",
    type=click.FloatRange(min=0),
    default=0.02,
    show_default=True,
    metavar="REL",
    help="Share of the best value of the first aim that a plan may lose.",
)
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--tests",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Pairs of nation and post that all plans share and of which it is asked, by a solve each, whether they are in every plan.",
)
@click.option("--start", type=click.Path(), metavar="DIR", help="Folder of a plan from which the search starts.")
@click.option(
    "--out",
    type=click.Path(),
    metavar="DIR",
    help="Folder for tables and plans; without it, runs/INSTANCE-alternatives here.",
)
@limit_options("Seconds of wall time for each solve; without it, the instance's.")
@work_options()
@resume_option("the study in DIR", "solves")
@json_option
def alternatives(
    instance: str, start: str | None, out: str | None, pool_folder: str | None, as_json: bool, **options: Any
) -> int:
    """Plans for INSTANCE that lose at most REL of the best in the first aim and differ most in who serves where, and what all of them share.

    Each plan differs from the nearest before it at as many pairs of nation and post as possible. A pair that all share is in every plan within REL where it
    is proven that without it more is lost. Every finished solve is on the disk at once; after an interruption, --resume goes on. Exit codes: 0 the best plan
    and all distances proven; 5 a limit left some open; 4 or 6 no plan.
    """
    from optimizer.instance.files import read_instance
    from optimizer.plan.store import load_plan
    from optimizer.studies.alternatives.ask import alternatives as ask

    question = read_instance(instance, impossible=True)
    folder = folder_for(out, question, "alternatives", options["scenario"])
    given = None if start is None else load_plan(start)
    with at_work(folder, [instance], pool_folder) as running:
        found = ask(question, start=given, **options, **running)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record())
    else:
        _show(found, folder)
    return codes.code_of(found.termination, bool(found.plans))


def _show(found: Alternatives, folder: Path) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import visible
    from optimizer.reporting.words import aim_figure, aim_label
    from optimizer.studies.alternatives.ask import STATUS

    out = console()
    rows = [
        (
            str(number),
            aim_figure(found.aim, one.value),
            _count(one.distance),
            _count(one.distance_bound),
            float(len(one.places)),
        )
        for number, one in enumerate(found.plans, 1)
    ]
    if rows:
        titles = ("Plan", aim_label(found.aim), "Pairs that differ", "at most", "Pairs")
        show_table(out, plain_table("Plans, each as far as possible from those before", titles, rows, range(1, 5)))
    shared = [(one.nation, f"{one.mission} in {one.area}", STATUS[one.status], _loss(one)) for one in found.common]
    if shared:
        heads = ("Nation", "Post", "Where", f"Without it, {found.aim.replace('_', ' ')} loses")
        show_table(out, plain_table("What all these plans share", heads, shared))
    write_line(out, found.verdict)
    for line in found.warnings:
        write_line(out, visible(line), "yellow")
    where = visible(folder)
    write_line(out, f"Tables and plans are in {where}; `forcegen report {where}` makes a page and a workbook of them.")


def _count(number: int | None) -> float | None:
    return None if number is None else float(number)


def _loss(one: Common) -> str:
    """What the first aim loses without a pair, in words; blank where nothing is known."""
    from optimizer.reporting.text import figure

    least, most = one.loses_at_least, one.loses_at_most
    if most is not None and math.isinf(most):
        return "no plan does without"
    if least is not None and most is not None and abs(most - least) <= 1e-6 * max(1.0, abs(most)):
        return figure(most)
    parts = [f"at least {figure(least)}"] if least else []
    parts += [f"at most {figure(most)}"] if most is not None else []
    return ", ".join(parts)
