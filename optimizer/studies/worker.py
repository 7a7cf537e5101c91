"""A worker process: receives the setup and orders, and sends a record per run. Its death costs one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.solving.peers.pipe import Parent
from optimizer.studies.answer import Answerer
from optimizer.studies.question import Setup
from optimizer.studies.study import Variant


@dataclass(frozen=True)
class Order:
    """Runs to work off in this order, the first from the plan `start`."""

    variants: tuple[Variant, ...]
    start: str


def main(make: Callable[[Setup], Answerer] = Answerer) -> None:
    """Work until the parent is gone."""
    parent = Parent()
    answerer = make(parent.receive())
    while True:
        order: Order = parent.receive()
        start = order.start
        for variant in order.variants:
            record = answerer.answer(variant, start)
            start = record.start or start
            parent.send(record)


if __name__ == "__main__":
    main()
