"""The runs of the study: a case solved by itself, or with what is ready. Workers answer them; where all is soon done, this process does."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from optimizer.extraction import versions
from optimizer.model.families.lead import terms_of_lead
from optimizer.plan.plan import Ending, Plan
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.highs.lp import versions as solver_versions
from optimizer.solving.solution import SolverFailed
from optimizer.studies.carried import DeniedPlan
from optimizer.studies.hand import Care
from optimizer.studies.hedge.extensive import Case, within
from optimizer.studies.hedge.futures import Future, Futures, futures_of
from optimizer.studies.hedge.judging import First, Judged, Search, case_of, judge, units_start
from optimizer.studies.hedge.ready import Ready
from optimizer.studies.pooled import PooledPlan, Trial, unpacked
from optimizer.studies.question import Question, Setup
from optimizer.studies.record import Record, failed
from optimizer.studies.runner import Workload
from optimizer.studies.study import Variant, Vary
from optimizer.studies.workers import Workers

CARE: Final = Care("optimizer.studies.hedge.worker")
OWN, WHOLE, READY = "own", "whole", "ready"
"""What a run does with a case: the first level of aims, all levels, or what is best with what is ready."""
LIKELY: Final = -1
"""The number of the most likely scenario with every pledge, where it is none of the cases."""
VARY: Final = tuple(Vary(name, "probe") for name in ("do", "case", "ready", "start"))
"""What the runs differ in."""
MARK: Final = "asked"
"""The outcome that says what was asked."""
BEGUN, TOGETHER = "plans that were known", "all together"
"""What it says of that which is found of all cases together."""


@dataclass(frozen=True)
class Asked:
    """What a run is asked. `ready`: what is ready in the case, with those who may lead there, as a text; `start`: a packed plan, or blank."""

    do: str
    number: int
    ready: str = ""
    start: str = ""

    @property
    def inputs(self) -> tuple[str, int, str, str]:
        """As the inputs of a run."""
        return self.do, self.number, self.ready, self.start

    @property
    def mark(self) -> str:
        """What tells it from others."""
        return hashlib.sha256(json.dumps(self.inputs).encode()).hexdigest()


def text_of(ready: Ready, levels: int | None) -> str:
    """What is ready in a case, and how many levels of aims count, as a text."""
    units = sorted([*service, count] for service, count in ready.units.items() if count)
    return json.dumps({"units": units, "leads": sorted(ready.leads), "levels": levels})


def ready_of(text: str) -> tuple[Ready, int | None]:
    """What is ready, and how many levels of aims count, of a text."""
    found = json.loads(text)
    units = {(pledge, line, period): count for pledge, line, period, count in found["units"]}
    return Ready(units, frozenset(map(tuple, found["leads"]))), found["levels"]


class Hedger:
    """Answers run after run; the model of each case is made once."""

    def __init__(self, setup: Setup, futures: Futures | None = None, cases: dict[int, Case] | None = None) -> None:
        self.setup, self._futures = setup, futures
        self._cases = {} if cases is None else cases

    def answer(self, variant: Variant, start: str) -> Record:  # noqa: ARG002
        """The record of a run."""
        begun = time.perf_counter()
        asked = Asked(*variant.inputs)  # type: ignore[arg-type]
        try:
            found = self._judged(asked)
        except (RejectedPlan, SolverFailed, ArithmeticError, LookupError, ValueError, TypeError, MemoryError) as error:
            record = failed(variant.run, "failed", f"{type(error).__name__}: {' '.join(str(error).split())}"[:500])
            return replace(record, outcome={**record.outcome, MARK: asked.mark})
        outcome = {
            MARK: asked.mark,
            "termination": found.termination,
            "has_plan": found.plan is not None,
            "score": found.score,
            "bound": found.bound if math.isfinite(found.bound) else None,
            "aims": [] if found.plan is None else _proofs(found.plan),
        }
        packed = "" if found.plan is None else PooledPlan.of(found.plan).packed
        return Record(variant.run, outcome, {"seconds": round(time.perf_counter() - begun, 3)}, packed)

    def _judged(self, asked: Asked) -> Judged:
        study, case = self.setup.study, self._case(asked.number)
        model = case.first_level() if asked.do == OWN else case.built.linear
        if asked.do == READY:
            ready, levels = ready_of(asked.ready)
            model = within(case, ready, levels)
        search = Search(study.gap or 0.0, study.solver_seed, study.time_limit)
        found = judge(case, model, search, units_start(case, unpacked(asked.start).units) if asked.start else None)
        if found.termination == "infeasible" and self._is_plan(asked):
            raise DeniedPlan
        return found

    def _is_plan(self, asked: Asked) -> bool:
        """Whether the start keeps the rules of its case, and needs no more than is ready."""
        case = self._case(asked.number)
        if not asked.start or self._futures is None:
            return False
        future = future_of(self._futures, asked.number)
        tried = Trial(future.instance, future.scenario).tried(unpacked(asked.start))
        if tried is None or asked.do != READY:
            return tried is not None
        ready, _ = ready_of(asked.ready)
        leads = {
            (nation, mission, area, term)
            for nation, mission, area, said in tried.pooled.leads
            if (mission, area) in case.situation.posts
            for term in terms_of_lead(case.situation, (mission, area))
            if not said or str(term) in said.split(";")
        }
        return leads <= ready.leads and all(
            count <= ready.units.get(service, 0) for service, count in tried.pooled.units.items()
        )

    def _case(self, number: int) -> Case:
        if number not in self._cases:
            if self._futures is None:
                study, source = self.setup.study, self.setup.sources[0]
                self._futures = futures_of(source, study.size, study.seed)  # type: ignore[arg-type]
            self._cases[number] = case_of(future_of(self._futures, number))
        return self._cases[number]


def future_of(futures: Futures, number: int) -> Future:
    """What comes true in a case, by its number."""
    return futures.most_likely if number == LIKELY else futures.each[number]


def _proofs(plan: Plan) -> list[dict[str, Any]]:
    """Bound and gap of each aim of a plan; None where nothing is known."""
    rows = plan.aims.to_dict("records")
    return [{name: None if math.isnan(row[name]) else float(row[name]) for name in ("bound", "gap")} for row in rows]


@dataclass
class Runs:
    """Asks in rounds. What is asked follows from the answers so far, so a resumed study goes the same way.

    `here`: whether this process answers, and not workers. `records`: of an earlier search of the same study.
    """

    question: Question
    futures: Futures
    cases: dict[int, Case]
    workers: Workers
    records: dict[int, Record]
    here: bool
    asked: int = 0
    round: Sequence[Asked] = ()
    failed: list[str] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """Seconds of wall time that the records stand for: what was done together was done by one process alone."""
        jobs = 1 if self.here else max(1, self.workers.jobs)
        return math.fsum(
            record.timing.get("seconds", 0.0) / (1 if record.outcome.get(MARK) in {BEGUN, TOGETHER} else jobs)
            for record in self.records.values()
        )

    def ask(self, orders: Sequence[Asked], seconds: float | None) -> list[Judged]:
        """What is known of each, with so many seconds for each search.

        Raises:
            KeyboardInterrupt: one was interrupted; what was found of the others is in `so_far`.
        """
        self.round = orders
        variants = [Variant(self.asked + index, "", 0, one.inputs) for index, one in enumerate(orders)]
        self.asked += len(orders)
        left = [
            variant
            for variant, one in zip(variants, orders, strict=True)
            if variant.run not in self.records or self.records[variant.run].outcome.get(MARK) != one.mark
        ]
        study = replace(self.question.study, time_limit=seconds)
        setup = replace(self.question.setup, study=study)
        if left and self.here:
            hedger = Hedger(setup, self.futures, self.cases)
            for variant in left:
                self._take(hedger.answer(variant, ""))
        elif left:
            workers = replace(self.workers, care=CARE, take=self._take)
            workers.work_off(Workload(setup, [(variant,) for variant in left]), self.asked)
        return [self._read(one, self.records[variant.run]) for variant, one in zip(variants, orders, strict=True)]

    def so_far(self) -> list[Judged | None]:
        """What is known of each of the last round, which was interrupted."""
        numbers = range(self.asked - len(self.round), self.asked)
        records = [self.records.get(number) for number in numbers]
        return [
            None if record is None or record.outcome.get(MARK) != one.mark else self._read(one, record)
            for one, record in zip(self.round, records, strict=True)
        ]

    def take(self, name: str, outcome: Mapping[str, Any], seconds: float, plans: Sequence[str]) -> None:
        """Keep what was found together, as a record of its own."""
        record = Record(self.asked - 1, {MARK: name, **outcome}, {"seconds": round(seconds, 3)}, " ".join(plans))
        self._take(record)

    def taken(self, name: str) -> Record | None:
        """What was found together before; None where it was not. It has the next number."""
        self.asked += 1
        record = self.records.get(self.asked - 1)
        return record if record is not None and record.outcome.get(MARK) == name else None

    def _take(self, record: Record) -> None:
        if record.outcome["termination"] == "interrupted":
            raise KeyboardInterrupt
        self.records[record.run] = record
        self.workers.take(record)

    def _read(self, asked: Asked, record: Record) -> Judged:
        outcome, future = record.outcome, future_of(self.futures, asked.number)
        # A worker that was lost leaves no more than the reason.
        if MARK not in outcome or outcome["termination"] == "failed":
            self.failed.append(f"{future.name}: {outcome['reason']}")
            return Judged(None, math.inf, "failed")
        bound = math.inf if outcome["bound"] is None else float(outcome["bound"])
        if not record.start:
            bound = -math.inf if outcome["termination"] == "infeasible" else bound
            return Judged(None, bound, outcome["termination"])
        found = self.read(asked.number, record.start, outcome["aims"], str(outcome["termination"]))
        return replace(found, bound=max(bound, found.at_least))

    def read(
        self, number: int, packed: str, proofs: Sequence[Mapping[str, Any]] = (), termination: str = "feasible"
    ) -> Judged:
        """A plan of a case that is known, as the verifier finds it, with the bound and gap of each aim that are proven."""
        future = future_of(self.futures, number)
        tried = Trial(future.instance, future.scenario).tried(unpacked(packed))
        if tried is None:
            raise AssertionError(f"a plan that was verified for {future.name} keeps its rules no more")
        aims = [
            {**proof, "name": one.aim.name, "value": one.value}
            for proof, one in zip(proofs, tried.evaluation.aims, strict=False)
        ]
        plan = tried.plan(Ending(termination, aims, versions={**solver_versions(), **versions()}))
        values = units_start(self.case(number), tried.pooled.units)
        return Judged(First.of(future.instance).score(plan), math.inf, termination, plan, values)

    def case(self, number: int) -> Case:
        """The model of a case."""
        if number not in self.cases:
            self.cases[number] = case_of(future_of(self.futures, number))
        return self.cases[number]
