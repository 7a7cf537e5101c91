"""A first plan is found from the rules alone, sought until there is one, and not sought where it is proven that there is none."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import LinearModel, Objective, Places, RatioAim
from optimizer.solving import levels
from optimizer.solving import together as together_module
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.live import LiveModel, Run
from optimizer.solving.improve import first
from optimizer.solving.improve.course import Limits
from optimizer.solving.improve.first import first_plan
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.reports import Better
from optimizer.solving.improve.submodels import nothing_at_all
from optimizer.solving.levels import objective_of, solve_levels
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers.improvement import Task
from optimizer.solving.peers.improvement_worker import work
from optimizer.solving.ratio import _Task
from optimizer.solving.relaxing import nudged
from optimizer.solving.search import Search
from optimizer.solving.solution import Incumbent
from tests.model.cases import CASES
from tests.patches import perhaps
from tests.solving.small import level, objective
from tests.solving.test_improve import FakeWorker

NATIONS, PERIODS = 6, 3


def coalition(posts=4, *, caps=10.0, threshold=12.0, spare=0.0, ratio=False):
    """Posts that must be mounted in every period, each with a threshold; nations send units of their own strength, up to a cap over all posts.

    `spare`: how much smaller thresholds are than what all nations together could reach, shared out by chance; None: `threshold` for each.
    """
    random, builder = np.random.default_rng(3), ModelBuilder()
    keys = [(n, p, t) for n in range(NATIONS) for p in range(posts) for t in range(PERIODS)]
    strength = random.integers(2, 6, NATIONS).astype(float)
    able = random.random((NATIONS, posts)) < 0.6
    able[np.arange(NATIONS), np.arange(NATIONS) % posts] = True
    upper = [caps if able[n, p] else 0.0 for n, p, _ in keys]
    builder.add_columns("units", keys, upper=upper, integer=True)
    mounted = [(p, t) for p in range(posts) for t in range(PERIODS)]
    builder.add_columns("mounted", mounted, lower=1.0, upper=1.0, integer=True)
    column = {key: number for number, key in enumerate([*keys, *mounted])}
    # A plan that uses up every cap says which thresholds can be reached together.
    sent = np.zeros((NATIONS, posts))
    for n in range(NATIONS):
        for _ in range(int(caps)):
            sent[n, random.choice(np.flatnonzero(able[n]))] += 1.0
    reached = np.tile(threshold, posts) if spare is None else np.maximum(0.0, strength @ sent - spare)
    for p, t in mounted:
        units = [column[n, p, t] for n in range(NATIONS)]
        values = [*strength.tolist(), -float(reached[p])]
        builder.add_row("threshold", (p, t), [*units, column[p, t]], values, lower=0.0)
    for n in range(NATIONS):
        for t in range(PERIODS):
            builder.add_row("cap", (n, t), [column[n, p, t] for p in range(posts)], [1.0] * posts, upper=caps)
    fewest = level("fewest", [1.0] * len(keys), weight=-1.0)
    if ratio:
        units = np.arange(len(keys), dtype=np.int64)
        own = [np.array([column[n, p, t] for p in range(posts) for t in range(PERIODS)]) for n in range(NATIONS)]
        aim = RatioAim(
            tuple(Objective(columns, np.ones(len(columns))) for columns in own),
            (1.0 / NATIONS,) * NATIONS,
            Objective(units, np.ones(len(units))),
        )
        fewest = type(fewest)(fewest.terms, aim, "burden")
    model = builder.finish((fewest,))
    return LinearModel(**{**model.__dict__, "places": places_of(keys, mounted, posts)})


def places_of(keys, mounted, posts):
    nowhere = [-1] * len(mounted)
    return Places(
        np.array([*(n for n, _, _ in keys), *nowhere]),
        np.array([*(p for _, p, _ in keys), *(p for p, _ in mounted)]),
        np.array([*(t for _, _, t in keys), *(t for _, t in mounted)]),
        np.array([-1] * (len(keys) + len(mounted))),
        np.arange(posts),
        np.arange(posts),
        np.array([True] * len(keys) + [False] * len(mounted)),
    )


@pytest.fixture
def alone(monkeypatch):
    """HiGHS is never asked for a plan of the whole model."""

    def run(*_, **__):
        raise AssertionError("the whole model is not to be solved")

    monkeypatch.setattr(LiveModel, "run", perhaps(run))


def keeps(model, plan):
    return plan is not None and worst_break(model, plan)[1] <= 1e-6


def test_posts_that_must_be_mounted_are_filled_without_a_solve_of_the_whole(alone):
    """Each post alone is enough where nobody is needed twice."""
    model = coalition(threshold=12.0, spare=None)
    plan = first_plan(model, model.places, limits=Limits(iterations=8))
    assert keeps(model, plan)
    assert plan[~model.places.units].all()


@pytest.mark.parametrize("seed", range(4))
def test_posts_that_compete_for_the_same_nations_are_filled_together(alone, seed):
    """Where the thresholds leave nothing over, the search goes on past single posts until everybody is where they are needed."""
    model = coalition(posts=5, spare=2.0)
    assert first_plan(model, model.places, seed=seed, limits=Limits(iterations=5)) is None, (
        "each post once is not enough"
    )
    assert keeps(model, first_plan(model, model.places, seed=seed))


def test_a_start_that_breaks_rules_is_repaired(alone):
    """What of a start can stay stays; what is over a cap goes."""
    model = coalition(spare=12.0)
    plan = first_plan(model, model.places)
    too_much = plan.copy()
    too_much[np.flatnonzero(model.upper > 1.0)[:2]] = 10.0
    assert not keeps(model, too_much)
    repaired = first_plan(model, model.places, start=too_much)
    assert keeps(model, repaired)
    changed = np.abs(repaired - too_much) > 0.5
    assert changed.any()
    assert changed.sum() < (np.abs(too_much) > 0.5).sum()


def test_further_rows_hold_too(alone):
    """What an earlier aim has reached is kept by a first plan."""
    model = coalition(threshold=12.0, spare=None)
    columns, values = np.flatnonzero(model.places.units), np.ones(int(model.places.units.sum()))
    floor = 0.9 * 10.0 * NATIONS * PERIODS
    plan = first_plan(model, model.places, extra=[(columns, values, floor, float("inf"))])
    assert keeps(model, plan)
    assert plan[columns].sum() >= floor - 1e-6


def test_where_no_plan_can_be_the_search_ends_by_itself(alone):
    """The prices of the relaxation prove that something stays broken: nobody searches for ever."""
    model = coalition(threshold=1000.0, spare=None)
    assert first_plan(model, model.places) is None


def test_the_limits_of_single_solves_count_work():
    """Where a second of work takes ten of wall time a solve has ten times as long, but not longer than all has."""
    model = coalition()
    course_of = {}
    for by_work in (False, True):
        improver = Improver(model, model.places, by_work=by_work).submodels
        improver._wall, improver._work = 10.0, 1.0
        course_of[by_work] = improver.pace()
    assert course_of == {False: 1.0, True: 10.0}
    improver._wall, improver._work = 0.1, 0.001
    assert improver.pace() == 1.0, "too little to know"


def test_an_improvement_worker_without_a_plan_seeks_one_and_improves_it(alone):
    """It tells of its first plan, then of better ones."""
    model = coalition(posts=5, spare=2.0)
    objective, told = objective_of(model.levels[0]), []

    class Enough(Exception):
        pass

    def tell(step):
        told.append(step)
        if len([known for known in told if isinstance(known, Better)]) == 2:
            raise Enough

    with pytest.raises(Enough):
        work(Task(model, objective, None, (), 0), lambda: None, tell)
    plans = [step for step in told if isinstance(step, Better)]
    assert plans[0].move == "first plan"
    assert all(keeps(model, step.values) for step in plans)
    assert plans[1].value > plans[0].value


def test_an_improvement_worker_without_a_plan_takes_one_from_elsewhere(monkeypatch):
    """Who hears of a plan need not seek one."""
    model = coalition(spare=12.0)
    given = first_plan(model, model.places)
    monkeypatch.setattr(Improver, "improve", lambda self, plan, *_, **__: iter([plan]))
    monkeypatch.setattr(first, "BLIND_MOVES", 0)
    told = []
    work(Task(model, objective_of(model.levels[0]), None, (), 0), lambda: given, told.append)
    assert len(told) == 1
    assert np.array_equal(told[0][model.integer], given[model.integer])


def test_where_the_search_alone_has_no_time_it_goes_on_beside_highs(monkeypatch):
    """The improvement worker begins without a plan, knows the start, and what it finds is the plan although HiGHS finds none."""
    model = coalition(posts=5, spare=2.0)
    plan, started = first_plan(model, model.places), []
    hint = np.where(model.places.units, np.nan, 1.0)
    monkeypatch.setattr(levels, "_find_first", lambda search: None)
    monkeypatch.setattr(together_module, "ALONE_SECONDS", 0.0)

    class Finds(FakeWorker):
        def __init__(self, task):
            super().__init__(task)
            started.append(self)
            self.found = Better(plan, task.objective.at(plan), "first plan", 0.0)

    monkeypatch.setattr(together_module, "ImprovementWorker", Finds)

    def run(self, *, watchers, **_):
        on_tick = watchers.on_tick
        offers = [on_tick(None)[0] for _ in range(2)]
        assert any(offer is not None and np.array_equal(offer[: len(plan)], plan) for offer in offers)
        return Run("stopped", None, None, 0.0, None, False, "time limit")

    monkeypatch.setattr(LiveModel, "run", run)
    events = []
    solution = solve_levels(model, SolveOptions(time_limit=5.0), start=hint, report=events.append)
    assert started[0].task.plan is None
    assert started[0].task.start is hint
    assert solution.termination == "feasible"
    assert keeps(model, solution.values)
    assert any(isinstance(event, Incumbent) and event.move == "first plan" for event in events)


def test_a_first_plan_is_sought_beside_highs_for_a_ratio_too(monkeypatch):
    """The first plan of a improvement worker is reported with its ratio, and ends the search for any plan."""
    model = coalition(spare=12.0, ratio=True)
    plan, events = first_plan(model, model.places), []
    ratio = levels.value_of(model.levels[0], plan)
    monkeypatch.setattr(together_module, "ALONE_SECONDS", 0.0)

    class Finds(FakeWorker):
        def __init__(self, task):
            super().__init__(task)
            self.found = Better(plan, 0.0, "first plan", 0.0)

    def run(self, *, watchers, **_):
        on_tick = watchers.on_tick
        assert on_tick(None)[1], "any plan will do"
        return Run("stopped", None, None, 0.0, None, False, "interrupted")

    monkeypatch.setattr(together_module, "ImprovementWorker", Finds)
    monkeypatch.setattr(LiveModel, "run", run)
    search = Search(model, SolveOptions(), events.append)
    assert _Task(search, model.levels[0].ratio, None).find_any() == "feasible"
    assert np.array_equal(search.plan, plan)
    assert [event.value for event in events if isinstance(event, Incumbent)] == [pytest.approx(ratio)]


def test_a_search_goes_on_from_where_another_ended(alone):
    """What came nearest is told at a limit, and is a start from which less is to be done."""
    model, kept = coalition(posts=5, spare=2.0), []
    assert first_plan(model, model.places, limits=Limits(iterations=5), nearest=kept.append) is None
    (nearest,) = kept
    assert not keeps(model, nearest)
    broken = [np.count_nonzero(first._missing(model, values)) for values in (nearest, nothing_at_all(model))]
    assert 0 < broken[0] < broken[1]
    assert keeps(model, first_plan(model, model.places, start=nearest))


def test_on_a_busy_machine_the_search_alone_goes_on_for_its_work(monkeypatch):
    """Its seconds are over, but hardly any of them were its own: it is not given up before it has worked."""
    model = coalition(posts=5, spare=2.0)
    monkeypatch.setattr(levels, "LARGE_INTEGERS", 0)
    monkeypatch.setattr(levels, "FIRST_PLAN_SECONDS", 1e-6)
    seconds = itertools.count(0.0)
    monkeypatch.setattr(levels, "time", SimpleNamespace(monotonic=lambda: next(seconds), thread_time=lambda: 0.0))
    search = Search(model, SolveOptions(), lambda _: None)
    levels._find_first(search)
    assert keeps(model, search.plan)


@pytest.mark.parametrize("integers", [0, 10**9])
def test_a_complete_start_that_breaks_rules_becomes_a_plan_on_large_models(monkeypatch, integers):
    """On small ones HiGHS is asked at once; nobody deployed is no plan here."""
    model = coalition(spare=12.0)
    monkeypatch.setattr(levels, "LARGE_INTEGERS", integers)
    search = Search(model, SolveOptions(), lambda _: None)
    search.take_start(np.where(model.places.units, model.upper, 1.0))
    levels._find_first(search)
    assert keeps(model, search.plan) == (integers == 0)


def test_nobody_deploys_is_the_first_plan_where_it_is_one(alone):
    """Nothing is solved then."""
    model = coalition(threshold=0.0, spare=None)
    assert np.array_equal(first_plan(model, model.places, limits=Limits(iterations=0)), nothing_at_all(model))


def test_the_units_that_rows_ask_for_are_where_it_begins():
    """Two units agreed for two periods start one tour each, the latest that reaches both; what nothing asks for is left at home."""
    model = CASES["what is agreed"].built().linear
    values = first.asked_for(model, model.places, nothing_at_all(model))
    (starts,) = (block for block in model.columns if block.name == "starts")
    (present,) = (block for block in model.columns if block.name == "present")
    found = {
        key: values[block.start + number]
        for block in (starts, present)
        for number, key in enumerate(block.keys)
        if values[block.start + number]
    }
    assert found == {("fra-bn", "guard", 2): 2.0, ("ita-team", "watch", 1): 1.0}
    free = CASES["what is committed"].built().linear  # a pledge that can choose between two posts
    assert first.asked_for(free, free.places, nothing_at_all(free)) is None


def test_a_complete_plan_is_nudged_too():
    """A neighbourhood is searched also from a plan that leaves nothing open; where it gives nothing better, nothing is given."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,), (1,)], upper=5.0, integer=True)
    model, free = builder.finish((level("sum", [1.0, 1.0]),)), np.array([True, False])
    found = nudged(model, np.array([1.0, 2.0]), objective([1.0, 1.0]), [free], 5.0)
    assert found is not None
    assert found.tolist() == [5.0, 2.0]
    assert nudged(model, np.array([5.0, 2.0]), objective([1.0, 1.0]), [free], 5.0) is None
