"""Charts of a sweep: one per outcome in which something moves."""

from __future__ import annotations

from typing import Any

from optimizer.instance.header_attributes import AIMS
from optimizer.reporting.content import Chart
from optimizer.reporting.study_tables import Records, by, is_number, label, said
from optimizer.reporting.text import as_text, figure


def charts(name: str, rows: Records, head: dict[str, Any]) -> list[Chart]:
    """The charts of a table, the aims' first; those in which nothing moves are left out."""
    if name == "response":
        mean = head["design"]["kind"] != "one_at_a_time"
        drawn = [
            chart
            for outcome, some in by(rows, "outcome")
            if outcome in AIMS
            for chart in _responses(outcome, some, mean)
        ]
    elif name == "tornado":
        drawn = [_tornado(outcome, some) for outcome, some in by(rows, "outcome")]
    elif name == "heatmap":
        drawn = [_heat(outcome, some) for outcome, some in by(rows, "outcome")]
    elif name in {"sobol", "morris"}:
        return [_indices(name, rows)] if rows else []
    else:
        return []
    return [chart for chart in drawn if len({round(value, 9) for value in chart.cells.values()}) > 1]


def _tornado(outcome: str, rows: Records) -> Chart:
    cells = {
        (line, column): float(row[name])
        for line, row in enumerate(rows)
        for column, name in enumerate(("lowest", "base", "highest"))
        if row[name]
    }
    widest = rows[0]
    summary = (
        f"{label(outcome)} is {figure(float(widest['base'])) if widest['base'] else 'unknown'} in the base case. The widest effect has "
        f"{as_text(widest['input'])}: {figure(float(widest['lowest']))} at {as_text(widest['lowest_at'])}, "
        f"{figure(float(widest['highest']))} at {as_text(widest['highest_at'])}."
    )
    return Chart(
        f"{label(outcome)}: how far each input moves it",
        summary,
        "span",
        tuple(map(_ends, rows)),
        ("lowest", "base", "highest"),
        cells,
        value_title=label(outcome),
    )


def _ends(row: dict[str, str]) -> str:
    """An input, with its values at the left and the right end of its bar."""
    name = as_text(row["input"])
    if row["lowest"] == row["highest"]:
        return f"{name}: no effect"
    ends = f"{name}: {said(row['lowest_at'])} … {said(row['highest_at'])}"
    remark = as_text(row.get("remark", ""))
    return f"{ends}, {remark}" if remark else f"{ends}, doubtful" if row["doubtful"] == "true" else ends


def _indices(name: str, rows: Records) -> Chart:
    """Inputs against outcomes; the mean effects of Morris as shares of the largest, because outcomes have units of their own."""
    column, title = ("ST", "ST") if name == "sobol" else ("mu_star", "mu_star ÷ largest")
    inputs, outcomes = ([key for key, _ in by(rows, of)] for of in ("input", "outcome"))
    found = {(inputs.index(row["input"]), outcomes.index(row["outcome"])): float(row[column] or 0.0) for row in rows}
    if name == "morris":
        largest = {
            index: max(found.get((row, index), 0.0) for row in range(len(inputs))) for index in range(len(outcomes))
        }
        found = {
            (row, index): value / largest[index] if largest[index] else 0.0 for (row, index), value in found.items()
        }
    most = max(rows, key=lambda row: float(row[column] or 0.0) if row["outcome"] == outcomes[0] else -1.0)
    return Chart(
        "What each outcome depends on",
        f"{label(outcomes[0])} depends most on {as_text(most['input'])} ({column} {figure(float(most[column] or 0.0))}).",
        "amount",
        tuple(map(as_text, inputs)),
        tuple(label(outcome).split(" (")[0] for outcome in outcomes),
        found,
        value_title=title,
    )


def _responses(outcome: str, rows: Records, mean: bool) -> list[Chart]:
    """A line per input whose values are numbers."""
    charts = []
    for name, some in by(rows, "input"):
        # Where the base case is not one value (rows differ), it has no place on the axis.
        points = [point for point in some if point["value"]]
        if len(points) < 3 or not all(is_number(point["value"]) for point in points):
            continue
        values = [float(point["mean"]) for point in points]
        summary = f"{label(outcome)} goes from {figure(values[0])} at {points[0]['value']} to {figure(values[-1])} at {points[-1]['value']}."
        cells = {(index, 0): value for index, value in enumerate(values)}
        charts.append(
            Chart(
                f"{label(outcome)} by {as_text(name)}{', mean of all runs with that value' if mean else ''}",
                summary,
                "line",
                tuple(point["value"] for point in points),
                (outcome,),
                cells,
                row_title=as_text(name),
                value_title=label(outcome),
            )
        )
    return charts


def _heat(outcome: str, rows: Records) -> Chart:
    down = list(dict.fromkeys(row["row"] for row in rows))
    across = list(dict.fromkeys(row["column"] for row in rows))
    cells = {(down.index(row["row"]), across.index(row["column"])): float(row["value"]) for row in rows if row["value"]}
    values = list(cells.values())
    summary = (
        f"{label(outcome)} lies between {figure(min(values))} and {figure(max(values))}."
        if values
        else "No run has a plan."
    )
    one, other = as_text(rows[0]["row_input"]), as_text(rows[0]["column_input"])
    return Chart(
        f"{label(outcome)} by {one} (down) and {other} (across)",
        summary,
        "amount",
        tuple(map(said, down)),
        tuple(map(said, across)),
        cells,
        one,
        other,
        label(outcome),
    )
