"""The report on a study: its folder read back, and said in the same words and shapes as the report on a plan."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attributes import AIMS
from optimizer.plan.store import unescaped
from optimizer.reporting.content import MOST_ROWS, Cell, Chart, Column, Content, Section, Table
from optimizer.reporting.text import as_text, figure, joined, write_atomically
from optimizer.reporting.words import aim_label

HEAD: Final = "study.json"
_MOST_CHARTS: Final = 12
_DESIGNS: Final = {
    "one_at_a_time": "one input at a time",
    "grid": "every combination",
    "latin_hypercube": "Latin hypercube",
    "sobol": "Sobol sequence",
    "morris": "Morris trajectories",
    "rows": "rows of a file",
}
Records = list[dict[str, str]]


def is_study(directory: str | Path) -> bool:
    """Whether a folder holds the results of a study."""
    return bool(_head(Path(directory)))


def _head(folder: Path) -> dict[str, Any]:
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return head if isinstance(head, dict) and {"kind", "tables", "instances", "warnings"} <= head.keys() else {}


def describe_study(directory: str | Path) -> Content:
    """The report on a finished study.

    Raises:
        FileNotFoundError: the folder holds no study, or one that is not finished.
    """
    folder = Path(directory)
    head = _head(folder)
    if not head or head.get("state") != "done":
        raise FileNotFoundError(None, "no finished study is there", str(folder))
    sections = _scenario_sections(folder, head) if head["kind"] == "scenarios" else _sweep_sections(folder, head)
    instances = head["instances"]
    title = as_text(instances[0].get("title") or instances[0].get("name"))
    name = "Scenarios side by side" if head["kind"] == "scenarios" else as_text(head.get("title") or head["name"])
    return Content(
        title=f"{title}: {name}" if len(instances) == 1 else name,
        question=as_text(head.get("description")),
        scenario=as_text(head.get("scenario")),
        has_plan=True,
        termination="finished",
        verdict=_verdict(head),
        key_figures=(),
        broken=(),
        sections=tuple(section for section in (*sections, _proof(head)) if section.text or section.tables),
    )


def _verdict(head: dict[str, Any]) -> str:
    if head["kind"] == "scenarios":
        return "Every scenario was solved, and each plan was kept under every other scenario."
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in head["terminations"].items()]
    return f"{head['runs']} runs: {joined(parts)}."


# sweeps ------------------------------------------------------------------------------------------------------------


def _sweep_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    said = {name: records(folder / f"{name}.csv") for name in head["tables"]}
    varied = Table(
        "What varies",
        (Column("Input"), Column("What"), Column("How"), Column("Values")),
        tuple((as_text(vary["name"]), _what(vary), as_text(vary["mode"]), _values(vary)) for vary in head["vary"]),
    )
    design = _DESIGNS.get(head["design"]["kind"], head["design"]["kind"])
    limits = head["limits"]
    text = [f"Design: {design}."]
    if limits.get("time_limit") is not None:
        text.append(f"Each run may take {figure(limits['time_limit'])} s.")
    if limits.get("gap") is not None:
        text.append(f"An aim counts as solved within a gap of {figure(100 * limits['gap'])} %.")
    sections = [
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("inputs", "What was asked", (" ".join(text),), (varied,) if varied.rows else ()),
    ]
    if "tornado" in said:
        table = read_table(folder / "tornado.csv", head["tables"]["tornado"])
        charts = tuple(_tornado(outcome, rows) for outcome, rows in _by(said["tornado"], "outcome"))
        sections.append(Section("tornado", head["tables"]["tornado"], (), (table,), _moving(charts)))
    if "response" in said:
        table = read_table(folder / "response.csv", head["tables"]["response"])
        charts = tuple(
            chart
            for outcome, rows in _by(said["response"], "outcome")
            if outcome in AIMS
            for chart in _responses(outcome, rows)
        )
        sections.append(
            Section("response", head["tables"]["response"], (), (table,), charts[:_MOST_CHARTS], folded=True)
        )
    if "heatmap" in said:
        table = read_table(folder / "heatmap.csv", head["tables"]["heatmap"])
        charts = tuple(_heat(outcome, rows) for outcome, rows in _by(said["heatmap"], "outcome"))
        sections.append(Section("heatmap", head["tables"]["heatmap"], (), (table,), charts[:_MOST_CHARTS], folded=True))
    sections += [
        Section(name, head["tables"][name], (), (read_table(folder / f"{name}.csv", head["tables"][name]),))
        for name in ("morris", "sobol", "correlations", "outcomes")
        if name in said
    ]
    runs = read_table(folder / "runs.csv", "All runs", tuple(head.get("timing_columns", ())))
    shown = Table(runs.caption, runs.columns, runs.rows[:MOST_ROWS], max(0, len(runs.rows) - MOST_ROWS))
    sections.append(Section("runs", "All runs", (), (shown,), folded=True))
    return tuple(sections)


def _what(vary: dict[str, Any]) -> str:
    if vary["kind"] == "cells":
        return f"{vary['table']}.{vary['column']}, {vary['rows']} row{'s' * (vary['rows'] != 1)}"
    return f"{vary['kind']} {vary['table']} {vary['column']}".strip()


def _values(vary: dict[str, Any]) -> str:
    if vary["values"]:
        return joined(
            [figure(value) if isinstance(value, float) else _cell_text(value) for value in vary["values"]], 20
        )
    return "" if vary["low"] is None else f"{figure(vary['low'])} to {figure(vary['high'])}"


def _cell_text(value: object) -> str:
    return {"True": "yes", "False": "no"}.get(str(value), as_text(value))


def _by(rows: Records, column: str) -> list[tuple[str, Records]]:
    """Rows by a column, in the order in which its values appear."""
    groups: dict[str, Records] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return list(groups.items())


def _label(outcome: str) -> str:
    return aim_label(outcome) if outcome in AIMS else as_text(outcome)


def _moving(charts: Sequence[Chart]) -> tuple[Chart, ...]:
    """Charts in which something moves, not more than a reader looks at."""
    return tuple(chart for chart in charts if len({round(value, 9) for value in chart.cells.values()}) > 1)[
        :_MOST_CHARTS
    ]


def _tornado(outcome: str, rows: Records) -> Chart:
    cells = {
        (place, column): float(row[name])
        for place, row in enumerate(rows)
        for column, name in enumerate(("lowest", "base", "highest"))
        if row[name]
    }
    widest = rows[0]
    summary = (
        f"{_label(outcome)} is {figure(float(widest['base'])) if widest['base'] else 'unknown'} in the base case. The widest effect has "
        f"{as_text(widest['input'])}: {figure(float(widest['lowest']))} at {as_text(widest['lowest_at'])}, "
        f"{figure(float(widest['highest']))} at {as_text(widest['highest_at'])}."
    )
    return Chart(
        f"{_label(outcome)}: how far each input moves it",
        summary,
        "span",
        tuple(as_text(row["input"]) for row in rows),
        ("lowest", "base", "highest"),
        cells,
        value_title=_label(outcome),
    )


def _responses(outcome: str, rows: Records) -> list[Chart]:
    """A line per input whose values are numbers."""
    charts = []
    for name, points in _by(rows, "input"):
        if len(points) < 3 or not all(_is_number(point["value"]) and point["value"] for point in points):
            continue
        values = [float(point["mean"]) for point in points]
        summary = f"{_label(outcome)} goes from {figure(values[0])} at {points[0]['value']} to {figure(values[-1])} at {points[-1]['value']}."
        cells = {(place, 0): value for place, value in enumerate(values)}
        charts.append(
            Chart(
                f"{_label(outcome)} and {as_text(name)}",
                summary,
                "line",
                tuple(point["value"] for point in points),
                (outcome,),
                cells,
                row_title=as_text(name),
                value_title=_label(outcome),
            )
        )
    return charts


def _heat(outcome: str, rows: Records) -> Chart:
    down = list(dict.fromkeys(row["row"] for row in rows))
    across = list(dict.fromkeys(row["column"] for row in rows))
    cells = {(down.index(row["row"]), across.index(row["column"])): float(row["value"]) for row in rows if row["value"]}
    values = list(cells.values())
    summary = (
        f"{_label(outcome)} lies between {figure(min(values))} and {figure(max(values))}."
        if values
        else "No run has a plan."
    )
    one, other = as_text(rows[0]["row_input"]), as_text(rows[0]["column_input"])
    return Chart(
        f"{_label(outcome)} by {one} (down) and {other} (across)",
        summary,
        "amount",
        tuple(map(as_text, down)),
        tuple(map(as_text, across)),
        cells,
        one,
        other,
        _label(outcome),
    )


# scenarios ---------------------------------------------------------------------------------------------------------


def _scenario_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    titles = head["tables"]
    regret = records(folder / "regret.csv")
    first = records(folder / "aims.csv")[0]["aim"]
    names = list(dict.fromkeys(row["plan_for"] for row in regret))
    of_first = [row for row in regret if row["aim"] == first]
    cells = {
        (names.index(row["plan_for"]), names.index(row["comes_true"])): max(0.0, float(row["regret"]))
        for row in of_first
        if row["regret"]
    }
    worst = max(of_first, key=lambda row: float(row["regret"] or 0.0))
    chart = Chart(
        f"Regret in {_label(first)}: the plan made for (row) when (column) comes true",
        f"The largest regret is {figure(float(worst['regret'] or 0.0))}: the plan made for {as_text(worst['plan_for'])} "
        f"when {as_text(worst['comes_true'])} comes true.",
        "amount",
        tuple(map(as_text, names)),
        tuple(map(as_text, names)),
        cells,
        column_title="comes true",
        value_title="regret",
    )
    explained = (
        "A plan that was made for one scenario is committed: when another comes true, units may be called home, but nothing new is sent and no "
        "instrument is added. Regret is how much worse that is than the plan made for the scenario that came. Blank: the plan cannot be kept."
    )
    serving = [row for row in records(folder / "nations.csv") if float(row["takes_part"] or 0.0) > 0]
    nations = list(dict.fromkeys(row["nation"] for row in serving))
    peak = {(row["nation"], row["scenario"]): float(row["peak_personnel"]) for row in serving if row["peak_personnel"]}
    who = Table(
        "Most personnel at a time, per nation and scenario",
        (Column("Nation"), *(Column(as_text(name), "figure") for name in names)),
        tuple((as_text(nation), *(peak.get((nation, name)) for name in names)) for nation in nations),
    )
    scores = records(folder / "missions.csv")
    value = {(row["mission"], row["scenario"]): float(row["score"]) for row in scores if row["score"]}
    missions = Table(
        titles["missions"],
        (Column("Mission"), *(Column(as_text(name), "percent") for name in names)),
        tuple(
            (as_text(mission), *(value.get((mission, name)) for name in names))
            for mission in dict.fromkeys(row["mission"] for row in scores)
        ),
    )
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("aims", titles["aims"], (), (read_table(folder / "aims.csv", titles["aims"]),)),
        Section("missions", "Missions", (), (missions,)),
        Section("nations", titles["nations"], (), (who,)),
        Section(
            "regret",
            "Regret",
            (explained,),
            (read_table(folder / "regret.csv", titles["regret"]),),
            (chart,),
            folded=True,
        ),
        Section("expected", "Expected values", (), (read_table(folder / "expected.csv", titles["expected"]),)),
    )


def _proof(head: dict[str, Any]) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (f"instance {as_text(one.get('name'))}", as_text(one.get("hash") or one.get("path")))
        for one in head["instances"]
    ]
    rows += [(as_text(name), as_text(version)) for name, version in head["versions"].items()]
    rows.append(("mark of study and input", as_text(head["mark"])))
    return Section(
        "proof",
        "Where this comes from",
        (),
        (Table("Input and versions", (Column("What"), Column("Which")), tuple(rows)),),
    )


# tables ------------------------------------------------------------------------------------------------------------


def records(file: Path) -> Records:
    """The rows of a table of a study's folder, as text."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    names = [unescaped(name) for name in lines[0]]
    return [dict(zip(names, map(unescaped, line), strict=True)) for line in lines[1:]]


