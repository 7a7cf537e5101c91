"""What changed against the plan that was there before: who leaves, comes, stays longer, sends more or less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.plan.moves import Services, moved_from_baseline, services_of, told_from_baseline
from optimizer.reporting.content import MOST_ROWS, Column, Section, Table
from optimizer.reporting.text import as_text, ranges

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.reporting.reader import Reader


def section(reader: Reader) -> Section | None:
    """A sentence per nation and post that changed, and the spells with other units; none without a baseline."""
    moved = moved_from_baseline(reader.plan)
    if moved is None:
        return None
    if moved.empty:
        return Section("baseline", "Changes against the baseline plan", ("Who serves where and when is the same.",))
    said = told_from_baseline(reader.plan, reader.label)
    more = len(said) - MOST_ROWS
    text = (*said[:MOST_ROWS], *((f"And {more} more changes; the table in the workbook has all.",) if more > 0 else ()))
    kinds = {"nation": "nation", "unit_type": "unit_type", "mission": "mission", "area": "area"}
    rows = [
        tuple(
            reader.label(kinds[name], cell)
            if name in kinds
            else float(cell)
            if name in {"before", "after"}
            else as_text(cell)
            for name, cell in row.items()
        )
        for row in moved.to_dict("records")
    ]
    titles = ("Nation", "Pledge", "Unit type", "Requirement", "Mission", "Area", "From period", "Until period")
    columns = (*map(Column, titles), Column("Units before", "figure"), Column("Units now", "figure"))
    table = reader.table("Who serves with other units than in the baseline plan", columns, rows)
    return Section("baseline", "Changes against the baseline plan", text, (*_posts(reader), _nations(reader), table))


def _posts(reader: Reader) -> Iterator[Table]:
    """Posts at which somebody serves only now, and only in the baseline, each with its periods; without rows, no table."""
    now, before = (_periods_of_posts(frame, reader) for frame in (reader.plan.assignments, reader.plan.baseline))
    columns = (Column("Mission"), Column("Area"), Column("In periods"))
    for caption, new, old in (
        ("Posts served that were not in the baseline plan", now, before),
        ("Posts no longer served", before, now),
    ):
        rows = [
            (reader.label("mission", post[0]), reader.label("area", post[1]), ranges(periods - old.get(post, set())))
            for post, periods in sorted(new.items())
            if periods - old.get(post, set())
        ]
        if rows:
            yield reader.table(caption, columns, rows)


def _periods_of_posts(assignments: pd.DataFrame | None, reader: Reader) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for service, units in _services(assignments, reader).items():
        found.setdefault((service.mission, service.area), set()).update(units)
    return found


def _services(assignments: pd.DataFrame | None, reader: Reader) -> Services:
    return {} if assignments is None else services_of(assignments, reader.instance)


def _nations(reader: Reader) -> Table:
    """Units times periods of each nation that sends more or less, before and now."""
    totals: dict[str, list[int]] = {}
    for place, frame in enumerate((reader.plan.baseline, reader.plan.assignments)):
        for service, units in _services(frame, reader).items():
            totals.setdefault(service.nation, [0, 0])[place] += sum(units.values())
    rows = [
        (reader.label("nation", nation), float(before), float(now), float(now - before))
        for nation, (before, now) in sorted(totals.items(), key=lambda one: (-abs(one[1][1] - one[1][0]), one[0]))
        if before != now
    ]
    columns = (
        Column("Nation"),
        Column("Unit-periods before", "figure"),
        Column("Unit-periods now", "figure"),
        Column("Difference", "figure"),
    )
    return reader.table("Units times periods, per nation", columns, rows)
