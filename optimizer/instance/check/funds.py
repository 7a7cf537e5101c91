"""Funds that pay nobody, or together more than all."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from optimizer.instance.cells import quoted
from optimizer.instance.check.kept import ROUNDING
from optimizer.instance.check.row_checks import RowChecks
from optimizer.instance.names import nearly_equal
from optimizer.instance.situation import Fund, Situation, scope_selection

if TYPE_CHECKING:
    from optimizer.instance.findings import Notes
    from optimizer.instance.instance import Instance

_ALIKE: Final = 0.8
"""From here on a payer's name is so much like a nation's that it may be meant."""


def payers(checks: RowChecks) -> None:
    """A payer outside the coalition does not look like a nation of it."""
    nations = {row["nation"]: row["name"] or "" for _, row in checks.rows("nations") if row["nation"] is not None}
    titles = {name.casefold(): nation for nation, name in nations.items() if name}
    folded = {nation.casefold(): nation for nation in nations} | titles
    for index, row in checks.rows("funding"):
        payer = row["payer"]
        if payer is None or payer in nations:
            continue
        meant = nearly_equal(payer, sorted(nations)) or folded.get(payer.casefold())
        if meant is None:
            close = difflib.get_close_matches(payer.casefold(), sorted(folded), n=1, cutoff=_ALIKE)
            meant = folded[close[0]] if close else None
        if meant is not None:
            checks.warning(
                "payer-like-nation",
                "funding",
                index,
                "payer",
                f"there is no nation {quoted(payer)}, so the payer is somebody outside the coalition, whose budget binds nobody.",
                f"If the nation is meant, write {meant!r}.",
            )


def check_funds(instance: Instance, situations: Mapping[str | None, Situation], notes: Notes) -> None:
    """Each fund may pay somebody, and together funds pay no service more than once, scenario by scenario."""
    if not instance.rows("funding"):
        return
    row_of = {row["fund"]: index for index, row in enumerate(instance.rows("funding"))}
    _check_own(instance, situations, notes)
    noted: set[str] = set()
    for scenario, situation in situations.items():
        for fund, others, pledge, line, period, total in _overlaps(situation):
            if fund in noted:
                continue
            noted.add(fund)
            where = "" if len(situations) == 1 else f" (scenario {scenario})" if scenario else " (default conditions)"
            notes.error(
                "funds-overlap",
                "funding",
                row_of[fund],
                "share",
                f"with {', '.join(others)} it pays {total:g} of what {pledge} costs on {line} in period {period}{where}: more than all.",
                "Lower the shares so that they make 1 at most, or select other services.",
            )


def _check_own(instance: Instance, situations: Mapping[str | None, Situation], notes: Notes) -> None:
    """A fund selects services of somebody else than its payer."""
    for index, row in enumerate(instance.rows("funding")):
        chosen = {
            pledge.nation
            for situation in situations.values()
            for selection in [scope_selection(situation, row.items())]
            for pledge in situation.pledges.values()
            if selection.takes_pledge(pledge)
        }
        if chosen == {row["payer"]}:
            notes.warning(
                "fund-pays-nobody",
                "funding",
                index,
                "nation",
                f"a fund never pays for its payer's own services, and no pledge of another nation is selected: {row['payer']} pays nobody.",
                "Select other nations' services, or remove the row.",
            )


def _overlaps(situation: Situation) -> list[tuple[str, list[str], str, str, int, float]]:
    """Funds that pay more than all of an admissible service together with those before them: with an example of each."""
    found = []
    seen: set[str] = set()
    for (pledge, line), periods in situation.services.items() if len(situation.funds) > 1 else ():
        chosen = [fund for fund in situation.funds if _selects(situation, fund, pledge, line)]
        if sum(fund.share for fund in chosen) <= 1.0 + ROUNDING:
            continue
        for period in periods:
            here = [fund for fund in chosen if period in fund.periods]
            total = sum(fund.share for fund in here)
            if total > 1.0 + ROUNDING and here[-1].name not in seen:
                seen.add(here[-1].name)
                found.append((here[-1].name, [fund.name for fund in here[:-1]], pledge, line, period, total))
    return found


def _selects(situation: Situation, fund: Fund, pledge: str, line: str) -> bool:
    chosen = fund.selection
    return chosen.takes_pledge(situation.pledges[pledge]) and chosen.takes_line(situation.lines[line])
