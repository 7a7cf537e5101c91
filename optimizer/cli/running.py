"""The options that commands of studies share: who works, how long, where finished runs go, and the machine form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

dask_option = click.option(
    "--dask", metavar="ADDRESS", help="Work on the Dask cluster at ADDRESS (tcp://…) instead of this machine."
)
gap_option = click.option(
    "--gap",
    type=click.FloatRange(0, 1),
    metavar="REL",
    help="Relative gap at which an aim counts as solved; without it, the instance's.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
total_option = click.option(
    "--total",
    type=click.FloatRange(0, min_open=True),
    metavar="SEC",
    help="Seconds of wall time for the whole study: at first an equal share for each run, then for those that may change the order.",
)


def time_limit_option(meaning: str) -> Callable[[Command], Command]:
    """The option `--time-limit SEC`; `meaning` is its help text."""
    return click.option("--time-limit", type=click.FloatRange(0, min_open=True), metavar="SEC", help=meaning)


def resume_option(what: str, finished: str) -> Callable[[Command], Command]:
    """The option `--resume`: what goes on, and what is kept of it."""
    return click.option("--resume", is_flag=True, help=f"Go on with {what}; finished {finished} are kept.")
