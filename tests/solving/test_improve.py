"""The search for better plans, the prices that guide it, and the bound that they prove."""

from __future__ import annotations

import itertools
import queue
import time
from dataclasses import replace
from types import SimpleNamespace

import highspy
import numpy as np
import pytest

from optimizer.instance.generator import generate
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import Objective
from optimizer.solving import together as together_module
from optimizer.solving.child import solve_here
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.doubts import Asked
from optimizer.solving.highs.live import Run
from optimizer.solving.highs.watch import Step
from optimizer.solving.improve import opening
from optimizer.solving.improve import relaxations as relaxations_module
from optimizer.solving.improve.course import Course, Limits
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.matrix import Matrix
from optimizer.solving.improve.neighbourhoods import NATIONS_WINDOW, NEAR_TIMES, USED
from optimizer.solving.improve.opening import Opening
from optimizer.solving.improve.prices import charged, earned_at, proven_bound
from optimizer.solving.improve.relaxations import Relaxations, relaxations_of
from optimizer.solving.improve.reports import Better, Doubtful, Proven, Ready
from optimizer.solving.improve.submodels import SubModels, nothing_at_all
from optimizer.solving.linear import objective_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.improvement import ImprovementWorker
from optimizer.solving.peers.improvement_worker import best_of
from optimizer.solving.peers.pipe import waiting
from optimizer.solving.search import Search
from optimizer.solving.stall import Stall
from optimizer.solving.together import Together
from tests.model.cases import Case, line
from tests.patches import perhaps
from tests.solving.small import best_levels, random_model


@pytest.fixture(scope="module")
def small():
    """A generated instance of the smallest size."""
    return build(build_situation(generate("S", seed=2))).linear


@pytest.fixture(scope="module")
def toured():
    """A model with tours over several periods."""
    return build(build_situation(generate("S", seed=2, periods=5))).linear


def nothing_heard():
    """Nothing comes from elsewhere."""
    return iter(())


def course(model, seed=0, iterations=12):
    """What an improver limited by moves and nodes yields."""
    improver = Improver(model, model.places, seed, node_limit=5)
    first = objective_of(model.levels[0])
    return list(improver.improve(nothing_at_all(model), first, Limits(iterations=iterations)))


def test_every_better_plan_is_a_plan_and_better(small):
    """Plans keep every row, are whole, and get better; none is worth more than what is proven."""
    found = course(small)
    worths = [step.value for step in found if isinstance(step, Better)]
    assert len(worths) > 3
    assert all(later > earlier for earlier, later in itertools.pairwise(worths))
    for step in found:
        if isinstance(step, Better):
            assert worst_break(small, step.values)[1] <= 1e-6
            assert step.value == pytest.approx(objective_of(small.levels[0]).at(step.values))
    (proven,) = [step.bound for step in found if isinstance(step, Proven)]
    assert worths[-1] <= proven


def test_a_part_that_breaks_the_solver_is_no_plan(small, monkeypatch):
    """An exception in the native code (HiGHS 1.15.1: `vector::reserve`, on parts of infeasible models) ends one move, not the search."""
    original, calls = highspy.Highs.run, itertools.count()

    def run(solver):
        if next(calls) % 2:
            raise ValueError("vector::reserve")
        return original(solver)

    monkeypatch.setattr(highspy.Highs, "run", run)
    found = course(small)
    assert next(calls) > 4
    assert any(isinstance(step, Better) for step in found)


def test_limited_by_moves_the_course_is_the_same(small):
    """Same seed, moves and nodes: the same plans, in the opening and in the moves; another seed goes another way."""
    objective = objective_of(small.levels[0])
    relaxation = relaxations_of(Improver(small, small.places).submodels, objective, None).next()

    def moves(seed):
        improver = Improver(small, small.places, seed, node_limit=5, larger=0.4)
        chosen, choose = [], improver.neighbourhoods.choose
        improver.neighbourhoods.choose = lambda: chosen.append(choose()) or chosen[-1]
        steps = list(improver.improve(nothing_at_all(small), objective, Limits(iterations=12), relaxation=relaxation))
        sizes = [(move.title, move.size, move.gain, move.tried) for move in chosen]
        return sizes, [(step.move, step.value) for step in steps]

    def opening(seed):
        return [(step.move, step.value) for step in course(small, seed, 9) if isinstance(step, Better)]

    for way in (opening, moves):
        once, again, other = way(3), way(3), way(4)
        assert once == again
        assert once != other
    assert len(once[0]) == 12


def test_the_relaxation_bounds_what_is_solved_to_the_end(small):
    """The proven bound is at least the best plan's worth, equals the relaxation's, and is below what the columns alone allow."""
    objective = objective_of(small.levels[0])
    improver = Improver(small, small.places)
    relaxation = relaxations_of(improver.submodels, objective, None).next()
    best = solve_here(small, SolveOptions(time_limit=5, gap=0.05)).levels[0]
    assert best.value <= relaxation.bound + 1e-6
    trivial = float(np.maximum(objective.values * small.upper[objective.columns], 0.0).sum()) + objective.constant
    assert relaxation.bound < trivial
    assert relaxation.bound == pytest.approx(objective.at(relaxation.plan), rel=1e-6)


def test_a_large_relaxation_is_solved_beside_the_moves(small, monkeypatch):
    """The first-order method's prices prove a bound that is true and hardly worse than that of interior point; finer ones come later."""
    objective = objective_of(small.levels[0])
    exact = relaxations_of(Improver(small, small.places).submodels, objective, None).next()
    assert exact.exact
    monkeypatch.setattr(relaxations_module, "FIRST_ORDER_NONZEROS", 1)
    relaxations = relaxations_of(Improver(small, small.places).submodels, objective, None)
    found = []
    deadline = time.monotonic() + 60
    while len(found) < len(relaxations_module.FIRST_ORDER_TOLERANCES) and time.monotonic() < deadline:
        if (relaxation := relaxations.next()) is not None:
            found.append(relaxation.bound)
            assert not relaxation.exact
            assert len(found) == len(relaxations_module.FIRST_ORDER_TOLERANCES) or not relaxations.exhausted()
        time.sleep(0.01)
    coarse, fine = found
    assert exact.bound - 1e-6 <= fine <= 1.01 * exact.bound
    assert exact.bound - 1e-6 <= coarse <= 1.05 * exact.bound
    assert relaxations.next() is None
    relaxations._thread.join(10)
    assert relaxations.exhausted()


