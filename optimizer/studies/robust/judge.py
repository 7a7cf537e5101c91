"""Whether a claim holds in a draw: only what follows from values and bounds is said, all else is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optimizer.instance.header_attributes import AIMS, MAXIMISED_AIMS
from optimizer.instance.instance import Aim
from optimizer.studies.intervals import UNKNOWN, Interval, both, point, speaks_of_best
from optimizer.studies.robust.expression import Claimed, Figure, Junction, Number, Outcome
from optimizer.studies.robust.logic import either, largest, least, opposite, reaching

_PROVEN: Final = 1e-6
"""A relative gap of no more is none."""
Outcomes = Mapping[str, Any]
Reading = Callable[[str, str], Interval]
"""What is known of an outcome, by case and name."""
Ranked = Mapping[str, Sequence[Aim]]
"""The aims of each case; of a case that is not there, every aim counts as the first."""


@dataclass(frozen=True)
class Answer:
    """What is known of a claim in one draw. `holds`: True, False, or None where it does not follow either way.

    `in_plans`: whether the plans that were found satisfy it; None where one of its cases has no plan.
    """

    holds: bool | None
    in_plans: bool | None


def judged(claim: Claimed, cases: Mapping[str, Outcomes], named: frozenset[str], aims: Ranked | None = None) -> Answer:
    """Whether a claim holds in the outcomes of the cases that it names.

    A sentence about the best plan of a case that has none is not true; so none is certain while a case may have none.
    """
    outcomes = [cases[name] for name in named]
    ranked, found = aims or {}, None
    planned = all(outcome["has_plan"] for outcome in outcomes)
    if planned:
        found = _holds(claim, lambda case, name: _of_plan(cases[case], name))
    if any(outcome["termination"] == "infeasible" for outcome in outcomes):
        return Answer(False, found)
    holds = _holds(claim, lambda case, name: _of_case(cases[case], name, ranked.get(case)))
    return Answer(holds if planned or not holds else None, found)


def _of_plan(outcome: Outcomes, name: str) -> Interval:
    """An outcome of the plan that was found."""
    value = outcome.get(name)
    return UNKNOWN if value is None else point(float(value))


def _of_case(outcome: Outcomes, name: str, aims: Sequence[Aim] | None) -> Interval:
    """What is known of an outcome of the best plan of a case.

    The best value of an aim lies between the plan's and the bound, of a later aim where those before it are proven. Other outcomes have no
    bound: they are known of a plan that is proven best in every aim.
    """
    if name in AIMS and (aims is None or speaks_of_best(outcome, name, aims)):
        return reaching(outcome.get(name), outcome.get(f"{name}_bound"), maximised=name in MAXIMISED_AIMS)
    return _of_plan(outcome, name) if is_proven(outcome) else UNKNOWN


def is_proven(outcome: Outcomes) -> bool:
    """Whether a plan is proven best in every aim."""
    gaps = [outcome[f"{aim}_gap"] for aim in AIMS if f"{aim}_gap" in outcome]
    proven = all(gap is not None and gap <= _PROVEN for gap in gaps)
    return bool(outcome["has_plan"]) and outcome["termination"] == "optimal" and proven


def _holds(claim: Claimed, read: Reading) -> bool | None:
    if isinstance(claim, Junction):
        parts = [_holds(part, read) for part in claim.parts]
        return opposite(parts[0]) if claim.word == "not" else both(parts) if claim.word == "and" else either(parts)
    spans = [_span(figure, read) for figure in claim.figures]
    return both(_COMPARED[sign](spans[k], spans[k + 1]) for k, sign in enumerate(claim.signs))


_COMPARED: Final[Mapping[str, Callable[[Interval, Interval], bool | None]]] = {
    "<=": lambda one, other: one.is_at_most(other),
    ">=": lambda one, other: other.is_at_most(one),
    "<": lambda one, other: opposite(other.is_at_most(one)),
    ">": lambda one, other: opposite(one.is_at_most(other)),
    "==": lambda one, other: one.equals(other),
    "!=": lambda one, other: opposite(one.equals(other)),
}


def _span(figure: Figure, read: Reading) -> Interval:
    if isinstance(figure, Number):
        return point(figure.value)
    if isinstance(figure, Outcome):
        return read(figure.case, figure.name)
    parts = [_span(part, read) for part in figure.parts]
    return _COMPUTED[figure.sign](parts)


def _minus(parts: list[Interval]) -> Interval:
    return -parts[0] if len(parts) == 1 else parts[0] - parts[1]


_COMPUTED: Final[Mapping[str, Callable[[list[Interval]], Interval]]] = {
    "+": lambda parts: parts[0] + parts[1],
    "-": _minus,
    "*": lambda parts: parts[0] * parts[1],
    "/": lambda parts: parts[0] / parts[1],
    "min": least,
    "max": largest,
    "abs": lambda parts: abs(parts[0]),
}
