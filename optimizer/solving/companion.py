"""A process of its own that looks for better plans while HiGHS proves how good a plan can be.

It talks through pipes: plans that it finds are offered to HiGHS, plans from elsewhere are told to it.
Started as `python -m optimizer.solving.companion`; imports numpy and highspy only.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from typing import IO

from optimizer.model.rows import FloatArray, LinearModel, Objective
from optimizer.solving.improve import Better, Improver, Proven, Ready
from optimizer.solving.prices import Relaxation
from optimizer.solving.processes import end, receive, start_module


@dataclass(frozen=True, eq=False)
class Task:
    """What the companion is to improve.

    `extra`: rows (columns, values, lower, upper) that hold besides the model's. `relaxation`: where another has solved it.
    `larger`: how much larger its moves begin.
    """

    model: LinearModel
    objective: Objective
    plan: FloatArray
    extra: tuple[tuple[object, object, float, float], ...]
    seed: int
    relaxation: Relaxation | None = None
    larger: float = 1.0


class Companion:
    """The side of those who started it. A companion that dies is simply no help any more."""

    def __init__(self, task: Task) -> None:
        self._process = start_module("optimizer.solving.companion", subprocess.DEVNULL)
        self.bound = float("inf")
        # Known once the companion is through its opening.
        self.relaxation: Relaxation | None = None
        self._inbox: queue.SimpleQueue[Better | Proven | Ready] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        bare = replace(task.model, columns=(), rows=(), levels=())
        self._outbox.put(replace(task, model=bare))
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._deliver, daemon=True).start()

    def better(self) -> Better | None:
        """The newest better plan since the last call, or None. `bound` is what the companion has proven so far."""
        newest = None
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._inbox.get_nowait()
                if isinstance(message, Proven):
                    self.bound = min(self.bound, message.bound)
                elif isinstance(message, Ready):
                    self.relaxation = message.relaxation
                else:
                    newest = message
        return newest

    def tell(self, plan: FloatArray) -> None:
        """A plan from elsewhere."""
        self._outbox.put(plan)

    def close(self) -> None:
        """End the companion."""
        self._outbox.put(None)
        end(self._process)

    def _receive(self) -> None:
        if self._process.stdout is None:
            raise AssertionError("the companion has pipes")
        receive(self._process.stdout, self._inbox.put)

    def _deliver(self) -> None:
        if self._process.stdin is None:
            raise AssertionError("the companion has pipes")
        with contextlib.suppress(OSError, ValueError):
            while (message := self._outbox.get()) is not None:
                pickle.dump(message, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()


def main() -> None:
    """Improve the task on stdin until stdin ends."""
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301  (from the process that started this one)
    news: queue.SimpleQueue[FloatArray] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, news), daemon=True).start()
    if task.model.places is None:
        return
    improver = Improver(task.model, task.model.places, task.seed, larger=task.larger)
    for columns, values, lower, upper in task.extra:
        improver.add_row(columns, values, lower, upper)  # type: ignore[arg-type]

    steps = improver.improve(
        task.plan, task.objective, relaxation=task.relaxation, news=lambda: best_of(news, task.objective)
    )
    for step in steps:
        try:
            pickle.dump(step, messages, protocol=pickle.HIGHEST_PROTOCOL)
            messages.flush()
        except BrokenPipeError:
            return


def best_of(plans: queue.SimpleQueue[FloatArray], objective: Objective) -> FloatArray | None:
    """The best of the plans that wait, or None: the others are forgotten."""
    waiting: list[FloatArray] = []
    with contextlib.suppress(queue.Empty):
        while True:
            waiting.append(plans.get_nowait())
    return max(waiting, key=objective.at, default=None)


def _listen(stream: IO[bytes], news: queue.SimpleQueue[FloatArray]) -> None:
    """The end of stdin is the end of the one who started us, however it died."""
    receive(stream, news.put)
    os._exit(0)


if __name__ == "__main__":
    main()
