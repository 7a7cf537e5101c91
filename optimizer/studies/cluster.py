"""The same runs on a Dask cluster. Each task hands one run to a worker process beside the Dask worker, whose death costs that run only."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from optimizer.studies.answer import Record, Setup, failed
from optimizer.studies.hand import Care, Hand
from optimizer.studies.runner import Chunk, NoClusterError, remaining
from optimizer.studies.study import Variant

_LOCK = threading.Lock()
_FREE: dict[str, list[Hand]] = {}
"""On a Dask worker: hands without work, per study."""

CONNECT_SECONDS = 20.0


def run_on_cluster(
    setup: Setup,
    chunks: Sequence[Chunk],
    done: Mapping[int, Record],
    address: str,
    care: Care | None = None,
    begin: str = "",
) -> Generator[Record, None, None]:
    """Records of all runs that are not done, as they finish, worked off by the cluster at `address`.

    The runs of a chunk follow one another; the plan of each goes to the next with the task, whichever worker takes it.

    Raises:
        NoClusterError: no scheduler answers there.
    """
    from distributed import Client, as_completed

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoClusterError(None, f"no Dask scheduler answers at {address}", None) from error
    key = f"forcegen-{id(setup)}-{setup.study.hash[:16]}"
    try:
        shared = client.scatter(setup, broadcast=True, hash=False)
        waiting: dict[Any, tuple[list[Variant], str]] = {}

        def submit(variants: Sequence[Variant], start: str) -> Any:
            task = f"{key}-{variants[0].run}"
            future = client.submit(_answer, key, shared, care, variants[0], start, key=task, pure=False, retries=1)
            waiting[future.key] = (list(variants), start)
            return future

        rest = [remaining(chunk, done, begin) for chunk in chunks]
        finished = as_completed([submit(variants, start) for variants, start in rest if variants], loop=client.loop)
        for future in finished:
            variants, start = waiting.pop(future.key)
            if future.status != "finished":
                said = future.exception() if future.status == "error" else future.status
                reason = f"the cluster gave no answer ({type(said).__name__}: {said})"[:300]
                record = failed(variants[0].run, "crashed", reason)
            else:
                record = future.result()
            future.release()
            if variants[1:]:
                finished.add(submit(variants[1:], record.start or start))
            yield record
    finally:
        try:
            client.run(_dismiss, key)
        finally:
            client.close()


def _answer(key: str, setup: Setup, care: Care | None, variant: Variant, start: str) -> Record:
    """On a Dask worker: one run."""
    with _LOCK:
        free = _FREE.setdefault(key, [])
        hand = free.pop() if free else Hand(setup, care or Care())
    found: list[Record] = []
    hand.work([variant], start, found.append)
    with _LOCK:
        _FREE.setdefault(key, []).append(hand)
    return found[0]


def _dismiss(key: str) -> None:
    """On a Dask worker: end the processes of a study."""
    with _LOCK:
        hands = _FREE.pop(key, [])
    for hand in hands:
        hand.drop()
