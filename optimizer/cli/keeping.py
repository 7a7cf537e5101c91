"""Where a plan goes: into its folder, else beside it, else among the temporary files; one that is refused goes apart."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.failures import Refused, crash_text, disk_is_full, write_crash_report
from optimizer.reporting.text import visible

if TYPE_CHECKING:
    from optimizer.corridor import Found
    from optimizer.plan.plan import Plan


def prepare(folder: Path, instance: Path, *, force: bool) -> Path:
    """The folder's full path, once it is sure, before the long search, that the plan can be written there.

    Raises:
        Refused: it holds a plan that is not to be replaced, or something else, or it is the instance's own.
        OSError: nothing can be written there.
    """
    from optimizer.plan.placing import recover
    from optimizer.plan.store import is_saved_plan, may_write

    refuse_over_input(folder, (instance,))
    try:
        target = folder.resolve()
        recover(target)
        if not may_write(folder, replace=force):
            if is_saved_plan(folder):
                raise Refused(
                    f"{visible(folder)} holds a plan already; --force replaces it, with the reports made of it. Or choose another folder with --out."
                )
            raise Refused(
                f"{visible(folder)} is there already and holds something else than a plan; nothing was overwritten."
                " Choose another folder with --out, or remove it."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        place = target if target.is_dir() else target.parent
        Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", dir=place)).rmdir()
    except OSError as error:
        raise OSError(error.errno, error.strerror or os.strerror(error.errno or 0), str(folder)) from error
    return target


def refuse_over_input(folder: Path, instances: Sequence[Path]) -> None:
    """Results must not come to lie over what they are made from.

    Within an instance's folder they may only where it is the current one (as `runs/` is then).

    Raises:
        Refused: the folder is an instance's own, or lies above or within it.
    """
    target, here = Path(os.path.realpath(folder)), Path(os.path.realpath(os.curdir))
    for instance in instances:
        own = Path(os.path.realpath(instance))
        own = own.parent if own.name == "instance.toml" else own
        within = own.is_dir() and own in target.parents and own != here and own not in here.parents
        if target == own or target in own.parents or within:
            relation = "is" if target == own else "lies within" if within else "lies above"
            raise Refused(
                f"{visible(folder)} {relation} the input {visible(instance)}; nothing was overwritten. Choose another folder with --out."
            )


def keep(plan: Plan, folder: Path, *, force: bool) -> tuple[Path, str]:
    """Write a plan where it should be, or else elsewhere. Returns where it is, and what was in the way ('' where nothing was).

    Raises:
        OSError: it can be written nowhere; then it is on stderr.
    """
    from optimizer.plan.frames import COLUMNS
    from optimizer.plan.store import save_plan, table_text

    try:
        return save_plan(plan, folder, replace=force), ""
    except OSError as error:
        first, reason = error, f"The plan could not be written to {visible(folder)}: {_reason(error)}."
    for other in _elsewhere(folder):
        try:
            return save_plan(plan, other, replace=False), f"{reason} It is in {visible(other)}."
        except OSError:
            continue
    if plan.has_plan:
        # Better on the screen than lost: `verify` needs no more than this.
        click.echo(table_text(plan.assignments, COLUMNS["assignments"]), err=True)
    raise first


def keep_refused(found: Found, error: BaseException, folder: Path, args: Sequence[str]) -> str:
    """Keep a solution that did not become a plan, with what is wrong with it and the report to send. Returns a sentence on where."""
    from optimizer.plan.refused import refused_contents, save_apart

    contents = refused_contents(found.tables, getattr(error, "violations", ()), found.instance, found.scenario)
    contents |= {
        "solver.log": found.log.encode(errors="replace"),
        "report.txt": crash_text(error, args).encode(errors="backslashreplace"),
    }
    for place in (folder.parent / f"{folder.name}-refused", *_elsewhere(folder, "refused-")):
        try:
            save_apart(place, contents)
        except OSError:
            continue
        return f"What was found is kept in {visible(place)}, with report.txt; please send that to the project, with what you did."
    click.echo(contents["assignments.csv"].decode(), err=True)
    file = write_crash_report(error, args)
    return f"What was found stands above. A report is in {visible(file)}." if file else "What was found stands above."


def _elsewhere(folder: Path, kind: str = "") -> Iterator[Path]:
    """New folders for what cannot be written to a folder: beside it, then among the temporary files."""
    name = f"{folder.name[:60]}-{kind}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    yield folder.parent / name
    try:
        # Only for the eyes of the one who started this.
        place = Path(tempfile.mkdtemp(prefix="forcegen-"))
    except OSError:
        return
    yield place / name
    with contextlib.suppress(OSError):
        place.rmdir()


def _reason(error: OSError) -> str:
    if disk_is_full(error):
        return "the disk is full"
    text = error.strerror or str(error)
    return visible(text.removesuffix(": the plan was not written"))
