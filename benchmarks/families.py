r"""One set of families (availability, coverage, caps) built four ways: by forcegen, bare numpy, linopy and PyOptInterface.

forcegen begins with the tables. The others are given what they need as frames and arrays, made before their clock starts: which
services are admissible, how much each delivers, which columns each cap counts. All end when HiGHS holds the model, and
all hold the same one (held by a test: as many columns and non-zeros, and the same optimum).

$$\sum_{r}\sum_{\tau=t-c_p+1}^{t}s_{pr\tau}\le Q_p,\qquad \varphi_{rt}\le\sum_p\eta_{pr}x_{prt},\qquad \varphi_{rt}\le g_{jt},\qquad
\varphi_{rt}\ge\tfrac{\theta_r}{d_r}g_{jt},\qquad \sum_{p,r\in j}x_{prt}\le U_{jt}g_{jt},\qquad \sum\mu x_{prt}\le\overline B.$$
"""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.job import Spec, Tell
from benchmarks.matrix import Matrix, passed


@dataclass(frozen=True, eq=False)
class Given:
    """What the peers are given; every number of a pledge, line, post or cap is its place in the canonical order.

    Attributes:
        units: one row per column of units: pledge, line, period (of its start), length (periods present), block (periods for
            which its pledge's stock is taken), upper, share (of the line's target that one unit delivers).
        stock: per pledge: most units at a time.
        lines: one row per line: first, last, post, least (threshold as share of the target), gated (its post may stay unmounted).
        caps: one row per cap: first, last, most.
        counted: one row per column that a cap counts: cap, column, amount.
        weights: weight in the aim per (line, period), a frame.
        horizon: number of periods.
    """

    units: pd.DataFrame
    stock: np.ndarray
    lines: pd.DataFrame
    caps: pd.DataFrame
    counted: pd.DataFrame
    weights: pd.DataFrame
    horizon: int


def given(spec: Spec) -> Given:
    """What the peers are given, from an instance that has only these families.

    Raises:
        ValueError: the instance has more.
    """
    from optimizer.instance.files import read_instance
    from optimizer.instance.situation import PRESENCE_MEASURES, build_situation
    from optimizer.model.assemble import build

    situation = build_situation(read_instance(spec["instance"]), spec["scenario"])
    linear = build(situation).linear
    known = {"rotation", "stock", "delivered", "within_mounting", "threshold", "only_if_mounted", "limit"}
    strange = {family.name for family in linear.rows if family.keys} - known
    if strange:
        raise ValueError(f"the instance has more families: {sorted(strange)}")
    pledges = {name: number for number, name in enumerate(situation.pledges)}
    lines = {name: number for number, name in enumerate(situation.lines)}
    posts = {key: number for number, key in enumerate(situation.posts)}
    units: list[tuple[Any, ...]] = []
    share_keys: dict[int, tuple[str, int]] = {}
    gated: set[tuple[str, str]] = set()
    for family in linear.columns:
        if family.name in {"starts", "present"}:
            for number, (pledge, line, period) in enumerate(family.keys, family.start):
                unit, asked = situation.pledges[pledge], situation.lines[line]
                touring = family.name == "starts"
                units.append(
                    (
                        pledges[pledge],
                        lines[line],
                        period,
                        (unit.tour or 1) if touring else 1,
                        (unit.tour or 1) + unit.dwell if touring else 1,
                        linear.upper[number],
                        min(1.0, situation.yield_on(pledge, line) / asked.target),
                    )
                )
        elif family.name == "share":
            share_keys.update(enumerate(family.keys, family.start))
        elif family.name == "mounted":
            gated.update((mission, area) for mission, area, _ in family.keys)
    frame = pd.DataFrame(units, columns=["pledge", "line", "period", "length", "block", "upper", "share"])
    objective = linear.levels[0].objective
    weights = [
        (lines[share_keys[column][0]], share_keys[column][1], value)
        for column, value in zip(objective.columns.tolist(), objective.values.tolist(), strict=True)
    ]
    caps, counted = [], []
    pledge_names, line_names = list(situation.pledges), list(situation.lines)
    for number, limit in enumerate(situation.limits):
        if limit.maximum is None or limit.minimum is not None or limit.measure not in PRESENCE_MEASURES:
            raise ValueError(f"not a cap on units present: {limit.name}")
        first, last = limit.periods[0], limit.periods[-1]
        if last - first + 1 != len(limit.periods):
            raise ValueError(f"not a window without gaps: {limit.name}")
        caps.append((first, last, limit.maximum))
        chosen, taken = situation.select(limit.selection)
        inside = frame["pledge"].isin([pledges[name] for name in chosen]) & frame["line"].isin(
            [lines[name] for name in taken]
        )
        for column, pledge, line in frame.loc[inside, ["pledge", "line"]].itertuples():
            counted.append((number, column, situation.measure(limit.measure, pledge_names[pledge], line_names[line])))
    return Given(
        units=frame,
        stock=np.array(
            [unit.available if unit.tour is None else unit.quantity for unit in situation.pledges.values()], dtype=float
        ),
        lines=pd.DataFrame(
            [
                (line.first, line.last, posts[line.post], line.threshold / line.target, line.post in gated)
                for line in situation.lines.values()
            ],
            columns=["first", "last", "post", "least", "gated"],
        ),
        caps=pd.DataFrame(caps, columns=["first", "last", "most"]),
        counted=pd.DataFrame(counted, columns=["cap", "column", "amount"]),
        weights=pd.DataFrame(weights, columns=["line", "period", "weight"]),
        horizon=situation.horizon,
    )


