"""Make the outlines of land and borders that the page draws, from the npm package `world-atlas` (Natural Earth, public domain).

    python -m benchmarks.outlines world-atlas-2.0.2.tgz

Lines are thinned to what a picture of a region needs, and stand in hundredths of a degree. The border that Natural Earth draws at the
neck of Crimea (it shows who controls, not whose territory it is) is left out.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "optimizer/reporting/picture/outlines.json"
TOLERANCE = 0.04
"""Degrees by which a thinned line may miss a point of the original."""
SMALLEST = 0.02
"""Square degrees below which an island is left out."""
NECK_OF_CRIMEA = (33.0, 45.6, 35.3, 46.4)

Point = tuple[float, float]


def main(package: str) -> None:
    """Write the outlines."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/countries-50m.json")
        if member is None:
            raise SystemExit("The package holds no countries-50m.json.")
        topology = json.load(member)
    arcs = [_thinned(arc) for arc in _decoded(topology)]
    rings = [ring for country in topology["objects"]["countries"]["geometries"] for ring in _rings(country)]
    shared = Counter(abs_index(arc) for ring in rings for arc in ring)
    borders = [arc for arc, count in sorted(shared.items()) if count > 1 and not _at_the_neck(arcs[arc])]
    kept = [ring for ring in rings if abs(_area(_points(ring, arcs))) > SMALLEST]
    used = sorted({abs_index(arc) for ring in kept for arc in ring} | set(borders))
    number = {old: new for new, old in enumerate(used)}
    found = {
        "source": "Natural Earth 1:50m, public domain; thinned",
        "arcs": [[value for point in _steps(arcs[old]) for value in point] for old in used],
        "rings": [[number[arc] if arc >= 0 else ~number[~arc] for arc in ring] for ring in kept],
        "borders": [number[arc] for arc in borders],
    }
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


def abs_index(arc: int) -> int:
    """The arc that an index means; a negative one runs backwards."""
    return arc if arc >= 0 else ~arc


def _decoded(topology: dict[str, Any]) -> list[list[Point]]:
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * sx + tx, y * sy + ty))
        arcs.append(arc)
    return arcs


def _thinned(arc: list[Point]) -> list[Point]:
    """Ramer, Douglas and Peucker; the ends stay, so that neighbours still meet."""
    if len(arc) < 3:
        return arc
    if arc[0] == arc[-1]:  # a ring: its far end is a second fixed point
        far = max(range(len(arc)), key=lambda k: (arc[k][0] - arc[0][0]) ** 2 + (arc[k][1] - arc[0][1]) ** 2)
        if 0 < far < len(arc) - 1:
            return _thinned(arc[: far + 1])[:-1] + _thinned(arc[far:])
    (ax, ay), (bx, by) = arc[0], arc[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1.0
    away = [abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length for x, y in arc]
    worst = max(range(1, len(arc) - 1), key=away.__getitem__)
    if away[worst] <= TOLERANCE:
        return [arc[0], arc[-1]]
    return _thinned(arc[: worst + 1])[:-1] + _thinned(arc[worst:])


def _steps(arc: list[Point]) -> list[tuple[int, int]]:
    whole = [(round(100 * x), round(100 * y)) for x, y in arc]
    return [whole[0], *((x - px, y - py) for (px, py), (x, y) in pairwise(whole))]


def _rings(country: dict[str, Any]) -> list[list[int]]:
    if country["type"] == "Polygon":
        return [country["arcs"][0]]
    if country["type"] == "MultiPolygon":
        return [polygon[0] for polygon in country["arcs"]]
    return []


def _points(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    return [point for arc in ring for point in (arcs[arc] if arc >= 0 else arcs[~arc][::-1])]


def _area(points: list[Point]) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return 0.5 * sum(x * other_y - other_x * y for (x, y), (other_x, other_y) in pairs)


def _at_the_neck(arc: list[Point]) -> bool:
    west, south, east, north = NECK_OF_CRIMEA
    return all(west <= x <= east and south <= y <= north for x, y in arc)


if __name__ == "__main__":
    main(sys.argv[1])
