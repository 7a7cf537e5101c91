"""The map of a plan's areas."""

from __future__ import annotations

import re

import pytest

from optimizer.reporting.picture.map import DOT, MOST_NUMBERED, RADIUS, draw_map, window_of
from optimizer.reporting.picture.shapes import Place


def places(count):
    """So many places on a line, each a tenth of a degree from the next."""
    return tuple(
        Place(number, f"area {number}", 20 + number / 10, 5.0, 0.5, (), "half") for number in range(1, count + 1)
    )


def circles(drawn):
    """Where the marks lie, and how large they are."""
    return [
        tuple(map(float, found)) for found in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/>', drawn)
    ]


def test_areas_are_numbered():
    found = re.findall(r">(\d+)</text>", draw_map(places(MOST_NUMBERED)))
    assert found == [str(number) for number in range(1, MOST_NUMBERED + 1)]


def test_marks_that_would_overlap_are_pushed_apart():
    marks = circles(draw_map(places(4)))
    assert all(
        (x - other_x) ** 2 + (y - other_y) ** 2 > (2 * RADIUS - 1) ** 2
        for place, (x, y, _) in enumerate(marks)
        for other_x, other_y, _ in marks[:place]
    )


def test_very_many_areas_are_dots_at_their_places():
    many = places(MOST_NUMBERED + 1)
    drawn, window = draw_map(many), window_of(many)
    assert "</text>" not in drawn
    for place, (x, y, size) in zip(many, circles(drawn), strict=True):
        assert (x, y) == pytest.approx(window.at(place.longitude, place.latitude), abs=0.051)
        assert size == DOT
