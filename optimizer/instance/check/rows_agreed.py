"""Rows of what is agreed that contradict each other, or say nothing."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from optimizer.instance.check.row_checks import RowChecks


def agreed(checks: RowChecks) -> None:
    """Windows of one pledge and requirement lie apart; a row asks for something."""
    horizon = checks.draft.header.periods
    windows: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for index, row in checks.rows("agreed"):
        if row["units"] == 0 and row["kind"] == "at_least":
            message, remedy = "at least 0 units says nothing.", "Write exactly, if none may serve; or remove the row."
            checks.warning("agreed-says-nothing", "agreed", index, "kind", message, remedy)
        window = (row["from"] or 1, row["until"] or horizon, index)
        windows[row["pledge"], row["requirement"]].append(window)
    for (pledge, requirement), found in windows.items():
        found.sort()
        for (_, before, other), (first, _, index) in pairwise(found):
            if first <= before and checks.draft.horizon_known:
                checks.error(
                    "agreed-twice",
                    "agreed",
                    index,
                    "from",
                    f"{pledge!r} on {requirement!r} in period {first} is agreed in row {checks.draft.notes.row('agreed', other)} already.",
                    "Let one of the two windows end before the other begins.",
                )
