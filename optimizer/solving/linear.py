"""One level whose aim is a weighted sum: HiGHS and improvement workers from the plan at hand, and once more in finer units where that is not enough.

What is taken keeps what earlier levels reached; what is called proven is widened by what HiGHS's tolerances hide.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from optimizer.model.linear import Level, LinearModel, Objective
from optimizer.solving.floors import FLOOR_ROW_SLACK, Floor, slack_of
from optimizer.solving.highs.doubts import BEATEN_BY_WORKER, Asked
from optimizer.solving.highs.live import Run
from optimizer.solving.highs.watch import Watchers
from optimizer.solving.scaling import least_step, reach
from optimizer.solving.search import FLOOR_LOST, Search
from optimizer.solving.solution import NO_DIFFERENCE, LevelResult, Termination, beats, certain, is_better, relative_gap
from optimizer.solving.together import Together

# The part of the asked gap that HiGHS is asked for.
NEARLY = 0.999
# Up to this size a level that HiGHS calls solved, but that is open beyond the asked gap, is solved once more in finer units.
SMALL_NONZEROS = 50_000


class Outcome:
    """How a level ended, before it has its name."""

    def __init__(self, value: float | None, bound: float | None, improved: bool, termination: Termination) -> None:
        self.value, self.bound, self.improved, self.termination = value, bound, improved, termination

    def result(self, level: Level, seconds: float) -> LevelResult:
        """The result of this level, which took so many seconds."""
        return LevelResult(
            name=level.name,
            priority=level.terms[0].priority if level.terms else 0,
            value=self.value,
            bound=self.bound,
            gap=relative_gap(self.value, self.bound),
            termination=self.termination,
            seconds=seconds,
            improved=self.improved,
            reported=is_reported(level),
        )


def solve_linear(search: Search, objective: Objective, seconds: float | None) -> Outcome:
    """Make the plan at hand as good as the floors so far allow, within so many seconds."""
    best_possible = _best_by_bounds(objective, search.model)
    before = None if search.plan is None else objective.at(search.plan)
    if before is not None and not is_better(best_possible, before):
        return Outcome(before, max(best_possible, before), False, "optimal")
    most, step = reach(search.model, objective), least_step(search.model, objective)
    search.live.set_objective(objective, maximise=True, size=_size(most, before))
    begun = time.monotonic()
    run, proven = _run_together(search, objective, seconds)
    value, kept = _take(search, objective, run)
    bound = _bound(search, objective, run, proven, best_possible, step)
    left = None if seconds is None else seconds - (time.monotonic() - begun)
    if (not kept or _may_close(search, objective, run, value, bound)) and (left is None or left > 0.0):
        # In finer units, with finer floors.
        size = abs(value or 0.0) or (step if math.isfinite(step) else most)
        search.live.set_objective(objective, maximise=True, size=size)
        with search.strict_floors():
            search.live.be_strict(strict=True)
            run, proven = _run_together(search, objective, left)
            value, kept = _take(search, objective, run)
            search.live.be_strict(strict=False)
        again = _bound(search, objective, run, proven, best_possible, step)
        bounds = [one for one in (bound, again) if one is not None]
        bound = certain(value, min(bounds)) if bounds and value is not None else again
    if not kept:
        search.notice("not_solved", FLOOR_LOST)
    improved = value is not None and (before is None or is_better(value, before))
    return Outcome(value, bound, improved, search.ended(run, value, bound))


def _size(most: float, value: float | None) -> float:
    """The size of the best value of an objective: no more than the most there is, and a cost (below 0) no more than at hand."""
    if value is None or value >= 0.0:
        return most
    return min(most, -value) if most > 0.0 else -value


def _run_together(search: Search, objective: Objective, seconds: float | None) -> tuple[Run, float | None]:
    """Run HiGHS and improvement workers from the plan at hand; the run with the best plan of all, and the bound of the workers."""
    with Together(search, objective, guide=search.guide) as together:
        run = search.trusted_run(
            # Widening its bounds must not open what HiGHS has closed.
            Asked(objective.at, True, search.options.gap * NEARLY),
            seconds=seconds,
            watchers=Watchers(
                on_step=search.step_reporter(objective.at, maximise=True),
                on_tick=together.tick,
                on_stop=together.stop_workers,
            ),
            forget=together.forget,
        )
        together.finish(None if run.values is None else search.own(run.values))
        proven = search.proven
    other = together.settled()
    if other is not None and (run.values is None or objective.at(other) > objective.at(search.own(run.values))):
        run = replace(run, values=other)
    return run, proven


def _take(search: Search, objective: Objective, run: Run) -> tuple[float | None, bool]:
    """Make the plan of a run the plan at hand, if it is better and keeps what earlier levels reached.

    Returns:
        The value of the plan at hand, and whether the run's plan keeps what was reached.
    """
    value = None if search.plan is None else objective.at(search.plan)
    if run.values is None or (value is not None and not is_better(objective.at(search.own(run.values)), value)):
        return value, True
    kept = search.kept(run.values)
    if kept is None:
        return value, False
    found = objective.at(search.own(kept))
    if value is None or is_better(found, value):
        search.plan, value = search.own(kept), found
    return value, True


def _bound(
    search: Search, objective: Objective, run: Run, proven: float | None, best_possible: float, step: float
) -> float | None:
    """What is proven of the level, never below the plan at hand."""
    value = None if search.plan is None else objective.at(search.plan)
    bound = run.bound
    if value is not None and bound is not None and beats(value, bound, search.live.natural):
        # The plan came after the run was believed.
        search.notice("bound_refused", f"{BEATEN_BY_WORKER}; it is not used.")
        bound = None
    bounds = [one for one in (bound, proven) if one is not None]
    # Where nothing is aimed at, any plan is the best.
    any_plan = value is not None and not objective.values.any()
    if not bounds and not any_plan:
        return None
    bound = min([*bounds, best_possible])
    if value is None:
        return bound
    positive = (objective.values >= 0.0).all() and (search.model.lower[objective.columns] >= 0.0).all()
    if value == 0.0 == objective.constant and positive and bound < step / 2:
        # No plan has a value above 0 and below that of one unit.
        return value
    # A billionth of what one whole unit counts is rounding, too.
    return value if math.isfinite(step) and abs(bound - value) <= NO_DIFFERENCE * step else certain(value, bound)


def _may_close(search: Search, objective: Objective, run: Run, value: float | None, bound: float | None) -> bool:
    """Whether HiGHS was through with the level, on a model so small that it is worth another run, and the gap is open."""
    small = len(search.model.row_values) <= SMALL_NONZEROS
    gap = relative_gap(value, bound)
    if not small or search.interrupted or gap is None or gap <= search.options.gap:
        return False
    claimed = None if run.values is None else relative_gap(objective.at(search.own(run.values)), run.bound)
    stopped = run.status == "stopped" and claimed is not None and claimed <= search.options.gap
    return run.status == "optimal" or stopped


def add_floor(search: Search, level: Level) -> None:
    """Keep what the level reached: less the tolerances of its aims, and a slack larger than what HiGHS may break."""
    objective, plan = objective_of(level), search.plan
    if plan is None or not objective.values.any():
        return
    value = objective.at(plan)
    allowed = sum(abs(term.weight) * term.tolerance * abs(term.expression.at(plan)) for term in level.terms)

    def add(strict: bool) -> None:
        slack = slack_of(search.model, objective, value, strict=strict)
        scale = FLOOR_ROW_SLACK / slack
        floor = (value - objective.constant - allowed) * scale - FLOOR_ROW_SLACK
        search.live.add_row(objective.columns, objective.values * scale, floor, float("inf"))

    add(False)
    search.floors.append(Floor(objective.at, value - allowed, add))


def objective_of(level: Level) -> Objective:
    """The weighted sum of a level; 0 for a level without terms."""
    return level.objective if level.terms else Objective(np.zeros(0, dtype=np.int64), np.zeros(0))


def _best_by_bounds(objective: Objective, model: LinearModel) -> float:
    used = objective.values != 0.0
    columns, values = objective.columns[used], objective.values[used]
    best = np.maximum(values * model.lower[columns], values * model.upper[columns])
    return float(best.sum()) + objective.constant


def is_reported(level: Level) -> bool:
    """False for the tie-break among equal plans (the names of its terms begin with an underscore)."""
    return not (level.terms and all(term.name.startswith("_") for term in level.terms))
