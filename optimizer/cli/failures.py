"""From an exception to a message, an exit code and, where the fault is ours, a report to send."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from optimizer.cli import codes
from optimizer.reporting.text import joined, shorten, visible


class Refused(click.ClickException):
    """Something that a command will not do; its exit code says of which kind."""

    def __init__(self, message: str, code: int = codes.USAGE) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance


class NotAPlanError(RuntimeError):
    """What the search found did not become a plan: a defect in the program, never in the instance. `where`: in words, where it is kept."""

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(reason)
        self.where = where


@dataclass(frozen=True)
class _Problem:
    code: int
    kind: str
    message: str
    details: Any = None


def report_error(error: BaseException, args: Sequence[str]) -> int:
    """Report what went wrong (on stderr; with `--json` also in machine form on stdout). Returns the exit code."""
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        _silence()
        return codes.INTERNAL
    problem = _problem(error, args)
    try:
        if isinstance(error, click.UsageError):
            error.show()
        elif problem.message:
            click.echo(problem.message, err=True)
        if "--json" in args and not isinstance(error, click.UsageError):
            from optimizer.cli.machine import show_json

            about = {"kind": problem.kind, "message": problem.message, "details": problem.details}
            show_json({"ok": False, "exit_code": problem.code, "error": about})
        sys.stdout.flush()
    except OSError:
        _silence()
    return problem.code


def _silence() -> None:
    """Nobody reads what we write any more: keep Python from complaining about it on the way out."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (OSError, ValueError):
            continue


def _problem(error: BaseException, args: Sequence[str]) -> _Problem:
    if isinstance(error, click.ClickException):
        return _Problem(error.exit_code, "usage" if error.exit_code == codes.USAGE else "input", error.format_message())
    if isinstance(error, (KeyboardInterrupt, click.Abort, EOFError)):
        return _Problem(codes.INTERRUPTED, "interrupted", "Interrupted; nothing half-written is left.")
    name = type(error).__name__
    from optimizer.instance.findings import InvalidInstance

    if isinstance(error, InvalidInstance):
        return _invalid(error)
    if name == "RejectedPlan":
        lines = _lines(error)
        return _Problem(codes.INVALID, "rejected_plan", "\n".join(lines), lines[1:])
    if name in {"UnknownScenario", "UnknownLine", "NothingToCompare"}:
        return _Problem(codes.INVALID, "input", _text(error))
    if name in {"UnknownOption", "UnknownTable", "UnknownTemplate"}:
        return _Problem(codes.USAGE, "usage", _text(error))
    if isinstance(error, MemoryError):
        return _Problem(
            codes.INTERNAL,
            "memory",
            "There is not enough memory for this. Try a smaller instance, or a machine with more memory.",
        )
    if isinstance(error, OSError):
        return _from_system(error)
    return _ours(error, args)


def _text(error: BaseException) -> str:
    return shorten(visible(str(error)), 2000)


def _lines(error: BaseException) -> list[str]:
    return [shorten(visible(line), 1000) for line in str(error).splitlines() if line.strip()]


def _invalid(error: Any) -> _Problem:
    from optimizer.cli.findings import as_records, findings_text

    what = {
        "InvalidPlan": "The plan cannot be read",
        "InvalidSetting": "The settings cannot be used",
        "InvalidStudy": "The study cannot be used",
    }
    head = what.get(type(error).__name__, "The instance cannot be used")
    return _Problem(codes.INVALID, "invalid_input", findings_text(error.findings, head), as_records(error.findings))


def disk_is_full(error: OSError) -> bool:
    """Whether there is no room for what is written (on the disk, or by the user's quota)."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def _from_system(error: OSError) -> _Problem:
    place = visible(error.filename) if error.filename else ""
    if disk_is_full(error):
        message = f"The disk is full{f' ({place})' if place else ''}. Nothing half-written is left; make room and run the command again."
        return _Problem(codes.INTERNAL, "disk_full", message)
    if isinstance(error, FileExistsError):
        message = (
            _text(error) if error.errno is None else f"{place} is there already; choose another name, or remove it."
        )
        return _Problem(codes.USAGE, "exists", message)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        message = f"Not allowed to read or write {place or 'there'}: {error.strerror}. Choose another place, or change its permissions."
        return _Problem(codes.INTERNAL, "permission", message)
    if isinstance(error, FileNotFoundError):
        return _Problem(
            codes.INVALID, "not_found", f"{place or _text(error)}: there is no such file or folder. Check the path."
        )
    return _Problem(
        codes.INTERNAL, "system", f"The system refused{f' {place}' if place else ''}: {error.strerror or _text(error)}."
    )


def _ours(error: BaseException, args: Sequence[str]) -> _Problem:
    what = shorten(visible(f"{type(error).__name__}: {error}"), 300)
    where = (error.where if isinstance(error, NotAPlanError) else "") or _reported(error, args)
    return _Problem(
        codes.INTERNAL,
        "internal",
        f"Something went wrong inside forcegen. That is our fault, not yours.\n{what}\n{where}",
    )


def _reported(error: BaseException, args: Sequence[str]) -> str:
    file = write_crash_report(error, args)
    if file is None:
        return "No report could be written."
    return f"A report is in {visible(file)}; please send it to the project, with what you did."


def crash_text(error: BaseException, args: Sequence[str]) -> str:
    """What we need to find the fault."""
    import platform
    import traceback
    from importlib import metadata

    versions = []
    for package in ("forcegen", "pyomo", "highspy", "pandas", "numpy", "click"):
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    return "\n".join(
        [
            "forcegen crash report",
            "It holds the command, versions and the place of the fault; look it through before you send it.",
            "",
            f"command: forcegen {visible(' '.join(args))}",
            f"system: {platform.platform()}, Python {platform.python_version()}",
            f"packages: {joined(versions, 20)}",
            "",
            *traceback.format_exception(error),
        ]
    )


def write_crash_report(error: BaseException, args: Sequence[str]) -> Path | None:
    """Write what we need to find the fault into a new file here, or among the temporary files; None where that fails too."""
    import tempfile
    import time

    text = crash_text(error, args)
    for folder in (Path.cwd, lambda: Path(tempfile.gettempdir())):
        try:
            prefix = time.strftime("forcegen-crash-%Y%m%d-%H%M%S-")
            with tempfile.NamedTemporaryFile(
                "w",
                prefix=prefix,
                suffix=".txt",
                dir=folder(),
                delete=False,
                encoding="utf-8",
                errors="backslashreplace",
            ) as stream:
                stream.write(text)
                return Path(stream.name)
        except OSError:
            continue
    return None
