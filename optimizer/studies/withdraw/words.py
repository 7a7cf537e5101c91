"""What the study says in sentences: no more than was established."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.instance.header_attributes import MAXIMISED_AIMS

if TYPE_CHECKING:
    from optimizer.studies.withdraw.ask import Withdrawals

NUMBERS = ("", "nation", "two nations", "three nations", "four nations", "five nations")


def sentences(found: Withdrawals) -> tuple[str, ...]:
    """What was found about the worst, and about plans that keep most."""
    return (*_of_worst(found), *_of_plans(found))


def _of_worst(found: Withdrawals) -> Iterator[str]:
    size = NUMBERS[found.size] if found.size < len(NUMBERS) else f"{found.size} nations"
    name = found.aim.replace("_", " ")
    none = [row for row in found.rows if row.termination == "infeasible"]
    others = [row for row in found.rows if row.termination != "infeasible"]
    if found.hopeless:
        named = f", such as {' and '.join(min(none, key=lambda row: (len(row.out), row.out)).out)}" if none else ""
        sets = "one set is" if found.hopeless == 1 else f"{found.hopeless:,} sets are"
        yield f"Nothing is worse than to have no plan: {sets} proven to leave none that keeps the rules{named}."
    least, most = found.worst
    # A score that is reached at least is a value that is reached at most where less is better.
    turned = " + " not in name and found.aim not in MAXIMISED_AIMS
    above, below, less = ("at most", "at least", "more") if turned else ("at least", "at most", "less")
    leave = "leaves" if found.size == 1 else "leave"
    among = "Of the other sets, the" if found.hopeless else "The"
    if least is None and most is None and found.complete:
        return
    if least is None:
        be = "is" if found.size == 1 else "are"
        bound = "" if most is None else f"; the worst leaves {below} {most:,.4g} of {name}"
        yield f"{among} worst {size} {be} not known yet, for of some sets no plan was found in time{bound}."
    elif most is None:
        yield f"{among} worst {size} {leave} {above} {least:,.4g} of {name}; nothing is proven on the other side."
    elif found.is_exact:
        names = f" ({' and '.join(others[0].out)})" if others else ""
        yield f"{among} worst {size}{names} {leave} {least:,.4g} of {name}; no set of that size, or smaller, leaves {less}."
    else:
        low, high = sorted((least, most))
        yield f"{among} worst {size} {leave} at least {low:,.4g} and at most {high:,.4g} of {name}."


def _of_plans(found: Withdrawals) -> Iterator[str]:
    old, best = found.firm.to_dict("records")
    name = found.aim.replace("_", " ")
    yield f"Whichever nation leaves, the plan as it is keeps {old['keeps_at_least']:,.4g} of {name} with nothing planned anew ({old['nation']} is the worst)."
    if best["keeps_at_least"] != old["keeps_at_least"]:
        yield f"Another plan, of {best['value']:,.4g}, keeps {best['keeps_at_least']:,.4g} ({best['nation']} is the worst)."
    yield "How much another plan could keep is not known: no bound was looked for."
