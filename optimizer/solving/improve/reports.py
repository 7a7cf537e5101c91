"""What a search for better plans reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.model.linear import FloatArray
from optimizer.solving.improve.prices import Relaxation

BoundSource = Literal["prices", "mounting relaxation", "restart"]


@dataclass(frozen=True, eq=False)
class Better:
    """A better plan: its values, its value by the objective (maximised), the move that found it, and seconds since the start."""

    values: FloatArray
    value: float
    move: str
    seconds: float


@dataclass(frozen=True, eq=False)
class Proven:
    """No plan has a value above `bound` (maximised).

    `source`: what proved it, `seconds` after the start; `relaxation`: the relaxation that it comes from, where there is one.
    """

    bound: float
    seconds: float
    source: BoundSource
    relaxation: Relaxation | None = None


@dataclass(frozen=True)
class Doubtful:
    """The bounds of this source cannot be believed: none of them is to be used."""

    source: BoundSource


@dataclass(frozen=True)
class Ready:
    """The opening is over and no finer relaxation follows, or what was to be proven is: from now on there are only moves."""
