"""The search where arrivals count: what moves free around pairs and spells, what guides it, and that no more arrivals are counted than there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.linear import AimTerm, Level, Objective
from optimizer.solving.child import solve_here
from optimizer.solving.guides import OWN_TIMES, guide_of
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.improve.course import Course, Limits
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better, Proven, Ready
from optimizer.solving.improve.spells import arrivals, family, spells_of, with_least_arrivals
from optimizer.solving.improve.submodels import nothing_at_all
from optimizer.solving.levels import _begin_guided
from optimizer.solving.linear import add_floor, objective_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.search import Search
from optimizer.solving.solution import ignore

STEADY = (
    {"name": "coverage", "priority": 1, "tolerance": 0.05},
    {"name": "turnover", "priority": 2},
)


def generated(aims=STEADY):
    """A generated instance, small enough for ten solves within a second or two."""
    instance = generate(nations=5, unit_types=3, posts=4, periods=5, seed=2)
    tables = {name: instance.rows(name) for name in instance.tables}
    header = {"periods": {"count": 5, "months": 6}, "aims": [dict(aim) for aim in aims]}
    return build(build_situation(Instance.from_tables(tables, header=header))).linear


@pytest.fixture(scope="module")
def steady():
    """A model with the aim turnover after coverage."""
    return generated()


@pytest.fixture(scope="module")
def jumpy(steady):
    """A plan of it that was made without a thought of arrivals."""
    improver = Improver(steady, steady.places, node_limit=5)
    plan = nothing_at_all(steady)
    for step in improver.improve(plan, objective_of(steady.levels[0]), Limits(iterations=8)):
        plan = step.values if isinstance(step, Better) else plan
    return with_least_arrivals(steady, plan)


def test_spells_are_read_from_a_plan(steady, jumpy):
    """Arrivals counted in a plan's presence are those of its columns; without turnover there is nothing to count."""
    spells = spells_of(steady)
    begins = spells.begins(jumpy)
    assert begins.sum() == arrivals(steady).at(jumpy) > 0
    there = spells.there(jumpy)
    assert (begins <= there).all()
    edges = spells.edges(jumpy)
    assert not edges[:, 0].any()
    assert (edges[:, 1:].sum(axis=1) == np.abs(np.diff(there.astype(int), axis=1)).sum(axis=1)).all()
    without = generated(({"name": "coverage", "priority": 1},))
    assert spells_of(without) is arrivals(without) is guide_of(without, 0) is None
    assert with_least_arrivals(without, nothing_at_all(without)).sum() == 0


def test_no_more_arrivals_are_counted_than_there_are(steady, jumpy):
    """Columns of arrivals that no aim pushed down are made what the presence asks for, and the plan stays a plan."""
    loose = jumpy.copy()
    loose[family(steady, "arrives")] = 1.0
    assert arrivals(steady).at(loose) > arrivals(steady).at(jumpy)
    tight = with_least_arrivals(steady, loose)
    assert (tight == jumpy).all()
    assert worst_break(steady, tight)[1] <= 1e-6


def test_a_window_frees_arrivals_after_it(steady):
    """Who fills a gap in one period spares the arrival in the next: that column is free in every window."""
    neighbourhoods = Improver(steady, steady.places).neighbourhoods
    free = neighbourhoods.mask(periods=neighbourhoods.periods[1:2])
    assert free[family(steady, "arrives")].all()
    assert not free[family(steady, "is_present")].all()


def test_a_gap_is_closed_by_a_move_in_its_period(steady, jumpy):
    """A move that frees a single period leaves no more arrivals than there were, and its plan counts what it has."""
    improver = Improver(steady, steady.places, node_limit=20)
    fewer = Objective(arrivals(steady).columns, -arrivals(steady).values)
    plan = jumpy
    for period in improver.neighbourhoods.periods[1:-1]:
        free = improver.neighbourhoods.mask(periods=np.array([period]))
        found = improver.submodels.solve(free, plan, fewer, 10.0)
        plan = plan if found is None else found[0]
    assert arrivals(steady).at(plan) < arrivals(steady).at(jumpy)
    assert spells_of(steady).begins(plan).sum() == arrivals(steady).at(plan)


@pytest.mark.parametrize("name", ["pairs", "spells"])
def test_around_a_pair_both_its_post_and_its_nation_are_free(steady, jumpy, name):
    """All who could be at the post, and the nation wherever it could be; around a spell within a window that it begins or ends in."""
    places, spells = steady.places, spells_of(steady)
    neighbourhoods = Improver(steady, places, seed=3).neighbourhoods
    (move,) = [one for one in neighbourhoods.moves if one.title == name]
    move.size = 1.0
    for _ in range(5):
        freed = neighbourhoods.free(move, jumpy, objective_of(steady.levels[0])) & neighbourhoods.units
        window = np.unique(places.period[freed])
        if name == "pairs":
            assert len(window) == len(neighbourhoods.periods)
        inside = neighbourhoods.units & np.isin(places.period, window)
        posts = [p for p in neighbourhoods.posts if freed[inside & (places.post == p)].all()]
        nations = [n for n in neighbourhoods.nations if freed[inside & (places.nation == n)].all()]
        around = inside & (np.isin(places.post, posts) | np.isin(places.nation, nations))
        assert (freed == around).all()
        assert posts
        assert nations
        if name == "spells":
            chosen = np.isin(spells.posts, posts) & np.isin(spells.nations, nations)
            assert spells.edges(jumpy)[chosen][:, np.isin(spells.periods, window)].any()


