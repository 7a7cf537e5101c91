"""How sure this is: the check, the bound, and what the scenario takes for granted."""

from __future__ import annotations

import math

from optimizer.plan.summary import PROVEN, at_most
from optimizer.reporting.answer.told import Sentence, Told
from optimizer.reporting.text import as_number, as_text, figure, joined, outward
from optimizer.reporting.words import aim_figure, aim_title

MOST_CONDITIONS = 4


def say(told: Told) -> Sentence | None:
    """Whether the plan keeps every rule, how far the first aim may be from the best, and on which conditions it stands."""
    aim = told.aim()
    if aim is None:
        return None
    kept = "breaks rules, see above" if told.reader.broken else "keeps every rule (checked independently of the solver)"
    gap, value, bound = (as_number(aim.get(column)) for column in ("gap", "value", "bound"))
    name = str(aim["name"])
    assumed = _assumed(told)
    facts = {"gap": gap, "value": value, "bound": bound, "kept": not told.reader.broken, "assumed": assumed}
    if gap is None or bound is None or math.isnan(gap):
        sure = f"how near its {aim_title(name)} is to the best possible has not been proven"
    elif gap <= PROVEN:
        sure = f"it is proven that no plan has a better {aim_title(name)}"
    else:
        sure = (
            f"its {aim_title(name)} of {figure(aim_figure(name, value))} is within {at_most(gap)} of the best possible: "
            f"no plan reaches more than {figure(outward(bound, upper=True))}"
            if value is not None and bound >= value
            else f"its {aim_title(name)} is within {at_most(gap)} of the best possible: no plan goes below {figure(outward(bound, upper=False))}"
        )
    stands = f" It takes for granted: {joined(assumed, MOST_CONDITIONS)}." if assumed else ""
    return Sentence("certainty", "How sure", f"The plan {kept}; {sure}.{stands}", facts)


def _assumed(told: Told) -> list[str]:
    """The conditions that hold in the plan's scenario, in words; those that hold only in some periods say so."""
    names = {row["condition"]: as_text(row.get("name")) for row in told.reader.rows("conditions")}
    held = {condition: holds for condition, holds in told.reader.conditions.items() if holds is not False}
    return [
        (names.get(condition) or as_text(condition)) + (f" ({holds})" if isinstance(holds, str) else "")
        for condition, holds in held.items()
    ]
