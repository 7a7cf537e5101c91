"""The mounting relaxation: a bound that is true, what it decides, and plans that are sought within it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace

import numpy as np
import pytest

from optimizer.instance.generator import generate
from optimizer.instance.instance import Instance
from optimizer.instance.situation import build_situation
from optimizer.model.assemble import build
from optimizer.solving.child import solve_here
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.live import LiveModel, Run
from optimizer.solving.highs.watch import Step
from optimizer.solving.improve import mounting
from optimizer.solving.improve.improver import Improver
from optimizer.solving.improve.mounting import (
    decisions,
    kinds_of_rows,
    restricted,
    solve_mounting_relaxation,
    undecided,
)
from optimizer.solving.improve.relaxations import relaxations_of
from optimizer.solving.improve.reports import Better, Doubtful, Proven, Ready
from optimizer.solving.improve.submodels import nothing_at_all
from optimizer.solving.linear import objective_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers import improvement_worker, restart
from optimizer.solving.peers.improvement import ImprovementWorker, Task
from optimizer.solving.peers.improvement_worker import work
from optimizer.solving.peers.restart import Desk, restarted
from tests.model.cases import Case, line
from tests.oracle.random_instances import FAMILIES, tiny

# A run that was ended before it had anything of its own.
STOPPED = Run("stopped", None, None, 0.0, True, False, "")


def three_for_two(threshold=8, battalions=3):
    """Two posts ask for two of three battalions each before they are mounted: in fractions both are mounted by three quarters."""
    tables = {
        "requirements": [line("east", 8, threshold=threshold), line("west", 7, area="west", threshold=threshold - 1)],
        "pledges": [{"pledge": "p", "nation": "FRA", "unit_type": "bn", "quantity": battalions}],
    }
    return Case((), tables).built().linear


def relaxed(model):
    """The objective, the rows and the relaxation of a model's first level."""
    objective = objective_of(model.levels[0])
    improver = Improver(model, model.places)
    return objective, improver.rows(), relaxations_of(improver.submodels, objective, None).next()


def mounting_of(model, **given):
    """A mounting relaxation and the bounds that it proves."""
    objective, matrix, relaxation = relaxed(model)
    bounds = []
    return solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append, **given), bounds, relaxation


def mounted(model, values):
    """What is mounted, by the numbers of posts."""
    return {int(post): values[column] for column, post in enumerate(model.places.post) if decisions(model)[column]}


def test_a_mounting_relaxation_mounts_whole_posts_with_fractions_of_units():
    """Three quarters of both become one: its value is the bound, below that of the relaxation."""
    model = three_for_two()
    relaxed_plan, bounds, relaxation = mounting_of(model)
    assert undecided(model, relaxation)
    assert sorted(mounted(model, relaxed_plan).values()) == pytest.approx([0, 1])
    best = solve_here(model, SolveOptions(improve=False)).levels[0].value
    assert bounds[-1] == pytest.approx(best)
    assert relaxation.bound > best + 1.0
    assert bounds == sorted(bounds, reverse=True)


def test_what_is_decided_is_no_nations_and_no_units():
    """Mounting is; tours, presence and units are not, nor is anything without places."""
    model = three_for_two()
    names = [name.split("[")[0] for name in model.column_names()]
    chosen = {name for name, decided in zip(names, decisions(model), strict=True) if decided}
    assert chosen == {"mounted"} < set(names)


@pytest.mark.parametrize("block", range(4))
def test_no_plan_beats_a_mounting_relaxation(block, monkeypatch):
    """Random tiny instances with rules of all kinds, large and small ones: every bound is at least the best plan's worth."""
    monkeypatch.setattr(mounting, "HARDLY", -1e9)
    proved = 0
    for seed in range(60 * block, 60 * block + 60):
        monkeypatch.setattr(mounting, "SMALL_SHARE", (0.0, 0.1)[seed % 2])
        tables, header, plan = tiny(seed, FAMILIES)
        rows = None if plan is None else {(r["pledge"], r["requirement"], r["period"]): r["units"] for r in plan}
        model = build(build_situation(Instance.from_tables(tables, header=header, impossible=True)), rows).linear
        objective = objective_of(model.levels[0])
        _, matrix, relaxation = relaxed(model)
        if relaxation is None or not objective.values.any():
            continue
        bounds = []
        relaxed_plan = solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append)
        solution = solve_here(model, SolveOptions(improve=False, time_limit=20))
        if solution.values is None:
            continue
        best = solution.levels[0].value
        assert min(bounds, default=np.inf) >= best - 1e-6 * max(1.0, abs(best)), seed
        if relaxed_plan is not None:
            proved += bool(bounds)
            values = relaxed_plan[decisions(model)]
            assert np.abs(values - np.rint(values)).max(initial=0.0) <= 1e-6
    assert proved > 3


