"""Curves of concessions against enumeration with the oracle, and their edges."""

from __future__ import annotations

import pytest

import optimizer as fg
from optimizer.studies.why.ask import UnknownLine, concessions
from optimizer.studies.why.curve import Search
from optimizer.studies.why.judge import Judge, NothingToCompare
from tests.studies.why.reference import Case, curve, draw, instance_of

pytestmark = pytest.mark.no_cover
CHUNK = 20


def differences(case: Case, expected: list[float | None]) -> list[str]:
    """Where the curve of the product is not that of the oracle, or is not proven."""
    judge = Judge(instance_of(case), case.scenario)
    assert {one.id for one in judge.concessions} <= {one.rule for one in case.asked}
    found = []
    for value, point in zip(expected, Search(judge).run(len(expected) - 1), strict=True):
        right = point.score == value if value is None or point.score is None else close(point.score, value)
        if not right or not point.proven:
            found.append(f"weight {point.weight}: {point.score} (bound {point.bound}) instead of {value}")
        assert judge.weight(point.state) <= point.weight
    return found


def close(one: float, other: float) -> bool:
    """Equal up to what the solver's tolerances hide."""
    return abs(one - other) <= 2e-6 * max(1.0, abs(other))


def campaign(first: int, count: int) -> None:
    """Compare consecutive seeds."""
    wrong, telling = [], 0
    for seed in range(first, first + count):
        case = draw(seed)
        expected = curve(case)
        if expected is not None:
            wrong += [f"seed {seed}: {text}" for text in differences(case, expected)]
            telling += len(set(expected)) > 1
    assert not wrong, "\n".join(wrong)
    assert telling >= count // 4


@pytest.mark.parametrize("first", range(0, 60, CHUNK))
def test_curves_are_those_of_enumeration(first: int) -> None:
    """For weights 0 to 3 the best value among all sets, proven, on random instances of all families."""
    campaign(first, CHUNK)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100_000, 101_000, 5 * CHUNK))
def test_curves_are_those_of_enumeration_long(first: int) -> None:
    """The long campaign, in parts so large that the share of telling instances is not chance."""
    campaign(first, 5 * CHUNK)


def world(**more: object) -> fg.Instance:
    """Two nations that are banned by two caveats each; only all four lifted, or a third nation's larger offer, help."""
    tables: dict[str, object] = {
        "nations": [{"nation": name} for name in ("A", "B", "C")],
        "unit_types": [{"unit_type": "bn", "personnel": 100, "cost": 1}],
        "yields": [{"unit_type": "bn", "capability": "guard", "amount": 1}],
        "pledges": [
            {"pledge": f"{name}-bn", "nation": name, "unit_type": "bn", "quantity": 1 if name == "C" else 4}
            for name in ("A", "B", "C")
        ],
        "missions": [{"mission": "m"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "a", "capability": "guard", "target": 10}],
        "caveats": [
            {"caveat": f"{name}{number}", "nation": name, "rule": "forbid"} for name in ("A", "B") for number in (1, 2)
        ],
        **more,
    }
    return fg.Instance.from_tables(tables, header={"aims": [{"name": "coverage"}]}, impossible=True)  # type: ignore[arg-type]


def test_two_that_help_only_together() -> None:
    """Neither caveat of a nation alone brings anything; both together bring four units, more than one unit of C."""
    found = concessions(world(), most=4)
    assert found.termination == "optimal"
    assert [round(point.value or 0, 6) for point in found.points] == [10, 20, 50, 60, 90]
    assert [made["rule"] for made in found.points[1].concessions] == ["pledges/C-bn.quantity"]
    assert len(found.points[2].concessions) == 2
    assert not found.points[2].nested
    assert len({made["asked"] for made in found.points[2].concessions}) == 1
    assert all(point.plan is not None and point.plan.aim("coverage") == point.value for point in found.points)
    assert list(found.table["weight"].unique()) == [0, 1, 2, 3, 4]


def test_one_nation_and_one_line() -> None:
    """Only what a nation would be asked for is considered; what a line gets is counted in percent."""
    assert [point.value for point in concessions(world(), most=1, nation="C").points] == [10, 20]
    found = concessions(world(), most=2, line="r")
    assert (found.aim, [round(point.value or 0) for point in found.points]) == ("fulfilment of r", [10, 20, 50])
    for wrong in ({"line": "x"}, {"nation": "X"}):
        with pytest.raises(UnknownLine):
            concessions(world(), **wrong)


def test_no_time_gives_intervals() -> None:
    """Without time nothing is known, and nothing is claimed."""
    found = concessions(world(), most=1, time_limit=1e-9)
    assert [(point.value, point.bound, point.proven) for point in found.points] == [(None, None, False)] * 2
    assert found.termination == "none_found"


def test_a_first_aim_without_its_baseline() -> None:
    """Without the plan that the first aim compares with nothing can be counted, and a sentence says so; one line can."""
    instance = fg.Instance.from_tables(
        {
            name: list(world().rows(name))
            for name in ("nations", "unit_types", "yields", "pledges", "missions", "requirements")
        },
        header={"aims": [{"name": "changes"}]},
        impossible=True,
    )
    for ask in (fg.concessions, fg.prices):
        with pytest.raises(NothingToCompare, match="another aim before it"):
            ask(instance)
    assert fg.concessions(instance, most=0, line="r").points[0].value is not None


def test_where_there_is_no_plan() -> None:
    """A post that must have what only banned nations bring: no plan up to weight 1, one with weight 2."""
    posts = [{"mission": "m", "area": "a", "must": True}]
    lines = [{"requirement": "r", "mission": "m", "area": "a", "capability": "guard", "target": 10, "threshold": 5}]
    never = [
        {"concession": str(k), "rule": rule, "never": True} for k, rule in enumerate(("requirements/*", "posts/*"))
    ]
    found = concessions(world(posts=posts, requirements=lines, concessions=never), most=2)
    assert [(point.value, point.bound) for point in found.points[:2]] == [(None, None)] * 2
    assert found.points[1].proven
    assert round(found.points[2].value or 0) == 50


def test_a_lift_that_uncovers_a_stricter_row() -> None:
    """Emptying a nation's own cap lets the cap of everybody speak: it helps only where both go."""
    participation = [{"max_units": 1}, {"nation": "C", "max_units": 2}]
    pledges = [{"pledge": "C-bn", "nation": "C", "unit_type": "bn", "quantity": 5}]
    table = [
        {"concession": "1", "rule": "pledges/*", "never": True},
        {"concession": "2", "rule": "participation/*", "change": "lift"},
    ]
    found = concessions(world(participation=participation, pledges=pledges, concessions=table), most=3)
    assert [round(point.value or 0) for point in found.points] == [20, 20, 50, 50]
    assert len(found.points[3].concessions) == 2
