"""Levels of aims in this process, against enumeration and against what was promised."""

from __future__ import annotations

import time
from dataclasses import replace

import highspy
import numpy as np
import pytest

from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import Level, RatioAim
from optimizer.solving import levels as levels_module
from optimizer.solving.child import solve_here
from optimizer.solving.highs import watch
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.doubts import Asked
from optimizer.solving.highs.live import LiveModel, Run
from optimizer.solving.highs.watch import Watchers
from optimizer.solving.improve.reports import Better
from optimizer.solving.options import SolveOptions
from optimizer.solving.search import Search
from optimizer.solving.solution import Incumbent, LevelDone, Notice, Progress, relative_gap
from optimizer.solving.together import Together
from tests.solving.small import (
    best_levels,
    every_plan,
    hard_model,
    level,
    market_split,
    objective,
    one_row,
    random_model,
    term,
    value_of,
)

QUICK = SolveOptions(time_limit=20)


def reached(model, solution):
    """The level values of a solution, a ratio negative as in `value_of`."""
    return [
        -found.value if asked.ratio else found.value for found, asked in zip(solution.levels, model.levels, strict=True)
    ]


@pytest.mark.parametrize("ratio", [False, True], ids=["linear", "ratio"])
def test_levels_go_on_from_where_others_ended(ratio):
    """Levels that a start has been through are not solved again, are kept, and the later ones end as if all had been solved here."""
    continued = 0
    for seed in range(60):
        model = random_model(np.random.default_rng(seed), ratio=ratio)
        told: list[object] = []
        whole = solve_here(model, QUICK, report=told.append)
        if not whole.has_plan:
            continue
        all_of_it = [event for event in told if isinstance(event, LevelDone)]
        for count in (1, 2):
            heard, start = [], all_of_it[count - 1].values
            rest = solve_here(model, QUICK, start, heard.append, done=all_of_it[:count])
            assert rest.levels[:count] == whole.levels[:count]
            ended = [event.result.name for event in heard if isinstance(event, LevelDone)]
            assert ended == [level.name for level in model.levels[count:]]
            assert {event.level for event in heard if isinstance(event, Incumbent)} <= set(ended)
            assert reached(model, rest) == pytest.approx(reached(model, whole), rel=1e-6, abs=1e-6), seed
            continued += not np.array_equal(rest.values, start)
        assert solve_here(model, QUICK, whole.values, done=all_of_it).values.tolist() == whole.values.tolist()
        # A start that is no plan, or loses what was reached, is not gone on from.
        for start in (np.full(len(model.lower), 0.5), every_plan(model)[0]):
            rest = solve_here(model, QUICK, start, done=all_of_it[:1])
            assert reached(model, rest) == pytest.approx(reached(model, whole), rel=1e-6, abs=1e-6), seed
    assert continued > 10


def test_a_second_run_that_does_not_stop_is_reported_too(monkeypatch):
    """Where the first run is in doubt, the second is watched like it."""
    monkeypatch.setattr(watch, "LATE_SECONDS", 0.3)
    search = Search(one_row([1, 1], [1, 1], 3.0), QUICK, lambda _: None, plan=np.zeros(2))
    work, runs = search.live._run_to_end, []

    def run():
        runs.append(None)
        time.sleep(len(runs) - 1)
        work()

    monkeypatch.setattr(search.live, "_run_to_end", run)
    monkeypatch.setattr(search, "doubt", lambda *_: "doubt" if len(runs) == 1 else "")
    search.trusted_run(Asked(lambda _: 0.0, True, 0.0), seconds=0.1)
    assert len(runs) == 2
    assert [notice.kind for notice in search.notices] == ["presolve_off", "overrun"]


