"""A plan's folder: written whole or not at all, and read back to the same plan; plans written by hand.

A text cell that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage return) is written with an apostrophe before it,
so that no spreadsheet runs it; reading takes the apostrophe away. Nothing else is altered.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optimizer.instance.attributes import Attribute
from optimizer.instance.cells import CellError, did_you_mean, is_blank, parse_cell
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.plan.frames import BASELINE_COLUMNS, COLUMNS, NUMBER, TEXT, TRUTH, WHOLE, empty_frames, table
from optimizer.plan.placing import is_empty, place, recover
from optimizer.plan.plan import TERMINATIONS, Plan, aim_table

FORMAT: Final = 1
"""Version of the folder's format."""
PLAN_FILE: Final = "plan.json"
LOG_FILE: Final = "solver.log"
INPUT_FOLDER: Final = "input"
BASELINE_FILE: Final = "baseline.csv"
MAXIMUM_FILE_BYTES: Final = 512 * 1024 * 1024

_OWN: Final = frozenset({PLAN_FILE, LOG_FILE, INPUT_FOLDER, BASELINE_FILE, *(f"{name}.csv" for name in COLUMNS)})
REPORTS: Final = frozenset(
    {"reasons.csv", *(f"{name}.{kind}" for name in ("report", "brief") for kind in ("html", "xlsx", "md", "pdf"))}
)
"""What is made of a plan under these names, in its folder, goes when the plan is replaced."""
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_QUOTED: Final = re.compile(r'[,"\r\n]|^\s|\s$')


class InvalidPlan(InvalidInstance):
    """A plan's folder that cannot be read; `findings` says all that is wrong with it."""


def escaped(text: str) -> str:
    """Text as a CSV cell holds it: harmless in a spreadsheet."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Text as it was before `escaped`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


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


def is_saved_plan(directory: str | Path) -> bool:
    """Whether a folder holds a plan that this module wrote."""
    try:
        head = json.loads((Path(directory) / PLAN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(head, dict) and {"format", "termination", "has_plan"} <= head.keys()


def _contents(plan: Plan) -> dict[str, bytes]:
    """All files of the folder by their path in it."""
    from optimizer.instance.folder import folder_contents

    files = {
        PLAN_FILE: json.dumps(_head(plan), ensure_ascii=False, indent=2, allow_nan=False, default=str).encode() + b"\n"
    }
    files[LOG_FILE] = plan.log.encode(errors="replace")
    if plan.has_plan:
        for name, columns in COLUMNS.items():
            files[f"{name}.csv"] = csv_text(getattr(plan, name), columns).encode()
        if plan.baseline is not None:
            files[BASELINE_FILE] = csv_text(plan.baseline, BASELINE_COLUMNS).encode()
    for name, content in folder_contents(plan.instance).items():
        files[f"{INPUT_FOLDER}/{name}"] = content
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
    }


def _plain(value: Any) -> Any:
    """A value as JSON can hold it (an endless time limit has no number there)."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def csv_text(content: pd.DataFrame, columns: Mapping[str, str]) -> str:
    """A table as CSV: blanks empty, numbers so that they read back exactly, text harmless in a spreadsheet."""
    written = [[_cell(value, kind) for value in content[name].tolist()] for name, kind in columns.items()]
    rows = [list(columns), *map(list, zip(*written, strict=True))]
    return "".join(",".join(row) + "\n" for row in rows)


