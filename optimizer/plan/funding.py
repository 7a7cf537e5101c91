"""The least that funds may pay in a plan: found with a solver, before the plan is verified, and outside the verifier.

What is found here is no proof of anything: the verifier checks it by its own rules, like amounts that a plan states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.instance.instance import Aim, Instance
from optimizer.plan.case import read_case
from optimizer.plan.facts import Facts
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.rules import limits
from optimizer.plan.rules.burden import burden_gap, burdens
from optimizer.plan.rules.funding import selected_cost
from optimizer.plan.services import Floats

SMALLEST = 1e-9
"""Million; what is less is rounding."""
SMALLEST_GAP = 1e-7
"""What a gap may lose by rounding."""
PAID = 0.01
"""Least part of the cost that nations with a fair share pay, where they are to pay anything."""
COLUMNS = ("fund", "nation", "amount")


def least_amounts(instance: Instance, scenario: str | None, decisions: Decisions) -> pd.DataFrame:
    """The table `funding` in which funds pay least in all, for the assignments of a plan: fund, nation, amount.

    Budgets and limits on what is paid bind, and no aim on the burden of what is paid is worse than with the amounts of `decisions`.
    Where no such amounts are found, those of `decisions` are kept, up to what each fund may take over.
    """
    case = read_case(instance, scenario)
    facts = gather(case, replace(decisions, flows=None, starts=None))
    keys, most = [], []
    for name, fund in case.funds.items():
        for nation in case.nations:
            cap = fund.share * selected_cost(facts, fund, nation)
            if cap > 0:
                keys.append((name, nation))
                most.append(cap)
    given = np.array([min(cap, facts.amounts.get(key, 0.0)) for key, cap in zip(keys, most, strict=True)])
    tried = [_solve(facts, keys, most, shared=shared) for shared in (False, True)] if keys else []
    found = [one for one in tried if one is not None and _is_as_fair(facts, keys, one)]
    least = min(found, key=lambda one: float(one.sum()), default=given)
    rows = [(*key, float(amount)) for key, amount in zip(keys, least, strict=True) if amount > SMALLEST]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _aims(facts: Facts) -> list[Aim]:
    return [aim for aim in facts.case.aims if aim.name == "burden_gap" and aim.measure == "paid"]


def _is_as_fair(facts: Facts, keys: Sequence[tuple[str, str]], found: Floats) -> bool:
    """Whether no aim on the burden of what is paid is worse with these amounts."""
    other = replace(facts, amounts=dict(zip(keys, found.tolist(), strict=True)))
    values = [[burden_gap(one, "paid", aim.variant) for one in (facts, other)] for aim in _aims(facts)]
    return all(new <= old + SMALLEST_GAP * (1.0 + old) for old, new in values)


class _Rows:
    """Rows Σ values · amounts ≤ side, beside the deviations of nations where an aim is on these."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[Floats] = []
        self.sides: list[float] = []

    def add(self, row: Floats, side: float) -> None:
        """Put a row; columns that it does not have are 0 in it."""
        self.rows.append(np.concatenate([row, np.zeros(self.width - len(row))]))
        self.sides.append(side)


def _solve(facts: Facts, keys: Sequence[tuple[str, str]], most: Sequence[float], *, shared: bool) -> Floats | None:
    """The least amounts by linear programming; None where there are none.

    Where nobody with a fair share pays anything, nobody does; or (`shared`) all of them pay something, and nobody deviates from its share.
    """
    from scipy.optimize import linprog

    case, aims = facts.case, _aims(facts)
    nobody = bool(aims) and not any(burden.share > 0 for burden in burdens(facts, "paid"))
    if shared and (not nobody or any(aim.variant == "ratio" for aim in aims)):
        return None
    deviating = [aim for aim in aims if aim.variant == "deviation"]
    count, keyed = len(keys), len(case.fair_shares)
    rows = _Rows(count + keyed * len(deviating))
    for fund in case.funds.values():
        if fund.maximum is not None:
            rows.add(np.array([float(name == fund.name) for name, _ in keys]), fund.maximum)
    signs = {nation: _signs(facts, keys, nation) for nation in case.nations}
    cost = facts.burden("cost")
    for limit in limits.expand(case):
        if limit.measure == "paid":
            chosen = [nation for nation in case.nations if limit.selection.takes_nation(case, nation)]
            row: Floats = np.array([signs[nation] for nation in chosen]).sum(axis=0) if chosen else np.zeros(count)
            spent = math.fsum(cost[nation] for nation in chosen)
            if limit.maximum is not None:
                rows.add(row, limit.maximum - spent)
            if limit.minimum is not None:
                rows.add(-row, spent - limit.minimum)
    for aim in aims:
        place = count + keyed * deviating.index(aim) if aim in deviating else None
        if nobody:
            _keep_paid(facts, signs, rows, shared=shared)
        if shared or not nobody:
            _keep_fair(facts, signs, aim, rows, place)
    solved = linprog(
        [1.0] * count + [0.0] * (rows.width - count),
        A_ub=np.array(rows.rows) if rows.rows else None,
        b_ub=rows.sides or None,
        bounds=[(0.0, cap) for cap in most] + [(0.0, None)] * (rows.width - count),
        method="highs",
    )
    return np.asarray(solved.x[:count]) if solved.status == 0 else None


def _signs(facts: Facts, keys: Sequence[tuple[str, str]], nation: str) -> Floats:
    """By how much each amount raises what a nation pays."""
    funds = facts.case.funds
    return np.array([float(funds[name].payer == nation) - float(to == nation) for name, to in keys])


def _keep_paid(facts: Facts, signs: dict[str, Floats], rows: _Rows, *, shared: bool) -> None:
    """Nations with a fair share together pay nothing, or (`shared`) some of what their services cost."""
    fair, cost = facts.case.fair_shares, facts.burden("cost")
    total = np.array([signs[nation] for nation in fair]).sum(axis=0)
    whole = math.fsum(cost[nation] for nation in fair)
    if shared:
        rows.add(-total, (1.0 - PAID) * whole)
    else:
        rows.add(total, -whole + SMALLEST * max(1.0, *cost.values()) / 2)


def _keep_fair(facts: Facts, signs: dict[str, Floats], aim: Aim, rows: _Rows, place: int | None) -> None:
    """The burden of what is paid is no less fair than it is; `place`: the first column of the deviations, where the aim is on these."""
    fair, cost = facts.case.fair_shares, facts.burden("cost")
    value, slack = burden_gap(facts, "paid", aim.variant), SMALLEST * max(1.0, *cost.values())
    total = np.array([signs[nation] for nation in fair]).sum(axis=0)
    whole = math.fsum(cost[nation] for nation in fair)
    width = len(total)
    if place is None:
        for nation, share in fair.items():
            rows.add(signs[nation] - value * share * total, value * share * whole - cost[nation] + slack)
        return
    deviations = np.zeros(rows.width)
    for number, (nation, share) in enumerate(fair.items()):
        deviations[place + number] = 1.0
        for sign in (1.0, -1.0):
            row = np.zeros(rows.width)
            row[:width] = sign * (signs[nation] - share * total)
            row[place + number] = -1.0
            rows.add(row, -sign * (cost[nation] - share * whole))
    deviations[:width] -= value * total
    rows.add(deviations, value * whole + slack)
