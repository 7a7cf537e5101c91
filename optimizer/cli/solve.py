"""`forcegen solve`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.codes import DONE, INTERNAL, INTERRUPTED, INVALID, code_of
from optimizer.cli.failures import NotAPlanError, Refused
from optimizer.cli.jobs import jobs_option
from optimizer.cli.keeping import keep, keep_refused, prepare
from optimizer.cli.pooling import opened, pool_option, tell_damage
from optimizer.interrupts import requests
from optimizer.reporting.text import visible

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.corridor import Found
    from optimizer.instance.instance import Aim, Instance
    from optimizer.plan.changes import Changes
    from optimizer.plan.plan import Plan
    from optimizer.studies.pool import Pool


class AimChoice(click.ParamType):  # type: ignore[type-arg]
    """NAME or NAME:PRIORITY."""

    name = "aim"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int | None]:
        """Name and priority, checked."""
        from optimizer.instance.cells import did_you_mean
        from optimizer.instance.header_attributes import AIMS

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


@dataclass(frozen=True)
class SolveRequest:
    """The arguments and options of the command, as click passes them."""

    instance: str
    scenario: str | None
    out: str | None
    time_limit: float | None
    gap: float | None
    aims: tuple[tuple[str, int | None], ...]
    settings: tuple[str, ...]
    switched_off: tuple[str, ...]
    baseline: str | None
    keep: str | None
    keep_nations: tuple[str, ...]
    keep_until: int | None
    pool_folder: str | None
    seed: int
    jobs: int
    force: bool
    as_json: bool


@dataclass(frozen=True)
class SolveQuestion:
    """What is solved: the instance with everything that was changed for this run.

    `kept`: the plan of which a part is kept, from which the search starts. `warnings`: how many the instance has as it was given.
    """

    instance: Instance
    changes: Changes
    aims: tuple[Aim, ...] | None
    baseline: Plan | pd.DataFrame | None
    kept: Plan | pd.DataFrame | None
    events: tuple[str, ...]
    folder: Path
    warnings: int


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
    "--without",
    "switched_off",
    multiple=True,
    metavar="RULE",
    help="Switch a rule off for this run, by its id (`forcegen rules` lists them; * stands for anything); may be repeated.",
)
@click.option(
    "--baseline", type=click.Path(), metavar="DIR", help="Folder of a plan with which the aim `changes` compares."
)
@click.option(
    "--keep",
    type=click.Path(),
    metavar="DIR",
    help="Folder of a plan that is settled: what serves there serves again, exactly so, and the rest is planned around it.",
)
@click.option(
    "--keep-nation",
    "keep_nations",
    multiple=True,
    metavar="N",
    help="Keep the part of this nation only; may be repeated.",
)
@click.option(
    "--keep-until",
    type=click.IntRange(1),
    metavar="T",
    help="Keep the periods up to T only; tours that began until then run on.",
)
@pool_option
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed of the solver."
)
@jobs_option(1, "Threads of the solver")
@click.option("--force", is_flag=True, help="Replace the plan in DIR, and remove the reports made of it.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def solve(**options: Any) -> int:
    """Find one plan for INSTANCE, check it independently, and write it to a folder.

    Ctrl-C (or SIGTERM, SIGHUP) ends the search; the best plan found until then is written. Exit codes: 0 proven within the gap asked for;
    4 infeasible; 5 stopped by a limit with a plan; 6 stopped without one; 130 interrupted.
    """
    from optimizer.plan.verify import RejectedPlan

    request = SolveRequest(**options)
    question = read_question(request)
    target = prepare(question.folder, Path(request.instance), force=request.force)
    found: list[Found] = []
    try:
        plan = search(request, question, found)
        if not plan.has_plan and plan.termination == "interrupted":
            return show_result(plan, None, question.warnings, as_json=request.as_json)
        kept, trouble = keep(plan, target, force=request.force)
    except OSError:
        raise
    except Exception as error:
        if not found and not isinstance(error, RejectedPlan):
            raise
        where = keep_refused(found[-1], error, target, sys.argv[1:]) if found else ""
        raise NotAPlanError(f"{type(error).__name__}: {error}", where) from error
    folder = kept if trouble else question.folder
    return show_result(plan, folder, question.warnings, as_json=request.as_json, trouble=trouble)


def read_question(request: SolveRequest) -> SolveQuestion:
    """The instance, read and changed as asked.

    Raises:
        InvalidInstance: the instance, a setting, a rule or an aim is wrong.
        Refused: the aim `changes` has no plan to compare with, or there is nothing to keep.
    """
    from optimizer.instance.files import read_raw
    from optimizer.instance.findings import InvalidInstance
    from optimizer.instance.read.examine import examine
    from optimizer.instance.scenario import scenario_tables
    from optimizer.instance.settings import overruled, with_settings

    given, findings = examine(read_raw(request.instance))
    if given is None:
        raise InvalidInstance(findings)
    question = with_settings(given, request.settings)
    scenario_tables(question, request.scenario)
    question, changes = with_rules_off(question, request.settings, request.switched_off, request.scenario)
    events = tuple(overruled(given, request.settings, request.scenario))
    aims = chosen_aims(question, request.aims)
    kept = read_baseline(request.keep, question)
    if request.keep is not None and kept is not None:
        from optimizer.cli.settled import Part, with_kept

        part = Part(request.keep, request.keep_nations, request.keep_until)
        question, changes = with_kept(question, changes, kept, part)
    elif request.keep_nations or request.keep_until is not None:
        raise click.UsageError(
            "--keep-nation and --keep-until say what to keep of a plan: name its folder with --keep DIR."
        )
    baseline = read_baseline(request.baseline, question)
    if baseline is None and request.baseline is None:
        baseline = kept if any(aim.name == "changes" for aim in aims or question.header.aims) else None
    if baseline is None and any(aim.name == "changes" for aim in aims or question.header.aims):
        raise Refused("The aim `changes` compares with a plan: name its folder with --baseline DIR.")
    folder = Path(request.out) if request.out is not None else default_folder(question, request.scenario)
    return SolveQuestion(question, changes, aims, baseline, kept, events, folder, len(findings))


def search(request: SolveRequest, question: SolveQuestion, found: list[Found]) -> Plan:
    """The plan, with what was changed for this run. `found` takes what the search ends with before it is verified."""
    from optimizer.cli.progress import following

    pool = opened(request.pool_folder, [request.instance])
    with following() as report:
        plan = _door(pool)(
            question.instance,
            request.scenario,
            aims=question.aims,
            time_limit=request.time_limit,
            gap=request.gap,
            seed=request.seed,
            threads=request.jobs,
            baseline=question.baseline,
            start=question.kept,
            report=report,
            found=found.append,
        )
    tell_damage(pool)
    events = list(question.events)
    if plan.termination == "infeasible" and question.kept is not None:
        from optimizer.cli.settled import broken_by

        events += broken_by(question.kept, question.instance, request.scenario)
    return replace(plan, events=(*events, *plan.events), changes=question.changes)


def _door(pool: Pool | None) -> Callable[..., Plan]:
    """What finds the plan: with the pool where there is one."""
    if pool is None:
        from optimizer.corridor import solve as find_plan

        return find_plan
    from optimizer.studies.pooling import solve_with

    return partial(solve_with, pool)


def with_rules_off(
    question: Instance, settings: Sequence[str], patterns: Sequence[str], scenario: str | None
) -> tuple[Instance, Changes]:
    """The instance without the rules that are switched off, and all that was changed for this run, in words."""
    from optimizer.plan.changes import Changes

    words = [f"set: {text}" for text in settings]
    if patterns:
        from optimizer.rulebook import without

        question, off = without(question, patterns, scenario)
        words += [f"switched off: {rule.id} ({rule.sentence})" for rule in off]
    return question, Changes(tuple(words))


def chosen_aims(instance: Instance, aims: Sequence[tuple[str, int | None]]) -> tuple[Aim, ...] | None:
    """The aims asked for on the command line, with what the instance says about them; None where none are.

    Raises:
        InvalidSetting: the instance cannot have these aims.
    """
    from optimizer.instance.instance import Aim
    from optimizer.instance.read.examine import examine, raw_from_instance
    from optimizer.instance.settings import InvalidSetting

    if not aims:
        return None
    stated: dict[str, Aim] = {}
    for aim in instance.header.aims:
        stated.setdefault(aim.name, aim)
    chosen = []
    for rank, (name, priority) in enumerate(aims, 1):
        chosen.append(replace(stated.get(name, Aim(name)), priority=rank if priority is None else priority))
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
    from optimizer.plan.hand import read_assignments
    from optimizer.plan.store import is_saved_plan, load_plan

    if not is_saved_plan(directory):
        return read_assignments(directory, instance)["assignments"]
    plan = load_plan(directory)
    if not plan.has_plan:
        raise Refused(f"{visible(directory)} holds no plan: its search ended without one.", INVALID)
    return plan


def default_folder(instance: Instance, scenario: str | None) -> Path:
    """runs/INSTANCE-SCENARIO in the current folder, of characters that every system takes."""
    words = f"{instance.header.name or 'instance'}-{scenario or 'default'}"
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in words).strip("._")
    return Path("runs") / (name.encode()[:120].decode(errors="ignore") or "plan")


def show_result(plan: Plan, folder: Path | None, warnings: int, *, as_json: bool, trouble: str = "") -> int:
    """Print the result, and what kept it from its folder. Returns the exit code."""
    code = INTERRUPTED if requests() else code_of(plan.termination, plan.has_plan)
    if trouble:
        code = INTERRUPTED if code == INTERRUPTED else INTERNAL
        click.echo(trouble, err=True)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(_for_machines(plan, folder, warnings, code, trouble))
        return code
    from optimizer.cli.summary import show_summary

    show_summary(plan, folder)
    if plan.termination == "infeasible":
        where = str(folder) if folder is not None else "INSTANCE"
        click.echo(f"`forcegen explain {where}` names the rules in conflict, and the lightest ways out.", err=True)
    if warnings:
        count = f"{warnings} warning{'s' * (warnings != 1)}"
        click.echo(f"{count}: `forcegen check` lists {'them' if warnings != 1 else 'it'}.", err=True)
    return code


def _for_machines(plan: Plan, folder: Path | None, warnings: int, code: int, trouble: str) -> dict[str, Any]:
    from optimizer.reporting.words import verdict_in_words

    return {
        "ok": code == DONE,
        "exit_code": code,
        "instance": {"name": plan.instance.header.name, "hash": plan.instance.hash},
        "scenario": plan.scenario,
        "termination": plan.termination,
        "has_plan": plan.has_plan,
        "verdict": verdict_in_words(plan),
        "warnings": warnings,
        "aims": plan.aims,
        "missions": plan.missions,
        "nations": plan.nations,
        "events": list(plan.events),
        "timings": dict(plan.timings),
        "directory": None if folder is None else str(folder),
        "trouble": trouble or None,
    }