def test_a_highs_that_does_not_stop_is_reported(monkeypatch):
    """Where HiGHS goes on although it was asked to stop, that is reported again and again, and kept once; where it stops, nothing is."""
    monkeypatch.setattr(watch, "LATE_SECONDS", 0.2)
    for deaf, told in ((0.0, []), (1.0, ["overrun"])):
        heard = []
        search = Search(one_row([1, 1], [1, 1], 3.0), QUICK, heard.append)
        work = search.live._run_to_end
        monkeypatch.setattr(search.live, "_run_to_end", lambda work=work, deaf=deaf: (time.sleep(deaf), work()))
        asked = Asked(lambda _: 0.0, True, 0.0)
        run = search.trusted_run(asked, seconds=0.1, ends_level=False)
        assert not search.notices, "the level goes on"
        for _ in range(2):
            heard.clear()
            run = search.trusted_run(asked, seconds=0.1)
            assert [notice.kind for notice in search.notices] == told
            assert {notice.kind for notice in heard} == set(told)
            assert len(heard) > 1 or not told
        search.notices.clear()
        search.trusted_run(asked, seconds=None, watchers=Watchers(on_tick=lambda _: (None, True)))
        assert [notice.kind for notice in search.notices] == told, "a reached gap is a wish to stop too"
        assert run.values is not None, "what it has found is not lost"


def test_a_done_level_that_keeps_the_floors_is_gone_on_from():
    """Where what the last level ended with loses what an earlier one reached, the one before is the plan."""
    levels = (level("x", [1.0, 0.0]), level("y", [0.0, 1.0], priority=2), level("both", [1.0, 1.0], priority=3))
    model = one_row([0, 0], [1, 1], 6.0, levels=levels)
    heard: list[object] = []
    solve_here(model, QUICK, report=heard.append)
    first, second, _ = [event for event in heard if isinstance(event, LevelDone)]
    assert first.values[0] == 5.0
    worse = replace(second, values=np.array([4.0, 1.0]))
    search = Search(model, QUICK, lambda _: None)
    levels_module._keep_done(search, [first, second])
    assert search.plan.tolist() == second.values.tolist()
    search = Search(model, QUICK, lambda _: None)
    levels_module._keep_done(search, [replace(first, values=second.values), worse])
    assert search.plan.tolist() == second.values.tolist()
    search = Search(model, QUICK, lambda _: None)
    levels_module._keep_done(search, [first, replace(second, values=np.array([4.0, 2.0]))])
    assert search.plan is None, "there is none that keeps both"


@pytest.mark.parametrize("ctrl_c", [False, True])
def test_workers_end_when_highs_is_asked_to_stop(monkeypatch, ctrl_c):
    """Once in each level: where enough is reached, or by Ctrl-C."""
    rested = []
    if not ctrl_c:
        monkeypatch.setattr(Together, "tick", lambda together, step: (None, True))
    monkeypatch.setattr(Together, "stop_workers", lambda together: rested.append(together.search.level_name))

    def listen(event):
        if ctrl_c and isinstance(event, Progress):
            raise KeyboardInterrupt

    solution = solve_here(hard_model(), SolveOptions(time_limit=20), report=listen)
    assert solution.termination == ("interrupted" if ctrl_c else "feasible")
    assert rested[0] == "worth"
    assert len(rested) == len(set(rested))


def test_steps_of_a_ratio_are_told():
    """Every better plan, that of the first look at its denominator too, and what is proven so far: true at any time."""
    bounds = 0
    for seed in range(30):
        model, heard = random_model(np.random.default_rng(seed), ratio=True), []
        solution = solve_here(model, QUICK, report=heard.append)
        if not solution.has_plan:
            continue
        ended = next(event for event in heard if isinstance(event, LevelDone) and event.result.name == "ratio")
        plans = [event for event in heard if isinstance(event, Incumbent) and event.level == "ratio"]
        told = [event.bound for event in heard if isinstance(event, Progress) and event.level == "ratio"]
        assert all(bound is None or bound <= ended.result.value + 1e-6 for bound in told)
        bounds += any(bound is not None for bound in told)
        if ended.result.improved:
            assert plans[-1].values.tolist() == ended.values.tolist(), seed
    assert bounds > 5


