"""Conflicts and ways out against the oracle: real, irreducible, least."""

from __future__ import annotations

import pytest

import optimizer as fg
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import rules_of
from optimizer.studies.why.ask import explain_infeasible
from optimizer.studies.why.conflict import liftable
from tests.oracle.brute import TooLarge, best
from tests.studies.why.reference import Case, all_sets, draw, instance_of, lifted, outcome

pytestmark = pytest.mark.no_cover
HEAVIEST = 5


def feasible_without(case: Case, rules: list[str]) -> bool:
    """Whether the oracle finds a plan with some rules lifted."""
    return best(lifted(case.tables, rules), case.header, case.scenario).feasible


def wrong_in(case: Case) -> list[str]:
    """What is wrong in the answer to an instance without a plan; raises `TooLarge` where the oracle has too much to do."""
    with_plan = {steps: weight for weight, steps in all_sets(case, HEAVIEST) if outcome(case, steps).feasible}
    instance = instance_of(case)
    found, wrong = explain_infeasible(instance, case.scenario), []
    ids = [rule.id for rule in found.conflict]
    rules = liftable(instance, rules_of(build_situation(instance, case.scenario)))
    others = [rule.id for rule in rules if rule.id not in ids]
    if found.has_plan is not False or not found.irreducible or feasible_without(case, others):
        wrong.append(f"no conflict: {ids}")
    wrong += [f"{rule} is superfluous in {ids}" for rule in ids if not feasible_without(case, [*others, rule])]
    least, order = min(with_plan.values(), default=None), [one.rule for one in case.asked]
    weights = [way.weight for way in found.ways_out]
    if weights != sorted(weights) or not found.least:
        wrong.append(f"weights {weights}, least {found.least}")
    if (weights[:1] or [None])[0] != least and not (least is None and weights and weights[0] > HEAVIEST):
        wrong.append(f"the lightest way out has weight {weights[:1]} instead of {least}")
    for way in found.ways_out:
        made = {one["rule"]: one["steps"] for one in way.concessions}
        steps = tuple(made.get(rule, 0) for rule in order)
        if way.weight <= HEAVIEST and (with_plan.get(steps) != way.weight or way.plan is None):
            wrong.append(f"{made} is no way out")
    return wrong


def campaign(first: int, last: int, least: int) -> None:
    """All instances without a plan among some seeds."""
    wrong, met = [], 0
    for seed in range(first, last):
        case = draw(seed, rules=6)
        try:
            if not outcome(case, (0,) * len(case.asked)).feasible:
                wrong += [f"seed {seed}: {text}" for text in wrong_in(case)]
                met += 1
        except TooLarge:
            continue
    assert not wrong, "\n".join(wrong)
    assert met >= least


def test_conflicts_and_ways_out_are_those_of_the_oracle() -> None:
    """Random instances without a plan: the conflict is real and irreducible, the lightest way out has the least weight."""
    campaign(0, 60, 8)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(200_000, 201_000, 100))
def test_conflicts_and_ways_out_are_those_of_the_oracle_long(first: int) -> None:
    """The long campaign."""
    campaign(first, first + 100, 5)


def test_a_planted_conflict() -> None:
    """A post that must be mounted by nations whose contingents do not fit under its cap: each rule is named, and nothing else."""
    instance = fg.Instance.from_tables(
        {
            "nations": [{"nation": "A", "min_contingent": 60}, {"nation": "B", "min_contingent": 60}, {"nation": "C"}],
            "unit_types": [{"unit_type": "team", "personnel": 10, "cost": 1}],
            "yields": [{"unit_type": "team", "capability": "guard", "amount": 1}],
            "pledges": [
                {"pledge": f"{name}-teams", "nation": name, "unit_type": "team", "quantity": 10} for name in ("A", "B")
            ],
            "missions": [{"mission": "m"}],
            "requirements": [
                {"requirement": "r", "mission": "m", "area": "a", "capability": "guard", "target": 10, "threshold": 2}
            ],
            "posts": [{"mission": "m", "area": "a", "must": True, "min_nations": 2, "max_personnel": 110}],
            "limits": [{"limit": "money", "measure": "cost", "per": "horizon", "maximum": 100}],
            "concessions": [
                {"concession": "1", "rule": "posts/m:a.must", "weight": 5},
                {"concession": "2", "rule": "posts/m:a.max_personnel", "change": 5, "most": 3},
                {"concession": "3", "rule": "nations/*", "change": 10},
            ],
        },
        impossible=True,
    )
    found = explain_infeasible(instance)
    assert {rule.id for rule in found.conflict} == {
        "nations/A.min_contingent",
        "nations/B.min_contingent",
        "posts/m:a.must",
        "posts/m:a.min_nations",
        "posts/m:a.max_personnel",
    }
    assert found.irreducible
    assert found.least
    ways = [(way.weight, {made["rule"]: made["steps"] for made in way.concessions}) for way in found.ways_out]
    assert {frozenset(made) for weight, made in ways if weight == 1} == {
        frozenset({"nations/A.min_contingent"}),
        frozenset({"nations/B.min_contingent"}),
        frozenset({"posts/m:a.min_nations"}),
    }
    assert (2, {"posts/m:a.max_personnel": 2}) in ways
    assert all(way.plan is not None for way in found.ways_out)


def test_an_instance_with_a_plan_has_no_conflict() -> None:
    """It is said that there is a plan, and nothing else."""
    found = explain_infeasible("instances/tutorial")
    assert (found.has_plan, found.conflict, found.ways_out) == (True, (), ())


def test_no_time() -> None:
    """Without time nothing is claimed."""
    assert explain_infeasible("instances/tutorial", time_limit=1e-9).has_plan is None