def test_kinds_of_rules_without_a_price_are_left_out(small_kinds):
    """What has no price or costs nothing goes; what costs stays, and so do small kinds and rules on what is decided."""
    model, matrix, objective, relaxation = small_kinds
    kinds = kinds_of_rows(model)
    names = [family.name for family in model.rows]
    kept = mounting._rules_that_count(model, matrix, objective, relaxation, np.inf)
    kept_names = {names[kind] for kind in set(kinds[kept])}
    assert {"threshold", "within_mounting", "only_if_mounted", "delivered"} <= kept_names
    assert (kinds == kinds_of_rows(model.without_keys())).all()
    assert "is_present_supported" in set(names) - kept_names
    kept_names -= {names[kind] for kind in kinds[matrix.rows[decisions(model)[matrix.columns]]]}
    assert mounting._relaxed(model, matrix, kept, objective, np.inf) == pytest.approx(relaxation.bound, rel=3e-4)
    sizes = np.bincount(kinds[matrix.rows])
    large = [name for name in kept_names if sizes[names.index(name)] >= mounting.SMALL_SHARE * len(matrix.rows)]
    assert large
    for name in large:
        fewer = kept & (kinds != names.index(name))
        assert mounting._relaxed(model, matrix, fewer, objective, np.inf) > relaxation.bound * (1 + 2e-4)


@pytest.fixture(scope="module")
def small_kinds():
    """A generated instance, its rows and its relaxation."""
    model = build(build_situation(generate("S", seed=2))).linear
    objective, matrix, relaxation = relaxed(model)
    return model, matrix, objective, relaxation


def test_a_mounting_relaxation_that_hardly_lowers_the_bound_is_given_up(monkeypatch):
    """Nothing comes of it where its best solution is as good as the relaxation."""
    assert mounting_of(three_for_two())[0] is not None
    monkeypatch.setattr(mounting, "HARDLY", 1.0)
    assert mounting_of(three_for_two())[0] is None


def test_what_did_not_run_proves_nothing(monkeypatch):
    """A solver that ends before it begins leaves its fields as they were: zeros are neither bounds nor solutions."""
    model = three_for_two()
    objective, matrix, relaxation = relaxed(model)
    bounds = []
    monkeypatch.setattr(mounting, "ran", lambda solver: True)
    assert solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append) is None
    assert bounds == []


def test_a_bound_that_the_mounting_relaxation_itself_beats_is_withdrawn(small_kinds, monkeypatch):
    """Nothing comes of such a mounting relaxation, no such bound is told, and what was told before is said to be wrong."""
    model, matrix, objective, relaxation = small_kinds
    bounds = []
    assert solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append) is not None
    assert bounds
    bounds.clear()
    monkeypatch.setattr(mounting, "beats", lambda worth, bound: True)
    assert solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append) is None
    assert bounds == [None]


def test_an_ending_that_is_not_known_is_no_outline(small_kinds, monkeypatch):
    """Only what ended by its gap, by time or because it was stopped is believed; what was told before is said to be in doubt."""
    model, matrix, objective, relaxation = small_kinds
    bounds = []
    monkeypatch.setattr(mounting, "_ENDED", ())
    assert solve_mounting_relaxation(model, matrix, objective, relaxation, bounds.append) is None
    assert bounds.index(None) == len(bounds) - 1 > 0


