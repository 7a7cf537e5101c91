"""What commands of studies share: their options, and how a study is at work: its folder, its pool, its progress, what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from optimizer.cli import codes
from optimizer.cli.failures import Refused, disk_is_full
from optimizer.cli.jobs import Command, jobs_option
from optimizer.cli.keeping import refuse_over_input
from optimizer.cli.pooling import opened, pool_option, tell_damage

if TYPE_CHECKING:
    from optimizer.instance.instance import Instance
    from optimizer.studies.pool import Pool
    from optimizer.studies.runner import StudyProgress

Report = Callable[[Any], None]
"""Is told what the study is doing: its progress in runs, or words."""
SECONDS_BETWEEN_LINES = 30.0

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


def limit_options(meaning: str) -> Callable[[Command], Command]:
    """The options `--time-limit SEC`, with this help text, and `--gap REL`."""
    gap = click.option(
        "--gap",
        type=click.FloatRange(0, 1),
        metavar="REL",
        help="Relative gap at which an aim counts as solved; without it, the instance's.",
    )
    return lambda command: time_limit_option(meaning)(gap(command))


def work_options(processes: str = "Processes on this machine, one solver thread each") -> Callable[[Command], Command]:
    """The options `--jobs N`, `--dask ADDRESS` and `--pool DIR`. `processes`: the help text of the first."""
    dask = click.option(
        "--dask", metavar="ADDRESS", help="Work on the Dask cluster at ADDRESS (tcp://…) instead of this machine."
    )
    return lambda command: jobs_option(2, processes)(dask(pool_option(command)))


def resume_option(what: str, finished: str) -> Callable[[Command], Command]:
    """The option `--resume`: what goes on, and what is kept of it."""
    return click.option("--resume", is_flag=True, help=f"Go on with {what}; finished {finished} are kept.")


class AtWork(TypedDict):
    """What a study is told by the command that runs it."""

    out: Path | None
    pool: Pool | None
    report: Report


def folder_for(out: str | None, instance: Instance, kind: str, scenario: str | None = None) -> Path:
    """The folder that was asked for; else runs/INSTANCE-KIND, or runs/INSTANCE-KIND-SCENARIO, here."""
    from optimizer.cli.solve import default_folder

    return Path(out) if out is not None else default_folder(instance, f"{kind}-{scenario}" if scenario else kind)


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


@contextmanager
def live_line(in_words: Callable[[Any], str], elsewhere: Report) -> Iterator[Report]:
    """A report that is a live line where stderr is a terminal, and `elsewhere` where it is none."""
    from optimizer.cli.screen import console

    err = console(stderr=True)
    if not err.is_terminal:
        yield elsewhere
        return
    from rich.live import Live
    from rich.text import Text

    with Live(Text("Starting …"), console=err, transient=True, refresh_per_second=4) as live:
        yield lambda told: live.update(Text(in_words(told)))


def counting() -> AbstractContextManager[Report]:
    """A report of runs: a live line where stderr is a terminal, else a line now and then."""
    return live_line(in_words, _Lines().show)


@contextmanager
def at_work(
    folder: Path | None,
    inputs: Sequence[str],
    pool_folder: str | None,
    telling: Callable[[], AbstractContextManager[Report]] = counting,
) -> Iterator[AtWork]:
    """A study at work: its folder is none of the input, its pool is open, and its progress is shown as `telling` shows it.

    Where it is stopped, it is said what it leaves behind; at its end, which entries of the pool were damaged.
    """
    if folder is not None:
        refuse_over_input(folder, [Path(path) for path in inputs])
    pool = opened(pool_folder, inputs)
    with nullcontext() if folder is None else reporting_what_is_kept(folder), telling() as report:
        yield {"out": folder, "pool": pool, "report": report}
    tell_damage(pool)


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