def _measured(spec: Spec, tell: Tell, prepare: Callable[[Spec], Any], build: Callable[[Any], Any]) -> Any:
    """What `build` gives; the clock runs only while it builds the instance, after a small one by which everything is loaded."""
    build(prepare({**spec, "instance": spec["warm"]}))
    ready = prepare(spec)
    gc.collect()
    clock = time.perf_counter()
    found = build(ready)
    tell("tables to solver", time.perf_counter() - clock)
    return found


def forcegen(spec: Spec, tell: Tell) -> None:
    """The product's own way: from the tables."""
    from optimizer.instance.files import read_instance
    from optimizer.instance.instance import Instance
    from optimizer.instance.situation import build_situation
    from optimizer.model.assemble import build
    from optimizer.solving.highs.live import LiveModel
    from optimizer.solving.options import SolveOptions

    def whole(instance: Instance) -> tuple[LiveModel, Any]:
        linear = build(build_situation(instance, spec["scenario"])).linear
        live = LiveModel(linear, SolveOptions())
        live.set_objective(linear.levels[0].objective, maximise=True)
        return live, linear

    live, linear = _measured(spec, tell, lambda spec: read_instance(spec["instance"]), whole)
    for name, count in linear.size.items():
        tell({"nonzeros": "non-zeros"}.get(name, name), count, "count")
    if spec["solve"]:
        value = live.run(seconds=None, gap=1e-9).values
        tell("optimum", None if value is None else linear.levels[0].objective.at(value), "aim")


def forcegen_by_pyomo(spec: Spec, tell: Tell) -> None:
    """The same as a Pyomo model that a user may add to, compiled and handed over."""
    from optimizer.instance.files import read_instance
    from optimizer.instance.instance import Instance
    from optimizer.pyomo_model.compile import compile_model
    from optimizer.pyomo_model.view import build_model
    from optimizer.solving.highs.live import LiveModel
    from optimizer.solving.options import SolveOptions

    def whole(instance: Instance) -> tuple[LiveModel, Any]:
        model = compile_model(build_model(instance, spec["scenario"])).model
        live = LiveModel(model, SolveOptions())
        live.set_objective(model.levels[0].objective, maximise=True)
        return live, model

    live, linear = _measured(spec, tell, lambda spec: read_instance(spec["instance"]), whole)
    tell("non-zeros", len(linear.row_values), "count")
    if spec["solve"]:
        value = live.run(seconds=None, gap=1e-9).values
        tell("optimum", None if value is None else linear.levels[0].objective.at(value), "aim")


def by_numpy(spec: Spec, tell: Tell) -> None:
    """Bare numpy: index arrays, one sort into rows, `passModel`."""

    def whole(data: Given) -> tuple[Any, Matrix]:
        matrix = numpy_matrix(data)
        return passed(matrix), matrix

    solver, matrix = _measured(spec, tell, given, whole)
    _sizes(tell, solver)
    if spec["solve"]:
        solver.setOptionValue("mip_rel_gap", 1e-9)
        solver.run()
        tell("optimum", matrix.aim(np.array(solver.getSolution().col_value)), "aim")


