"""A plan as what it decides, and what becomes of it in another variant: by the verifier's arithmetic, without a search."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from optimizer.instance.instance import Aim, Instance
from optimizer.plan.aims import aim_values
from optimizer.plan.case import read_case
from optimizer.plan.evaluate import Evaluation, evaluate
from optimizer.plan.flows import cheapest_flows
from optimizer.plan.funding import least_amounts
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.plan import Ending, Plan, plan_from_solution
from optimizer.plan.rules.movement import move
from optimizer.studies.order import Standing, best_of, standing

FORMAT: Final = 1
SERVICES: Final = ("pledge", "requirement", "period", "units")
LEADS: Final = ("nation", "mission", "area", "lead_terms")
FLOWS: Final = ("origin", "destination", "mode", "destination_area", "period", "tonnes")
FUNDING: Final = ("fund", "nation", "amount")
_PARTS: Final[Mapping[str, tuple[type, ...]]] = {
    "assignments": (str, str, int, int),
    "leads": (str, str, str, str),
    "instruments": (str,),
    "flows": (str, str, str, str, int, float),
    "funding": (str, str, float),
}
"""What a plan decides, and what the cells of a row of each part are."""
_DIGITS: Final = 12
MOST_COUNT: Final = 2**31 - 1
"""Largest period, and number of units, of a kept plan."""
LEAST_SECONDS: Final = 0.2
"""Plans are tried for no less, so that a few count however short the time is."""

Cells = tuple[Any, ...]


@dataclass(frozen=True)
class PooledPlan:
    """What a plan decides, in one form: rows sorted, amounts in twelve digits.

    `assignments`: pledge, requirement, period, units. `leads`: nation, mission, area, terms (blank: the whole mission; else as `1;3`).
    `instruments`: names of those used. `flows`: origin, destination, mode, destination_area, period, tonnes. `funding`: fund, nation, amount.
    """

    assignments: tuple[Cells, ...]
    leads: tuple[Cells, ...] = ()
    instruments: tuple[Cells, ...] = ()
    flows: tuple[Cells, ...] = ()
    funding: tuple[Cells, ...] = ()

    @staticmethod
    def of(plan: Plan) -> PooledPlan:
        """What a plan decides.

        Raises:
            ValueError: the search ended without a plan.
        """
        if not plan.has_plan:
            raise ValueError("There is no plan to keep: the search ended without one.")
        leads = plan.participation[plan.participation["leads"].astype(bool)]
        used = plan.instruments[plan.instruments["used"].astype(bool)]
        return PooledPlan(
            _rows(plan.assignments, SERVICES),
            _rows(leads, LEADS),
            _rows(used, ("instrument",)),
            _rows(plan.flows, FLOWS),
            _rows(plan.funding, FUNDING),
        )

    @cached_property
    def content(self) -> bytes:
        """The canonical content: the same decisions have the same bytes."""
        parts = {name: getattr(self, name) for name in _PARTS}
        return json.dumps({"format": FORMAT, **parts}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    @cached_property
    def key(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def packed(self) -> str:
        """The content as one short text."""
        return base64.b85encode(zlib.compress(self.content, 9)).decode()

    @property
    def units(self) -> dict[tuple[str, str, int], int]:
        """Units per (pledge, requirement, period)."""
        return {(pledge, line, period): units for pledge, line, period, units in self.assignments}

    @property
    def instruments_used(self) -> frozenset[str]:
        """The instruments that are used."""
        return frozenset(name for (name,) in self.instruments)

    def is_within(self, other: PooledPlan) -> bool:
        """Whether nothing is sent, and no instrument used, beyond another plan."""
        most = other.units
        return self.instruments_used <= other.instruments_used and all(
            count <= most.get(service, 0) for service, count in self.units.items()
        )

    @cached_property
    def decisions(self) -> Decisions:
        """The plan as the verifier reads it, with its own flows and funding."""
        leads = pd.DataFrame(self.leads, columns=list(LEADS)).assign(leads=True)
        return Decisions(
            pd.DataFrame(self.assignments, columns=list(SERVICES)),
            leads,
            pd.DataFrame(self.instruments, columns=["instrument"]).assign(used=True),
            pd.DataFrame(self.flows, columns=list(FLOWS)),
            funding=pd.DataFrame(self.funding, columns=list(FUNDING)),
        )


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Cells, ...]:
    cells = zip(*(frame[name].tolist() for name in columns), strict=True)
    return tuple(sorted(tuple(map(_cell, row)) for row in cells))


def _cell(value: Any) -> str | int | float:
    if isinstance(value, float):
        return "" if math.isnan(value) else float(f"{value:.{_DIGITS}g}")
    return "" if value is None or value is pd.NA else int(value) if isinstance(value, int) else str(value)


def unpacked(text: str) -> PooledPlan:
    """The plan of a `packed` text."""
    return parsed(zlib.decompress(base64.b85decode(text)).decode())


def parsed(text: str) -> PooledPlan:
    """The plan of a canonical content.

    Raises:
        ValueError: it is something else.
    """
    try:
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.keys() != {"format", *_PARTS}:
        raise ValueError("it is not in the form of a kept plan")
    parts = {}
    for name, kinds in _PARTS.items():
        rows = found[name]
        if not isinstance(rows, list) or not all(_fits(row, kinds) for row in rows):
            raise ValueError(f"its {name} are not in the form of a kept plan")
        parts[name] = tuple(sorted(tuple(row) for row in rows))
    plan = PooledPlan(**parts)
    if plan.content.decode() != text:
        raise ValueError("it is not written as a kept plan is")
    return plan


def _fits(row: object, kinds: tuple[type, ...]) -> bool:
    return (
        isinstance(row, list)
        and len(row) == len(kinds)
        and all(type(cell) is kind for cell, kind in zip(row, kinds, strict=True))
        and all(abs(cell) <= MOST_COUNT for cell in row if type(cell) is int)
    )


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


@dataclass(frozen=True, eq=False)
class Tried:
    """A plan that keeps the rules of an instance in a scenario, as the verifier finds it there.

    `evaluation`: its aims and tables there. `decisions`: with the flows and the funding that it has there.
    """

    instance: Instance = field(repr=False)
    scenario: str | None
    pooled: PooledPlan = field(repr=False)
    decisions: Decisions = field(repr=False)
    evaluation: Evaluation = field(repr=False)
    baseline: pd.DataFrame | None = field(default=None, repr=False)

    @cached_property
    def standing(self) -> Standing:
        """Its scores, priority by priority."""
        return standing(self.evaluation.aims)

    def plan(self, ending: Ending | None = None) -> Plan:
        """The verified plan; `ending`: how its search ended (None: nothing is proven).

        Raises:
            RejectedPlan: what the ending says cannot be.
        """
        ending = Ending("feasible") if ending is None else ending
        return plan_from_solution(self.instance, self.scenario, ending, self.decisions, baseline=self.baseline)


class Trial:
    """Plans tried in one variant: an instance in a scenario, with its aims.

    Args:
        instance: The instance.
        scenario: Name of the scenario; None takes the conditions' defaults.
        aims: Replace the aims of the instance.
        baseline: Assignments that the aim `changes` compares with.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
    """

    def __init__(
        self,
        instance: Instance,
        scenario: str | None = None,
        aims: Sequence[Aim] | None = None,
        baseline: pd.DataFrame | None = None,
    ) -> None:
        if aims is not None:
            instance = replace(instance, header=replace(instance.header, aims=tuple(aims)))
        self.instance, self.scenario, self.baseline = instance, scenario, baseline
        self._case = read_case(instance, scenario)
        self._routes, self._funded = bool(instance.rows("routes")), bool(instance.rows("funding"))
        self._known: dict[str, Tried | None] = {}

    def tried(self, pooled: PooledPlan) -> Tried | None:
        """A plan, by the verifier's arithmetic alone; None where it does not keep the rules here.

        Its units, leads and instruments stay. Flows are its own or the cheapest, whichever are better; funds pay the least that is no less fair.
        """
        if pooled.key not in self._known:
            self._known[pooled.key] = self._tried(pooled)
        return self._known[pooled.key]

    @property
    def kept(self) -> list[Tried]:
        """Those of the plans tried so far that keep the rules."""
        return [found for found in self._known.values() if found is not None]

    def best(self, plans: Iterable[PooledPlan], seconds: float | None = None) -> Tried | None:
        """The best of some plans; of equal ones the first. None where none keeps the rules.

        `seconds`: how long that may take, of which half at most is for what plans are worth; then the best of those that were tried counts. None: all
        are looked at.
        """
        begun, most = time.monotonic(), math.inf if seconds is None else max(LEAST_SECONDS, seconds)

        def is_late(part: float) -> bool:
            return time.monotonic() - begun > part * most

        worth = [(plan, self.worth(plan)) for plan in itertools.takewhile(lambda _: not is_late(0.5), plans)]
        left = [(plan, score) for plan, score in worth if score is not None]
        scores = [score for _, score in left]

        def holds(index: int) -> bool:
            plan = left[index][0]
            return (plan.key in self._known or not is_late(1.0)) and self.tried(plan) is not None

        while True:
            best = best_of(scores, holds)
            before = list(scores)
            for index, (plan, _) in enumerate(left):
                found = self._known.get(plan.key)
                scores[index] = scores[index] if found is None else found.standing
            # Flows may cost more than was counted before they were found.
            if scores == before:
                return None if best is None else self.tried(left[best][0])

    def ranked(self, plans: Iterable[PooledPlan]) -> list[PooledPlan]:
        """Plans by what they are worth before the rules are asked, the best first; without those whose rows name what is not here."""
        worth = [(plan, score) for plan in plans if (score := self.worth(plan)) is not None]
        ranked = sorted(worth, key=lambda one: tuple(-level.value for level in one[1]))
        return [plan for plan, _ in ranked]

    def worth(self, pooled: PooledPlan) -> Standing | None:
        """What a plan is worth at most, before the rules are asked; None where its rows name what is not here."""
        fair = any(aim.name == "burden_gap" for aim in self._case.aims)
        if fair and (self._routes or self._funded):
            found = self.tried(pooled)
            return None if found is None else found.standing
        facts = gather(self._case, replace(pooled.decisions, flows=None, funding=None), self.baseline)
        return None if facts.row_violations else standing(aim_values(facts, move(facts), self._case.aims))

    def _tried(self, pooled: PooledPlan) -> Tried | None:
        instance, scenario, found = self.instance, self.scenario, []
        for decisions in self._with_flows(pooled.decisions):
            paid = decisions
            if self._funded:
                paid = replace(decisions, funding=least_amounts(instance, scenario, decisions))
            evaluation = evaluate(instance, scenario, paid, self.baseline)
            if evaluation.holds:
                found.append(Tried(instance, scenario, pooled, paid, evaluation, self.baseline))
        best = best_of([one.standing for one in found])
        return None if best is None else found[best]

    def _with_flows(self, decisions: Decisions) -> list[Decisions]:
        """The decisions with each of the flows that are worth trying."""
        if not self._routes:
            return [replace(decisions, flows=None)]
        flows = cheapest_flows(self.instance, self.scenario, decisions.assignments, decisions.instruments)
        # Where the whole cost has a floor, the dearer flows of the plan itself may be what keeps it.
        stated = isinstance(decisions.flows, pd.DataFrame) and len(decisions.flows) > 0
        return [replace(decisions, flows=flows), *([decisions] if stated else [])]
