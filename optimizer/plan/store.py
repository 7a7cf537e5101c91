"""A plan's folder: written whole or not at all, and read back to the same plan."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.csv_text import csv_text, written
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.plan.changes import changes_from
from optimizer.plan.digest import DIGEST_FILE, changed_files, digest_of
from optimizer.plan.frames import BASELINE_COLUMNS, COLUMNS, NUMBER, TEXT, TRUTH, WHOLE, empty_frames
from optimizer.plan.head import FORMAT, PLAN_FILE, read_head
from optimizer.plan.moves import MOVED_COLUMNS, moved_from_baseline
from optimizer.plan.placing import is_empty, place, recover
from optimizer.plan.plan import Plan, aim_table
from optimizer.plan.tables import InvalidPlan, own_table
from optimizer.plan.violation import Violation

LOG_FILE: Final = "solver.log"
INPUT_FOLDER: Final = "input"
BASELINE_FILE: Final = "baseline.csv"
CHANGES_FILE: Final = "changes.csv"

_OWN: Final = frozenset(
    {
        *(PLAN_FILE, LOG_FILE, DIGEST_FILE, INPUT_FOLDER, BASELINE_FILE, CHANGES_FILE),
        *(f"{name}.csv" for name in COLUMNS),
    }
)
REPORTS: Final = frozenset(
    {
        *(f"{name}.csv" for name in ("reasons", "concessions", "asks", "prices")),
        *(f"{name}.{kind}" for name in ("report", "brief") for kind in ("html", "xlsx", "md", "pdf")),
    }
)
"""What is made of a plan under these names, in its folder, goes when the plan is replaced."""
_RESTORE: Final = "Solve again, or restore the folder."


# writing -----------------------------------------------------------------------------------------------------------


def save_plan(plan: Plan, directory: str | Path, *, replace: bool = True) -> Path:
    """Write a plan's folder, all or nothing. A plan that is there already is replaced once the new one is complete.

    Reports made of the old plan go with it; other files in the folder (notes) are kept.

    Args:
        plan: the plan.
        directory: the folder.
        replace: whether a plan that is there may be replaced.

    Raises:
        FileExistsError: the directory holds something else than a plan, or a plan that is not to be replaced.
        OSError: it could not be written (no space, no permission); what was there before is unchanged.
    """
    target = Path(directory).resolve()
    recover(target)
    if not may_write(target, replace=replace):
        what = "something else than a plan" if not may_write(target) else "a plan already"
        raise FileExistsError(f"{directory} holds {what}; choose another folder, or remove it.")
    try:
        place(target, _contents(plan), _OWN | REPORTS if replace else frozenset())
    except OSError as error:
        reason = f"{error.strerror or error}: the plan was not written"
        raise OSError(error.errno, reason, str(directory)) from error
    return target


def may_write(directory: str | Path, *, replace: bool = True) -> bool:
    """Whether a plan may be written there: nothing is there, an empty folder, or (to be replaced) a plan."""
    path = Path(directory)
    if not path.exists():
        return not path.is_symlink()
    return path.is_dir() and (is_empty(path) or (replace and is_saved_plan(path)))


def changed_since_written(directory: str | Path) -> list[Violation]:
    """What in a plan's folder is not as it was written, by its digest."""
    return changed_files(Path(directory), _OWN, INPUT_FOLDER)


def is_saved_plan(directory: str | Path) -> bool:
    """Whether a folder holds a plan that this module wrote."""
    try:
        head = json.loads(read_text(Path(directory) / PLAN_FILE))
    except (UnreadableFile, ValueError, RecursionError):
        return False
    return isinstance(head, dict) and {"format", "termination", "has_plan"} <= head.keys()


def _contents(plan: Plan) -> dict[str, bytes]:
    """All files of the folder by their path in it."""
    from optimizer.instance.write.folder import folder_contents

    files = {
        PLAN_FILE: json.dumps(_head(plan), ensure_ascii=False, indent=2, allow_nan=False, default=str).encode() + b"\n"
    }
    files[LOG_FILE] = plan.log.encode(errors="replace")
    if plan.has_plan:
        for name, columns in COLUMNS.items():
            files[f"{name}.csv"] = table_text(getattr(plan, name), columns).encode()
        if plan.baseline is not None:
            files[BASELINE_FILE] = table_text(plan.baseline, BASELINE_COLUMNS).encode()
        if (changes := moved_from_baseline(plan)) is not None:
            files[CHANGES_FILE] = table_text(changes, MOVED_COLUMNS).encode()
    for name, content in folder_contents(plan.instance).items():
        files[f"{INPUT_FOLDER}/{name}"] = content
    files[DIGEST_FILE] = digest_of(files)
    return files


