"""The runs of the study, in rounds: what is asked in a round follows from the records of those before, so a resumed study goes the same way."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.runner import Workload
from optimizer.studies.study import Tries, Variant
from optimizer.studies.withdraw.answering import QUESTION, Asked
from optimizer.studies.workers import Workers

LEAST_SECONDS: Final = 1.0
_OVERHEAD: Final = 2.0
"""Seconds that a run takes to begin, and to be checked."""
Order = tuple[Asked, tuple[int, ...]]
"""What is asked, and the places of the plans to try."""


class Course:
    """Asks the workers, within a time limit for all.

    Attributes:
        plans: packed plans, by their places.
        asked: how many runs there were.
    """

    def __init__(
        self, question: Question, workers: Workers, records: Mapping[int, Record], time_limit: float | None
    ) -> None:
        self.question, self.workers = question, workers
        self.records = {run: record for run, record in records.items() if run >= 0}
        self.plans: list[str] = []
        self.asked = 0
        spent = sum(record.timing.get("seconds", 0.0) for record in self.records.values()) / max(1, workers.jobs)
        self._deadline = math.inf if time_limit is None else time.monotonic() + time_limit - spent

    @property
    def left(self) -> float:
        """Seconds that are left; infinity without a limit."""
        return self._deadline - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0.0

    def place(self, packed: str) -> int:
        """The place of a plan, which is kept."""
        if packed not in self.plans:
            self.plans.append(packed)
        return self.plans.index(packed)

    def share(self, runs: int) -> float | None:
        """Seconds for each of so many runs; None without a limit."""
        if math.isinf(self._deadline):
            return None
        return max(LEAST_SECONDS, self.left * self.workers.jobs / max(self.workers.jobs, runs) - _OVERHEAD)

    def run(self, orders: Sequence[Order], seconds: float | None, to_come: int = 0) -> list[Record]:
        """The records of a round. `seconds`: the limit of each run; None takes that of the instance. `to_come`: runs of later rounds, as far as known."""
        variants = [
            Variant(self.asked + index, " ".join(asked.inputs), 0, asked.inputs, Tries(places))
            for index, (asked, places) in enumerate(orders)
        ]
        self.asked += len(variants)
        known = {
            variant.run: self.records[variant.run]
            for variant in variants
            if variant.run in self.records and self.records[variant.run].outcome.get(QUESTION) == variant.name
        }
        study = replace(self.question.study, time_limit=seconds)
        setup = replace(self.question.setup, study=study, plans=tuple(self.plans))
        before = {run: record for run, record in self.records.items() if run < variants[0].run} if variants else {}
        chunks = [(variant,) for variant in variants]
        if len(known) < len(variants):
            workload = Workload(setup, chunks, before | known)
            self.records |= known | self.workers.work_off(workload, self.asked + to_come)
        return [self.records[variant.run] for variant in variants]
