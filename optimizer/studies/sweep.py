"""`sweep`: a study asked of an instance, or of many, run by run; one tidy row per run."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.studies.design import variants_of
from optimizer.studies.exchange import exchanged
from optimizer.studies.folder import StudyFolder
from optimizer.studies.meeting import meetings
from optimizer.studies.pool import Pool, as_pool, keep_found
from optimizer.studies.question import Question, within_total
from optimizer.studies.reading import read_study
from optimizer.studies.record import Record
from optimizer.studies.runner import Report, ignore
from optimizer.studies.study import InvalidStudy, Study
from optimizer.studies.table import run_table
from optimizer.studies.workers import Workers


def sweep(
    instance: Instance | str | Path | Sequence[str | Path],
    study: Study | str | Path | Mapping[str, Any] | None = None,
    *,
    jobs: int = 2,
    dask: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    report: Report = ignore,
    pool: Pool | str | Path | None = None,
    total: float | None = None,
) -> pd.DataFrame:
    """Ask a study's questions and return one tidy row per run.

    Args:
        instance: an instance; or the path of one; or several paths, or one with `*`, for variants kept as files.
        study: a study, its TOML file, or a mapping of that form; None (with several instances): each as it is.
        jobs: worker processes on this machine, one solver thread each.
        dask: address of a Dask scheduler that is used instead of this machine.
        out: folder for `runs.csv`, `study.json` and the tables; every finished run is written there at once.
        resume: continue the study in `out`.
        report: called after every run with the progress of the study.
        pool: plans that are known, or their folder: every run starts from the best of them, and what is found is added.
        total: seconds of wall time for the whole study, on `jobs` workers: at first each run gets an equal share; what is left goes to the runs with the
            widest interval that could change the order. None: each run has its own limit only.

    Raises:
        InvalidInstance: the instance has errors.
        InvalidStudy: the study has errors.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    question = within_total(ask(instance, study), total, jobs)
    return run_study(question, Workers(jobs, dask, report=report), out, resume=resume, pool=as_pool(pool))


def run_study(
    question: Question,
    workers: Workers,
    out: str | Path | None = None,
    *,
    resume: bool = False,
    pool: Pool | None = None,
) -> pd.DataFrame:
    """The table of all runs of a study, and its folder where there is one.

    Raises:
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
    """
    if out is None:
        return _answered(question, workers, {}, pool)
    with StudyFolder(Path(out), question, resume=resume) as folder:
        table = _answered(question, replace(workers, take=folder.append), folder.records, pool)
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


def _answered(question: Question, workers: Workers, known: Mapping[int, Record], pool: Pool | None) -> pd.DataFrame:
    """The table of all runs; those whose record is known are not run again."""
    variants = variants_of(question.study, question.labels)
    results = {row.variant.run: row.result for row in exchanged(question, variants, workers, known, pool)}
    keep_found(pool, results.values())
    return run_table(question, variants, results)


def _paths(given: str) -> list[str]:
    """The instances that a path, or a pattern, means."""
    if os.path.exists(given) or not any(mark in given for mark in "*?["):  # noqa: PTH110  (a path, or a pattern)
        return [given]
    found = sorted(glob.glob(given))  # noqa: PTH207  (patterns of whole paths)
    kept = [path for path in found if Path(path).is_dir() or path.lower().endswith(".xlsx")]
    if not kept:
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
