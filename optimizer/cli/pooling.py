"""`--pool DIR`, as the commands take it that look for plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.failures import Refused
from optimizer.cli.keeping import refuse_over_input
from optimizer.reporting.text import visible

if TYPE_CHECKING:
    from optimizer.studies.pool import Pool

pool_option = click.option(
    "--pool",
    "pool_folder",
    type=click.Path(),
    metavar="DIR",
    help="Folder of plans that are known: the search starts from the best that keeps the rules, and what is found is added.",
)


def opened(folder: str | None, instances: Sequence[str]) -> Pool | None:
    """The pool of a folder, once it is sure that it is none of the input.

    Raises:
        Refused: it is a file, or an instance's own folder.
    """
    if folder is None:
        return None
    from optimizer.studies.pool import Pool

    path = Path(folder)
    refuse_over_input(path, [Path(instance) for instance in instances])
    if path.exists() and not path.is_dir():
        raise Refused(f"{visible(folder)} is no folder: name one for the pool of plans with --pool DIR.")
    return Pool(path)


def tell_damage(pool: Pool | None) -> None:
    """A line for every entry that is not what it says."""
    for sentence in () if pool is None else pool.damaged:
        click.echo(visible(sentence), err=True)
