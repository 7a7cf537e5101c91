"""What a plan says of its own proof, held against itself: bound, gap, ending, and who proved the bound.

A bound cannot be proven anew without a solver. What can be found is a bound, a gap or an ending that contradicts the plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from optimizer.plan.violation import Violation

if TYPE_CHECKING:
    from optimizer.plan.aims import AimValue
    from optimizer.plan.plan import Plan

SOLVER_TOLERANCE: Final = 1e-5
"""Relative: by how much a solver's own figure may differ from that of the rounded plan."""
NO_DIFFERENCE: Final = 1e-9
"""Relative: a smaller difference between a value and its bound is rounding, not a gap."""
GAP_TOLERANCE: Final = 1e-6
SOLVERS: Final = ("highs",)
"""Names under which the versions of a plan list the solver that proved its bounds."""
LEFT_OPEN: Final = "within what the search left open"
"""What is said of a difference that may be none."""
MOST: Final[Mapping[str, float]] = {"coverage": 100.0, "weakest_mission": 1.0}
"""What an aim can be at most, whatever is done."""
FAR: Final = 10.0
"""A bound so many times away from the plan says nothing that a planner could use."""
SAME: Final = 1e-6
BY_HAND: Final = "by hand, no bound"
WITH_PLAN, WITHOUT_PLAN = ("optimal", "feasible"), ("infeasible", "none_found")


def proven_by(plan: Plan) -> str:
    """Who proved the bounds of a plan, in words."""
    solver = solver_of(plan.versions)
    if solver is None:
        return BY_HAND
    return solver if plan.aims["bound"].notna().any() else f"{solver}; no bound"


def solver_of(versions: Mapping[str, str]) -> str | None:
    """The solver that took part, with its version."""
    return next(
        (f"{'HiGHS' if name == 'highs' else name} {versions[name]}" for name in SOLVERS if name in versions), None
    )


def missed(value: float, bound: float, maximise: bool) -> float:
    """By how much a value may be worse than the best possible; negative where it beats the bound."""
    return bound - value if maximise else value - bound


def room(value: float) -> float:
    """By how much two figures of this size may differ."""
    return SOLVER_TOLERANCE * (1.0 + abs(value))


def gap_of(value: float, bound: float, maximise: bool) -> float | None:
    """The relative gap, 0 where it is rounding; None where the value is 0 and the bound is not."""
    short = max(0.0, missed(value, bound, maximise))
    if short <= max(NO_DIFFERENCE * abs(value), 1e-14):
        return 0.0
    return short / abs(value) if value else None


def telling(name: str, value: float | None, bound: float | None, maximise: bool) -> float | None:
    """The bound of an aim, where it says more than is clear anyway and is not far away from the plan; else None."""
    if value is None or bound is None or not (math.isfinite(value) and math.isfinite(bound)):
        return None
    if abs(bound - value) <= SAME * max(1.0, abs(value)):
        return value
    near, far = sorted((abs(value), abs(bound)))
    beyond = bound >= MOST.get(name, math.inf) if maximise else bound <= 0.0
    return None if beyond or far > FAR * near else bound


def contradictions(plan: Plan, found: Sequence[AimValue]) -> list[Violation]:
    """Bounds, gaps and an ending that do not go with the recomputed aims of a plan."""
    broken = list(_ending(plan))
    if plan.changes.own_aim is not None:
        # The ending and the bound are those of an aim that no table states.
        return broken
    rows = plan.aims.to_dict("records")
    for item, row in zip(found, rows, strict=False):
        if row["name"] == item.aim.name and item.value is not None:
            level = [other for other in found if other.aim.priority == item.aim.priority]
            alone = len(level) == 1 and item.aim.weight != 0.0
            broken += _of_aim(plan, item, float(row["bound"]), float(row["gap"]), alone)
    return broken


def _ending(plan: Plan) -> Iterator[Violation]:
    if plan.termination in (WITHOUT_PLAN if plan.has_plan else WITH_PLAN):
        words = "holds" if plan.has_plan else "does not hold"
        yield _said(
            "termination", f"The search is said to have ended as {plan.termination}, but the folder {words} a plan."
        )
    if solver_of(plan.versions) is None and (
        plan.aims["bound"].notna().any() or plan.termination in {"optimal", "infeasible"}
    ):
        yield _said("versions", "Something is said to be proven, but no solver is named that proved it.")
    if not plan.has_plan and plan.aims["value"].notna().any():
        yield _said("aims", "Aims have values, but there is no plan.")


def _said(name: str, message: str, stated: float | None = None, found: float | None = None) -> Violation:
    return Violation("stated", name, "plan.json", None, stated, found, message)


def _of_aim(plan: Plan, item: AimValue, bound: float, gap: float, alone: bool) -> Iterator[Violation]:
    name, value = item.aim.name, float(item.value or 0.0)
    asked = plan.options.get("gap")
    asked = plan.instance.header.gap if asked is None else float(asked)
    most = asked + item.aim.tolerance
    optimal = plan.termination == "optimal"
    if math.isnan(bound):
        if not math.isnan(gap) and alone:
            yield _said(name, f"{name} has a gap of {gap:.6g}, but no bound that it could be measured against.", gap)
        elif not alone and optimal and not gap <= most + GAP_TOLERANCE:
            yield _said(
                name, f"The plan is said to be optimal, but {name} has a gap of {gap:.6g}; asked was {asked:g}.", gap
            )
        elif alone and optimal:
            yield _said(name, f"The plan is said to be optimal, but {name} has no bound.")
        return
    short = missed(value, bound, item.maximise)
    if short < -room(value):
        word = "above" if item.maximise else "below"
        message = (
            f"The bound of {name} is {bound:.10g}, but the plan's own {value:.10g} lies {word} it: it bounds nothing."
        )
        yield _said(name, message, bound, value)
        return
    should = gap_of(value, bound, item.maximise)
    if (should is None) != math.isnan(gap) or (
        should is not None and abs(gap - should) > GAP_TOLERANCE * (1.0 + should)
    ):
        shown = "unknown" if should is None else f"{should:.6g}"
        yield _said(
            name, f"The gap of {name} is said to be {gap:.6g}, but value and bound make it {shown}.", gap, should
        )
    # A tolerance is a share of what the level reached, which lies between value and bound.
    if optimal and short > most * max(abs(value), abs(bound)) + room(value):
        message = (
            f"The plan is said to be optimal within {asked:g}, but {name} is {value:.10g} and its bound {bound:.10g}."
        )
        yield _said(name, message, bound, value)
