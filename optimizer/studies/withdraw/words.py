"""What the study says in sentences: no more than was established."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.studies.withdraw.ask import Withdrawals

NUMBERS = ("", "nation", "two nations", "three nations", "four nations", "five nations")


def sentences(found: Withdrawals) -> tuple[str, ...]:
    """What was found about the worst, and about plans that keep most."""
    return tuple((*_of_worst(found), *_of_plans(found)))


def _of_worst(found: Withdrawals) -> Iterator[str]:
    size = NUMBERS[found.size] if found.size < len(NUMBERS) else f"{found.size} nations"
    name, first = found.aim.replace("_", " "), found.rows[0] if found.rows else None
    if found.hopeless:
        none = " and ".join(first.out) if first is not None and first.termination == "infeasible" else "some"
        yield f"Without {none} no plan keeps the rules: nothing is worse."
        return
    least, most = found.worst
    if least is None or most is None:
        bound = "" if most is None else f"; it leaves no more than {most:,.4g}"
        yield f"For some sets no plan is known, so what the worst {size} leave is not known from below{bound}."
    elif found.is_exact:
        names = "" if first is None else f" ({' and '.join(first.out)})"
        yield f"The worst {size}{names} leave {least:,.4g} of {name}; no set of that size, or smaller, leaves less."
    else:
        low, high = sorted((least, most))
        yield f"The worst {size} leave at least {low:,.4g} and at most {high:,.4g} of {name}."


def _of_plans(found: Withdrawals) -> Iterator[str]:
    old, best = found.firm.to_dict("records")
    name = found.aim.replace("_", " ")
    yield f"Whichever nation leaves, the plan as it is keeps {old['keeps_at_least']:,.4g} of {name} with nothing planned anew ({old['nation']} is the worst)."
    if best["keeps_at_least"] != old["keeps_at_least"]:
        yield f"Another plan, of {best['value']:,.4g}, keeps {best['keeps_at_least']:,.4g} ({best['nation']} is the worst)."
    if best["bound"] == best["bound"]:
        yield f"No plan keeps more than {best['bound']:,.4g}."
    else:
        yield "How much another plan could keep is not known: no bound was looked for."
