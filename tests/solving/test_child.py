"""The child process: whatever happens to it, to its parent or to the clock, the last plan is kept and the reason told."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from optimizer.model.builder import ModelBuilder
from optimizer.model.linear import Block, Level, RatioAim
from optimizer.solving import child
from optimizer.solving.child import solve_here, solve_in_child
from optimizer.solving.highs.breaks import worst_break
from optimizer.solving.highs.lp import read_mps
from optimizer.solving.levels import value_of
from optimizer.solving.options import SolveOptions
from optimizer.solving.peers import pipe
from optimizer.solving.peers.pipe import Peer
from optimizer.solving.peers.processes import end, start_module
from optimizer.solving.solution import Incumbent, LevelDone, LevelResult, Notice, Progress, Solution, SolverFailed
from tests.solving.small import hard_model, level, objective, one_row, random_model, term

CASES = Path(__file__).parent / "cases"
TESTS = Path(__file__).parents[1]


def at_first_plan(children, do, level="worth"):
    """A listener that does something to the newest child when the first plan of a level comes (once per child)."""
    done = []

    def listen(event):
        if isinstance(event, Incumbent) and event.level == level and len(done) < len(children):
            done.append(children[-1].pid)
            do(children[-1])

    return listen


def alive(pid):
    """Whether a process runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition, seconds=8.0):
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_child_and_here_agree():
    """The same model, options and seed give the same plan, levels and events in the child as in this process."""
    for seed in range(4):
        model = random_model(np.random.default_rng(seed), ratio=bool(seed % 2))
        here = solve_here(model, SolveOptions())
        there = solve_in_child(model, SolveOptions())
        assert there.termination == here.termination
        assert there.has_plan == here.has_plan
        assert [r.value for r in there.levels] == [r.value for r in here.levels]
        assert [r.bound for r in there.levels] == [r.bound for r in here.levels]
        assert there.events == here.events
        if here.has_plan:
            assert there.values.tolist() == here.values.tolist()


def test_events_come_through(children):
    """The parent hears better plans and the end of levels while the child works, and the child is gone at the end."""
    heard = []
    solution = solve_in_child(hard_model(), SolveOptions(time_limit=0.6), report=heard.append)
    assert sum(isinstance(event, Incumbent) for event in heard) > 1
    assert [event.result for event in heard if isinstance(event, LevelDone)] == list(solution.levels)
    assert "Running HiGHS" in solution.log
    assert solution.timings["child"] >= solution.timings["solve"]
    assert not alive(children[0].pid)


def test_labels_stay_with_the_parent(monkeypatch):
    """Labels of rows and columns may be anything, even what cannot be sent: they do not go to the child."""
    model = one_row([2, 3], [2, 4], 11.0)
    unsendable = Block("x", 0, ((lambda: 0,),) * 2)
    model = type(model)(**{**vars(model), "columns": (unsendable,)})
    assert solve_in_child(model, SolveOptions()).levels[0].value == pytest.approx(10.0)


def test_segfault_is_an_event_and_retried():
    """A native crash of presolve is told with its signal, the model is solved again without presolve, the answer is right."""
    solution = solve_in_child(read_mps(CASES / "presolve_segfault.mps"), SolveOptions())
    assert solution.termination == "optimal"
    assert solution.values.tolist() == [5.0, 5.0, 5.0]
    assert [event.kind for event in solution.events] == ["crashed", "presolve_off"]
    assert "signal 11" in solution.events[0].text


def test_kill_is_retried_from_the_last_plan(children):
    """After kill -9 a second child starts without presolve from the last plan and ends no worse."""
    lost = []

    def kill(victim):
        if len(children) == 1:
            os.kill(victim.pid, signal.SIGKILL)

    listen = at_first_plan(children, kill)
    starts = []

    def report(event):
        if isinstance(event, Incumbent):
            (lost if len(children) == 1 else starts).append(event.value)
        listen(event)

    solution = solve_in_child(hard_model(), SolveOptions(time_limit=3), report=report)
    assert [event.kind for event in solution.events] == ["crashed", "presolve_off"]
    assert "signal 9" in solution.events[0].text
    assert starts[0] == pytest.approx(lost[-1])
    assert solution.termination == "feasible"
    assert solution.levels[0].value >= lost[-1] - 1e-6
    assert len(children) == 2
    assert "MIP start solution is feasible" in solution.log
    assert solution.log.count("Running HiGHS") == 2