@pytest.mark.parametrize("block", range(8))
@pytest.mark.parametrize("ratio", [False, True], ids=["linear", "ratio"])
def test_levels_equal_enumeration(block, ratio):
    """Fifty random tiny models: every level reaches exactly the best that enumeration finds within the floors."""
    for seed in range(50 * block, 50 * block + 50):
        model = random_model(np.random.default_rng(seed), ratio=ratio)
        solution = solve_here(model, QUICK)
        best = best_levels(model)
        if best is None:
            assert solution.termination == "infeasible", seed
            assert not solution.has_plan
            continue
        assert solution.termination == "optimal", seed
        compared = reached(model, solution)[: len(best)]
        assert compared == pytest.approx(best, rel=1e-6, abs=1e-6), seed
        assert all(
            abs(found.bound) == pytest.approx(abs(value), rel=1e-5, abs=1e-5)
            for found, value in zip(solution.levels, best, strict=False)
        ), seed


@pytest.mark.parametrize("ratio", [False, True], ids=["linear", "ratio"])
def test_later_levels_keep_the_earlier_ones(ratio):
    """The final plan still has every earlier level's value, less the tolerances of its aims."""
    for seed in range(1000, 1060):
        model = random_model(np.random.default_rng(seed), levels=4, ratio=ratio)
        solution = solve_here(model, QUICK)
        if not solution.has_plan:
            continue
        assert worst_break(model, solution.values)[1] <= 1e-9
        for asked, value in zip(model.levels, reached(model, solution), strict=True):
            if asked.ratio is not None:
                allowed = asked.terms[0].tolerance * abs(value)
            else:
                # Each tolerance is of its aim's value when the level ended: that is at most what any plan has.
                allowed = max(
                    sum(abs(t.weight) * t.tolerance * abs(t.expression.at(plan)) for t in asked.terms)
                    for plan in every_plan(model)
                )
            assert value_of(asked, solution.values) >= value - allowed - 1e-6 * max(1.0, abs(value)), seed


def mixed_model(rng):
    """Whole numbers open what fractions fill: continuous columns below whole ones, three levels."""
    count = int(rng.integers(2, 6))
    builder = ModelBuilder()
    opened = builder.add_columns("open", [(i,) for i in range(count)], upper=2.0, integer=True)
    filled = builder.add_columns("fill", [(i,) for i in range(count)], upper=10.0)
    for i in range(count):
        builder.add_row("link", (i,), [filled[i,], opened[i,]], [1.0, -float(rng.uniform(0.5, 4))], upper=0.0)
    builder.add_row("all", (), list(filled.values()), list(rng.uniform(0.3, 2, count)), upper=float(rng.uniform(2, 8)))
    zeros = np.zeros(count)
    levels = (
        level("worth", np.concatenate([zeros, rng.uniform(1, 9, count)]), tolerance=float(rng.choice([0, 0.05]))),
        level("cost", np.concatenate([rng.uniform(1, 5, count), 0.1 * zeros]), priority=2, weight=-1.0),
        level("spread", np.concatenate([zeros, rng.uniform(-1, 1, count)]), priority=3),
    )
    return builder.finish(levels)


def test_mixed_models_do_not_depend_on_presolve_or_seed():
    """With fractions too, presolve and seed change no level's value, and rows hold within 1e-9."""
    for seed in range(60):
        model = mixed_model(np.random.default_rng(seed))
        one = solve_here(model, QUICK)
        other = solve_here(model, SolveOptions(time_limit=20, presolve=False, seed=7))
        assert one.termination == other.termination == "optimal", seed
        assert [r.value for r in one.levels] == pytest.approx([r.value for r in other.levels], rel=2e-6, abs=2e-6), seed
        assert worst_break(model, one.values)[1] <= 1e-9, seed


def test_tolerance_lets_a_later_level_give_way():
    """Ten percent of worth may be given up for cost, and no more."""
    worth = term("worth", [10.0, 9.0, 1.0], tolerance=0.1)
    cost = term("cost", [10.0, 5.0, 0.1], priority=2, weight=-1.0)
    levels = (Level((worth,), name="worth"), Level((cost,), name="cost"))
    model = one_row([0, 0, 0], [1, 1, 0], 1.0, upper=1.0, levels=levels)
    solution = solve_here(model, QUICK)
    assert solution.levels[0].value == pytest.approx(11.0)
    # 9 + 1 = 10 ≥ 11 − 1.1, and costs 5.1 instead of 10.1.
    assert solution.values.tolist() == [0.0, 1.0, 1.0]
    assert [aim.value for aim in solution.aims] == pytest.approx([10.0, 5.1])
    assert solution.aims[1].bound == pytest.approx(5.1)


