"""The report as one HTML file that needs nothing else: no network, readable without script."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.reporting.content import Cell, Column, Content, first_rows, for_reading
from optimizer.reporting.describe import describe
from optimizer.reporting.picture.map import draw_map, tone
from optimizer.reporting.picture.shapes import Square
from optimizer.reporting.text import BLANK, as_text, figure, percent, write_atomically

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


def write_html(plan: Plan, file: str | Path, content: Content | None = None) -> Path:
    """Write the report on a plan (or its `content`, if that was made already) as one self-contained HTML page, whole or not at all."""
    file = Path(file)
    write_atomically(file, render_page(content or describe(plan)).encode())
    return file


def write_brief(plan: Plan, file: str | Path, content: Content | None = None) -> Path:
    """Write the brief on a plan: the answer, the picture, the asks and the assumptions, on two printed A4 pages."""
    file = Path(file)
    write_atomically(file, render_page(content or describe(plan), annexes=False).encode())
    return file


def render_page(content: Content, *, annexes: bool = True) -> str:
    """The page as text; without its annexes it is the brief."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from optimizer.reporting.charts import UndrawnChart, svg
    from optimizer.reporting.versions import version

    loader = PackageLoader("optimizer.reporting", "templates")
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    style, script = (loader.get_source(environment, name)[0] for name in ("page.css", "page.js"))
    # the drawings are markup made by us: every text in them went through an XML writer
    drawings: dict[tuple[str, int], Markup | None] = {}
    for section in content.sections if annexes else ():
        for number, chart in enumerate(section.charts):
            try:
                drawings[section.key, number] = Markup(svg(chart, f"{section.key}-{number}"))  # noqa: S704
            except UndrawnChart:
                drawings[section.key, number] = None
    environment.globals.update(picture_words())
    page = environment.get_template("page.html")
    return page.render(
        content=content,
        annexes=annexes,
        drawings=drawings,
        map=Markup(draw_map(content.picture.places)) if content.picture else "",  # noqa: S704
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=_hash(script),
        version=version(),
    )


def picture_words() -> dict[str, Any]:
    """What the templates of answer, picture and tables call."""
    return {
        "shown": shown,
        "tone": tone,
        "mark": mark,
        "share": _share,
        "first_rows": first_rows,
        "for_reading": for_reading,
    }


def _hash(script: str) -> str:
    """The script as the content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def mark(square: Square) -> str:
    """What stands in a square of the grid."""
    if square.share is None:
        return ""
    if square.state == "not mounted":
        return "×"
    return percent(square.share).removesuffix(" %").partition(".")[0]


def _share(value: float | None) -> str:
    return BLANK if value is None else percent(value)


def shown(column: Column, cell: Cell) -> str:
    """A cell as text for reading."""
    if column.kind == "percent":
        return percent(cell)
    if column.kind == "figure":
        return figure(cell)
    if column.kind == "flag" and not isinstance(cell, str):
        return "yes" if cell else "no"
    return (figure(cell) if isinstance(cell, float) else as_text(cell)) or BLANK
