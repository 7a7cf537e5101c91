"""One worker process and its care: orders go in, records come out, and its death, or a run without end, costs one run."""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from optimizer.instance.instance import Instance
from optimizer.solving.peers.pipe import read_messages as receive
from optimizer.solving.peers.processes import end, start_module
from optimizer.studies.question import Setup
from optimizer.studies.record import Record, failed
from optimizer.studies.study import Variant
from optimizer.studies.worker import Order

WORKER: Final = "optimizer.studies.worker"
GRACE_SECONDS: Final = 120.0
"""Beyond its time limit (and a tenth of it) a run may take this long to start, to build its model and to be checked."""
RUNS_PER_PROCESS: Final = 500
"""Then a fresh process takes over: whatever a library leaks is given back."""


@dataclass(frozen=True)
class Care:
    """How worker processes are kept."""

    module: str = WORKER
    grace: float = GRACE_SECONDS
    runs_per_process: int = RUNS_PER_PROCESS


class Hand:
    """A worker process that is replaced when it dies, hangs, or has worked enough."""

    def __init__(self, setup: Setup, care: Care) -> None:
        self._setup, self._care = setup, care
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
        self._errors: IO[bytes] | None = None
        self._worked = 0
        self._closed = False
        self._limit = _longest(setup)

    def work(self, variants: Sequence[Variant], start: str, put: Callable[[Record], None]) -> None:
        """Work off runs in order; every record is handed over at once."""
        pending, died_before = list(variants), False
        while pending and not self._closed:
            process = self._ready()
            if self._closed:
                return
            _send(process, Order(tuple(pending), start))
            while pending:
                begun = time.monotonic()
                ending, record = self._next()
                if self._closed:
                    return
                if ending == "died" and not died_before:
                    # Once may be chance (too little memory, a kill); a fresh process tries the same run again.
                    died_before = True
                    self._drop()
                    break
                if ending == "died":
                    record = failed(pending[0].run, "crashed", self._last_words(process), time.monotonic() - begun)
                elif ending == "overdue":
                    reason = "the run did not keep its time limit and was ended"
                    record = failed(pending[0].run, "none_found", reason, time.monotonic() - begun)
                if record is None:
                    raise AssertionError("a record, or a reason why there is none")
                put(record)
                pending.pop(0)
                died_before = False
                start = record.start or start
                if ending != "record":
                    self._drop()
                    break
                self._worked += 1
        if self._worked >= self._care.runs_per_process:
            self._drop()

    def close(self) -> None:
        """End the process, from any thread; running work is lost."""
        self._closed = True
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()

    def drop(self) -> None:
        """End the process, from the thread that uses it."""
        self._drop()

    @property
    def pid(self) -> int | None:
        """The process, where there is one."""
        return None if self._process is None else self._process.pid

    def _next(self) -> tuple[str, Record | None]:
        wait = None if self._limit is None else 1.1 * self._limit + self._care.grace
        try:
            record = self._inbox.get(timeout=wait)
        except queue.Empty:
            return "overdue", None
        return ("died", None) if record is None else ("record", record)

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._drop()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with its process)
        process = self._process = start_module(self._care.module, self._errors)
        inbox = self._inbox = queue.SimpleQueue()
        threading.Thread(target=_receive_all, args=(process.stdout, inbox), daemon=True).start()
        _send(process, self._setup)
        return process

    def _drop(self) -> None:
        if self._process is not None:
            end(self._process)
        if self._errors is not None:
            self._errors.close()
        self._process, self._errors, self._worked = None, None, 0

    def _last_words(self, process: subprocess.Popen[bytes]) -> str:
        process.wait()
        code = process.returncode
        reason = f"the run's process died twice ({f'signal {-code}' if code < 0 else f'exit code {code}'})"
        if code >= 0 and self._errors is not None:
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
            reason += f": {lines[-1][:200]}" if lines else ""
        return reason


def _longest(setup: Setup) -> float | None:
    """The longest time limit of a run; None where there is none, or where it stands in a file that is not read yet."""
    study = setup.study
    limits = [study.time_limit]
    if study.time_limit is None:
        limits = [source.header.time_limit if isinstance(source, Instance) else None for source in setup.sources]
    known = [limit for limit in (*limits, study.first_time_limit) if limit is not None]
    return None if None in limits else max(known)


def _receive_all(stream: Any, inbox: queue.SimpleQueue[Record | None]) -> None:
    receive(stream, inbox.put)
    inbox.put(None)


def _send(process: subprocess.Popen[bytes], message: object) -> None:
    if process.stdin is None:
        raise AssertionError("the worker has pipes")
    # A dead worker is noticed where its records are awaited.
    with contextlib.suppress(OSError):
        pickle.dump(message, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