def test_instruments_are_decided_and_counted_posts_are_not():
    """A limit on the number of posts has whole columns without a nation too: they follow from others."""
    tables = {
        "requirements": [line("east", 8, threshold=8), line("west", 7, area="west", threshold=7)],
        "instruments": [{"instrument": "backstop", "cost": 5}],
        "limits": [{"limit": "few", "measure": "posts", "maximum": 1}],
    }
    model = Case((), tables).built().linear
    names = [name.split("[")[0] for name in model.column_names()]
    assert {names[column] for column in np.flatnonzero(decisions(model))} == {"mounted", "instrument"}
    assert "counted_post" in names


def test_little_that_is_open_asks_for_no_mounting_relaxation(monkeypatch):
    """Two of two posts are open; were a fifth enough to be left to others, it would take three."""
    model = three_for_two()
    _, _, relaxation = relaxed(model)
    assert undecided(model, relaxation)
    whole = replace(relaxation, plan=np.rint(relaxation.plan))
    assert not undecided(model, whole)
    monkeypatch.setattr(mounting, "UNDECIDED_SHARE", 1.0)
    assert not undecided(model, relaxation)


def test_a_mounting_relaxation_worth_no_more_than_the_plan_is_not_searched(monkeypatch):
    """One that time cut off: the whole model is searched at once."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    best = solve_here(model, SolveOptions(improve=False)).values
    begun = []
    monkeypatch.setattr(improvement_worker, "solve_mounting_relaxation", lambda *_: nothing_at_all(model))
    monkeypatch.setattr(Improver, "improve", lambda self, plan, objective, **given: begun.append((plan, given)) or ())
    work(Task(model, objective, best, (), 0, relaxation, mounting=True), lambda: None, lambda step: None)
    ((plan, given),) = begun
    assert plan is best
    assert given["relaxation"] is relaxation


def test_a_first_plan_that_is_none_is_not_told(monkeypatch):
    """Everybody everywhere breaks rules: no plan within the mounting relaxation begins with it, and the whole model is solved."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    begun, told = [], []
    monkeypatch.setattr(improvement_worker, "first_plan", lambda model, *_, **__: model.upper.copy())
    monkeypatch.setattr(Improver, "improve", lambda self, plan, objective, **given: begun.append(given) or ())
    nobody = nothing_at_all(model)
    work(Task(model, objective, nobody, (), 0, relaxation, mounting=True), lambda: None, told.append)
    plans = [step for step in told if isinstance(step, Better)]
    assert all(worst_break(model, plan.values)[1] <= 1e-6 for plan in plans)
    assert {plan.move for plan in plans} == {"restart of HiGHS"}
    assert [given["relaxation"] for given in begun] == [relaxation]


def test_a_worker_ends_by_itself_where_a_mounting_relaxation_is_not_worth_it():
    """A process of its own tells its bounds, ends in order, and is known to have ended."""
    model = three_for_two(battalions=4)
    objective, _, relaxation = relaxed(model)
    worker = ImprovementWorker(Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True))
    worker.bounds["mounting relaxation"] = 1.0
    try:
        deadline = time.monotonic() + 60
        while not worker.ended and time.monotonic() < deadline:
            time.sleep(0.05)
        assert worker.ended
        assert worker._peer.process.wait(10) == 0
        assert worker.better() is None
        assert not worker.refused
        assert worker.bound == 1.0, "who ends in order has not died"
    finally:
        worker.close()


