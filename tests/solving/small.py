"""Small random models, and what is best in them by trying every plan."""

from __future__ import annotations

import itertools

import numpy as np

from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import AimTerm, Level, LinearModel, Objective, RatioAim


def objective(values, constant=0.0):
    """An expression over the first columns."""
    used = np.flatnonzero(np.asarray(values))
    return Objective(used.astype(np.int64), np.asarray(values, dtype=float)[used], constant)


def term(name, values, *, priority=1, weight=1.0, tolerance=0.0, constant=0.0):
    """An aim, maximised where its weight is positive."""
    return AimTerm(name, priority, weight, tolerance, weight > 0, objective(values, constant))


def level(name, values, **given):
    """A level of one aim."""
    return Level((term(name, values, **given),), name=name)


def random_model(rng: np.random.Generator, levels: int = 3, ratio: bool = False) -> LinearModel:
    """Up to five whole numbers up to 3, a few rows, some levels; `ratio` makes the second level one."""
    columns = int(rng.integers(2, 6))
    builder = ModelBuilder()
    builder.add_columns(
        "x", [(i,) for i in range(columns)], upper=[float(u) for u in rng.integers(1, 4, columns)], integer=True
    )
    for row in range(int(rng.integers(1, 4))):
        values = rng.integers(-2, 8, columns).astype(float)
        side = float(rng.integers(2, 14))
        if rng.random() < 0.25:
            builder.add_row("row", (row,), list(range(columns)), list(values), lower=side / 3)
        else:
            builder.add_row("row", (row,), list(range(columns)), list(values), upper=side)
    made = []
    for number in range(levels):
        tolerance = float(rng.choice([0.0, 0.0, 0.1, 0.25]))
        if ratio and number == 1:
            costs = rng.integers(1, 9, columns).astype(float)
            owner = rng.integers(0, 3, columns)
            owners = sorted(set(owner.tolist()))
            shares = rng.dirichlet(np.ones(len(owners)) * 4)
            aim = RatioAim(
                tuple(objective(np.where(owner == n, costs, 0.0)) for n in owners),
                tuple(float(s) for s in shares),
                objective(costs),
            )
            made.append(
                Level((term("ratio", np.zeros(columns), priority=2, weight=-1.0, tolerance=tolerance),), aim, "ratio")
            )
            continue
        terms = tuple(
            term(
                f"aim{number}{k}",
                rng.integers(-5, 10, columns),
                priority=number + 1,
                weight=float(rng.choice([1.0, -1.0, 0.3, 2.0])),
                tolerance=tolerance,
                constant=float(rng.integers(0, 3)),
            )
            for k in range(int(rng.integers(1, 3)))
        )
        made.append(Level(terms, name=f"level{number}"))
    return builder.finish(tuple(made))


def every_plan(model: LinearModel) -> np.ndarray:
    """All whole-number plans within bounds and rows."""
    ranges = [np.arange(low, high + 1) for low, high in zip(model.lower, model.upper, strict=True)]
    plans = np.array(list(itertools.product(*ranges)), dtype=float)
    matrix = np.zeros((len(model.row_lower), len(model.lower)))
    for row in range(len(model.row_lower)):
        inside = slice(model.row_starts[row], model.row_starts[row + 1])
        matrix[row, model.row_columns[inside]] = model.row_values[inside]
    activity = plans @ matrix.T
    keep = ((activity >= model.row_lower - 1e-9) & (activity <= model.row_upper + 1e-9)).all(axis=1)
    return plans[keep]


def value_of(level: Level, plan: np.ndarray) -> float:
    """What a level is worth at a plan, from its definition; a ratio counts negative."""
    if level.ratio is None:
        return sum(
            t.weight * (t.expression.values @ plan[t.expression.columns] + t.expression.constant) for t in level.terms
        )
    whole = level.ratio.denominator.values @ plan[level.ratio.denominator.columns]
    if whole == 0:
        return 0.0
    parts = [n.values @ plan[n.columns] / whole for n in level.ratio.numerators]
    return -max(part / share for part, share in zip(parts, level.ratio.shares, strict=True))


def best_levels(model: LinearModel, reached: list[float] | None = None):
    """The best value of each level in turn by enumeration; None when there is no plan.

    With `reached` (what the solver's plan had at the end of each level) tolerances are taken from the best plans of each level
    that agree with it, so that ties between plans with other tolerances do not matter.
    """
    plans = every_plan(model)
    if not len(plans):
        return None
    best = []
    for level in model.levels:
        values = np.array([value_of(level, plan) for plan in plans])
        top = values.max()
        best.append(top)
        first = plans[values >= top - 1e-7]
        if level.ratio is not None:
            allowed = level.terms[0].tolerance * abs(top)
        else:
            allowances = {
                round(sum(abs(t.weight) * t.tolerance * abs(t.expression.at(plan)) for t in level.terms), 9)
                for plan in first
            }
            if len(allowances) > 1:
                return best
            allowed = allowances.pop()
        plans = plans[values >= top - allowed - 1e-6 * max(1.0, abs(top))]
    return best


def one_row(costs, weights, side, *, upper=5.0, levels=()):
    """A knapsack: maximise costs (or the levels given) with Σ weights ≤ side."""
    builder = ModelBuilder()
    builder.add_columns("x", [(i,) for i in range(len(costs))], upper=upper, integer=True)
    builder.add_row("row", (), list(range(len(costs))), [float(w) for w in weights], upper=side)
    return builder.finish(tuple(levels) or (level("worth", costs),))


def hard_model(continuous: bool = False) -> LinearModel:
    """Plans at once, a proof only after minutes: fifty knapsacks over a hundred columns."""
    rng = np.random.default_rng(5)
    columns, rows = 100, 50
    builder = ModelBuilder()
    builder.add_columns("x", [(i,) for i in range(columns)], upper=5.0, integer=True)
    extra = [columns] if continuous else []
    if continuous:
        builder.add_columns("slack", [()], upper=3.0)
    weights = rng.integers(3, 40, (rows, columns))
    for row in range(rows):
        values = [*map(float, weights[row]), *([1.0] * len(extra))]
        builder.add_row("row", (row,), [*range(columns), *extra], values, upper=float(weights[row].sum() * 1.3) + 0.5)
    worth = [*rng.integers(5, 30, columns), *([0.001] * len(extra))]
    count = [1.0] * columns
    return builder.finish((level("worth", worth), level("few", count, priority=2, weight=-1.0)))


def market_split() -> LinearModel:
    """No plan to be found in seconds: six equations over fifty yes-or-no columns."""
    rng = np.random.default_rng(2)
    rows, columns = 6, 50
    builder = ModelBuilder()
    builder.add_columns("x", [(i,) for i in range(columns)], integer=True)
    for row in range(rows):
        values = rng.integers(1, 100, columns)
        side = float(values.sum() // 2)
        builder.add_row("row", (row,), list(range(columns)), [float(v) for v in values], lower=side, upper=side)
    return builder.finish((level("any", [1.0] * columns),))
