"""The report on a plan's folder: the plan, the answers that lie in it, and the studies of the same input in and beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.reporting.answers import read_answers
from optimizer.reporting.content import Content
from optimizer.reporting.describe import describe
from optimizer.reporting.reader import Study
from optimizer.reporting.study import describe_study, head_of, name_of
from optimizer.reporting.study_tables import Records, number, records
from optimizer.reporting.text import as_number, as_text, visible

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

MOST: Final = 12
"""Studies that a report takes in."""
_SAME: Final = 1e-6
_UNREADABLE: Final = (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error)
"""What a study raises whose head or tables are not those of one."""
_SAYS_SCENARIO: Final = {"hedge", "robust", "scenarios", "sweep"}
"""Kinds of studies that have several scenarios, or whose own is named beside them."""


def describe_folder(plan: Plan, directory: str | Path, check: bool = True) -> Content:
    """The report on a plan with everything that lies in and beside its folder."""
    return describe(plan, check, read_answers(directory), studies_of(plan, directory))


def studies_of(plan: Plan, directory: str | Path) -> tuple[Study, ...]:
    """Finished studies of the plan's own input, in its folder and beside it; of comparisons those that have this plan.

    A study of other input, one in another scenario that has no word for it, one that cannot be read, and one that is not finished are left out.
    """
    return tuple(islice(_studies(plan, Path(directory).resolve()), MOST))


def _studies(plan: Plan, folder: Path) -> Iterator[Study]:
    for below, prefix in ((folder, ""), (folder.parent, "../")):
        for place in _folders(below):
            head = head_of(place)
            if place == folder or head.get("state") != "done" or not _is_of(plan, place, head):
                continue
            try:
                content = describe_study(place)
            except _UNREADABLE:
                continue
            where, kind = visible(f"{prefix}{place.name}"), str(head["kind"])
            yield Study(where, as_text(place.name), kind, name_of(head), content, _scenario(plan, head))


def _folders(below: Path) -> Iterator[Path]:
    try:
        yield from sorted(one for one in below.iterdir() if one.is_dir())
    except OSError:
        return


def _is_of(plan: Plan, place: Path, head: dict[str, Any]) -> bool:
    """Whether a study asks of the plan's own input, and in its scenario unless it says itself in which; a comparison has to have the plan."""
    try:
        if plan.instance.hash not in {one.get("hash") for one in head["instances"]}:
            return False
        if head["kind"] == "compare":
            return _is_compared(plan, head["plans"], records(place / "aims.csv"))
        return head["kind"] in _SAYS_SCENARIO or (head.get("scenario") or None) == (plan.scenario or None)
    except _UNREADABLE:
        return False


def _is_compared(plan: Plan, compared: Sequence[Mapping[str, Any]], rows: Records) -> bool:
    """Whether one and the same plan of a comparison has the plan's scenario and every aim of it."""
    first = plan.aims.drop_duplicates("name")  # as comparisons have them
    own = {str(row["name"]): as_number(row["value"]) for row in first.to_dict("records")}
    for place, one in enumerate(compared if own else ()):
        end, some = ("after", [row for row in rows if row["plan"] == one["name"]]) if place else ("before", rows)
        aims = {row["aim"]: number(row[end]) for row in some}
        if (one.get("scenario") or None) == (plan.scenario or None) and all(
            name in aims and _is_same(value, aims[name]) for name, value in own.items()
        ):
            return True
    return False


def _is_same(mine: float | None, other: float | None) -> bool:
    if mine is None or other is None:
        return mine is other
    return abs(mine - other) <= _SAME * max(1.0, abs(other))


def _scenario(plan: Plan, head: Mapping[str, Any]) -> str:
    """In which scenario a sweep is, where that is one for all its runs and not plainly the plan's."""
    if head["kind"] != "sweep" or any(one["kind"] == "scenario" for one in head.get("vary", ())):
        return ""
    if head.get("scenario"):
        return f"scenario {as_text(head['scenario'])}"
    return "every condition at its default" if plan.scenario else ""
