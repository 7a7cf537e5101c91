"""The same runs on a Dask cluster. Each Dask task hands one run to a worker process beside the Dask worker, whose death costs that run only."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import uuid
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from distributed.diagnostics.plugin import WorkerPlugin

from optimizer.extraction import versions
from optimizer.studies.hand import Care, Hand
from optimizer.studies.question import Setup
from optimizer.studies.record import Record, failed
from optimizer.studies.runner import NoClusterError, Workload
from optimizer.studies.study import Variant

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 20.0
IDLE_SECONDS = 60.0
"""A Dask worker keeps a process without work for so long; then the study that used it is taken to have ended."""


class StudyPlugin(WorkerPlugin):  # type: ignore[misc]
    """A study on a Dask worker: its setup, and the processes that solve its runs. Workers that join later get it too."""

    def __init__(self, setup: Setup, care: Care) -> None:
        self.study, self.care, self.version = setup, care, versions()["forcegen"]

    def setup(self, worker: object) -> None:  # noqa: ARG002
        """Called by Dask on each worker.

        Raises:
            RuntimeError: another version of forcegen is there.
        """
        here = versions()["forcegen"]
        if here != self.version:
            raise RuntimeError(f"forcegen {here} is installed there, not {self.version}")
        self.lock = threading.Lock()
        self.hands: list[Hand] = []
        self.free: list[Hand] = []
        self.clock: threading.Timer | None = None

    def answer(self, variant: Variant, start: str) -> Record:
        """One run."""
        with self.lock:
            self._stop_clock()
            if not self.free:
                self.hands.append(Hand(self.study, self.care))
            hand = self.free.pop() if self.free else self.hands[-1]
        found: list[Record] = []
        try:
            hand.work([variant], start, found.append)
        finally:
            with self.lock:
                self.free.append(hand)
                self._stop_clock()
                self.clock = threading.Timer(IDLE_SECONDS, self.rest)
                self.clock.daemon = True
                self.clock.start()
        return found[0]

    def rest(self) -> None:
        """End the processes that have no work."""
        with self.lock:
            for hand in self.free:
                hand.drop()

    def teardown(self, worker: object) -> None:  # noqa: ARG002
        """Called by Dask when the study, or the worker, ends: no process outlives it."""
        with self.lock:
            self._stop_clock()
            for hand in self.hands:
                hand.close()

    def _stop_clock(self) -> None:
        if self.clock is not None:
            self.clock.cancel()
            self.clock = None


def run_on_cluster(workload: Workload, address: str, care: Care) -> Generator[Record, None, None]:
    """Records of all runs that are not done, as they finish, worked off by the cluster at `address`.

    The runs of a chunk follow one another; the plan of each goes to the next with the order, whichever worker takes it. Runs of a worker
    that dies go to another, also to one that joins later.

    Raises:
        NoClusterError: no scheduler with workers answers there, or it went away.
    """
    # A lost scheduler is reported in one sentence, instead of by what Dask's client would log.
    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL)
    client = _connected(address)
    key = f"forcegen-{uuid.uuid4().hex}"
    try:
        try:
            client.register_plugin(StudyPlugin(workload.setup, care), name=key)
        except Exception as error:  # whatever a worker raises comes back as it is
            words = f"a worker of the Dask cluster at {address} cannot do this ({type(error).__name__}: {error})"
            message = f"{words}; forcegen must be installed there in the same version"
            raise NoClusterError(None, message, None) from error
        yield from _answers(client, key, workload, address)
    finally:
        if client.status == "running":
            # The failure of a worker that is just dying must not hide the error that ended the study.
            with contextlib.suppress(Exception):
                client.unregister_worker_plugin(key)
        client.close(timeout=CONNECT_SECONDS)
        log.setLevel(level)


def _answers(client: Client, key: str, workload: Workload, address: str) -> Iterator[Record]:
    """The records of all runs that are left, as the cluster finishes them."""
    from distributed import CancelledError, as_completed

    waiting: dict[Any, tuple[list[Variant], str]] = {}

    def submit(variants: Sequence[Variant], start: str) -> Any:
        name = f"{key}-{variants[0].run}"
        future = client.submit(_answer, key, variants[0], start, key=name, pure=False, retries=1)
        waiting[future.key] = (list(variants), start)
        return future

    finished = as_completed([submit(variants, start) for variants, start in workload.orders()], loop=client.loop)
    for future in finished:
        variants, start = waiting.pop(future.key)
        try:
            # A result may be lost with its worker just now; then it is made again, and waited for.
            record = future.result()
        except CancelledError as error:
            # Nothing is known about the run: it is no row.
            raise NoClusterError(None, f"the Dask scheduler at {address} went away", None) from error
        except Exception as error:  # whatever a run ended with comes back as it is
            reason = f"the cluster gave no answer ({type(error).__name__}: {error})"[:300]
            record = failed(variants[0].run, "crashed", reason)
        future.release()
        if variants[1:]:
            finished.add(submit(variants[1:], record.start or start))
        yield record


def _connected(address: str) -> Client:
    """A client of the scheduler at an address.

    Raises:
        NoClusterError: nobody answers there, or nobody who works.
    """
    from distributed import Client
    from distributed.comm import get_address_host_port

    try:
        # A client that cannot connect takes its time, and longer still to go.
        socket.create_connection(get_address_host_port(address), CONNECT_SECONDS).close()
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:
        message = f"no Dask scheduler answers at {address}; start it, or correct the address (tcp://HOST:PORT)"
        raise NoClusterError(None, message, None) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        client.close()
        raise NoClusterError(None, f"the Dask scheduler at {address} has no workers; start some", None) from error
    return client


def _answer(key: str, variant: Variant, start: str) -> Record:
    """On a Dask worker: one run."""
    from distributed import get_worker

    plugin: StudyPlugin = get_worker().plugins[key]
    return plugin.answer(variant, start)