def numpy_matrix(data: Given) -> Matrix:
    """The model as arrays."""
    units, lines, caps, horizon = data.units, data.lines, data.caps, data.horizon
    pledge, line, start, length, block = (
        units[name].to_numpy() for name in ("pledge", "line", "period", "length", "block")
    )
    upper, share = units["upper"].to_numpy(), units["share"].to_numpy()
    count, posts = len(units), int(lines["post"].max()) + 1
    first, last, post = (lines[name].to_numpy() for name in ("first", "last", "post"))
    least, gated = lines["least"].to_numpy(), lines["gated"].to_numpy()
    active = (np.arange(1, horizon + 1) >= first[:, None]) & (np.arange(1, horizon + 1) <= last[:, None])
    active_line, active_period = np.nonzero(active)
    share_column = np.full(active.shape, -1)
    share_column[active_line, active_period] = count + np.arange(len(active_line))
    mounting = np.zeros((posts, horizon), dtype=bool)
    mounting[post[active_line[gated[active_line]]], active_period[gated[active_line]]] = True
    mounted_column = np.full(mounting.shape, -1)
    mounted_column[mounting] = count + len(active_line) + np.arange(int(mounting.sum()))
    columns = count + len(active_line) + int(mounting.sum())
    rows: list[np.ndarray] = []
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    sides: list[tuple[np.ndarray, np.ndarray]] = []
    total = 0

    def add(kept: np.ndarray, upper: np.ndarray, lower: np.ndarray | None = None) -> np.ndarray:
        """Numbers of new rows where `kept`; -1 elsewhere."""
        nonlocal total
        number = np.full(kept.shape, -1)
        size = int(kept.sum())
        number[kept] = total + np.arange(size)
        total += size
        rows.append(number)
        sides.append((np.full(size, -np.inf) if lower is None else lower, upper))
        return number

    def enter(row: np.ndarray, column: np.ndarray, value: np.ndarray | float) -> None:
        there = row >= 0
        entries.append((row[there], column[there], np.broadcast_to(value, row.shape)[there]))

    present, when = _spread(start, length, horizon)
    taken, blocked = _spread(start, block, horizon)
    # Of a pledge's rows only those that no later one contains; of stock without tours only those with a choice.
    touring = np.zeros(len(data.stock), dtype=bool)
    touring[pledge[block > 1]] = True
    cycle = np.zeros(len(data.stock), dtype=np.int64)
    cycle[pledge] = block
    used = np.zeros((len(data.stock), horizon), dtype=np.int64)
    np.add.at(used, (pledge[taken], blocked), 1)
    late = np.arange(1, horizon + 1) + 1 > cycle[:, None]
    kept = np.where(touring[:, None], (used > 0) & (late | (np.arange(1, horizon + 1) == horizon)), used > 1)
    row = add(kept, data.stock[np.nonzero(kept)[0]])
    enter(row[pledge[taken], blocked], taken, 1.0)
    row = add(active, np.zeros(len(active_line)))
    enter(row[active_line, active_period], share_column[active_line, active_period], 1.0)
    enter(row[line[present], when], present, -share[present])
    within = active & gated[:, None]
    gated_line, gated_period = np.nonzero(within)
    row = add(within, np.zeros(len(gated_line)))
    enter(row[gated_line, gated_period], share_column[gated_line, gated_period], 1.0)
    enter(row[gated_line, gated_period], mounted_column[post[gated_line], gated_period], -1.0)
    asking = active & (least > 0)[:, None]
    asked_line, asked_period = np.nonzero(asking)
    free = gated[asked_line]
    row = add(asking, np.full(len(asked_line), np.inf), np.where(free, 0.0, least[asked_line]))
    enter(row[asked_line, asked_period], share_column[asked_line, asked_period], 1.0)
    enter(
        row[asked_line[free], asked_period[free]],
        mounted_column[post[asked_line[free]], asked_period[free]],
        -least[asked_line[free]],
    )
    most = np.zeros(mounting.shape)
    np.add.at(most, (post[line[present]], when), upper[present])
    closable = mounting & (most > 0)
    row = add(closable, np.zeros(int(closable.sum())))
    enter(row[post[line[present]], when], present, 1.0)
    enter(row[closable], mounted_column[closable], -most[closable])
    cap, column, amount = (data.counted[name].to_numpy() for name in ("cap", "column", "amount"))
    begins, ends, bound = (caps[name].to_numpy() for name in ("first", "last", "most"))
    ruling = (np.arange(1, horizon + 1) >= begins[:, None]) & (np.arange(1, horizon + 1) <= ends[:, None])
    row = add(ruling, bound[np.nonzero(ruling)[0]])
    counted, counted_when = _spread(start[column], length[column], horizon)
    enter(row[cap[counted], counted_when], column[counted], amount[counted])
    row_of, column_of, values = (np.concatenate([entry[part] for entry in entries]) for part in range(3))
    order = np.argsort(row_of, kind="stable")
    cost = np.zeros(columns)
    weights = data.weights
    cost[share_column[weights["line"].to_numpy(), weights["period"].to_numpy() - 1]] = -weights["weight"].to_numpy()
    integer = np.ones(columns, dtype=bool)
    integer[count : count + len(active_line)] = False
    return Matrix(
        cost=cost,
        offset=0.0,
        lower=np.zeros(columns),
        upper=np.concatenate([upper, np.ones(columns - count)]),
        integer=integer,
        row_lower=np.concatenate([lower for lower, _ in sides]),
        row_upper=np.concatenate([upper for _, upper in sides]),
        starts=np.concatenate([[0], np.cumsum(np.bincount(row_of, minlength=total))]),
        columns=column_of[order],
        values=values[order],
        blocks=np.zeros(1, dtype=np.int64),
    )