@pytest.mark.parametrize("asked", [True, False])
def test_what_highs_has_proven_in_a_worker_that_died_is_not_used(asked):
    """Bounds by prices stay, being arithmetic; all stay where it was asked to end."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    worker = ImprovementWorker(Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True))
    try:
        deadline = time.monotonic() + 60
        while worker.bound > relaxation.bound and time.monotonic() < deadline:
            time.sleep(0.05)
            worker.better()
        assert worker.bounds.keys() & {"mounting relaxation", "restart"}
        worker.bounds["prices"], before = relaxation.bound, worker.bound
        (worker.stop if asked else worker._peer.process.kill)()
        while not worker.ended and time.monotonic() < deadline:
            time.sleep(0.05)
        # HiGHS is asked to stop once more in a second run.
        worker.stop()
        worker.better()
        assert worker.bound <= before < relaxation.bound if asked else worker.bound == relaxation.bound
        assert bool(worker.refused) is not asked
    finally:
        worker.close()


def test_within_a_mounting_relaxation_nothing_else_is_mounted():
    """Strictly: just that; else: at most that. Bounds of units stay."""
    model = three_for_two()
    relaxed_plan, _, _ = mounting_of(model)
    decided = decisions(model)
    strict, loose = (restricted(model, relaxed_plan, all_of_it=all_of_it) for all_of_it in (True, False))
    assert (strict.lower[decided] == np.rint(relaxed_plan[decided])).all()
    assert (strict.upper[decided] == np.rint(relaxed_plan[decided])).all()
    assert (loose.lower[decided] == 0.0).all()
    assert (loose.upper[decided] == np.rint(relaxed_plan[decided])).all()
    for model_within in (strict, loose):
        assert (model_within.lower[~decided] == model.lower[~decided]).all()
        assert (model_within.upper[~decided] == model.upper[~decided]).all()


def works(model, plan, enough, news=lambda: None):
    """What a worker that begins with a mounting relaxation tells, until a plan is worth enough."""
    objective, _, relaxation = relaxed(model)
    told = []

    class Enough(Exception):
        pass

    def tell(step):
        told.append(step)
        if isinstance(step, Better) and step.value >= enough:
            raise Enough

    with contextlib.suppress(Enough):
        work(Task(model.without_keys(), objective, plan, (), 0, relaxation, mounting=True), news, tell)
    return told


def test_a_worker_proves_by_a_mounting_relaxation_and_builds_within_it(monkeypatch):
    """Bounds come first, then plans that mount what the mounting relaxation mounts, each a plan and better than the one at hand."""
    monkeypatch.setattr(improvement_worker, "WITHIN_SECONDS", 1.0)
    model = three_for_two()
    objective = objective_of(model.levels[0])
    told = works(model, nothing_at_all(model), enough=50.0 - 1e-6)
    bounds, plans = ([step for step in told if isinstance(step, kind)] for kind in (Proven, Better))
    assert isinstance(told[0], Proven)
    assert plans[-1].value == pytest.approx(min(step.bound for step in bounds))
    for plan in plans:
        assert plan.move.endswith("within the mounting relaxation")
        assert worst_break(model, plan.values)[1] <= 1e-6
        assert plan.value == pytest.approx(objective.at(plan.values))
        assert plan.value > 0.0


def test_a_mounting_relaxation_that_whole_units_cannot_mount_is_kept_in_part(monkeypatch):
    """Both posts are mounted with one battalion and a half each; whole ones mount one post, within the mounting relaxation."""
    monkeypatch.setattr(improvement_worker, "START_SECONDS", 0.3)
    model = three_for_two(threshold=6)
    relaxed_plan, bounds, _ = mounting_of(model)
    assert sorted(mounted(model, relaxed_plan).values()) == pytest.approx([1, 1])
    plans = [step for step in works(model, nothing_at_all(model), enough=50.0 - 1e-6) if isinstance(step, Better)]
    assert plans[-1].value == pytest.approx(50.0)
    assert plans[-1].move.endswith("within the mounting relaxation")
    assert min(bounds) > 60.0


def test_plans_from_elsewhere_count_within_a_mounting_relaxation(monkeypatch):
    """One that mounts something else is not built upon there, but what follows begins with it."""
    monkeypatch.setattr(improvement_worker, "WITHIN_SECONDS", 0.5)
    model = three_for_two()
    relaxed_plan, _, _ = mounting_of(model)
    best = solve_here(model, SolveOptions(improve=False)).values
    begun = []
    original = Improver.improve

    class Enough(Exception):
        pass

    def improve(self, plan, objective, *limits, **given):
        if begun and given.get("relaxation") is not None:
            begun.append(plan)
            raise Enough
        begun.append(given["news"]())
        yield from original(self, plan, objective, *limits, **given)

    monkeypatch.setattr(improvement_worker, "first_plan", lambda *_, **__: nothing_at_all(model))
    for column in np.flatnonzero(decisions(model)):
        relaxed_plan[column] = 1.0 - best[column]
    objective, _, relaxation = relaxed(model)
    monkeypatch.setattr(Improver, "improve", improve)
    monkeypatch.setattr(improvement_worker, "solve_mounting_relaxation", lambda *_: relaxed_plan)
    said = iter([None, best])
    with contextlib.suppress(Enough):
        task = Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True)
        work(task, lambda: next(said, None), lambda step: None)
    assert begun[0] is None
    assert begun[1] is best


@pytest.fixture
def restarting(monkeypatch):
    """A model, its best plan, and a worker that begins restart from a plan: what it tells, and what its moves begin with."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    begun = []
    monkeypatch.setattr(Improver, "improve", lambda self, plan, objective, **given: begun.append((plan, given)) or ())

    def worker(plan, *, ends=None, news=lambda: None, least=relaxation.bound + 10.0, **given):
        told = []
        monkeypatch.setattr(improvement_worker, "_by_mounting", lambda *_: (plan, least))
        if ends is not None:
            monkeypatch.setattr(LiveModel, "run", ends)
        task = Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True, **given)
        work(task, news, told.append)
        ((plan, given),) = begun
        assert given["relaxation"] is relaxation
        assert told.pop() == Ready(), "it only moves from now on"
        return told, plan

    return model, objective, solve_here(model, SolveOptions(improve=False)).values, worker


