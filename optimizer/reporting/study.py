"""The report on a study: its folder read back, and said in the same words and shapes as the report on a plan."""

from __future__ import annotations

import csv
import json
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from optimizer.instance.attributes import AIMS
from optimizer.instance.csv_text import unescaped
from optimizer.reporting.content import MOST_ROWS, Cell, Chart, Column, Content, Section, Table
from optimizer.reporting.text import as_text, figure, joined, write_atomically
from optimizer.reporting.words import aim_figure, aim_label

HEAD: Final = "study.json"
_MOST_CHARTS: Final = 12
_ROUNDING: Final = 1e-9
_DESIGNS: Final = {
    "one_at_a_time": "one input at a time",
    "grid": "every combination",
    "latin_hypercube": "Latin hypercube",
    "sobol": "Sobol sequence",
    "morris": "Morris trajectories",
    "rows": "rows of a file",
}
_ENDINGS: Final = {
    "optimal": "proven",
    "infeasible": "infeasible",
    "feasible": "stopped by a limit, with a plan",
    "none_found": "stopped by a limit, without a plan",
    "invalid": "with invalid input",
    "failed": "failed",
    "crashed": "crashed",
}
_EXPLAINED: Final = {
    "tornado": "Each input alone is moved away from the base case; the bar spans the outcomes that this gave. An effect is doubtful where the "
    "solver left as much open at its worse end as the bar is wide; that of a mission score or a kept cell, where a plan at either end is not proven best.",
    "morris": "mu_star: mean size of the effect of an input on the outcome; mu: the same with its sign; sigma: how much the effect depends on the "
    "other inputs; mu_star_conf: half the width of the 95 % interval.",
    "sobol": "S1: share of the outcome's variance that the input explains alone; ST: together with its interplay with the others; S1_conf and "
    "ST_conf: half the width of the 95 % interval.",
    "correlations": "From -1 to 1: whether the outcome rises (or falls) with the input, by ranks.",
    "outcomes": "largest_solver_gap: how much better a run's value could be at most.",
}
_REGRET: Final = (
    "A plan that was made for one scenario is committed: when another comes true, units may be called home, but nothing new is sent and no "
    "instrument is added. Regret is how much worse that is than the best plan known for the scenario that came. Blank: the plan cannot be kept. "
    "Aims count in their order: in a later aim only a plan that lost nothing in the earlier ones has a regret. A plan that covers less costs "
    "less, and that is no gain."
)
Records = list[dict[str, str]]


def is_study(directory: str | Path) -> bool:
    """Whether a folder holds the results of a study."""
    return bool(_head(Path(directory)))


def is_finished(directory: str | Path) -> bool:
    """Whether a folder holds the results of a study that came to its end."""
    return _head(Path(directory)).get("state") == "done"


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
    if not is_finished(folder):
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
        termination="finished"
        if head["terminations"].keys() <= {"optimal", "infeasible"}
        else "finished, not all proven",
        verdict=_verdict(head),
        key_figures=(),
        broken=(),
        sections=tuple(section for section in (*sections, _proof(head)) if section.text or section.tables),
    )


def _verdict(head: dict[str, Any]) -> str:
    parts = [f"{count} {_ENDINGS.get(name, name)}" for name, count in head["terminations"].items()]
    what = "scenarios" if head["kind"] == "scenarios" else "runs"
    ended = f"{sum(head['terminations'].values())} {what}: {joined(parts)}."
    return f"{ended} Each plan was kept under every other scenario." if what == "scenarios" else ended


def _limits(limits: dict[str, Any]) -> str:
    """The limits of each run in words."""
    words = []
    if limits.get("time_limit") is not None:
        words.append(f"Each run may take {figure(limits['time_limit'])} s.")
    if limits.get("first_time_limit") is not None:
        words.append(f"The first may take {figure(limits['first_time_limit'])} s, and the others begin from its plan.")
    if limits.get("gap") is not None:
        words.append(f"An aim counts as solved within a gap of {figure(100 * limits['gap'])} %.")
    return " ".join(words)


