"""A question to one instance in one scenario, in a form that travels to a worker process and into a journal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from optimizer.instance.instance import Aim

Place = tuple[str, str, str]
"""Nation, mission, area."""


@dataclass(frozen=True)
class Within:
    """No plan may be worth less than this in a level of aims.

    `level`: its number, from 0. `most`: what its plans may have at most, counted so that less is better (a burden gap as it is, everything else with
    the sign of what is minimised). `step`: differences below this are of no interest; it says in which units the row is written.
    """

    level: int
    most: float
    step: float


@dataclass(frozen=True)
class Probe:
    """What is asked.

    `aims` take the place of the instance's; none: its own. `first_only`: later levels do not matter. `within`: bounds on levels. `apart`: packed
    plans; what is sought first is the plan that differs most from the nearest of them in who serves where. `without`: a nation that may not serve at a post.
    """

    aims: tuple[Aim, ...] = ()
    first_only: bool = False
    within: tuple[Within, ...] = ()
    apart: tuple[str, ...] = ()
    without: Place | None = None

    @property
    def is_free(self) -> bool:
        """Whether every plan that keeps the rules is one of the probe, too."""
        return not (self.within or self.apart or self.without)

    def text(self) -> str:
        """The probe as a text."""
        return json.dumps(asdict(self), sort_keys=True)


def probe_of(text: str) -> Probe:
    """The probe of a text."""
    found = json.loads(text)
    aims = tuple(
        Aim(**{**aim, "scope": _pairs(aim["scope"]), "weights": _pairs(aim["weights"])}) for aim in found["aims"]
    )
    without = None if found["without"] is None else tuple(found["without"])
    return Probe(
        aims, found["first_only"], tuple(Within(**one) for one in found["within"]), tuple(found["apart"]), without
    )


def _pairs(given: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one, other) for one, other in given)
