"""The two cases, and what was chosen before any later figure was looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Final, Literal

Key = Literal["gdp", "forces", "decided"]


@dataclass(frozen=True)
class Case:
    """A mission at an earlier date, and the later dates at which it is looked at again.

    `usable`: the part of its armed forces that a nation can keep deployed, by the alliance's target of the time. `later[0]` is the list whose total
    is asked for; the other lists are partial, and only compared with.
    """

    key: str
    instance: str
    title: str
    mission: str
    earlier: str
    year: int
    later: tuple[str, ...]
    usable: float
    target: str


@dataclass(frozen=True)
class Choices:
    """What is free to choose; the defaults are the main ones.

    `key`: by what the part that is not decided is shared (`decided`: by what each nation has there or has announced). `stays`: what is there or
    announced is decided; if not, everything is open. `ceiling`: factor on national ceilings, None for no ceiling. The others: whether a set of
    facts is used, and `planned`: ask for the total planned at the earlier date.
    """

    key: Key = "gdp"
    stays: bool = True
    ceiling: float | None = 1.0
    caveats: bool = True
    ends: bool = True
    announced: bool = True
    outside: bool = False
    planned: bool = False


KFOR: Final = Case(
    key="kfor",
    instance="kfor-2017",
    title="KFOR, from February 2017 to the end of 2023",
    mission="kfor",
    earlier="2017-02",
    year=2023,
    later=("2023-late", "2022-08", "2026-01"),
    usable=0.10,
    target="NATO usability target 50/10 (about 2010): a tenth of forces sustained",
)
ISAF: Final = Case(
    key="isaf",
    instance="isaf-2009",
    title="ISAF, from December 2009 to June 2011",
    mission="isaf",
    earlier="2009-12",
    year=2011,
    later=("2011-06-06",),
    usable=0.08,
    target="NATO usability target 40/8 (Riga 2006): 8 percent of forces sustained",
)
CASES: Final = (KFOR, ISAF)
MAIN: Final = Choices()
KEYS: Final[tuple[Key, ...]] = ("gdp", "forces", "decided")
CEILINGS: Final = (1.0, 0.5, None)


def grid() -> list[Choices]:
    """The three free choices, every combination."""
    return [
        Choices(key=key, stays=stays, ceiling=ceiling) for key, stays, ceiling in product(KEYS, (True, False), CEILINGS)
    ]


def one_at_a_time(case: Case) -> dict[str, Choices]:
    """The main choices with one set of facts left out or added; only what the case has."""
    if case.key != "isaf":
        return {}
    return {
        "without caveats": replace(MAIN, caveats=False),
        "announced withdrawals not believed": replace(MAIN, ends=False),
        "announced increases not counted": replace(MAIN, announced=False),
        "US forces outside ISAF counted as there": replace(MAIN, outside=True),
        "total as planned in December 2009": replace(MAIN, planned=True),
    }
