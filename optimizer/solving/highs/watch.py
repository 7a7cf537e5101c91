"""Watching a run of HiGHS: it runs in a thread of its own, and its callbacks put what happens in a queue that the caller's thread empties."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.model.linear import FloatArray

# Some parts of HiGHS never look whether they are to stop. A run that goes on so long after it was asked to stop is reported as late.
LATE_SECONDS = 3.0
TICK_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Step:
    """What HiGHS reports while it runs: a better plan (`values`), or only value, bound and number of nodes."""

    value: float | None
    bound: float | None
    seconds: float
    nodes: int
    values: FloatArray | None = None


Tick = Callable[[Step | None], tuple[FloatArray | None, bool]]


@dataclass(frozen=True, eq=False)
class Watchers:
    """What is called in the caller's thread while HiGHS runs.

    Attributes:
        on_step: for better plans and progress.
        on_tick: ten times a second, with the newest step or None; returns a plan to offer to HiGHS (or None), and whether to stop.
        on_stop: once, when HiGHS is asked to stop (by its limit, by `on_tick`, or by Ctrl-C).
        on_late: again and again, while HiGHS goes on although it was asked to stop (not after Ctrl-C).
    """

    on_step: Callable[[Step], None] | None = None
    on_tick: Tick | None = None
    on_stop: Callable[[], None] | None = None
    on_late: Callable[[], None] | None = None


class Watch:
    """The callbacks of one solver, and the loop that serves the watchers while it runs."""

    def __init__(self) -> None:
        self.steps: queue.SimpleQueue[Step | None] = queue.SimpleQueue()
        self.stop = False
        self.start_accepted = False
        self.offer: FloatArray | None = None
        # The factor of the objective in HiGHS, and what is added to its bounds.
        self.scale = 1.0
        self.room = 0.0

    def attach(self, solver: Any, *, whole: bool) -> None:
        """Subscribe to the callbacks; `whole`: to those of models with whole numbers too."""
        # `cbMipLogging` is silent with output_flag off, so the log goes to a file, never to the console.
        solver.cbSimplexInterrupt.subscribe(self._interrupt)
        solver.cbIpmInterrupt.subscribe(self._interrupt)
        if whole:
            solver.cbMipInterrupt.subscribe(self._interrupt)
            solver.cbMipUserSolution.subscribe(self._hand_over)
            solver.cbMipImprovingSolution.subscribe(self._better)
            solver.cbMipLogging.subscribe(self._progress)
            solver.cbLogging.subscribe(self._logged)

    def run(self, target: Callable[[], None], deadline: float, watchers: Watchers) -> bool:
        """Call `target` in a thread (HiGHS lets go of the interpreter) and serve the watchers; returns whether Ctrl-C came.

        `target` puts None in `steps` at its end.
        """
        self.steps, self.stop, self.offer, self.start_accepted = queue.SimpleQueue(), False, None, False
        thread = threading.Thread(target=target, daemon=True)
        stopping = _Stopping(watchers, thread)
        interrupted = False
        try:
            thread.start()
            while True:
                step = None
                with contextlib.suppress(queue.Empty):
                    step = self.steps.get(timeout=TICK_SECONDS)
                    if step is None:
                        break
                    if watchers.on_step is not None:
                        watchers.on_step(step)
                if watchers.on_tick is not None:
                    offer, enough = watchers.on_tick(step)
                    self.offer = self.offer if offer is None else offer
                    self.stop = self.stop or enough
                self.stop = self.stop or time.monotonic() > deadline
                if self.stop:
                    stopping.notify()
        except KeyboardInterrupt:
            interrupted = True
            stopping.notify_once()
        finally:
            # Also when a watcher raises: HiGHS must not go on in a model that others will edit.
            self.stop = True
            thread.join()
        return interrupted

    def _interrupt(self, event: Any) -> None:
        # HiGHS does not clear the interrupt of an earlier run by itself.
        event.data_in.user_interrupt = self.stop

    def _hand_over(self, event: Any) -> None:
        offer, self.offer = self.offer, None
        if offer is not None:
            event.data_in.setSolution(offer)

    def _logged(self, event: Any) -> None:
        # Only the log shows what became of a start: a bad one is ignored silently.
        if "solution is feasible" in event.message:
            self.start_accepted = True

    def _better(self, event: Any) -> None:
        self.steps.put(self._step(event, np.array(event.data_out.mip_solution, dtype=np.float64)))

    def _progress(self, event: Any) -> None:
        self.steps.put(self._step(event, None))

    def _step(self, event: Any, values: FloatArray | None) -> Step:
        data = event.data_out
        primal, dual = float(data.mip_primal_bound), float(data.mip_dual_bound)
        return Step(
            primal / self.scale if abs(primal) < 1e30 else None,
            dual / self.scale + self.room if abs(dual) < 1e30 else None,
            float(data.running_time),
            int(data.mip_node_count),
            values,
        )


@dataclass
class _Stopping:
    """Notifies that HiGHS was asked to stop, and then that it is late."""

    watchers: Watchers
    thread: threading.Thread
    since: float | None = None

    def notify_once(self) -> None:
        """HiGHS is asked to stop."""
        if self.since is None:
            self.since = time.monotonic()
            if self.watchers.on_stop is not None:
                self.watchers.on_stop()

    def notify(self) -> None:
        """HiGHS is asked to stop, or was asked before."""
        self.notify_once()
        late = self.since is not None and time.monotonic() - self.since > LATE_SECONDS
        if late and self.watchers.on_late is not None:
            self.since = time.monotonic()
            if self.thread.is_alive():
                self.watchers.on_late()
