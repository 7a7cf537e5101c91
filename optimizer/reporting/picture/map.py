"""The map of areas: land and borders of the region, and a numbered mark per area; where there are very many, a dot."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from markupsafe import escape

from optimizer.reporting.picture.shapes import Place

WIDTH: Final = 560.0
TALLEST: Final = 520.0
RADIUS: Final = 11.0
DOT: Final = 4.0
MOST_NUMBERED: Final = 60
"""More marks with numbers do not fit side by side: pushed apart, they would lie anywhere but at their places."""
_MARGIN: Final = 0.12
_NARROWEST: Final = 6.0
"""Degrees that the map shows at least."""

_HALF_TURN: Final = 180.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Window:
    """The part of the world that is shown, and how it becomes a picture: equirectangular, true at the middle latitude."""

    west: float
    south: float
    east: float
    north: float

    @property
    def stretch(self) -> float:
        """Length of a degree of longitude in degrees of latitude."""
        return max(0.2, math.cos(math.radians((self.south + self.north) / 2)))

    @property
    def scale(self) -> float:
        """Pixels per degree of latitude."""
        return min(WIDTH / ((self.east - self.west) * self.stretch), TALLEST / (self.north - self.south))

    @property
    def size(self) -> Point:
        """Width and height in pixels."""
        return (self.east - self.west) * self.stretch * self.scale, (self.north - self.south) * self.scale

    def at(self, longitude: float, latitude: float) -> Point:
        """Where a place lies in the picture."""
        return (longitude - self.west) * self.stretch * self.scale, (self.north - latitude) * self.scale


def window_of(places: Sequence[Place]) -> Window:
    """The window that shows all places with a margin."""
    west, east = min(place.longitude for place in places), max(place.longitude for place in places)
    south, north = min(place.latitude for place in places), max(place.latitude for place in places)
    wide = max(_NARROWEST, east - west, 0.6 * (north - south))
    tall = max(0.7 * _NARROWEST, north - south, 0.35 * (east - west))
    middle, height = (west + east) / 2, (south + north) / 2
    wide, tall = wide * (0.5 + _MARGIN), tall * (0.5 + _MARGIN)
    return Window(
        max(-180.0, middle - wide), max(-85.0, height - tall), min(180.0, middle + wide), min(85.0, height + tall)
    )


def draw_map(places: Sequence[Place]) -> str:
    """The map as an inline SVG element; every text in it is escaped. Blank where no area has coordinates."""
    if not places:
        return ""
    window = window_of(places)
    width, height = window.size
    parts = [
        f'<svg class="map" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="Map of the areas; the list beside it names them.">',
        f'<rect class="sea" width="{width:.0f}" height="{height:.0f}"/>',
        f'<path class="land" d="{_path(_land(window), window, close=True)}"/>',
        f'<path class="border" d="{_path(_borders(window), window, close=False)}"/>',
    ]
    spots = [window.at(place.longitude, place.latitude) for place in places]
    if len(places) > MOST_NUMBERED:
        marks = [_dot(place, spot) for place, spot in zip(places, spots, strict=True)]
    else:
        marks = [_mark(place, spot) for place, spot in zip(places, _apart(spots, (width, height)), strict=True)]
    return "".join([*parts, *marks, "</svg>"])


def _mark(place: Place, spot: Point) -> str:
    x, y = spot
    return (
        f'<g class="place {tone(place.share)}" data-hover="{escape(place.text)}"><title>{escape(place.text)}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS:g}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{place.number}</text></g>'
    )


def _dot(place: Place, spot: Point) -> str:
    """A place without a number, where it lies."""
    return (
        f'<g class="place dot {tone(place.share)}" data-hover="{escape(place.text)}"><title>{escape(place.text)}</title>'
        f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="{DOT:g}"/></g>'
    )


def tone(share: float | None) -> str:
    """The class of a colour: five steps from open to full, which also print in grey."""
    if share is None:
        return "blank"
    if share >= 1.0 - 1e-9:
        return "full"
    return f"tone{min(3, int(4 * max(0.0, share)))}"


def _apart(spots: list[Point], size: Point) -> list[Point]:
    """Marks that would lie over one another are pushed apart a little; none leaves the picture."""
    moved = [list(spot) for spot in spots]
    for _ in range(60):
        calm = True
        for first in range(len(moved)):
            for second in range(first):
                dx, dy = moved[first][0] - moved[second][0], moved[first][1] - moved[second][1]
                distance = math.hypot(dx, dy)
                lack = 2 * RADIUS + 1 - distance
                if lack <= 0:
                    continue
                calm = False
                turn = (dx / distance, dy / distance) if distance > 1e-9 else (math.cos(first), math.sin(first))
                for one, sign in ((first, 0.5), (second, -0.5)):
                    moved[one][0] += sign * lack * turn[0]
                    moved[one][1] += sign * lack * turn[1]
        for spot in moved:
            spot[0] = min(max(spot[0], RADIUS + 1), size[0] - RADIUS - 1)
            spot[1] = min(max(spot[1], RADIUS + 1), size[1] - RADIUS - 1)
        if calm:
            break
    return [(x, y) for x, y in moved]


@cache
def _outlines() -> dict[str, Any]:
    text = files("optimizer.reporting.picture").joinpath("outlines.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    found["arcs"] = [_decoded(arc) for arc in found["arcs"]]
    return found


def _decoded(steps: Sequence[int]) -> list[Point]:
    x = y = 0
    points = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / 100.0, y / 100.0))
    return points


def _land(window: Window) -> Iterator[list[Point]]:
    outlines = _outlines()
    for ring in outlines["rings"]:
        points = _unwrapped(
            [point for arc in ring for point in (outlines["arcs"][arc] if arc >= 0 else outlines["arcs"][~arc][::-1])]
        )
        if abs(points[0][0] - points[-1][0]) > _HALF_TURN:
            continue  # around a pole
        for turn in (-2 * _HALF_TURN, 0.0, 2 * _HALF_TURN):
            turned = [(x + turn, y) for x, y in points]
            if _meets(turned, window):
                yield _clipped(turned, window)


def _unwrapped(points: list[Point]) -> list[Point]:
    """The same line without jumps where it crosses the date line."""
    found = [points[0]]
    for x, y in points[1:]:
        found.append((x - 2 * _HALF_TURN * round((x - found[-1][0]) / (2 * _HALF_TURN)), y))
    return found


def _borders(window: Window) -> Iterator[list[Point]]:
    outlines = _outlines()
    for arc in outlines["borders"]:
        points = outlines["arcs"][arc]
        if _meets(points, window):
            yield from _inside(points, window)


def _meets(points: Sequence[Point], window: Window) -> bool:
    longitudes, latitudes = [x for x, _ in points], [y for _, y in points]
    return (
        max(longitudes) >= window.west
        and min(longitudes) <= window.east
        and max(latitudes) >= window.south
        and min(latitudes) <= window.north
    )


def _inside(points: Sequence[Point], window: Window) -> Iterator[list[Point]]:
    """Stretches of a line of which at least one end of each piece lies in the window; the picture cuts the rest."""
    stretch: list[Point] = []
    for one, other in pairwise(points):
        if _meets((one, other), window):
            stretch = [*stretch, other] if stretch else [one, other]
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _clipped(points: list[Point], window: Window) -> list[Point]:
    """The polygon cut at the four sides of the window (Sutherland and Hodgman)."""
    for axis, limit, above in (
        (0, window.west, True),
        (0, window.east, False),
        (1, window.south, True),
        (1, window.north, False),
    ):
        kept: list[Point] = []
        for one, other in pairwise([*points, points[0]] if points else []):
            within, next_within = ((one[axis] >= limit) == above, (other[axis] >= limit) == above)
            if within:
                kept.append(one)
            if within != next_within:
                part = (limit - one[axis]) / (other[axis] - one[axis])
                kept.append((one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])))
        points = kept
    return points


def _path(lines: Iterator[list[Point]], window: Window, *, close: bool) -> str:
    parts = []
    for line in lines:
        if len(line) > 1:
            spots = [window.at(x, y) for x, y in line]
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots) + ("Z" if close else ""))
    return "".join(parts)
