"""The report as one HTML file that needs nothing else: no scripts, no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.reporting.content import Cell, Column, Content
from optimizer.reporting.describe import describe
from optimizer.reporting.text import BLANK, as_text, figure, percent, write_atomically

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


def write_html(plan: Plan, file: str | Path, content: Content | None = None) -> Path:
    """Write the report on a plan (or its `content`, if that was made already) as one self-contained HTML page, whole or not at all."""
    file = Path(file)
    write_atomically(file, render_page(content or describe(plan)).encode())
    return file


def render_page(content: Content) -> str:
    """The page as text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from optimizer.reporting.charts import UndrawnChart, svg
    from optimizer.reporting.versions import version

    loader = PackageLoader("optimizer.reporting", "templates")
    environment = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    style, _, _ = loader.get_source(environment, "page.css")
    # the drawings are markup made by us: every text in them went through an XML writer
    drawings: dict[tuple[str, int], Markup | None] = {}
    for section in content.sections:
        for number, chart in enumerate(section.charts):
            try:
                drawings[section.key, number] = Markup(svg(chart, f"{section.key}-{number}"))  # noqa: S704
            except UndrawnChart:
                drawings[section.key, number] = None
    page = environment.get_template("page.html")
    return page.render(content=content, drawings=drawings, style=Markup(style), shown=shown, version=version())  # noqa: S704


def shown(column: Column, cell: Cell) -> str:
    """A cell as text for reading."""
    if column.kind == "percent":
        return percent(cell)
    if column.kind == "figure":
        return figure(cell)
    if column.kind == "flag" and not isinstance(cell, str):
        return "yes" if cell else "no"
    return (figure(cell) if isinstance(cell, float) else as_text(cell)) or BLANK
