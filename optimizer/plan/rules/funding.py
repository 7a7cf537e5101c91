"""Family 13: what funds pay, against what the services cost that they may pay for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from optimizer.plan.case import Case, is_above
from optimizer.plan.facts import Facts
from optimizer.plan.fund import Fund
from optimizer.plan.rules.register import cell_of
from optimizer.plan.services import Selection
from optimizer.plan.violation import Violation


def check(facts: Facts) -> Iterator[Violation]:
    """No fund pays a nation less than nothing, more than its share of the cost, or more than its maximum in all."""
    for name, fund in facts.case.funds.items():
        paid = {nation: amount for (payer, nation), amount in facts.amounts.items() if payer == name}
        for nation, amount in paid.items():
            if amount < 0:
                message = f"{name} pays {amount:g} million to {nation}: an amount is not negative."
                yield Violation("fund_amount", name, nation, None, amount, 0.0, message)
                continue
            most = fund.share * selected_cost(facts, fund, nation)
            if is_above(amount, most):
                message = f"{name} pays {amount:g} million to {nation}, but it may take over {most:g} million of what its services cost."
                source = cell_of("funding", name, "share") if fund.share < 1 else ""
                yield Violation("fund_share", name, nation, None, amount, most, message, source)
        total = math.fsum(paid.values())
        if fund.maximum is not None and is_above(total, fund.maximum):
            message = f"{name} pays {total:g} million in all, but at most {fund.maximum:g}."
            source = cell_of("funding", name, "maximum")
            yield Violation("fund_maximum", name, fund.payer, None, total, fund.maximum, message, source)


def selected_cost(facts: Facts, fund: Fund, nation: str) -> float:
    """What a nation's services cost that a fund selects, while it is open: presence, and moves that start then. Never the payer's own."""
    if nation == fund.payer:
        return 0.0
    services = facts.services
    mine = services.mask(Selection.of(fund.row)) & (services.nation == list(facts.case.nations).index(nation))
    open_ = [period - 1 for period in facts.case.in_force(fund.row)]
    return float(facts.measure("cost")[mine][:, open_].sum())


def concerns(case: Case, nation: str) -> bool:
    """Whether a nation pays by some fund that is ever open, or may be paid by one."""
    opened = [fund for fund in case.funds.values() if case.in_force(fund.row)]
    return any(fund.payer == nation or Selection.of(fund.row).takes_nation(case, nation) for fund in opened)
