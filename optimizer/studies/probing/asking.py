"""Many probes, on the runner of the studies: in parallel, and each answer on the disk at once where there is a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from optimizer.studies.hand import Care
from optimizer.studies.probing.probe import Probe
from optimizer.studies.question import Question
from optimizer.studies.record import Record
from optimizer.studies.runner import Workload
from optimizer.studies.running import Limited
from optimizer.studies.study import Study, Variant, Vary
from optimizer.studies.workers import Workers

CARE: Final = Care("optimizer.studies.probing.worker")
VARY: Final = (Vary("probe", "probe"), Vary("start", "probe"))
"""What the runs of a study of probes differ in."""
MARK: Final = "asked"
"""The column of a record that says what was asked."""


def study_of(name: str, said: Mapping[str, Any], scenario: str | None, limits: Limited) -> Study:
    """The study behind a question; `said`: what it asks, which must be the same for it to be resumed."""
    rows = tuple((f"{key}={value}", None) for key, value in said.items())
    return Study(
        name,
        scenario=scenario,
        design="rows",
        vary=VARY,
        rows=rows,
        time_limit=limits.get("time_limit"),
        gap=limits.get("gap"),
    )


@dataclass
class Asking:
    """Asks probes one round after another. `known`: records of an earlier run of the same study, by run.

    What is asked next follows from the answers so far, and never from how many processes gave them.
    """

    question: Question
    workers: Workers
    known: Mapping[int, Record] = field(default_factory=dict)
    expected: int = 0
    records: list[Record] = field(default_factory=list)

    def ask(self, probes: Sequence[tuple[Probe, str]]) -> list[Record]:
        """The answers to probes, in their order; each comes with the packed plan that its search starts from, or a blank."""
        variants: list[Variant] = []
        marks: list[str] = []
        for probe, start in probes:
            text = probe.text()
            run = len(self.records) + len(variants)
            variants.append(Variant(run, f"{run}", 0, (text, start or None)))
            marks.append(hashlib.sha256(f"{text}\n{start}".encode()).hexdigest())
        mine = {
            variant.run: self.known[variant.run]
            for variant, mark in zip(variants, marks, strict=True)
            if variant.run in self.known and self.known[variant.run].outcome.get(MARK) == mark
        }
        take = self.workers.take
        by_run = {variant.run: mark for variant, mark in zip(variants, marks, strict=True)}
        workers = replace(self.workers, care=CARE, take=lambda record: take(_marked(record, by_run[record.run])))
        done = {record.run: record for record in self.records} | mine
        total = max(self.expected, len(self.records) + len(variants))
        found = mine | workers.work_off(Workload(self.question.setup, [(one,) for one in variants], done), total)
        answers = [found[variant.run] for variant in variants]
        self.records += answers
        return answers


def _marked(record: Record, mark: str) -> Record:
    return replace(record, outcome={**record.outcome, MARK: mark})
