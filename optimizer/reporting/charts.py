"""Charts as SVG to put into a page: drawn by altair and vl-convert, without a network and without scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from optimizer.reporting.content import Chart, Content
from optimizer.reporting.picture.poster import draw_poster
from optimizer.reporting.text import figure, percent, shorten, write_atomically

OPEN_TO_FILLED: Final = ["#b35806", "#fdb863", "#f7f7f7", "#b2cbe5", "#2166ac"]
"""Open to filled; distinguishable for people who confuse red and green, and in grey."""
LITTLE_TO_MUCH: Final = ["#eef4fb", "#9ecae1", "#3182bd", "#08306b"]
_LABEL: Final = 56
_WIDEST: Final = 320
_PADDING: Final = 4
_TILTED: Final = 220
_FONT: Final = "Helvetica, Arial, sans-serif"


_OF_EVERY_OBJECT: Final = frozenset(
    {
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
    }
)
"""Names that every object of the drawing library's language has: it takes a text that is one of them for its own."""
_INVISIBLE: Final = "\u00a0"


class UndrawnChart(Exception):  # noqa: N818 - the name says what happened
    """A chart that the drawing library refused; its table says the same."""


def svg(chart: Chart, prefix: str) -> str:
    """The chart as an inline SVG element; `prefix` keeps its inner names apart from those of other charts on the page."""
    return _inline(drawn(chart), prefix)


def write_charts(content: Content, folder: str | Path) -> tuple[list[Path], list[str]]:
    """Write the picture and every chart of a report as an SVG file of its own, charts named by their section and their place there.

    Returns the files, and the titles of the charts that could not be drawn.
    """
    files, undrawn = [], []
    if content.picture is not None:
        title = f"{content.title} · {content.scenario}" if content.scenario else content.title
        files.append(Path(folder) / "picture.svg")
        write_atomically(files[0], draw_poster(content.picture, title).encode())
    for section in content.sections:
        for number, chart in enumerate(section.charts, 1):
            file = Path(folder) / f"{section.key}-{number}.svg"
            try:
                drawing = drawn(chart)
            except UndrawnChart:
                undrawn.append(chart.title)
                continue
            write_atomically(file, drawing.encode())
            files.append(file)
    return files, undrawn


def drawn(chart: Chart) -> str:
    """The chart as an SVG document.

    Raises:
        UndrawnChart: the drawing library refused it.
    """
    try:
        return _document(chart)
    except BaseException as error:
        # The library is compiled: where it fails in its own depth, its error is no `Exception`.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UndrawnChart(f"{chart.title}: {shorten(str(error))}") from error


def _document(chart: Chart) -> str:
    import vl_convert

    if chart.kind == "span":
        drawing = _spans(chart)
    elif chart.kind == "line":
        drawing = _line(chart)
    elif chart.kind in {"curve", "scatter"}:
        drawing = _points(chart)
    else:
        drawing = _bars(chart) if len(chart.columns) == 1 and chart.kind == "share" else _heat_map(chart)
    text: str = vl_convert.vegalite_to_svg(json.dumps(drawing.to_dict()))
    return text


def _inline(text: str, prefix: str) -> str:
    """SVG for use inside HTML: no namespaces (a page needs none), and names that no other chart uses."""
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text, count=2)
    found = list(dict.fromkeys(re.findall(r'\bid="([^"]+)"', text)))
    for number, name in enumerate(found):
        new = f"{prefix}-{number}"
        text = (
            text.replace(f'id="{name}"', f'id="{new}"')
            .replace(f"url(#{name})", f"url(#{new})")
            .replace(f'href="#{name}"', f'href="#{new}"')
        )
    return text.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _drawable(text: str, pixels: int) -> str:
    """The text so that the drawing library takes it for text, and never cuts one of its characters in two.

    It counts characters beyond the first 65,536 (emoji) as two, and cuts a label that is too wide between them.
    """
    if text in _OF_EVERY_OBJECT:
        return text + _INVISIBLE
    if max(text, default="") < "\U00010000":
        return text
    room = pixels - 16
    for place, character in enumerate(text):
        room -= 16 if character >= "\U00010000" else 11
        if room < 0:
            return text[:place] + "…"
    return text


