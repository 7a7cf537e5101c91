"""More units than a line's target asks for: each rule that can reward them, on an instance that is worse or impossible without."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.model.assemble import excess_is_useless, unit_bounds
from optimizer.solving.levels import solve_levels
from optimizer.solving.options import SolveOptions
from tests.model.cases import Case, base, line, pledge, post
from tests.oracle import brute

Tables = dict[str, Any]
COVERAGE: tuple[dict[str, Any], ...] = ({"name": "coverage", "priority": 1},)


def case(aims: tuple[dict[str, Any], ...] = COVERAGE, baseline: Any = None, **more: Any) -> Case:
    """Two teams fill the first line, one battalion of 600 persons the second; twelve teams of 50 persons are pledged."""
    tables: Tables = {
        "nations": [{"nation": "FRA", "fair_share": 1}, {"nation": "ITA", "fair_share": 1}],
        "yields": [
            {"unit_type": "bn", "capability": "watch", "amount": 4},
            {"unit_type": "team", "capability": "guard", "amount": 1},
        ],
        "pledges": [pledge("bn", "FRA", "bn", 1), pledge("team", "ITA", "team", 12)],
        "requirements": [line("guard", 2), {**line("watch", 4), "capability": "watch"}],
        **more,
    }
    return Case((), tables, aims=aims, baseline=baseline)


def reached(of: Case) -> list[float | None]:
    """The values of the levels that are reported; empty where there is no plan."""
    solution = solve_levels(of.built().linear, SolveOptions())
    return [level.value for level in solution.levels if level.reported] if solution.has_plan else []


def limit(measure: str, **more: Any) -> Tables:
    """One row of limits."""
    return {"limits": [{"limit": "it", "measure": measure, **more}]}


CASES: dict[str, Case] = {
    "no nation has more than half of the persons": case(posts=post(max_share=0.5)),
    "a lead with half of the persons": case(
        posts=post(lead="required", lead_min_share=0.5),
        participation=[{"nation": "ITA", "mission": "m", "area": "east", "may_lead": True}],
    ),
    "a least contingent of the nation": case(nations=[{"nation": "FRA"}, {"nation": "ITA", "min_contingent": 450}]),
    "a least contingent at the post": case(
        participation=[{"nation": "ITA", "mission": "m", "area": "east", "min_contingent": 450}]
    ),
    "a floor": case(**limit("personnel", nation="ITA", minimum=450)),
    "a share of the persons": case(**limit("personnel_share", nation="FRA", maximum=0.5)),
    "a share of the costs": case(**limit("cost_share", nation="FRA", maximum=0.5)),
    "a share of the units": case(**limit("units_share", nation="FRA", maximum=0.2)),
    "a limit on the burden gap": case(**limit("burden_gap", per="horizon", maximum=1.1)),
    "support": case(enablers=[{"enabler": "it", "capability": "guard", "per_personnel": 0.01, "applies_to": "heavy"}]),
    "the burden gap": case((*COVERAGE, {"name": "burden_gap", "priority": 2})),
    "few changes": case((*COVERAGE, {"name": "changes", "priority": 2}), baseline={("team", "guard", 1): 9}),
    "the aims by default": case(()),
}


@pytest.mark.parametrize("name", CASES)
def test_excess_is_kept_where_it_is_rewarded(name: str) -> None:
    """Everything is covered, and the next aim as good as every plan allows, with more units on a line than its target asks for."""
    one = CASES[name]
    assert not excess_is_useless(one.situation())
    assert unit_bounds(one.situation())["team", "guard"] == 12
    header = {"periods": {"count": 1, "months": 6}, "aims": list(one.aims)}
    before = [
        dict(zip(("pledge", "requirement", "period"), key, strict=True), units=n)
        for key, n in (one.baseline or {}).items()
    ]
    tables = {table: [dict(row) for row in rows] for table, rows in {**base(), **one.tables}.items()}
    best = brute.best(tables, header, None, before or None)
    signs = [-1.0 if level == "burden_gap" else 1.0 for level, _ in best.aims]
    found = reached(one)
    assert found[0] == pytest.approx(100.0)
    assert found == pytest.approx([sign * value for sign, value in zip(signs, best.levels, strict=True)])


def test_excess_is_cut_off_where_nothing_rewards_it() -> None:
    """Without such a rule no more teams than two can be on the line."""
    assert excess_is_useless(case().situation())
    assert unit_bounds(case().situation())["team", "guard"] == 2
    assert reached(case()) == pytest.approx([100.0])
