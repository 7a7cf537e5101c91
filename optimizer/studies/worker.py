"""A worker process: reads the setup and orders from stdin, writes a record per run to stdout. Its death costs one run."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from optimizer.studies.answer import Answerer
from optimizer.studies.question import Setup
from optimizer.studies.record import Record
from optimizer.studies.study import Variant


@dataclass(frozen=True)
class Order:
    """Runs to work off in this order, the first from the plan `start`."""

    variants: tuple[Variant, ...]
    start: str


def main(make: Callable[[Setup], Answerer] = Answerer) -> None:
    """Work until stdin ends."""
    import queue

    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()
    answerer = make(orders.get())
    while True:
        order: Order = orders.get()
        start = order.start
        for variant in order.variants:
            record = answerer.answer(variant, start)
            start = record.start or start
            _send(messages, record)


def _send(messages: IO[bytes], record: Record) -> None:
    try:
        pickle.dump(record, messages, protocol=pickle.HIGHEST_PROTOCOL)
        messages.flush()
    except BrokenPipeError:
        os._exit(0)


def _listen(stream: IO[bytes], orders: Any) -> None:
    """The end of stdin is the end of the one who started us, however it died: no run outlives it."""
    from optimizer.solving.processes import receive

    receive(stream, orders.put)
    os._exit(0)


if __name__ == "__main__":
    main()
