"""Caveats and limits that touch nothing: every name in them is known, but nothing bears all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from optimizer.instance.admissible import window_mask
from optimizer.instance.situation import Situation, scope_selection

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance, Row

_OF_LINES: Final = ("mission", "area", "host", "capability")
_OF_UNITS: Final = ("unit_type", "tag", "domain")


def check_selections(instance: Instance, situations: Sequence[Situation], notes: Notes) -> None:
    """All checks of this module, over all scenarios.

    A nation that has pledged nothing that could serve where its caveat looks is no fault: its stance may be older than its pledges.
    """
    for table in ("caveats", "limits", "funding"):
        for index, row in enumerate(instance.rows(table)):
            if row.get("measure") in {"burden_gap", "ready", "paid"} or row.get("minimum"):
                continue  # a floor on nothing cannot be kept, which is reported elsewhere
            names = [name for name in _OF_LINES if row.get(name) is not None]
            what = "no requirement line"
            if any(_takes_line(situation, row) for situation in situations):
                names = [name for name in _OF_UNITS if row.get(name) is not None]
                what = "no pledged unit"
                if not names or any(_takes_pledge(situation, row) for situation in situations):
                    continue
                names = [name for name in ("nation", "group") if row.get(name) is not None] + names
            notes.warning(
                "selects-no-service",
                table,
                index,
                names[0] if names else "from",
                f"it selects no service: {what} bears {' and '.join(name.replace('_', ' ') for name in names) or 'its window'} together.",
                "Correct the selectors or the window, or remove the row.",
            )


def _takes_line(situation: Situation, row: Row) -> bool:
    chosen, window = scope_selection(situation, row.items()), window_mask(row, situation.horizon)
    return any(
        chosen.takes_line(line) and window_mask({"from": line.first, "until": line.last}, line.last) & window
        for line in situation.lines.values()
    )


def _takes_pledge(situation: Situation, row: Row) -> bool:
    chosen = scope_selection(situation, row.items())
    return chosen.nations == frozenset() or any(chosen.takes_pledge(pledge) for pledge in situation.pledges.values())
