"""Aims level after level: each is made as good as the levels before it allow, and a plan once found is never lost.

Level k is solved with a *floor* per earlier level: objective ≥ value − Σ|weight|·tolerance·|value of the term| − slack.
The plan of the level before is start and fallback, so a later level can be neither infeasible nor worse.
Ratio levels are in `ratio`.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from optimizer.model.linear import FloatArray, Level, LinearModel, Places
from optimizer.solving.edits import Edits, edits_between
from optimizer.solving.guides import guide_of
from optimizer.solving.highs.breaks import EXACT, FEASIBLE, worst_break
from optimizer.solving.highs.live import LiveModel
from optimizer.solving.highs.lp import versions
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.first import first_plan
from optimizer.solving.improve.spells import with_least_arrivals
from optimizer.solving.improve.submodels import completed, nothing_at_all
from optimizer.solving.linear import Outcome, add_floor, is_reported, objective_of, solve_linear
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.processes import scratch_file
from optimizer.solving.ratio import keep_ratio, ratio_at, solve_ratio
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search
from optimizer.solving.solution import (
    AimResult,
    Incumbent,
    LevelDone,
    LevelResult,
    Notice,
    Report,
    Solution,
    Termination,
    ignore,
    is_better,
)

# The share of the time limit that the first level may use when others follow. What a level leaves passes on.
FIRST_SHARE = 0.85
# And where an aim at few arrivals follows, which takes as many moves.
GUIDED_SHARE = 0.6
# What the tie-break among equal plans may use, for every second of another level.
TIE_BREAK_SHARE = 0.05
# How long fix-and-optimise alone looks for a first plan, and the largest share of the time limit for it; then it goes on beside HiGHS.
FIRST_PLAN_SECONDS = 30.0
FIRST_PLAN_SHARE = 0.3
# On a busy machine it goes on for so many seconds of work, and for this share of the time limit at most.
FIRST_PLAN_WORK = 4.0
FIRST_PLAN_LONGEST = 0.7
# After so many seconds of work HiGHS is asked for any plan, for so long: it often proves at once that there is none.
FIRST_PLAN_QUICK = 2.0
ANY_PLAN_SECONDS = 5.0
# Below this number of whole-number columns HiGHS finds a first plan at once.
LARGE_INTEGERS = 300


class Keeper:
    """Keeps a live model from one solve to the next. `built`: why the last one had to be built again; blank where it was edited."""

    def __init__(self) -> None:
        self.built = ""
        # Where the next model differs from the last one, if that is known; asked once.
        self.known: Edits | None = None
        self.edited = 0
        self._live: LiveModel | None = None
        self._rescaled = False

    def live(self, model: LinearModel, options: SolveOptions, *, rescaled: bool = False) -> LiveModel:
        """A live model of these arrays; `rescaled`: they are not those of which the edits may be known."""
        known, self.known = self.known, None
        if rescaled or self._rescaled:
            known = None
        self._rescaled = rescaled
        found = self._why_not(model, options) if known is None or self._live is None else known
        if isinstance(found, Edits) and self._live is not None:
            self._live.become(model, options, found)
            self.built, self.edited = "", found.count
        else:
            self.built, self.edited = str(found), 0
            self._live = LiveModel(model, options)
        return self._live

    def forget(self) -> None:
        """Let go of the live model."""
        self._live = None

    def _why_not(self, model: LinearModel, options: SolveOptions) -> Edits | str:
        if self._live is None:
            return "the first of its process"
        before = self._live.options
        if (options.seed, options.threads, options.highs) != (before.seed, before.threads, before.highs):
            return "other options"
        return edits_between(self._live.model, model)


def solve_levels(
    model: LinearModel,
    options: SolveOptions,
    start: FloatArray | None = None,
    report: Report = ignore,
    keeper: Keeper | None = None,
    done: Sequence[LevelDone] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Solution:
    """Solve all levels of a model in this process.

    Args:
        model: rows, columns and levels of aims; without levels any plan is looked for.
        options: limits, gap, seed and the rest.
        start: a value per column; NaN where nothing is known. A feasible start is a plan from the first moment.
        report: called with every notice, better plan, progress and end of level, in this thread.
        keeper: keeps the live model for the next call, and edits that of the last one where the structure is the same.
        done: how the first levels have ended, each with its plan; the others follow, from the start where it keeps what they reached.
        stop: asked ten times a second; once it is true, the search ends with what it has, as when its time is up.

    Returns:
        The solution; `interrupted` with what was found when Ctrl-C came.

    Raises:
        SolverFailed: when HiGHS ends without an answer, also without presolve, and there is no plan.
    """
    given_model, model = model, scaled(model)
    with log_file(options) as logged:
        given = None if keeper is None else keeper.live(model, logged, rescaled=model is not given_model)
        search = Search(model, logged, report, given, stop=stop)
        search.take_start(start)
        if done:
            _keep_done(search, done)
        elif search.plan is None:
            _find_first(search)
        if search.plan is not None and len(done) < len(model.levels):
            first = model.levels[len(done)]
            report(Incumbent(first.name, value_of(first, search.plan), search.plan, 0.0))
        results = _walk(search, done)
        return make_solution(
            model,
            search.plan,
            results,
            search.notices,
            interrupted=search.interrupted,
            log=read_log(logged),
            timings={"hand_over": search.handed_over, "solve": time.monotonic() - search.begun - search.handed_over},
        )


def _walk(search: Search, done: Sequence[LevelDone]) -> list[LevelResult]:
    levels = search.model.levels or (Level(()),)
    results = [ended.result for ended in done]
    for number, level in enumerate(levels[len(done) :], len(done)):
        search.level_name = level.name
        _count_least_arrivals(search)
        _begin_guided(search, level)
        search.guide = guide_of(search.model, number)
        begun = time.monotonic()
        last = number + 1 == len(levels)
        left = search.left()
        seconds = None if left is None else left * _share(levels, number, guided=search.guide is not None)
        if search.interrupted or (left == 0.0 and search.plan is not None):
            value = None if search.plan is None else value_of(level, search.plan)
            outcome = Outcome(value, None, False, "interrupted" if search.interrupted else "feasible")
        elif level.ratio is not None:
            outcome = Outcome(*solve_ratio(search, level.ratio, seconds, _tolerance(level)))
        else:
            outcome = solve_linear(search, objective_of(level), seconds)
        results.append(outcome.result(level, time.monotonic() - begun))
        search.report(LevelDone(results[-1], search.plan))
        if search.plan is None:
            break
        if level.ratio is None and not last:
            add_floor(search, level)
    _count_least_arrivals(search)
    return results


def _begin_guided(search: Search, level: Level) -> None:
    """Begin a level with the best plan by the guide of the level before, where it keeps the floors and is better: HiGHS knows no guide."""
    plan, search.guided = search.guided, None
    if plan is None or search.plan is None or level.ratio is not None or search.lost(plan) is not None:
        return
    better = is_better(value_of(level, plan), value_of(level, search.plan))
    if better and search.live.worst_break(search.whole(plan)) <= FEASIBLE:
        search.plan = plan


def _count_least_arrivals(search: Search) -> None:
    """The plan at hand counts no more arrivals than it has, unless further rows of a model ask for them."""
    if search.plan is None:
        return
    plan = with_least_arrivals(search.model, search.plan)
    if plan is not search.plan and search.live.worst_break(search.whole(plan)) <= FEASIBLE:
        search.plan = plan


def _keep_done(search: Search, done: Sequence[LevelDone]) -> None:
    """Floors of the levels that are done; the plan is the start, or what the last of them ended with, where it keeps all floors."""
    plans = [search.plan, *(ended.values for ended in reversed(done))]
    for level, ended in zip(search.model.levels, done, strict=False):
        search.plan = ended.values
        if level.ratio is None:
            add_floor(search, level)
        else:
            keep_ratio(search, level.ratio, _tolerance(level))
    kept = (plan for plan in plans if plan is not None and search.live.worst_break(search.whole(plan)) <= FEASIBLE)
    search.plan = next(kept, None)


def _tolerance(level: Level) -> float:
    """What a ratio may lose in later levels, relative."""
    return level.terms[0].tolerance if level.terms else 0.0


def _find_first(search: Search) -> None:
    """A plan from the first moment: what a start leaves open filled in; else nobody deploys, or (where something is a must) what fix-and-optimise finds.

    Where that finds none soon, an improvement worker goes on beside HiGHS.
    """
    model = search.model
    if search.hint is not None:
        first = objective_of(model.levels[0]) if model.levels else objective_of(Level(()))
        search.live.set_objective(first, maximise=True)
        known = completed(model, search.hint, first)
        search.plan = None if known is None else search.live.settle(search.whole(known))
        if search.plan is not None:
            return
    # A complete start that breaks rules is repaired; on small models HiGHS does that at once.
    complete = search.hint is not None and not np.isnan(search.hint).any()
    nothing = nothing_at_all(model)
    if not complete and worst_break(model, nothing)[1] <= EXACT:
        search.plan = nothing
    elif model.places is not None and int(model.integer.sum()) >= LARGE_INTEGERS:
        _find_by_repair(search, model.places)


def _find_by_repair(search: Search, places: Places) -> None:
    """A plan from fix-and-optimise, or, after a while, from HiGHS; where neither has one soon, the values that came nearest."""
    left = search.left()
    seconds = FIRST_PLAN_SECONDS if left is None else min(FIRST_PLAN_SECONDS, FIRST_PLAN_SHARE * left)
    asking, begun, work = _AnyPlan(search, seconds), time.monotonic(), time.thread_time()

    def enough() -> bool:
        late = time.monotonic() - begun >= seconds and time.thread_time() - work >= min(seconds, FIRST_PLAN_WORK)
        return late or asking.knows()

    def keep(values: FloatArray) -> None:
        search.nearest = values

    found = first_plan(
        search.model,
        places,
        start=search.hint,
        seed=search.options.seed,
        limits=Limits(None if left is None else FIRST_PLAN_LONGEST * left, stop=enough),
        nearest=keep,
    )
    search.plan = asking.plan if found is None else search.live.settle(search.whole(found))


class _AnyPlan:
    """After a while of fix-and-optimise HiGHS is asked, once and not for long, for any plan; if it knows whether there is one, the search ends."""

    def __init__(self, search: Search, seconds: float) -> None:
        self.search = search
        # Not at all where hardly anything would be left of the time.
        self.at = time.thread_time() + (FIRST_PLAN_QUICK if seconds > 2 * ANY_PLAN_SECONDS else float("inf"))
        self.plan: FloatArray | None = None
        self.known = False

    def knows(self) -> bool:
        """Whether HiGHS has found a plan, or that there is none."""
        if time.thread_time() > self.at:
            self.at = float("inf")
            search = self.search
            search.live.set_objective(objective_of(Level(())), maximise=True)
            run = search.live.run(seconds=ANY_PLAN_SECONDS, gap=float("inf"), presolve=search.options.presolve)
            self.plan, search.interrupted = run.values, run.status == "interrupted"
            self.known = self.plan is not None or run.status in {"infeasible", "interrupted"}
        return self.known


def _share(levels: Sequence[Level], number: int, *, guided: bool) -> float:
    """The share of the time left that a level may use: most for the first, little for the tie-break."""
    mine, *later = [1.0 if is_reported(level) else TIE_BREAK_SHARE for level in levels[number:]]
    if number == 0 and 1.0 in later:
        return GUIDED_SHARE if guided else FIRST_SHARE
    return mine / (mine + sum(later))


def make_solution(
    model: LinearModel,
    plan: FloatArray | None,
    results: Sequence[LevelResult],
    notices: Sequence[Notice],
    *,
    interrupted: bool,
    log: str,
    timings: dict[str, float],
) -> Solution:
    """A solution from what is known at the end, with the aims evaluated at the plan."""
    return Solution(
        values=plan,
        termination=_overall(plan, results, interrupted),
        levels=tuple(results),
        aims=() if plan is None else tuple(_aims(model, plan, results)),
        events=tuple(notices),
        log=log,
        timings=timings,
        versions={**versions(), "python": platform.python_version(), "numpy": np.__version__},
    )


def _overall(plan: FloatArray | None, results: Sequence[LevelResult], interrupted: bool) -> Termination:
    if interrupted:
        return "interrupted"
    if plan is None:
        return "infeasible" if results and results[-1].termination == "infeasible" else "none_found"
    return "optimal" if all(result.termination == "optimal" for result in results if result.reported) else "feasible"


def _aims(model: LinearModel, plan: FloatArray, results: Sequence[LevelResult]) -> Iterator[AimResult]:
    for number, level in enumerate(model.levels):
        if not is_reported(level):
            continue
        result = results[number] if number < len(results) else None
        bound = None if result is None else result.bound
        gap = None if result is None else result.gap
        if level.ratio is not None:
            name = level.terms[0].name if level.terms else level.name
            priority = level.terms[0].priority if level.terms else 0
            yield AimResult(name, priority, ratio_at(level.ratio, plan), bound, gap)
            continue
        for term in level.terms:
            alone = bound is not None and len(level.terms) == 1 and term.weight != 0.0
            own = bound / term.weight if alone and bound is not None else None
            yield AimResult(term.name, term.priority, term.expression.at(plan), own, gap)


def value_of(level: Level, plan: FloatArray) -> float:
    """The value of a level at a plan: its weighted sum, or its ratio."""
    return ratio_at(level.ratio, plan) if level.ratio is not None else objective_of(level).at(plan)


@contextmanager
def log_file(options: SolveOptions) -> Iterator[SolveOptions]:
    """The options with a log file: the asked one, or a temporary one for the time of the solve."""
    if options.log_file is not None:
        yield options
        return
    with scratch_file() as scratch:
        yield replace(options, log_file=scratch.path)


def read_log(options: SolveOptions) -> str:
    """The text of the log; empty when there is none."""
    file = options.log_file
    return file.read_text(encoding="utf-8", errors="replace") if file is not None and file.exists() else ""
