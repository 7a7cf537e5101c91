"""A study's folder: `study.json`, the journal of finished runs, `runs.csv` and the tables made from it."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from optimizer.corridor import versions
from optimizer.instance.instance import Instance
from optimizer.plan.store import escaped
from optimizer.studies.answer import Record
from optimizer.studies.journal import Journal, read_journal
from optimizer.studies.table import TIMINGS

if TYPE_CHECKING:
    from optimizer.studies.scenarios import Scenarios
    from optimizer.studies.study import Study
    from optimizer.studies.sweep import Question

FORMAT: Final = 1
HEAD: Final = "study.json"
JOURNAL: Final = "runs.jsonl"
RUNS: Final = "runs.csv"


class StudyFolder:
    """The folder while the study runs. `records`: what was finished before."""

    def __init__(self, path: Path, question: Question, *, resume: bool) -> None:
        """Make the folder, or take up the one that is there.

        Raises:
            FileExistsError: something is there already, and it is not this study to be resumed.
        """
        self.path, self.question = path, question
        self._mark = _mark(question)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            head = read_head(path)
            if head is None:
                raise FileExistsError(f"{path} holds something else than a study; choose another folder, or remove it.")
            if not resume:
                raise FileExistsError(
                    f"{path} holds a study already; resume it (--resume), choose another folder, or remove it."
                )
            if head.get("mark") != self._mark:
                raise FileExistsError(
                    f"{path} holds another study, or one of other input; choose another folder, or undo the changes."
                )
        path.mkdir(parents=True, exist_ok=True)
        self.records: dict[int, Record] = read_journal(path / JOURNAL)
        self._write_head("running")
        self._journal = Journal(path / JOURNAL)

    def __enter__(self) -> StudyFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()

    def append(self, record: Record) -> None:
        """Put a finished run on the disk."""
        self._journal.append(record)

    def finish(self, table: pd.DataFrame) -> None:
        """Write `runs.csv` and the tables made from it, and close the head."""
        from optimizer.studies.analysis import analyse

        found = analyse(self.question, table)
        write(self.path / RUNS, csv_of(table))
        for name, frame in found.tables.items():
            write(self.path / f"{name}.csv", csv_of(frame))
        self._write_head("done", table, found.warnings, dict(found.titles))

    def _write_head(
        self,
        state: str,
        table: pd.DataFrame | None = None,
        warnings: tuple[str, ...] = (),
        titles: dict[str, str] | None = None,
    ) -> None:
        question = self.question
        study = question.study
        head: dict[str, Any] = {
            "format": FORMAT,
            "kind": "sweep",
            "state": state,
            "mark": self._mark,
            "name": study.name,
            "title": study.title,
            "description": study.description,
            "scenario": study.scenario,
            "design": {"kind": study.design, "size": study.size, "seed": study.seed, "levels": study.levels},
            "limits": {**_limits(study, question), "first_time_limit": study.first_time_limit},
            "vary": [_vary_head(vary) for vary in study.vary],
            "keep": list(study.keep),
            "instances": [
                _instance_head(source) if isinstance(source, Instance) else {"name": label, "path": source}
                for source, label in zip(question.sources, question.labels, strict=True)
            ],
            "timing_columns": list(TIMINGS),
            "versions": {**versions(), "highs": _highs()},
            "tables": titles or {},
            "warnings": list(warnings),
        }
        if table is not None:
            head["runs"] = len(table)
            head["terminations"] = _counted(table)
            head["seconds"] = float(table["seconds"].sum())
        write(self.path / HEAD, json.dumps(head, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")


def save_scenarios(found: Scenarios, path: Path) -> None:
    """Write the tables of a comparison of scenarios into a new folder."""
    from optimizer.studies.scenarios import TITLES
    from optimizer.studies.sweep import Question

    path.mkdir(parents=True, exist_ok=True)
    instance = found.instance
    for name, frame in found.tables.items():
        write(path / f"{name}.csv", csv_of(frame))
    head = {
        "format": FORMAT,
        "kind": "scenarios",
        "state": "done",
        "mark": instance.hash,
        "name": "scenarios",
        "title": "",
        "description": "",
        "limits": _limits(found.study, Question(found.study, (instance,))),
        "measure": found.measure,
        "terminations": _counted(found.aims.drop_duplicates("scenario")),
        "instances": [_instance_head(instance)],
        "versions": {**versions(), "highs": _highs()},
        "tables": TITLES,
        "warnings": list(found.warnings),
    }
    write(path / HEAD, json.dumps(head, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")


def _limits(study: Study, question: Question) -> dict[str, float | None]:
    """The limits of each run: the study's, or else those of the instance where there is one."""
    only = question.sources[0] if len(question.sources) == 1 else None
    header = only.header if isinstance(only, Instance) else None
    return {
        "time_limit": study.time_limit if study.time_limit is not None or header is None else header.time_limit,
        "gap": study.gap if study.gap is not None or header is None else header.gap,
    }


def _counted(table: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(count) for name, count in sorted(table["termination"].value_counts().items())}


def _instance_head(instance: Instance) -> dict[str, str]:
    header = instance.header
    return {"name": header.name, "title": header.title, "currency": header.currency, "hash": instance.hash}


def _highs() -> str:
    from importlib.metadata import version

    return version("highspy")


def _vary_head(vary: Any) -> dict[str, Any]:
    return {
        "name": vary.name,
        "kind": vary.kind,
        "table": vary.table,
        "rows": len(vary.keys),
        "column": vary.column,
        "mode": vary.mode,
        "values": list(vary.values),
        "low": vary.low,
        "high": vary.high,
    }


def _mark(question: Question) -> str:
    """What must be the same for a study to be resumed: the study, and the content of its instances."""
    parts = [question.study.hash]
    parts += [source.hash if isinstance(source, Instance) else source for source in question.sources]
    import hashlib

    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_head(path: Path) -> dict[str, Any] | None:
    """`study.json`, or None where the folder holds no study."""
    try:
        head = json.loads((path / HEAD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return head if isinstance(head, dict) and head.get("format") == FORMAT and "mark" in head else None


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    import os
    import tempfile

    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def csv_of(table: pd.DataFrame) -> bytes:
    """A table as CSV: blanks empty, numbers so that they read back exactly, text harmless in a spreadsheet."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([escaped(str(name)) for name in table.columns])
    columns = [[_cell(value) for value in table[name].tolist()] for name in table.columns]
    writer.writerows(zip(*columns, strict=True))
    return stream.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return escaped(value) if isinstance(value, str) else str(value)