def _spread(start: np.ndarray, length: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Places and periods (from 0) of start..start+length-1, as far as the horizon reaches."""
    size = np.minimum(length, horizon - start + 1)
    place = np.repeat(np.arange(len(start)), size)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(size) - size, size)
    return place, start[place] - 1 + offset


def by_linopy(spec: Spec, tell: Tell) -> None:
    """linopy: columns by label, expressions picked by label and summed by groups."""
    import linopy

    solver = _measured(spec, tell, given, lambda data: _linopy_model(linopy, data).to_highspy())
    _sizes(tell, solver)
    if spec["solve"]:
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", 1e-9)
        solver.run()
        tell("optimum", solver.getInfo().objective_function_value, "aim")


def _linopy_model(linopy: Any, data: Given) -> Any:
    import xarray as xr

    units, lines, horizon = data.units, data.lines, data.horizon
    model = linopy.Model()
    numbers = pd.RangeIndex(len(units), name="unit")
    unit = model.add_variables(lower=0, upper=pd.Series(units["upper"].to_numpy(), numbers), integer=True, name="units")
    active = _active(lines[["first", "last"]], "line")
    active = active.join(lines[["post", "least", "gated"]], on="line")
    active["key"] = active["line"] * (horizon + 1) + active["period"]
    share = model.add_variables(lower=0, upper=1, coords=[pd.Index(active["key"], name="key")], name="share")
    free = active[active["gated"]]
    gates = free[["post", "period"]].drop_duplicates()
    gate_keys = (gates["post"] * (horizon + 1) + gates["period"]).to_numpy()
    gate = model.add_variables(binary=True, coords=[pd.Index(gate_keys, name="gate")], name="mounted")

    def along(keys: Any) -> Any:
        return xr.DataArray(np.asarray(keys), dims="row")

    def chosen(variable: Any, dimension: str, labels: Any) -> Any:
        """The labelled columns, one after the other along `row`."""
        return (1 * variable).sel({dimension: along(labels)}).drop_vars(dimension)

    def picked(variable: Any, dimension: str, labels: Any, rows: Any, values: Any) -> Any:
        """Σ values × the labelled columns by row."""
        entries = chosen(variable, dimension, labels) * along(
            np.broadcast_to(np.asarray(values, dtype=float), len(labels))
        )
        return entries.groupby(along(rows).rename("group")).sum().rename(group="row")

    def right(expression: Any, by_row: pd.Series) -> Any:
        keys = expression.indexes["row"]
        return xr.DataArray(by_row.loc[keys].to_numpy(), coords={"row": keys}, dims="row")

    start, length, block = (units[name].to_numpy() for name in ("period", "length", "block"))
    taken, blocked = _spread(start, block, horizon)
    pledge = units["pledge"].to_numpy()
    rows = pledge[taken] * (horizon + 1) + blocked + 1
    kept = np.isin(rows, _stock_rows(data, rows, pledge))
    stock = picked(unit, "unit", taken[kept], rows[kept], 1.0)
    limits = pd.Series(data.stock[stock.indexes["row"].to_numpy() // (horizon + 1)], stock.indexes["row"])
    model.add_constraints(stock <= right(stock, limits), name="stock")
    present, when = _spread(start, length, horizon)
    line = units["line"].to_numpy()
    served = line[present] * (horizon + 1) + when + 1
    delivered = picked(unit, "unit", present, served, units["share"].to_numpy()[present])
    keys = delivered.indexes["row"]
    some = active["key"].isin(keys).to_numpy()
    asked = chosen(share, "key", keys).assign_coords(row=keys)
    model.add_constraints(asked - delivered <= 0, name="delivered")
    if not some.all():
        model.add_constraints(chosen(share, "key", active["key"][~some]) <= 0, name="undeliverable")
    free_gate = free["post"] * (horizon + 1) + free["period"]
    model.add_constraints(
        chosen(share, "key", free["key"]) - chosen(gate, "gate", free_gate) <= 0, name="within mounting"
    )
    asking = free[free["least"] > 0]
    its_gate = chosen(gate, "gate", asking["post"] * (horizon + 1) + asking["period"])
    model.add_constraints(
        chosen(share, "key", asking["key"]) - its_gate * along(asking["least"]) >= 0, name="threshold"
    )
    must = active[~active["gated"] & (active["least"] > 0)]
    if len(must):
        model.add_constraints(chosen(share, "key", must["key"]) >= along(must["least"]), name="least")
    at_post = lines["post"].to_numpy()[line[present]] * (horizon + 1) + when + 1
    closable = np.isin(at_post, gate_keys)
    there = picked(unit, "unit", present[closable], at_post[closable], 1.0)
    most = pd.Series(units["upper"].to_numpy()[present[closable]]).groupby(at_post[closable]).sum()
    keys = there.indexes["row"]
    its_gate = chosen(gate, "gate", keys).assign_coords(row=keys)
    model.add_constraints(there - its_gate * right(there, most) <= 0, name="only if mounted")
    caps = data.caps
    cap, column, amount = (data.counted[name].to_numpy() for name in ("cap", "column", "amount"))
    counted, counted_when = _spread(start[column], length[column], horizon)
    first, last = caps["first"].to_numpy()[cap[counted]], caps["last"].to_numpy()[cap[counted]]
    ruling = (counted_when + 1 >= first) & (counted_when + 1 <= last)
    rows = (cap[counted] * (horizon + 1) + counted_when + 1)[ruling]
    capped = picked(unit, "unit", column[counted][ruling], rows, amount[counted][ruling])
    bound = pd.Series(caps["most"].to_numpy()[capped.indexes["row"].to_numpy() // (horizon + 1)], capped.indexes["row"])
    model.add_constraints(capped <= right(capped, bound), name="caps")
    weights = data.weights
    aimed = chosen(share, "key", weights["line"] * (horizon + 1) + weights["period"])
    model.add_objective((aimed * along(weights["weight"])).sum(), sense="max")
    return model


def _active(windows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per number and period of its window."""
    size = (windows["last"] - windows["first"] + 1).to_numpy()
    number = np.repeat(np.arange(len(windows)), size)
    offset = np.arange(len(number)) - np.repeat(np.cumsum(size) - size, size)
    return pd.DataFrame({name: number, "period": windows["first"].to_numpy()[number] + offset})


def _stock_rows(data: Given, rows: np.ndarray, pledge: np.ndarray) -> np.ndarray:
    """Which (pledge, period) need a row: those that no later one contains, and without tours those with a choice."""
    horizon = data.horizon
    cycle = np.zeros(len(data.stock), dtype=np.int64)
    cycle[pledge] = data.units["block"].to_numpy()
    keys, counts = np.unique(rows, return_counts=True)
    owner, period = keys // (horizon + 1), keys % (horizon + 1)
    touring = cycle[owner] > 1
    kept = np.where(touring, (period == horizon) | (period + 1 > cycle[owner]), counts > 1)
    return keys[kept]


def by_pyoptinterface(spec: Spec, tell: Tell) -> None:
    """PyOptInterface: a term at a time into expressions by row, then one row at a time into HiGHS."""
    import pyoptinterface as poi
    from pyoptinterface import highs

    model = _measured(spec, tell, given, lambda data: _interface_model(poi, highs, data))
    tell("rows", model.getnumrow(), "count")
    tell("columns", model.getnumcol(), "count")
    if spec["solve"]:
        model.set_model_attribute(poi.ModelAttribute.RelativeGap, 1e-9)
        model.optimize()
        tell("optimum", model.get_model_attribute(poi.ModelAttribute.ObjectiveValue), "aim")


def _interface_model(poi: Any, highs: Any, data: Given) -> Any:
    model = highs.Model()
    model.set_model_attribute(poi.ModelAttribute.Silent, True)
    horizon, lines = data.horizon, list(data.lines.itertuples(index=False))
    whole, binary = poi.VariableDomain.Integer, poi.VariableDomain.Binary
    rotation: dict[tuple[int, int], Any] = defaultdict(poi.ExprBuilder)
    delivered: dict[tuple[int, int], Any] = defaultdict(poi.ExprBuilder)
    at_post: dict[tuple[int, int], Any] = defaultdict(poi.ExprBuilder)
    capped: dict[tuple[int, int], Any] = defaultdict(poi.ExprBuilder)
    most: dict[tuple[int, int], float] = defaultdict(float)
    terms: dict[tuple[int, int], int] = defaultdict(int)
    cycles: dict[int, int] = {}
    caps = list(data.caps.itertuples(index=False))
    cap_of: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for cap, column, amount in data.counted.itertuples(index=False):
        cap_of[column].append((cap, amount))
    for number, (pledge, line, start, length, block, upper, share) in enumerate(data.units.itertuples(index=False)):
        unit = model.add_variable(lb=0.0, ub=upper, domain=whole)
        cycles[pledge] = block
        for period in range(start, min(start + block - 1, horizon) + 1):
            rotation[pledge, period].add_affine_term(unit, 1.0)
            terms[pledge, period] += 1
        post = lines[line].post
        for period in range(start, min(start + length - 1, horizon) + 1):
            delivered[line, period].add_affine_term(unit, -share)
            at_post[post, period].add_affine_term(unit, 1.0)
            most[post, period] += upper
            for cap, amount in cap_of[number]:
                if caps[cap].first <= period <= caps[cap].last:
                    capped[cap, period].add_affine_term(unit, amount)
    for (pledge, period), expression in rotation.items():
        cycle = cycles[pledge]
        if (period == horizon or period + 1 > cycle) if cycle > 1 else terms[pledge, period] > 1:
            model.add_linear_constraint(expression, poi.ConstraintSense.LessEqual, data.stock[pledge])
    gates: dict[tuple[int, int], Any] = {}
    shares: dict[tuple[int, int], Any] = {}
    for number, line in enumerate(lines):
        for period in range(line.first, line.last + 1):
            share = shares[number, period] = model.add_variable(lb=0.0, ub=1.0)
            expression = delivered[number, period]
            expression.add_affine_term(share, 1.0)
            model.add_linear_constraint(expression, poi.ConstraintSense.LessEqual, 0.0)
            if line.gated:
                gate = gates.get((line.post, period))
                if gate is None:
                    gate = gates[line.post, period] = model.add_variable(lb=0.0, ub=1.0, domain=binary)
                model.add_linear_constraint(share - gate, poi.ConstraintSense.LessEqual, 0.0)
                if line.least > 0:
                    model.add_linear_constraint(share - line.least * gate, poi.ConstraintSense.GreaterEqual, 0.0)
            elif line.least > 0:
                model.add_linear_constraint(share + 0.0, poi.ConstraintSense.GreaterEqual, line.least)
    for key, gate in gates.items():
        if key in most:
            expression = at_post[key]
            expression.add_affine_term(gate, -most[key])
            model.add_linear_constraint(expression, poi.ConstraintSense.LessEqual, 0.0)
    for (cap, _), expression in capped.items():
        model.add_linear_constraint(expression, poi.ConstraintSense.LessEqual, caps[cap].most)
    aim = poi.ExprBuilder()
    for line, period, weight in data.weights.itertuples(index=False):
        aim.add_affine_term(shares[line, period], weight)
    model.set_objective(aim, poi.ObjectiveSense.Maximize)
    return model


def _sizes(tell: Tell, solver: Any) -> None:
    tell("columns", solver.getNumCol(), "count")
    tell("rows", solver.getNumRow(), "count")
    tell("non-zeros", solver.getNumNz(), "count")


PACKAGES = {
    "forcegen": "forcegen",
    "forcegen by Pyomo": "pyomo",
    "numpy": "numpy",
    "linopy": "linopy",
    "PyOptInterface": "pyoptinterface",
}
"""The package of each way."""
BUILDS: dict[str, Callable[[Spec, Tell], None]] = {
    "forcegen": forcegen,
    "forcegen by Pyomo": forcegen_by_pyomo,
    "numpy": by_numpy,
    "linopy": by_linopy,
    "PyOptInterface": by_pyoptinterface,
}
"""The build of each way."""
