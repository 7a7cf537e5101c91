"""One number that is powers of ten too large or too small: a finding on its cell, or an answer as exact as any other."""

from __future__ import annotations

import pytest

from optimizer.corridor import solve
from optimizer.instance.findings import InvalidInstance
from optimizer.instance.instance import Instance
from tests.exactness.compare import Row
from tests.exactness.extreme import verdict

pytestmark = pytest.mark.no_cover
SLOW = 100_000
# Where a campaign once found something wrong: a yield far above the target left no unit; a target far above left no plan.
FOUND = (72, 2308, 2189)
WORST = ("Error", "Rejected", "Failed", "instead of", "the tool says")


@pytest.mark.parametrize("first", [2_000, 2_030])
def test_one_number_out_of_all_proportion(first: int) -> None:
    """Never a plan that is refused, never another answer than that of all plans."""
    _check([*range(first, first + 30)])


def test_found_before() -> None:
    """As above, for cases that were wrong once."""
    _check([*FOUND])


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SLOW, SLOW + 3_000, 100))
def test_three_thousand(first: int) -> None:
    """The long campaign."""
    _check([*range(first, first + 100)])


def _check(seeds: list[int]) -> None:
    found = [verdict(seed) for seed in seeds]
    wrong = [one for one in found if one.kind == "wrong" and any(word in one.text for word in WORST)]
    assert not wrong, "\n".join(map(str, wrong))
    assert any(one.kind == "same" for one in found) or len(found) < 10


def tables(target: float, amount: float, **pledge: float) -> dict[str, list[Row]]:
    """A line that one kind of unit serves."""
    return {
        "nations": [{"nation": "A"}],
        "unit_types": [{"unit_type": "u", "personnel": 10, "cost": 1}],
        "yields": [{"unit_type": "u", "capability": "c", "amount": amount}],
        "pledges": [{"pledge": "p", "nation": "A", "unit_type": "u", "quantity": 3, **pledge}],
        "missions": [{"mission": "m"}],
        "areas": [{"area": "a"}],
        "requirements": [{"requirement": "r", "mission": "m", "area": "a", "capability": "c", "target": target}],
    }


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({"requirements": [{"target": 4e9}]}, ("requirements", "target")),
        ({"requirements": [{"threshold": 1e-9}]}, ("requirements", "threshold")),
        ({"yields": [{"amount": 1e9}]}, ("yields", "amount")),
        ({"unit_types": [{}, {"cost": 1e12}]}, ("unit_types", "cost")),
        ({"unit_types": [{}, {"personnel": 1e12}]}, ("unit_types", "personnel")),
        ({"unit_types": [{}, {"lift": 1e11, "sustainment": 1}]}, ("unit_types", "lift")),
        ({"nations": [{"fair_share": 1}, {"fair_share": 1e10}]}, ("nations", "fair_share")),
    ],
)
def test_numbers_that_drown_each_other_are_a_finding_on_the_cell(change: dict[str, list[Row]], cell: Row) -> None:
    content = tables(5, 1)
    content["nations"].append({"nation": "B"})
    content["unit_types"].append({"unit_type": "v", "personnel": 10, "cost": 1})
    for name, cells in change.items():
        for row, more in zip(content[name], cells, strict=False):
            row |= more
    with pytest.raises(InvalidInstance) as error:
        Instance.from_tables(content, {"schema": 1})
    found = [one for one in error.value.findings if one.code == "numbers-far-apart"]
    assert cell in {(one.place, one.column) for one in found}


def test_a_cap_far_above_everything_changes_nothing() -> None:
    """A national cap of 1e12 stands on whether the nation is there: it still does not let it in where it may not be."""
    for cap in (40.0, 1e6, 1e12):
        content = tables(5, 1)
        content["nations"] = [{"nation": "A", "max_personnel": cap}, {"nation": "B", "max_personnel": cap}]
        content["pledges"].append({"pledge": "q", "nation": "B", "unit_type": "u", "quantity": 3})
        content["limits"] = [{"limit": "few", "measure": "nations", "maximum": 1, "per": "horizon"}]
        plan = solve(Instance.from_tables(content, {"schema": 1}), child=False)
        assert (plan.termination, plan.aim("coverage"), set(plan.assignments["units"])) == ("optimal", 60.0, {3})
