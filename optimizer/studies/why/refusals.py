"""What happens when a capital that would be asked refuses, and when it leaves."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optimizer.instance.attributes import TABLES
from optimizer.instance.conceding import Edit, with_edits
from optimizer.instance.files import as_instance
from optimizer.instance.instance import Instance
from optimizer.instance.rule import key_of
from optimizer.interrupts import listening
from optimizer.plan.plan import Plan
from optimizer.solving.options import SolveOptions
from optimizer.studies.answer import committed
from optimizer.studies.pooled import PooledPlan
from optimizer.studies.why.asks import Ask, Figure
from optimizer.studies.why.curve import Search
from optimizer.studies.why.judge import GAP, SAME, Judge, Stopped, Verdict
from optimizer.studies.why.large import LargeSearch

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve


def if_refused(
    instance: Instance | str | Path,
    scenario: str | None,
    asks: Sequence[Ask],
    curve: Curve,
    *,
    start: Plan | None = None,
    time_limit: float | None = None,
    seed: int = 0,
) -> tuple[Ask, ...]:
    """The ask list, with what happens when each capital refuses, and when it leaves.

    Args:
        instance: that of the curve, or its path.
        scenario: that of the curve.
        asks: the list, from the same curve.
        curve: of the first aim, over all nations.
        start: the plan at hand; None: the one of the curve as it is.
        time_limit: wall-clock seconds; what is not reached by then is not known, and says so.
        seed: of the solver.

    Returns:
        The same entries. `refused`: the best set of the same weight without what this capital would be asked; `left_as_it_stands`: what the plan at hand
        is worth without its pledges, when nobody else sends more; `left`: what a new plan without its pledges is worth. The latter two for nations only.

    Raises:
        UnknownScenario: the instance has no scenario of that name.
        NothingToCompare: the first aim compares with another plan.
    """
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    with listening():
        given = as_instance(instance, impossible=True)
        plan = start if start is not None and start.has_plan else curve.points[0].plan if curve.points else None
        found = []
        for place, ask in enumerate(asks):
            seconds = (deadline - time.monotonic()) / (len(asks) - place)
            until = time.monotonic() + seconds
            judge = Judge(given, scenario, seconds=None if math.isinf(seconds) else seconds / 2, seed=seed)
            judge.leave_out(ask.asked)
            refused = _refused(judge, ask, curve, plan)
            judge.deadline = until
            is_nation = any(row["nation"] == ask.asked for row in given.rows("nations"))
            as_it_stands, left = _left(judge, ask.asked, plan) if is_nation else (None, None)
            found.append(replace(ask, refused=refused, left_as_it_stands=as_it_stands, left=left).told(curve.aim))
        return tuple(found)


def _refused(judge: Judge, ask: Ask, curve: Curve, plan: Plan | None) -> Figure | None:
    """The best set of the same weight without this capital; what the curve knows of it counts too."""
    if ask.weight is None:
        return None
    known = [
        _score(judge, point.value)
        for point in curve.points
        if point.value is not None
        and point.weight <= ask.weight
        and not any(made["asked"] == ask.asked for made in point.concessions)
    ]
    score = max(known, default=-math.inf)
    bound = math.inf if ask.bound is None else _score(judge, ask.bound)
    try:
        search = LargeSearch(judge) if judge.is_large else Search(judge)
        if plan is not None:
            search.know(plan)
        point = search.run(ask.weight)[-1]
    except (Stopped, KeyboardInterrupt):
        pass
    else:
        score = max(score, -math.inf if point.score is None else point.score)
        bound = min(bound, point.bound)
    bound = max(bound, score)
    return None if score == -math.inf and bound == math.inf else _figure(judge, score, bound)


def _left(judge: Judge, nation: str, plan: Plan | None) -> tuple[Figure | None, Figure | None]:
    """What is left without a nation's pledges: of the plan at hand, when nobody else sends more; and of a new plan."""
    as_it_stands = None if plan is None else UNKNOWN
    try:
        instance = without_pledges(judge.instance, nation)
        if plan is not None:
            sent = PooledPlan.of(plan)
            options = _options(judge, judge.left() / 2)
            verdict = judge.solve(instance, options, sent.units, change=lambda built: committed(built, sent.packed))
            as_it_stands = _figure_of(judge, verdict)
        units = None if plan is None else PooledPlan.of(plan).units
        return as_it_stands, _figure_of(judge, judge.solve(instance, _options(judge, judge.left()), units, head=True))
    except (Stopped, KeyboardInterrupt):
        return as_it_stands, UNKNOWN


def without_pledges(instance: Instance, nation: str) -> Instance:
    """The instance of one scenario in which a nation pledges nothing; rows about its pledges go too.

    Raises:
        InvalidInstance: it cannot be read without them.
    """
    mine = {row["pledge"] for row in instance.rows("pledges") if row["nation"] == nation}
    edits = [
        Edit(name, key_of(name, row), None)
        for name, table in TABLES.items()
        if "pledge" in table.by_name and name in instance.tables
        for row in instance.rows(name)
        if row["pledge"] in mine
    ]
    return with_edits(instance, edits)


def _options(judge: Judge, seconds: float) -> SolveOptions:
    limit = None if math.isinf(seconds) else max(0.1, seconds)
    return SolveOptions(time_limit=limit, gap=GAP, seed=judge.seed, improve=False)


def _score(judge: Judge, value: float) -> float:
    return value if len(judge.aims) > 1 else judge.as_score(value)


def _figure_of(judge: Judge, verdict: Verdict) -> Figure:
    return _figure(judge, -math.inf if verdict.score is None else verdict.score, verdict.bound)


def _figure(judge: Judge, score: float, bound: float) -> Figure:
    proven = bound - score <= SAME * max(1.0, abs(score)) if math.isfinite(score) else False
    value = judge.in_own_unit(score)
    return Figure(value, value if proven else judge.in_own_unit(bound), impossible=bound == -math.inf)


UNKNOWN: Final = Figure(None, None)
"""Asked, and not known in time."""
