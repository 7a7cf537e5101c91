"""An improvement worker: a process of its own that looks for better plans, and for closer bounds, while HiGHS proves how good a plan can be.

Plans that it finds are offered to HiGHS, plans from elsewhere are sent to it. What it does is in `improvement_worker`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from optimizer.model.linear import FloatArray, LinearModel, Objective
from optimizer.solving.improve.course import Guide
from optimizer.solving.improve.matrix import ExtraRow
from optimizer.solving.improve.prices import Relaxation
from optimizer.solving.improve.reports import Better, BoundSource, Doubtful, Proven, Ready
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.pipe import Peer

ImprovementReport = Better | Proven | Doubtful | Ready


@dataclass(frozen=True, eq=False)
class Task:
    """What an improvement worker is to improve.

    Attributes:
        model: rows and columns.
        objective: to be maximised.
        plan: what it begins with; None: it looks for a first plan.
        extra: rows that hold besides the model's.
        seed: of its random choices.
        relaxation: the linear relaxation where another worker has solved it.
        larger: how much larger its moves begin.
        mounting: whether it begins with the mounting relaxation, plans within it and a restart of HiGHS, which needs a relaxation and
            no extra rows.
        options: those of HiGHS in its restart.
        start: without a plan: what is repaired first (NaN: left open).
        guide: what its moves maximise instead; what it reports is better by the objective.
    """

    model: LinearModel
    objective: Objective
    plan: FloatArray | None
    extra: tuple[ExtraRow, ...]
    seed: int
    relaxation: Relaxation | None = None
    larger: float = 1.0
    mounting: bool = False
    options: SolveOptions = field(default_factory=SolveOptions)
    start: FloatArray | None = None
    guide: Guide | None = None


class ImprovementWorker:
    """The side of the process that started it. A worker that dies is no help any more, and does no harm."""

    def __init__(self, task: Task) -> None:
        self._peer = Peer("optimizer.solving.peers.improvement_worker")
        self.mounting, self.begun = task.mounting, time.monotonic()
        # The least bound of each source that nothing contradicts, and the sources that are not believed any more.
        self.bounds: dict[BoundSource, float] = {}
        self.refused: set[BoundSource] = set()
        # The finest that is known.
        self.relaxation: Relaxation | None = None
        # Whether there are only moves from now on.
        self.ready = False
        self._stopped = False
        self._peer.send(replace(task, model=replace(task.model.without_keys(), levels=())))

    @property
    def bound(self) -> float:
        """What it has proven so far; infinite where that is nothing."""
        return min(self.bounds.values(), default=float("inf"))

    @property
    def ended(self) -> bool:
        """Whether its process is over."""
        return self._peer.ended

    def refuse(self, source: BoundSource) -> None:
        """Use no bound of this source, neither those before nor later ones."""
        self.bounds.pop(source, None)
        self.refused.add(source)

    def better(self) -> Better | None:
        """The newest better plan since the last call, or None; bounds, relaxation and `ready` are up to date afterwards."""
        # Looked at before the messages are read: who has ended sends nothing after them.
        died = self.ended and not self._stopped and self._peer.process.returncode != 0
        newest = None
        for report in self._peer.waiting():
            newest = report if isinstance(report, Better) else newest
            self._take(report)
        if died:
            # What HiGHS has proven may be as wrong as what it died of; prices are arithmetic.
            for source in self.bounds.keys() - {"prices"}:
                self.refuse(source)
        return newest

    def _take(self, report: ImprovementReport | None) -> None:
        if isinstance(report, Proven):
            if report.source not in self.refused:
                self.bounds[report.source] = min(self.bounds.get(report.source, float("inf")), report.bound)
            self.relaxation = self.relaxation if report.relaxation is None else report.relaxation
        elif isinstance(report, Doubtful):
            self.refuse(report.source)
        elif isinstance(report, Ready):
            self.ready = True

    def send_plan(self, plan: FloatArray) -> None:
        """Send a plan from elsewhere."""
        self._peer.send(plan)

    def stop(self) -> None:
        """End the search; what it has reported can still be read."""
        self._stopped = self._stopped or self._peer.process.poll() is None
        self._peer.kill()

    def close(self) -> None:
        """End the worker."""
        self._peer.close()
