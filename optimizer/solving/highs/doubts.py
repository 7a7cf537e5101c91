"""Doubts: what a run of HiGHS claims is held against what is known, before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.model.linear import FloatArray
from optimizer.solving.highs.live import Run
from optimizer.solving.solution import BEATEN, beats

Measure = Callable[[FloatArray], float]

BEATEN_BY_WORKER = "HiGHS claims a bound that a plan of an improvement worker beats"
ROOM_ABOVE = "HiGHS calls a plan the best that its own bound leaves room above"


@dataclass(frozen=True, eq=False)
class Asked:
    """What a run of HiGHS is asked for: an objective (`measure` is its value at a plan), its sense, and the gaps at which to stop."""

    measure: Measure
    maximise: bool
    gap: float
    absolute_gap: float | None = None


def doubt_about(run: Run, asked: Asked, plan: FloatArray | None, known: float | None, natural: float) -> str:
    """Why a run cannot be believed; blank where it can. `ROOM_ABOVE`: its plan cannot, its bound can.

    Args:
        run: how it ended.
        asked: what it was asked for.
        plan: the plan that it began with; None where there was none.
        known: the value of a plan that was found elsewhere meanwhile.
        natural: what counts as 1 of the objective, where it is near 0.
    """
    if run.status == "infeasible":
        return "HiGHS calls the model infeasible" + (" although a plan is known" if plan is not None else "")
    if run.status in ("failed", "unbounded"):
        return f"HiGHS ended with '{run.words}'"
    if run.status == "optimal" and run.bound is None:
        # Presolve loses a plan that it holds within tolerances and ends as "optimal" with an infinite bound.
        return "HiGHS calls a plan the best without a bound"
    if run.spoilt:
        return "The plan of HiGHS breaks rules once its whole numbers are rounded"
    return "" if run.bound is None else _doubt_about_bound(run, run.bound, asked, (plan, known), natural)


def _doubt_about_bound(
    run: Run, bound: float, asked: Asked, best: tuple[FloatArray | None, float | None], natural: float
) -> str:
    sign = 1.0 if asked.maximise else -1.0
    (plan, known) = best
    if plan is not None and beats(sign * asked.measure(plan), sign * bound, natural):
        return "HiGHS claims a bound that the plan at hand beats"
    if known is not None and beats(sign * known, sign * bound, natural):
        return BEATEN_BY_WORKER
    if run.values is not None:
        value = asked.measure(run.values)
        if beats(sign * value, sign * bound, natural):
            return "HiGHS claims a bound that its own plan beats"
        # HiGHS 1.16.0 forgets what presolve found better than the start, and returns the start as the best.
        near = max(asked.absolute_gap or 0.0, asked.gap * abs(value)) + BEATEN * max(natural, abs(value))
        if run.status == "optimal" and sign * (bound - value) > near:
            return ROOM_ABOVE
    return ""
