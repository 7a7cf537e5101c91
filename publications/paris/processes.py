"""Work on many orders in processes of their own, which end with the one that started them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Final, TypeVar

JOBS: Final = 2
MANY: Final = 8
"""From so many orders on it pays to start processes."""
Order = TypeVar("Order")
Done = TypeVar("Done")


def workers() -> ProcessPoolExecutor:
    """Processes that work; used as a context."""
    return ProcessPoolExecutor(JOBS, mp_context=get_context("spawn"), initializer=_end_with_the_parent)


def _end_with_the_parent() -> None:
    """A parent that is killed closes nothing: whoever waits for its orders would wait for ever."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def mapped(work: Callable[[Order], Done], orders: Sequence[Order]) -> Iterator[Done]:
    """What some work makes of orders, in their order; in processes of their own where there are many."""
    if len(orders) < MANY:
        yield from map(work, orders)
        return
    with workers() as there:
        yield from there.map(work, orders)