@pytest.mark.parametrize("continuous", [False, True], ids=["whole", "mixed"])
def test_two_deaths_are_a_crash_with_the_last_plan(children, continuous):
    """When the second child dies too the termination is "crashed", with the last plan, whole and within the rows."""
    model = hard_model(continuous)
    listen = at_first_plan(children[:], lambda _: None)

    def report(event):
        if isinstance(event, Incumbent) and event.value > 100 and len(children) <= 2:
            os.kill(children[-1].pid, signal.SIGKILL)
        listen(event)

    solution = solve_in_child(model, SolveOptions(time_limit=10), report=report)
    assert solution.termination == "crashed"
    assert [event.kind for event in solution.events] == ["crashed", "presolve_off", "crashed"]
    assert solution.has_plan
    assert solution.levels[0].value > 100
    assert [aim.name for aim in solution.aims] == ["worth", "few"]
    assert worst_break(model, solution.values)[1] <= 1e-9


def test_two_deaths_without_a_plan(children, monkeypatch):
    """When no child lives long enough to find anything, that is a crash without a plan."""
    monkeypatch.setattr(Peer, "send", lambda *_: os.kill(children[-1].pid, signal.SIGKILL))
    solution = solve_in_child(hard_model(), SolveOptions(time_limit=5))
    assert solution.termination == "crashed"
    assert not solution.has_plan
    assert solution.aims == ()
    assert len(children) == 2


def test_a_second_child_does_not_lose_the_plan_of_the_first():
    """While a second child is behind the plan of the first, that plan is kept; a better one replaces it."""
    solve = child._ChildSolve(one_row([1, 1], [1, 1], 9.0), SolveOptions(), lambda _: None)
    for plan, kept in [([3.0, 1.0], 4.0), ([1.0, 0.0], 4.0), ([4.0, 1.0], 5.0)]:
        solve._take(Incumbent("worth", sum(plan), np.array(plan), 0.0))
        assert solve.plan.sum() == kept


def test_no_retry_when_the_time_is_up(children, monkeypatch):
    """A death at the end of the time limit is not followed by a second run."""
    monkeypatch.setattr(child, "LEAST_RETRY_SECONDS", 100.0)
    listen = at_first_plan(children, lambda victim: victim.kill())
    solution = solve_in_child(hard_model(), SolveOptions(time_limit=5), report=listen)
    assert solution.termination == "crashed"
    assert solution.has_plan
    assert len(children) == 1


def test_a_child_that_overruns_is_ended(children, monkeypatch):
    """A child that hangs past its limit (stopped here) is ended by the parent, and the last plan is kept."""
    monkeypatch.setattr(child, "OVERRUN_SECONDS", 0.3)
    listen = at_first_plan(children, lambda victim: os.kill(victim.pid, signal.SIGSTOP))
    begun = time.monotonic()
    solution = solve_in_child(hard_model(), SolveOptions(time_limit=1), report=listen)
    assert time.monotonic() - begun < 30
    assert solution.termination == "feasible"
    assert solution.has_plan
    assert [event.kind for event in solution.events] == ["overrun"]
    assert not alive(children[0].pid)


def deaf(monkeypatch, levels):
    """The first plan of each of these levels that is worth something is followed by the word that HiGHS does not stop."""
    read_messages = pipe.read_messages

    def read(stream, take):
        def take_and_more(message):
            take(message)
            if isinstance(message, Incumbent) and message.level in levels and message.value:
                levels.remove(message.level)
                take(Notice("overrun", "HiGHS goes on."))

        read_messages(stream, take_and_more)

    monkeypatch.setattr(pipe, "read_messages", read)


