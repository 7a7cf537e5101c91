"""What all studies share: who works, where results go, which plans are known; and how a study begins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict

from optimizer.instance.cells import did_you_mean
from optimizer.studies.folder import StudyFolder
from optimizer.studies.hand import Care
from optimizer.studies.pool import Pool, as_pool, keep_found, plans_before
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.runner import Report, ignore
from optimizer.studies.workers import Workers


class Running(TypedDict, total=False):
    """How a study is run.

    `jobs`: worker processes on this machine, one solver thread each (2); `dask`: address of a Dask scheduler that is used instead; `out`: folder
    for the results, to which every finished run is written at once; `resume`: go on with the study in `out`; `report`: called after every run
    with the progress; `pool`: plans that are known, or their folder, to which what is found is added.
    """

    jobs: int
    dask: str | None
    out: str | Path | None
    resume: bool
    report: Report
    pool: Pool | str | Path | None


class Limits(TypedDict, total=False):
    """Limits of each solve; what is left out, or None, is the header's. `time_limit` in seconds, `gap` relative."""

    time_limit: float | None
    gap: float | None


class Limited(Running, Limits, total=False):
    """How a study is run, with limits of each solve."""


def must_be_known(function: str, options: Mapping[str, Any], known: type) -> None:
    """Keywords that a function takes as one.

    Raises:
        TypeError: one of them is none of its keywords.
    """
    names = list(known.__annotations__)
    for name in options:
        if name not in names:
            raise TypeError(f"{function}() has no keyword {name!r}.{did_you_mean(name, names)}")


@dataclass(frozen=True)
class Begun:
    """A study that has begun: who works, the records from before, the plans (packed) that it began with, and where results go (None: nowhere)."""

    question: Question
    workers: Workers
    records: dict[int, Record] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    pool: Pool | None = None
    folder: StudyFolder | None = None

    def keep(self, records: Iterable[Record]) -> None:
        """The plans of some runs join the pool."""
        keep_found(self.pool, records)


@contextlib.contextmanager
def begin(question: Question, kind: str, options: Running, care: Care | None = None) -> Iterator[Begun]:
    """A study with its folder, as long as it is at work. `kind`: its command; `care`: how its workers are looked after.

    Raises:
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        OSError: the pool is no folder.
    """
    workers = Workers(
        options.get("jobs", 2), options.get("dask"), Care() if care is None else care, options.get("report", ignore)
    )
    out, resume, pool = options.get("out"), options.get("resume", False), as_pool(options.get("pool"))
    with begin_with(question, kind, workers, out, resume=resume, pool=pool) as begun:
        yield begun


@contextlib.contextmanager
def begin_with(
    question: Question,
    kind: str,
    workers: Workers,
    out: str | Path | None = None,
    *,
    resume: bool = False,
    pool: Pool | None = None,
) -> Iterator[Begun]:
    """The same with these workers."""
    with contextlib.ExitStack() as stack:
        folder, records = None, dict[int, Record]()
        if out is not None:
            folder = stack.enter_context(StudyFolder(Path(out), question, resume=resume, kind=kind))
            workers, records = replace(workers, take=folder.append), dict(folder.records)
        records, before = plans_before(pool, records, workers.take)
        yield Begun(question, workers, records, before, pool, folder)