def test_relaxations_that_end_early_are_exhausted():
    """Where the finer one fails, the coarse one is the last, and where none is found nothing is waited for."""
    coarse = object()
    answers = {0.5: coarse, 0.1: None}
    for wanted in ([0.5, 0.1], [0.1]):
        relaxations = Relaxations(lambda tolerance, _: answers[tolerance], wanted, beside=True)
        relaxations._thread.join(10)
        if wanted[0] == 0.5:
            assert not relaxations.exhausted()
            assert relaxations.next() is coarse
        assert relaxations.exhausted()
        assert relaxations.next() is None


def test_a_relaxation_that_takes_long_is_left_for_another_time():
    """What the short attempt does not solve is tried again, without its limit; what it solves is not solved twice."""
    found = object()

    def asked_for(early):
        asked = []

        def solve(tolerance, seconds):
            asked.append((tolerance, seconds))
            return found if seconds > 5.0 else None

        relaxations = Relaxations(solve, [0.0], early=early)
        return relaxations, asked

    relaxations, asked = asked_for(5.0)
    assert relaxations.early() is None
    assert not relaxations.exhausted()
    assert relaxations.next() is found
    assert relaxations.next() is None
    assert asked == [(0.0, 5.0), (0.0, float("inf"))]
    for early in (6.0, float("inf")):
        relaxations, asked = asked_for(early)
        assert relaxations.early() is found
        assert relaxations.exhausted()
        assert relaxations.next() is relaxations.early() is None
        assert asked == [(0.0, early)]
    relaxations, asked = asked_for(0.0)
    assert relaxations.early() is None
    assert not asked


def test_short_searches_have_one_attempt_at_the_relaxation(small, monkeypatch):
    """Where the attempt after the opening would have no more time, there is none before it; without a clock the only one is before it."""
    asked = []
    monkeypatch.setattr(relaxations_module, "relaxation_of", lambda *given: asked.append(given[4]))
    objective = objective_of(small.levels[0])
    for improver, seconds, limits in [
        (Improver(small, small.places), 10.0, [3.0]),
        (Improver(small, small.places), 100.0, [5.0, 30.0]),
        (Improver(small, small.places), None, [5.0, 120.0]),
        (Improver(small, small.places, node_limit=5), None, [float("inf")]),
    ]:
        asked.clear()
        list(improver.improve(nothing_at_all(small), objective, Limits(seconds, 6)))
        assert asked == limits


def test_the_relaxation_comes_first_where_it_is_quick(small, monkeypatch):
    """A quick relaxation comes before all else; where it is not quick, single posts do, and the relaxation after them."""
    for quick in (True, False):
        monkeypatch.setattr(relaxations_module, "QUICK_RELAXATION_SECONDS", 5.0 if quick else 1e-9)
        improver = Improver(small, small.places)
        steps = improver.improve(nothing_at_all(small), objective_of(small.levels[0]), Limits(iterations=6))
        kinds = ["proven" if isinstance(step, Proven) else getattr(step, "move", "") for step in steps]
        assert kinds.count("proven") == 1
        before = set(kinds[: kinds.index("proven")])
        assert before == (set() if quick else {"one post"})


def test_single_posts_are_looked_at_also_where_nothing_was_built_anew(small, monkeypatch):
    """After a quick relaxation each post comes once, also where neither a sweep nor the restricted master came before."""
    monkeypatch.setattr(Opening, "_is_far", lambda *_: False)
    steps = Improver(small, small.places).improve(
        nothing_at_all(small), objective_of(small.levels[0]), Limits(iterations=6)
    )
    kinds = ["proven" if isinstance(step, Proven) else getattr(step, "move", "") for step in steps]
    assert kinds[:2] == ["proven", "one post"]


def test_a_search_that_is_over_solves_no_relaxation(small):
    """Nothing is done in a search without moves, or that is to stop at once."""
    improver, nothing = Improver(small, small.places), nothing_at_all(small)
    objective = objective_of(small.levels[0])
    assert list(improver.improve(nothing, objective, Limits(iterations=0))) == []
    assert list(improver.improve(nothing, objective, Limits(stop=lambda: True))) == []


def test_moves_reach_what_the_relaxation_uses_or_hardly_loses_by(small):
    """Before the relaxation is known every move frees all of its place. Then a lean one frees what the relaxation uses, a near one besides
    what loses least at its prices, and both what the plan uses."""
    objective = objective_of(small.levels[0])
    improver = Improver(small, small.places)
    course = Course(objective, nothing_at_all(small), Limits())
    everything = np.ones(len(small.lower), dtype=np.bool_)
    assert improver.neighbourhoods.within("lean", everything, course.best).all()
    relaxation = relaxations_of(improver.submodels, objective, None).next()
    list(
        improver.opening.by_prices(
            course, relaxations_of(improver.submodels, objective, None).next(), course.best, nothing_heard
        )
    )
    units = small.places.units & small.integer
    planned, used = course.best > 0.5, relaxation.plan > USED
    lean, near = (improver.neighbourhoods.within(reach, everything, course.best) for reach in ("lean", "near"))
    assert lean[~units].all()
    assert near[~units].all()
    assert (lean[units] == (used | planned)[units]).all()
    assert 0 < lean[units].sum() < near[units].sum() < units.sum()
    assert (near | ~lean).all()
    assert (near & ~planned & units).sum() <= NEAR_TIMES * (used & units).sum()
    earned = earned_at(improver.rows(), objective, relaxation.prices, len(small.lower))
    assert earned[near & ~lean & units].min() >= earned[~near & units].max()
    assert {move.title for move in improver.neighbourhoods.moves} >= {"posts", "posts, near", "posts, lean"}


