"""Where each unit of a published run is in its cycle on the first day: drawn as the source draws it, from the run's seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publications.marathon.facts import Run

CYCLES = {"active": 1095, "reserve": 1825}
"""Days among which the start of a unit is drawn."""

_MULTIPLIER, _INCREMENT, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1


@dataclass(frozen=True)
class Start:
    """A unit, its component, and the days that it has rested on the day before the first."""

    unit: str
    component: str
    rested: int


def java_doubles(seed: int) -> Iterator[float]:
    """The sequence of `java.util.Random(seed).nextDouble()`, as the Java documentation defines it."""
    state = (seed ^ _MULTIPLIER) & _MASK
    while True:
        bits = []
        for width in (26, 27):
            state = (state * _MULTIPLIER + _INCREMENT) & _MASK
            bits.append(state >> (48 - width))
        yield ((bits[0] << 27) + bits[1]) / (1 << 53)


def starts(run: Run) -> tuple[Start, ...]:
    """The starts of a run, active units first."""
    doubles = java_doubles(run.seed)
    return tuple(
        Start(f"{component}-{number}", component, int(next(doubles) * CYCLES[component]))
        for component, count in (("active", run.active), ("reserve", run.reserve))
        for number in range(1, count + 1)
    )