def _title(text: str) -> str | None:
    return _drawable(shorten(text, 3 * _LABEL), _WIDEST) or None


def _labels(names: tuple[str, ...], pixels: int = _WIDEST) -> list[str]:
    """Short labels, no two the same: equal ones would fall into one row."""
    labels: list[str] = []
    used: set[str] = set()
    for name in names:
        short = _drawable(shorten(name, _LABEL), pixels - 60) or " "
        label, number = short, 2
        while label in used:
            label, number = f"{short} ({number})", number + 1
        used.add(label)
        labels.append(label)
    return labels


def _room(labels: list[str]) -> int:
    """Space beside labels: a reader without these fonts sees them in one that is up to a fifth wider."""
    return _PADDING + min(_WIDEST, 6 * max(map(len, labels), default=0)) // 5


def _bars(chart: Chart) -> Any:
    import altair as alt

    labels = _labels(chart.rows)
    values = [{"row": labels[row], "value": value, "text": percent(value)} for (row, _), value in chart.cells.items()]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("row:N", sort=labels, title=None, axis=alt.Axis(labelLimit=_WIDEST)),
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", title=_title(chart.value_title), tickCount=5)
    whole = (
        base.mark_bar(color="#ececec").encode(x=alt.X("full:Q", scale=scale, axis=axis)).transform_calculate(full="1")
    )
    done = base.mark_bar(color="#2166ac").encode(x=alt.X("value:Q", scale=scale, axis=axis))
    text = (
        base.mark_text(align="left", dx=6, color="#1a1a1a")
        .encode(x=alt.X("full:Q", scale=scale, axis=axis), text="text:N")
        .transform_calculate(full="1")
    )
    return _configured((whole + done + text).properties(width=480, height=alt.Step(26)), left=_room(labels))


def _spans(chart: Chart) -> Any:
    """Bars from the lowest to the highest value, below and above the base in two colours."""
    import altair as alt

    labels = _labels(chart.rows)
    values = []
    for row, label in enumerate(labels):
        low, high = chart.cells[row, 0], chart.cells[row, 2]
        base = min(max(chart.cells.get((row, 1), low), low), high)
        values += [
            {"row": label, "from": low, "to": base, "side": "below the base case"},
            {"row": label, "from": base, "to": high, "side": "above the base case"},
        ]
    sides = ["below the base case", "above the base case"]
    base_chart = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("row:N", sort=labels, title=None, axis=alt.Axis(labelLimit=_WIDEST)),
        x=alt.X("from:Q", title=_title(chart.value_title), scale=alt.Scale(zero=False)),
        x2="to:Q",
        color=alt.Color(
            "side:N",
            title=None,
            scale=alt.Scale(domain=sides, range=[OPEN_TO_FILLED[1], OPEN_TO_FILLED[-1]]),
            legend=alt.Legend(orient="top"),
        ),
    )
    drawing = base_chart.mark_bar(height=14)
    if (0, 1) in chart.cells:
        rule = alt.Chart(alt.Data(values=[{"base": chart.cells[0, 1]}])).mark_rule(color="#1a1a1a", strokeWidth=1.5)
        drawing = drawing + rule.encode(x=alt.X("base:Q", scale=alt.Scale(zero=False)))
    return _configured(drawing.properties(width=480, height=alt.Step(24)), left=_room(labels))


def _line(chart: Chart) -> Any:
    import altair as alt

    values = [{"at": float(chart.rows[row]), "value": value} for (row, _), value in sorted(chart.cells.items())]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("at:Q", title=_title(chart.row_title), scale=alt.Scale(zero=False)),
        y=alt.Y("value:Q", title=_title(chart.value_title), scale=alt.Scale(zero=False)),
    )
    line = base.mark_line(color="#2166ac") + base.mark_point(color="#2166ac", filled=True, size=40)
    return _configured(line.properties(width=480, height=180))


