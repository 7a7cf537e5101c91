"""The here-and-now plan over scenarios.

*Here and now* it is decided which units each nation makes ready, where and when, and who leads each post. *When a scenario comes true* each
pledge serves on each line and in each period with at most the units made ready for it, and only who was named leads; all else is decided
then. Every case's plan is checked by the verifier on its own. The first priority of aims decides; later ones are followed in each case with
what is ready.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pandas as pd

from optimizer.instance.files import read_instance
from optimizer.instance.findings import Finding
from optimizer.instance.instance import Instance
from optimizer.interrupts import listening
from optimizer.plan.plan import Plan
from optimizer.plan.store import save_plan
from optimizer.studies.folder import StudyFolder
from optimizer.studies.hedge import tables
from optimizer.studies.hedge.by_mpi_sppy import must_be_there
from optimizer.studies.hedge.course import Course, Engine, Tell, ignore, run
from optimizer.studies.hedge.futures import Futures, futures_of
from optimizer.studies.hedge.judging import First, Search
from optimizer.studies.hedge.measure import Kind, Measure
from optimizer.studies.hedge.runs import VARY
from optimizer.studies.pool import Pool, as_pool
from optimizer.studies.question import Question
from optimizer.studies.running import begin_with, must_be_known
from optimizer.studies.study import InvalidStudy, Study
from optimizer.studies.workers import Workers

PLANS = "plans"


@dataclass(frozen=True)
class Hedge:
    """What `hedge` finds.

    `termination`: as of a plan; `optimal`: no other here-and-now plan is better by more than the gap. `value`: the measure of the first aim
    (None without a plan), `bound`: what no here-and-now plan beats (None: nothing is proven). `plans`: by the case that comes true.

    `measures`: expected value, worst case and CVaR of the plan. `information`: at least and at most of the value with the future known, here
    and now, and of the usual plan (made for the most likely scenario), and the differences. `cases`: per case its value, that of the plan
    made for it alone, what no plan beats there, and the regret. `aims`: all aims per case. `ready`, `leads`: what is decided. Not a number:
    nothing is known.
    """

    instance: Instance = field(repr=False)
    measure: Measure
    aim: str
    termination: str
    value: float | None
    bound: float | None
    plans: Mapping[str, Plan] = field(repr=False)
    measures: pd.DataFrame = field(repr=False)
    information: pd.DataFrame = field(repr=False)
    cases: pd.DataFrame = field(repr=False)
    aims: pd.DataFrame = field(repr=False)
    ready: pd.DataFrame = field(repr=False)
    leads: pd.DataFrame = field(repr=False)
    usual: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in tables.TITLES}


class Options(TypedDict, total=False):
    """How it is searched. `time_limit`: seconds of all solves together, `gap`: relative; None, or left out: the header's."""

    time_limit: float | None
    gap: float | None
    draws: int
    seed: int
    pool: Pool | str | Path | None
    engine: Engine
    report: Tell
    jobs: int
    dask: str | None
    resume: bool


def hedge(
    instance: Instance | str | Path,
    *,
    measure: Kind = "expected",
    level: float = 0.9,
    out: str | Path | None = None,
    **options: Unpack[Options],
) -> Hedge:
    """Find the here-and-now plan: what to make ready, and who leads, before it is known which scenario comes true.

    Args:
        instance: an instance, or the path of one.
        measure: of the first priority of aims: `expected` value, `worst` case, or `cvar`, the mean of the worst cases.
        level: of `cvar`: the worst cases with a probability of 1 - level together.
        out: folder for the tables, and for the plan of each case.
        **options: `time_limit` (seconds, all solves together) and `gap` (relative), None for the header's; `draws`: how often it is drawn
            which pledges hold, by their `probability` (0: all do); `seed` of draws and solver; `pool`: plans from which the search starts, or
            their folder, to which those found are added; `engine`: `highs`, or `mpi-sppy` where that is installed, solves all cases together;
            `report`: is told what is being done; `jobs`: worker processes on this machine (2) for the cases of a large instance, or the address
            of a Dask scheduler in `dask`; `resume`: go on with the search in `out`.

    Raises:
        InvalidStudy: a scenario has no probability and the measure needs one; the first aim is a ratio; an aim compares with another plan;
            there is nothing to draw; the engine is not installed.
        InvalidInstance: where drawn pledges fail, no plan can keep the rules.
        ValueError: there is no such measure or level.
        FileExistsError: `out` holds something already, and `resume` is false; or another study.
        NoClusterError: no Dask scheduler with workers answers at `dask`.
        KeyboardInterrupt: Ctrl-C came before there was a plan to keep.
    """
    must_be_known("hedge", options, Options)
    wanted = Measure(measure, level)
    if not isinstance(instance, Instance):
        instance = read_instance(instance)
    futures = futures_of(instance, options.get("draws", 0), options.get("seed", 0))
    _must_fit(instance, wanted, futures)
    header = instance.header
    limit, gap = options.get("time_limit"), options.get("gap")
    search = Search(
        header.gap if gap is None else gap,
        options.get("seed", 0),
        header.time_limit if limit is None else limit,
    )
    engine = options.get("engine", "highs")
    if engine == "mpi-sppy":
        must_be_there()
    pool = as_pool(options.get("pool"))
    question = Question(study_of(wanted, search, options.get("draws", 0), engine), (instance,))
    workers, resume = Workers(options.get("jobs", 2), options.get("dask")), options.get("resume", False)
    # The pool is the search's own: what it began with depends on the case.
    with listening(), begin_with(question, "hedge", workers, out, resume=resume) as begun:
        course = run(futures, wanted, search, begun, pool, options.get("report", ignore), engine)
        found = _found(instance, wanted, search, course)
        if begun.folder is not None:
            _keep(begun.folder, found)
    return found


