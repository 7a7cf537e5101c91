"""The cheapest flows for a plan that states none: found with a solver, before the plan is verified, and outside the verifier.

What is found here is no proof of anything: the verifier checks it by its own rules, like flows that a plan states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.instance.instance import Instance
from optimizer.plan.case import Case, Route, read_case
from optimizer.plan.facts import Facts
from optimizer.plan.frames import frame
from optimizer.plan.gather import Decisions, Rows, gather
from optimizer.plan.rules import limits
from optimizer.plan.rules.movement import demands


def cheapest_flows(
    instance: Instance, scenario: str | None, assignments: Rows, instruments: Rows = None
) -> pd.DataFrame | None:
    """The table `flows` of least cost for the assignments of a plan; None where the instance has no routes.

    Limits on the whole cost bind where they can be kept. Where the open routes do not carry everything, the flows carry as
    much as can be, and the verifier finds what stays behind.
    """
    if instance.table("routes").empty:
        return None
    case = read_case(instance, scenario)
    facts = gather(case, Decisions(assignments, instruments=instruments))
    everything = _commodities(facts)
    budgets = _budgets(facts)
    found = _solve(case, everything, budgets) if budgets else None
    if found is None:
        found = []
        for period in sorted({commodity.period for commodity in everything}):
            mine = [commodity for commodity in everything if commodity.period == period]
            solved = _solve(case, mine)
            found += (_solve(case, mine, elastic=True) or []) if solved is None else solved
    found.sort()
    return frame("flows", ((*key, area, period, tonnes) for key, area, period, tonnes in found))


@dataclass(frozen=True)
class _Budget:
    """What the route costs may be in some periods."""

    periods: tuple[int, ...]
    low: float
    high: float


def _budgets(facts: Facts) -> list[_Budget]:
    """The room that limits on cost leave for route costs."""
    case = facts.case
    if not any(route.cost for route in case.routes):
        return []
    found = []
    for limit in limits.expand(case):
        if not limit.holds_route_costs:
            continue
        for periods in [limit.periods] if limit.per == "horizon" else [(t,) for t in limit.periods]:
            other = float(facts.measure("cost")[:, [t - 1 for t in periods]].sum())
            other += limit.instruments(facts, len(periods))
            if limit.holds_participation_costs(case.periods):
                other += limits.participation_costs(facts, limit.selection)
            low = -math.inf if limit.minimum is None else limit.minimum - other
            high = math.inf if limit.maximum is None else limit.maximum - other
            found.append(_Budget(periods, low, high))
    return found


@dataclass(frozen=True)
class _Commodity:
    """Tonnes bound for one area in one period, by the node where they start."""

    area: str
    period: int
    supplies: dict[str, float]


def _commodities(facts: Facts) -> list[_Commodity]:
    found: dict[tuple[str, int], dict[str, float]] = {}
    for (nation, area), tonnes in demands(facts).items():
        gateway = str(facts.case.nations[nation]["gateway"])
        for t in np.flatnonzero(tonnes):
            supplies = found.setdefault((area, int(t) + 1), {})
            supplies[gateway] = supplies.get(gateway, 0.0) + float(tonnes[t])
    return [_Commodity(*key, supplies) for key, supplies in found.items()]


_Flow = tuple[tuple[str, str, str], str, int, float]
"""(route, destination area, period, tonnes)."""


def _solve(
    case: Case, commodities: Sequence[_Commodity], budgets: Sequence[_Budget] = (), elastic: bool = False
) -> list[_Flow] | None:
    """A linear program on the network; None where it has no solution. `elastic`: leave as little behind as possible."""
    if not commodities:
        return []
    # Only plans without flows of their own get here: the import is not free.
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    columns = [
        (c, route) for c in range(len(commodities)) for route in case.routes if route.is_open(commodities[c].period)
    ]
    left_at = [(index, node) for index, c in enumerate(commodities) for node in c.supplies] if elastic else []
    width = len(columns) + len(left_at)
    equal, upper = _balance(commodities, columns), _room(commodities, columns, budgets)
    for offset, (index, node) in enumerate(left_at):
        equal.add((index, node), len(columns) + offset, 1.0)
    cost = [0.0 if elastic else route.cost for _, route in columns] + [1.0] * len(left_at)
    if not width:
        return None if any(equal.sums) else []
    solved = linprog(
        cost,
        A_ub=csr_matrix(upper.matrix(), shape=(len(upper.sums), width)) if upper.sums else None,
        b_ub=upper.sums or None,
        A_eq=csr_matrix(equal.matrix(), shape=(len(equal.sums), width)),
        b_eq=equal.sums,
        method="highs",
    )
    if solved.status != 0:
        return None
    flows = ((commodities[c], route, float(solved.x[j])) for j, (c, route) in enumerate(columns))
    return [(route.key, c.area, c.period, tonnes) for c, route, tonnes in flows if tonnes > 1e-9]


def _balance(commodities: Sequence[_Commodity], columns: Sequence[tuple[int, Route]]) -> _Rows:
    """What leaves a node less what comes in is what starts there, but where it is bound for."""
    rows = _Rows()
    for index, commodity in enumerate(commodities):
        for node, tonnes in commodity.supplies.items():
            rows.right((index, node), tonnes)
    for j, (index, route) in enumerate(columns):
        for node, sign in ((route.origin, 1.0), (route.destination, -1.0)):
            if node != commodities[index].area:
                rows.add((index, node), j, sign)
    return rows


def _room(commodities: Sequence[_Commodity], columns: Sequence[tuple[int, Route]], budgets: Sequence[_Budget]) -> _Rows:
    """Capacities of routes, and what the budgets leave for their costs."""
    rows = _Rows()
    for j, (index, route) in enumerate(columns):
        period = commodities[index].period
        if route.capacity is not None:
            rows.add(("capacity", route.key, period), j, 1.0)
            rows.right(("capacity", route.key, period), route.capacity)
        for number, budget in enumerate(budgets):
            if period in budget.periods:
                if math.isfinite(budget.high):
                    rows.add(("most", number), j, route.cost)
                if math.isfinite(budget.low):
                    rows.add(("least", number), j, -route.cost)
    for number, budget in enumerate(budgets):
        if math.isfinite(budget.high):
            rows.right(("most", number), budget.high)
        if math.isfinite(budget.low):
            rows.right(("least", number), -budget.low)
    return rows


class _Rows:
    """Rows of a sparse matrix, named, with their right-hand sides."""

    def __init__(self) -> None:
        self._number: dict[Any, int] = {}
        self._cells: list[tuple[int, int, float]] = []
        self.sums: list[float] = []

    def _row(self, name: Any) -> int:
        if name not in self._number:
            self._number[name] = len(self.sums)
            self.sums.append(0.0)
        return self._number[name]

    def add(self, name: Any, column: int, value: float) -> None:
        """Put a coefficient into a row."""
        self._cells.append((self._row(name), column, value))

    def right(self, name: Any, value: float) -> None:
        """Set the right-hand side of a row."""
        self.sums[self._row(name)] = value

    def matrix(self) -> tuple[list[float], tuple[list[int], list[int]]]:
        """Values and their places."""
        return [v for _, _, v in self._cells], ([r for r, _, _ in self._cells], [c for _, c, _ in self._cells])
