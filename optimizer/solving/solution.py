"""What solving gives: the solution, its levels and aims, and the events on the way. Nothing is printed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from optimizer.model.linear import FloatArray

Termination = Literal["optimal", "feasible", "infeasible", "none_found", "interrupted", "crashed"]


# A bound is contradicted, and a plan is better than another, only by more than this part of the plan's value.
BEATEN = 1e-5
BETTER = 1e-9


class SolverFailed(RuntimeError):  # noqa: N818
    """The solver gave no answer for a reason that is neither the model's nor a limit's (a report should be sent)."""


@dataclass(frozen=True)
class Notice:
    """Something a planner should know: `kind` is a short word for scripts, `text` a sentence.

    Kinds: `crashed`, `overrun` (the solver did not stop when asked: its process was ended, or in the caller's process it was
    waited for), `presolve_off` (solved again without it), `not_solved` (also without it: the plan at hand is
    kept), `start_refused` (not a plan, a hint only), `start_ignored` (HiGHS made nothing of it),
    `bound_refused` (a reported bound is no longer used: a plan beats it, or it came from a run that is not believed).
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Progress:
    """Where the running level stands, in the level's terms (maximised; a ratio is minimised); None = unknown yet."""

    level: str
    value: float | None
    bound: float | None
    gap: float | None
    seconds: float
    nodes: int


@dataclass(frozen=True, eq=False)
class Incumbent:
    """A better plan, as the solver holds it: whole numbers may be off by 1e-6. `move`: what found it (blank: HiGHS).

    `seconds` since the search began; 0: what it begins with.
    """

    level: str
    value: float
    values: FloatArray
    seconds: float
    move: str = ""


@dataclass(frozen=True)
class LevelResult:
    """How one level ended.

    `value`: at its end, the weighted sum of its terms (maximised) or its ratio (minimised); None without a plan.
    `bound`: no plan that keeps the earlier levels is better than this; None when nothing is proven.
    `gap`: |bound - value| / |value|. `improved`: whether this level changed the plan it was given for the better.
    `reported`: False for the tie-break among equal plans.
    """

    name: str
    priority: int
    value: float | None
    bound: float | None
    gap: float | None
    termination: Termination
    seconds: float
    improved: bool
    reported: bool = True


@dataclass(frozen=True)
class AimResult:
    """One aim in its own unit at the final plan. `bound` is None where several share a level; `gap` is the level's."""

    name: str
    priority: int
    value: float
    bound: float | None
    gap: float | None


@dataclass(frozen=True, eq=False)
class LevelDone:
    """A level has ended, with the plan at hand then (whole numbers whole)."""

    result: LevelResult
    values: FloatArray | None


Event = Notice | Progress | Incumbent | LevelDone
Report = Callable[[Event], None]


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer. `values`: one number per column, whole numbers exactly whole; None without a plan.

    `termination` is `optimal` only if every reported level is within the asked gap. A plan and a termination are two
    facts: `interrupted` and `crashed` may come with a plan. `timings` are seconds of wall time per phase.
    """

    values: FloatArray | None
    termination: Termination
    levels: tuple[LevelResult, ...] = ()
    aims: tuple[AimResult, ...] = ()
    events: tuple[Notice, ...] = ()
    log: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan, whatever the termination."""
        return self.values is not None


def ignore(_event: Event) -> None:
    """Report nothing."""


# Differences that are smaller than this part of a value are rounding. So is what is below the second, whatever the value.
NO_DIFFERENCE = 1e-9
ROUNDING = 1e-14


def beats(value: float, bound: float, size: float = 0.0) -> bool:
    """Whether a plan has a higher value than a bound (maximised), which is wrong then. `size`: what counts as 1 where values are near 0."""
    return value - bound > max(BEATEN * max(size, abs(value)), ROUNDING)


def is_better(value: float, than: float) -> bool:
    """Whether a value is better than another (maximised), by more than rounding; either may be infinite."""
    return value - than > max(BETTER * min(abs(value), abs(than)), ROUNDING)


def relative_gap(value: float | None, bound: float | None) -> float | None:
    """|bound - value| / |value|; differences of rounding count as none; None where one of them is unknown."""
    if value is None or bound is None:
        return None
    difference = abs(bound - value)
    if difference <= max(NO_DIFFERENCE * abs(value), ROUNDING):
        return 0.0
    return difference / abs(value) if value else float("inf")


def certain(value: float, bound: float) -> float:
    """A bound with a known plan (maximised): one that the plan beats by a tolerance may be wrong by as much, and is moved to the other side."""
    return bound if bound >= value else value + (value - bound)