def test_single_periods_and_nations_are_gone_through_once_prices_are_known(toured):
    """Lean periods until some in a row gain nothing, near nations and near periods; none of it without a relaxation."""
    objective, seen = objective_of(toured.levels[0]), []
    improver = Improver(toured, toured.places)
    improver.opening._once = lambda course, free, move: seen.append((move, free)) or iter(())
    course = Course(objective, nothing_at_all(toured), Limits())
    steps = improver.improve(
        course.best, objective, Limits(stop=lambda: "one mission" in [move for move, _ in seen]), relax=False
    )
    assert list(steps) == []
    assert {move for move, _ in seen} == {"one post", "one period", "one mission"}
    seen.clear()
    improver.opening.guide(course, relaxations_of(improver.submodels, objective, None).next())
    list(improver.opening._by_reach(course, nothing_heard))
    periods, nations = len(improver.neighbourhoods.periods), len(improver.neighbourhoods.nations)
    first = ["one period"] * opening.IDLE_PERIODS
    assert [move for move, _ in seen] == first + ["one nation"] * nations + ["one period, near"] * periods
    known = improver.neighbourhoods
    single = known.mask(nations=known.nations[:1]), known.mask(periods=known.periods[:1])
    for number, reach, place in ((0, "lean", 1), (len(first), "near", 0), (len(first) + nations, "near", 1)):
        free = seen[number][1]
        assert (free == improver.neighbourhoods.within(reach, single[place], course.best)).all()
        assert 0 < (free & toured.places.units).sum() < (single[place] & toured.places.units).sum()


@pytest.mark.parametrize(
    ("exact", "above", "sweeps", "at_once"),
    [
        (True, 1.0, True, True),
        (False, 1.0, True, False),
        (True, opening.MASTER_GAP - 0.001, True, False),
        (True, opening.SWEEP_ABOVE - 0.001, False, False),
    ],
)
def test_what_the_relaxation_uses_is_decided_at_once(toured, monkeypatch, exact, above, sweeps, at_once):
    """After a lean sweep, with the units of relaxation and plan, where interior point has solved it and the plan is far from its bound."""
    objective, improver, solves = objective_of(toured.levels[0]), Improver(toured, toured.places), []
    nothing, units = nothing_at_all(toured), improver.neighbourhoods.units
    relaxation = relaxations_of(improver.submodels, objective, None).next()
    used = relaxation.plan > USED
    alone = next(improver.opening.post_by_post(Course(objective, nothing, Limits()))).values
    planned = alone > 0.5
    assert (planned & units & ~used).any()
    course = Course(objective, alone, Limits())
    relaxation = replace(relaxation, exact=exact, bound=course.value * (1.0 + above))
    monkeypatch.setattr(Opening, "_by_reach", lambda *_: iter(()))
    monkeypatch.setattr(Opening, "post_by_post", lambda *_: iter(()))
    improver.submodels.solve = lambda free, plan, _, seconds, gap: solves.append(
        ((free & units).tobytes(), seconds, gap)
    )
    list(improver.opening.by_prices(course, relaxation, nothing, nothing_heard))
    posts = {
        (improver.neighbourhoods.mask(posts=np.array([post])) & units & used).tobytes()
        for post in improver.neighbourhoods.posts
    }
    sweep = {(post, 2.0 * improver.submodels.seconds, opening.SWEEP_GAP) for post in posts}
    whole = ((units & (used | planned)).tobytes(), opening.MASTER_SECONDS, opening.MASTER_GAP)
    assert set(solves[: sweeps * len(improver.neighbourhoods.posts)]) == (sweep if sweeps else set())
    assert solves[sweeps * len(improver.neighbourhoods.posts) :] == ([whole] if at_once else [])


def test_half_of_the_search_is_left_to_others(toured):
    """In a short search the restricted master take half of what is left at most."""
    plan = nothing_at_all(toured)
    improver, limits = Improver(toured, toured.places), []
    objective = objective_of(toured.levels[0])
    relaxation = relaxations_of(improver.submodels, objective, None).next()
    improver.opening._priced_sweep = improver.opening.post_by_post = improver.opening._by_reach = lambda *_: iter(())
    improver.submodels.solve = lambda free, plan, _, seconds, gap: limits.append(seconds)
    course = Course(objective, plan, Limits(40.0))
    list(improver.opening.by_prices(course, relaxation, plan, nothing_heard))
    assert limits == [pytest.approx(20.0, abs=1.0)]


def test_what_is_decided_at_once_is_kept(toured, monkeypatch):
    """One solve of the restricted master comes near the bound from nothing; where the sweep is near, there is none."""
    objective, moves, solved = objective_of(toured.levels[0]), [], []
    once = Opening._once
    monkeypatch.setattr(Opening, "_once", lambda self, *a, **b: solved.append(True) or once(self, *a, **b))
    monkeypatch.setattr(Opening, "_by_reach", lambda *_: iter(()))
    monkeypatch.setattr(Opening, "post_by_post", lambda *_: iter(()))
    for sweep in (False, True):
        improver = Improver(toured, toured.places)
        relaxation = relaxations_of(improver.submodels, objective, None).next()
        course = Course(objective, nothing_at_all(toured), Limits())
        near = course.best if not sweep else moves[0].values
        monkeypatch.setattr(Opening, "_priced_sweep", lambda *_, c=course, plan=near: c.take(plan, "priced sweep"))
        steps = list(improver.opening.by_prices(course, relaxation, nothing_at_all(toured), nothing_heard))
        moves += [step for step in steps if isinstance(step, Better)]
    assert [better.move for better in moves] == ["restricted master", "priced sweep"]
    assert solved == [True]
    assert moves[0].value > (1.0 - opening.MASTER_GAP) * relaxation.bound


def test_a_sweep_is_told_as_it_grows(toured):
    """Each post that makes it better than the best plan is told; every plan told keeps all rows."""
    improver, nothing = Improver(toured, toured.places), nothing_at_all(toured)
    objective = objective_of(toured.levels[0])
    course = Course(objective, nothing, Limits())
    relaxation = relaxations_of(improver.submodels, objective, None).next()
    improver.opening.guide(course, relaxation)
    told = list(improver.opening._priced_sweep(nothing, course, relaxation))
    assert len(told) > 1
    assert [better.value for better in told] == sorted({better.value for better in told})
    assert all(improver.keeps(better.values) for better in told)
    assert told[-1].value == course.value == objective.at(course.best)