def _points(chart: Chart) -> Any:
    """A point per row, with a bar to its bound in either direction."""
    import altair as alt

    cells = chart.cells
    rows = [row for row in range(len(chart.rows)) if (row, 0) in cells and (row, 1) in cells]
    values = [
        {
            "across": cells[row, 0],
            "up": cells[row, 1],
            "across_bound": cells.get((row, 2), cells[row, 0]),
            "up_bound": cells.get((row, 3), cells[row, 1]),
        }
        for row in rows
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("across:Q", title=_title(chart.row_title), scale=alt.Scale(zero=False)),
        y=alt.Y("up:Q", title=_title(chart.value_title), scale=alt.Scale(zero=False)),
    )
    bar = base.mark_rule(color="#b35806", strokeWidth=1.5)
    drawing = bar.encode(x2="across_bound:Q") + bar.encode(y2="up_bound:Q")
    if chart.kind == "curve":
        drawing += base.mark_line(color="#2166ac", strokeWidth=1)
    drawing += base.mark_point(color="#2166ac", filled=True, size=45, opacity=1)
    return _configured(drawing.properties(width=480, height=260))


def _heat_map(chart: Chart) -> Any:
    import altair as alt

    rows, columns = _labels(chart.rows), _labels(chart.columns, _TILTED)
    smallest, largest = min(chart.cells.values(), default=0.0), max(chart.cells.values(), default=1.0) or 1.0
    # Where all values are near one another, shades from zero on would hide how they differ.
    start = smallest if 0.5 * largest < smallest < largest else min(0.0, smallest)
    digits = 0 if largest - start >= 20 else 1 if largest - start >= 2 else 2
    share = chart.kind == "share"
    values = [
        {
            "row": rows[row],
            "column": columns[column],
            "value": value,
            "text": percent(value).removesuffix(" %") if share else figure(value, digits),
            "dark": (value > 0.9 or value < 0.12) if share else value - start > 0.55 * (largest - start),
        }
        for (row, column), value in chart.cells.items()
    ]
    wide = max(map(len, columns), default=0) > 6
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(
            "column:N",
            sort=columns,
            title=_title(chart.column_title),
            scale=alt.Scale(domain=columns),
            axis=alt.Axis(labelAngle=-40 if wide else 0, labelLimit=_TILTED, titlePadding=_room(columns)),
        ),
        y=alt.Y(
            "row:N",
            sort=rows,
            title=_title(chart.row_title),
            scale=alt.Scale(domain=rows),
            # The title keeps clear of labels up to the extent alone, which is 200 by default.
            axis=alt.Axis(labelLimit=_WIDEST, maxExtent=_WIDEST + 20, titlePadding=_room(rows)),
        ),
    )
    colour = _shades(chart, start, largest, digits)
    drawing = base.mark_rect(stroke="#ffffff", strokeWidth=1).encode(color=colour)
    step = 46 if len(columns) <= 16 else 26
    if len(columns) <= 16:
        ink = alt.condition("datum.dark", alt.value("#ffffff"), alt.value("#1a1a1a"))
        drawing = drawing + base.mark_text(fontSize=10).encode(text="text:N", color=ink)
    left = _PADDING if chart.row_title else _room(rows)
    return _configured(drawing.properties(width=alt.Step(step), height=alt.Step(20)), left=left)


def _shades(chart: Chart, start: float, largest: float, digits: int) -> Any:
    """The colour of a cell: by share from open to filled, else by amount."""
    import altair as alt

    if chart.kind == "share":
        scale = alt.Scale(domain=[0, 0.25, 0.5, 0.75, 1], range=OPEN_TO_FILLED)
        legend = alt.Legend(format="%", gradientLength=120)
    else:
        scale = alt.Scale(domain=[start, largest], range=LITTLE_TO_MUCH)
        legend = alt.Legend(format=f",.{digits}~f", tickMinStep=10.0**-digits, gradientLength=120)
    return alt.Color("value:Q", title=_title(chart.value_title), scale=scale, legend=legend)


def _configured(drawing: Any, left: int = _PADDING) -> Any:
    axis = {
        "labelFont": _FONT,
        "titleFont": _FONT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "labelColor": "#1a1a1a",
        "titleColor": "#1a1a1a",
    }
    return (
        drawing.configure(
            font=_FONT,
            aria=False,
            background="#ffffff",
            padding=dict.fromkeys(("right", "top", "bottom"), _PADDING) | {"left": left},
        )
        .configure_axis(**axis, grid=False)
        .configure_legend(**axis, titleLimit=_WIDEST)
        .configure_view(stroke=None)
    )