def test_steps_of_a_ratio_are_believed():
    """A ratio that is improved step by step and solved to the end leaves no notice."""
    improved = 0
    for seed in range(20):
        solution = solve_here(random_model(np.random.default_rng(seed), ratio=True), SolveOptions(gap=1e-9))
        improved += any(level.improved for level in solution.levels)
        assert [event.text for event in solution.events if "room above" in event.text] == []
    assert improved > 3


def test_nobody_deploys_is_ratio_zero():
    """Where the floors allow it, a denominator of 0 is the best ratio, and later levels keep it."""
    costs = np.array([1.0, 2.0])
    aim = RatioAim((objective([1.0, 0.0]), objective([0.0, 2.0])), (0.5, 0.5), objective(costs))
    levels = (Level((term("ratio", [0, 0], weight=-1.0),), aim, "ratio"), level("worth", [1.0, 1.0], priority=2))
    start = np.array([3.0, 1.0])
    solution = solve_here(one_row([0, 0], [1, 1], 5.0, levels=levels), QUICK, start)
    assert solution.values.tolist() == [0.0, 0.0]
    assert solution.levels[0].value == 0.0
    assert solution.levels[0].improved
    assert solution.termination == "optimal"


def test_a_ratio_stopped_early_has_a_valid_bound(monkeypatch):
    """Without a single round of improvement the bound of the ratio is below the best ratio, and nothing is called optimal."""
    stopped = 0
    for seed in range(60):
        model = random_model(np.random.default_rng(seed), ratio=True)
        best = best_levels(model)
        if best is None or len(best) < 2:
            continue
        monkeypatch.setattr("optimizer.solving.ratio.ROUNDS", 0)
        found = solve_here(model, QUICK).levels[1]
        assert found.bound <= -best[1] + 1e-6
        assert found.value >= -best[1] - 1e-6
        if found.termination == "feasible":
            stopped += 1
        else:
            assert found.value == pytest.approx(-best[1], abs=2e-6)
    assert stopped > 5


def test_the_tie_break_is_not_reported():
    """A level whose terms begin with an underscore is solved but is no aim."""
    levels = (level("worth", [1.0, 1.0]), Level((term("_order", [2.0, 1.0], priority=99),), name="tie-break"))
    solution = solve_here(one_row([0, 0], [1, 1], 3.0, levels=levels), QUICK)
    assert solution.values.tolist() == [3.0, 0.0]
    assert [aim.name for aim in solution.aims] == ["worth"]
    assert [result.reported for result in solution.levels] == [True, False]