# sweeps ------------------------------------------------------------------------------------------------------------


def _sweep_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    said = {name: records(folder / f"{name}.csv") for name in head["tables"]}
    varied = Table(
        "What varies",
        (Column("Input"), Column("What"), Column("How"), Column("Values")),
        tuple((as_text(vary["name"]), _what(vary), as_text(vary["mode"]), _values(vary)) for vary in head["vary"]),
    )
    kind = head["design"]["kind"]
    design = f"Design: {_DESIGNS.get(kind, kind)}." if head["vary"] else "Each instance as it is."
    sections = [
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section(
            "inputs",
            "What was asked",
            (f"{design} {_limits(head['limits'])}".strip(),),
            (varied,) if varied.rows else (),
        ),
    ]
    charts = {name: _charts(name, rows, head) for name, rows in said.items()}
    for name in ("tornado", "response", "heatmap", "morris", "sobol", "correlations", "outcomes"):
        if name in said:
            table = read_table(folder / f"{name}.csv", head["tables"][name])
            shown = _for_the_page(table, said[name]) if name in {"tornado", "response", "heatmap"} else table
            text = tuple(line for line in (_EXPLAINED.get(name, ""),) if line)
            folded = name in {"response", "heatmap"}
            sections.append(
                Section(name, head["tables"][name], text, (shown,), tuple(charts[name][:_MOST_CHARTS]), folded=folded)
            )
    # Names repeat what stands beside them, but for rows that have names of their own; reasons are long, and have their own table.
    without = (*head.get("timing_columns", ()), *(() if kind == "rows" else ("name",)), "varied", "reason")
    runs = _without_blanks(read_table(folder / "runs.csv", "All runs", without))
    # Instances as they are have no other table that tells them apart.
    sections += [_without_plan(folder), Section("runs", "All runs", (), (_cut(runs),), folded=bool(head["vary"]))]
    return tuple(sections)


def _without_plan(folder: Path) -> Section:
    """The runs that have no plan, and why."""
    rows = tuple(
        (float(row["run"]), as_text(row["name"]), _ENDINGS.get(row["termination"], ""), as_text(row["reason"]))
        for row in records(folder / "runs.csv")
        if row["has_plan"] == "false"
    )
    columns = (Column("Run", "figure"), Column("Name"), Column("Ended"), Column("Reason"))
    table = _cut(Table("Runs without a plan", columns, rows))
    return Section("without-plan", "Runs without a plan", (), (table,) if rows else ())


def _cut(table: Table) -> Table:
    """The table with no more rows than a page takes."""
    return Table(table.caption, table.columns, table.rows[:MOST_ROWS], max(0, len(table.rows) - MOST_ROWS))


