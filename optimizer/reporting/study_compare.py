"""The sections of a report on plans side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimizer.plan.moves import runs
from optimizer.reporting.content import Cell, Column, Section, Table
from optimizer.reporting.study_tables import Records, by, cut, label, number, read_table, records
from optimizer.reporting.text import as_text
from optimizer.reporting.words import aim_figure


def compare_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """What changes per plan in words, aims, nations and missions with a column per plan, and the tables of moves and posts."""
    titles = head["tables"]
    names = [as_text(plan["name"]) for plan in head["plans"]]
    told = [
        Section(
            f"told-{number}", f"{as_text(name)} instead of {names[0]}", tuple(as_text(row["sentence"]) for row in rows)
        )
        for number, (name, rows) in enumerate(by(records(folder / "sentences.csv"), "plan"), 1)
    ]
    shown = {name: cut(read_table(folder / f"{name}.csv", titles[name])) for name in _AS_THEY_ARE}
    moves = _moved(folder, titles, names)
    return (
        *told,
        Section("aims", titles["aims"], (_AIMS,), (_aims(folder, titles, names),)),
        Section("missions", titles["missions"], (), (_figures(folder, "missions", "mission", {"": "score"}, names),)),
        Section("nations", titles["nations"], (), (_figures(folder, "nations", "nation", _BORNE, names),)),
        Section("moved", titles["moved"], (), (moves,) if moves.rows else ()),
        *(
            Section(name, titles[name], (), (table,) if table.rows else (), folded=name == "inputs")
            for name, table in shown.items()
        ),
    )


_AS_THEY_ARE = ("posts_opened", "posts_closed", "inputs")
_SERVICE = ("nation", "pledge", "unit_type", "requirement", "mission", "area")
_BORNE = {"peak_personnel": "most personnel", "cost": "cost", "posts": "posts"}
_AIMS = (
    "The best possible value of a case lies between its plan's value and what no plan beats. At least and at most: by how much the best "
    "possible values of the cases differ from that of the first plan; blank where a bound says nothing."
)


def _aims(folder: Path, titles: dict[str, str], names: list[str]) -> Table:
    """A row per aim: value and bound of each plan, and the span of the difference from the first."""
    columns = [Column("Aim")]
    for place, name in enumerate(names):
        columns += [Column(name, "figure", "value in a plan"), Column("no plan beats", "figure")]
        if place:
            columns += [
                Column("At least", "figure", "difference at least"),
                Column("At most", "figure", "difference at most"),
                Column("Told"),
            ]
    lines = []
    for aim, rows in by(records(folder / "aims.csv"), "aim"):
        line: list[Cell] = [label(aim)]
        line += [aim_figure(aim, number(_any(rows, column))) for column in ("before", "before_bound")]
        per_plan = {as_text(row["plan"]): row for row in rows}
        for name in names[1:]:
            row = per_plan.get(name, {})
            line += [aim_figure(aim, number(row.get(column, ""))) for column in ("after", "after_bound")]
            line += [number(row.get(column, "")) for column in ("at_least", "at_most")]
            line.append(as_text(row.get("told", "")))
        lines.append(tuple(line))
    return Table(titles["aims"], tuple(columns), tuple(lines))


def _moved(folder: Path, titles: dict[str, str], names: list[str]) -> Table:
    """A row per pledge, line and spell in which the units are not the same in all plans, with the units of each."""
    units: dict[tuple[str, ...], dict[int, list[str]]] = {}
    for row in records(folder / "moved.csv"):
        service = units.setdefault(tuple(row[name] for name in _SERVICE), {})
        for period in range(int(row["from"]), int(row["until"]) + 1):
            # A plan that has no row for the period has as many units as the first.
            service.setdefault(period, [row["before"]] * len(names))[names.index(as_text(row["plan"]))] = row["after"]
    lines: list[tuple[Cell, ...]] = [
        (*map(as_text, service), str(first), str(last), *map(number, counts))
        for service, periods in sorted(units.items())
        for first, last, counts in runs(periods)
    ]
    text = ("Nation", "Pledge", "Unit type", "Requirement", "Mission", "Area", "From period", "Until period")
    columns = (*map(Column, text), *(Column(f"{name}: units", "figure", "units in a plan") for name in names))
    return cut(Table(titles["moved"], columns, tuple(lines)))


def _any(rows: Records, column: str) -> str:
    return next((row[column] for row in rows if row[column]), "")


def _figures(folder: Path, table: str, key: str, measures: dict[str, str], names: list[str]) -> Table:
    """A row per nation or mission: each figure in the first plan and in every other."""
    kind = "percent" if table == "missions" else "figure"
    columns = [Column(key.capitalize(), key=key)]
    for what in measures.values():
        columns += [Column(f"{name}: {what}", kind, "of a plan") for name in names]  # type: ignore[arg-type]
    lines = []
    for of, rows in by(records(folder / f"{table}.csv"), key):
        per_plan = {as_text(row["plan"]): row for row in rows}
        line: list[Cell] = [as_text(of)]
        for name in measures:
            before, after = (f"{name}_{end}" if name else end for end in ("before", "after"))
            line.append(number(_any(rows, before)))
            line += [number(per_plan[plan][after]) if plan in per_plan else None for plan in names[1:]]
        lines.append(tuple(line))
    return cut(Table(table.capitalize(), tuple(columns), tuple(lines)))