@pytest.mark.parametrize("limit", [None, 30.0])
def test_after_a_level_that_does_not_end_the_next_one_comes(children, monkeypatch, limit):
    """A child that does not stop at the end of a level is ended at once, and another goes on with the levels that are left."""
    deaf(monkeypatch, ["worth"])
    model, ended, jobs = hard_model(), [], []
    attempt = child._ChildSolve._attempt
    monkeypatch.setattr(child._ChildSolve, "_attempt", lambda solve, job: (jobs.append(job), attempt(solve, job))[1])
    solution = solve_in_child(
        model, SolveOptions(time_limit=limit), report=lambda event: isinstance(event, LevelDone) and ended.append(event)
    )
    assert len(children) == 2
    assert [event.result for event in ended] == list(solution.levels)
    assert [job.options.time_limit is None for job in jobs] == [limit is None] * 2
    assert limit is None or jobs[1].options.time_limit < limit - ended[0].result.seconds + 1e-3
    assert not any(alive(process.pid) for process in children)
    assert [event.kind for event in solution.events] == ["overrun"]
    first, second = solution.levels
    assert first.termination == "feasible"
    assert first.improved
    assert first.seconds > 0.0
    assert first.bound is None or first.bound >= first.value
    assert value_of(model.levels[0], solution.values) >= first.value - 1e-6, "what it had reached is kept"
    assert second.termination == "optimal"
    assert second.value == pytest.approx(value_of(model.levels[1], solution.values))
    assert solution.termination == "feasible"


def test_levels_that_do_not_end_are_left_as_they_stand(children, monkeypatch):
    """Where the last level does not end either, its last plan stands; so it does where no time is left."""
    model = hard_model()
    deaf(monkeypatch, ["worth", "few"])
    solution = solve_in_child(model, SolveOptions())
    assert len(children) == 2
    assert [event.kind for event in solution.events] == ["overrun", "overrun"]
    first, second = solution.levels
    assert (first.name, second.name) == ("worth", "few")
    assert first.termination == solution.termination == "feasible"
    assert second.termination in {"feasible", "optimal"}
    assert value_of(model.levels[0], solution.values) >= first.value - 1e-4, "what it had reached is kept"
    assert second.value == value_of(model.levels[1], solution.values)

    deaf(monkeypatch, ["worth"])
    monkeypatch.setattr(child, "LEAST_RETRY_SECONDS", 100.0)
    solution = solve_in_child(model, SolveOptions(time_limit=30))
    assert len(children) == 3
    first, second = solution.levels
    assert first.improved
    assert not second.improved
    assert [level.value for level in solution.levels] == [value_of(asked, solution.values) for asked in model.levels]
    assert first.termination == second.termination == solution.termination == "feasible"
    assert second.bound is None


def test_a_level_as_it_stands():
    """The running level has the bound that was told, unless its plan beats it, and is the best where that is near enough."""
    model = one_row([1, 1], [1, 1], 9.0)
    model = replace(model, levels=(*model.levels, replace(model.levels[0], name="again")))
    solve = child._ChildSolve(model, SolveOptions(gap=0.25), lambda _: None)
    plan = np.array([3.0, 1.0])
    for bound, termination, kept in (
        (6.0, "feasible", 6.0),
        (5.0, "optimal", 5.0),
        (4.0 - 1e-6, "optimal", 4.0),
        (3.0, "feasible", None),
    ):
        solve.progress = Progress("worth", 4.0, bound, None, 0.0, 0)
        stands = solve._as_it_stands(0, plan)
        assert (stands.termination, stands.bound, stands.value, stands.improved) == (termination, kept, 4.0, True)
        later = solve._as_it_stands(1, plan)
        assert (later.termination, later.bound, later.improved, later.seconds) == ("feasible", None, False, 0.0)
    assert solve._as_it_stands(0, None).termination == "none_found"
    solve._take(LevelDone(stands, plan))
    assert solve._as_it_stands(1, plan).bound is None, "the next level has a bound of its own"
    assert not solve._as_it_stands(1, plan).improved, "the plan is what it was given"
    assert solve._as_it_stands(1, np.array([4.0, 1.0])).improved
    assert not solve._as_it_stands(1, np.array([3.0, 1.0 + 1e-10])).improved, "that is rounding"