def test_after_a_mounting_relaxation_highs_restarts_from_the_best_plan(restarting):
    """What it proves and finds is told; moves follow where it ends."""
    model, objective, best, worker = restarting
    told, plan = worker(nothing_at_all(model))
    bounds, plans = ([step for step in told if isinstance(step, kind)] for kind in (Proven, Better))
    assert bounds[-1].bound == pytest.approx(objective.at(best))
    assert {step.move for step in plans} == {"restart of HiGHS"}
    assert plan is plans[-1].values
    assert objective.at(plan) == pytest.approx(objective.at(best))


def test_highs_restarted_finds_nothing_above_the_best(restarting):
    """It begins with that plan, as HiGHS beside it was asked to, tells no other, and the moves go on from it."""
    _, objective, best, worker = restarting
    original, starts = LiveModel.run, []

    def run(self, **given):
        starts.append((given["start"], given["presolve"], self.options))
        return original(self, **given)

    heeded, ignored = {"mip_heuristic_effort": 0.0}, {"output_flag": False, "simplex_max_concurrency": 2}
    asked = SolveOptions(presolve=False, threads=2, time_limit=9.0, highs=heeded | ignored)
    told, plan = worker(best, ends=run, options=asked)
    assert plan is best
    ((start, presolve, options),) = starts
    assert start is best
    assert (presolve, options.improve, options.threads, options.time_limit) == (False, False, 1, None)
    assert options.highs == heeded | {"mip_lp_solver": "ipm"}, "what it writes and its processors are the first one's"
    assert {type(step) for step in told} == {Proven}
    assert told[-1].bound == pytest.approx(objective.at(best))


def test_highs_restarted_is_heard_while_it_runs(small_kinds, monkeypatch):
    """Bounds and plans come before its end, each bound closer than the one before, each plan clean."""
    model, _, objective, _ = small_kinds
    original, told, before, said = LiveModel.run, [], [], []

    def record(watchers):
        return replace(watchers, on_step=lambda step: said.append(step) or watchers.on_step(step))

    def run(self, **given):
        given["watchers"] = record(given["watchers"])
        found = original(self, **given | {"seconds": 4.0})
        before.extend(told)
        return found

    monkeypatch.setattr(LiveModel, "run", run)
    task = Task(model, objective, nothing_at_all(model), (), 0)
    improver = Improver(model, model.places)
    plan = restarted(Desk(task, improver, lambda: None, told.append), nothing_at_all(model), 100.0)
    bounds = [step.bound for step in before if isinstance(step, Proven)]
    plans = [step for step in before if isinstance(step, Better)]
    assert bounds == sorted(set(bounds), reverse=True) != []
    assert any(step.values is None and step.bound is not None for step in said), "also between plans"
    assert plans
    assert all(worst_break(model, step.values)[1] <= 1e-9 for step in plans)
    assert objective.at(plan) >= plans[-1].value


