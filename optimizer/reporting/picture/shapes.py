"""What the picture consists of, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["nothing asked", "not mounted", "open", "full"]


@dataclass(frozen=True)
class Place:
    """An area on the map. `share`: of what is asked there, over all posts and periods; None where nothing is asked. `text`: for whoever points at it."""

    number: int
    name: str
    latitude: float
    longitude: float
    share: float | None
    posts: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Square:
    """A post in a period. `share`: of what is asked; `lead`: who leads, blank where nobody has to; `text`: for whoever points at it."""

    state: State
    share: float | None
    lead: str
    text: str


@dataclass(frozen=True)
class Strip:
    """A post over the periods."""

    mission: str
    area: str
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Picture:
    """Places of the map (none where no area has coordinates), and the grid of posts and periods; `rest` posts are left out."""

    places: tuple[Place, ...]
    periods: tuple[str, ...]
    strips: tuple[Strip, ...]
    rest: int = 0
