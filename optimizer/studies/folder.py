"""A study's folder: `study.json`, the journal of finished runs, `runs.csv` and the tables made from it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from optimizer.extraction import versions
from optimizer.instance.csv_text import csv_text, written
from optimizer.instance.instance import Instance
from optimizer.interrupts import held
from optimizer.studies.journal import LOCK, Journal, read_journal
from optimizer.studies.record import Record
from optimizer.studies.table import TIMINGS

if TYPE_CHECKING:
    from optimizer.studies.question import Question
    from optimizer.studies.study import Study

FORMAT: Final = 1
HEAD: Final = "study.json"
JOURNAL: Final = "runs.jsonl"
RUNS: Final = "runs.csv"
PART: Final = ".part"
_DECIDING: Final = ("forcegen", "highs")
"""Versions that decide about results."""


class StudyFolder:
    """The folder while the study runs. `records`: what was finished before."""

    @held()
    def __init__(self, path: Path, question: Question, *, resume: bool, kind: str = "sweep") -> None:
        """Make the folder, or take up the one that is there.

        Raises:
            FileExistsError: something is there already, and it is not this study to be resumed; or somebody else works in it.
        """
        self.path, self.question, self.kind = path, question, kind
        self._mark = mark_of(question)
        if path.exists() and (not path.is_dir() or any(map(_is_foreign, path.iterdir()))) and read_head(path) is None:
            raise FileExistsError(f"{path} holds something else than a study; choose another folder, or remove it.")
        path.mkdir(parents=True, exist_ok=True)
        new = not (path / JOURNAL).exists()
        self._journal = Journal(path / JOURNAL)
        try:
            self._take_up(resume)
        except BaseException:
            self._journal.close()
            if new:
                for name in (JOURNAL, LOCK):
                    (path / name).unlink(missing_ok=True)
            raise

    def _take_up(self, resume: bool) -> None:
        head = read_head(self.path)
        if head is not None and not resume:
            raise FileExistsError(
                f"{self.path} holds a study already; resume it (--resume), choose another folder, or remove it."
            )
        if head is not None and (head["mark"], head.get("kind")) != (self._mark, self.kind):
            raise FileExistsError(
                f"{self.path} holds another study, or one of other input; choose another folder, or undo the changes."
            )
        old, new = ({} if head is None else head["versions"]), _versions()
        other = [
            f"{name} {old[name]} (here {new[name]})" for name in _DECIDING if name in old and old[name] != new[name]
        ]
        if other:
            raise FileExistsError(
                f"{self.path} was begun with {', '.join(other)}, and one table must have one maker; choose another folder."
            )
        for left in self.path.iterdir():
            if _is_part(left):
                left.unlink()
        self.records: dict[int, Record] = read_journal(self.path / JOURNAL)
        self._write_head("running")

    def __enter__(self) -> StudyFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        if error is not None and not self.records and not (self.path / JOURNAL).stat().st_size:
            # No run was finished: the same command may be given again.
            for name in (HEAD, JOURNAL, LOCK):
                (self.path / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.path.rmdir()

    def append(self, record: Record) -> None:
        """Put a finished run on the disk."""
        self._journal.append(record)

    def finish(self, table: pd.DataFrame) -> None:
        """Write `runs.csv` and the tables made from it, and close the head."""
        from optimizer.studies.analysis import analyse

        found = analyse(self.question, table)
        write(self.path / RUNS, csv_of(table))
        about = {"runs": len(table), "terminations": _counted(table), "seconds": float(table["seconds"].sum())}
        self.close_with(found.tables, found.titles, found.warnings, about)

    def close_with(
        self,
        tables: Mapping[str, pd.DataFrame],
        titles: Mapping[str, str],
        warnings: Sequence[str],
        about: Mapping[str, Any],
    ) -> None:
        """Write tables, and close the head: the study is done."""
        for name, frame in tables.items():
            write(self.path / f"{name}.csv", csv_of(frame))
        self._write_head("done", {"tables": dict(titles), "warnings": list(warnings), **about})

    def _write_head(self, state: str, about: Mapping[str, Any] | None = None) -> None:
        question = self.question
        study = question.study
        sources = zip(question.sources, question.labels, strict=True)
        head: dict[str, Any] = {
            "format": FORMAT,
            "kind": self.kind,
            "state": state,
            "mark": self._mark,
            "name": study.name,
            "title": study.title,
            "description": study.description,
            "scenario": study.scenario,
            "design": {"kind": study.design, "size": study.size, "seed": study.seed, "levels": study.levels},
            "limits": {
                **_limits(study, question),
                "first_time_limit": study.first_time_limit,
                **({} if study.total is None else {"total": study.total}),
            },
            "solver": {"seed": study.solver_seed, "threads": 1},
            "vary": [_vary_head(vary) for vary in study.vary],
            "keep": list(study.keep),
            "instances": [_instance_head(source, label) for source, label in sources],
            "timing_columns": list(TIMINGS),
            "versions": _versions(),
            "tables": {},
            "warnings": [],
            **(about or {}),
        }
        write(self.path / HEAD, json.dumps(head, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")


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


def _instance_head(source: Instance | str, label: str) -> dict[str, str]:
    if isinstance(source, str):
        return {"name": label, "path": source, "hash": hash_of_files(source)}
    header = source.header
    return {"name": header.name, "title": header.title, "currency": header.currency, "hash": source.hash}


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {**versions(), "highs": version("highspy")}


def _vary_head(vary: Any) -> dict[str, Any]:
    return {
        "name": vary.name,
        "kind": vary.kind,
        "table": vary.table,
        "rows": len(vary.keys),
        "keys": list(vary.keys),
        "column": vary.column,
        "mode": vary.mode,
        "values": list(vary.values),
        "low": vary.low,
        "high": vary.high,
    }


def mark_of(question: Question) -> str:
    """What must be the same for a study to be resumed: the study, and the content of its instances."""
    parts = [question.study.hash]
    for source in question.sources:
        parts += [source.hash] if isinstance(source, Instance) else [source, hash_of_files(source)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def hash_of_files(source: str) -> str:
    """SHA-256 of the files of an instance, readable or not; blank where nothing is there."""
    path = Path(source)
    path = path.parent if path.name == "instance.toml" else path
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in {".csv", ".toml"})
    content = hashlib.sha256()
    try:
        for file in files:
            data = file.read_bytes()
            content.update(f"{file.name}\n{len(data)}\n".encode() + data)
    except OSError:
        return ""
    return content.hexdigest()


def _is_part(path: Path) -> bool:
    """Whether a file is what a kill left of one that was being written."""
    return path.name.startswith(".") and path.name.endswith(PART)


def _is_foreign(path: Path) -> bool:
    """Whether something in a folder without a head was not left there by the start of a study that was killed."""
    return (
        not _is_part(path)
        and path.name != LOCK
        and not (path.name == JOURNAL and path.is_file() and not path.stat().st_size)
    )


def read_head(path: Path) -> dict[str, Any] | None:
    """`study.json`, or None where the folder holds no study."""
    try:
        head = json.loads((path / HEAD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return head if isinstance(head, dict) and head.get("format") == FORMAT and "mark" in head else None


@held()
def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    import os
    import tempfile

    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
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
    columns = [[written(value) for value in table[name].tolist()] for name in table.columns]
    return csv_text(map(str, table.columns), columns).encode()