def test_without_levels_any_plan_will_do():
    """A model without aims gets a plan and no levels of aims."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,), (1,)], upper=4.0, integer=True)
    builder.add_row("row", (), [0, 1], [2.0, 3.0], lower=7.0, upper=7.0)
    solution = solve_here(builder.finish(()), QUICK)
    assert solution.termination == "optimal"
    assert solution.values.tolist() == [2.0, 1.0]
    assert solution.aims == ()


def test_a_good_start_is_a_plan_and_accepted():
    """A feasible start is told at once, given to HiGHS, and HiGHS takes it."""
    model = hard_model()
    heard = []
    start = np.full(100, 1.0)
    solution = solve_here(model, SolveOptions(time_limit=0.4), start, heard.append)
    incumbents = [event for event in heard if isinstance(event, Incumbent)]
    assert incumbents[0].values.tolist() == start.tolist()
    assert "MIP start solution is feasible" in solution.log
    assert solution.levels[0].value >= model.levels[0].objective.at(start)


def test_a_start_is_never_lost():
    """With no time at all the start is the plan, and the levels say that they did not improve it."""
    start = np.full(100, 1.0)
    solution = solve_here(hard_model(), SolveOptions(time_limit=1e-6), start)
    assert solution.values.tolist() == start.tolist()
    assert solution.termination == "feasible"
    assert not any(result.improved for result in solution.levels)


def test_a_bad_start_is_told():
    """A start that breaks a row is a hint only, and a notice names the row and by how much."""
    solution = solve_here(one_row([1, 1], [1, 1], 3.0), QUICK, np.array([5.0, 5.0]))
    assert solution.levels[0].value == 3.0
    kinds = {event.kind: event.text for event in solution.events}
    assert "row 0 is broken by 2.33" in kinds["start_refused"]
    assert "start_ignored" in kinds


def test_a_partial_start_is_completed():
    """A start with open values is completed by HiGHS."""
    start = np.full(100, 1.0)
    start[40:] = np.nan
    solution = solve_here(hard_model(), SolveOptions(time_limit=1.0), start)
    assert "start_ignored" not in [event.kind for event in solution.events]
    assert solution.has_plan


def test_a_start_of_the_wrong_length_is_refused():
    """A start has one number per column."""
    with pytest.raises(ValueError, match="3 values, the model 2 columns"):
        solve_here(one_row([1, 1], [1, 1], 3.0), QUICK, np.zeros(3))


def test_time_limit_with_a_plan():
    """At the limit the plan stays, with a bound and an honest gap; the first level gets most of the time."""
    solution = solve_here(hard_model(), SolveOptions(time_limit=1.5))
    first = solution.levels[0]
    assert solution.termination == "feasible"
    assert solution.has_plan
    assert first.gap == pytest.approx((first.bound - first.value) / first.value)
    assert 0.0 < first.gap < 0.2
    assert 0.6 < first.seconds < 1.4
    assert sum(result.seconds for result in solution.levels) < 3.0


def test_time_limit_without_a_plan():
    """At the limit without a plan that is what is said, not "infeasible"."""
    solution = solve_here(market_split(), SolveOptions(time_limit=0.5))
    assert solution.termination == "none_found"
    assert solution.values is None
    assert solution.aims == ()


def test_infeasible_is_believed_after_the_second_run():
    """A model without a plan is solved twice, the second time without presolve."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,), (1,)], upper=4.0, integer=True)
    builder.add_row("row", (), [0, 1], [2.0, 4.0], lower=7.0, upper=7.0)
    solution = solve_here(builder.finish((level("x", [1.0, 1.0]),)), QUICK)
    assert solution.termination == "infeasible"
    assert [event.kind for event in solution.events] == ["presolve_off"]


def lying(monkeypatch, when):
    """Let runs claim infeasibility while `when(presolve)`; returns the list of what presolve was in each run."""
    runs = []
    honest = LiveModel.run

    def run(self, **given):
        runs.append(given["presolve"])
        result = honest(self, **given)
        if when(given["presolve"]):
            return Run("infeasible", None, None, 0.0, None, False, "Infeasible")
        return result

    monkeypatch.setattr(LiveModel, "run", run)
    return runs


def test_a_lie_of_presolve_is_found_out(monkeypatch):
    """When presolve calls a feasible model infeasible, the run without it gives the plan, and that is told."""
    runs = lying(monkeypatch, lambda presolve: presolve)
    solution = solve_here(one_row([2, 3], [2, 4], 11.0), QUICK)
    assert runs == [True, False]
    assert solution.termination == "optimal"
    assert solution.levels[0].value == pytest.approx(10.0)
    assert [event.kind for event in solution.events] == ["presolve_off"]


def test_a_known_plan_refutes_infeasible(monkeypatch):
    """With a plan at hand not even two runs can call a level infeasible: the plan stays, unproven."""
    lying(monkeypatch, lambda _: True)
    solution = solve_here(one_row([2, 3], [2, 4], 11.0), QUICK, np.array([1.0, 0.0]))
    assert solution.termination == "feasible"
    assert solution.values.tolist() == [1.0, 0.0]
    assert solution.levels[0].bound is None
    assert [event.kind for event in solution.events] == ["presolve_off", "not_solved"]