def test_a_level_that_changes_nothing_is_not_improved():
    """What the search began with is no better plan of the first level; what comes later is."""
    solve = child._ChildSolve(one_row([1, 1], [1, 1], 9.0), SolveOptions(), lambda _: None)
    for plan, seconds, improved in (([3.0, 1.0], 0.0, False), ([3.0, 1.0], 0.5, False), ([4.0, 1.0], 0.7, True)):
        solve._take(Incumbent("worth", sum(plan), np.array(plan), seconds))
        assert solve._as_it_stands(0, solve.plan).improved == improved
    other = child._ChildSolve(solve.model, SolveOptions(), lambda _: None)
    other._take(Incumbent("worth", 4.0, np.array([3.0, 1.0]), 0.5))
    assert other._as_it_stands(0, other.plan).improved, "there was none before"


def test_a_ratio_as_it_stands():
    """No ratio is below its bound: one that the plan undercuts is no bound."""
    aim = RatioAim((objective([1.0, 0.0]), objective([0.0, 1.0])), (0.5, 0.5), objective([1.0, 1.0]))
    levels = (Level((term("ratio", [0, 0], weight=-1.0),), aim, "ratio"), level("worth", [1.0, 1.0], priority=2))
    solve = child._ChildSolve(one_row([0, 0], [1, 1], 9.0, levels=levels), SolveOptions(gap=0.25), lambda _: None)
    solve._take(Incumbent("ratio", 1.5, np.array([3.0, 1.0]), 0.0))
    for bound, termination, kept in (
        (1.0, "feasible", 1.0),
        (1.25, "optimal", 1.25),
        (1.5 + 1e-6, "optimal", 1.5),
        (1.6, "feasible", None),
    ):
        solve.progress = Progress("ratio", 1.5, bound, None, 0.0, 0)
        stands = solve._as_it_stands(0, solve.plan)
        assert (stands.termination, stands.bound, stands.value, stands.improved) == (termination, kept, 1.5, False)
    assert solve._as_it_stands(0, np.array([2.0, 1.0])).improved


@pytest.mark.parametrize(
    ("endings", "presolve", "done"),
    [
        (["overrun", "died", "died"], [True, True, False], [0, 1, 1]),
        (["died", "overrun", "died"], [True, False, False], [0, 0, 1]),
        (["overrun", "died", "overrun", "overrun"], [True, True, False, False], [0, 1, 1, 2]),
    ],
)
def test_a_crash_and_a_level_that_does_not_end(monkeypatch, endings, presolve, done):
    """One crash is repeated whenever it comes, what comes after it has no presolve, and ended levels stay ended."""
    model = one_row([1, 1], [1, 1], 9.0)
    model = replace(model, levels=tuple(replace(model.levels[0], name=name) for name in ("one", "two", "three")))
    solve, jobs = child._ChildSolve(model, SolveOptions(), lambda _: None), []

    def attempt(job):
        solve._take(Incumbent(model.levels[len(solve.ended)].name, 4.0, np.array([3.0, 1.0]), 0.0))
        jobs.append(job)
        solve.started = True
        return endings[len(jobs) - 1]

    monkeypatch.setattr(solve, "_attempt", attempt)
    solution = solve.solve(None)
    assert [job.options.presolve for job in jobs] == presolve
    assert [len(job.done) for job in jobs] == done
    assert [job.start is None for job in jobs] == [True] + [False] * (len(jobs) - 1)
    assert solution.has_plan
    assert solution.termination == ("crashed" if endings[-1] == "died" else "feasible")
    assert len(solution.levels) == 3


def test_what_a_child_has_proven_before_it_crashed_does_not_count(monkeypatch):
    """Its bound may be what it died of; nor is a level over that it ended without a plan."""
    model = one_row([1, 1], [1, 1], 9.0)
    solve, jobs = child._ChildSolve(model, SolveOptions(), lambda _: None), []
    nothing = LevelResult("worth", 1, None, None, None, "infeasible", 0.0, False)

    def attempt(job):
        jobs.append(job)
        if len(jobs) == 2:
            solve._take(Incumbent("worth", 4.0, np.array([3.0, 1.0]), 0.5))
            return "overrun"
        solve._take(Progress("worth", None, 5.0, None, 0.1, 0))
        solve._take(LevelDone(nothing, None))
        return "died"

    monkeypatch.setattr(solve, "_attempt", attempt)
    solution = solve.solve(None)
    assert [job.done for job in jobs] == [(), ()]
    (stands,) = solution.levels
    assert (stands.value, stands.bound, stands.termination) == (4.0, None, "feasible")


