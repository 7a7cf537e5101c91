"""`sweep`: a study asked of an instance, or of many, run by run; one tidy row per run."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

import pandas as pd

from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding, InvalidInstance
from optimizer.instance.instance import Instance
from optimizer.studies.design import variants_of
from optimizer.studies.exchange import exchanged
from optimizer.studies.meeting import meetings
from optimizer.studies.pool import Pool
from optimizer.studies.question import Question, within_total
from optimizer.studies.reading import read_study
from optimizer.studies.running import Begun, Running, begin, begin_with, must_be_known
from optimizer.studies.study import InvalidStudy, Study
from optimizer.studies.table import run_table
from optimizer.studies.workers import Workers


def sweep(
    instance: Instance | str | Path | Sequence[str | Path],
    study: Study | str | Path | Mapping[str, Any] | None = None,
    *,
    total: float | None = None,
    **options: Unpack[Running],
) -> pd.DataFrame:
    """Ask a study's questions and return one tidy row per run.

    Args:
        instance: an instance; or the path of one; or several paths, or one with `*`, for variants kept as files.
        study: a study, its TOML file, or a mapping of that form; None (with several instances): each as it is.
        total: seconds of wall time for the whole study, on `jobs` workers: at first each run gets an equal share; what is left goes to the runs with the
            widest interval that could change the order. None: each run has its own limit only.
        **options: `jobs` (worker processes on this machine, 2), `dask` (address of a Dask scheduler that is used instead), `out` (folder to which every
            finished run is written at once), `resume` (go on with the study in `out`), `report` (called after every run with the progress) and
            `pool` (plans that are known, or their folder: they count wherever they keep the rules, and what is found is added).

    Raises:
        InvalidInstance: the instance has errors.
        InvalidStudy: the study has errors.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
    """
    must_be_known("sweep", options, Running)
    with begin(within_total(ask(instance, study), total, options.get("jobs", 2)), "sweep", options) as begun:
        return _answered(begun)


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
    with begin_with(question, "sweep", workers, out, resume=resume, pool=pool) as begun:
        return _answered(begun)


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


def _answered(begun: Begun) -> pd.DataFrame:
    """The table of all runs; those whose record is known are not run again."""
    question = begun.question
    variants = variants_of(question.study, question.labels)
    table = run_table(question, variants, {row.variant.run: row.result for row in exchanged(begun, variants)})
    if begun.folder is not None:
        begun.folder.finish(table)
    return table


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
