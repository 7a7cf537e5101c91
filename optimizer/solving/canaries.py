"""Models that HiGHS gets wrong: they show on this machine that the nets around it hold."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optimizer.solving.child import solve_in_child
from optimizer.solving.highs.lp import read_mps
from optimizer.solving.options import SolveOptions

CASES = Path(__file__).parent / "canaries"
# The only plan of the first is (5, 5, 5). In the second doing nothing is a plan, so it is not infeasible.
# The third begins with doing nothing, which HiGHS 1.16.0 calls optimal; the best plan is worth 200/3.
EXPECTED: dict[str, float | None] = {
    "presolve_segfault": 10.0,
    "false_infeasible": None,
    "start_called_best": 200 / 3,
}
FROM_NOTHING = ("start_called_best",)
SECONDS = 60.0


@dataclass(frozen=True)
class CanaryResult:
    """One canary: whether the right answer came, and in words how."""

    name: str
    passed: bool
    text: str
    seconds: float


def run_canaries() -> list[CanaryResult]:
    """Solve every canary in a child process."""
    return [_run(name, expected) for name, expected in EXPECTED.items()]


def _run(name: str, expected: float | None) -> CanaryResult:
    begun = time.monotonic()
    model = read_mps(CASES / f"{name}.mps")
    start = np.zeros(len(model.lower)) if name in FROM_NOTHING else None
    solution = solve_in_child(model, SolveOptions(time_limit=SECONDS), start)
    value = solution.aims[0].value if solution.aims else None
    right = value is not None and (expected is None or abs(value - expected) <= 1e-6)
    passed = right and solution.termination == "optimal"
    happened = " ".join(event.text for event in solution.events) or "No trouble."
    answer = f"{solution.termination}, {'no plan' if value is None else f'value {value:g}'}"
    return CanaryResult(name, passed, f"{answer}. {happened}", time.monotonic() - begun)
