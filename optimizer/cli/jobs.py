"""`--jobs N`: processes or threads, never more than the machine can serve."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
LEAST = 2
"""So many are always granted: the default of the commands that work with several processes."""


def jobs_option(default: int, meaning: str) -> Callable[[Command], Command]:
    """The option `--jobs N`, read and capped. `meaning` is its help text."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        metavar="N",
        callback=_capped,
        help=f"{meaning}; at most as many as the machine has processors.",
    )


def processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _capped(_context: click.Context, _option: click.Parameter, jobs: int) -> int:
    most = max(LEAST, processors())
    if jobs > most:
        click.echo(
            f"This machine has processors for {most} jobs, and more would only disturb each other: --jobs {jobs} becomes {most}.",
            err=True,
        )
    return min(jobs, most)
