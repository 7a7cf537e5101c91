"""The planner's words for what stands in a plan."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from optimizer.plan.proof import LEFT_OPEN
from optimizer.plan.summary import FULL_AT, at_most, open_gap
from optimizer.reporting.text import as_number, figure, not_quite

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan

TERMINATION: Final[dict[tuple[str, bool], str]] = {
    ("optimal", True): "Best plan found and proven: no plan that keeps the rules is better by more than the gap shown.",
    (
        "feasible",
        True,
    ): "A valid plan, but not proven best: a limit stopped the search. The gap says how much better a plan could be at most.",
    (
        "infeasible",
        False,
    ): "There is no plan: the rules contradict each other. At least one requirement, limit or caveat has to give way.",
    (
        "none_found",
        False,
    ): "No plan was found before a limit stopped the search. That does not mean that there is none: allow more time.",
    ("interrupted", True): "Interrupted; this is the best plan found until then. It keeps all rules.",
    ("interrupted", False): "Interrupted before any plan was found.",
    ("crashed", True): "The solver broke down; this is the best plan it had found. It keeps all rules.",
    ("crashed", False): "The solver broke down before it found any plan.",
}


def termination_in_words(termination: str, has_plan: bool) -> str:
    """One sentence for how the search ended."""
    known = TERMINATION.get((termination, has_plan))
    return known or f"The search ended as {termination!r} {'with' if has_plan else 'without'} a plan."


NEAR: Final = 0.01
"""A plan proven to be within this of the best possible is no reason for alarm, also where a limit stopped the search."""


def verdict_in_words(plan: Plan) -> str:
    """How the search ended, in one sentence, with how far the plan may be from the best where that is known."""
    found = open_gap(plan) if plan.has_plan else None
    if found is None or math.isnan(found[1]):
        return termination_in_words(str(plan.termination), bool(plan.has_plan))
    near = f"within {at_most(found[1])} of the best possible ({aim_title(found[0])})"
    if plan.termination == "optimal":
        return f"A valid plan, proven to be {near}: as near as was asked for."
    if plan.termination == "feasible":
        return f"A valid plan, proven to be {near}; a limit stopped the search before it came nearer."
    return f"{termination_in_words(str(plan.termination), True)} It is {near}."


def is_calm(plan: Plan) -> bool:
    """Whether the plan is as good as was asked for, or so near to the best that nothing is amiss."""
    found = open_gap(plan) if plan.has_plan else None
    return plan.termination == "optimal" or (plan.termination == "feasible" and found is not None and found[1] <= NEAR)


AIMS: Final[dict[str, tuple[str, str, str]]] = {
    "coverage": ("Coverage", "%", "higher is better"),
    "weakest_mission": ("Weakest mission, score from 0 to 1", "", "higher is better"),
    "cost": ("Cost", "million", "lower is better"),
    "personnel": ("Personnel deployed, summed over periods", "", "lower is better"),
    "escalation": ("Escalation", "points", "lower is better"),
    "burden_gap": ("Burden gap: largest share of the burden ÷ fair share", "", "lower is better"),
    "changes": ("Changes against the baseline plan", "units × periods", "lower is better"),
    "nations": ("Contributing nations", "", "lower is better"),
    "turnover": ("Turnover: arrivals of nations at posts", "", "lower is better"),
}
"""Name, unit and direction of every aim."""

HEADINGS: Final[dict[str, str]] = {
    "unit_type": "Unit type",
    "max_personnel": "Personnel cap",
    "fair_share": "Fair share",
}


def heading(column: str) -> str:
    """A column's name as a heading."""
    return HEADINGS.get(column) or column.replace("_", " ").capitalize()


GLOSSARY: Final[tuple[tuple[str, str], ...]] = (
    (
        "aim",
        "What the plan is made for: coverage, cost, fairness … Aims are met in order of priority; a later one spoils no earlier one.",
    ),
    ("area", "Territory, sea area or airspace where a mission is carried out; it belongs to a host."),
    ("bound", "What no plan can beat: proven by the solver."),
    ("capability", "What a requirement asks for, in its own unit of measure."),
    ("caveat", "A nation's restriction: a prohibition, a limit, or “only if …”."),
    ("condition", "A political fact outside the planner's control, for example that a ceasefire holds."),
    ("coverage", "Weighted mean of the mission scores, in percent."),
    ("enabler", "Support that deployed personnel need: medical, logistics, headquarters …"),
    ("fair share", "A nation's part by an agreed key, for example national income."),
    (
        "fund",
        "Somebody, a nation or a payer outside the coalition, who takes over a part of what others' services cost.",
    ),
    ("gap (of a requirement)", "The part of a requirement that stays open."),
    (
        "gap (of an aim)",
        "How far the plan is at most from the best one: difference of value and bound, relative to the value.",
    ),
    ("instrument", "An option without deployment, at a political and financial cost."),
    ("lead", "The nation that leads a post as framework nation."),
    ("limit", "A cap or a floor on personnel, cost, escalation … over a selection."),
    (
        "mission score",
        "Mean of what is fulfilled of the mission's requirement lines, or the weakest of them, over its periods.",
    ),
    ("mounted", "A post that is manned at least up to every threshold. A post that is not mounted is left empty."),
    ("period", "One of the equal time steps of the plan."),
    ("pledge", "What a nation offers: so many units of one type, and when."),
    ("post", "One mission in one area."),
    (
        "requirement (line)",
        "What one post needs of one capability: a threshold below which the post cannot be mounted, and a target.",
    ),
    ("rotation", "A tour is followed by a rest (dwell); so several units are needed to keep one deployed."),
    ("scenario", "What every condition is in each period."),
)


def aim_figure(name: str, value: object) -> float | None:
    """The value or bound of an aim for reading: never shown as full while something is open."""
    full = FULL_AT.get(name)
    return as_number(value) if full is None else not_quite(value, full)


def aim_title(name: str) -> str:
    """The aim's name in a sentence."""
    return re.split("[:,(]", AIMS.get(name, (heading(name), "", ""))[0])[0].strip().lower()


def aim_label(name: str) -> str:
    """The aim's name with its direction, in words."""
    title, unit, direction = AIMS.get(name, (heading(name), "", ""))
    inside = ", ".join(part for part in (unit, direction) if part)
    return f"{title} ({inside})" if inside else title


def reach_in_words(at_least: float | None, at_most: float | None) -> str:
    """What a loss is at least and at most: `8 to 15`, `at least 8`, or that it may be none; blank where nothing is known."""
    low, high = max(0.0, at_least or 0.0), at_most
    if at_least is None and high is None:
        return ""
    if low <= 0.0:
        if high is None:
            return LEFT_OPEN
        return figure(0.0) if figure(high) == figure(0.0) else f"at most {figure(high)}, {LEFT_OPEN}"
    if high is None:
        return f"at least {figure(low)}"
    return figure(low) if figure(low) == figure(high) else f"{figure(low)} to {figure(high)}"
