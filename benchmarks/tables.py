"""The page: tables between two marks in README.md, and charts of values and bounds over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.rows import KEY

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
ORDER = ("forcegen", "HiGHS", "SCIP", "CP-SAT", "Gurobi")
COLOURS = ("#1a1a1a", "#2166ac", "#d95f02", "#7570b3", "#1b9e77")
FIRST_SECONDS = 0.1


def write(table: pd.DataFrame, folder: Path) -> None:
    """Put the tables into `README.md` of the folder, between its marks, and the charts into `charts/`."""
    parts = [
        measured_with(table),
        phase_table(table),
        floor_table(table),
        series_table(table),
        family_table(table),
        search_table(table),
        left_out(table),
        *charts(table, folder / "charts"),
    ]
    page = folder / "README.md"
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    body = "\n\n".join(part for part in parts if part) or "Nothing has been measured yet."
    page.write_text(f"{head}{BEGIN}\n\n{body}\n\n{END}{tail}", encoding="utf-8")


def latest(table: pd.DataFrame, task: str) -> pd.DataFrame:
    """The rows of a task that count: per entry and method those of the last subject measured, of it the longest limit, of it the last."""
    rows = table[table["task"] == task].copy()
    if rows.empty:
        return rows
    for columns in (["subject", "version"], ["limit"]):
        closing = rows[rows["phase"] == "job"]
        if columns == ["limit"]:
            closing = closing.sort_values("limit", kind="stable")
        kept = closing.drop_duplicates(["entry", "method"], keep="last")[["entry", "method", *columns]]
        rows = rows.merge(kept, on=["entry", "method", *columns])
    return rows


def markdown(title: str, note: str, header: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    """A titled table."""
    shown = ["| " + " | ".join(map(str, line)) + " |" for line in (header, *lines)]
    shown.insert(1, "|" + "---|" * len(header))
    return "\n".join([f"### {title}", "", note, "", *shown])


def measured_with(table: pd.DataFrame) -> str:
    """What took part."""
    if table.empty:
        return ""
    versions = table[table["version"] != ""].drop_duplicates("method", keep="last")
    methods = ", ".join(f"{row.method} {row.version}" for row in versions.itertuples() if " " not in row.method)
    last = table.iloc[-1]
    return (
        f"Measured on {last['machine']} cores up to {last['day']}, last at commit {last['commit']}; Python {last['python']}, "
        f"highspy {last['highs']}. {methods}."
    )


def phase_table(table: pd.DataFrame) -> str:
    """Seconds of each phase and memory, per entry: medians."""
    phases = latest(table, "phases")
    phases = phases[~phases["entry"].str.startswith(("series", "tiny"))]
    if phases.empty:
        return ""
    found = pd.concat([phases, ours(latest(table, "anytime"))])
    medians = found.pivot_table(index="entry", columns="phase", values="value", aggfunc="median", sort=False)
    columns = ("read", "check", "situation", "build", "hand over", "first plan", "verify", "report")
    lines = [
        [
            entry,
            _count(row.get("non-zeros")),
            *(_seconds(row.get(name)) for name in columns),
            _count(row.get("peak memory_phases", row.get("peak memory"))),
        ]
        for entry, row in _separate(medians, phases).iterrows()
    ]
    return markdown(
        "Phases",
        "Seconds, medians over processes; *first plan* counts from the start of the search. Memory in MB at its highest up to the hand-over.",
        ("entry", "non-zeros", *columns, "memory"),
        lines,
    )


def _separate(medians: pd.DataFrame, phases: pd.DataFrame) -> pd.DataFrame:
    """With the memory of the process that only builds: searches have a peak of their own."""
    memory = phases[phases["phase"] == "peak memory"].groupby("entry", sort=False)["value"].median()
    return medians.assign(**{"peak memory_phases": memory})


def ours(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of forcegen."""
    return table[table["method"] == "forcegen"]


def ratios(table: pd.DataFrame, other: pd.DataFrame, phase: str) -> pd.Series:
    """Median per entry of the ratio between equal repetitions."""
    index = ["entry", "repetition"]
    upper, lower = (rows[rows["phase"] == phase].set_index(index)["value"] for rows in (table, other))
    return (upper / lower).dropna().groupby("entry", sort=False).median()