def read_table(file: Path, caption: str, without: tuple[str, ...] = ()) -> Table:
    """A table of a study's folder."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    names = [unescaped(name) for name in lines[0]]
    kept = [place for place, name in enumerate(names) if name not in without]
    numeric = {place for place in kept if all(_is_number(line[place]) for line in lines[1:])}
    columns = tuple(Column(heading(names[place]), "figure" if place in numeric else "text") for place in kept)
    rows = tuple(tuple(_cell(line[place], place in numeric) for place in kept) for line in lines[1:])
    return Table(caption, columns, rows)


def heading(name: str) -> str:
    """A column's name for reading."""
    return as_text(name if "." in name else (name[:1].upper() + name[1:]).replace("_", " "))


def _is_number(text: str) -> bool:
    if not text:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(text: str, number: bool) -> Cell:
    if number:
        return float(text) if text else None
    return {"true": "yes", "false": "no"}.get(text, as_text(unescaped(text)))


# files -------------------------------------------------------------------------------------------------------------


def write_study_html(directory: str | Path, file: str | Path) -> Path:
    """Write the report on a study as one self-contained page, whole or not at all."""
    from optimizer.reporting.page import render_page

    write_atomically(Path(file), render_page(describe_study(directory)).encode())
    return Path(file)


def write_study_markdown(directory: str | Path, file: str | Path) -> Path:
    """Write the report on a study as markdown, whole or not at all."""
    from optimizer.reporting.markdown import render_markdown

    write_atomically(Path(file), render_markdown(describe_study(directory)).encode())
    return Path(file)


def write_study_workbook(directory: str | Path, file: str | Path) -> Path:
    """Write every table of a study as a workbook, one sheet each, whole or not at all."""
    from optimizer.reporting.workbook import render_tables

    folder = Path(directory)
    content = describe_study(folder)
    head = _head(folder)
    tables = [(name, read_table(folder / f"{name}.csv", as_text(title))) for name, title in head["tables"].items()]
    if head["kind"] == "sweep":
        tables.insert(0, ("runs", read_table(folder / "runs.csv", "All runs")))
    proof = content.section("proof")
    tables += [("provenance", table) for table in (proof.tables if proof else ())]
    warnings = tuple((line,) for line in (content.verdict, *map(as_text, head["warnings"])))
    tables.insert(0, ("summary", Table(content.title, (Column(content.title),), warnings)))
    stream = BytesIO()
    render_tables(stream, content.title, tables)
    write_atomically(Path(file), stream.getvalue())
    return Path(file)