def test_what_highs_restarted_holds_is_cleaned_before_it_is_told(restarting):
    """A whole number that is off by a tolerance becomes whole; what breaks rules then is no plan."""
    model, objective, best, worker = restarting
    nearly, broken = np.where(model.integer, best - 1e-7, best), model.upper.copy()

    def run(self, *, watchers, **_):
        on_step = watchers.on_step
        for values in (broken, nearly):
            on_step(Step(None, None, 0.0, 0, values))
        return STOPPED

    told, plan = worker(nothing_at_all(model), ends=run)
    (better,) = told
    assert (better.values[model.integer] == best[model.integer]).all()
    assert better.value == objective.at(better.values) == pytest.approx(objective.at(best))
    assert plan is better.values


def test_a_better_plan_from_elsewhere_is_offered_to_highs_and_kept(restarting):
    """Not a worse one; what was heard and not told by itself is where the moves begin."""
    model, _, best, worker = restarting
    offers, said = [], iter([best, nothing_at_all(model)])

    def run(self, *, watchers, **_):
        on_tick = watchers.on_tick
        offers.extend([on_tick(None), on_tick(None), on_tick(None)])
        return STOPPED

    told, plan = worker(nothing_at_all(model), ends=run, news=lambda: next(said, None))
    assert [offer is best for offer, _ in offers] == [True, False, False]
    assert offers[1:] == [(None, False), (None, False)]
    assert told == []
    assert plan is best


@pytest.mark.parametrize(
    ("status", "spoilt", "beaten", "doubtful"),
    [
        ("stopped", False, False, False),
        ("optimal", False, False, False),
        ("infeasible", False, False, True),
        ("failed", False, False, True),
        ("stopped", True, False, True),
        ("optimal", False, True, True),
    ],
)
def test_an_end_of_highs_that_cannot_be_believed_takes_its_bounds_back(restarting, status, spoilt, beaten, doubtful):
    """As for the one that runs beside: no plan although there is one, no answer, a plan that is none, a bound that a plan beats."""
    _, objective, best, worker = restarting
    bound = objective.at(best) - (1.0 if beaten else 0.0)
    told, _ = worker(best, ends=lambda self, **_: replace(STOPPED, status=status, bound=bound, spoilt=spoilt))
    (step,) = told
    assert step == Doubtful("restart") if doubtful else step.bound == bound


def test_an_optimal_end_without_a_bound_takes_the_bounds_before_it_back(restarting):
    """What presolve has lost: the bound that was told while HiGHS ran counts no more."""
    _, objective, best, worker = restarting

    def run(self, *, watchers, **_):
        on_step = watchers.on_step
        on_step(Step(None, objective.at(best) + 1.0, 0.0, 0))
        return replace(STOPPED, status="optimal")

    told, _ = worker(best, ends=run)
    assert [(type(step), step.source) for step in told] == [(Proven, "restart"), (Doubtful, "restart")]


def test_a_plan_away_from_the_bound_of_its_run_casts_no_doubt_on_the_bound(restarting):
    """The plan is in doubt then, and the moves go on; the bound is true."""
    _, objective, best, worker = restarting
    bound = objective.at(best) + 1.0
    told, _ = worker(best, ends=lambda self, **_: replace(STOPPED, status="optimal", values=best, bound=bound))
    assert [step.bound for step in told] == [bound]


def test_highs_restarted_ends_when_its_bound_stands_still(restarting, monkeypatch):
    """Not while the bound comes nearer than the mounting relaxation's and its own were."""
    _, objective, best, worker = restarting
    monkeypatch.setattr(restart, "RESTART_STALL_SECONDS", 0.1)
    enough, above = [], objective.at(best)

    def run(self, *, watchers, **_):
        on_step, on_tick = watchers.on_step, watchers.on_tick
        for bound in (None, above + 9.5, above + 5.0, above + 4.99):
            on_step(Step(None, bound, 0.0, 0))
            enough.append(on_tick(None)[1])
            time.sleep(0.15)
        return STOPPED

    told, _ = worker(best, ends=run, least=above + 9.0)
    assert [step.bound for step in told] == [above + 5.0, above + 4.99]
    assert enough == [False, True, False, True]


