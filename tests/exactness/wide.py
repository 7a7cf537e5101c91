"""Random tiny instances whose weights and data are spread over six powers of ten, held against every plan.

What holds is asked of numbers relative to their own size: nothing here is an absolute tolerance.
By hand: python -m tests.exactness.wide FIRST LAST.
"""

from __future__ import annotations

import itertools
import sys
import time
from dataclasses import dataclass, field
from random import Random

import numpy as np
import numpy.typing as npt

from optimizer.corridor import plan_of
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Plan
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Solution
from tests.oracle import brute
from tests.oracle.brute import MAXIMISED, Row, Tables

Array = npt.NDArray[np.float64]
GAP = 1e-6
# Rounding of the values themselves: sums of a handful of numbers.
EXACT = 1e-9
MOST_PLANS = 3_000
LATER = ("cost", "personnel", "escalation", "nations", "weakest_mission", "burden_gap")


@dataclass
class Answer:
    """What was asked, and what is wrong with the answer (empty: nothing)."""

    seed: int
    termination: str = ""
    feasible: bool = True
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"seed {self.seed} ({self.termination}): " + "; ".join(self.wrong)


def drawn(seed: int) -> tuple[Tables, Row]:
    """A random instance with few enough plans; every third has ordinary data and only its weights far apart."""
    for attempt in itertools.count():
        rng = Random(f"wide/{seed}/{attempt}")
        tables, header = _draft(rng, 0.0 if seed % 3 == 0 else 6.0)
        try:
            if brute.count(tables, header, scenario_of(tables), cap=MOST_PLANS) >= 40:
                return tables, header
        except brute.TooLarge:
            continue
    raise AssertionError("unreachable")


def _draft(rng: Random, decades: float) -> tuple[Tables, Row]:
    def spread(base: float, over: float = decades) -> float:
        return float(f"{base * 10 ** rng.uniform(-over / 2, over / 2):.3g}")

    missions, capabilities = [f"m{k}" for k in range(rng.randint(2, 3))], ["c0", "c1"]
    nations, types = [f"n{k}" for k in range(rng.randint(1, 3))], [f"u{k}" for k in range(rng.randint(1, 3))]
    # A quantity is asked for in its own unit: grains or ships.
    sizes = {name: spread(10.0) for name in capabilities}
    tables: Tables = {
        "nations": [
            {"nation": n, "max_personnel": rng.randint(40, 200), "fair_share": spread(1.0, 2.0)} for n in nations
        ],
        "unit_types": [
            {"unit_type": u, "personnel": rng.randint(1, 40), "cost": spread(1.0), "escalation": spread(1.0)}
            for u in types
        ],
        "missions": [{"mission": m, "weight": spread(1.0, 6.0)} for m in missions],
        "areas": [{"area": "a0", "host": "UKR"}],
        "capabilities": [{"capability": c, "measure": "units"} for c in capabilities],
        "requirements": [],
        "yields": [],
        "pledges": [
            {
                "pledge": f"p{k}",
                "nation": rng.choice(nations),
                "unit_type": rng.choice(types),
                "quantity": rng.randint(1, 3),
            }
            for k in range(rng.randint(2, 4))
        ],
    }
    for k, mission in enumerate([*missions, *rng.sample(missions, rng.randint(0, 1))]):
        name = rng.choice(capabilities)
        target = float(f"{sizes[name] * rng.uniform(0.5, 5):.3g}")
        row = {"requirement": f"r{k}", "mission": mission, "area": "a0", "capability": name, "target": target}
        row["threshold"] = float(f"{target * 0.1 ** rng.randint(1, 4):.3g}") if rng.random() < 0.2 else 0.0
        tables["requirements"].append({**row, "weight": spread(1.0, 3.0)})
    for unit in types:
        for name in capabilities:
            if rng.random() < 0.8:
                amount = float(f"{sizes[name] * 10 ** rng.uniform(-5 if decades else -1, 0.5):.3g}")
                tables["yields"].append({"unit_type": unit, "capability": name, "amount": amount})
    if rng.random() < 0.3:
        rng.choice(tables["missions"])["score"] = "weakest"
    if rng.random() < 0.4:
        most = max(number["cost"] for number in tables["unit_types"])
        tables["limits"] = [
            {
                "limit": "money",
                "measure": "cost",
                "maximum": float(f"{most * rng.uniform(0.5, 5):.4g}"),
                "per": "period",
            }
        ]
    later = rng.sample(LATER, rng.randint(1, 2))
    aims: list[Row] = [{"name": name, "priority": k} for k, name in enumerate(["coverage", *later], 1)]
    for aim in aims:
        if aim["name"] == "burden_gap" and rng.random() < 0.5:
            aim["variant"] = "deviation"
    periods = rng.choice((1, 1, 2))
    if periods > 1 and rng.random() < 0.5:
        _conditions(rng, tables)
    return tables, {"schema": 1, "name": "wide", "periods": {"count": periods, "months": 6}, "aims": aims}