def _head(plan: Plan) -> dict[str, Any]:
    aims = [
        {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
        for row in plan.aims.to_dict("records")
    ]
    return {
        "format": FORMAT,
        "instance": {"name": plan.instance.header.name, "hash": plan.instance.hash},
        "scenario": plan.scenario,
        "termination": plan.termination,
        "has_plan": plan.has_plan,
        "aims": aims,
        "timings": dict(plan.timings),
        "versions": dict(plan.versions),
        "options": _plain(plan.options),
        "seed": plan.seed,
        "events": list(plan.events),
        "changes": plan.changes.as_json(),
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it (an endless time limit has no number there)."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table_text(content: pd.DataFrame, columns: Mapping[str, str]) -> str:
    """A table as CSV: blanks empty, numbers so that they read back exactly, text harmless in a spreadsheet."""
    return csv_text(
        columns, [[_cell(value, kind) for value in content[name].tolist()] for name, kind in columns.items()]
    )


_TYPES: Final[dict[str, Callable[[Any], object]]] = {TEXT: str, WHOLE: int, NUMBER: float, TRUTH: bool}


def _cell(value: Any, kind: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if kind == NUMBER and value == 0 and math.copysign(1, value) < 0:
        return "-0.0"
    return written(_TYPES[kind](value))


# reading -----------------------------------------------------------------------------------------------------------


def load_plan(directory: str | Path) -> Plan:
    """Read a plan's folder.

    Raises:
        InvalidPlan: with everything that is wrong with it.
        InvalidInstance: the copy of the input cannot be read.
    """
    from optimizer.instance.files import read_instance

    folder = Path(directory)
    head = read_head(folder)
    instance = read_instance(folder / INPUT_FOLDER)
    findings = list(_misfits(head, instance))
    frames = empty_frames()
    baseline = None
    if not head["has_plan"]:
        for name in sorted({f"{name}.csv" for name in COLUMNS} | {BASELINE_FILE}):
            if (folder / name).exists():
                message = f"the table of a plan is there, but {PLAN_FILE} says that none was found."
                findings.append(Finding("error", "no-plan", name, None, None, message, _RESTORE))
    if head["has_plan"]:
        frames = {name: own_table(folder / f"{name}.csv", columns, findings) for name, columns in COLUMNS.items()}
        if (folder / BASELINE_FILE).exists():
            baseline = own_table(folder / BASELINE_FILE, BASELINE_COLUMNS, findings)
    if findings:
        raise InvalidPlan(findings)
    log = folder / LOG_FILE
    return Plan(
        instance=instance,
        scenario=head["scenario"],
        termination=head["termination"],
        has_plan=head["has_plan"],
        aims=aim_table(head["aims"]),
        **dict[str, Any](frames),
        baseline=baseline,
        timings=head["timings"],
        versions=head["versions"],
        options=head["options"],
        seed=head["seed"],
        events=tuple(head["events"]),
        changes=changes_from(head.get("changes")),
        log=log.read_text(encoding="utf-8", errors="replace") if log.is_file() else "",
    )


def _misfits(head: Mapping[str, Any], instance: Instance) -> Iterator[Finding]:
    """Where the copy of the input is not what `plan.json` names."""
    if instance.hash != head["instance"]["hash"]:
        message = f"it is not the input that {PLAN_FILE} names (the content differs)."
        yield Finding("error", "input-changed", INPUT_FOLDER, None, None, message, _RESTORE)
    if head["instance"]["name"] != instance.header.name:
        message = f"it names {head['instance']['name']!r}, but the input is {instance.header.name!r}."
        yield Finding("error", "input-changed", PLAN_FILE, None, "instance.name", message, _RESTORE)
    scenarios = {row["scenario"] for row in instance.rows("scenarios")}
    if head["scenario"] is not None and head["scenario"] not in scenarios:
        message = f"the input has no scenario {head['scenario']!r}."
        yield Finding("error", "unknown-scenario", PLAN_FILE, None, "scenario", message, _RESTORE)