def test_nations_are_gone_through_also_in_a_single_period(small):
    """Where there is one period it is no place of its own; nations are."""
    objective, seen = objective_of(small.levels[0]), []
    improver = Improver(small, small.places)
    improver.opening._once = lambda course, free, move, **_: seen.append(move) or iter(())
    course = Course(objective, nothing_at_all(small), Limits())
    list(
        improver.opening.by_prices(
            course, relaxations_of(improver.submodels, objective, None).next(), course.best, nothing_heard
        )
    )
    assert seen[0] == "restricted master"
    assert set(seen[1:]) == {"one post", "one nation"}


def test_passes_by_reach_are_repeated_while_they_gain(toured, monkeypatch):
    """Once more after a round that closes a good part of the gap, and no more after one that gains nothing."""
    objective, improver, rounds = objective_of(toured.levels[0]), Improver(toured, toured.places), []
    course = Course(objective, nothing_at_all(toured), Limits())

    def gain(course, heard):
        rounds.append(course.value)
        course.value += 5.0 if len(rounds) < 3 else 0.0
        return heard()

    improver.opening._by_reach = gain
    monkeypatch.setattr(Opening, "_priced_sweep", lambda *_: iter(()))
    monkeypatch.setattr(Opening, "post_by_post", lambda self, course: iter(()))
    monkeypatch.setattr(Opening, "_once", lambda *_, **__: iter(()))
    relaxation = replace(relaxations_of(improver.submodels, objective, None).next(), bound=40.0)
    list(improver.opening.by_prices(course, relaxation, course.best, nothing_heard))
    assert rounds == [0.0, 5.0, 10.0]
    for bound in (float("inf"), 9.9):
        rounds[3:], improver.neighbourhoods.reached = [], {}
        list(improver.opening.by_prices(course, replace(relaxation, bound=bound), course.best, nothing_heard))
        assert len(rounds) == 4, "one round, whatever the bound"


def test_passes_hear_of_finer_relaxations_and_of_plans_from_elsewhere(toured):
    """After each solve of a pass; before the first move."""
    objective, improver, heard = objective_of(toured.levels[0]), Improver(toured, toured.places), []
    improver.opening._once = lambda course, free, move, **_: iter(())
    improver.neighbourhoods.choose = lambda: pytest.fail("a move before plans from elsewhere were asked for")
    nothing = nothing_at_all(toured)
    list(improver.improve(nothing, objective, Limits(stop=lambda: len(heard) == 3), news=lambda: heard.append(True)))
    assert len(heard) == 3
    heard.clear()
    course = Course(objective, nothing_at_all(toured), Limits())
    improver.opening.guide(course, relaxations_of(improver.submodels, objective, None).next())
    list(improver.opening._by_reach(course, lambda: heard.append(True) or iter(())))
    assert len(heard) == opening.IDLE_PERIODS + len(improver.neighbourhoods.periods) + len(
        improver.neighbourhoods.nations
    )


def test_a_move_by_nations_and_periods_frees_few_of_both(toured):
    """No unit of more nations than the move is large, and of no more periods than the longest window."""
    improver, places = Improver(toured, toured.places), toured.places
    course = Course(objective_of(toured.levels[0]), nothing_at_all(toured), Limits())
    (move,) = [move for move in improver.neighbourhoods.moves if move.name == "nations and periods"]
    move.size, windows = 2.0, set()
    for _ in range(20):
        free = improver.neighbourhoods.free(move, course.best, course.objective) & places.units
        assert len(set(places.nation[free].tolist())) <= 2
        windows.add(len(set(places.period[free].tolist())))
    assert max(windows) == NATIONS_WINDOW


def test_a_first_plan_of_highs_is_heard(small):
    """Where a level begins without a plan, the first of HiGHS is the best, whatever it is worth, and a worse one is not."""
    objective, nothing = objective_of(small.levels[0]), nothing_at_all(small)
    with Together(Search(small, SolveOptions(), lambda _: None), objective) as together:
        together._take_from_highs(nothing)
        assert together._plan is nothing
        together._take_from_highs(nothing.copy())
        assert together._plan is nothing


def test_each_source_is_believed_by_itself(small):
    """What a worker says of doubt, or what a plan beats, takes back the bounds of one source only, later ones too."""
    worker = FakeWorker()
    inbox = queue.SimpleQueue()
    worker._peer, worker._stopped = SimpleNamespace(waiting=lambda: waiting(inbox)), False
    for step in (Proven(9.0, 0.0, "prices"), Proven(8.0, 0.0, "mounting relaxation"), Proven(7.0, 0.0, "restart")):
        inbox.put(step)
    assert ImprovementWorker.better(worker) is None
    assert worker.bound == 7.0
    inbox.put(Doubtful("restart"))
    inbox.put(Proven(6.0, 0.0, "restart"))
    ImprovementWorker.better(worker)
    assert worker.bounds == {"prices": 9.0, "mounting relaxation": 8.0}
    search = Search(small, SolveOptions(), lambda _: None, plan=nothing_at_all(small))
    with Together(search, objective_of(small.levels[0])) as together:
        together._workers, together._value = [worker], 8.5
        together.tick(None)
        assert worker.bounds == {"prices": 9.0}
        assert search.proven == 9.0
        anew = FakeWorker()
        anew.bounds["restart"] = 8.7
        together._workers.append(anew)
        together.tick(None)
        assert search.proven == 8.7
        together.forget()
        assert search.proven == 9.0, "the same model, the same presolve"
        assert anew.refused == {"restart"}


def test_what_is_proven_is_told_at_once(small):
    """A bound of the worker is an event of its own, once, also while HiGHS says nothing."""

    events = []
    search = Search(small, SolveOptions(), events.append, plan=nothing_at_all(small))
    with Together(search, objective_of(small.levels[0])) as together:
        together._workers = [FakeWorker(bound=42.0)]
        assert together.tick(None) == (None, False)
        together.tick(None)
    assert [(event.bound, event.value) for event in events] == [(42.0, 0.0)]


