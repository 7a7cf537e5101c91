"""The textbook models of the five problems, solved on their own: what the re-stated instances must agree with."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from .problems import Assignment, FixedCharge, Location, Median, Problem, Shipping

INFINITY = np.inf


class Model:
    """Rows and columns of a small mixed-integer program; every row is given as {column: value}."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def column(self, cost: float, upper: float = 1.0, *, whole: bool = True) -> int:
        """A new variable from 0 to `upper`."""
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: dict[int, float], lower: float = -INFINITY, upper: float = INFINITY) -> None:
        """lower ≤ Σ value · column ≤ upper."""
        self.rows.append((terms, lower, upper))

    def solve(self, *, relaxed: bool = False) -> float | None:
        """The least cost; None where there is no solution."""
        where = [(row, column, value) for row, (terms, _, _) in enumerate(self.rows) for column, value in terms.items()]
        data = ([value for *_, value in where], ([row for row, *_ in where], [column for _, column, _ in where]))
        matrix = csr_array(data, shape=(len(self.rows), len(self.cost)))
        rows = LinearConstraint(matrix, [lower for _, lower, _ in self.rows], [upper for *_, upper in self.rows])
        result = milp(
            np.array(self.cost),
            integrality=np.zeros(len(self.cost)) if relaxed else np.array(self.whole),
            bounds=Bounds(0.0, np.array(self.upper)),
            constraints=rows,
            options={"mip_rel_gap": 0.0},
        )
        if result.status == 2:
            return None
        assert result.status == 0, result.message
        return float(result.fun)


def textbook(problem: Problem) -> Model:
    """The model of a problem."""
    makers = {
        Assignment: _assignment,
        FixedCharge: _fixed_charge,
        Location: _location,
        Median: _median,
        Shipping: _shipping,
    }
    return makers[type(problem)](problem)


def optimum(problem: Problem) -> float | None:
    """The optimal value in the problem's own sense; None where it has no solution."""
    value = textbook(problem).solve()
    return -value if value is not None and isinstance(problem, Assignment) and problem.maximise else value


def _assignment(problem: Assignment) -> Model:
    model, sign = Model(), -1.0 if problem.maximise else 1.0
    x = [[model.column(sign * worth) for worth in row] for row in problem.worth]
    for i, capacity in enumerate(problem.capacity):
        model.row({column: problem.resource[i][j] for j, column in enumerate(x[i])}, upper=capacity)
    for j in range(len(problem.worth[0])):
        model.row({row[j]: 1.0 for row in x}, 1.0, 1.0)
    return model


def _fixed_charge(problem: FixedCharge) -> Model:
    return _shipping(
        Shipping(
            tuple((supply,) for supply in problem.supply),
            tuple((demand,) for demand in problem.demand),
            (problem.cost,),
            problem.charge,
        )
    )


def _location(problem: Location) -> Model:
    model = Model()
    y = [model.column(opening) for opening in problem.opening]
    x = [[model.column(cost) for cost in row] for row in problem.cost]
    _serve_from_open(model, x, y, problem.demand, problem.capacity)
    return model


def _median(problem: Median) -> Model:
    model = Model()
    y = [model.column(0.0) for _ in problem.capacity]
    x = [[model.column(cost) for cost in row] for row in problem.distance]
    _serve_from_open(model, x, y, problem.demand, problem.capacity)
    model.row(dict.fromkeys(y, 1.0), upper=float(problem.medians))
    return model


def _serve_from_open(
    model: Model, x: list[list[int]], y: list[int], demand: tuple[float, ...], capacity: tuple[float, ...]
) -> None:
    for i, gate in enumerate(y):
        model.row({**{column: demand[j] for j, column in enumerate(x[i])}, gate: -capacity[i]}, upper=0.0)
        for column in x[i]:
            model.row({column: 1.0, gate: -1.0}, upper=0.0)
    for j in range(len(demand)):
        model.row({row[j]: 1.0 for row in x}, 1.0, 1.0)


def _shipping(problem: Shipping) -> Model:
    model = Model()
    origins, places, products = len(problem.supply), len(problem.demand), len(problem.cost)
    x, use = {}, {}
    for i in range(origins):
        for j in range(places):
            use[i, j] = model.column(problem.charge[i][j])
            for p in range(products):
                most = min(problem.supply[i][p], problem.demand[j][p])
                x[i, j, p] = model.column(problem.cost[p][i][j], most)
                model.row({x[i, j, p]: 1.0, use[i, j]: -float(most)}, upper=0.0)
            route = {x[i, j, p]: 1.0 for p in range(products)}
            if problem.most is not None:
                model.row({**route, use[i, j]: -float(problem.most)}, upper=0.0)
            if problem.least is not None:
                model.row({**route, use[i, j]: -float(problem.least)}, lower=0.0)
        if problem.customers is not None:
            model.row({use[i, j]: 1.0 for j in range(places)}, upper=float(problem.customers))
    for p in range(products):
        for i in range(origins):
            model.row({x[i, j, p]: 1.0 for j in range(places)}, upper=float(problem.supply[i][p]))
        for j in range(places):
            demand = float(problem.demand[j][p])
            model.row({x[i, j, p]: 1.0 for i in range(origins)}, demand, demand)
    return model
