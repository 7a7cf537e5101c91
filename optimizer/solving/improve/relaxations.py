"""When the linear relaxation of a search is solved, how, and for how long."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from optimizer.model.linear import Objective
from optimizer.solving.improve.course import Guide
from optimizer.solving.improve.prices import Relaxation, relaxation_of
from optimizer.solving.improve.submodels import LONGEST_SUB_SECONDS, SubModels

# The limit of a single post, mission, nation or period is at least this share of what the relaxation took: where that is slow, they are.
SHARE_OF_RELAXATION = 0.3
# The longest that interior point may take for the relaxation after the opening, in seconds and as a share of the search's limit.
RELAXATION_SECONDS = 120.0
RELAXATION_SHARE = 0.3
# Where interior point ends in this time (on M in 2, on Paris in 2 to 4 seconds) the relaxation comes before all else.
QUICK_RELAXATION_SECONDS = 5.0
# From so many non-zeros on interior point takes too long (one and a half to over two minutes for two million). There a first-order method solves
# the relaxation beside the moves, with one tolerance after the other.
FIRST_ORDER_NONZEROS = 600_000
FIRST_ORDER_TOLERANCES = (1e-2, 1e-3)
FIRST_ORDER_SECONDS = 600.0


class Relaxations:
    """The linear relaxation, solved to one tolerance after the other: `beside` the moves in a thread, or when it is asked for.

    `early`: seconds for an attempt before all else; 0: none.
    """

    def __init__(
        self,
        solve: Callable[[float, float], Relaxation | None],
        tolerances: Sequence[float],
        *,
        early: float = 0.0,
        beside: bool = False,
    ) -> None:
        self._solve, self._left, self._early = solve, list(tolerances), early
        self._found: queue.SimpleQueue[Relaxation] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._solve_all, daemon=True) if beside else None
        if self._thread is not None:
            self._thread.start()

    def _solve_all(self) -> None:
        while self._left and (found := self._solve(self._left.pop(0), float("inf"))) is not None:
            self._found.put(found)

    def arrived(self) -> bool:
        """Whether one that was solved beside waits to be taken."""
        return not self._found.empty()

    def early(self) -> Relaxation | None:
        """The first, where a short attempt finds it; None: `next` has it later."""
        if self._thread is not None or not self._left or self._early == 0.0:
            return None
        found = self._solve(self._left[0], self._early)
        if found is not None or self._early == float("inf"):
            del self._left[0]
        return found

    def next(self) -> Relaxation | None:
        """The next one; None where there is none (yet)."""
        if self._thread is not None:
            return self._found.get() if self.arrived() else None
        return self._solve(self._left.pop(0), float("inf")) if self._left else None

    def exhausted(self) -> bool:
        """Whether no more will come."""
        running = bool(self._left) if self._thread is None else self._thread.is_alive()
        return not running and not self.arrived()


def relaxed(
    submodels: SubModels, objective: Objective, seconds: float, tolerance: float | None = None
) -> Relaxation | None:
    """The relaxation of an objective that is maximised; None where it has no plan, or none in time.

    `tolerance`: of the first-order method; None takes interior point.
    """
    everything = np.ones(len(submodels.model.lower), dtype=np.bool_)
    lp, _ = submodels.sub_model(everything, np.zeros(len(everything)), objective)
    lp.integrality_ = []
    return relaxation_of(lp, submodels.rows(), submodels.model, objective, seconds, tolerance)


def relaxations_of(
    submodels: SubModels, objective: Objective, seconds: float | None, guide: Guide | None = None
) -> Relaxations:
    """The relaxations of a search that may take so many seconds (None: any).

    With a guide, plan and prices are those of its relaxation, and the bound is that of the objective.
    """
    clocked = submodels.node_limit is None
    large = len(submodels.rows().values) >= FIRST_ORDER_NONZEROS
    # Beside the moves only where nobody waits for their end: the process that improves without a limit simply dies.
    beside = large and clocked and seconds is None
    most = FIRST_ORDER_SECONDS if beside else RELAXATION_SECONDS
    if seconds is not None:
        most = min(most, RELAXATION_SHARE * seconds)

    def solve(tolerance: float, longest: float) -> Relaxation | None:
        begun = time.monotonic()
        limit = min(most, longest * submodels.pace()) if clocked else float("inf")

        method = tolerance if large else None
        found = relaxed(submodels, objective, limit, method)
        # The second is as quick as the first, but for a machine that is busy.
        second = most if clocked else limit
        if (
            found is not None
            and guide is not None
            and (guided := relaxed(submodels, guide.objective, second, method)) is not None
        ):
            found = replace(guided, bound=found.bound)
        if clocked and not large:
            spent = time.monotonic() - begun
            submodels.seconds = min(LONGEST_SUB_SECONDS, max(submodels.seconds, SHARE_OF_RELAXATION * spent))
        return found

    # Without a clock one attempt is enough; of a short search the second attempt is the longer one by too little.
    early = QUICK_RELAXATION_SECONDS if most > QUICK_RELAXATION_SECONDS else 0.0
    tolerances = FIRST_ORDER_TOLERANCES if large else (0.0,)
    return Relaxations(solve, tolerances, early=early if clocked else float("inf"), beside=beside)