def test_what_a_last_child_has_proven_before_it_crashed_does_not_count(monkeypatch):
    """Nor where nothing is solved again."""
    monkeypatch.setattr(child, "LEAST_RETRY_SECONDS", 100.0)
    solve = child._ChildSolve(one_row([1, 1], [1, 1], 9.0), SolveOptions(time_limit=5), lambda _: None)

    def attempt(job):
        solve._take(Incumbent("worth", 4.0, np.array([3.0, 1.0]), 0.5))
        solve._take(Progress("worth", 4.0, 4.0, 0.0, 0.5, 0))
        return "died"

    monkeypatch.setattr(solve, "_attempt", attempt)
    (stands,) = solve.solve(None).levels
    assert (stands.value, stands.bound, stands.termination) == (4.0, None, "crashed")


def mixed():
    """x whole, y and w not: 5x + y at most 100, w = x; as much y as possible less a tenth, then little y, then much x."""
    builder = ModelBuilder()
    builder.add_columns("x", [(0,)], upper=10.0, integer=True)
    builder.add_columns("y", [(0,)], upper=100.0)
    builder.add_columns("w", [(0,)], upper=10.0)
    builder.add_row("all", (0,), [0, 1], [5.0, 1.0], upper=100.0)
    builder.add_row("same", (0,), [0, 2], [1.0, -1.0], lower=0.0, upper=0.0)
    levels = (
        level("much", [0.0, 1.0, 0.0], tolerance=0.1),
        level("little", [0.0, 1.0, 0.0], priority=2, weight=-1.0),
        level("whole", [1.0, 0.0, 0.0], priority=3),
    )
    return builder.finish(levels)


def test_a_plan_is_settled_above_the_floors():
    """What is derived anew loses nothing of levels that are done, is as good as can be in the running one, and others go on from it."""
    model = mixed()
    solve = child._ChildSolve(model, SolveOptions(), lambda _: None)
    most = np.array([0.0, 100.0, 0.0])
    solve._take(LevelDone(LevelResult("much", 1, 100.0, 100.0, 0.0, "optimal", 0.0, True), most))
    solve._take(Incumbent("little", -92.0, np.array([1.0, 92.0, 1.0 - 1e-7]), 0.5))
    settled = solve._settle()
    assert settled.tolist() == pytest.approx([1.0, 90.0, 1.0], abs=1e-4)
    assert worst_break(model, settled)[1] <= 1e-9
    assert solve._close_level()
    solution = solve_here(model, SolveOptions(), settled, done=solve.ended)
    assert [result.termination for result in solution.levels] == ["optimal", "feasible", "optimal"]
    assert solution.events == ()
    assert solution.values.tolist() == pytest.approx([2.0, 90.0, 2.0], abs=1e-4)


def test_only_a_child_that_has_begun_ends_a_level(children, monkeypatch):
    """A further child that does not start in time has worked on no level."""
    monkeypatch.setattr(child, "START_SECONDS", 0.01)
    solve = child._ChildSolve(mixed(), SolveOptions(), lambda _: None)
    solve._take(Incumbent("much", 0.0, np.zeros(3), 0.0))
    solution = solve.solve(None)
    assert len(children) == 1
    assert not solve.ended
    assert solution.has_plan
    assert [event.kind for event in solution.events] == ["overrun"]


def test_a_plan_is_settled_as_often_as_needed():
    """The helper that settles a plan has a place of its own every time."""
    solve = child._ChildSolve(mixed(), SolveOptions(), lambda _: None)
    for whole in (4.0, 3.0):
        solve._take(Incumbent("much", 80.0, np.array([whole, 80.0, whole - 1e-7]), 0.0))
        assert solve._settle().tolist() == [whole, 100.0 - 5.0 * whole, whole]


