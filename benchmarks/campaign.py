"""Jobs one after another, each in a process of its own; what is done is in the table, and is not done again."""

from __future__ import annotations

import contextlib
import json
import operator
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from benchmarks import families, matrix, peers
from benchmarks.registry import ROOT, Entry, code_of, folder_of, tables_of, tiny
from benchmarks.rows import Row, append, finished, key_of, provenance, version_of

MARKS = (10.0, 60.0, 300.0, 600.0, 900.0)
"""Seconds after which values and bounds are read off."""
METHODS = ("forcegen", *peers.SEARCHES)
GAP = 1e-4
# How long a process may take before and after its search.
LOADING_SECONDS = 900.0
CLOSING_SECONDS = 300.0
# How far a search may run over its limit (seconds, share): forcegen starts a process of its own, and HiGHS looks at the clock rarely.
OVERRUN = (30.0, 0.2)
# What a process takes that builds, and what one takes besides its search, by size: for the estimate only.
BUILDING = {"S": 3.0, "M": 5.0, "L": 25.0, "paris": 5.0}
AROUND = {"S": 6.0, "M": 15.0, "L": 75.0, "paris": 15.0}
_BETTER = {"value": operator.gt, "bound": operator.lt}
_START = "import sys; sys.path.insert(0, sys.argv[1]); import benchmarks.job; del sys.path[0]; benchmarks.job.main()"


@dataclass(frozen=True)
class Job:
    """One process: what it measures and with what.

    `side`: which of two compared checkouts; blank where nothing is compared.
    """

    task: str
    entry: Entry
    method: str
    limit: float = 0.0
    cores: int = 1
    repetition: int = 1
    checkout: Path = ROOT
    side: str = ""
    solve: bool = False

    @property
    def ours(self) -> bool:
        """Whether the project's own program is measured."""
        return self.method.startswith("forcegen")

    @property
    def package(self) -> str:
        """The package that is measured."""
        return {**families.PACKAGES, **peers.PACKAGES, "export": "forcegen"}[self.method]

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        if not self.limit:
            return BUILDING[self.entry.size]
        if self.method == "Gurobi" and self.entry.size != "S":
            return 0.0
        return self.limit + AROUND[self.entry.size]