def test_a_bound_below_a_known_plan_is_not_believed(monkeypatch):
    """A first run that claims less than the plan at hand has is repeated without presolve."""
    honest = LiveModel.run

    def run(self, **given):
        if given["presolve"]:
            return Run("optimal", np.zeros(2), 0.0, 0.0, True, False, "Optimal")
        return honest(self, **given)

    monkeypatch.setattr(LiveModel, "run", run)
    solution = solve_here(one_row([2, 3], [2, 4], 11.0), QUICK, np.array([1.0, 1.0]))
    assert solution.levels[0].value == pytest.approx(10.0)
    assert "claims a bound" in solution.events[0].text


def test_a_plan_away_from_its_own_bound_is_not_the_best(monkeypatch):
    """A first run that calls the start optimal, with a bound far above it, is repeated without presolve."""
    honest = LiveModel.run

    def run(self, **given):
        if given["presolve"]:
            return Run("optimal", np.array([1.0, 1.0]), 10.0, 0.0, True, False, "Optimal")
        return honest(self, **given)

    monkeypatch.setattr(LiveModel, "run", run)
    solution = solve_here(one_row([2, 3], [2, 4], 11.0), QUICK, np.array([1.0, 1.0]))
    assert solution.termination == "optimal"
    assert solution.levels[0].value == pytest.approx(10.0)
    assert "leaves room above" in solution.events[0].text


def test_a_bound_that_leaves_room_stays_a_bound(monkeypatch):
    """Where both runs call the start optimal below their bound, the plan is feasible and the bound stands."""
    answer = Run("optimal", np.array([1.0, 1.0]), 10.0, 0.0, True, False, "Optimal")
    monkeypatch.setattr(LiveModel, "run", lambda self, **given: answer)
    solution = solve_here(one_row([2, 3], [2, 4], 11.0), QUICK, np.array([1.0, 1.0]))
    assert solution.termination == "feasible"
    assert (solution.levels[0].value, solution.levels[0].bound) == (5.0, 10.0)


def test_whole_numbers_are_whole_and_the_rest_follows():
    """Values come back exactly whole, and fractions obey the rows with the whole numbers put in."""
    for seed in range(30):
        model = mixed_model(np.random.default_rng(100 + seed))
        values = solve_here(model, QUICK).values
        assert (values[model.integer] == np.rint(values[model.integer])).all()
        assert worst_break(model, values)[1] <= 1e-9


def test_settling_repairs_fractions():
    """A plan with whole numbers 1e-6 off and fractions that used it up is repaired, not just rounded."""
    builder = ModelBuilder()
    builder.add_columns("open", [()], upper=3.0, integer=True)
    builder.add_columns("fill", [()], upper=9000.0)
    builder.add_row("link", (), [1, 0], [1.0, -3000.0], upper=0.0)
    live = LiveModel(builder.finish(()), QUICK)
    live.set_objective(objective([0.0, 1.0]), maximise=True)
    settled = live.settle(np.array([1.0 + 1e-6, 3000.003]))
    assert settled.tolist() == pytest.approx([1.0, 3000.0], abs=1e-9)
    assert live.settle(np.array([4.0, 9000.0])).tolist() == pytest.approx([3.0, 9000.0])
    assert LiveModel(one_row([1], [2], 3.0), QUICK).settle(np.array([2.0])) is None


def test_events_are_told_in_order():
    """Better plans only get better, every level ends once with the plan at hand, progress has a bound."""
    heard = []
    solution = solve_here(hard_model(), SolveOptions(time_limit=1.0), report=heard.append)
    worth = [event.value for event in heard if isinstance(event, Incumbent) and event.level == "worth"]
    assert len(worth) > 1
    assert worth == sorted(worth)
    ended = [event for event in heard if isinstance(event, LevelDone)]
    assert [event.result for event in ended] == list(solution.levels)
    assert ended[-1].values.tolist() == solution.values.tolist()
    assert any(isinstance(event, Progress) and event.bound is not None for event in heard)


def test_a_listener_that_fails_is_heard():
    """An exception of the listener ends the solve and reaches the caller."""

    def listen(_):
        raise RuntimeError("the listener is gone")

    with pytest.raises(RuntimeError, match="the listener is gone"):
        solve_here(hard_model(), SolveOptions(time_limit=20), report=listen)


