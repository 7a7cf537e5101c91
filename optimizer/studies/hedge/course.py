"""The course of the study: each case's own plan, the usual plan made ready, all cases as one model, and each case with what is ready."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from optimizer.corridor import start_from
from optimizer.extraction import units_of
from optimizer.interrupts import held, keep, requests
from optimizer.model.linear import FloatArray
from optimizer.plan.plan import Plan
from optimizer.solving.levels import LARGE_INTEGERS, solve_levels
from optimizer.studies.carried import DENIED
from optimizer.studies.hedge import runs
from optimizer.studies.hedge.clock import Clock
from optimizer.studies.hedge.combining import Known, combined
from optimizer.studies.hedge.extensive import Case, extensive, named_in
from optimizer.studies.hedge.futures import Futures
from optimizer.studies.hedge.judging import LEAST_SECONDS, First, Judged, Search, case_of, extracted, units_start
from optimizer.studies.hedge.measure import Measure
from optimizer.studies.hedge.ready import Ready, first_stage
from optimizer.studies.hedge.runs import LIKELY, OWN, READY, WHOLE, Asked, Runs, ready_of, text_of
from optimizer.studies.pool import Pool, PooledPlan, Trial, Tried
from optimizer.studies.pooled import unpacked
from optimizer.studies.running import Begun

Tell = Callable[[str], None]
Engine = Literal["highs", "mpi-sppy"]
COMBINED: Final = LARGE_INTEGERS
"""From so many whole-number columns on, known plans are put together before the search; smaller models are solved at once."""
TRIED: Final = 20
"""With more cases than this, not every plan is tried in every case."""
PLANNED: Final = {"termination": "feasible", "has_plan": True}


def ignore(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, eq=False)
class Course:
    """All that was found; one entry per case and part.

    `own`: the plan made for the case alone. `usual_plan`: the plan made for the most likely case, `usual`: what is best where that was made
    ready (none where there is no plan). `kept`: what is best with `ready` (none where there is no here-and-now plan). No here-and-now plan
    has a higher score than `bound`.
    """

    futures: Futures
    cases: tuple[Case, ...] = field(repr=False)
    own: tuple[Judged, ...] = field(repr=False)
    usual_plan: Plan | None = field(repr=False)
    usual: tuple[Judged, ...] = field(repr=False)
    bound: float
    termination: str
    kept: tuple[Judged, ...] = field(default=(), repr=False)
    ready: Ready | None = field(default=None, repr=False)
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Start:
    """Something that can be made ready, and a plan of each case that needs no more."""

    ready: Ready
    each: Sequence[Judged]

    @property
    def scores(self) -> list[float]:
        """The score of each plan."""
        return [one.at_least for one in self.each]

    @property
    def values(self) -> list[FloatArray]:
        """The columns of each case, not a number where they follow from others."""
        return [one.values for one in self.each if one.values is not None]


def run(
    futures: Futures,
    measure: Measure,
    search: Search,
    begun: Begun,
    pool: Pool | None = None,
    tell: Tell = ignore,
    engine: Engine = "highs",
) -> Course:
    """Find the here-and-now plan.

    Args:
        futures: what may come true.
        measure: by what it is judged.
        search: gap, seed, and the limit of all solves together.
        begun: the study, who works, and what is known of an earlier search.
        pool: plans from which the searches start; what is found is added.
        tell: is told what is being done.
        engine: what solves all cases together.

    Raises:
        KeyboardInterrupt: Ctrl-C came before there was a here-and-now plan to keep.
        RejectedPlan: a plan breaks a rule (a defect that should be reported).
    """
    return _Run(futures, measure, search, begun, pool, tell, engine).run()


class _Run:
    def __init__(
        self,
        futures: Futures,
        measure: Measure,
        search: Search,
        begun: Begun,
        pool: Pool | None,
        tell: Tell,
        engine: Engine,
    ) -> None:
        self.futures, self.measure, self.search = futures, measure, search
        self.pool, self.tell, self.engine = pool, tell, engine
        self.cases = tuple(map(case_of, futures.each))
        size = sum(int(case.built.linear.integer.sum()) for case in self.cases)
        here = begun.workers.dask is None and (begun.workers.jobs == 1 or size < COMBINED)
        self.runs = Runs(begun.question, futures, dict(enumerate(self.cases)), begun.workers, begun.records, here)
        self.jobs = 1 if here else begun.workers.jobs
        self.clock = Clock(search.limit, self.runs.spent)
        self.first = first_stage([case.built for case in self.cases])

    def run(self) -> Course:
        own = self._own()
        bound = self._measured([one.bound for one in own])
        course = Course(self.futures, self.cases, own, None, (), bound, "infeasible")
        if any(one.bound == -math.inf for one in own):
            return replace(course, bound=-math.inf, failed=tuple(self.runs.failed))
        plan, ready, usual = self._usual(own)
        course = replace(course, usual_plan=plan, usual=usual)
        start = self._start(ready, usual, own)
        ready, found, joint, termination = self._joint(start)
        if termination == "infeasible" and start is not None:
            self.runs.failed.append(f"{runs.TOGETHER}: {DENIED}")
            joint, termination = math.inf, "failed"
        bound = -math.inf if termination == "infeasible" else min(bound, joint)
        if ready is None and start is None:
            return replace(course, bound=bound, termination=termination, failed=tuple(self.runs.failed))
        ready, kept, stopped = self._with_ready(ready, found, start, own)
        termination = "interrupted" if stopped else termination
        scores = [one.at_least for one in kept]
        bound = max(bound, self._measured(scores))
        own = self._exchanged(own, [*kept, *usual])
        course = replace(course, own=own, kept=kept, ready=_trimmed(ready, kept), failed=tuple(self.runs.failed))
        return replace(course, bound=bound, termination=termination)

    def _measured(self, scores: Sequence[float]) -> float:
        return self.measure.of(scores, self.futures.weights)

    def _limited(self, clock: Clock, solves: int) -> Search:
        return replace(self.search, limit=clock.seconds(solves))

    def _own(self) -> tuple[Judged, ...]:
        """The plan of each case by itself, with the first level of aims; the most likely one first, and with most time: others begin with it."""
        clock, found = self.clock.begin("own"), dict[int, Judged]()
        chances = self.futures.weights
        first, *others = sorted(range(len(self.cases)), key=lambda number: -chances[number])
        self.tell(f"the plan for {self.futures.each[first].name} alone")
        tried = self._best_known(clock)
        solves = len(self.cases) if tried[first] is not None else min(len(self.cases), 2)
        starts = {number: "" if known is None else known.pooled.packed for number, known in enumerate(tried)}
        (found[first],) = self.runs.ask([Asked(OWN, first, start=starts[first])], clock.seconds(solves))
        # What serves in one case mostly serves in the next, and is sooner mended than found.
        before = _packed(found[first])
        orders = [Asked(OWN, number, start=starts[number] or before) for number in others]
        if orders:
            self.tell("the plan of each other case alone")
        found |= dict(zip(others, self.runs.ask(orders, clock.seconds(len(orders), self.jobs)), strict=True))
        for number, known in enumerate(tried):
            if known is not None:
                found[number] = _better(found[number], known.plan())
            plan = found[number].plan
            if self.pool is not None and plan is not None:
                self.pool.add(plan)
        return tuple(found[number] for number in range(len(self.cases)))

    def _best_known(self, clock: Clock) -> list[Tried | None]:
        """The best plan of the pool in each case, as far as they are found in half the time; a resumed search goes on with those that it began with."""
        record, begun = self.runs.taken(runs.BEGUN), time.monotonic()
        trials = [Trial(future.instance, future.scenario) for future in self.futures.each]
        if record is None:
            plans, half = [] if self.pool is None else self.pool.plans(), clock.seconds(2)
            tried = []
            for number, trial in enumerate(trials, 1):
                until = None if half is None else begun + half * number / len(trials)
                tried.append(trial.best(plans, None if until is None else until - time.monotonic()))
            packed = ["-" if one is None else one.pooled.packed for one in tried]
            self.runs.take(runs.BEGUN, PLANNED, time.monotonic() - begun, packed)
            return tried
        return [
            None if packed == "-" else trial.tried(unpacked(packed))
            for trial, packed in zip(trials, record.start.split(), strict=True)
        ]

    def _usual(self, own: Sequence[Judged]) -> tuple[Plan | None, Ready | None, tuple[Judged, ...]]:
        """The plan made for the most likely scenario with every pledge, and what is best where that was made ready."""
        likely, clock = self.futures.most_likely, self.clock.begin("usual")
        self.tell(f"the plan for {likely.name}, made ready")
        at = next((number for number, future in enumerate(self.futures.each) if future is likely), LIKELY)
        start = "" if at == LIKELY else _packed(own[at])
        (judged,) = self.runs.ask([Asked(WHOLE, at, start=start)], clock.seconds(len(self.cases) + 1))
        if judged.plan is None:
            return None, None, ()
        ready = self.first.of_plan(judged.plan, self.runs.case(at).built)
        starts = [_packed(judged)] * len(self.cases)
        orders = self._with(ready, starts, levels=1)
        return judged.plan, ready, tuple(self.runs.ask(orders, clock.seconds(len(orders), self.jobs)))

    def _with(self, ready: Ready, starts: Sequence[str], levels: int | None = None) -> list[Asked]:
        """Each case with what is ready, from a plan (packed)."""
        return [
            Asked(READY, number, text_of(named_in(case, self.first, ready), levels), start)
            for number, (case, start) in enumerate(zip(self.cases, starts, strict=True))
        ]

    def _start(self, ready: Ready | None, usual: Sequence[Judged], own: Sequence[Judged]) -> Start | None:
        """What the search for all cases together begins with: the usual plan made ready, or the best that known plans make together."""
        clock = self.clock.begin("known")
        kept = [one for one in usual if one.values is not None]
        start = None if ready is None or len(kept) < len(self.cases) else Start(ready, kept)
        size = sum(int(case.built.linear.integer.sum()) for case in self.cases)
        if size < COMBINED or len(self.cases) > TRIED:
            return start
        self.tell("known plans, together")
        together = combined(
            self.first, self._known(own, usual, clock), self.futures.weights, self.measure, self._limited(clock, 1)
        )
        if together is None or (start is not None and together.value <= self._measured(start.scores)):
            return start
        found = []
        for case, known in zip(self.cases, together.chosen, strict=True):
            values = units_start(case, units_of(known.plan) or {})
            found.append(Judged(known.score, math.inf, "feasible", known.plan, values))
        return Start(together.ready, found)

    def _known(self, own: Sequence[Judged], usual: Sequence[Judged], clock: Clock) -> list[list[Known]]:
        """Per case the plans that keep its rules: those made for it, and, as long as there is time, all others that are known."""
        found: list[list[Known]] = []
        plans: dict[str, PooledPlan] = {one.key: one for one in (() if self.pool is None else self.pool.plans())}
        for number, case in enumerate(self.cases):
            mine = [one.plan for some in (own, usual) for one in some[number : number + 1] if one.plan is not None]
            plans |= {one.key: one for one in map(PooledPlan.of, mine)}
            found.append([self._as_known(case, plan) for plan in mine])
        trials = [Trial(future.instance, future.scenario) for future in self.futures.each]
        for pooled in plans.values():
            for number, case in enumerate(self.cases):
                left = clock.seconds(1)
                if left is not None and left <= LEAST_SECONDS:
                    return found
                tried = trials[number].tried(pooled)
                if tried is not None:
                    found[number].append(self._as_known(case, tried.plan()))
        return found

    def _as_known(self, case: Case, plan: Plan) -> Known:
        score = First.of(case.situation.instance).score(plan)
        return Known(plan, score, self.first.of_plan(plan, case.built))

    def _joint(self, start: Start | None) -> tuple[Ready | None, list[Judged], float, str]:
        """What is made ready, the plan of each case, the bound, and how the search ended."""
        record, begun = self.runs.taken(runs.TOGETHER), time.monotonic()
        if record is None:
            self.tell("all together")
            ready, slices, bound, ended = self._solved(start)
            # From here on a request to end costs no plan.
            with contextlib.suppress(KeyboardInterrupt), held():
                found = [extracted(case, values) for case, values in zip(self.cases, slices, strict=False)]
            if ended != "interrupted":
                told = {"bound": bound if math.isfinite(bound) else None, "termination": ended, "has_plan": bool(found)}
                told["ready"] = None if ready is None else text_of(ready, None)
                self.runs.take(runs.TOGETHER, told, time.monotonic() - begun, [_packed(one) for one in found])
            return ready, found, bound, ended
        outcome: Mapping[str, Any] = record.outcome
        ready = None if outcome["ready"] is None else ready_of(outcome["ready"])[0]
        found = [self.runs.read(number, packed) for number, packed in enumerate(record.start.split())]
        return ready, found, math.inf if outcome["bound"] is None else outcome["bound"], outcome["termination"]

    def _solved(self, start: Start | None) -> tuple[Ready | None, list[FloatArray], float, str]:
        """What is made ready, the columns of each case, the bound, and how the search ended."""
        if self.engine == "mpi-sppy":
            return self._by_mpi_sppy()
        joint = extensive(self.first, self.cases, self.futures.weights, self.measure)
        values = None
        if start is not None:
            values = joint.start(self._first_values(start.ready), start.values)
        options = replace(self._limited(self.clock.begin("joint"), 1), improve=True).options()
        solution = solve_levels(joint.linear, options, values)
        known = solution.levels[0].bound if solution.levels else None
        bound = math.inf if known is None else known
        if solution.values is None:
            return None, [], bound, solution.termination
        parts = [joint.of_case(solution.values, number) for number in range(len(self.cases))]
        return self.first.read(solution.values), parts, bound, solution.termination

    def _by_mpi_sppy(self) -> tuple[Ready | None, list[FloatArray], float, str]:
        from optimizer.studies.hedge.by_mpi_sppy import solve

        search = self._limited(self.clock.begin("joint"), 1)
        values, parts, bound, ended = solve(self.first, self.cases, self.futures.weights, self.measure, search)
        return None if values is None else self.first.read(values), parts, bound, ended

    def _first_values(self, ready: Ready) -> FloatArray:
        """The first stage as a start."""
        as_built = replace(self.cases[0].built, linear=self.first.linear, units=self.first.units)
        values = start_from(as_built, ready.units)
        for key, column in self.first.leads.items():
            values[column] = float(key in ready.leads)
        return values

    def _with_ready(
        self, ready: Ready | None, together: Sequence[Judged], start: Start | None, own: Sequence[Judged]
    ) -> tuple[Ready, tuple[Judged, ...], bool]:
        """What is ready, what is then best in each case by all aims in their order, and whether it was interrupted.

        Never worse than what was found together, nor than what that began with.
        """
        clock, found, stopped = self.clock.begin("ready"), list(together), requests() > 0
        scores = [one.at_least for one in found]
        if start is not None and (ready is None or self._measured(scores) < self._measured(start.scores)):
            ready, found = start.ready, list(start.each)
        if ready is None:
            raise AssertionError("something was found, or there was a start")
        self.tell("each case, with what is ready")
        starts = [_packed(one) for one in found]
        better: Sequence[Judged | None] = [None] * len(found)
        try:
            if not stopped:
                orders = self._with(ready, starts)
                better = self.runs.ask(orders, clock.seconds(len(orders), self.jobs))
        except KeyboardInterrupt:
            better, stopped = self.runs.so_far(), True
        for number, one in enumerate(better):
            if one is not None and one.at_least >= found[number].at_least:
                found[number] = one
            bound = max(own[number].bound, found[number].at_least)
            found[number] = replace(found[number], bound=min(found[number].bound, bound))
        keep()
        return ready, tuple(found), stopped

    def _exchanged(self, own: Sequence[Judged], more: Sequence[Judged]) -> tuple[Judged, ...]:
        """The best plan known for each case: every plan is tried wherever a better one may be; all go to the pool."""
        plans = [one.plan for one in (*own, *more) if one.plan is not None]
        pool = Pool()
        for plan in plans:
            pool.add(plan)
            if self.pool is not None:
                self.pool.add(plan)
        found = list(own)
        if len(own) > TRIED:
            return tuple(found)
        for number, (one, future) in enumerate(zip(own, self.futures.each, strict=True)):
            if one.termination != "optimal":
                tried = pool.best_for(future.instance, future.scenario)
                found[number] = one if tried is None else _better(one, tried.plan())
        return tuple(found)


def _packed(judged: Judged) -> str:
    """The plan, packed; blank without one."""
    return "" if judged.plan is None else PooledPlan.of(judged.plan).packed


def _better(judged: Judged, plan: Plan) -> Judged:
    """The same with another plan, where that is better."""
    score = First.of(plan.instance).score(plan)
    if score <= judged.at_least:
        return judged
    return replace(judged, score=score, bound=max(judged.bound, score), plan=plan, values=None)


def _trimmed(ready: Ready, kept: Sequence[Judged]) -> Ready:
    """Of what is ready what some case uses."""
    most: dict[tuple[str, str, int], int] = {}
    for one in kept:
        if one.plan is not None:
            frame = one.plan.assignments
            columns = (frame[name].tolist() for name in ("pledge", "requirement", "period", "units"))
            for pledge, line, period, units in zip(*columns, strict=True):
                key = (str(pledge), str(line), int(period))
                most[key] = max(most.get(key, 0), int(units))
    leading = {
        (str(row["nation"]), str(row["mission"]), str(row["area"]))
        for one in kept
        if one.plan is not None
        for row in one.plan.participation.to_dict("records")
        if row["leads"]
    }
    return Ready(most, frozenset(key for key in ready.leads if key[:3] in leading))