@pytest.mark.parametrize("late", [False, True])
def test_a_bound_that_a_plan_beats_does_not_silence_the_restart(restarting, late):
    """Neither where HiGHS begins with that plan, nor where it is heard of later: what is proven above the plan counts."""
    model, objective, best, worker = restarting
    said = iter([best])

    def run(self, *, watchers, **_):
        on_step, on_tick = watchers.on_step, watchers.on_tick
        on_tick(None)
        on_step(Step(None, objective.at(best) + 1.0, 0.0, 0))
        return STOPPED

    begins, news = (nothing_at_all(model), lambda: next(said, None)) if late else (best, lambda: None)
    told, _ = worker(begins, ends=run, news=news, least=objective.at(best) - 1.0)
    assert [step.bound for step in told] == [objective.at(best) + 1.0]


@pytest.mark.parametrize("doubted", [False, True])
def test_a_mounting_relaxation_hands_on_its_bound(monkeypatch, doubted):
    """Told as the mounting relaxation's, and where restart begins; where it is in doubt, that is told."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    best = solve_here(model, SolveOptions(improve=False)).values
    told = []

    def relaxed_plan(*given):
        given[-1](relaxation.bound - 1.0)
        if doubted:
            given[-1](None)
        return None if doubted else 0.9 * best

    monkeypatch.setattr(improvement_worker, "solve_mounting_relaxation", relaxed_plan)
    task = Task(model, objective, best, (), 0, relaxation, mounting=True)
    found = improvement_worker._by_mounting(Desk(task, Improver(model, model.places), lambda: None, told.append), best)
    assert (told[0].source, told[0].bound) == ("mounting relaxation", relaxation.bound - 1.0)
    assert told[1:] == ([Doubtful("mounting relaxation")] if doubted else [])
    assert found is None if doubted else found == (best, relaxation.bound - 1.0)


def test_what_others_have_found_meanwhile_counts(monkeypatch):
    """While the mounting relaxation is sought another has found a better plan than it reaches: nothing is sought within it."""
    model = three_for_two()
    objective, _, relaxation = relaxed(model)
    best = solve_here(model, SolveOptions(improve=False)).values
    relaxed_plan, begun = mounting_of(model)[0], []
    assert objective.at(nothing_at_all(model)) < objective.at(relaxed_plan) <= objective.at(best) + 1e-6
    monkeypatch.setattr(improvement_worker, "solve_mounting_relaxation", lambda *_: 0.9 * relaxed_plan)
    monkeypatch.setattr(Improver, "improve", lambda self, plan, objective, **given: begun.append((plan, given)) or ())
    task = Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True)
    work(task, lambda: best, lambda step: None)
    ((plan, given),) = begun
    assert plan is best
    assert given["relaxation"] is relaxation


def test_what_was_found_meanwhile_is_built_upon_within_a_mounting_relaxation(monkeypatch):
    """Once, at the first question for news: it came while the mounting relaxation was sought and mounts nothing else."""
    model = three_for_two(threshold=6)
    objective, _, relaxation = relaxed(model)
    best = solve_here(model, SolveOptions(improve=False)).values
    said, heard = iter([best]), []

    def improve(self, plan, objective, *_, **given):
        if "relaxation" not in given:
            heard.extend([given["news"](), given["news"]()])
        return ()

    def first_plan(within_it, *_, **__):
        return nothing_at_all(model) if (within_it.lower == model.lower).all() else None

    monkeypatch.setattr(improvement_worker, "first_plan", first_plan)
    monkeypatch.setattr(Improver, "improve", improve)
    task = Task(model, objective, nothing_at_all(model), (), 0, relaxation, mounting=True)
    work(task, lambda: next(said, None), lambda step: None)
    assert heard[0] is best
    assert heard[1:] == [None]
    heard.clear()
    said = iter([best, nothing_at_all(model)])
    work(task, lambda: next(said, None), lambda step: None)
    assert heard[0] is best, "also where a worse one comes after it"
