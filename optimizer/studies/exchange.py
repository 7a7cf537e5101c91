"""Runs that learn from one another: what any of them finds is tried in every other, until none is beaten by another's plan.

No run looks at the plans of others while it works. All runs of a round are solved; then every plan is tried in every run that is not
proven; runs that take over another's plan and are still not proven are searched once more, from it; and what these find is tried again.
Plans stand in the order of the runs, so the result is a function of the records, whoever made them, and however often that was stopped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optimizer.instance.header_attributes import AIMS
from optimizer.instance.instance import Instance
from optimizer.studies.budget import FIRST, LEAST, Budget, widest
from optimizer.studies.carried import is_denied
from optimizer.studies.design import chunks_of
from optimizer.studies.order import EQUAL
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.runner import Chunk, Workload
from optimizer.studies.running import Begun
from optimizer.studies.study import Study, Tries, Variant
from optimizer.studies.tightening import Travel
from optimizer.studies.workers import Workers

PLAN_FROM: Final = "plan_from"
"""The outcome that says whose plan a run has taken over; blank: its own."""
POOL: Final = "the pool"
MOST_TRIED: Final = 300
"""Plans that are tried in a row at once: more would keep a worker longer than it is waited for."""
CLOSED: Final = frozenset({"infeasible", "invalid"})


@dataclass
class Row:
    """A run, and what is known of it. `ended`: the outcomes of its searches. `seen`: how many plans were tried in it."""

    variant: Variant
    record: Record
    ended: tuple[Mapping[str, Any], ...]
    plan_from: str = ""
    again: bool = False
    seen: int = 0

    @property
    def is_open(self) -> bool:
        """Whether another plan may be better."""
        outcome = self.record.outcome
        if not outcome["has_plan"]:
            return outcome["termination"] not in CLOSED and not is_denied(self.record)
        gaps = [outcome[name] for name in (f"{aim}_gap" for aim in AIMS) if name in outcome]
        return outcome["termination"] != "optimal" or not gaps or any(gap is None or gap > EQUAL for gap in gaps)

    @property
    def is_proven(self) -> bool:
        """Whether the search has nothing left to do."""
        return self.record.outcome["termination"] in {"optimal", *CLOSED}

    @property
    def known(self) -> tuple[Mapping[str, Any], ...]:
        """What is proven of the run: by its searches, and by what travelled to it."""
        return (self.record.outcome, *self.ended)

    @property
    def result(self) -> Record:
        """The record for the table."""
        outcome = {**self.record.outcome, PLAN_FROM: self.plan_from}
        return Record(self.variant.run, outcome, self.record.timing, self.record.start)


class Exchange:
    """The runs of a study, and the plans that they know of.

    Args:
        question: The study and its instances.
        workers: Who works.
        records: What is known from before, by number. A run's further rounds are numbered `run + stride * round`.
        stride: How many runs the study has at most.
        begin: Plans (packed) that were known before the study.
        budget: Seconds for the whole study; None: each run has its own limit.
    """

    def __init__(
        self,
        question: Question,
        workers: Workers,
        records: Mapping[int, Record],
        stride: int,
        begin: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> None:
        self.question, self.workers, self.stride, self.budget = question, workers, stride, budget
        self._limit: float | None = None
        self._share = math.inf
        # Bounds travel between variants of one instance.
        self._travels = {
            place: Travel(question.study, source)
            for place, source in enumerate(question.sources)
            if isinstance(source, Instance)
        }
        self.records = dict(records)
        self.round = 0
        self.plans: list[str] = []
        self.origin: dict[str, str] = {}
        self._place: dict[str, int] = {}
        for plan in begin:
            self._note(plan, POOL)

    def solve(self, chunks: Sequence[Chunk], begin: str = "") -> list[Row]:
        """All runs of some chunks are solved, each chunk from the plan of the run before, or from a better one known before the study."""
        found = self._work([self._with_plans(chunk) for chunk in chunks], begin)
        rows = []
        for variant in (variant for chunk in chunks for variant in chunk):
            record = found[variant.run + self._shift]
            row = Row(replace(variant, tries=None), record, (record.outcome,))
            row.plan_from = self.origin.get(record.start, "")
            row.again = bool(row.plan_from)
            rows.append(row)
        self.note(rows)
        self.round += 1
        return rows

    def first(self, variant: Variant) -> str:
        """The plan (packed; blank: none) of a run that is solved before all others, which begin from it."""
        workers, self.workers = self.workers, replace(self.workers, jobs=1)
        try:
            return self._work([self._with_plans([variant])])[variant.run].start
        finally:
            self.workers = workers

    def note(self, rows: Iterable[Row]) -> None:
        """The plans of some rows join those that are tried."""
        for row in rows:
            self._note(row.record.start, row.variant.name)

    def settle(self, rows: Sequence[Row]) -> None:
        """Every plan is tried in every row that is not proven, until no row is beaten by another's plan."""
        while True:
            self._bounds_travel(rows)
            while new := [row for row in rows if row.is_open and row.seen < len(self.plans)]:
                self._try_all(new)
            self._bounds_travel(rows)
            again = [row for row in rows if row.plan_from and not row.again and not row.is_proven]
            if not again or (self.budget is not None and self.budget.left(self._before) < LEAST):
                break
            self._search_again(again)
            self.note(rows)

    def refine(self, rows: Sequence[Row], keep: float = 0.0) -> None:
        """What is left of the budget, but for the part `keep` of all of it, is spent on the rows whose place in the order is not known."""
        if self.budget is None:
            return
        by_run = {row.variant.run: row for row in rows}
        aims = self.question.first.header.aims
        while True:
            ranked = widest({run: row.record.outcome for run, row in by_run.items()}, aims)
            ranked = [run for run in ranked if by_run[run].is_open and not by_run[run].is_proven]
            chosen, seconds = self.budget.next(ranked, self._before, keep * self.budget.total)
            if not chosen:
                return
            self._limit = seconds
            self._search_again([by_run[run] for run in chosen])
            self.note(rows)
            self.settle(rows)

    def share(self, runs: int, part: float = FIRST) -> None:
        """From now on, each of so many runs may take an equal share of a part of what is left of the budget, and no more than its own limit."""
        if self.budget is not None:
            study, header = self.question.study, self.question.first.header
            own = header.time_limit if study.time_limit is None else study.time_limit
            self._share = self.budget.share(runs, self._before, part)
            self._limit = self.budget.share(runs, self._before, part, math.inf if own is None else own)

    def _with_plans(self, chunk: Chunk) -> Chunk:
        """Runs that begin from the best of the plans that are known, where there are any."""
        tries = Tries(tuple(range(len(self.plans)))) if self.plans else None
        return [replace(variant, tries=tries) for variant in chunk]

    def _try_all(self, rows: Sequence[Row]) -> None:
        """The plans that a row has not seen are tried in it, beside its own."""
        orders, asked = [], []
        for row in rows:
            own = self._own_place(row)
            until = min(len(self.plans), row.seen + MOST_TRIED)
            new = [place for place in range(row.seen, until) if place not in own]
            row.seen = until
            if new:
                asked.append(row)
                orders.append((replace(row.variant, tries=Tries((*own, *new), row.known, solve=False)),))
        found = self._work(orders)
        for row in asked:
            record = found[row.variant.run + self._shift]
            if record.outcome["has_plan"] and record.start != row.record.start:
                row.record = replace(record, timing=_together(row.record, record))
                row.plan_from = self.origin[record.start]
        self.round += 1

    def _search_again(self, rows: Sequence[Row]) -> None:
        """Rows are searched once more, from the plans that they have."""
        orders = [(replace(row.variant, tries=Tries(self._own_place(row), row.known)),) for row in rows]
        if self.budget is not None:
            self.budget.again |= {row.variant.run + self._shift for row in rows}
        found = self._work(orders)
        for row in rows:
            record, row.again = found[row.variant.run + self._shift], True
            if is_denied(record) or (
                not row.record.outcome["has_plan"] and record.outcome["termination"] == "infeasible"
            ):
                row.record, row.plan_from = record, ""
            elif record.outcome["has_plan"]:
                row.plan_from = row.plan_from if record.start == row.record.start else ""
                row.record = replace(record, timing=_together(row.record, record))
                row.ended = (*row.ended, record.outcome)
        self.round += 1

    def _work(self, chunks: Sequence[Chunk], begin: str = "") -> dict[int, Record]:
        """The records of this round, by number."""
        numbered = [tuple(replace(variant, run=variant.run + self._shift) for variant in chunk) for chunk in chunks]
        left = [variant.run for chunk in numbered for variant in chunk if variant.run not in self.records]
        if left:
            setup = replace(self.question.setup, study=self._limited, plans=tuple(self.plans))
            # What a study began with is no run.
            done = {number: record for number, record in self.records.items() if number >= 0}
            workload = Workload(setup, numbered, done, begin)
            self.records |= self.workers.work_off(workload, len(done) + len(left))
        return self.records

    def _own_place(self, row: Row) -> tuple[int, ...]:
        """The place of the plan that a row has."""
        return (self._place[row.record.start],) if row.record.start else ()

    def _bounds_travel(self, rows: Sequence[Row]) -> None:
        for source, travel in self._travels.items():
            travel([row for row in rows if row.variant.source == source])

    def _note(self, plan: str, name: str) -> None:
        if plan and plan not in self.origin:
            self.origin[plan], self._place[plan] = name, len(self.plans)
            self.plans.append(plan)

    @property
    def _limited(self) -> Study:
        """The study with the limit that each run has now."""
        study = self.question.study
        first = None if study.first_time_limit is None else min(study.first_time_limit, self._share)
        return study if self._limit is None else replace(study, time_limit=self._limit, first_time_limit=first)

    @property
    def _before(self) -> dict[int, Record]:
        """The records of the rounds before; a resumed study has further ones already."""
        return {run: record for run, record in self.records.items() if 0 <= run < self._shift}

    @property
    def _shift(self) -> int:
        return self.round * self.stride


def exchange_of(begun: Begun, stride: int) -> Exchange:
    """The exchange of a study that has begun, which has so many runs at most."""
    budget = None if begun.question.study.total is None else Budget(begun.question.study.total)
    return Exchange(begun.question, begun.workers, begun.records, stride, begun.before, budget)


def exchanged(begun: Begun, variants: Sequence[Variant]) -> list[Row]:
    """The rows of a study whose runs are all solved at once, none of them beaten by another's plan; these join the pool."""
    study = begun.question.study
    chunks = chunks_of(study, variants)
    exchange = exchange_of(begun, len(variants))
    exchange.share(len(variants))
    # All other runs wait for the first: every chain begins from its plan.
    begin = "" if study.first_time_limit is None else exchange.first(chunks[0][0])
    rows = exchange.solve(chunks, begin)
    exchange.settle(rows)
    exchange.refine(rows)
    begun.keep(row.record for row in rows)
    return rows


def _together(earlier: Record, later: Record) -> dict[str, Any]:
    """The timing of a run that was worked on twice."""
    more = {
        name: round(seconds + later.timing.get(name, 0.0), 4)
        for name, seconds in earlier.timing.items()
        if name.startswith("seconds")
    }
    return {**earlier.timing, **more}
