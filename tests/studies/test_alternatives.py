"""Near-best plans against the enumeration of all plans: how far the second is, what all share, what is indispensable."""

import math

import numpy as np
import pytest

import optimizer as fg
from optimizer.studies.alternatives.ask import _aims
from optimizer.studies.alternatives.search import Near, Search
from optimizer.studies.pooled import Trial
from optimizer.studies.study import InvalidStudy, Study, Vary
from tests.studies.enumerated import asked_here, drawn, everything
from tests.studies.small import tutorial

STUDY = Study("alternatives", vary=(Vary("probe", "probe"), Vary("start", "probe")), gap=1e-9)
NEAR = 1e-6


def searched(instance, within, count=2, tests=100):
    """The search, in this process."""
    aims = _aims(instance)
    search = Search(aims, asked_here(instance, STUDY), Trial(instance, None, aims), within, count)
    search.run(tests)
    return search


def costs_and_places(tables, header):
    """Of all plans the first level (less is better), and who serves where."""
    found = everything(tables, header)
    first = min(int(aim.get("priority", 1)) for aim in header["aims"])
    level = [aim for aim in header["aims"] if int(aim.get("priority", 1)) == first]
    weights = [1.0 if aim["name"] == "burden_gap" else float(aim.get("weight", 1.0)) for aim in level]
    values = found.values(level)
    return (values @ np.array(weights)) if len(values) else np.zeros(0), found.places()


@pytest.mark.parametrize("seed", range(300, 324))
def test_second_plan_is_as_far_as_any_and_indispensable_is_what_every_plan_has(seed):
    tables, header, instance = drawn(seed)
    within = (0.0, 0.05, 0.3)[seed % 3]
    costs, places = costs_and_places(tables, header)
    search = searched(instance, within)
    if not len(costs):
        assert search.first.outcome["termination"] == "infeasible"
        return
    best = costs.min()
    assert search.plans[0].cost == pytest.approx(best, rel=NEAR, abs=NEAR)
    limit = best + within * abs(best)
    near = [one for cost, one in zip(costs, places, strict=True) if cost <= limit + NEAR * max(1.0, abs(limit))]
    farthest = max(len(one ^ search.plans[0].places) for one in near)
    if farthest:
        second = search.plans[1]
        assert (second.distance, second.bound) == (farthest, farthest)
        assert search.keeps(second.cost)
    else:
        assert search.exhausted
        assert len(search.plans) == 1
    in_all = frozenset.intersection(*near)
    assert {one.place for one in search.shared if one.status == "proven"} == in_all
    for one in search.shared:
        without = [cost for cost, there in zip(costs, places, strict=True) if one.place not in there]
        loss = min(without) - best if without else math.inf
        assert one.least is not None
        assert one.least <= loss + NEAR * max(1.0, abs(best))
        if one.status == "not needed":
            assert one.most == pytest.approx(loss, abs=NEAR * max(1.0, abs(best)))


def test_plans_their_differences_and_what_they_share_are_on_the_disk(tmp_path):
    found = fg.alternatives(tutorial(), count=3, within=0.05, jobs=1, out=tmp_path / "out")
    assert found.termination == "optimal"
    assert (found.aim, found.plans[0].distance) == ("coverage", None)
    for number, one in enumerate(found.plans, 1):
        assert one.value >= 80.0 * 0.95 - 1e-6
        fg.verify(tutorial(), one.plan)
        before = [len(one.places ^ other.places) for other in found.plans[: number - 1]]
        assert one.distance == min(before, default=None)
        assert fg.load_plan(tmp_path / "out" / f"plan-{number}").aim("coverage") == pytest.approx(one.value)
    shared = frozenset.intersection(*(one.places for one in found.plans))
    assert {(one.nation, one.mission, one.area) for one in found.common} == shared
    assert {one.status for one in found.common} <= {"proven", "found", "not needed"}
    again = fg.alternatives(tutorial(), count=3, within=0.05, jobs=2, out=tmp_path / "out", resume=True)
    assert again.record() == found.record()


def test_what_is_not_tested_is_not_called_proven():
    found = fg.alternatives(tutorial(), count=1, within=0.0, tests=0, jobs=1)
    assert found.common
    assert {one.status for one in found.common} == {"found"}
    assert any("not asked" in warning for warning in found.warnings)


def test_no_plan_is_said_to_be_impossible():
    tables = {name: table.to_dict("records") for name, table in tutorial().tables.items()}
    tables["limits"] = [{"limit": "much", "measure": "personnel", "minimum": 10_000_000}]
    instance = fg.Instance.from_tables(tables, header={"name": "impossible"}, impossible=True)
    found = fg.alternatives(instance, jobs=1)
    assert (found.termination, found.plans, found.common) == ("infeasible", (), ())


@pytest.mark.parametrize(
    ("count", "within", "code"), [(0, 0.02, "count"), (3, -0.1, "within"), (3, math.nan, "within")]
)
def test_what_cannot_be_asked_for_is_refused(count, within, code):
    with pytest.raises(InvalidStudy) as refused:
        fg.alternatives(tutorial(), count=count, within=within)
    assert [one.code for one in refused.value.findings] == [code]


def test_plans_that_a_better_best_plan_puts_beyond_the_limit_are_left_out():
    """Distances are then from the plans that are left, and nothing is proven of them."""
    one, two, three = (frozenset({("FRA", "guard", area)}) for area in ("east", "west", "south"))
    search = Search((), None, None, 0.1, 3)
    search.plans = [Near(None, -50.0, one), Near(None, -60.0, two, 2, 2), Near(None, -58.0, two | three, 1, 1)]
    search._drop()
    assert search.dropped == 1
    assert [(near.cost, near.distance, near.bound) for near in search.plans] == [(-60.0, None, None), (-58.0, 1, None)]
