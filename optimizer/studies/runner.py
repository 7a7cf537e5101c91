"""The runner: chunks of runs, worked off by processes of this machine or by a cluster, in any order, to the same records."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.studies.hand import Care, Hand
from optimizer.studies.question import Setup
from optimizer.studies.record import Record
from optimizer.studies.study import Variant

Chunk = Sequence[Variant]


class NoClusterError(OSError):
    """No Dask scheduler answers at the address."""


@dataclass(frozen=True)
class StudyProgress:
    """The progress of a study. `rate`: runs per second since it was (re)started; `left`: seconds to go, None as long as unknown."""

    done: int
    total: int
    failed: int
    seconds: float
    rate: float | None
    left: float | None


Report = Callable[[StudyProgress], None]


def ignore(_progress: StudyProgress) -> None:
    """The report of a study whose progress nobody follows."""


@dataclass
class Pace:
    """Counts finished runs."""

    total: int
    resumed: int
    failed: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    def count(self, record: Record) -> StudyProgress:
        """The progress with one more run."""
        self.done += 1
        self.failed += not record.outcome["has_plan"]
        seconds = time.monotonic() - self._begun
        rate = self.done / seconds if seconds > 0 else None
        left = None if not rate else (self.total - self.resumed - self.done) / rate
        return StudyProgress(self.resumed + self.done, self.total, self.failed, seconds, rate, left)


@dataclass(frozen=True)
class Workload:
    """Runs to work off. The runs of a chunk follow one another; each starts from the plan of the one before, the first from `begin`.

    `done`: the records of runs that are not run again. `begin`: a packed plan, or blank.
    """

    setup: Setup
    chunks: Sequence[Chunk]
    done: Mapping[int, Record] = field(default_factory=dict)
    begin: str = ""

    def orders(self) -> list[tuple[Chunk, str]]:
        """Of every chunk the runs that are left, and the plan from which the first of them starts."""
        found = (self._left_of(chunk) for chunk in self.chunks)
        return [(left, start) for left, start in found if left]

    def _left_of(self, chunk: Chunk) -> tuple[Chunk, str]:
        start = self.begin
        for number, variant in enumerate(chunk):
            if variant.run not in self.done:
                return chunk[number:], start
            start = self.done[variant.run].start or start
        return (), start


def run_here(workload: Workload, jobs: int, care: Care) -> Generator[Record, None, None]:
    """Records of all runs that are not done, as they finish, worked off by `jobs` processes of this machine."""
    orders: queue.SimpleQueue[tuple[Chunk, str]] = queue.SimpleQueue()
    count = 0
    for left, start in workload.orders():
        orders.put((left, start))
        count += len(left)
    finished: queue.SimpleQueue[Record | BaseException] = queue.SimpleQueue()
    hands = [Hand(workload.setup, care) for _ in range(max(1, min(jobs, orders.qsize())))]
    threads = [threading.Thread(target=_work, args=(hand, orders, finished.put), daemon=True) for hand in hands]
    for thread in threads:
        thread.start()
    try:
        for _ in range(count):
            record = finished.get()
            if isinstance(record, BaseException):
                raise record
            yield record
    finally:
        with contextlib.suppress(queue.Empty):
            while True:
                orders.get_nowait()
        for hand in hands:
            hand.close()
        for thread in threads:
            thread.join(timeout=10)


def _work(
    hand: Hand, orders: queue.SimpleQueue[tuple[Chunk, str]], put: Callable[[Record | BaseException], None]
) -> None:
    try:
        while True:
            try:
                variants, start = orders.get_nowait()
            except queue.Empty:
                break
            hand.work(variants, start, put)
    except BaseException as error:  # raised in the thread that waits
        put(error)
    finally:
        hand.drop()
