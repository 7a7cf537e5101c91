"""`forcegen compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli import codes
from optimizer.cli.keeping import refuse_over_input
from optimizer.cli.running import json_option

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.studies.compare import Comparison

_MOST = 12
"""Sentences on moves that the screen shows."""


@click.command(short_help="Set plans side by side: who moves, what opens and closes.")
@click.argument("directories", metavar="DIR DIR...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder for the tables; `forcegen report` makes a page of it."
)
@json_option
def compare(directories: tuple[str, ...], out: str | None, as_json: bool) -> int:
    """Hold the plans in the second and all further folders against the plan in the first.

    Every plan is checked when it is read. The plans may be of different instances or scenarios; then it is said in what the cases differ. A
    difference of an aim that may be one of the search alone is called so: within what the search left open.
    """
    from optimizer.studies.compare import compare as set_side_by_side
    from optimizer.studies.compare_folder import refuse_taken

    if len(directories) < 2:
        raise click.UsageError("Give the folders of at least two plans.")
    if out is not None:
        refuse_over_input(Path(out), [Path(path) for path in directories])
        refuse_taken(Path(out))
    first, second, *others = directories
    found = set_side_by_side(first, second, *others, out=out)
    if as_json:
        from optimizer.cli.machine import show_json

        about = {"ok": True, "exit_code": codes.DONE, "plans": list(found.names), "directory": out}
        show_json({**about, **found.tables})
        return codes.DONE
    _show(found, out)
    return codes.DONE


def _show(found: Comparison, out: str | None) -> None:
    from optimizer.cli.screen import console, write_line
    from optimizer.reporting.text import visible

    screen = console()
    for name in found.names[1:]:
        write_line(screen, f"{name} instead of {found.names[0]}", "bold")
        for about, most in (("case", None), ("aim", None), ("post", _MOST), ("move", _MOST)):
            said = found.said_of(name, about)
            for sentence in said[:most]:
                write_line(screen, sentence, "yellow" if about == "case" and len(found.inputs) else "")
            if most is not None and len(said) > most:
                write_line(screen, f"  … and {len(said) - most} more; --out DIR or --json has all.")
    _show_figures(found)
    if out is not None:
        where = visible(out)
        write_line(screen, f"The tables are in {where}; `forcegen report {where}` makes a page and a workbook of them.")


def _show_figures(found: Comparison) -> None:
    """Aims, mission scores, and the cost of the nations that bear something else, with a column per plan."""
    from optimizer.cli.screen import console, plain_table, show_table
    from optimizer.reporting.text import not_quite
    from optimizer.reporting.words import aim_figure, aim_label

    rows: list[tuple[str | float | None, ...]] = []
    for aim, group in found.aims.groupby("aim", sort=False):
        values = (group["before"].iloc[0], *(_of(group, name, "after") for name in found.names[1:]))
        rows.append((aim_label(str(aim)), *(aim_figure(str(aim), value) for value in values)))
    for mission, group in found.missions.groupby("mission", sort=False):
        values = (group["before"].iloc[0], *(_of(group, name, "after") for name in found.names[1:]))
        rows.append((f"score of {mission}", *(not_quite(value, 1.0) for value in values)))
    columns = range(1, len(found.names) + 1)
    screen = console()
    show_table(screen, plain_table("Side by side", ("", *found.names), rows, columns))
    rows = []
    for nation, group in found.nations.groupby("nation", sort=False):
        costs = (group["cost_before"].max(), *(_of(group, name, "cost_after") for name in found.names[1:]))
        if any(cost != costs[0] for cost in costs[1:]):
            rows.append((str(nation), *costs))
    if rows:
        show_table(
            screen, plain_table("Cost of nations, where it differs", ("Nation", *found.names), rows, columns), 12
        )


def _of(group: pd.DataFrame, name: str, column: str) -> float | None:
    rows = group[group["plan"] == name]
    return None if rows.empty else float(rows[column].iloc[0])
