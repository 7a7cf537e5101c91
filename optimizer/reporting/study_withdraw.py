"""The sections of a report on nations that leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from optimizer.reporting.content import Cell, Chart, Column, Section, Table
from optimizer.reporting.study_tables import cut, label, limits_in_words, number, read_table, records
from optimizer.reporting.text import as_text, figure
from optimizer.reporting.words import aim_figure

_MOST_BARS: Final = 30
_EXPLAINED: Final = (
    "A nation that leaves takes its pledges along, and the instruments that it sponsors. Kept: what is left of the plan with nothing planned anew; "
    "a post that is below a threshold, without its lead, or with fewer nations than it needs counts as not mounted. Planned anew: the best plan "
    "known without these nations; no plan without them beats the figure beside it. What is lost is measured from the best plan with all nations."
)
_CERTAIN: Final = (
    "Without these nations the line, post or mission cannot be held in any period, whatever the others do: that follows from what is pledged, forbidden "
    "and asked for. Others may be missed as much, where those who could stand in are needed elsewhere."
)


def withdraw_sections(folder: Path, head: dict[str, Any]) -> tuple[Section, ...]:
    """Warnings, what was found in words, the sets, who is indispensable, capabilities, plans that keep most, and what closes and breaks."""
    titles = head["tables"]
    limits = limits_in_words(head["limits"])
    found = tuple(map(as_text, head["sentences"]))
    return (
        Section("warnings", "What to be careful with", tuple(map(as_text, head["warnings"]))),
        Section("found", "What was found", found, (read_table(folder / "firm.csv", titles["firm"]),)),
        Section(
            "sets",
            titles["sets"],
            (_EXPLAINED, *([limits] if limits else [])),
            (_sets(folder, head),),
            _chart(folder, head),
        ),
        Section(
            "indispensable",
            titles["indispensable"],
            (_CERTAIN,),
            (read_table(folder / "indispensable.csv", "For certain"),),
        ),
        Section("capabilities", titles["capabilities"], (), (_capabilities(folder, titles),)),
        Section(
            "untouched",
            "When nothing is planned anew",
            (),
            (
                cut(read_table(folder / "closed.csv", titles["closed"])),
                cut(read_table(folder / "broken.csv", titles["broken"])),
            ),
            folded=True,
        ),
    )


def _sets(folder: Path, head: dict[str, Any]) -> Table:
    """A row per set, worst first."""
    aim = head["measure"]
    columns = (
        Column("Nations", key="nations of a set"),
        Column(f"{label(aim)}: kept", "figure", "aim of a kept plan"),
        Column("planned anew", "figure"),
        Column("no plan beats", "figure"),
        Column("lost at least", "figure"),
        Column("lost at most", "figure"),
        Column("Posts that close", "figure"),
        Column("Rules that break", "figure"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in records(folder / "sets.csv"):
        figures = [aim_figure(aim, number(row[name])) for name in ("value_kept", "value", "bound")]
        figures += [number(row[name]) for name in ("lost_at_least", "lost_at_most", "closed", "broken")]
        rows.append((_names(row), *figures))
    return cut(Table(head["tables"]["sets"], columns, tuple(rows)))


def _names(row: dict[str, str]) -> str:
    none = {"infeasible": ": no plan", "none_found": ": no plan was found in time"}.get(row["termination"], "")
    return as_text(row["nations"].replace(";", ", ") + none)


def _chart(folder: Path, head: dict[str, Any]) -> tuple[Chart, ...]:
    rows = records(folder / "sets.csv")
    shown = rows[:_MOST_BARS]
    cells = {
        (line, column): value
        for line, row in enumerate(shown)
        for column, name in enumerate(("value_kept", "value"))
        if (value := number(row[name])) is not None
    }
    if not cells or min(cells.values()) < 0.0:
        return ()
    first = shown[0]
    kept, anew = number(first["value_kept"]), number(first["value"])
    words = "no plan is known" if anew is None else f"{figure(anew)} planned anew"
    summary = f"The worst: without {_names(first)}, {'' if kept is None else figure(kept) + ' is kept, '}{words}."
    title = f"{label(head['measure'])} when these leave"
    return (
        Chart(
            title,
            summary,
            "amount",
            tuple(map(_names, shown)),
            ("kept", "planned anew"),
            cells,
            "nations",
            "",
            label(head["measure"]),
            len(rows) - len(shown),
        ),
    )


def _capabilities(folder: Path, titles: dict[str, str]) -> Table:
    columns = (
        Column("Capability"),
        Column("Nations that can supply it", "figure"),
        Column("Who can bring most"),
        Column("Share of what all can", "percent"),
        Column("The only one"),
    )
    rows = tuple(
        (
            as_text(row["capability"]),
            number(row["suppliers"]),
            as_text(row["largest"]),
            number(row["largest_share"]),
            as_text(row["only_supplier"]),
        )
        for row in records(folder / "capabilities.csv")
    )
    return Table(titles["capabilities"], columns, rows)
