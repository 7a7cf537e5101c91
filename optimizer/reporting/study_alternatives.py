"""The sections of a report on near-best plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.reporting.content import MOST_COLUMNS, MOST_ROWS, Cell, Chart, Column, Section, Table
from optimizer.reporting.study_tables import Records, cut, label, limits_in_words, number, read_table, records
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_figure, aim_title

_READING: Final = (
    "Two plans differ at a pair of nation and post where one of them has units there, in any period, and the other has none. Each plan differs "
    "from the nearest before it at as many pairs as possible; in the first aim it may lose no more than the share asked for, and later aims do not count."
)
_SHARED: Final = (
    "What is in every plan within the limit is proven to be: without it more is lost. What is only in all plans found may be missing in one that "
    "nobody has looked for. Both can be decided now without regret, as far as these plans say."
)


def alternatives_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, the plans, what they share, who serves where, pledges."""
    aim, titles = str(head["aim"]), head["tables"]
    plans, presence = records(folder / "plans.csv"), records(folder / "presence.csv")
    limits = limits_in_words(head["limits"])
    shared = _shared(folder, head, aim)
    text = (f"Within {figure(100 * head['within'])} % of the best. {_READING}", *([limits] if limits else []))
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section(
            "plans", "Plans", text if plans else (), (_plans(plans, aim, as_text(titles["plans"])),) if plans else ()
        ),
        Section(
            "shared", "What all these plans share", (_SHARED,) if shared.rows else (), (shared,) if shared.rows else ()
        ),
        Section(
            "presence",
            "Who serves where",
            (),
            (cut(_presence(presence, as_text(titles["presence"]))),) if presence else (),
            (_chart(presence),) if presence else (),
        ),
        Section(
            "pledges", "Pledges", (), (read_table(folder / "pledges.csv", as_text(titles["pledges"])),), folded=True
        ),
    )


def _plans(rows: Records, aim: str, caption: str) -> Table:
    columns = (
        Column("Plan", "figure"),
        Column(label(aim), "figure", "aim value"),
        Column("pairs that differ from the nearest before", "figure"),
        Column("no plan differs at more", "figure"),
        Column("pairs", "figure"),
    )
    names = ("distance", "distance_bound", "pairs")
    lines = tuple(
        (number(row["plan"]), aim_figure(aim, number(row["value"])), *(number(row[name]) for name in names))
        for row in rows
    )
    return Table(caption, columns, lines)


def _shared(folder: Path, head: dict[str, Any], aim: str) -> Table:
    lost = f"{aim_title(aim)} lost without it"
    columns = ("Nation", "Mission", "Area", "Where")
    lines = tuple(
        (
            *(as_text(row[name]) for name in ("nation", "mission", "area")),
            as_text(head["in_words"].get(row["status"], row["status"])),
            number(row["loses_at_least"]),
            number(row["loses_at_most"]),
        )
        for row in records(folder / "shared.csv")
    )
    more = (
        Column(f"{lost}, at least", "figure", "lost without a nation at least"),
        Column("at most", "figure", "lost without a nation at most"),
    )
    return Table(as_text(head["tables"]["shared"]), (*map(Column, columns), *more), lines)


def _numbers(rows: Records) -> list[str]:
    """The columns of the plans."""
    return [name for name in rows[0] if name not in {"nation", "mission", "area"}]


def _presence(rows: Records, caption: str) -> Table:
    names = _numbers(rows)
    columns = (
        *map(Column, ("Nation", "Mission", "Area")),
        *(Column(as_text(name), "flag", "presence") for name in names),
    )
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (*(as_text(row[name]) for name in ("nation", "mission", "area")), *(row[name] == "true" for name in names))
        for row in rows
    )
    return Table(caption, columns, lines)


def _chart(rows: Records) -> Chart:
    """At how many posts each nation serves, plan by plan."""
    names = _numbers(rows)[:MOST_COLUMNS]
    nations = list(dict.fromkeys(row["nation"] for row in rows))[:MOST_ROWS]
    posts = {
        (nation, name): sum(row[name] == "true" for row in rows if row["nation"] == nation)
        for nation in nations
        for name in names
    }
    moving = [nation for nation in nations if len({posts[nation, name] for name in names}) > 1]
    said = (
        f"{len(moving)} of {len(nations)} nations serve at more posts in some plans than in others."
        if len(names) > 1
        else "There is one plan."
    )
    return Chart(
        "At how many posts each nation serves",
        said,
        "amount",
        tuple(map(as_text, nations)),
        tuple(map(as_text, names)),
        {(r, c): float(posts[nation, name]) for r, nation in enumerate(nations) for c, name in enumerate(names)},
        "nation",
        "plan",
        "posts",
    )