def study_of(measure: Measure, search: Search, draws: int, engine: Engine = "highs") -> Study:
    """The study as its folder knows it."""
    name = f"hedge {measure.kind}" + (f" {measure.level:g}" if measure.kind == "cvar" else "")
    name += "" if engine == "highs" else f" by {engine}"
    limits: dict[str, Any] = {"time_limit": search.limit, "gap": search.gap}
    return Study(name, design="rows", size=draws, seed=search.seed, vary=VARY, solver_seed=search.seed, **limits)


def _must_fit(instance: Instance, measure: Measure, futures: Futures) -> None:
    aims, first = instance.header.aims, First.of(instance)
    wrong = []
    if not futures.known and measure.kind != "worst":
        message = "a scenario has no probability, so nothing can be expected."
        remedy = "Fill the column `probability`, or ask for the worst case."
        wrong.append(Finding("error", "no-probability", "scenarios", None, "probability", message, remedy))
    if any(aim.name == "burden_gap" for aim in first.aims):
        message, remedy = "the first aim, burden_gap, is a ratio, and has no mean.", "Put another aim before it."
        wrong.append(Finding("error", "ratio-first", "header", None, "aims", message, remedy))
    if any(aim.name == "changes" for aim in aims):
        message, remedy = "the aim changes compares with a plan, and there is none here.", "Leave it out."
        wrong.append(Finding("error", "no-baseline", "header", None, "aims", message, remedy))
    if wrong:
        raise InvalidStudy(wrong)


def _found(instance: Instance, measure: Measure, search: Search, course: Course) -> Hedge:
    first, here = First.of(instance), tables.hedged(course, measure).ends
    value = first.sign * here[0] if math.isfinite(here[0]) else None
    bound = first.said(here[0] if math.isfinite(here[0]) else None, here[1])
    intervals = tables.information(course, measure)
    plans = {
        future.name: _as_kept(kept.plan)
        for future, kept in zip(course.futures.each, course.kept, strict=False)
        if kept.plan is not None
    }
    return Hedge(
        instance,
        measure,
        first.name,
        _termination(course, value, bound, search.gap),
        value,
        bound,
        plans,
        measures=tables.measures_table(course, measure, first),
        information=tables.information_table(intervals, first),
        cases=tables.cases_table(course, first),
        aims=tables.aims_table(course),
        ready=tables.ready_table(course),
        leads=tables.leads_table(course),
        usual=course.futures.most_likely.name if course.futures.known else "",
        warnings=tuple(_warnings(course)),
    )


def _termination(course: Course, value: float | None, bound: float | None, gap: float) -> str:
    """How the search for the here-and-now plan ended; every bound that is known counts."""
    if value is None or course.termination == "interrupted":
        return course.termination
    if bound is None:
        return "feasible"
    return "optimal" if abs(bound - value) <= max(gap, 1e-9) * abs(value) + 1e-9 else "feasible"


def _as_kept(plan: Plan) -> Plan:
    """The plan without what was proven of it: that held beside what is ready alone."""
    aims = plan.aims.assign(bound=math.nan, gap=math.nan)
    said = "Made with no more units than were made ready here and now; a plan made for this case alone may be better."
    ended = "interrupted" if plan.termination == "interrupted" else "feasible"
    return replace(plan, termination=ended, aims=aims, events=(*plan.events, said))


def _warnings(course: Course) -> list[str]:
    found = [*course.futures.notes, *(f"Failed: {one}" for one in course.failed)]
    names = [future.name for future in course.futures.each]
    for name, own in zip(names, course.own, strict=True):
        if own.bound == -math.inf:
            found.append(f"{name}: no plan keeps all rules, so there is no here-and-now plan.")
        elif own.score is None:
            found.append(f"{name}: no plan for it alone was found in time.")
    if course.termination == "infeasible" and not any(one.bound == -math.inf for one in course.own):
        found.append(
            "Each case has a plan, but nothing that can be made ready, and nobody who leads, serves all of them."
        )
    if course.futures.known and course.kept:
        lost = [name for name, one in zip(names, course.usual, strict=False) if one.bound == -math.inf]
        open_ = [name for name, one in zip(names, course.usual, strict=False) if one.score is None]
        if lost:
            found.append(f"The usual plan cannot be kept when this comes true: {', '.join(lost)}.")
        elif open_ or not course.usual:
            found.append("What the usual plan is worth was not found in time.")
    return found


def _keep(folder: StudyFolder, found: Hedge) -> None:
    names = found.cases["comes_true"].tolist()
    for number, name in enumerate(names, 1):
        if name in found.plans:
            save_plan(found.plans[name], folder.path / PLANS / str(number))
    about = {
        "measure": found.aim,
        "terminations": {found.termination: 1},
        "hedge": {
            "measure": found.measure.kind,
            "level": found.measure.level if found.measure.kind == "cvar" else None,
            "name": found.measure.name,
            "value": found.value,
            "bound": found.bound,
            "usual": found.usual,
        },
    }
    folder.close_with(found.tables, tables.TITLES, found.warnings, about)
