"""The funds of a situation: who may pay for which services, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optimizer.instance.scenario import ScenarioTables
from optimizer.instance.situation.limits import periods_in_force
from optimizer.instance.situation.rules import Fund
from optimizer.instance.situation.selection import Resolver


def funds(tables: ScenarioTables, resolve: Resolver) -> Iterable[Fund]:
    """The rows of `funding` whose condition holds in some period of their window."""
    for row in tables.rows("funding"):
        periods = frozenset(periods_in_force(row, tables))
        chosen = resolve.selection(row)
        nations = resolve.nations if chosen.nations is None else chosen.nations
        if periods:
            selection = replace(chosen, nations=nations - {row["payer"]})
            yield Fund(row["fund"], row["payer"], selection, periods, row["share"], row["maximum"])


def funded(found: Iterable[Fund]) -> frozenset[str]:
    """Whoever may pay by a fund or be paid by one."""
    return frozenset().union(*({fund.payer, *fund.recipients} for fund in found))