@dataclass(frozen=True)
class Workshop:
    """Where things lie: the table, and the instances and models that are made once and kept."""

    table: Path
    kept: Path

    def instance(self, job: Job) -> Path:
        """The folder of a job's instance."""
        return folder_of(job.entry, self.kept / "instances" / code_of(ROOT))

    def subject(self, job: Job) -> str:
        """The fingerprint of what the job measures: program and tables; for the search of a peer, the model alone."""
        if job.task == "anytime" and not job.ours:
            return (self.model(job) / "fingerprint").read_text(encoding="utf-8")
        return f"{code_of(job.checkout)}-{tables_of(self.instance(job))}"

    @staticmethod
    def needs_model(job: Job) -> bool:
        """Whether a job reads the exported model."""
        return not job.ours and job.task in {"matrix", "anytime"} and job.method != "export"

    def model(self, job: Job) -> Path:
        """The folder with the exported model of a job's entry; exported if it is not there.

        Raises:
            RuntimeError: the export failed.
        """
        folder = self._model_folder(job)
        if not (folder / "fingerprint").exists():
            folder.mkdir(parents=True, exist_ok=True)
            export = replace(job, task="matrix", method="export", limit=0.0, checkout=ROOT)
            outcome = _Process(export, self._spec(export, folder))
            if outcome.note:
                raise RuntimeError(f"{job.entry.name}: the model could not be exported: {outcome.note}")
            (folder / "fingerprint").write_text(matrix.load(folder / "model.npz").fingerprint, encoding="utf-8")
        return folder

    def _model_folder(self, job: Job) -> Path:
        return self.kept / "models" / code_of(ROOT) / tables_of(self.instance(job)) / job.entry.name

    def _spec(self, job: Job, target: Path | None = None) -> dict[str, Any]:
        if target is None and self.needs_model(job):
            target = self.model(job)
        return {
            "task": job.task,
            "method": job.method,
            "instance": str(self.instance(job)),
            "scenario": job.entry.scenario,
            "target": str(target),
            "warm": str(self.instance(replace(job, entry=tiny(plain=True)))) if job.task == "family" else "",
            "limit": job.limit,
            "cores": job.cores,
            "gap": GAP,
            "solve": job.solve,
        }

    def perform(self, job: Job) -> list[Row]:
        """The rows of a job."""
        head = {**self.head(job), **provenance(job.package, job.checkout)}
        if not version_of(job.package):
            return [{**head, "phase": "job", "note": f"{job.package} is not installed"}]
        if job.method == "Gurobi" and not self._small_enough(job):
            return [{**head, "phase": "job", "note": "larger than the licence of the package allows"}]
        begun = time.perf_counter()
        process = _Process(job, self._spec(job))
        figures = [*process.figures, *_marks(process.figures, job.limit, ended=process.ended)]
        rows = [{**head, **figure} for figure in figures]
        took = {"phase": "job", "value": time.perf_counter() - begun, "unit": "s", "note": process.note}
        return [*rows, {**head, **took}]

    def head(self, job: Job) -> Row:
        """What names the rows of a job."""
        return {
            "task": f"compare {job.task}" if job.side else job.task,
            "entry": job.entry.name,
            "method": f"{job.method} {job.side}".strip(),
            "limit": job.limit,
            "cores": job.cores,
            "repetition": job.repetition,
            "subject": self.subject(job),
            "version": version_of(job.package),
        }

    def _small_enough(self, job: Job) -> bool:
        model = matrix.load(self.model(job) / "model.npz")
        return max(len(model.lower), len(model.row_lower)) <= peers.LARGEST_GUROBI

    def run(self, jobs: Iterable[Job], *, only_list: bool = False) -> None:
        """Do what is not in the table yet, adding the rows of each job as it ends."""
        done = finished(self.table)
        listed = list(jobs)
        open_jobs = [job for job in listed if not self._is_done(job, done)]
        total = sum(job.seconds for job in open_jobs)
        click.echo(
            f"{len(listed)} processes, {len(listed) - len(open_jobs)} done before; at most about {total / 60:.0f} min."
        )
        for number, job in enumerate(open_jobs, 1):
            words = f"{number}/{len(open_jobs)} {job.task} {job.entry.name} {job.method} {job.side}".rstrip()
            if only_list:
                click.echo(words)
                continue
            if key_of(self.head(job)) in done:
                click.echo(f"{words}: done before, on the same model")
                continue
            rows = self.perform(job)
            append(self.table, rows)
            click.echo(f"{words}: {_gist(rows)}")

    def _is_done(self, job: Job, done: set[tuple[str, ...]]) -> bool:
        """Whether the table has the job; of a peer's search that is known only once its model has been exported."""
        on_model = job.task == "anytime" and not job.ours
        if on_model and not (self._model_folder(job) / "fingerprint").exists():
            return False
        return key_of(self.head(job)) in done


