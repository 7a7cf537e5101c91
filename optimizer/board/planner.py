"""The planner behind the board: a first plan as soon as there is one, better ones after it, and the bound; each plan verified.

It works in a process of its own, so that a page is served while a plan is sought and a crash of the solver is an event.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from optimizer.board.question import News, Order
from optimizer.corridor import start_from
from optimizer.extraction import plan_of
from optimizer.instance.situation import Situation, build_situation
from optimizer.model.assemble import Built, build
from optimizer.model.linear import FloatArray, Objective
from optimizer.plan.plan import Plan
from optimizer.plan.verify import RejectedPlan
from optimizer.solving.highs.lp import Mask
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.first import first_plan
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.neighbourhoods import Neighbourhoods
from optimizer.solving.improve.reports import Better, Proven
from optimizer.solving.improve.submodels import completed, nothing_at_all
from optimizer.solving.levels import LARGE_INTEGERS, solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.relaxing import nudged
from optimizer.solving.solution import AimResult, Event, Incumbent, Solution

FIRST_SECONDS: Final = 1.5
"""A first plan is sought so long in each way that is tried."""
NUDGE_SECONDS: Final = 1.0
"""And a better one near it so long, for each nation that the change concerns: viewers wait for it."""
BETWEEN_SECONDS: Final = 1.5
"""Better plans are told at most so often: each is verified."""

Tell = Callable[[News], None]


def work(order: Order, tell: Tell, stop: Callable[[], bool] = lambda: False) -> None:
    """Answer one order; `tell` gets the news, of which the last is `done` or `none`. It ends soon after `stop` says so."""
    begun = time.monotonic()
    situation = build_situation(order.instance, order.scenario)
    built = build(situation)
    linear = built.linear
    teller = _Teller(order, situation, built, tell, begun)
    if linear.places is None or linear.levels[0].ratio is not None or int(linear.integer.sum()) < LARGE_INTEGERS:
        _solve(teller, stop)
        return
    objective = linear.levels[0].objective
    values, whole = _first(order, built, objective)
    if values is None:
        values = first_plan(linear, linear.places, limits=Limits(order.seconds / 2, stop=stop))
    if values is None:
        tell(
            News(
                order.number,
                "none",
                seconds=time.monotonic() - begun,
                message="No plan was found in time; there may be one.",
            )
        )
        return
    # The plan that the viewer knows already is news only if nothing better is found at once: telling it costs a verification.
    if not whole:
        teller.plan(values)
    better = nudged(linear, values, objective, _around(order, situation, built), NUDGE_SECONDS)
    if better is not None or whole:
        values = values if better is None else better
        teller.plan(values)
    left = order.seconds - (time.monotonic() - begun)
    for event in Improver(linear, linear.places, 0).improve(values, objective, Limits(max(1.0, left), stop=stop)):
        if isinstance(event, Better):
            teller.later(event.values)
        elif isinstance(event, Proven):
            teller.bound(event.bound)
    teller.end()


class _Teller:
    """Tells plans, each once it is verified, and bounds."""

    def __init__(self, order: Order, situation: Situation, built: Built, tell: Tell, begun: float) -> None:
        self.order, self.situation, self.built, self.tell, self.begun = order, situation, built, tell, begun
        self.proven: float | None = None
        self.waiting: FloatArray | None = None
        self.told = -math.inf

    def plan(self, values: FloatArray) -> None:
        """Verify a plan and tell it; one that the verifier rejects is not told."""
        self.waiting = None
        whole = np.where(self.built.linear.integer, np.rint(values), values)
        solution = Solution(whole, "feasible", aims=self._aims(whole))
        options = SolveOptions(time_limit=self.order.seconds)
        try:
            found = plan_of(self.situation, self.built, solution, options, None)
        except RejectedPlan:
            return
        self.told = time.monotonic()
        self.tell(News(self.order.number, "plan", found, self._own(self.proven), self.told - self.begun))

    def later(self, values: FloatArray) -> None:
        """Tell a plan, unless one was told a moment ago: then it waits for the next, or for the end."""
        self.waiting = values
        if time.monotonic() - self.told >= BETWEEN_SECONDS:
            self.plan(values)

    def bound(self, value: float) -> None:
        """Tell a bound of the first level, where that is one aim."""
        self.proven = value if self.proven is None else min(self.proven, value)
        self.tell(News(self.order.number, "bound", None, self._own(self.proven), time.monotonic() - self.begun))

    def end(self) -> None:
        """Tell what waits, and that it is over."""
        if self.waiting is not None:
            self.plan(self.waiting)
        self.tell(News(self.order.number, "done", None, self._own(self.proven), time.monotonic() - self.begun))

    def _aims(self, values: FloatArray) -> tuple[AimResult, ...]:
        return tuple(
            AimResult(term.name, term.priority, term.expression.at(values), None, None)
            for level in self.built.linear.levels
            for term in level.terms
        )

    def _own(self, bound: float | None) -> float | None:
        """A bound in the unit of the only aim of the first level."""
        terms = self.built.linear.levels[0].terms
        if bound is None or len(terms) != 1 or not terms[0].weight:
            return None
        sign = 1.0 if terms[0].maximise else -1.0
        return bound / (sign * terms[0].weight)


def _first(order: Order, built: Built, objective: Objective) -> tuple[FloatArray | None, bool]:
    """A plan from the one at hand, and whether it is that plan as it is; else what of it still stands."""
    if order.start is None:
        return None, False
    linear = built.linear
    hint = start_from(built, order.start)
    found = completed(linear, hint, objective, FIRST_SECONDS)
    if found is not None or linear.places is None:
        return found, found is not None
    upper = np.where(np.isnan(hint), linear.upper, np.fmin(linear.upper, hint))
    less = replace(linear, lower=np.fmin(linear.lower, upper), upper=upper)
    nothing = nothing_at_all(less)
    start = np.where(np.isnan(hint), nothing, np.clip(hint, less.lower, less.upper))
    return first_plan(less, linear.places, start=start, limits=Limits(2 * FIRST_SECONDS)), False


def _around(order: Order, situation: Situation, built: Built) -> Iterator[Mask]:
    """Neighbourhoods of a change: everything that the nations concerned can send, each nation by itself first."""
    linear = built.linear
    if linear.places is None:
        return
    known = Neighbourhoods(linear, linear.places, np.random.default_rng(0))
    of_nation: dict[str, set[int]] = {}
    for (pledge, _), periods in built.units.presence.items():
        nation = situation.pledges[pledge].nation
        if nation in order.nations:
            columns = [column for columns in periods.values() for column in columns]
            of_nation.setdefault(nation, set()).update(int(number) for number in linear.places.nation[columns])
    for numbers in of_nation.values():
        yield known.mask(nations=np.array(sorted(numbers), dtype=np.int64))


def _solve(teller: _Teller, stop: Callable[[], bool]) -> None:
    """A small model is solved in full: all aims, with bounds; the plans on the way are told too."""
    order, linear = teller.order, teller.built.linear
    start = None if order.start is None else start_from(teller.built, order.start)
    options = SolveOptions(time_limit=order.seconds, gap=order.instance.header.gap, improve=False)

    def report(event: Event) -> None:
        if isinstance(event, Incumbent):
            teller.later(event.values)

    solution = solve_levels(linear, options, start, report, stop=stop)
    seconds = time.monotonic() - teller.begun
    if not solution.has_plan:
        proven = solution.termination == "infeasible"
        message = "No plan keeps all rules." if proven else "No plan was found in time; there may be one."
        teller.tell(News(order.number, "none", seconds=seconds, message=message))
        return
    plan = plan_of(teller.situation, teller.built, solution, options, None)
    teller.tell(News(order.number, "plan", plan, bound_of(plan), seconds))
    teller.tell(News(order.number, "done", None, bound_of(plan), time.monotonic() - teller.begun))


def bound_of(plan: Plan) -> float | None:
    """The bound of the first aim, where one is known."""
    bounds = plan.aims["bound"].tolist()
    return None if not bounds or bounds[0] is None or math.isnan(bounds[0]) else float(bounds[0])