def _cell(value: Any, kind: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if kind == TRUTH:
        return "true" if value else "false"
    if kind == WHOLE:
        return str(int(value))
    if kind == NUMBER:
        whole = float(value).is_integer() and abs(value) < 1e15 and not (value == 0 and math.copysign(1, value) < 0)
        return str(int(value)) if whole else repr(float(value))
    text = escaped(str(value))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


# reading -----------------------------------------------------------------------------------------------------------


def load_plan(directory: str | Path) -> Plan:
    """Read a plan's folder.

    Raises:
        InvalidPlan: with everything that is wrong with it.
        InvalidInstance: the copy of the input cannot be read.
    """
    from optimizer.instance.files import read_instance

    folder = Path(directory)
    head = _read_head(folder)
    instance = read_instance(folder / INPUT_FOLDER)
    findings: list[Finding] = []
    if instance.hash != head["instance"]["hash"]:
        message = f"it is not the input that {PLAN_FILE} names (the content differs)."
        findings.append(
            Finding("error", "input-changed", INPUT_FOLDER, None, None, message, "Solve again, or restore the folder.")
        )
    frames = empty_frames()
    baseline = None
    if head["has_plan"]:
        frames = {name: _own_table(folder / f"{name}.csv", columns, findings) for name, columns in COLUMNS.items()}
        if (folder / BASELINE_FILE).exists():
            baseline = _own_table(folder / BASELINE_FILE, BASELINE_COLUMNS, findings)
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
        timings=head.get("timings") or {},
        versions=head.get("versions") or {},
        options=head.get("options") or {},
        seed=head.get("seed"),
        events=tuple(head.get("events") or ()),
        log=log.read_text(encoding="utf-8", errors="replace") if log.exists() else "",
    )


def _read_head(folder: Path) -> dict[str, Any]:
    """`plan.json`, as far as it is what it should be."""

    def refuse(code: str, message: str, remedy: str) -> InvalidPlan:
        return InvalidPlan([Finding("error", code, PLAN_FILE, None, None, message, remedy)])

    try:
        head = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise refuse("not-a-plan", f"{folder} holds no {PLAN_FILE}.", "Give the folder of a solved plan.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise refuse("unreadable", f"it cannot be read ({error}).", "Solve again, or restore the file.") from error
    wrong = None
    if (
        not isinstance(head, dict)
        or not {"format", "instance", "scenario", "termination", "has_plan", "aims"} <= head.keys()
    ):
        wrong = "it is not the head of a plan."
    elif head["format"] != FORMAT:
        wrong = f"its format is {head['format']!r}; this version reads {FORMAT}."
    elif head["termination"] not in TERMINATIONS or not isinstance(head["has_plan"], bool):
        wrong = "termination or has_plan is not what it can be."
    elif not isinstance(head["instance"], dict) or "hash" not in head["instance"] or not _are_aims(head["aims"]):
        wrong = "instance or aims are not what they should be."
    elif not isinstance(head["scenario"], (str, type(None))):
        wrong = "scenario is neither a name nor null."
    if wrong:
        raise refuse("not-a-plan", wrong, "Solve again, or restore the file.")
    return dict(head)


def _are_aims(aims: object) -> bool:
    def is_number(value: object) -> bool:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))

    return isinstance(aims, list) and all(
        isinstance(aim, dict)
        and isinstance(aim.get("name"), str)
        and isinstance(aim.get("priority", 1), int)
        and all(is_number(aim.get(column)) for column in ("value", "bound", "gap"))
        for aim in aims
    )