def _conditions(rng: Random, tables: Tables) -> None:
    """What one scenario makes true in one of two periods, and expressions over it."""
    tables["conditions"] = [{"condition": "a"}, {"condition": "b", "default": True}]
    tables["scenarios"] = [{"scenario": "turning"}]
    tables["scenario_conditions"] = [
        {"scenario": "turning", "condition": "a", "from": 2, "holds": True},
        {"scenario": "turning", "condition": "b", "until": 1, "holds": rng.random() < 0.5},
    ]
    for row in (rng.choice(tables["pledges"]), *tables.get("limits", [])):
        row["condition"] = rng.choice(("a", "!a", "a | !b", "!(a & b)", "b & !a"))


def scenario_of(tables: Tables) -> str | None:
    """The scenario that is asked: the only one, else the defaults."""
    return next((row["scenario"] for row in tables.get("scenarios", [])), None)


def worths(tables: Tables, header: Row) -> list[Array]:
    """Of each level, what every plan is worth (maximised)."""
    facts = brute.read(tables, header, scenario_of(tables))
    plans = brute.enumerate_plans(facts, MOST_PLANS)
    for rule in (brute.coverage_rules, brute.caveat_limits, brute.participation, brute.limits):
        plans = plans.take(rule(facts, plans))
        if not len(plans.x):
            return []
    return [
        (1.0 if aim["name"] in MAXIMISED else -1.0)
        * np.asarray(brute.aim_value(facts, plans, aim, None), dtype=np.float64)
        for aim in brute.aims_in_order(facts, header)
    ]


def answer(seed: int, gap: float = GAP) -> Answer:
    """Solve the instance of a seed and hold the answer against every plan."""
    tables, header = drawn(seed)
    found = Answer(seed)
    instance = Instance.from_tables(tables, header=header, impossible=True)
    situation = build_situation(instance, scenario_of(tables))
    built = build(situation, None)
    options = SolveOptions(gap=gap)
    solution = solve_levels(built.linear, options)
    every = worths(tables, header)
    found.termination, found.feasible = solution.termination, bool(every)
    if not every:
        if solution.termination != "infeasible":
            found.wrong.append("there is no plan")
        return found
    try:
        plan = plan_of(situation, built, solution, options, None)
    except Exception as error:  # whatever it is, it is no answer
        found.wrong.append(f"{type(error).__name__}: {error}")
        return found
    if not plan.has_plan:
        found.wrong.append("there are plans")
        return found
    evaluation = evaluate(
        instance,
        scenario_of(tables),
        Decisions(plan.assignments, plan.participation, plan.instruments),
        aims=situation.aims,
    )
    found.wrong += [str(violation) for violation in evaluation.violations]
    reached = [(1.0 if item.maximise else -1.0) * float(item.value or 0.0) for item in evaluation.aims]
    _hold(found, solution, plan, reached, every, gap)
    return found


def _hold(found: Answer, solution: Solution, plan: Plan, reached: list[float], every: list[Array], gap: float) -> None:
    """What each level reached, kept and proved, against every plan that keeps the levels before it."""
    kept = np.ones(len(every[0]), dtype=np.bool_)
    results = [level for level in solution.levels if level.reported]
    for level, shown, mine, worth in zip(results, plan.aims.to_dict("records"), reached, every, strict=True):
        ratio = level.name == "burden_gap"
        then = -float(level.value or 0.0) if ratio else float(level.value or 0.0)
        size = float(np.abs(worth).max())
        room = EXACT * abs(mine) + 1e-14 * size
        best = float(worth[kept].max()) if kept.any() else mine
        if mine < then - room:
            found.wrong.append(f"{level.name}: reached {then!r}, given away to {mine!r}")
        for name, bound in (("bound", level.bound), ("bound shown", shown["bound"])):
            if bound is not None and np.isfinite(bound):
                sign = -1.0 if ratio or (name == "bound shown" and mine < 0) else 1.0
                if best > sign * float(bound) + room:
                    found.wrong.append(f"{level.name}: {name} {bound!r}, a plan has {best!r}")
        if level.termination == "optimal":
            if best - mine > gap * abs(mine) + room:
                found.wrong.append(f"{level.name}: optimal with {mine!r}, a plan has {best!r}")
            for one in (level.gap, shown["gap"]):
                if one is None or one > max(gap, EXACT):
                    found.wrong.append(f"{level.name}: optimal with a gap of {one!r}")
        kept &= worth >= mine - 1e-3 * room


def main() -> None:
    """Hold the answers to consecutive seeds against every plan and print what is wrong."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    begun, wrong, terms = time.monotonic(), 0, dict[str, int]()
    for seed in range(first, last):
        found = answer(seed)
        terms[found.termination] = terms.get(found.termination, 0) + 1
        wrong += bool(found.wrong)
        if found.wrong:
            print(found, flush=True)  # noqa: T201
    print(first, last, terms, f"{wrong} wrong, {time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
