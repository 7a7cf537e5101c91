"""`python -m benchmarks COMMAND`: measure the registry; rows are kept, and what is in the table is not measured again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks import campaign, families, rows, tables
from benchmarks.registry import chosen, entries, plain, series, tiny

HERE = Path(__file__).parent

_names = click.argument("names", nargs=-1)
_rows = click.option("--rows", "table", default=HERE / "results.csv", type=Path, help="The table of results.")
_kept = click.option("--kept", default=Path("runs/benchmarks"), type=Path, help="Where instances and models are kept.")
_list = click.option(
    "--list", "only_list", is_flag=True, help="Say what is left to do and how long it may take; do nothing."
)
_repeat = click.option("--repeat", default=5, help="Processes per figure.")
_seconds = click.option("--seconds", default=60.0, help="Limit of each search.")
_method = click.option(
    "--method", "methods", multiple=True, type=click.Choice(campaign.METHODS), help="Only these (again for more)."
)


def _common(command: Callable[..., None]) -> Any:
    for option in (_list, _kept, _rows, _names):
        command = option(command)
    return command


@click.group()
def main() -> None:
    """Measure. NAMES are beginnings of names in the registry (S, M-1, paris, …); without one all are measured."""


@main.command("all")
@_common
@_repeat
@_seconds
@_method
def everything(
    names: tuple[str, ...],
    table: Path,
    kept: Path,
    only_list: bool,
    repeat: int,
    seconds: float,
    methods: tuple[str, ...],
) -> None:
    """Everything: phases, series, families, searches; then the page."""
    shop = campaign.Workshop(table, kept)
    jobs = [
        *campaign.phase_jobs(chosen(entries(), names), repeat),
        *([] if names else campaign.phase_jobs(series(), repeat)),
        *([] if names else campaign.family_jobs(plain(("S", "M")), repeat, families.BUILDS)),
        *([] if names else campaign.family_jobs(plain(("L",)), repeat, ("forcegen", "numpy"))),
        *campaign.anytime_jobs(chosen(entries(), names), methods or campaign.METHODS, seconds),
    ]
    shop.run(jobs, only_list=only_list)
    if not only_list:
        tables.write(rows.read(table), HERE)


@main.command()
@_common
@_repeat
def phases(names: tuple[str, ...], table: Path, kept: Path, only_list: bool, repeat: int) -> None:
    """Read, check, build, hand over, memory; against the floor of bare numpy."""
    campaign.Workshop(table, kept).run(campaign.phase_jobs(_known(names), repeat), only_list=only_list)


@main.command()
@_common
@_repeat
def build(names: tuple[str, ...], table: Path, kept: Path, only_list: bool, repeat: int) -> None:
    """One family set built by forcegen, numpy, linopy and PyOptInterface; NAMES: plain-S, plain-M, plain-L."""
    jobs = campaign.family_jobs(chosen(plain(("S", "M")), names), repeat, families.BUILDS)
    jobs += campaign.family_jobs(chosen(plain(("L",)), names), repeat, ("forcegen", "numpy"))
    campaign.Workshop(table, kept).run(jobs, only_list=only_list)


@main.command()
@_common
@_seconds
@_method
def anytime(
    names: tuple[str, ...], table: Path, kept: Path, only_list: bool, seconds: float, methods: tuple[str, ...]
) -> None:
    """Values and bounds over time, forcegen and its peers on the same models."""
    jobs = campaign.anytime_jobs(_known(names), methods or campaign.METHODS, seconds)
    campaign.Workshop(table, kept).run(jobs, only_list=only_list)


@main.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@_common
@_repeat
@click.option("--seconds", default=0.0, help="Limit of a search besides the phases; 0: none.")
def compare(
    old: Path, new: Path, names: tuple[str, ...], table: Path, kept: Path, only_list: bool, repeat: int, seconds: float
) -> None:
    """Two checkouts in turn in one run: medians of the ratios new / old."""
    shop = campaign.Workshop(table, kept)
    jobs = campaign.compare_jobs(_known(names), old.resolve(), new.resolve(), repeat, seconds)
    shop.run(jobs, only_list=only_list)
    if not only_list:
        wanted = {rows.key_of(shop.head(job)) for job in jobs}
        found = rows.read(table)
        click.echo(tables.comparison(found[[rows.key_of(row) in wanted for row in found.to_dict("records")]]))


@main.command()
@_rows
def table(table: Path) -> None:
    """Write the tables and the charts of the page from the rows."""
    tables.write(rows.read(table), HERE)


def _known(names: tuple[str, ...]) -> list[Any]:
    listed = [*entries(), *([*series(), tiny()] if names else [])]
    found = chosen(listed, names)
    if not found:
        raise click.UsageError(
            f"No entry begins with {' or '.join(names)}; there are {', '.join(e.name for e in listed)}."
        )
    return found


if __name__ == "__main__":
    main()