@pytest.mark.parametrize("ending", ["overrun", "died"])
def test_ctrl_c_while_a_plan_is_settled(monkeypatch, ending):
    """It is not forgotten, and no other helper starts."""
    solve, jobs = child._ChildSolve(mixed(), SolveOptions(), lambda _: None), []

    def attempt(asked, job):
        jobs.append(job)
        if asked is not solve:
            return "interrupted"
        solve._take(Incumbent("much", 80.0, np.array([3.0, 80.0, 3.0 - 1e-7]), 0.0))
        solve.started = True
        return ending

    monkeypatch.setattr(child._ChildSolve, "_attempt", attempt)
    solution = solve.solve(None)
    assert solution.termination == "interrupted"
    assert solution.has_plan
    assert not solve.ended
    assert [job.model.integer.any() for job in jobs] == [True, False]


def test_what_cannot_be_settled_is_tried_once(monkeypatch):
    """The helper works without improvement workers; where it finds nothing and the plan breaks rules, there is none."""
    solve, jobs = child._ChildSolve(mixed(), SolveOptions(), lambda _: None), []
    monkeypatch.setattr(child._ChildSolve, "_attempt", lambda _, job: jobs.append(job) or "died")
    solve._take(Incumbent("much", 80.0, np.array([3.0, 80.0, 3.0 - 1e-4]), 0.0))
    assert not solve._close_level()
    solution = solve._without_answer("overrun")
    assert not solution.has_plan
    assert [job.options.improve for job in jobs] == [False]


def test_after_a_crash_a_plan_that_is_not_whole_is_settled_first(monkeypatch):
    """The next child starts from a plan that keeps all rules, and where its answer has none that plan is not lost."""
    solve, jobs = child._ChildSolve(mixed(), SolveOptions(), lambda _: None), []

    def attempt(job):
        jobs.append(job)
        if len(jobs) == 2:
            solve.done = Solution(None, "none_found")
            return "done"
        solve._take(Incumbent("much", 80.0, np.array([3.0, 80.0, 3.0 - 1e-4]), 0.5))
        return "died"

    monkeypatch.setattr(solve, "_attempt", attempt)
    solution = solve.solve(None)
    assert jobs[1].start.tolist() == pytest.approx([3.0, 85.0, 3.0])
    assert solution.values.tolist() == jobs[1].start.tolist()


def test_a_further_child_without_a_plan_loses_none(monkeypatch):
    """Where its answer has no plan, what levels before have reached stands."""
    model = mixed()
    solve, jobs = child._ChildSolve(model, SolveOptions(), lambda _: None), []

    def attempt(job):
        jobs.append(job)
        solve._take(Incumbent("much", 80.0, np.array([3.0, 80.0, 3.0]), 0.0))
        solve.started, solve.done = True, Solution(None, "none_found")
        return "overrun" if len(jobs) == 1 else "done"

    monkeypatch.setattr(solve, "_attempt", attempt)
    solution = solve.solve(None)
    assert len(jobs) == 2
    assert solution.termination == "feasible"
    assert solution.values.tolist() == [3.0, 80.0, 3.0]
    assert len(solution.levels) == 3


def test_without_a_plan_nothing_is_over(children, monkeypatch):
    """The word that HiGHS does not stop ends no child that is still looking for a first plan."""
    read_messages = pipe.read_messages

    def read(stream, take):
        take(Notice("overrun", "HiGHS goes on."))
        read_messages(stream, take)

    monkeypatch.setattr(pipe, "read_messages", read)
    solution = solve_in_child(one_row([1, 1], [1, 1], 3.0), SolveOptions())
    assert len(children) == 1
    assert solution.termination == "optimal"
    assert solution.events == ()


def test_an_exception_in_the_child_is_raised():
    """A bug in the child comes to the caller with the child's own traceback."""
    with pytest.raises(SolverFailed, match=r"(?s)the start has 3 values.*Traceback"):
        solve_in_child(one_row([1, 1], [1, 1], 3.0), SolveOptions(), np.zeros(3))


def test_a_listener_that_fails_ends_the_child(children):
    """An exception of the listener reaches the caller and no child is left behind."""

    def listen(event):
        raise RuntimeError("the listener is gone")

    with pytest.raises(RuntimeError, match="the listener is gone"):
        solve_in_child(hard_model(), SolveOptions(time_limit=20), report=listen)
    assert not alive(children[0].pid)