def test_a_bound_that_is_in_doubt_is_taken_back_aloud(small):
    """What HiGHS said of the best possible is told to be unknown again as soon as it is in doubt; what a worker proved stays."""
    events = []
    search = Search(small, SolveOptions(), events.append)
    search.plan = nothing_at_all(small)
    with Together(search, objective_of(small.levels[0])) as together:
        together.tick(Step(0.0, 40.0, 0.0, 0))
        assert together.bound == 40.0
        together.forget()
        assert events[-1].bound is None
        together._workers = [FakeWorker(bound=42.0)]
        together.tick(Step(0.0, 40.0, 0.0, 0))
        together.forget()
        assert events[-1].bound == 42.0


class FakeWorker(ImprovementWorker):
    """A worker without a process: it knows what it is given and keeps what it is told."""

    def __init__(self, task=None, bound=float("inf"), relaxation=None):
        self.task, self.relaxation, self.refused = task, relaxation, set()
        self.bound = bound
        self.mounting, self.begun = task is not None and task.mounting, time.monotonic()
        self.found, self.told, self.closed = None, [], False
        self.ready, self.over = False, False

    @property
    def ended(self):
        return self.over

    @ended.setter
    def ended(self, over):
        self.over = over

    @property
    def bound(self):
        return super().bound

    @bound.setter
    def bound(self, bound):
        source = "mounting relaxation" if self.task is not None and self.task.mounting else "prices"
        self.bounds = {source: bound} if source not in self.refused else {}

    def better(self):
        found, self.found = self.found, None
        return found

    def send_plan(self, plan):
        self.told.append(plan)

    def stop(self):
        self.ended = True

    def close(self):
        self.closed = True


def test_workers_rest_when_highs_is_asked_to_stop(small, monkeypatch):
    """They end, what they have said is heard, and no others start."""
    monkeypatch.setattr(together_module, "ImprovementWorker", FakeWorker)
    monkeypatch.setattr(together_module, "STALL_SECONDS", 0.0)
    monkeypatch.setattr(together_module, "ALONE_SECONDS", 0.0)
    objective = objective_of(small.levels[0])
    search = Search(small, SolveOptions(), lambda _: None, plan=nothing_at_all(small))
    with Together(search, objective) as together:
        together.tick(None)
        (first,) = together._workers
        assert first.task.larger < 1.0
        first.relaxation = relaxations_of(Improver(small, small.places).submodels, objective, None).next()
        first.bound = first.relaxation.bound
        together.stop_workers()
        assert first.ended
        plan = next(
            step.values
            for step in Improver(small, small.places).improve(search.plan, objective, Limits(iterations=3))
            if isinstance(step, Better)
        )
        first.found = Better(plan, objective.at(plan), "late", 0.0)
        offer, _ = together.tick(None)
        assert objective.at(search.own(offer)) == objective.at(plan)
        time.sleep(0.01)
        together.tick(None)
        assert together._workers == [first]
        # What HiGHS said is in doubt: its second run has workers as the first had, and what these proved stays.
        lowered = []
        monkeypatch.setattr(search.live, "lower_priority", lambda: lowered.append(True))
        together.forget()
        together.tick(None)
        together.tick(None)
        assert together._workers[0] is first
        (other,) = together._workers[1:]
        assert other.task.plan is plan
        assert other.task.relaxation is None
        assert first.task.options.presolve
        assert not other.task.options.presolve, "as the second run"
        assert search.proven == first.bound
        other.ended = True
        together.tick(None)
        assert len(together._workers) == 2, "one that dies is not replaced"
        assert not lowered
        together.stop_workers()
        together.tick(None)
        assert len(together._workers) == 2
    with Together(search, objective) as together:
        together.stop_workers()
        together.tick(None)
        assert not together._workers


