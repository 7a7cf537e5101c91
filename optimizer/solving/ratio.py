"""Levels that minimise a ratio: the largest of N_i / (s_i · D), all linear in the plan (D = 0 counts as ratio 0).

First "nobody deploys" is looked at: D is minimised until it is 0 (then the ratio is 0) or proven above a D_min > 0.
Then, with the ratio B of the plan at hand and its D̂, the least t with t ≥ (N_i − B·s_i·D) / (s_i·D̂) for every i is
sought. A plan with t < 0 has a ratio below B: it is taken and the step repeated; when the least t is 0, B is the least.

Bound: a plan with D > 0 has t = (ratio − B)·D/D̂ ≥ t_low (HiGHS's bound, also of a run stopped early), so
ratio ≥ B + min(0, t_low)·D̂/D_min. And where Σ N_i = D, some share is at least its fair one: ratio ≥ 1/Σ s_i.
Both need D = 0 excluded; while it is not, the bound is 0.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from optimizer.model.linear import FloatArray, Objective, RatioAim
from optimizer.solving.floors import FLOOR_ROW_SLACK, FLOOR_SLACK, LOST, Floor
from optimizer.solving.highs.doubts import Asked
from optimizer.solving.highs.live import Run
from optimizer.solving.highs.watch import Watchers
from optimizer.solving.search import FLOOR_LOST, Search
from optimizer.solving.solution import BETTER, Termination, is_better, relative_gap
from optimizer.solving.together import Together

ROUNDS = 50
# t is a difference of ratios: in the rows it is stretched, so that HiGHS's 1e-6 means 1e-8 of a ratio.
STRETCH, MOST_STRETCH = 100.0, 1e6
# A step that finds nothing better is asked again without presolve, for so long: seconds, and times what it took.
CONFIRM_SECONDS, CONFIRM_TIMES = 5.0, 4.0
# What HiGHS is to see of t, stretched.
VISIBLE = 4e-6
# D is known well enough when proven above this part of the least found.
DENOMINATOR_GAP = 0.5
DENOMINATOR_SHARE = 0.3
# Two ratios (of the order of 1) are the same within this.
SAME = 1e-9
# Of a smaller ratio no smaller part is kept than of this one.
SAME_SHARE = 1e-3
NO_OBJECTIVE = Objective(np.zeros(0, dtype=np.int64), np.zeros(0))


def ratio_at(ratio: RatioAim, plan: FloatArray) -> float:
    """The ratio of a plan; 0 where the denominator is 0."""
    denominator = ratio.denominator.at(plan)
    if denominator <= _nothing(ratio):
        return 0.0
    return max(n.at(plan) / (s * denominator) for n, s in zip(ratio.numerators, ratio.shares, strict=True))


def _nothing(ratio: RatioAim) -> float:
    """From here down a denominator is 0."""
    return BETTER * float(np.abs(ratio.denominator.values).max(initial=0.0))


def solve_ratio(
    search: Search, ratio: RatioAim, seconds: float | None, tolerance: float
) -> tuple[float | None, float | None, bool, Termination]:
    """Minimise the ratio within the floors so far, then keep it (within the relative tolerance) for later levels.

    Returns:
        Value, proven lower bound, whether the plan became better, termination.
    """
    task = _Task(search, ratio, None if seconds is None else time.monotonic() + seconds)
    found = search.plan is None
    termination: Termination
    if search.plan is None:
        termination = task.find_any()
        if search.plan is None:
            return None, None, False, termination
    before = task.value()
    bound = task.minimise() if before > 0.0 else 0.0
    value = task.value()
    task.keep(value, tolerance)
    bound = value if value - bound <= SAME else bound
    gap = relative_gap(value, bound)
    closed = gap is not None and gap <= search.options.gap
    termination = "interrupted" if search.interrupted else "optimal" if closed else "feasible"
    return value, bound, found or is_better(-value, -before), termination


def keep_ratio(search: Search, ratio: RatioAim, tolerance: float) -> None:
    """Keep the ratio of the plan at hand (within the relative tolerance) for later levels, as `solve_ratio` does at its end."""
    task = _Task(search, ratio, None)
    task.keep(task.value(), tolerance)


@dataclass
class _Task:
    search: Search
    ratio: RatioAim
    deadline: float | None
    # Columns added to the live model: d = D / unit, and t.
    d: int = -1
    t: int = -1
    unit: float = 1.0
    # Whether a plan was refused that gave away what earlier levels reached.
    refused: bool = False

    def _left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def plan(self) -> FloatArray:
        if self.search.plan is None:
            raise AssertionError("a ratio level is improved from a plan")
        return self.search.plan

    def value(self) -> float:
        return ratio_at(self.ratio, self.plan())

    def find_any(self) -> Termination:
        """Find a plan, any plan."""
        search = self.search
        search.live.set_objective(NO_OBJECTIVE, maximise=True)

        def shown(plan: FloatArray) -> float:
            return ratio_at(self.ratio, plan)

        with Together(search, NO_OBJECTIVE, shown) as together:
            run = search.trusted_run(
                Asked(NO_OBJECTIVE.at, True, 1.0),
                seconds=self._left(),
                watchers=Watchers(
                    on_step=search.step_reporter(shown, maximise=False, show_bound=False),
                    on_tick=together.tick,
                    on_stop=together.stop_workers,
                ),
                forget=together.forget,
            )
            together.finish(None)
        found = together.settled() if run.values is None else run.values
        if found is not None:
            search.plan = search.own(found)
        return search.ended(run, None, None)

    def minimise(self) -> float:
        """Improve the search's plan until no ratio is lower; returns the proven bound."""
        lowest = self._least_denominator()
        if self.value() == 0.0 or self.search.interrupted:
            return 0.0
        bound = self._trivial_bound() if lowest > 0.0 else 0.0
        self._add_columns()
        bound = self._step_by_step(bound, lowest)
        if self.refused:
            # A plan gave away what was reached: with finer floors it is none.
            with self.search.strict_floors():
                self.search.live.be_strict(strict=True)
                self.refused = False
                bound = self._step_by_step(bound, lowest)
                self.search.live.be_strict(strict=False)
            if self.refused:
                self.search.notice("not_solved", FLOOR_LOST)
        self.search.live.fix_column(self.t, 0.0)
        self.search.proven = None
        return bound

    def _step_by_step(self, bound: float, lowest: float) -> float:
        """Newton steps until the gap is closed or nothing is better; returns the proven bound."""
        for _ in range(ROUNDS):
            value = self.value()
            self._report(value, bound)
            if self.search.interrupted or self._left() == 0.0 or value - bound <= self.search.options.gap * value:
                break
            denominator = self.ratio.denominator.at(self.plan())
            low = self._least_t(value, denominator, lowest)
            if low is not None and lowest > 0.0:
                bound = max(bound, value + min(0.0, low) * denominator / lowest)
            if not is_better(-self.value(), -value):
                break
        return bound

    def _report(self, value: float, bound: float) -> None:
        """Report value and bound of the ratio; the bound is reported with every step of HiGHS from now on."""
        self.search.proven = bound
        self.search.report_progress(value, bound)

    def _take(self, values: FloatArray | None) -> None:
        search = self.search
        if values is None or ratio_at(self.ratio, search.own(values)) >= self.value():
            return
        kept = search.kept(values)
        self.refused = self.refused or kept is None
        if kept is not None and ratio_at(self.ratio, search.own(kept)) < self.value():
            search.plan = search.own(kept)
            search.report_plan(self.value(), search.plan)

    def _least_denominator(self) -> float:
        """A proven lower bound of D, 0 when D = 0 is not excluded; a plan with D = 0 is taken."""
        search, denominator, left = self.search, self.ratio.denominator, self._left()
        search.live.set_objective(denominator, maximise=False, size=denominator.at(self.plan()))
        run = search.trusted_run(
            Asked(denominator.at, False, DENOMINATOR_GAP),
            seconds=None if left is None else DENOMINATOR_SHARE * left,
            ends_level=False,
        )
        self._take(run.values)
        if run.bound is None or run.bound <= 1e-6 * denominator.at(self.plan()):
            return 0.0
        return run.bound

    def _trivial_bound(self) -> float:
        total: dict[int, float] = {}
        for objective, sign in [(self.ratio.denominator, -1.0), *((n, 1.0) for n in self.ratio.numerators)]:
            for column, value in zip(objective.columns.tolist(), objective.values.tolist(), strict=True):
                total[column] = total.get(column, 0.0) + sign * value
        constant = sum(n.constant for n in self.ratio.numerators) - self.ratio.denominator.constant
        size = _nothing(self.ratio)
        same = abs(constant) <= size and all(abs(value) <= size for value in total.values())
        return 1.0 / sum(self.ratio.shares) if same else 0.0

    def _add_denominator(self) -> None:
        """Column d = D / unit with its row: the rows of the nations stay short."""
        if self.d >= 0:
            return
        live, whole = self.search.live, self.ratio.denominator
        self.unit = unit = whole.at(self.plan())
        self.d = live.add_column(-float("inf"), float("inf"))
        side = -whole.constant / unit
        live.add_row([*whole.columns.tolist(), self.d], [*(whole.values / unit).tolist(), -1.0], side, side)
        self.search.added.append(lambda plan: whole.at(plan) / unit)

    def _add_columns(self) -> None:
        self._add_denominator()
        self.t = self.search.live.add_column(-float("inf"), float("inf"))
        self.search.added.append(lambda _: 0.0)

    def _add_rows(self, ratio: float, scale: float, *, with_t: bool) -> None:
        """(N_i / s_i − ratio·D)·scale ≤ t (or 0) for every nation."""
        for n, share in zip(self.ratio.numerators, self.ratio.shares, strict=True):
            columns = [*n.columns.tolist(), self.d, *([self.t] if with_t else [])]
            values = [*(n.values * scale / share).tolist(), -ratio * self.unit * scale, *([-1.0] if with_t else [])]
            self.search.live.add_row(columns, values, -float("inf"), -n.constant * scale / share)

    def _least_t(self, value: float, denominator: float, lowest: float) -> float | None:
        """One step: the least t at the ratio `value`; a better plan is taken. Returns a proven bound of t."""
        search, live = self.search, self.search.live
        kept = live.extra_rows
        # Near enough when the bound that follows for the ratio is within half the asked gap.
        near = 0.5 * max(search.options.gap, SAME) * value * lowest / denominator
        natural = STRETCH / max(1.0, value)
        stretch = min(max(natural, VISIBLE / near), MOST_STRETCH) if near > 0.0 else natural
        self._add_rows(value, stretch / denominator, with_t=True)
        live.set_objective(Objective(np.array([self.t], dtype=np.int64), np.ones(1)), maximise=False)
        reporter = search.step_reporter(lambda plan: ratio_at(self.ratio, plan), maximise=False, show_bound=False)
        # The plan at hand has its ratio at t = 0, and no column for it.
        asked = Asked(
            lambda plan: float(plan[self.t]) if len(plan) > self.t else 0.0, False, 0.0, max(near * stretch, 1e-6)
        )
        run = search.trusted_run(asked, seconds=self._left(), watchers=Watchers(on_step=reporter))
        self._take(run.values)
        bound = run.bound
        if run.status == "optimal":
            # Where the plan became better, the next step asks from there: what this one has proven is not confirmed, and not needed.
            bound = None if is_better(-self.value(), -value) else self._confirmed(run, asked)
        live.drop_rows(kept)
        return None if bound is None else bound / stretch

    def _confirmed(self, run: Run, asked: Asked) -> float | None:
        """The bound of a step that found nothing better, once HiGHS says so without presolve too; a plan that is better after all is taken.

        Presolve has cut off the best plans here (HiGHS 1.15.1, `tests/solving/test_ratio.py`). A better plan refutes the first bound: only that of
        the second run stands. Where the time for it runs out without one, the first bound stands.
        """
        if not self.search.options.presolve:
            return run.bound
        left, limit, before = self._left(), CONFIRM_SECONDS + CONFIRM_TIMES * run.seconds, self.value()
        seconds = limit if left is None else min(left, limit)
        again = self.search.trusted_run(asked, seconds=seconds, ends_level=False, presolve=False)
        self._take(again.values)
        if is_better(-self.value(), -before):
            return again.bound
        if run.bound is None or again.bound is None or again.status != "optimal":
            return run.bound
        return min(run.bound, again.bound)

    def keep(self, value: float, tolerance: float) -> None:
        """Rows that keep the ratio for later levels: N_i ≤ (value·(1 + tolerance) + slack)·s_i·D."""
        least, ratio = value * (1.0 + tolerance), self.ratio

        def add(strict: bool) -> None:
            self._add_floor(least, (LOST / 2 if strict else FLOOR_SLACK) * max(value, SAME_SHARE))

        add(False)
        self.search.floors.append(Floor(lambda plan: -ratio_at(ratio, plan), -max(least, SAME), add))

    def _add_floor(self, least: float, slack: float) -> None:
        denominator = self.ratio.denominator.at(self.plan())
        if denominator > _nothing(self.ratio):
            self._add_denominator()
            self._add_rows(least + slack, FLOOR_ROW_SLACK / slack / denominator, with_t=False)
            return
        for n in self.ratio.numerators:
            sizes = np.abs(n.values[n.values != 0.0])
            if len(sizes):
                # Nobody bears anything: one unit of the least that counts is visible. What funds pay is no whole number: it leaves nothing over.
                size = max(float(sizes.min()), float(sizes.max()) / MOST_STRETCH)
                room = 0.0 if (self.ratio.denominator.values < 0.0).any() else FLOOR_ROW_SLACK
                self.search.live.add_row(n.columns, n.values / size, -float("inf"), -n.constant / size + room)