def test_ctrl_c_while_listening(children):
    """KeyboardInterrupt in the parent ends the child and keeps the last plan: interrupted."""

    def interrupt(_):
        raise KeyboardInterrupt

    model = hard_model(continuous=True)
    solution = solve_in_child(model, SolveOptions(), report=at_first_plan(children, interrupt))
    assert solution.termination == "interrupted"
    assert solution.has_plan
    assert worst_break(model, solution.values)[1] <= 1e-9
    assert not alive(children[0].pid)


SCRIPT = """
import sys
from tests.solving.small import hard_model
from optimizer.solving import child
from optimizer.solving.peers import processes
from optimizer.solving.options import SolveOptions
from optimizer.solving.solution import Incumbent

class Recorded(processes.subprocess.Popen):
    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        print("child", self.pid, flush=True)

processes.subprocess.Popen = Recorded
told = []

def listen(event):
    if isinstance(event, Incumbent) and not told:
        told.append(event)
        print("plan", flush=True)

solution = getattr(child, sys.argv[1])(hard_model(), SolveOptions(time_limit=60), report=listen)
print(solution.termination, solution.has_plan, solution.levels[0].value >= told[0].value, flush=True)
"""


def start_script(door):
    """A Python process that solves a hard model through a door; its words so far, up to "plan"."""
    parent = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, door],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
        start_new_session=True,
    )
    words = []
    while "plan" not in words:
        words += parent.stdout.readline().split()
        assert parent.poll() is None, "the script ended early"
    return parent, words


@pytest.mark.parametrize("door", ["solve_in_child", "solve_here"])
def test_ctrl_c_at_the_terminal_keeps_the_plan(door):
    """SIGINT to the whole group of the terminal: the best plan comes back, "interrupted", in a second or two."""
    parent, words = start_script(door)
    with parent:
        time.sleep(0.2)
        os.killpg(parent.pid, signal.SIGINT)
        said, _ = parent.communicate(timeout=8)
    assert said.split() == ["interrupted", "True", "True"]
    assert parent.returncode == 0
    assert ("child" in words) == (door == "solve_in_child")


def test_processes_have_a_group_of_their_own_in_the_session_of_who_starts_them():
    """Ctrl-C is for the starter's group alone; priorities count between processes of one session."""
    process = start_module("optimizer.solving.peers.improvement_worker", subprocess.DEVNULL)
    try:
        assert os.getpgid(process.pid) == process.pid
        assert os.getsid(process.pid) == os.getsid(0)
    finally:
        end(process)


def test_the_child_dies_with_its_parent():
    """When the parent is killed with kill -9 the child ends by itself."""
    parent, words = start_script("solve_in_child")
    with parent:
        worker = int(words[words.index("child") + 1])
        assert alive(worker)
        parent.kill()
    assert wait_until(lambda: not alive(worker))


def test_the_worker_stays_light():
    """The worker imports neither pandas nor Pyomo nor SciPy."""
    code = "import sys, optimizer.solving.worker; print({'pandas', 'pyomo', 'scipy', 'click'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=TESTS.parent, check=True)
    assert said.stdout.strip() == "set()"


def test_what_is_printed_in_the_child_does_not_break_the_messages():
    """Words on the worker's stdout go to stderr: the stream holds messages only."""
    code = (
        "import os, sys\n"
        "from optimizer.solving import worker\n"
        "real = worker.solve_levels\n"
        "worker.solve_levels = lambda *given, **named: [os.write(1, b'noise'), print('noise', flush=True), real(*given, **named)][2]\n"
        "worker.main()\n"
    )
    job = child.Job(one_row([1, 1], [1, 1], 3.0), SolveOptions(), None)
    said = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=TESTS.parent,
    )
    with said:
        pickle.dump(job, said.stdin)
        said.stdin.flush()
        messages = []
        while not messages or type(messages[-1]).__name__ != "Solution":
            messages.append(pickle.load(said.stdout))  # noqa: S301
        said.stdin.close()
        assert said.stderr.read().count(b"noise") == 2
    assert messages[-1].levels[0].value == 3.0


def test_log_file_is_written(tmp_path):
    """The log of all attempts is in the file that was asked for."""
    file = tmp_path / "solver.log"
    solution = solve_in_child(one_row([1, 1], [1, 1], 3.0), SolveOptions(log_file=file))
    assert file.read_text() == solution.log
    assert "Running HiGHS" in solution.log