def _without_blanks(table: Table) -> Table:
    """The table without columns in which nothing stands."""
    kept = [place for place in range(len(table.columns)) if any(row[place] not in {None, ""} for row in table.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return Table(table.caption, tuple(table.columns[place] for place in kept), rows, table.rest)


def _for_the_page(table: Table, rows: Records) -> Table:
    """The rows about aims; the others are in the workbook."""
    kept = [line for line, row in zip(table.rows, rows, strict=True) if row["outcome"] in AIMS][:MOST_ROWS]
    return Table(table.caption, table.columns, tuple(kept), len(rows) - len(kept))


def _charts(name: str, rows: Records, head: dict[str, Any]) -> list[Chart]:
    """The charts of a table, the aims' first; those in which nothing moves are left out."""
    if name == "response":
        mean = head["design"]["kind"] != "one_at_a_time"
        drawn = [
            chart
            for outcome, some in _by(rows, "outcome")
            if outcome in AIMS
            for chart in _responses(outcome, some, mean)
        ]
    elif name == "tornado":
        drawn = [_tornado(outcome, some) for outcome, some in _by(rows, "outcome")]
    elif name == "heatmap":
        drawn = [_heat(outcome, some) for outcome, some in _by(rows, "outcome")]
    elif name in {"sobol", "morris"}:
        return [_indices(name, rows)] if rows else []
    else:
        return []
    return [chart for chart in drawn if len({round(value, 9) for value in chart.cells.values()}) > 1]


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
    if outcome.startswith("missions.") and outcome.endswith(".score"):
        return f"Score of {as_text(outcome[len('missions.') : -len('.score')])} (from 0 to 1)"
    return aim_label(outcome) if outcome in AIMS else as_text(outcome)


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
        tuple(map(_ends, rows)),
        ("lowest", "base", "highest"),
        cells,
        value_title=_label(outcome),
    )


def _ends(row: dict[str, str]) -> str:
    """An input, with its values at the left and the right end of its bar."""
    name = as_text(row["input"])
    if row["lowest"] == row["highest"]:
        return f"{name}: no effect"
    ends = f"{name}: {_said(row['lowest_at'])} … {_said(row['highest_at'])}"
    return f"{ends}, doubtful" if row["doubtful"] == "true" else ends


def _said(value: str) -> str:
    """A value of an input as readers know it."""
    if value and _is_number(value):
        return figure(float(value))
    return {"true": "yes", "false": "no", "": "as given"}.get(value, as_text(value))


def _indices(name: str, rows: Records) -> Chart:
    """Inputs against outcomes; the mean effects of Morris as shares of the largest, because outcomes have units of their own."""
    column, title = ("ST", "ST") if name == "sobol" else ("mu_star", "mu_star ÷ largest")
    inputs, outcomes = ([key for key, _ in _by(rows, by)] for by in ("input", "outcome"))
    found = {(inputs.index(row["input"]), outcomes.index(row["outcome"])): float(row[column] or 0.0) for row in rows}
    if name == "morris":
        largest = {
            place: max(found.get((row, place), 0.0) for row in range(len(inputs))) for place in range(len(outcomes))
        }
        found = {
            (row, place): value / largest[place] if largest[place] else 0.0 for (row, place), value in found.items()
        }
    most = max(rows, key=lambda row: float(row[column] or 0.0) if row["outcome"] == outcomes[0] else -1.0)
    return Chart(
        "What each outcome depends on",
        f"{_label(outcomes[0])} depends most on {as_text(most['input'])} ({column} {figure(float(most[column] or 0.0))}).",
        "amount",
        tuple(map(as_text, inputs)),
        tuple(_label(outcome).split(" (")[0] for outcome in outcomes),
        found,
        value_title=title,
    )


def _responses(outcome: str, rows: Records, mean: bool) -> list[Chart]:
    """A line per input whose values are numbers."""
    charts = []
    for name, some in _by(rows, "input"):
        # Where the base case is not one value (rows differ), it has no place on the axis.
        points = [point for point in some if point["value"]]
        if len(points) < 3 or not all(_is_number(point["value"]) for point in points):
            continue
        values = [float(point["mean"]) for point in points]
        summary = f"{_label(outcome)} goes from {figure(values[0])} at {points[0]['value']} to {figure(values[-1])} at {points[-1]['value']}."
        cells = {(place, 0): value for place, value in enumerate(values)}
        charts.append(
            Chart(
                f"{_label(outcome)} by {as_text(name)}{', mean of all runs with that value' if mean else ''}",
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
        tuple(map(_said, down)),
        tuple(map(_said, across)),
        cells,
        one,
        other,
        _label(outcome),
    )


# scenarios ---------------------------------------------------------------------------------------------------------


def _scenario_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    titles = head["tables"]
    limits = _limits(head["limits"])
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("aims", titles["aims"], (limits,) if limits else (), (_own_plans(folder, titles),)),
        Section("missions", "Missions", (), (_scores(folder, titles),)),
        Section("nations", titles["nations"], (), (_serving(folder),)),
        _regret(folder, head),
        Section(
            "expected",
            "All aims",
            (),
            (
                read_table(folder / "expected.csv", titles["expected"]),
                read_table(folder / "regret.csv", titles["regret"]),
            ),
            folded=True,
        ),
    )


def _own_plans(folder: Path, titles: dict[str, str]) -> Table:
    """A row per scenario: probability, how its search ended, each aim with its bound."""
    rows = records(folder / "aims.csv")
    aims = list(dict.fromkeys(row["aim"] for row in rows))
    columns = [Column("Scenario"), Column("Probability", "figure"), Column("Ended")]
    for aim in aims:
        columns += [Column(_label(aim), "figure"), Column("no plan beats", "figure")]
    lines = []
    for name, some in _by(rows, "scenario"):
        line: list[Cell] = [as_text(name), _number(some[0]["probability"]), _ENDINGS.get(some[0]["termination"], "")]
        for row in some:
            line += [aim_figure(row["aim"], _number(row[column])) for column in ("value", "bound")]
        lines.append(tuple(line))
    return Table(titles["aims"], tuple(columns), tuple(lines))


def _scores(folder: Path, titles: dict[str, str]) -> Table:
    rows = records(folder / "missions.csv")
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    value = {(row["mission"], row["scenario"]): _number(row["score"]) for row in rows}
    return Table(
        titles["missions"],
        (Column("Mission"), *(Column(as_text(name), "percent") for name in names)),
        tuple(
            (as_text(mission), *(value.get((mission, name)) for name in names))
            for mission in dict.fromkeys(row["mission"] for row in rows)
        ),
    )


def _serving(folder: Path) -> Table:
    rows = records(folder / "nations.csv")
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    serving = [row for row in rows if _number(row["takes_part"])]
    peak = {(row["nation"], row["scenario"]): _number(row["peak_personnel"]) for row in serving}
    return Table(
        "Most personnel at a time, per nation and scenario",
        (Column("Nation"), *(Column(as_text(name), "figure") for name in names)),
        tuple(
            (as_text(nation), *(peak.get((nation, name)) for name in names))
            for nation in dict.fromkeys(row["nation"] for row in serving)
        ),
    )


def _regret(folder: Path, head: dict[str, Any]) -> Section:
    """Regret in the first aim: a chart, and a table with what is expected beside it."""
    measure = head["measure"]
    rows = [row for row in records(folder / "regret.csv") if row["aim"] == measure]
    names = list(dict.fromkeys(row["plan_for"] for row in rows))
    regret = {(row["plan_for"], row["comes_true"]): _number(row["regret"]) for row in rows}
    expected = {row["plan_for"]: row for row in records(folder / "expected.csv") if row["aim"] == measure}
    name = measure.replace("_", " ")
    table = Table(
        f"Regret in {name} when the scenario of the column comes true",
        (
            Column("Plan made for"),
            *(Column(as_text(name), "figure") for name in names),
            Column("Largest regret", "figure"),
            Column(f"Expected {name}", "figure"),
        ),
        tuple(
            (
                as_text(plan),
                *(regret.get((plan, name), 0.0) for name in names),
                _number(row["largest_regret"]),
                _number(row["expected"]),
            )
            for plan, row in expected.items()
        ),
    )
    known = {pair: value for pair, value in regret.items() if value is not None}
    made_for, comes_true = max(known, key=lambda pair: known[pair], default=("", ""))
    summary = (
        f"The largest regret is {figure(known[made_for, comes_true])}: the plan made for {as_text(made_for)} "
        f"when {as_text(comes_true)} comes true."
        if known
        else "No plan can be kept."
    )
    chart = Chart(
        f"Regret in {name}: the plan made for (row) when (column) comes true",
        summary,
        "amount",
        tuple(map(as_text, names)),
        tuple(map(as_text, names)),
        {(names.index(one), names.index(other)): value for (one, other), value in known.items()},
        "plan made for",
        "comes true",
        "regret",
    )
    return Section("regret", "Regret", (_REGRET,), (table,), (chart,))


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


def _number(text: str) -> float | None:
    return float(text) if text else None


def _cell(text: str, number: bool) -> Cell:
    if number:
        value = _number(text)
        return 0.0 if value is not None and abs(value) < _ROUNDING else value
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
