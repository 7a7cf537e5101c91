"""`forcegen solve`."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.codes import DONE, code_of
from optimizer.cli.failures import Refused
from optimizer.cli.jobs import jobs_option

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.instance.instance import Aim, Instance
    from optimizer.plan.plan import Plan


PATIENCE = 5.0
"""Seconds after a Ctrl-C in which a further one counts as the same."""


class SolverPlanRejectedError(RuntimeError):
    """The independent check rejects what the solver found: a defect in the program, never in the instance."""


class AimChoice(click.ParamType):  # type: ignore[type-arg]
    """NAME or NAME:PRIORITY."""

    name = "aim"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int | None]:
        """Name and priority, checked."""
        from optimizer.instance.attributes import AIMS
        from optimizer.instance.cells import did_you_mean
        from optimizer.reporting.text import visible

        if isinstance(value, tuple):
            return value
        name, colon, priority = str(value).partition(":")
        if name not in AIMS:
            self.fail(
                f"there is no aim {visible(name)!r}.{did_you_mean(name, AIMS)} Aims: {', '.join(AIMS)}.", param, ctx
            )
        if colon and not (priority.isascii() and priority.isdigit() and 1 <= int(priority) <= 1000):
            self.fail(f"the priority {visible(priority)!r} is not a whole number from 1 on.", param, ctx)
        return name, int(priority) if colon else None


@click.command(short_help="Find one plan, check it, and write it to a folder.")
@click.argument("instance", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--out",
    "out",
    type=click.Path(),
    metavar="DIR",
    help="Folder for the plan; without it, runs/INSTANCE-SCENARIO here.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="SEC",
    help="Seconds of wall time for the search; without it, the instance's.",
)
@click.option(
    "--gap",
    type=click.FloatRange(0, 1),
    metavar="REL",
    help="Relative gap at which an aim counts as solved (0.02 = two percent); without it, the instance's.",
)
@click.option(
    "--aim",
    "aims",
    type=AimChoice(),
    multiple=True,
    metavar="NAME[:PRIORITY]",
    help="Aims instead of the instance's, in order; may be repeated.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="TABLE.KEY.COLUMN=VALUE",
    help="Set one cell of the input for this run, also where the scenario changes it; may be repeated.",
)
@click.option(
    "--baseline", type=click.Path(), metavar="DIR", help="Folder of a plan with which the aim `changes` compares."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed of the solver."
)
@jobs_option(1, "Threads of the solver")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def solve(
    instance: str,
    scenario: str | None,
    out: str | None,
    time_limit: float | None,
    gap: float | None,
    aims: tuple[tuple[str, int | None], ...],
    settings: tuple[str, ...],
    baseline: str | None,
    seed: int,
    jobs: int,
    as_json: bool,
) -> int:
    """Find one plan for INSTANCE, check it independently, and write it to a folder.

    Ctrl-C ends the search; the best plan found until then is written. Exit codes: 0 proven within the gap asked for;
    4 infeasible; 5 stopped by a limit with a plan; 6 stopped without one; 130 interrupted.
    """
    from optimizer.cli.progress import following
    from optimizer.corridor import solve as find_plan
    from optimizer.instance.files import read_instance
    from optimizer.instance.scenario import scenario_tables
    from optimizer.instance.settings import overruled, with_settings
    from optimizer.plan.store import save_plan
    from optimizer.plan.verify import RejectedPlan

    given = read_instance(instance)
    question = with_settings(given, settings)
    scenario_tables(question, scenario)
    against = overruled(given, settings, scenario)
    wanted = chosen_aims(question, aims)
    before = read_baseline(baseline, question)
    if before is None and any(aim.name == "changes" for aim in wanted or question.header.aims):
        raise Refused("The aim `changes` compares with a plan: name its folder with --baseline DIR.")
    folder = Path(out) if out is not None else default_folder(question, scenario)
    prepare(folder)
    with ending_is_interrupting():
        with following() as report:
            try:
                plan = find_plan(
                    question,
                    scenario,
                    aims=wanted,
                    time_limit=time_limit,
                    gap=gap,
                    seed=seed,
                    threads=jobs,
                    baseline=before,
                    report=report,
                )
            except RejectedPlan as error:
                raise SolverPlanRejectedError(str(error)) from error
        plan = replace(plan, events=(*against, *plan.events))
        kept = plan.has_plan or plan.termination != "interrupted"
        if kept:
            save_plan(plan, folder)
    return tell_result(plan, folder if kept else None, as_json)


def chosen_aims(instance: Instance, aims: Sequence[tuple[str, int | None]]) -> tuple[Aim, ...] | None:
    """The aims asked for on the command line, with what the instance says about them; None where none are.

    Raises:
        InvalidSetting: the instance cannot have these aims.
    """
    from optimizer.instance.instance import Aim
    from optimizer.instance.reading import examine, raw_from_instance
    from optimizer.instance.settings import InvalidSetting

    if not aims:
        return None
    stated: dict[str, Aim] = {}
    for aim in instance.header.aims:
        stated.setdefault(aim.name, aim)
    chosen = []
    for place, (name, priority) in enumerate(aims, 1):
        chosen.append(replace(stated.get(name, Aim(name)), priority=place if priority is None else priority))
    ordered = tuple(sorted(chosen, key=lambda aim: aim.priority))
    _, findings = examine(raw_from_instance(replace(instance, header=replace(instance.header, aims=ordered))))
    wrong = [
        replace(finding, place=f"--aim {ordered[int(finding.column.split('.')[1]) - 1].name}", row=None, column=None)
        for finding in findings
        if finding.severity == "error" and finding.column is not None and finding.column.startswith("aims.")
    ]
    if wrong:
        raise InvalidSetting(wrong)
    return ordered


def read_baseline(directory: str | None, instance: Instance) -> Plan | pd.DataFrame | None:
    """The plan, or the hand-written assignments, in a folder."""
    if directory is None:
        return None
    from optimizer.plan.store import is_saved_plan, load_plan, read_assignments

    if not is_saved_plan(directory):
        return read_assignments(directory, instance)["assignments"]
    plan = load_plan(directory)
    if not plan.has_plan:
        raise Refused(f"{directory} holds no plan to compare with: its search ended without one.", 3)
    return plan


def default_folder(instance: Instance, scenario: str | None) -> Path:
    """runs/INSTANCE-SCENARIO in the current folder, of characters that every system takes."""
    words = f"{instance.header.name or 'instance'}-{scenario or 'default'}"
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in words).strip("._")
    return Path("runs") / (name.encode()[:120].decode(errors="ignore") or "plan")


def prepare(folder: Path) -> None:
    """Make sure, before the long search, that the plan can be written there."""
    import os
    import tempfile

    from optimizer.plan.store import may_write
    from optimizer.reporting.text import visible

    if not may_write(folder):
        raise Refused(
            f"{visible(folder)} is there already and holds something else than a plan; nothing was overwritten. Choose another folder with --out, or remove it."
        )
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", dir=target.parent)).rmdir()
    except OSError as error:
        raise OSError(error.errno, error.strerror or os.strerror(error.errno or 0), str(folder)) from error


@contextmanager
def ending_is_interrupting() -> Iterator[None]:
    """A request to end (as schedulers send it) counts as Ctrl-C: what was found is written.

    An impatient second Ctrl-C does not throw it away; one after `PATIENCE` seconds does.
    """
    asked = -PATIENCE

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal asked
        now = time.monotonic()
        if now - asked >= PATIENCE:
            asked = now
            raise KeyboardInterrupt

    before = {}
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.signal(number, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_result(plan: Plan, folder: Path | None, as_json: bool) -> int:
    """Print the result. Returns the exit code."""
    code = code_of(plan.termination, plan.has_plan)
    if as_json:
        from optimizer.cli.machine import show_json
        from optimizer.reporting.words import termination_in_words

        show_json(
            {
                "ok": code == DONE,
                "exit_code": code,
                "instance": {"name": plan.instance.header.name, "hash": plan.instance.hash},
                "scenario": plan.scenario,
                "termination": plan.termination,
                "has_plan": plan.has_plan,
                "verdict": termination_in_words(plan.termination, plan.has_plan),
                "aims": plan.aims,
                "missions": plan.missions,
                "nations": plan.nations,
                "events": list(plan.events),
                "timings": dict(plan.timings),
                "directory": None if folder is None else str(folder),
            }
        )
        return code
    from optimizer.cli.summary import show_summary

    show_summary(plan, folder)
    return code
