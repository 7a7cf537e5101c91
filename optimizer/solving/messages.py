"""The messages between the parent and the child that solves.

The parent sends one `Job`; the child `Started`, every event of the solve, and at the end a `Solution` or a `Failure`.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model.linear import FloatArray, LinearModel
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Event, LevelDone, Solution


@dataclass(frozen=True, eq=False)
class Job:
    """What the child is to solve. The labels of rows and columns stay with the parent.

    `done`: the levels that the start has been through, each with its plan.
    """

    model: LinearModel
    options: SolveOptions
    start: FloatArray | None
    done: tuple[LevelDone, ...] = ()


@dataclass(frozen=True)
class Started:
    """The child has read its job: its clock runs."""


@dataclass(frozen=True)
class Failure:
    """An exception in the child: its one-line summary and its traceback."""

    summary: str
    traceback: str


Message = Event | Started | Failure | Solution
