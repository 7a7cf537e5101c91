"""Frontiers against the enumeration of all plans, and what is said of them."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

import optimizer as fg
from optimizer.studies.frontier.ask import _chosen
from optimizer.studies.frontier.points import Found, bounds_of, spread
from optimizer.studies.frontier.search import Search
from optimizer.studies.probing import prober
from optimizer.studies.record import failed
from optimizer.studies.study import InvalidStudy, Study, Vary
from tests.studies.enumerated import asked_here, drawn, everything
from tests.studies.small import tutorial

AIMS = ("coverage", "weakest_mission", "cost", "personnel", "escalation", "nations", "turnover", "burden_gap")
STUDY = Study("frontier", vary=(Vary("probe", "probe"), Vary("start", "probe")), gap=1e-9, time_limit=20.0)
NEAR = 1e-5


def front(values):
    """The value vectors that no other dominates, each once, in order."""
    found = []
    for one in sorted(map(tuple, values)):
        as_good = (values <= np.array(one) + 1e-9).all(axis=1)
        better = (values < np.array(one) - 1e-9).any(axis=1)
        if not (as_good & better).any() and not any(np.allclose(one, other, rtol=1e-9, atol=1e-9) for other in found):
            found.append(one)
    return found


def searched(instance, names, points=1000, gap=1e-9):
    """The search, in this process."""
    chosen = _chosen(instance, names, points)
    search = Search(chosen, asked_here(instance, replace(STUDY, gap=gap)), points, gap)
    search.run()
    return search


def of_header(header, name):
    """The aim as the frontier takes it."""
    stated = next((aim for aim in header["aims"] if aim["name"] == name), {"name": name})
    return {**stated, "priority": 1, "weight": 1.0, "tolerance": 0.0}


def case(seed, count):
    tables, header, instance = drawn(seed)
    rng = Random(f"frontier/{seed}")
    keyed = any(row.get("fair_share") is not None for row in tables["nations"])
    names = rng.sample([name for name in AIMS if name != "burden_gap" or keyed], count)
    return tables, header, instance, names


@pytest.mark.parametrize("seed", range(24))
def test_frontier_of_two_aims_is_that_of_all_plans(seed):
    tables, header, instance, names = case(seed, 2)
    expected = front(everything(tables, header).values([of_header(header, name) for name in names]))
    search = searched(instance, names)
    found = sorted(one.values for one, _ in search.known())
    assert search.complete
    assert len(found) == len(expected), (names, expected, found)
    assert np.allclose(found, expected, rtol=NEAR, atol=NEAR) if expected else not found


@pytest.mark.parametrize("seed", range(100, 105))
def test_frontier_of_three_aims_is_that_of_all_plans(seed):
    tables, header, instance, names = case(seed, 3)
    expected = front(everything(tables, header).values([of_header(header, name) for name in names]))
    search = searched(instance, names)
    found = sorted(one.values for one, _ in search.known())
    assert search.complete
    assert len(found) == len(expected), (names, expected, found)
    assert np.allclose(found, expected, rtol=NEAR, atol=NEAR) if expected else not found


@pytest.mark.parametrize("seed", range(200, 212))
def test_with_a_wide_gap_the_bounds_hold_for_every_plan(seed, monkeypatch):
    tables, header, instance, names = case(seed, 2 + seed % 2)
    values = everything(tables, header).values([of_header(header, name) for name in names])
    if seed >= 206 and len(values):
        # As on large models: bounds come from relaxations, too.
        monkeypatch.setattr(prober, "is_relaxed", lambda *_: True)
    search = searched(instance, names, points=4, gap=0.2)
    points = [one.values for one, _ in search.known()]
    assert bool(points) == bool(len(values))
    for point in points:
        for aim, bound in enumerate(bounds_of(point, search.answers)):
            rest = [other for other in range(len(names)) if other != aim]
            as_good = (values[:, rest] <= np.array(point)[rest] + 1e-7).all(axis=1)
            assert bound is None or values[as_good, aim].min() >= bound - 1e-6 * max(1.0, abs(bound))
        for other in points:
            assert other == point or any(a < b for a, b in zip(point, other, strict=True))


def test_of_too_many_points_the_ends_and_the_answers_are_shown_first():
    groups = [(Found((float(n), float(-n)), ""), 0) for n in range(10)]
    answers = [Found((4.0, -4.0), "")]
    shown = [int(one.values[0]) for one, _ in spread(groups, 4, answers)]
    assert shown == [0, 2, 4, 9]
    assert spread(groups, 10, []) == groups


def test_an_end_without_a_plan_is_asked_again_from_the_other_end():
    really, asked = asked_here(tutorial(), STUDY), []

    def ask(probes):
        answers = really(probes)
        late = not asked
        asked.extend(probes)
        return [failed(0, "none_found", "too late"), *answers[1:]] if late else answers

    search = Search(_chosen(tutorial(), ["coverage", "cost"], 2), ask, 2, 1e-9)
    search.run()
    assert [bool(start) for _, start in asked] == [False, False, True]
    assert [one.values for one, _ in search.known()] == [pytest.approx((-80, 132)), pytest.approx((0, 0))]


def test_points_have_verified_plans_and_levels_between_the_ends():
    found = fg.frontier(tutorial(), ["coverage", "cost"], points=5, jobs=1)
    assert found.termination == "optimal"
    assert not found.complete
    assert len(found.points) == 5
    first, last = found.points[0], found.points[-1]
    assert (first.values["coverage"], first.values["cost"]) == pytest.approx((80.0, 132.0))
    assert (last.values["coverage"], last.values["cost"]) == pytest.approx((0.0, 0.0))
    for point in found.points:
        assert point.proven
        fg.verify(tutorial(), point.plan)
        assert point.plan.aim("coverage") == pytest.approx(point.values["coverage"])
        assert point.plan.aims["bound"].isna().all()
    assert [set(row) for row in found.record()] == [{"coverage", "coverage_bound", "cost", "cost_bound"}] * 5


def test_resumed_in_two_processes_from_half_a_journal_it_is_the_same(tmp_path):
    whole = fg.frontier(tutorial(), ["coverage", "personnel"], points=4, jobs=1, out=tmp_path / "whole")
    folder = tmp_path / "half"
    fg.frontier(tutorial(), ["coverage", "personnel"], points=4, jobs=1, out=folder)
    lines = (folder / "runs.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "runs.jsonl").write_bytes(b"".join(lines[:2]) + lines[2][:20])
    again = fg.frontier(tutorial(), ["coverage", "personnel"], points=4, jobs=2, out=folder, resume=True)
    assert again.table.equals(whole.table)
    assert (folder / "points.csv").read_bytes() == (tmp_path / "whole" / "points.csv").read_bytes()
    assert fg.load_plan(folder / "point-1").aim("coverage") == pytest.approx(80.0)


def test_plans_of_a_pool_count_and_plans_found_join_it(tmp_path):
    found = fg.frontier(tutorial(), points=4, jobs=1, pool=tmp_path)
    kept = set(tmp_path.iterdir())
    assert len(kept) >= len(found.points)
    again = fg.frontier(tutorial(), points=3, jobs=1, pool=tmp_path)
    assert len(again.points) == 3
    assert {80.0, 0.0} < set(again.table["coverage"])
    assert any("not shown" in warning for warning in again.warnings)


def test_no_plan_is_said_to_be_impossible():
    instance = fg.Instance.from_tables(
        {
            **{name: table.to_dict("records") for name, table in tutorial().tables.items()},
            "limits": [{"limit": "much", "measure": "personnel", "minimum": 10_000_000}],
        },
        header={"name": "impossible"},
        impossible=True,
    )
    found = fg.frontier(instance, points=3, jobs=1)
    assert (found.termination, found.points) == ("infeasible", ())


@pytest.mark.parametrize(
    ("aims", "points", "code"),
    [
        (["coverage"], 5, "aims"),
        (["coverage", "coverage"], 5, "duplicate-aim"),
        (["coverage", "cots"], 5, "unknown-aim"),
        (["coverage", "changes"], 5, "aims"),
        (["coverage", "burden_gap"], 5, "aims"),
        (["coverage", "cost", "personnel", "nations"], 5, "aims"),
        (["coverage", "cost"], 1, "points"),
    ],
)
def test_aims_that_cannot_be_traded_off_are_refused(aims, points, code):
    with pytest.raises(InvalidStudy) as refused:
        fg.frontier(tutorial(), aims, points)
    assert [one.code for one in refused.value.findings] == [code]
