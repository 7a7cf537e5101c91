"""Other solvers on the same model, read from the same file: values and bounds as they come.

Each runs with its own settings but for the limit, the gap and the cores. Its clock begins when the file has been read. What it
holds at the end is checked against the arrays of the model, so that a plan which breaks a row by more than a tolerance shows.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.job import Spec, Tell
from benchmarks.matrix import Matrix, load, names

PACKAGES = {"HiGHS": "highspy", "SCIP": "pyscipopt", "CP-SAT": "ortools", "Gurobi": "gurobipy"}
"""The package of each solver."""
LARGEST_GUROBI = 2000
"""The licence that comes with gurobipy allows this many columns and as many rows."""
# CP-SAT knows whole numbers only. By default a share between 0 and 1 would be 0 or 1: here it may be a multiple of this part.
PARTS = 1_000


class Trace:
    """Tells values and bounds of the first aim; the file minimises its negative."""

    def __init__(self, spec: Spec, tell: Tell) -> None:
        self.matrix: Matrix = load(Path(spec["target"]) / "model.npz")
        self.file = str(Path(spec["target"]) / "model.mps")
        self._tell = tell
        self._begun = 0.0

    def begin(self) -> None:
        """The search begins."""
        self._tell("begun")
        self._begun = time.perf_counter()

    def seen(self, cost: float | None = None, bound: float | None = None) -> None:
        """The solver has a plan of this cost, or has proven that none costs less than the bound."""
        at = time.perf_counter() - self._begun
        for phase, number in (("value", cost), ("bound", bound)):
            if number is not None and abs(number) < 1e19:
                self._tell(phase, self.matrix.offset - number, "aim", at)

    def end(self, solution: np.ndarray | None) -> None:
        """The search has ended with this solution."""
        self._tell("ended", time.perf_counter() - self._begun)
        if solution is not None:
            self._tell("value recomputed", self.matrix.aim(solution), "aim")
            self._tell("worst violation", self.matrix.worst(solution), "")

    def ordered(self, values: Mapping[str, float]) -> np.ndarray:
        """The solution in the order of the columns; a column that the solver does not know is at its bound."""
        known = [values.get(name) for name in names(len(self.matrix.lower))]
        return np.array(
            [low if value is None else value for value, low in zip(known, self.matrix.lower.tolist(), strict=True)]
        )


def highs(spec: Spec, tell: Tell) -> None:
    """HiGHS as it comes."""
    import highspy

    trace = Trace(spec, tell)
    solver = highspy.Highs()
    solver.setOptionValue("log_to_console", False)
    solver.readModel(trace.file)
    solver.setOptionValue("time_limit", float(spec["limit"]))
    solver.setOptionValue("mip_rel_gap", spec["gap"])
    solver.setOptionValue("threads", spec["cores"])

    def improved(event: Any) -> None:
        trace.seen(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    def logged(event: Any) -> None:
        trace.seen(bound=event.data_out.mip_dual_bound)

    solver.cbMipImprovingSolution.subscribe(improved)
    solver.cbMipLogging.subscribe(logged)
    trace.begin()
    solver.solve()
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    trace.seen(info.objective_function_value if found else None, info.mip_dual_bound)
    ordered = trace.ordered(dict(zip(solver.getLp().col_names_, solver.getSolution().col_value, strict=True)))
    trace.end(ordered if found else None)


def scip(spec: Spec, tell: Tell) -> None:
    """SCIP; it uses one core."""
    import pyscipopt

    trace = Trace(spec, tell)
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(trace.file)
    model.setParam("limits/time", float(spec["limit"]))
    model.setParam("limits/gap", spec["gap"])

    class Watch(pyscipopt.Eventhdlr):
        def eventinit(self) -> None:
            self.model.catchEvent(pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, self)
            self.model.catchEvent(pyscipopt.SCIP_EVENTTYPE.DUALBOUNDIMPROVED, self)

        def eventexec(self, event: Any) -> None:
            if event.getType() == pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND:
                trace.seen(self.model.getSolObjVal(self.model.getBestSol()))
            else:
                trace.seen(bound=self.model.getDualbound())

    model.includeEventhdlr(Watch(), "watch", "values and bounds as they come")
    trace.begin()
    model.optimize()
    found = model.getNSols() > 0
    trace.seen(model.getObjVal() if found else None, model.getDualbound())
    trace.end(trace.ordered({column.name: model.getVal(column) for column in model.getVars()}) if found else None)


def cp_sat(spec: Spec, tell: Tell) -> None:
    """CP-SAT by MathOpt; continuous columns become multiples of 1 / `PARTS`, so its bound is one to that accuracy."""
    from ortools.math_opt.io.python import mps_converter
    from ortools.math_opt.python import mathopt
    from ortools.sat import sat_parameters_pb2

    trace = Trace(spec, tell)
    model = mathopt.Model.from_model_proto(
        mps_converter.mps_to_model_proto(Path(trace.file).read_text(encoding="utf-8"))
    )
    own = sat_parameters_pb2.SatParameters(mip_var_scaling=PARTS)
    parameters = mathopt.SolveParameters(
        time_limit=datetime.timedelta(seconds=spec["limit"]),
        threads=spec["cores"],
        relative_gap_tolerance=spec["gap"],
        cp_sat=own,
    )

    def plan(data: mathopt.CallbackData) -> mathopt.CallbackResult:
        trace.seen(data.mip_stats.primal_bound)
        return mathopt.CallbackResult()

    def logged(lines: list[str]) -> None:
        # The bound is told nowhere but in the log: "#Bound  0.15s best:-58.3  next:[-79.1,-62.5]".
        for line in lines:
            bound = re.match(r"#\S+\s+\S+s\s+best:\S+\s+next:\[([^,]+),", line)
            if bound:
                trace.seen(bound=float(bound[1]))

    trace.begin()
    result = mathopt.solve(
        model,
        mathopt.SolverType.CP_SAT,
        params=parameters,
        msg_cb=logged,
        callback_reg=mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION}),
        cb=plan,
    )
    found = result.has_primal_feasible_solution()
    trace.seen(result.objective_value() if found else None, result.best_objective_bound())
    values = {column.name: value for column, value in result.variable_values().items()} if found else {}
    trace.end(trace.ordered(values) if found else None)


def gurobi(spec: Spec, tell: Tell) -> None:
    """Gurobi, where the model is small enough for the licence that comes with its package."""
    import gurobipy

    trace = Trace(spec, tell)
    environment = gurobipy.Env(params={"OutputFlag": 0})
    model = gurobipy.read(trace.file, environment)
    model.Params.TimeLimit = float(spec["limit"])
    model.Params.MIPGap = spec["gap"]
    model.Params.Threads = spec["cores"]
    codes = gurobipy.GRB.Callback

    def heard(model: Any, where: int) -> None:
        if where == codes.MIPSOL:
            trace.seen(model.cbGet(codes.MIPSOL_OBJ))
        elif where == codes.MIP:
            trace.seen(bound=model.cbGet(codes.MIP_OBJBND))

    trace.begin()
    model.optimize(heard)
    found = model.SolCount > 0
    trace.seen(model.ObjVal if found else None, model.ObjBound)
    trace.end(trace.ordered({column.VarName: column.X for column in model.getVars()}) if found else None)


SEARCHES = {"HiGHS": highs, "SCIP": scip, "CP-SAT": cp_sat, "Gurobi": gurobi}
"""The search of each solver."""
