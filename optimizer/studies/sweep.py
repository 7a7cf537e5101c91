"""`sweep`: a study asked of an instance, or of many, run by run; one tidy row per run."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.files import read_instance
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.studies.answer import Record, Setup
from optimizer.studies.design import chunks_of, variants_of
from optimizer.studies.hand import Care
from optimizer.studies.meeting import meetings
from optimizer.studies.reading import read_study
from optimizer.studies.runner import NoClusterError, Pace, Report, ignore, run_here
from optimizer.studies.study import InvalidStudy, Study, Variant
from optimizer.studies.table import run_table


@dataclass(frozen=True)
class Question:
    """A study and what it is asked of: instances, or paths of instance files, with a label each where there are several."""

    study: Study
    sources: tuple[Instance | str, ...]
    labels: tuple[str, ...] = ("",)

    @property
    def first(self) -> Instance:
        """The first instance: names of aims and missions in the results follow it."""
        source = self.sources[0]
        return read_instance(source) if isinstance(source, str) else source


def sweep(
    instance: Instance | str | Path | Sequence[str | Path],
    study: Study | str | Path | Mapping[str, Any] | None = None,
    *,
    jobs: int = 2,
    dask: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    report: Report = ignore,
    care: Care | None = None,
) -> pd.DataFrame:
    """Ask a study's questions and return one tidy row per run.

    Args:
        instance: an instance; or the path of one; or several paths, or one with `*`, for variants kept as files.
        study: a study, its TOML file, or a mapping of that form; None (with several instances): each as it is.
        jobs: worker processes on this machine, one solver thread each.
        dask: address of a Dask scheduler that is used instead of this machine.
        out: folder for `runs.csv`, `study.json` and the tables; every finished run is written there at once.
        resume: go on with the study in `out`.
        report: told after every run where the study stands.
        care: how worker processes are kept.

    Raises:
        InvalidInstance: the instance has errors.
        InvalidStudy: the study has errors.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
    """
    question = ask(instance, study)
    if out is None:
        return answered(question, jobs=jobs, dask=dask, report=report, care=care)
    from optimizer.studies.folder import StudyFolder

    with StudyFolder(Path(out), question, resume=resume) as folder:
        table = answered(question, jobs=jobs, dask=dask, report=report, care=care, folder=folder)
        folder.finish(table)
    return table


def ask(
    instance: Instance | str | Path | Sequence[str | Path], study: Study | str | Path | Mapping[str, Any] | None
) -> Question:
    """Instances and study, read and checked.

    Raises:
        InvalidInstance: no instance is there, or the only one has errors.
        InvalidStudy: the study has errors.
    """
    if isinstance(instance, Instance):
        sources: tuple[Instance | str, ...] = (instance,)
    else:
        given = [instance] if isinstance(instance, (str, Path)) else list(instance)
        paths = [path for one in given for path in _paths(str(one))]
        sources = (read_instance(paths[0]),) if len(paths) == 1 else tuple(paths)
    if len(sources) == 1 and isinstance(sources[0], Instance):
        labels: tuple[str, ...] = ("",)
        checked_against = sources[0]
    else:
        labels = _labels([str(source) for source in sources])
        checked_against = _first_readable([str(source) for source in sources])
    if study is None:
        study = Study("instances" if len(sources) > 1 else "plan")
    elif not isinstance(study, Study):
        study = read_study(study, checked_against)
    elif findings := meetings(study.vary, checked_against, "study"):
        raise InvalidStudy(findings)
    return Question(study, sources, labels)


def answered(
    question: Question,
    *,
    jobs: int,
    dask: str | None = None,
    report: Report = ignore,
    care: Care | None = None,
    folder: Any = None,
) -> pd.DataFrame:
    """The table of all runs; those that the folder holds already are not run again."""
    study = question.study
    variants = variants_of(study, question.labels)
    chunks = chunks_of(study, variants)
    records: dict[int, Record] = dict(folder.records) if folder is not None else {}
    take = None if folder is None else folder.append
    begin = ""
    if study.first_time_limit is not None:
        # Everybody waits for the first run: its plan is worth it.
        first = work_off(question, [chunks[0][:1]], len(variants), records, 1, dask, report, care, take)
        records |= first
        begin = records[chunks[0][0].run].start
    found = work_off(question, chunks, len(variants), records, jobs, dask, report, care, take, begin, keep_plans=False)
    return run_table(question, variants, records | found)


def work_off(
    question: Question,
    chunks: Sequence[Sequence[Variant]],
    total: int,
    done: Mapping[int, Record],
    jobs: int,
    dask: str | None,
    report: Report,
    care: Care | None,
    take: Callable[[Record], None] | None = None,
    begin: str = "",
    *,
    keep_plans: bool = True,
) -> dict[int, Record]:
    """The records of all runs that are not done; each is handed to `take` at once."""
    found: dict[int, Record] = {}
    pace = Pace(total, len(done), sum(not record.outcome["has_plan"] for record in done.values()))
    setup = Setup(question.sources, question.study)
    with contextlib.closing(_records(setup, chunks, done, jobs, dask, care, begin)) as records:
        for record in records:
            if take is not None:
                take(record)
            found[record.run] = slim(record, keep_plan=keep_plans)
            report(pace.count(record))
    return found


def slim(record: Record, *, keep_plan: bool) -> Record:
    """The record, as it is kept until the end: thousands of plans, or of copies of the same words, would fill the memory."""
    outcome, timing = (
        {sys.intern(name): sys.intern(value) if isinstance(value, str) else value for name, value in part.items()}
        for part in (record.outcome, record.timing)
    )
    return Record(record.run, outcome, timing, record.start if keep_plan else "")


def _records(
    setup: Setup,
    chunks: Sequence[Sequence[Variant]],
    done: Mapping[int, Record],
    jobs: int,
    dask: str | None,
    care: Care | None,
    begin: str,
) -> Generator[Record, None, None]:
    if dask is None:
        return run_here(setup, chunks, done, jobs, care, begin)
    if find_spec("distributed") is None:
        message = "Dask is not installed here; in the project's folder: pip install '.[studies]'"
        raise NoClusterError(None, message, None)
    from optimizer.studies.cluster import run_on_cluster

    return run_on_cluster(setup, chunks, done, dask, care, begin)


def _paths(given: str) -> list[str]:
    """The instances that a path, or a pattern, means."""
    if os.path.exists(given) or not any(mark in given for mark in "*?["):  # noqa: PTH110  (a path, or a pattern)
        return [given]
    found = sorted(glob.glob(given))  # noqa: PTH207  (patterns of whole paths)
    kept = [path for path in found if Path(path).is_dir() or path.lower().endswith(".xlsx")]
    if not kept:
        from optimizer.instance.findings import Finding

        message = "no folder and no workbook is called so."
        raise InvalidInstance([Finding("error", "not-found", given, None, None, message, "Check the pattern.")])
    return kept


def _labels(paths: Sequence[str]) -> tuple[str, ...]:
    """Short names of the files, none twice."""
    stems = [Path(path).stem if path.lower().endswith(".xlsx") else Path(path).name for path in paths]
    return tuple(stem if stems.count(stem) == 1 else path for stem, path in zip(stems, paths, strict=True))


def _first_readable(paths: Sequence[str]) -> Instance:
    """The first instance without errors: names in the study are checked against it.

    Raises:
        InvalidInstance: there is none; with the findings of the first.
    """
    first: InvalidInstance | None = None
    for path in paths:
        try:
            return read_instance(path)
        except InvalidInstance as error:
            first = first or error
    raise first if first is not None else AssertionError("at least one path")