def test_a_guide_charges_for_arrivals_before_the_aim_at_few(steady):
    """Coverage is charged for arrivals, turnover earns a little by coverage and needs no opening; the other way round nothing guides."""
    first, second = guide_of(steady, 0), guide_of(steady, 1)
    plan, counted = np.zeros(len(steady.lower)), arrivals(steady)
    plan[counted.columns[:3]] = 1.0
    assert not first.opened
    assert second.opened
    charge = -first.objective.at(plan) / 3.0
    assert charge > 0.0
    assert second.objective.at(plan) == -3.0
    share = objective_of(steady.levels[0]).columns[:1]
    plan[counted.columns[:3]], plan[share] = 0.0, 1.0
    earned = objective_of(steady.levels[0]).at(plan)
    assert first.objective.at(plan) == pytest.approx(earned)
    assert second.objective.at(plan) * OWN_TIMES * charge == pytest.approx(earned)
    backwards = replace(steady, levels=steady.levels[1::-1])
    assert guide_of(backwards, 0) is guide_of(backwards, 1) is None
    together = Level(tuple(term for level in steady.levels[:2] for term in level.terms))
    assert guide_of(replace(steady, levels=(together,)), 0) is None
    assert guide_of(steady, len(steady.levels)) is None


def test_a_level_without_tolerance_or_size_has_a_guide(steady):
    """A small price where no tolerance is given, and where the level counts nothing."""
    exact = [replace(term, tolerance=0.0) for term in steady.levels[0].terms]
    cheap = guide_of(replace(steady, levels=(Level(tuple(exact)), *steady.levels[1:])), 0)
    dear = guide_of(steady, 0)
    column = arrivals(steady).columns[-1]
    assert 0.0 > cheap.objective.values[cheap.objective.columns == column][0] > dear.objective.values[-1]
    nothing = AimTerm("coverage", 1, 1.0, 0.0, True, Objective(np.zeros(0, dtype=np.int64), np.zeros(0)))
    assert guide_of(replace(steady, levels=(Level((nothing,)), *steady.levels[1:])), 0).objective.values.sum() < 0


def test_what_is_reported_is_better_by_the_goal():
    """A plan that is better by the guide alone is kept and not reported; one that is better by both is."""
    goal = Objective(np.array([0]), np.array([1.0]))
    guide = Objective(np.array([0, 1]), np.array([1.0, -1.0]))
    course = Course(guide, np.array([3.0, 5.0]), Limits(), goal=goal)
    assert list(course.take(np.array([2.0, 0.0]), "steadier")) == []
    assert course.best.tolist() == [2.0, 0.0]
    (better,) = course.take(np.array([4.0, 1.0]), "better")
    assert better.value == 4.0
    assert list(course.take(np.array([9.0, 9.0]), "worse by the guide")) == []


def test_the_search_by_a_guide_has_fewer_arrivals(steady):
    """With the same moves: better plans are better by the level, the bound is the level's, and contingents stay."""

    def ended(guide):
        improver, plan, values = Improver(steady, steady.places, node_limit=5), nothing_at_all(steady), [0.0]
        objective = objective_of(steady.levels[0])
        for step in improver.improve(plan, objective, Limits(iterations=8), guide=guide):
            if isinstance(step, Better):
                plan = step.values
                values.append(step.value)
                assert step.value == pytest.approx(objective.at(plan))
            elif isinstance(step, Proven):
                bound = step.bound
        assert values == sorted(values)
        return spells_of(steady).begins(plan).sum(), values[-1], bound

    by_level, by_guide = ended(None), ended(guide_of(steady, 0))
    assert by_guide[0] < by_level[0]
    assert by_guide[1] > 0.8 * by_level[1]
    assert by_guide[2] == pytest.approx(by_level[2])


def test_after_the_opening_of_another_level_there_are_only_moves(steady, jumpy):
    """The bound first, then moves at once, under the floor of the level before."""
    improver = Improver(steady, steady.places, node_limit=2, larger=0.1)
    coverage, fewest = (objective_of(level) for level in steady.levels[:2])
    floor = 0.95 * coverage.at(jumpy)
    improver.add_row(coverage.columns, coverage.values, floor - coverage.constant, float("inf"))
    guide = guide_of(steady, 1)
    steps = list(improver.improve(jumpy, fewest, Limits(iterations=6), guide=guide))
    assert isinstance(steps[0], Proven)
    assert isinstance(steps[1], Ready)
    kinds = {move.title for move in improver.neighbourhoods.moves}
    better = [step for step in steps if isinstance(step, Better)]
    assert better
    assert {step.move for step in better} <= kinds
    assert coverage.at(better[-1].values) >= floor - 1e-6


def test_levels_end_with_as_many_arrivals_as_the_plan_has(steady):
    """Coverage, then turnover, solved for a few seconds: the aim's value is what the plan's presence says."""
    solution = solve_here(steady, SolveOptions(time_limit=6, gap=0.05))
    (turnover,) = [aim for aim in solution.aims if aim.name == "turnover"]
    assert turnover.value == spells_of(steady).begins(solution.values).sum()
    assert worst_break(steady, solution.values)[1] <= 1e-6


def test_turnover_begins_with_the_best_plan_by_the_guide(steady, jumpy):
    """What workers have found by the guide takes the place of a plan that is better by the level before, unless it breaks the floor of that."""
    search = Search(steady, SolveOptions(), ignore)
    search.plan, search.guided = jumpy, nothing_at_all(steady)
    _begin_guided(search, steady.levels[1])
    assert (search.plan == nothing_at_all(steady)).all()
    assert search.guided is None
    search.plan, search.guided = jumpy, nothing_at_all(steady)
    add_floor(search, steady.levels[0])
    _begin_guided(search, steady.levels[1])
    assert search.plan is jumpy
