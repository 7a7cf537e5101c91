"""Withdrawals against enumeration with the oracle, and their edges."""

from __future__ import annotations

import itertools
from random import Random

import pytest

import optimizer as fg
from optimizer.studies.withdraw.ask import withdraw
from optimizer.studies.withdraw.leaving import loosening, pledging
from tests.oracle.brute import TooLarge
from tests.oracle.random_instances import PART_ONE
from tests.studies.withdraw.reference import draw, kept, value, work_here

STEADY = PART_ONE | {"participation", "lead", "instruments"}


def close(one: float | None, other: float | None) -> bool:
    """Equal up to what the solver's tolerances hide; two that are missing are."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 2e-6 * max(1.0, abs(other))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    work_here(monkeypatch)


@pytest.mark.parametrize("seed", range(8))
def test_all_sets_are_those_of_enumeration(seed: int) -> None:
    """Every set of one or two nations: value, bound, and what is left of the plan; worst first; and the worst three by search."""
    assert compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 400, 20))
def test_all_sets_are_those_of_enumeration_long(first: int) -> None:
    """The long campaign: most of twenty instances can be enumerated, and are."""
    assert sum(compare(seed) for seed in range(first, first + 20)) >= 15


def compare(seed: int) -> bool:
    """Compare one random instance; False: it has too many plans to enumerate."""
    instance, tables, header, scenario = draw(seed, STEADY if seed % 2 else fg_families())
    plan = fg.solve(instance, scenario, child=False)
    found = withdraw(instance, scenario, size=2, start=plan)
    nations = pledging(instance)
    sets = [out for size in (1, 2) for out in itertools.combinations(nations, size)]
    assert sorted(row.out for row in found.rows) == sorted(sets)
    try:
        expected = {out: value(tables, header, scenario, out) for out in sets}
    except TooLarge:
        return False
    for row in found.rows:
        assert close(row.value, expected[row.out]), (row, expected[row.out])
        assert close(row.bound, expected[row.out]), (row, expected[row.out])
        assert row.termination == ("infeasible" if expected[row.out] is None else "optimal")
        left = kept(tables, header, scenario, plan, row.out)
        assert left is None or close(row.kept, left), (row, left)
    scores = [row.score for row in found.rows]
    assert scores == sorted(scores)
    three = [out for size in (1, 2, 3) for out in itertools.combinations(nations, size)]
    every = {out: value(tables, header, scenario, out) for out in three}
    worst = withdraw(instance, scenario, size=3, worst=True, start=plan)
    assert worst.complete
    with_plan = [one for one in every.values() if one is not None]
    lowest = pick(found.aim)(with_plan) if with_plan else None
    assert all(close(side, lowest) for side in worst.worst)
    assert worst.is_exact
    left = [row for row in worst.rows if row.termination != "infeasible"]
    assert left == [] if lowest is None else close(left[0].value, lowest) and close(every[left[0].out], lowest)
    assert all(every[row.out] is None for row in worst.rows if row.termination == "infeasible")
    assert worst.hopeless == sum(one is None for one in every.values()) or loosening(instance, scenario)
    return True


def pick(aim: str) -> object:
    """The worst of several values of an aim."""
    return min if aim.split(" + ")[0] in {"coverage", "weakest_mission"} or " + " in aim else max


def fg_families() -> frozenset[str]:
    """All families of rules."""
    from tests.oracle.random_instances import FAMILIES

    return FAMILIES


@pytest.mark.parametrize("seed", range(2))
def test_the_search_finds_what_all_solves_find(seed: int) -> None:
    """Seven nations, three of which leave: the worst by search is that of all 63 sets, with fewer solves."""
    rng = Random(seed)
    nations = [f"N{k}" for k in range(7)]
    posts = [("guard", "east"), ("guard", "west"), ("train", "east")]
    tables = {
        "nations": [{"nation": one} for one in nations],
        "unit_types": [{"unit_type": one, "personnel": 10, "cost": 1} for one in ("bn", "team")],
        "yields": [
            {"unit_type": "bn", "capability": "patrol", "amount": 3},
            {"unit_type": "team", "capability": "patrol", "amount": 1},
            {"unit_type": "team", "capability": "teach", "amount": 2},
        ],
        "pledges": [
            {"pledge": f"{one}-{unit}", "nation": one, "unit_type": unit, "quantity": rng.randint(1, 3)}
            for one in nations
            for unit in rng.sample(("bn", "team"), rng.choice((1, 1, 2)))
        ],
        "missions": [{"mission": "guard", "weight": 2}, {"mission": "train"}],
        "requirements": [
            {
                "requirement": f"r{k}",
                "mission": m,
                "area": a,
                "capability": c,
                "threshold": rng.randint(1, 6),
                "target": 9,
            }
            for k, ((m, a), c) in enumerate(itertools.product(posts, ("patrol", "teach")))
        ],
        "posts": [
            {"mission": "guard", "area": "east", "lead": "required", "min_nations": 2, "must": seed == 0},
            {"mission": "train", "area": "east", "min_nations": 1},
        ],
        "participation": [{"nation": one, "may_lead": True} for one in rng.sample(nations, 3)],
    }
    instance = fg.Instance.from_tables(tables, {"aims": [{"name": "coverage"}]})
    plan = fg.solve(instance, child=False)
    every = withdraw(instance, size=3, start=plan)
    worst = withdraw(instance, size=3, worst=True, start=plan)
    assert len(every.rows) == 63
    assert worst.is_exact
    assert worst.hopeless == every.hopeless
    assert all(close(one, other) for one, other in zip(worst.worst, every.worst, strict=True))
    assert len(worst.rows) < 63
