"""The report on a plan's folder: the plan, the answers that lie in it, and the studies of the same input in and beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.reporting.answers import read_answers
from optimizer.reporting.content import Content
from optimizer.reporting.describe import describe
from optimizer.reporting.reader import Study
from optimizer.reporting.study import describe_study, head_of
from optimizer.reporting.study_tables import number, records
from optimizer.reporting.text import as_number, as_text, visible

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

MOST: Final = 12
"""Studies that a report takes in."""
_SAME: Final = 1e-6


def describe_folder(plan: Plan, directory: str | Path, check: bool = True) -> Content:
    """The report on a plan with everything that lies in and beside its folder."""
    return describe(plan, check, read_answers(directory), studies_of(plan, directory))


def studies_of(plan: Plan, directory: str | Path) -> tuple[Study, ...]:
    """Finished studies of the plan's own input, in its folder and beside it; of comparisons those that have this plan.

    A study of other input, one that cannot be read, and one that is not finished are left out.
    """
    folder = Path(directory).resolve()
    found: list[Study] = []
    for below, prefix in ((folder, ""), (folder.parent, "../")):
        for place in _folders(below):
            head = head_of(place)
            if place == folder or head.get("state") != "done" or not _is_of(plan, place, head):
                continue
            try:
                content = describe_study(place)
            except (OSError, ValueError, LookupError, TypeError, csv.Error):
                continue
            title = content.title.partition(": ")[2] or content.title
            found.append(
                Study(visible(f"{prefix}{place.name}"), as_text(place.name), str(head["kind"]), title, content)
            )
    return tuple(found[:MOST])


def _folders(below: Path) -> Iterator[Path]:
    try:
        yield from sorted(one for one in below.iterdir() if one.is_dir())
    except OSError:
        return


def _is_of(plan: Plan, place: Path, head: dict[str, Any]) -> bool:
    """Whether a study asks of the plan's own input; a comparison shows the plan where an aim of one of its plans is the plan's own."""
    try:
        if plan.instance.hash not in {one.get("hash") for one in head["instances"]}:
            return False
        if head["kind"] != "compare":
            return True
        if plan.scenario not in {one.get("scenario") for one in head["plans"]}:
            return False
        rows = records(place / "aims.csv")
        own = {str(row["name"]): as_number(row["value"]) for row in plan.aims.to_dict("records")}
        values = [(own.get(row["aim"]), number(row[end])) for row in rows for end in ("before", "after")]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error):
        return False
    return any(
        mine is not None and it is not None and abs(mine - it) <= _SAME * max(1.0, abs(it)) for mine, it in values
    )