def floor_table(table: pd.DataFrame) -> str:
    """From tables to HiGHS, against the floor."""
    phases, floor = latest(table, "phases"), latest(table, "matrix")
    if phases.empty or floor.empty:
        return ""
    of_floor = ratios(phases, floor, "tables to solver")
    medians = phases.pivot_table(index="entry", columns="phase", values="value", aggfunc="median", sort=False)
    bare = floor[floor["phase"] == "tables to solver"].groupby("entry", sort=False)["value"].median()
    lines = [
        [
            entry,
            _count(medians.loc[entry, "non-zeros"]),
            _seconds(medians.loc[entry, "tables to solver"]),
            _seconds(bare[entry]),
            f"{ratio:.1f}",
        ]
        for entry, ratio in of_floor.items()
        if not str(entry).startswith(("series", "tiny"))
    ]
    if not lines:
        return ""
    return markdown(
        "From tables to HiGHS, against bare numpy",
        "Situation, build and hand-over together, against sorting the same non-zeros into rows with numpy and one `passModel`: median of the ratio.",
        ("entry", "non-zeros", "forcegen (s)", "numpy (s)", "ratio"),
        lines,
    )


def series_table(table: pd.DataFrame) -> str:
    """How the time from tables to HiGHS grows with the non-zeros."""
    phases = latest(table, "phases")
    phases = phases[phases["entry"].str.startswith("series")]
    if phases.empty:
        return ""
    medians = phases.pivot_table(index="entry", columns="phase", values="value", aggfunc="median", sort=False)
    sizes, seconds = medians["non-zeros"].to_numpy(), medians["tables to solver"].to_numpy()
    note = "Seconds from tables to HiGHS as the instance grows."
    if len(sizes) > 1:
        slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
        note += f" Seconds grow like non-zeros to the power {slope:.2f} (1 is linear)."
    lines = [
        [
            entry,
            _count(row["non-zeros"]),
            _seconds(row["tables to solver"]),
            f"{1e6 * row['tables to solver'] / row['non-zeros']:.2f}",
        ]
        for entry, row in medians.iterrows()
    ]
    return markdown("Growth", note, ("posts × periods", "non-zeros", "seconds", "µs per non-zero"), lines)


def family_table(table: pd.DataFrame) -> str:
    """One family set built in several ways: ratio to numpy."""
    rows = latest(table, "family")
    base = rows[rows["method"] == "numpy"]
    lines = []
    for (entry, method), part in rows.groupby(["entry", "method"], sort=False):
        seconds = part[part["phase"] == "tables to solver"]["value"].median()
        memory = part[part["phase"] == "peak memory"]["value"].median()
        if pd.isna(seconds):
            continue
        to_numpy = ratios(part, base, "tables to solver").get(entry, np.nan)
        lines.append([entry, method, _seconds(seconds), "" if pd.isna(to_numpy) else f"{to_numpy:.1f}", _count(memory)])
    if not lines:
        return ""
    return markdown(
        "One family set, built by others",
        "Availability, coverage and caps. forcegen begins with the tables; the others are given admissible services, yields and the columns of each cap. "
        "Until HiGHS holds the model; ratio to numpy: medians. Memory of the whole process in MB.",
        ("entry", "built by", "seconds", "ratio to numpy", "memory"),
        lines,
    )


def search_table(table: pd.DataFrame) -> str:
    """Values and bounds at the marks, per entry and method, and when half of the best known was reached."""
    rows = latest(table, "anytime")
    rows = rows[rows["entry"] != "tiny"]
    if rows.empty:
        return ""
    marks = [name for name in ("10", "60", "300", "600", "900") if (rows["phase"] == f"value at {name} s").any()]
    header = ["entry", "method", "limit", "first plan", "half of best", *(f"value {mark} s" for mark in marks)]
    header += [*(f"bound {mark} s" for mark in marks if mark != "10"), "last value", "last bound", "gap"]
    lines = []
    for entry, part in rows.groupby("entry", sort=False):
        best = part[part["phase"] == "value"]["value"].max()
        present = [name for name in ORDER if (part["method"] == name).any()]
        for method in present:
            own = part[part["method"] == method]
            closing = own[own["phase"] == "job"].iloc[-1]
            if pd.isna(closing["value"]):
                continue
            found = own.drop_duplicates("phase", keep="last").set_index("phase")["value"]
            values, bounds = own[own["phase"] == "value"], own[own["phase"] == "bound"]
            half = values[values["value"] >= best / 2]["at"].min()
            value, bound = values["value"].max(), bounds["value"].min()
            gap = "" if pd.isna(value) or pd.isna(bound) or not value else f"{abs(bound - value) / abs(value):.2%}"
            lines.append(
                [
                    entry,
                    method,
                    f"{closing['limit']:g}",
                    _seconds(found.get("first plan")),
                    _seconds(half),
                    *(_aim(found.get(f"value at {mark} s")) for mark in marks),
                    *(_aim(found.get(f"bound at {mark} s")) for mark in marks if mark != "10"),
                    _aim(value),
                    _aim(bound),
                    gap,
                ]
            )
    return markdown(
        "Plans and bounds over time",
        "The first aim (coverage in percent) on the same model. *half of best*: seconds until half of the best value that any method found. "
        "The bound of CP-SAT holds to the accuracy of its whole numbers only.",
        header,
        lines,
    )


