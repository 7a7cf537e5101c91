"""A study file, read and checked against its instance: all findings at once, each with a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from optimizer.instance.findings import Finding
from optimizer.instance.header_attributes import AIMS
from optimizer.instance.instance import Instance
from optimizer.instance.read.folder import parse_toml
from optimizer.instance.regular import UnreadableFile, read_text
from optimizer.studies.design import count_runs
from optimizer.studies.faults import Faults
from optimizer.studies.form import DesignForm, LimitsForm, StudyForm, filled
from optimizer.studies.keeping import checked_outcomes
from optimizer.studies.rows import Run, read_rows
from optimizer.studies.study import BY_SALIB, MOST_RUNS, SAMPLED, InvalidStudy, Study, Vary
from optimizer.studies.values import sound, unknown_scenario
from optimizer.studies.varying import Varying

RESERVED: Final = (
    "run", "name", "instance", "varied", "termination", "has_plan", "reason", "seconds", "seconds_build", "seconds_solver", "model", "why",
)  # fmt: skip
"""Columns of the table of runs that no input may be called."""
MOST_BYTES: Final = 128 * 1024
"""Largest study file; the runs of the design `rows` stand in a file of their own."""


def read_study(source: str | Path | Mapping[str, Any], instance: Instance) -> Study:
    """The study in a TOML file (or in a mapping of the same form), checked against the instance.

    Raises:
        InvalidStudy: with every finding.
    """
    if isinstance(source, Mapping):
        return _read(source, instance, "study", Path.cwd())
    path = Path(source)
    try:
        content = parse_toml(read_text(path, MOST_BYTES))
    except UnreadableFile as error:
        remedy = "Save it as UTF-8." if error.code == "encoding" else error.remedy
        raise InvalidStudy([Finding("error", error.code, path.name, error.row, None, error.message, remedy)]) from None
    return replace(_read(content, instance, path.name, path.parent), name=str(content.get("name") or path.stem))


def _read(content: Mapping[str, Any], instance: Instance, file: str, folder: Path) -> Study:
    """The study of a file's content; `folder` is where its file of rows is looked for."""
    given, refused = sound(content)
    faults = Faults(file, refused)
    form, wrong = filled(StudyForm, given, "", faults)
    scenario = form.scenario or None
    fault = unknown_scenario(scenario, instance) if scenario is not None else None
    if fault is not None:
        faults.error(fault, "scenario")
        scenario = None
    keep = checked_outcomes(form.keep, instance, faults)
    vary = Varying(instance, form.design.kind, scenario, faults).read(form.vary, reserved_names(instance) | set(keep))
    study = with_limits(Study(form.name or "study", form.title or "", form.description or ""), form.limits)
    study = replace(_with_design(study, form.design), scenario=scenario, vary=tuple(vary), keep=keep)
    rows: Sequence[Run] = ()
    if not wrong & {"design", "design.kind", "design.file"}:
        rows = _rows(form.design, study, instance, folder, faults)
    names = tuple(name for name, _ in rows)
    study = replace(study, rows=tuple(values for _, values in rows), row_names=names if any(names) else ())
    if not wrong & {"design", "design.kind"}:
        _check_design(study, form.design.model_fields_set | {key.removeprefix("design.") for key in wrong}, faults)
    _check_runs(study, faults)
    if faults.findings:
        raise InvalidStudy(faults.findings)
    return study


def reserved_names(instance: Instance) -> set[str]:
    """Columns of the table of runs."""
    aims = {f"{aim}{end}" for aim in AIMS for end in ("", "_bound", "_gap")}
    return {*RESERVED, *aims, *(f"missions.{row['mission']}.score" for row in instance.rows("missions"))}


def _with_design(study: Study, form: DesignForm) -> Study:
    return replace(
        study,
        design=form.kind,
        size=form.size or 0,
        seed=form.seed or 0,
        levels=study.levels if form.levels is None else form.levels,
        neighbours=form.neighbours or 0,
    )


def with_limits(study: Study, form: LimitsForm) -> Study:
    """The study with the limits of each run."""
    return replace(
        study,
        time_limit=form.time_limit,
        first_time_limit=form.first_time_limit,
        gap=form.gap,
        solver_seed=form.seed or 0,
    )


def _rows(form: DesignForm, study: Study, instance: Instance, folder: Path, faults: Faults) -> Sequence[Run]:
    """Name and inputs of every run of the design `rows`."""
    if form.kind != "rows":
        if form.file is not None:
            message = "the design is not `rows`: it takes no file."
            faults.error(("design-file", message, 'Remove it, or use kind = "rows".'), "design.file")
        return ()
    if not form.file:
        fault = "design-file", "the design `rows` needs a CSV file.", 'Write file = "runs.csv".'
        faults.error(fault, "design.file")
        return ()
    if faults.findings:
        # Columns of inputs that are wrong themselves would be found missing.
        return ()
    runs, notes = read_rows(folder, form.file, study.vary, instance, study.scenario)
    faults.findings += notes.all()
    return runs


def _check_design(study: Study, given: Set[str], faults: Faults) -> None:
    """That size, levels and inputs are what the design needs. `given`: the keys of `[design]` in the file, right or wrong."""
    if study.design in SAMPLED:
        if not study.size and "size" not in given:
            message = f"the design {study.design} needs a size."
            faults.error(("no-size", message, "Give the number of samples."), "design.size")
        if study.design == "sobol" and study.size & (study.size - 1):
            faults.error(("sobol-size", f"{study.size} is no power of two.", "Use 64, 128, 256 …"), "design.size")
        for vary in study.vary:
            _check_drawn(vary, study.design, faults)
        if study.design in BY_SALIB and find_spec("SALib") is None:
            message = f"the design {study.design} needs SALib, which is not installed."
            faults.error(("no-salib", message, "In the project's folder: pip install '.[studies]'."), "design.kind")
        if study.design == "morris" and study.levels % 2:
            faults.error(("morris-levels", "the number of levels is not even.", "Use 4, 6 or 8."), "design.levels")
    elif {"size", "levels"} & given:
        message = f"the design {study.design} takes no size and no levels."
        faults.error(("no-size-here", message, "Remove them."), "design.size")


def _check_drawn(vary: Vary, design: str, faults: Faults) -> None:
    """That an input of a sampled design holds numbers that can be drawn."""
    if vary.kind in {"condition", "scenario"} or (vary.low is None and not faults.findings):
        message = f"the design {design} draws numbers; {vary.name!r} has none."
        faults.error(("design-values", message, "Use one_at_a_time or grid."), "design.kind")


def _check_runs(study: Study, faults: Faults) -> None:
    """That there are runs, and not too many; only once nothing else is wrong."""
    if study.design == "rows" and not study.rows and not faults.findings:
        faults.error(("no-runs", "the file has no rows.", "Add a row per run."), "design.file")
    if not study.vary and not faults.findings:
        faults.error(("nothing-varies", "nothing varies.", "Add [[vary]] with what varies."), "vary")
    if not faults.findings and count_runs(study) > MOST_RUNS:
        message = f"the design has {count_runs(study):,} runs, more than {MOST_RUNS:,}."
        faults.error(("too-many-runs", message, "Use fewer values, or a sampled design."), "design")