def _rows(path: Path, findings: list[Finding]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Heading and numbered rows of a CSV file (blank rows are left out)."""

    def note(code: str, message: str, remedy: str, row: int | None = None) -> None:
        findings.append(Finding("error", code, path.name, row, None, message, remedy))

    try:
        if path.stat().st_size > MAXIMUM_FILE_BYTES:
            note("too-large", f"the file has more than {MAXIMUM_FILE_BYTES // 2**20} MB.", "Write a smaller file.")
            return [], []
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        note("missing-file", "the file is missing.", "Restore it, or solve again.")
        return [], []
    except (OSError, UnicodeDecodeError) as error:
        note("unreadable", f"the file cannot be read ({error}).", "Save it as CSV in UTF-8.")
        return [], []
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 1
    try:
        for row, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                found.append((row, cells))
    except csv.Error as error:
        note("csv-syntax", f"the row cannot be read ({error}).", "Put text with commas in quotation marks.", row + 1)
        return [], []
    if not found:
        note("empty-file", "the file is empty: not even a heading.", "Write the column names in its first row.")
        return [], []
    heading = [unescaped(cell).strip() for cell in found[0][1]]
    for name in sorted({name for name in heading if name and heading.count(name) > 1}):
        note("duplicate-column", f"the column {name!r} is there twice.", "Remove one of them.", 1)
    for number, cells in found[1:]:
        if len(cells) != len(heading):
            note("cells", f"the row has {len(cells)} cells, the heading {len(heading)}.", "Check the commas.", number)
    return heading, [(number, cells) for number, cells in found[1:] if len(cells) == len(heading)]


_TERMS: Final = re.compile(r"[0-9]+(\s*;\s*[0-9]+)*")
_KINDS: Final = {TEXT: "text", WHOLE: "integer", NUMBER: "number", TRUTH: "boolean"}


def _own_table(path: Path, columns: Mapping[str, str], findings: list[Finding]) -> pd.DataFrame:
    """A table that `save_plan` wrote."""
    before = len(findings)
    heading, rows = _rows(path, findings)
    cells: dict[str, list[Any]] = {name: [] for name in columns}
    missing = [name for name in columns if name not in heading]
    if heading and missing:
        message = f"the column {', '.join(map(repr, missing))} is missing."
        findings.append(
            Finding("error", "missing-column", path.name, 1, None, message, "Restore the file, or solve again.")
        )
    if len(findings) > before:
        return pd.DataFrame(cells)
    for name, kind in columns.items():
        place, attribute = heading.index(name), Attribute(name, _KINDS[kind], "")
        for number, row in rows:
            raw = row[place]
            if kind == TEXT:
                cells[name].append(unescaped(raw))
                continue
            try:
                cells[name].append(_number(raw) if kind == NUMBER else parse_cell(attribute, raw))
            except CellError as error:
                findings.append(
                    Finding("error", error.code, path.name, number, name, f"{error.message}.", error.remedy)
                )
    if len(findings) > before:
        return pd.DataFrame(columns=list(columns))
    return table(columns, cells)


def _number(raw: str) -> float | None:
    if not raw.strip():
        return None
    try:
        return float(raw)
    except ValueError:
        raise CellError("number", f"{raw!r} is not a number", "Restore the file, or solve again.") from None


# plans written by hand ---------------------------------------------------------------------------------------------


def read_assignments(directory: str | Path, instance: Instance) -> dict[str, pd.DataFrame]:
    """The tables of a plan written by hand: `assignments`, and where there are such files `participation`, `instruments`, `flows`.

    `assignments.csv` needs pledge, requirement, period, units; `participation.csv` nation, mission, area, leads (and
    lead_terms where terms differ); `instruments.csv` instrument (and used); `flows.csv` origin, destination, mode,
    destination_area, period, tonnes. Further columns are not read.

    Raises:
        InvalidPlan: with every finding.
    """
    folder = Path(directory)
    if not folder.is_dir():
        gone = Finding("error", "not-a-plan", str(directory), None, None, "there is no such folder.", "Check the path.")
        raise InvalidPlan([gone])
    findings: list[Finding] = []
    periods = instance.header.periods

    def names(table: str, column: str) -> set[str]:
        return {str(row[column]) for row in instance.rows(table)}

    period = _Column(Attribute("period", "integer", "", minimum=1.0, maximum=float(periods)))
    areas = names("areas", "area") | names("requirements", "area")
    nodes = areas | names("routes", "origin") | names("routes", "destination")
    files: dict[str, tuple[Sequence[_Column], tuple[str, ...]]] = {
        "assignments": (
            (
                _Column(_text("pledge"), names("pledges", "pledge")),
                _Column(_text("requirement"), names("requirements", "requirement")),
                period,
                _Column(Attribute("units", "integer", "", minimum=0.0)),
            ),
            ("pledge", "requirement", "period"),
        ),
        "participation": (
            (
                _Column(_text("nation"), names("nations", "nation")),
                _Column(_text("mission"), names("missions", "mission")),
                _Column(_text("area"), areas),
                _Column(Attribute("leads", "boolean", ""), blank=False),
                _Column(_text("lead_terms"), optional=True, blank="", pattern=_TERMS),
            ),
            ("nation", "mission", "area"),
        ),
        "instruments": (
            (
                _Column(_text("instrument"), names("instruments", "instrument")),
                _Column(Attribute("used", "boolean", ""), optional=True, blank=True),
            ),
            ("instrument",),
        ),
        "flows": (
            (
                _Column(_text("origin"), nodes),
                _Column(_text("destination"), nodes),
                _Column(_text("mode"), blank=""),
                _Column(_text("destination_area"), areas),
                period,
                _Column(Attribute("tonnes", "number", "", minimum=0.0)),
            ),
            ("origin", "destination", "mode", "destination_area", "period"),
        ),
    }
    found = {}
    for name, (columns, key) in files.items():
        path = folder / f"{name}.csv"
        if name == "assignments" or path.exists():
            found[name] = _hand_table(path, columns, key, findings)
    if findings:
        raise InvalidPlan(findings)
    return found


def _text(name: str) -> Attribute:
    return Attribute(name, "text", "")


@dataclass(frozen=True)
class _Column:
    """A column of a file written by hand: what it may hold, and what a blank means (None: it must be filled)."""

    attribute: Attribute
    known: AbstractSet[str] | None = None
    optional: bool = False
    blank: Any = None
    pattern: re.Pattern[str] | None = None

    @property
    def name(self) -> str:
        return self.attribute.name

    def read(self, raw: str) -> Any:
        """The value of a cell.

        Raises:
            CellError: it is blank, of the wrong kind, or names nothing known.
        """
        cell = unescaped(raw.strip())
        if is_blank(cell):
            if self.blank is None:
                raise CellError("blank", "the cell is blank", "Fill it in.")
            return self.blank
        value = parse_cell(self.attribute, cell)
        if self.pattern is not None and not self.pattern.fullmatch(str(value)):
            raise CellError("terms", f"{value!r} is no list of terms", "Write numbers joined by `;`, for example 1;3.")
        if self.known is not None and value not in self.known:
            hint = did_you_mean(str(value), self.known).strip()
            raise CellError(
                "unknown", f"the instance has no {self.name.replace('_', ' ')} {value!r}", hint or "Check the name."
            )
        return value


def _hand_table(path: Path, columns: Sequence[_Column], key: Sequence[str], findings: list[Finding]) -> pd.DataFrame:
    heading, rows = _rows(path, findings)
    there = [column for column in columns if column.name in heading]
    for column in columns:
        if heading and column.name not in heading and not column.optional:
            message, remedy = f"the column {column.name!r} is missing.", f"Add it.{did_you_mean(column.name, heading)}"
            findings.append(Finding("error", "missing-column", path.name, 1, None, message, remedy))
    cells: dict[str, list[Any]] = {column.name: [] for column in columns}
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in rows:
        values: dict[str, Any] = {column.name: column.blank for column in columns}
        whole = True
        for column in there:
            try:
                values[column.name] = column.read(row[heading.index(column.name)])
            except CellError as error:
                whole = False
                findings.append(
                    Finding("error", error.code, path.name, number, column.name, f"{error.message}.", error.remedy)
                )
        at = tuple(values[name] for name in key)
        if whole and at in seen:
            message = f"{', '.join(map(str, at))} stands in row {seen[at]} already."
            findings.append(Finding("error", "duplicate", path.name, number, key[0], message, "Put the rows together."))
        seen.setdefault(at, number)
        for name, value in values.items():
            cells[name].append(value)
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()})