def left_out(table: pd.DataFrame) -> str:
    """What was not measured, and what did not end as planned."""
    rows = table[(table["phase"] == "job") & (table["note"] != "")].drop_duplicates(list(KEY), keep="last")
    if rows.empty:
        return ""
    lines = [
        f"- {method}: {note} ({task}: {', '.join(dict.fromkeys(part['entry']))})"
        for (task, method, note), part in rows.groupby(["task", "method", "note"], sort=False)
    ]
    return "\n".join(["### Left out, or not ended as planned", "", *lines])


def comparison(table: pd.DataFrame) -> str:
    """Medians of the ratios new / old per entry and phase, over equal repetitions."""
    rows = table[table["task"].str.startswith("compare") & (table["at"].isna()) & (table["phase"] != "job")]
    index = ["entry", "phase", "repetition"]
    sides = {
        side: rows[rows["method"] == f"forcegen {side}"].drop_duplicates(index, keep="last").set_index(index)["value"]
        for side in ("old", "new")
    }
    both = pd.DataFrame(sides).dropna()
    both["ratio"] = both["new"] / both["old"].where(both["old"] != 0)
    medians = both.groupby(["entry", "phase"], sort=False).median()
    medians["repetitions"] = both.groupby(["entry", "phase"], sort=False)["ratio"].count()
    return medians.round(4).to_string()


def charts(table: pd.DataFrame, folder: Path) -> list[str]:
    """One chart per entry: value (solid) and bound (dashed) over time; returns the lines that show them."""
    rows = latest(table, "anytime")
    rows = rows[rows["phase"].isin(["value", "bound"]) & (rows["entry"] != "tiny")]
    shown = []
    for entry, part in rows.groupby("entry", sort=False):
        folder.mkdir(parents=True, exist_ok=True)
        steps = pd.concat(
            [_steps(own, str(phase)) for (_, phase), own in part.groupby(["method", "phase"], sort=False)]
        )
        _draw(steps, str(entry), folder / f"{entry}.svg")
        shown.append(f"![{entry}](charts/{entry}.svg)")
    return (
        ["### Charts\n\nThe first aim over seconds: solid what the plan reaches, dashed what no plan beats.", *shown]
        if shown
        else []
    )


def _steps(rows: pd.DataFrame, phase: str) -> pd.DataFrame:
    """Only what is better than all before, held until the limit."""
    rows = rows.sort_values("at", kind="stable")
    best = rows["value"].cummax() if phase == "value" else rows["value"].cummin()
    rows = rows.assign(value=best)[best.ne(best.shift())]
    last = rows.iloc[-1:].assign(at=max(float(rows["limit"].iloc[0]), float(rows["at"].iloc[-1])))
    return pd.concat([rows, last])[["method", "phase", "at", "value"]]


def _draw(steps: pd.DataFrame, entry: str, file: Path) -> None:
    import altair as alt

    methods = [name for name in ORDER if (steps["method"] == name).any()]
    colours = [COLOURS[ORDER.index(name)] for name in methods]
    top = float(steps[steps["phase"] == "value"]["value"].max())
    # Bounds from before the first cuts would leave no room for the plans.
    height = max(1e-9, (top if np.isfinite(top) else float(steps["value"].min())) * 1.25)
    records = steps.assign(at=steps["at"].clip(lower=FIRST_SECONDS)).to_dict("records")
    chart = (
        alt.Chart(alt.Data(values=records), title=entry, width=520, height=260)
        .mark_line(interpolate="step-after", strokeWidth=1.8, clip=True)
        .encode(
            x=alt.X("at:Q", title="seconds", scale=alt.Scale(type="log")),
            y=alt.Y("value:Q", title="coverage (%)", scale=alt.Scale(domain=[0, height])),
            color=alt.Color("method:N", title=None, scale=alt.Scale(domain=methods, range=colours)),
            strokeDash=alt.StrokeDash(
                "phase:N", title=None, scale=alt.Scale(domain=["value", "bound"], range=[[1, 0], [5, 3]])
            ),
            detail="method:N",
        )
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_axis(gridColor="#ececec")
    )
    chart.save(str(file))


def _seconds(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.3g}"


def _aim(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.2f}"


def _count(value: Any) -> str:
    return "" if value is None or pd.isna(value) else f"{value:,.0f}".replace(",", " ")
