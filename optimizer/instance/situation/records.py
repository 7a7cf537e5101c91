"""The records of a situation: what exists in one scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PostKey = tuple[str, str]
Pair = tuple[str, str]
PRESENCE_MEASURES = frozenset({"units", "personnel", "cost", "escalation", "sustainment"})


@dataclass(frozen=True)
class Nation:
    """A nation's own rules. `min_contingent` in persons at each post; `participation_cost` in million, once."""

    name: str
    max_posts: int | None
    min_contingent: float
    participation_cost: float
    fair_share: float | None
    gateway: str | None
    min_stay: int | None = None


@dataclass(frozen=True)
class Pledge:
    """An offer that exists in this scenario, in some period at least.

    `periods`: those of its window in which its condition is true.
    `available`: most units present at a time (quantity, or quantity ÷ rotation factor rounded down). `tour` is None where units
    may come and go; then `dwell` means nothing. Personnel in persons, lift and sustainment in t, `own_cost` in million or None.
    `factor`: units that must be made ready for each one present, where there are no tours.
    """

    name: str
    nation: str
    unit_type: str
    domain: str
    quantity: int
    available: int
    periods: tuple[int, ...]
    tour: int | None
    dwell: int
    deployed_at_start: int
    tags: frozenset[str]
    personnel: float
    lift: float
    sustainment: float
    escalation: float
    own_cost: float | None
    type_cost: float
    factor: float = 1.0
    committed: int = 0
    condition: str | None = None


@dataclass(frozen=True)
class Line:
    """A requirement line: threshold and target in the measure of its capability; active in periods first..last."""

    name: str
    mission: str
    area: str
    host: str | None
    capability: str
    threshold: float
    target: float
    weight: float
    first: int
    last: int
    max_drop: float | None = None

    @property
    def post(self) -> PostKey:
        """The post (mission, area) of the line."""
        return (self.mission, self.area)


@dataclass(frozen=True)
class Post:
    """One mission in one area, with its lines and rules; `periods`: those in which at least one line is active."""

    mission: str
    area: str
    lines: tuple[str, ...]
    periods: tuple[int, ...]
    continuity: bool
    must: bool = False
    min_nations: int = 0
    max_nations: int | None = None
    max_share: float | None = None
    lead_required: bool = False
    lead_min_share: float = 0.0
    lead_term: int | None = None
    min_stay: int | None = None

    @property
    def key(self) -> PostKey:
        """(mission, area)."""
        return (self.mission, self.area)


@dataclass(frozen=True)
class Mission:
    """A mission: weight in coverage; `weakest`: its score is that of its weakest line."""

    name: str
    weight: float
    weakest: bool


@dataclass(frozen=True)
class Instrument:
    """An option without deployment: cost (million) and escalation once; `yields` per requirement line, in each of `periods`."""

    name: str
    cost: float
    escalation: float
    sponsors: tuple[str, ...]
    yields: Mapping[str, float]
    periods: frozenset[int]


@dataclass(frozen=True)
class Route:
    """One direction of a connection, open in `periods`: `capacity` in t per period (None: no limit), `cost` in million per t."""

    name: str
    origin: str
    destination: str
    mode: str | None
    capacity: float | None
    cost: float
    periods: frozenset[int]
