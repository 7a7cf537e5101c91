"""Score of each mission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optimizer.reporting.content import MOST_ROWS, Cell, Chart, Column, Section
from optimizer.reporting.text import as_number, percent

if TYPE_CHECKING:
    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """Score of each mission."""
    if not reader.plan.has_plan:
        return None
    weights = {row["mission"]: row for row in reader.rows("missions")}
    lines: dict[str, list[float]] = {}
    for line in reader.lines.values():
        lines.setdefault(line.mission, []).append(line.share)
    rows: list[tuple[Cell, ...]] = []
    scores: dict[tuple[int, int], float] = {}
    labels: list[str] = []
    for row in reader.frame("missions"):
        mission, score = row["mission"], as_number(row.get("score"))
        shares = lines.get(mission, [])
        full = sum(share >= 1 - 1e-9 for share in shares)
        rule = "weakest line" if weights.get(mission, {}).get("score") == "weakest" else "mean of lines"
        rows.append(
            (reader.label("mission", mission), as_number(row.get("weight")), score, f"{full} of {len(shares)}", rule)
        )
        if score is not None:
            scores[len(labels), 0] = score
            labels.append(reader.label("mission", mission))
    columns = (
        Column("Mission"),
        Column("Weight", "figure"),
        Column("Score", "percent"),
        Column("Lines filled in full"),
        Column("Score is the"),
    )
    summary = (
        "; ".join(f"{label}: {percent(scores[index, 0])}" for index, label in enumerate(labels[:12])) or "No scores."
    )
    chart = Chart(
        "Score of each mission",
        summary,
        "share",
        tuple(labels[:MOST_ROWS]),
        ("Score",),
        scores,
        "Mission",
        "",
        "Score",
    )
    return Section(
        "missions",
        "What is filled and what stays open",
        (),
        (reader.table("Missions", columns, rows),),
        (chart, *_over_time(reader, labels)) if labels else (),
    )


def _over_time(reader: Reader, labels: Sequence[str]) -> tuple[Chart, ...]:
    """The scores period by period, where there are several."""
    if reader.horizon == 1:
        return ()
    values = {
        (reader.label("mission", row["mission"]), int(row["period"])): score
        for row in reader.frame("mission_periods")
        if (score := as_number(row.get("score"))) is not None
    }
    chart = reader.periods_chart(
        values,
        labels,
        mean=True,
        title="Score of each mission in each period",
        summary=f"Scores of {len(labels)} missions in {reader.horizon} periods; blank where a mission asks for nothing.",
        kind="share",
        row_title="Mission",
        value_title="Score",
    )
    return (chart,)
