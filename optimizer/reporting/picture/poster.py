"""The picture as one SVG file that stands alone: the grid of posts and periods beside the map, for a first page or a slide."""

from __future__ import annotations

from markupsafe import escape

from optimizer.reporting.picture.map import WIDTH, draw_map, tone, window_of
from optimizer.reporting.picture.shapes import Picture, Square
from optimizer.reporting.text import percent, shorten

COLOURS = {
    "tone0": ("#b35806", "#ffffff"),
    "tone1": ("#fdb863", "#1a1a1a"),
    "tone2": ("#f2e3cb", "#1a1a1a"),
    "tone3": ("#b2cbe5", "#1a1a1a"),
    "full": ("#2166ac", "#ffffff"),
}
ROW, SQUARE, NAMES = 19.0, 44.0, 215.0
_STYLE = (
    ".sea{fill:#e4ecf3}.land{fill:#fbfaf6}.border{fill:none;stroke:#b5b5b5;stroke-width:.8}"
    ".place circle{stroke:#ffffff;stroke-width:1.5;fill:#767676}.place.dot circle{stroke-width:.5}"
    ".place text{font:bold 11px Helvetica,Arial,sans-serif;fill:#ffffff}"
    + "".join(
        f".place.{name} circle{{fill:{fill}}}.place.{name} text{{fill:{ink}}}" for name, (fill, ink) in COLOURS.items()
    )
    + "text{font:12px Helvetica,Arial,sans-serif;fill:#1a1a1a}.head{font-weight:bold}.soft{fill:#4a4a4a;font-size:11px}"
)


def draw_poster(picture: Picture, title: str) -> str:
    """The picture as an SVG document with a title; every text in it is escaped."""
    rows: list[str] = []
    left, y = (WIDTH + 24 if picture.places else 8.0), 56.0
    for number, name in enumerate(picture.periods):
        x = left + NAMES + SQUARE * (number + 0.5)
        rows.append(
            f'<text class="soft" x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{escape(name.partition(" ")[0])}</text>'
        )
    mission = None
    for strip in picture.strips:
        if strip.mission != mission:
            mission = strip.mission
            rows.append(f'<text class="head" x="{left:.0f}" y="{y + 14:.0f}">{escape(shorten(mission, 70))}</text>')
            y += ROW
        rows.append(f'<text x="{left:.0f}" y="{y + 14:.0f}">{escape(shorten(strip.area, 34))}</text>')
        rows += [_square(square, left + NAMES + SQUARE * number, y) for number, square in enumerate(strip.squares)]
        y += ROW
    width = left + NAMES + SQUARE * len(picture.periods) + 8
    drawn = _placed(picture) if picture.places else ""
    height = max(y + 12, 580.0 if drawn else 0.0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">'
        f'<title>{escape(title)}</title><style>{_STYLE}</style><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text class="head" x="8" y="24" font-size="16">{escape(shorten(title, 150))}</text>{drawn}{"".join(rows)}</svg>\n'
    )


def _placed(picture: Picture) -> str:
    """The map at its own size in the middle of its half."""
    wide, tall = window_of(picture.places).size
    place = f'<svg x="{8 + (WIDTH - wide) / 2:.0f}" y="40" width="{wide:.0f}" height="{tall:.0f}" '
    return draw_map(picture.places).replace("<svg ", place, 1)


def _square(square: Square, x: float, y: float) -> str:
    if square.share is None:
        return ""
    fill, ink = COLOURS["tone0" if square.state == "not mounted" else tone(square.share)]
    text = "×" if square.state == "not mounted" else percent(square.share).removesuffix(" %").partition(".")[0]
    return (
        f'<rect x="{x + 1:.0f}" y="{y + 1:.0f}" width="{SQUARE - 2:.0f}" height="{ROW - 2:.0f}" fill="{fill}"/>'
        f'<text x="{x + SQUARE / 2:.0f}" y="{y + 14:.0f}" text-anchor="middle" style="fill:{ink}">{text}</text>'
    )