def test_same_seed_same_plan():
    """Two solves of one model with one seed give the same plan."""
    model = random_model(np.random.default_rng(3))
    assert solve_here(model, QUICK).values.tolist() == solve_here(model, QUICK).values.tolist()


def test_continuous_models_are_solved():
    """A model without whole numbers is an LP with a bound."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,), (1,)], upper=4.0)
    builder.add_row("row", (), [0, 1], [2.0, 4.0], upper=7.0)
    solution = solve_here(builder.finish((level("x", [1.0, 1.0]), level("y", [0.0, 1.0], priority=2))), QUICK)
    assert solution.termination == "optimal"
    assert solution.values.tolist() == pytest.approx([3.5, 0.0], abs=2e-6)  # the floor lowers its priority by 2e-7
    assert solution.levels[0].bound == pytest.approx(3.5)


def test_log_is_kept(tmp_path):
    """The solver's log comes back as text, and in the file that was asked for; nothing is printed."""
    file = tmp_path / "solver.log"
    solution = solve_here(one_row([1, 1], [1, 1], 3.0), SolveOptions(log_file=file))
    assert "Running HiGHS" in solution.log
    assert file.read_text() == solution.log
    assert solution.versions["highs"] == "1.15.1"


def test_nothing_is_printed(capfd):
    """HiGHS writes to its log, never to the terminal."""
    solve_here(one_row([1, 1], [1, 1], 3.0), QUICK)
    assert capfd.readouterr() == ("", "")


def test_gap_of_nothing():
    """A gap needs a value and a bound; both 0 is no gap; a value of 0 with another bound is an endless one."""
    assert relative_gap(None, 1.0) is None
    assert relative_gap(1.0, None) is None
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(0.0, 1.0) == float("inf")
    assert relative_gap(-4.0, -3.0) == 0.25


def test_notices_are_plain_data():
    """A notice is a kind and a sentence."""
    assert Notice("crashed", "It died.") == Notice("crashed", "It died.")


def test_an_exception_of_the_solver_leads_to_a_second_run(monkeypatch):
    """Where the native code gives up with an exception, nothing it holds is believed, and the model is solved again without presolve."""
    original, broken = highspy.Highs.run, []

    def run(solver):
        if not broken:
            broken.append(True)
            raise ValueError("vector::reserve")
        return original(solver)

    monkeypatch.setattr(highspy.Highs, "run", run)
    solution = solve_here(one_row([3.0, 2.0], [2, 1], 7), QUICK)
    assert broken
    assert [event.kind for event in solution.events] == ["presolve_off"]
    assert "an exception" in solution.events[0].text
    assert solution.termination == "optimal"


def test_a_late_plan_that_beats_the_bound_leaves_it_unproven(monkeypatch):
    """A worker's plan that came when HiGHS had ended is no better than the best there is: HiGHS's bound was wrong, and that is told."""
    model = hard_model()
    known = solve_here(model, SolveOptions(time_limit=0.4))
    late, value = known.values, value_of(model.levels[0], known.values)
    wrong = Run("optimal", None, value - 1.0, 0.0, None, False, "Optimal")
    monkeypatch.setattr(Search, "trusted_run", lambda *_, **given: wrong)
    monkeypatch.setattr(Together, "_collect", lambda self: self._take(Better(late, value, "posts", 0.0)))
    solution = solve_here(model, SolveOptions(time_limit=5))
    assert (solution.levels[0].value, solution.levels[0].bound) == (pytest.approx(value), None)
    assert solution.levels[0].termination == "feasible"
    assert "bound_refused" in [notice.kind for notice in solution.events]


def test_a_search_ends_with_what_it_has_when_it_is_told_to():
    """Told after the first plan, it keeps what it has and claims nothing; without a limit it would go on for minutes."""
    found = []
    solution = levels_module.solve_levels(
        hard_model(),
        SolveOptions(improve=False),
        report=lambda event: found.append(event) if isinstance(event, Incumbent) else None,
        stop=lambda: bool(found),
    )
    assert solution.has_plan
    assert solution.termination == "feasible"
