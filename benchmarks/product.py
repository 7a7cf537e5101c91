"""forcegen itself: what each phase takes from tables to solver, and how good its plans are after how many seconds."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.job import Spec, Tell


def phases(spec: Spec, tell: Tell) -> None:
    """Read, check, situation, build, hand over; garbage is collected as in any process of the program."""
    from optimizer.instance.files import read_instance
    from optimizer.instance.read.examine import check_instance
    from optimizer.instance.situation import build_situation
    from optimizer.model.assemble import build
    from optimizer.solving.highs.live import LiveModel
    from optimizer.solving.options import SolveOptions

    clock = time.perf_counter()

    def lap(phase: str) -> float:
        nonlocal clock
        taken = time.perf_counter() - clock
        tell(phase, taken)
        clock = time.perf_counter()
        return taken

    instance = read_instance(spec["instance"])
    lap("read")
    check_instance(instance)
    lap("check")
    situation = build_situation(instance, spec["scenario"])
    whole = lap("situation")
    built = build(situation)
    whole += lap("build")
    live = LiveModel(built.linear, SolveOptions())
    whole += lap("hand over")
    tell("tables to solver", whole)
    for name, count in built.linear.size.items():
        tell({"nonzeros": "non-zeros"}.get(name, name), count, "count")
    del live


def anytime(spec: Spec, tell: Tell) -> None:
    """One run of the first aim: values and bounds as they come, then how long checking and reporting the plan takes."""
    from optimizer.extraction import plan_of
    from optimizer.instance.files import read_instance
    from optimizer.instance.situation import build_situation
    from optimizer.model.assemble import build
    from optimizer.reporting.page import write_html
    from optimizer.solving.child import solve_in_child
    from optimizer.solving.options import SolveOptions
    from optimizer.solving.solution import Event, Incumbent, Progress

    clock = time.perf_counter()
    situation = build_situation(read_instance(spec["instance"]), spec["scenario"])
    built = build(situation)
    tell("read and build", time.perf_counter() - clock)
    model = replace(built.linear, levels=built.linear.levels[:1])
    options = SolveOptions(time_limit=spec["limit"], gap=spec["gap"], improve=spec["cores"] > 1)
    begun = time.perf_counter()

    def hear(event: Event) -> None:
        now = time.perf_counter() - begun
        if isinstance(event, Incumbent):
            tell("value", event.value, "aim", now)
        elif isinstance(event, Progress) and event.bound is not None:
            tell("bound", event.bound, "aim", now)

    tell("begun")
    solution = solve_in_child(model, options, None, hear)
    total = time.perf_counter() - begun
    level = solution.levels[0]
    if level.value is not None:
        tell("value", level.value, "aim", total)
    if level.bound is not None:
        tell("bound", level.bound, "aim", total)
    tell("ended", total)
    tell("around the solve", total - solution.timings.get("solve", total))
    if solution.values is None:
        return
    clock = time.perf_counter()
    # One level was asked for: its aim is stated, the others are evaluated.
    plan = plan_of(situation, built, solution, options, None)
    tell("verify", time.perf_counter() - clock)
    with tempfile.TemporaryDirectory() as folder:
        clock = time.perf_counter()
        write_html(plan, Path(folder) / "report.html")
        tell("report", time.perf_counter() - clock)