def test_a_second_worker_starts_when_the_bound_has_stalled(small, monkeypatch):
    """It begins with the best plan and the first one's relaxation, HiGHS keeps its share, and the two hear of each other's plans."""
    monkeypatch.setattr(together_module, "ImprovementWorker", FakeWorker)
    monkeypatch.setattr(together_module, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(together_module, "undecided", perhaps(lambda model, relaxation: False))
    objective = objective_of(small.levels[0])
    found = []
    for step in Improver(small, small.places, node_limit=5).improve(
        nothing_at_all(small), objective, Limits(iterations=150)
    ):
        found.append(step)
        if isinstance(step, Ready):
            break
    assert isinstance(found[-1], Ready)
    best = [step for step in found if isinstance(step, Better)][-1]
    (proven,) = [step for step in found if isinstance(step, Proven)]
    search = Search(small, SolveOptions(seed=7, presolve=False), lambda event: None, plan=nothing_at_all(small))
    lowered = []
    monkeypatch.setattr(search.live, "lower_priority", lambda: lowered.append(True))
    with Together(search, objective) as together:
        first = FakeWorker(bound=proven.bound, relaxation=proven.relaxation)
        together._workers = [first]
        first.found = best
        offer, _ = together.tick(None)
        assert (offer == best.values).all()
        first.bound = proven.bound - 0.5 * (proven.bound - best.value)
        time.sleep(0.25)
        together.tick(None)
        assert len(together._workers) == 1, "the bound has just moved"
        time.sleep(0.25)
        together.tick(None)
        assert len(together._workers) == 1, "the first is not through its opening"
        assert lowered == []
        first.ready = True
        together.tick(None)
        _, second = together._workers
        together.tick(None)
        assert lowered == [], "nobody proves more than HiGHS"
        assert second.task.seed == 8
        assert second.task.relaxation is proven.relaxation
        assert second.task.larger > 1.0
        assert not second.task.options.presolve
        assert not second.task.mounting
        assert (second.task.plan == best.values).all()
        worse = Better(nothing_at_all(small), 0.0, "posts", 1.0)
        second.found = worse
        assert together.tick(None)[0] is None
        assert first.told == [worse.values]
        assert second.told == []
        second.ended = True
        time.sleep(0.25)
        together.tick(None)
        time.sleep(0.25)
        together.tick(None)
        *_, third = together._workers
        third.ended = True
        time.sleep(0.25)
        together.tick(None)
        assert together._workers == [first, second, third], "those that die are not replaced for ever"
    assert first.closed
    assert second.closed


def test_a_mounting_relaxation_is_asked_for_once_where_mounting_is_open(small, monkeypatch):
    """As soon as the relaxation is known; HiGHS lowers its priority only after a while, and is not asked again once the mounting relaxation has ended."""
    monkeypatch.setattr(together_module, "MOUNTING_ROWS", 0)
    monkeypatch.setattr(together_module, "ImprovementWorker", FakeWorker)
    monkeypatch.setattr(together_module, "MOUNTING_PATIENCE", 0.2)
    monkeypatch.setattr(together_module, "STALL_SECONDS", 60.0)
    monkeypatch.setattr(together_module, "undecided", lambda model, relaxation: True)
    (proven,) = [step for step in course(small) if isinstance(step, Proven)]
    search = Search(small, SolveOptions(seed=7), lambda event: None, plan=nothing_at_all(small))
    lowered = []
    monkeypatch.setattr(search.live, "lower_priority", lambda: lowered.append(True))
    with Together(search, objective_of(small.levels[0])) as together:
        first = FakeWorker()
        together._workers = [first]
        together.tick(None)
        assert together._workers == [first]
        first.bound, first.relaxation = proven.bound, proven.relaxation
        together.tick(None)
        _, mounter = together._workers
        assert mounter.task.mounting
        assert mounter.task.relaxation is proven.relaxation
        mounter.bound = proven.bound - 1.0
        together.tick(None)
        assert (len(together._workers), lowered) == (2, []), "it may be given up soon"
        mounter.bound = float("inf")
        time.sleep(0.25)
        together.tick(None)
        assert lowered == [], "nothing is proven yet"
        mounter.bound, mounter.refused = proven.bound - 1.0, {"mounting relaxation"}
        together.tick(None)
        assert lowered == [], "what it proved is contradicted"
        mounter.refused, mounter.ready = {"restart"}, True
        together.tick(None)
        assert lowered == [], "it only moves"
        mounter.ready = False
        monkeypatch.setattr(together, "_doubted", True)
        together.tick(None)
        assert lowered == [], "a second run that proves alone"
        monkeypatch.setattr(together, "_doubted", False)
        together.tick(None)
        assert lowered == [True]
        assert search.proven == proven.bound - 1.0
        first.ready, mounter.ended = True, True
        together.tick(None)
        assert lowered == [True]
        monkeypatch.setattr(together_module, "STALL_SECONDS", 0.2)
        time.sleep(0.25)
        together.tick(None)
        *_, second = together._workers
        assert not second.task.mounting
        assert search.proven == proven.bound - 1.0, "what was proven stays"


def test_highs_lowers_its_priority_for_a_mounting_relaxation_once_the_bound_has_stalled(small, monkeypatch):
    """Also where the mounting relaxation proves nothing yet."""
    monkeypatch.setattr(together_module, "MOUNTING_ROWS", 0)
    monkeypatch.setattr(together_module, "ImprovementWorker", FakeWorker)
    monkeypatch.setattr(together_module, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(together_module, "undecided", lambda model, relaxation: True)
    (proven,) = [step for step in course(small) if isinstance(step, Proven)]
    search = Search(small, SolveOptions(), lambda event: None, plan=nothing_at_all(small))
    lowered = []
    monkeypatch.setattr(search.live, "lower_priority", lambda: lowered.append(True))
    with Together(search, objective_of(small.levels[0])) as together:
        together._workers = [FakeWorker(bound=proven.bound, relaxation=proven.relaxation)]
        together.tick(None)
        together.tick(None)
        assert lowered == []
        time.sleep(0.25)
        together.tick(None)
        assert lowered == [True]
        assert not np.isfinite(together._workers[1].bound)


def test_a_bound_within_tolerances_of_the_plan_has_stalled():
    """Also where it lies below: no gap is left that it could close."""
    still = Stall()
    assert not still.lasts(0.0, 10.0, 10.00005)
    time.sleep(0.01)
    assert still.lasts(0.0, 10.0, 10.00005)


@pytest.mark.parametrize("why", ["large", "floors", "decided", "unbounded", "small"])
def test_a_mounting_relaxation_is_not_asked_for(small, monkeypatch, why):
    """Where the relaxation is not exact, where earlier levels have floors, where nothing is open, and where HiGHS is quick by itself."""
    monkeypatch.setattr(together_module, "MOUNTING_ROWS", 10**9 if why == "small" else 0)
    monkeypatch.setattr(together_module, "ImprovementWorker", FakeWorker)
    monkeypatch.setattr(together_module, "undecided", perhaps(lambda model, relaxation: why != "decided"))
    (proven,) = [step for step in course(small) if isinstance(step, Proven)]
    search = Search(small, SolveOptions(), lambda event: None, plan=nothing_at_all(small))
    if why == "floors":
        search.live.add_row(np.array([0]), np.array([1.0]), 0.0, float("inf"))
    with Together(search, objective_of(small.levels[0])) as together:
        bound = float("inf") if why == "unbounded" else proven.bound
        together._workers = [FakeWorker(relaxation=replace(proven.relaxation, bound=bound, exact=why != "large"))]
        together.tick(None)
        assert len(together._workers) == 1


def test_a_bound_that_a_plan_beats_is_not_used(small):
    """Not what was proven wrongly, nor what the same worker says later; that is told once, the others' bounds stay."""
    found = course(small)
    best = [step for step in found if isinstance(step, Better)][-1]
    (proven,) = [step for step in found if isinstance(step, Proven)]
    events = []
    search = Search(small, SolveOptions(), events.append, plan=nothing_at_all(small))
    with Together(search, objective_of(small.levels[0])) as together:
        honest, wrong = FakeWorker(bound=proven.bound), FakeWorker(bound=best.value - 1.0)
        together._workers = [honest, wrong]
        together.tick(None)
        assert search.proven == best.value - 1.0
        assert not together._has_stalled()
        assert together._stall.since is not None
        together.finish(best.values)
        assert search.proven == proven.bound
        assert events[-1].bound == proven.bound, "what was told is taken back"
        assert together._stall.since is None, "nor is it known since when it stands"
        assert together.tick(None)[1] is False
        wrong.bound = best.value - 2.0
        together.tick(None)
        assert search.proven == proven.bound
    assert [notice.kind for notice in search.notices] == ["bound_refused"]


class LateWorker(FakeWorker):
    """One whose plan and bound wait until they are asked for."""

    def __init__(self, found, later):
        super().__init__()
        self.found, self.later = found, later

    def better(self):
        self.bound = self.later
        return super().better()


def test_what_workers_said_last_is_heard(small):
    """A plan and a bound that wait when HiGHS ends count."""
    best = [step for step in course(small) if isinstance(step, Better)][-1]
    search = Search(small, SolveOptions(), lambda event: None, plan=nothing_at_all(small))
    with Together(search, objective_of(small.levels[0])) as together:
        worker = LateWorker(best, best.value + 1.0)
        together._workers = [worker]
        together.finish(None)
        assert search.proven == best.value + 1.0
        assert objective_of(small.levels[0]).at(together.settled()) == pytest.approx(best.value)


def test_a_bound_of_highs_that_a_workers_plan_beats_is_no_reason_to_stop(small):
    """Below the plan by less than the asked gap: the search goes on, and at its end HiGHS is not believed."""
    best = [step for step in course(small) if isinstance(step, Better)][-1]
    search = Search(small, SolveOptions(gap=0.5), lambda event: None, plan=nothing_at_all(small))
    objective = objective_of(small.levels[0])
    with Together(search, objective) as together:
        together._workers = [LateWorker(best, float("inf"))]
        wrong = 0.9 * best.value
        offer, enough = together.tick(Step(None, wrong, 0.0, 0, None))
        assert offer is not None
        assert not enough
        assert together.bound is None
        assert together.tick(Step(None, 1.1 * best.value, 0.0, 0, None))[1]
        run = Run("stopped", None, wrong, 0.0, None, False, "")
        assert "worker" in search.doubt(run, Asked(objective.at, True, 0.5, 1e-6))
        assert search.doubt(replace(run, bound=best.value), Asked(objective.at, True, 0.5, 1e-6)) == ""


def test_two_plans_make_one_that_is_better_than_both(small):
    """Each plan has served a post of its own: together they are worth more than the better one, and what both have is kept."""
    objective, nobody = objective_of(small.levels[0]), nothing_at_all(small)
    improver = Improver(small, small.places, node_limit=200)
    plans = (
        improver.submodels.solve(improver.neighbourhoods.mask(posts=np.array([post])), nobody, objective, 10.0)
        for post in improver.neighbourhoods.posts
    )
    mine, other = [found[0] for found in plans if found is not None and found[1] > 0.0][:2]
    for own, theirs in ((mine, other), (other, mine)):
        state = Course(objective, own, Limits())
        list(improver.opening.between(state, theirs))
        assert state.value > max(objective.at(mine), objective.at(other)) + 1e-6
        both = (np.abs(mine - other) < 0.5) & small.places.units & small.integer
        assert (state.best[both] == mine[both]).all()


def test_of_the_plans_that_wait_the_best_is_taken(small):
    """A worse plan that comes later does not hide a better one."""
    objective = objective_of(small.levels[0])
    best = [step for step in course(small) if isinstance(step, Better)][-1].values
    inbox = queue.SimpleQueue()
    assert best_of(waiting(inbox), objective) is None
    for plan in (best, nothing_at_all(small)):
        inbox.put(plan)
    assert best_of(waiting(inbox), objective) is best
    assert best_of(waiting(inbox), objective) is None


def guards_and_medics():
    """Guards in the east need medics, who serve in the west of the same mission, where they earn nothing; another mission is worth nothing."""
    enabler = {"enabler": "medics", "capability": "heal", "per_personnel": 0.001, "scope": "mission"}
    tables = {
        "requirements": [
            line("guard", 4, threshold=4),
            line("medics", 2, area="west", capability="heal", weight=0),
            line("other", 1, mission="n", capability="watch", weight=0),
        ],
        "missions": [{"mission": "m"}, {"mission": "n"}],
        "yields": [
            {"unit_type": "bn", "capability": "guard", "amount": 4},
            {"unit_type": "team", "capability": "heal", "amount": 1},
            {"unit_type": "team", "capability": "watch", "amount": 1},
        ],
        "enablers": [enabler | {"applies_to": "heavy"}],
    }
    model = Case((), tables).built().linear
    return model, objective_of(model.levels[0])


def test_posts_of_a_mission_are_mounted_together():
    """What no post alone finds, the pass over missions finds: after the three posts, unless prices have come."""
    model, objective = guards_and_medics()
    improver, nothing = Improver(model, model.places, node_limit=5), nothing_at_all(model)
    steps = improver.improve(nothing, objective, Limits(iterations=4), relax=False)
    assert [(step.value, step.move) for step in steps] == [(100.0, "one mission")]
    course = Course(objective, nothing, Limits())
    assert list(improver.opening.mission_by_mission(course, lambda: True)) == []


@pytest.mark.parametrize("other", ["m", "n"])
def test_missions_are_no_move_where_posts_are(other):
    """One mission of two posts is everything, two of one post each are posts: neither is a kind of its own, or solved for."""
    tables = {"requirements": [line("guard"), line("watch", 2, area="west", mission=other)]}
    model = Case((), tables | {"missions": [{"mission": "m"}, {"mission": "n"}]}).built().linear
    improver = Improver(model, model.places)
    course = Course(objective_of(model.levels[0]), nothing_at_all(model), Limits())
    assert not any(move.name == "missions" for move in improver.neighbourhoods.moves)
    assert list(improver.opening.mission_by_mission(course, lambda: False)) == []
    assert course.done == 0


def test_a_move_by_missions_frees_whole_ones():
    """All units of as many missions as the move is large, and no others."""
    model, objective = guards_and_medics()
    improver = Improver(model, model.places)
    course = Course(objective, nothing_at_all(model), Limits())
    (move,) = [move for move in improver.neighbourhoods.moves if move.name == "missions"]
    move.size = 1.0
    places, seen = model.places, set()
    for _ in range(20):
        freed = places.mission_of_post[places.post][
            improver.neighbourhoods.free(move, course.best, course.objective) & places.units
        ]
        (mission,) = set(freed.tolist())
        assert len(freed) == (places.units & (places.mission_of_post[places.post] == mission)).sum()
        seen.add(mission)
    assert len(seen) == 2


def test_known_prices_leave_out_the_opening(small):
    """With the relaxation at hand nothing is solved or told of it again, and moves of all reaches begin at once."""
    found = course(small)
    best = [step for step in found if isinstance(step, Better)][-1].values
    (proven,) = [step for step in found if isinstance(step, Proven)]
    improver = Improver(small, small.places, 1, node_limit=5)
    objective = objective_of(small.levels[0])
    steps = list(improver.improve(best, objective, Limits(iterations=3), relaxation=proven.relaxation))
    assert not any(isinstance(step, (Proven, Ready)) or step.move == "one post" for step in steps)
    assert {move.reach for move in improver.neighbourhoods.moves} == {"all", "near", "lean"}


@pytest.mark.parametrize("block", range(4))
def test_any_prices_prove_a_true_bound(block):
    """Random prices, most of them nonsense, on random tiny models: never below the best plan that enumeration finds."""
    finite = 0
    for seed in range(50 * block, 50 * block + 50):
        rng = np.random.default_rng(seed)
        model = random_model(rng, levels=1)
        best = best_levels(model)
        if best is None:
            continue
        matrix = _matrix(model)
        for scale in (0.0, 0.3, 3.0):
            prices = scale * rng.normal(size=len(model.row_lower))
            bound = proven_bound(matrix, model, model.levels[0].objective, prices)
            finite += np.isfinite(bound)
            assert bound >= best[0] - 1e-9
    assert finite > 50


def _matrix(model):
    rows = np.repeat(np.arange(len(model.row_lower)), np.diff(model.row_starts))
    return Matrix(rows, model.row_columns, model.row_values, model.row_lower, model.row_upper)


def test_a_column_without_a_bound_that_earns_proves_nothing():
    """An unbounded column is bounded by a capacity row where there is one, else an earning one makes the bound infinite."""
    builder = ModelBuilder()
    builder.add_columns("tonnes", [(0,), (1,)], upper=[float("inf"), float("inf")], integer=False)
    builder.add_row("capacity", (0,), [0], [2.0], upper=10.0)
    model = builder.finish(())
    worth = [Objective(np.array([column]), np.array([3.0])) for column in (0, 1)]
    nothing = np.zeros(1)
    assert proven_bound(_matrix(model), model, worth[0], nothing) == pytest.approx(15.0)
    assert proven_bound(_matrix(model), model, worth[0], np.array([1.5])) == pytest.approx(15.0)
    assert proven_bound(_matrix(model), model, worth[1], nothing) == float("inf")


def test_a_post_pays_only_for_what_others_want_too():
    """Rows of one post cost nothing; rows of several posts cost their price."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,), (1,), (2,)], upper=[1.0, 1.0, 1.0], integer=True)
    builder.add_row("alone", (0,), [0, 1], [1.0, 1.0], upper=1.0)
    builder.add_row("shared", (0,), [1, 2], [2.0, 1.0], upper=2.0)
    model = builder.finish(())
    post = np.array([0, 0, 1])
    priced = charged(_matrix(model), Objective(np.arange(3), np.ones(3)), np.array([5.0, 0.25]), post)
    assert priced.values.tolist() == [1.0, 0.5, 0.75]


def tonnes_of_units():
    """Tonnes are a sum over units: 1000 tonnes = 150 units and more, at most ten units, the more tonnes the better."""
    builder = ModelBuilder()
    units = list(builder.add_columns("present", [("a",), ("b",)], upper=10.0, integer=True).values())
    (tonnes,) = builder.add_columns("flow", [("t",)], upper=10.0).values()
    builder.add_row("flow", ("t",), [*units, tonnes], [150.0, 550.0, -1000.0], lower=0.0, upper=0.0)
    builder.add_row("cap", ("t",), units, [1.0, 1.0], upper=10.0)
    return builder.finish(()), Objective(np.array([tonnes]), np.ones(1))


def test_what_is_kept_leaves_no_room_for_errors():
    """A row of which a part is kept is as wide as before, however large that part is: room would add up from move to move."""
    model, objective = tonnes_of_units()
    kept = np.array([10.0, 0.0, 1.5])
    lp, columns = SubModels(model, np.random.default_rng(0)).sub_model(np.array([False, True, True]), kept, objective)
    assert columns.tolist() == [1, 2]
    assert np.asarray(lp.row_lower_)[0] == pytest.approx(-1500.0, abs=1e-8)
    assert np.asarray(lp.row_upper_)[0] - np.asarray(lp.row_lower_)[0] < 1e-8


def test_tonnes_are_derived_anew_after_a_gain(monkeypatch):
    """Tonnes that HiGHS gives with an error within its tolerance come out exact."""
    model, objective = tonnes_of_units()
    original, calls = highspy.Highs.getSolution, itertools.count()

    def solution(solver):
        found = original(solver)
        if next(calls) == 0:
            found.col_value = [*found.col_value[:2], found.col_value[2] - 5e-10]
        return found

    monkeypatch.setattr(highspy.Highs, "getSolution", solution)
    free = np.ones(3, dtype=np.bool_)
    values, worth, done = SubModels(model, np.random.default_rng(0)).solve(free, np.zeros(3), objective, 10.0)
    assert next(calls) > 1
    assert done
    assert worth == pytest.approx(5.5)
    assert worst_break(model, values)[1] < 1e-9