class _Process:
    """A job's process, watched to its end. `note` says how it ended if not as planned; `ended`: its search ended by itself in time."""

    def __init__(self, job: Job, spec: Mapping[str, Any]) -> None:
        self.figures: list[Row] = []
        self.note = ""
        self.ended = False
        self._overdue = False
        self._best: dict[str, float] = {}
        environment = {**os.environ, "PYTHONPATH": str(job.checkout), "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self._watch = self._deadline(LOADING_SECONDS)
        said: list[str] = []
        listener = threading.Thread(target=lambda: said.extend(self._process.stderr or ()), daemon=True)
        listener.start()
        try:
            self._talk(spec, job.limit)
        finally:
            self._watch.cancel()
            self._kill()
            self._process.wait()
            listener.join(timeout=1.0)
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if self._overdue:
            self.note = "ended by the clock"
        elif self.note:
            last = [line.strip() for line in said if line.strip()][-1:]
            self.note = f"{self.note}: {last[0][:150]}" if last else self.note

    def _talk(self, spec: Mapping[str, Any], limit: float) -> None:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("the process has pipes")
        with contextlib.suppress(BrokenPipeError):
            json.dump(spec, self._process.stdin)
            self._process.stdin.close()
        for line in self._process.stdout:
            figure = json.loads(line)
            if figure["phase"] == "begun":
                self._next(limit + max(OVERRUN[0], OVERRUN[1] * limit))
            elif figure["phase"] == "end":
                return
            else:
                if figure["phase"] == "ended":
                    figure["phase"] = "search"
                    self.ended = figure["value"] < limit
                    self._next(CLOSING_SECONDS)
                if self._is_news(figure):
                    self.figures.append(figure)
        self.note = f"died with code {self._process.wait()}"

    def _is_news(self, figure: Row) -> bool:
        """Of values and bounds only those better than all before."""
        if figure["phase"] not in _BETTER:
            return True
        better, before = _BETTER[figure["phase"]], self._best.get(figure["phase"])
        if before is None or better(figure["value"], before):
            self._best[figure["phase"]] = figure["value"]
            return True
        return False

    def _next(self, seconds: float) -> None:
        self._watch.cancel()
        self._watch = self._deadline(seconds)

    def _deadline(self, seconds: float) -> threading.Timer:
        def late() -> None:
            self._overdue = True
            self._kill()

        timer = threading.Timer(seconds, late)
        timer.daemon = True
        timer.start()
        return timer

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _marks(figures: list[Row], limit: float, *, ended: bool) -> Iterator[Row]:
    """First plan, and value and bound at each mark; marks after the limit only where the search ended by itself before it."""
    values = [(row["at"], row["value"]) for row in figures if row["phase"] == "value"]
    bounds = [(row["at"], row["value"]) for row in figures if row["phase"] == "bound"]
    if not limit:
        return
    if values:
        yield {"phase": "first plan", "value": min(at for at, _ in values), "unit": "s"}
    for mark in MARKS:
        if mark > limit and not ended:
            continue
        reached = [value for at, value in values if at <= mark]
        proven = [bound for at, bound in bounds if at <= mark]
        if reached:
            yield {"phase": f"value at {mark:g} s", "value": max(reached), "unit": "aim"}
        if proven:
            yield {"phase": f"bound at {mark:g} s", "value": min(proven), "unit": "aim"}


def _gist(rows: list[Row]) -> str:
    """One line on a job for the screen."""
    notes = [row["note"] for row in rows if row.get("note")]
    found = {row["phase"]: row["value"] for row in rows if row["phase"] not in {"value", "bound"} and "value" in row}
    values = [row["value"] for row in rows if row["phase"] == "value"]
    bounds = [row["value"] for row in rows if row["phase"] == "bound"]
    words = [f"{name} {found[name]:.3g} s" for name in ("tables to solver", "first plan", "search") if name in found]
    if values:
        words.append(f"value {max(values):.4f}")
    if bounds:
        words.append(f"bound {min(bounds):.4f}")
    return ", ".join([*words, *notes])


def phase_jobs(listed: Iterable[Entry], repeat: int) -> list[Job]:
    """The program and the floor in turn, so that what else the machine does weighs on both alike."""
    return [
        job
        for entry in listed
        for number in range(1, repeat + 1)
        for job in (
            Job("phases", entry, "forcegen", repetition=number),
            Job("matrix", entry, "numpy", repetition=number),
        )
    ]


def family_jobs(listed: Iterable[Entry], repeat: int, methods: Iterable[str]) -> list[Job]:
    """One family set built in every way, in turn."""
    return [
        Job("family", entry, method, repetition=number)
        for entry in listed
        for number in range(1, repeat + 1)
        for method in methods
    ]


def anytime_jobs(listed: Iterable[Entry], methods: Iterable[str], seconds: float) -> list[Job]:
    """One search of each method on each entry."""
    cores = os.cpu_count() or 1
    return [Job("anytime", entry, method, seconds, cores) for entry in listed for method in methods]


def compare_jobs(listed: Iterable[Entry], old: Path, new: Path, repeat: int, seconds: float) -> list[Job]:
    """The same in two checkouts in turn: old, new, old, new; with a limit, searches too."""
    cores = os.cpu_count() or 1
    sides = (("old", old), ("new", new))
    found = []
    for entry in listed:
        for number in range(1, repeat + 1):
            for side, checkout in sides:
                found.append(Job("phases", entry, "forcegen", 0.0, 1, number, checkout, side))
                if seconds:
                    found.append(Job("anytime", entry, "forcegen", seconds, cores, number, checkout, side))
    return found
