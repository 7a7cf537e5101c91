r"""Family 13: funding: one pays, another sends.

The fund $f$ pays $a_{fn}\ge 0$ to nation $n$ over the horizon, at most its share $\varphi_f$ of what the selected services of $n$ cost in the
periods $T_f$ of the fund (presence, and moves that start in them), and at most $A_f$ in all:

$$a_{fn}\le\varphi_f\sum_{(p,r)\in f,\,p\in n}\ \sum_{t\in T_f}\bigl(c_{pr}\,x_{prt}+\bar c_{pr}\,m_{prt}\bigr),\qquad\sum_na_{fn}\le A_f.$$

A fund never pays for services of its payer. With $c_n$ the cost of a nation (presence, moves, participation) it *pays*

$$c_n-\sum_fa_{fn}+\sum_{f\text{ of }n}\sum_{n'}a_{fn'},$$

which budgets, limits on `paid` (`optimizer.model.families.limits`) and the burden gap of what is paid (`optimizer.model.families.burden`) count. For every
service the shares of the funds that select it add up to at most 1, so that no nation pays less than nothing. Source: `docs/design/001-semantics.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from optimizer.instance.rule import Rule, rule_id, rule_of
from optimizer.instance.situation import Fund, Selection, Situation
from optimizer.instance.wording import condition_clause, sentence
from optimizer.model.builder import ModelBuilder
from optimizer.model.families.units import Units, measured
from optimizer.model.family import Assembly, Columns, Family, Rows, states
from optimizer.model.linear import Key, Terms, terms

AmountKey = tuple[str, str]
"""(fund, nation that it pays)."""


def index_amounts(situation: Situation) -> list[AmountKey]:
    """(fund, nation) for every nation with a pledge that the fund selects."""
    return [
        (fund.name, nation)
        for fund in situation.funds
        for nation in situation.nations
        if nation in fund.recipients
        and any(
            pledge.nation == nation and fund.selection.takes_pledge(pledge) for pledge in situation.pledges.values()
        )
    ]


def cost_terms(units: Units, fund: Fund, nation: str) -> Terms:
    """What the services of a nation that a fund selects cost in its periods (million), moves that start in them included."""
    chosen = fund.selection
    mine = Selection(frozenset({nation}), chosen.mission, chosen.area, unit_type=chosen.unit_type, tag=chosen.tag)
    counts, values = measured(units, "cost", mine, sorted(fund.periods))
    return Terms(counts.column, values).merged()


def add(builder: ModelBuilder, situation: Situation, units: Units) -> Mapping[AmountKey, int]:
    """Add `amount` with its rows `funded` and `fund_maximum`; returns its columns."""
    funds = {fund.name: fund for fund in situation.funds}
    costs = {(fund, nation): cost_terms(units, funds[fund], nation) for fund, nation in index_amounts(situation)}
    costs = {key: cost for key, cost in costs.items() if len(cost)}
    most = []
    for (name, _), cost in costs.items():
        fund = funds[name]
        room = fund.share * float(cost.values @ builder.upper_bounds(cost.columns))
        most.append(room if fund.maximum is None else min(room, fund.maximum))
    columns = builder.add_columns("amount", list(costs), upper=most) if costs else {}
    for key, cost in costs.items():
        row = terms([columns[key]], [1.0]) + cost.times(-funds[key[0]].share)
        builder.add_row("funded", key, row.columns, row.values, upper=0.0)
    for fund in situation.funds:
        paid = [column for (name, _), column in columns.items() if name == fund.name]
        if fund.maximum is not None and len(paid) > 1:
            builder.add_row("fund_maximum", (fund.name,), paid, [1.0] * len(paid), upper=fund.maximum)
    return columns


def transfers(situation: Situation, amounts: Mapping[AmountKey, int], nations: Collection[str]) -> Terms:
    """What some nations pay for others less what they receive (million); what they pay each other cancels out."""
    payer = {fund.name: fund.payer for fund in situation.funds}
    signs = {column: (payer[fund] in nations) - (to in nations) for (fund, to), column in amounts.items()}
    kept = {column: float(sign) for column, sign in signs.items() if sign}
    return terms(kept, kept.values())


def total(amounts: Mapping[AmountKey, int]) -> Terms:
    """All that funds pay."""
    return terms(amounts.values(), np.ones(len(amounts)))


def _states_share(situation: Situation, key: Key) -> tuple[str, ...]:
    restricts = any(fund.name == key[0] and fund.share < 1 for fund in situation.funds)
    return (rule_id("funding", str(key[0]), "share"),) if restricts else ()


def _rules(situation: Situation) -> Iterator[Rule]:
    words, there = situation.words, {fund.name for fund in situation.funds}
    for row in situation.tables.rows("funding"):
        if row["fund"] not in there:
            continue
        payer = words.name("nation", row["payer"])
        nation = row["payer"] if row["payer"] in situation.nations else None
        for_whom = words.who(row, "others")
        chosen = " ".join(part for part in (words.units(row), words.where(row), words.when(row)) if part)
        said = condition_clause(words.condition(row["condition"]))
        services = " ".join(part for part in (f"services of {for_whom}", chosen, said) if part)
        if row["share"] < 1:
            text = f"{row['fund']}: {payer} pays at most {row['share']:.10g} of the cost of {services}"
            yield rule_of("funding", row, "share", "fund", sentence(text), nation=nation)
        if row["maximum"] is not None:
            text = f"{row['fund']}: {payer} pays at most {row['maximum']:,.10g} million for {services}"
            yield rule_of("funding", row, "maximum", "fund", sentence(text), nation=nation)


def _add(assembly: Assembly) -> None:
    assembly.amounts = add(assembly.builder, assembly.situation, assembly.units)


FAMILY = Family(
    name="funding",
    tables=("funding", "nations"),
    rules=_rules,
    columns={"amount": Columns("Million that a fund pays to a nation over the horizon: amount[fund, nation].")},
    rows={
        "funded": Rows(
            "A fund pays at most its share of what the selected services of a nation cost: funded[fund, nation].",
            _states_share,
        ),
        "fund_maximum": Rows(
            "A fund pays at most its maximum in all: fund_maximum[fund].", states("funding", "maximum")
        ),
    },
    add=_add,
)
