r"""Family 11: burden sharing.

With $c_n$ what nation $n$ bears (cost, personnel or units over the horizon), $C=\sum_n c_n$ and $\kappa_n$ the nation's share of the key,
both over the nations that have a key: the burden gap is $\max_n (c_n/C)/\kappa_n$. As a limit it is linear,
$c_n\le B\,\kappa_n\,C$; as an aim it is a ratio that the levels of `optimizer.solving` minimise exactly. The variant `deviation` is
$\sum_n|c_n/C-\kappa_n|$. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from optimizer.instance.situation import Limit, Selection, Situation
from optimizer.model.builder import ModelBuilder
from optimizer.model.families import funding
from optimizer.model.families.presence import Participation
from optimizer.model.families.units import Units, measure_terms
from optimizer.model.family import Columns, Family, Rows, no_rules, of_limit
from optimizer.model.linear import INFINITY, Terms, terms

NOTHING: Final[Mapping[funding.AmountKey, int]] = MappingProxyType({})


def index_keys(situation: Situation) -> dict[str, float]:
    """Each nation's share of the key, over the nations that have one."""
    keys = {nation.name: nation.fair_share for nation in situation.nations.values() if nation.fair_share}
    total = sum(keys.values())
    return {name: key / total for name, key in keys.items()}


def burdens(
    situation: Situation,
    units: Units,
    participation: Participation,
    measure: str,
    amounts: Mapping[funding.AmountKey, int] = NOTHING,
) -> dict[str, Terms]:
    """What each nation with a key bears; `amounts`: the columns of what funds pay, for the measure `paid`."""
    found = {}
    for nation in index_keys(situation):
        mine = Selection(nations=frozenset({nation}))
        found[nation] = measure_terms(units, "cost" if measure == "paid" else measure, mine)
        if measure in {"cost", "paid"}:
            found[nation] = (found[nation] + participation.costs(mine)).merged()
        if measure == "paid":
            found[nation] = (found[nation] + funding.transfers(situation, amounts, {nation})).merged()
    return found


def total_of(each: dict[str, Terms]) -> Terms:
    """The sum over nations."""
    return sum(each.values(), terms()).merged()


def add_limit(
    builder: ModelBuilder, situation: Situation, units: Units, participation: Participation, limit: Limit
) -> None:
    """Add the rows `burden`: no nation bears more than `maximum` times its fair share of the cost."""
    if limit.maximum is None:
        return
    each = burdens(situation, units, participation, "cost")
    total = total_of(each)
    for nation, key in index_keys(situation).items():
        borne = (each[nation] + total.times(-limit.maximum * key)).merged()
        builder.add_row("burden", (limit.source, nation), borne.columns, borne.values, upper=0.0)


def add_deviations(builder: ModelBuilder, situation: Situation, each: dict[str, Terms]) -> Terms:
    """Add `deviation` ≥ |c_n − κ_n C| per nation; returns their sum."""
    keys = index_keys(situation)
    total = total_of(each)
    columns = builder.add_columns("deviation", [(nation,) for nation in keys], upper=INFINITY)
    for nation, key in keys.items():
        for sign, name in ((1.0, "deviation_above"), (-1.0, "deviation_below")):
            row = (terms([columns[nation,]], [1.0]) + each[nation].times(-sign) + total.times(sign * key)).merged()
            builder.add_row(name, (nation,), row.columns, row.values, lower=0.0)
    return terms(columns.values(), np.ones(len(columns)))


FAMILY = Family(
    name="burden",
    tables=("nations", "limits"),
    rules=no_rules,
    columns={"deviation": Columns("How far a nation's burden is from its fair share: deviation[nation].")},
    rows={
        "burden": Rows("No nation bears more than so many times its fair share: burden[source, nation].", of_limit),
        "deviation_above": Rows("The deviation is at least what a nation bears above its fair share."),
        "deviation_below": Rows("The deviation is at least what a nation bears below its fair share."),
    },
)
