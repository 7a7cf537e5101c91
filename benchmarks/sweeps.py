"""`python -m benchmarks.sweeps [overhead|throughput|memory]…`: what a variant costs, what a second process gains, what ten thousand runs leave behind.

Ratios are taken between turns that alternate, so that other work on the machine weighs on both alike.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

import optimizer as fg
from optimizer.solving.levels import Keeper
from optimizer.solving.options import SolveOptions
from optimizer.studies.live import Recipe, learn
from optimizer.studies.reading import read_study

INSTANCES = Path(__file__).parents[1] / "instances"
OVERHEADS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tutorial", {"name": "threshold", "cell": "requirements.guard-border.threshold", "low": 2, "high": 6}),
    (
        "paris-2026-01",
        {"name": "ceiling", "cell": "limits.force ceiling in Ukraine.maximum", "low": 9000, "high": 64000},
    ),
    (
        "paris-2026-01",
        {"name": "budget", "cell": "limits.coalition budget per half-year.maximum", "low": 3000, "high": 9000},
    ),
)


@click.command()
@click.argument("what", nargs=-1, type=click.Choice(("overhead", "throughput", "memory")))
@click.option("--runs", default=10_000, help="Runs of the memory measurement.")
@click.option("--variants", default=500, help="Variants of Paris in the throughput measurement.")
@click.option("--seconds", default=0.4, help="Time limit of each of them.")
def main(what: tuple[str, ...], runs: int, variants: int, seconds: float) -> None:
    """Measure (without a name: the overhead and the throughput)."""
    for name in what or ("overhead", "throughput"):
        if name == "overhead":
            for instance, vary in OVERHEADS:
                overhead(instance, vary)
        elif name == "throughput":
            throughput(variants, seconds)
        else:
            memory(runs)


def overhead(name: str, vary: dict[str, Any]) -> None:
    """A variant read from its recipe and edited into the live model, against `changeRowsBounds` of the same rows."""
    instance = fg.read_instance(INSTANCES / name)
    study = read_study({"design": {"kind": "latin_hypercube", "size": 1000}, "vary": [vary]}, instance)
    recipe = learn(instance, study)
    if not isinstance(recipe, Recipe):
        click.echo(f"{name} {vary['name']}: {recipe}")
        return
    keeper, options, chance = Keeper(), SolveOptions(), random.Random(0)
    solver: Any = keeper.live(recipe.built.linear, options)._solver
    rows = recipe.edits.rows.astype(np.int32)
    edited, direct = [], []
    for _ in range(500):
        inputs = (chance.uniform(vary["low"], vary["high"]),)
        begun = time.perf_counter()
        model = recipe.model(inputs)
        keeper.known = recipe.edits
        keeper.live(model, options)
        edited.append(time.perf_counter() - begun)
        lower, upper = model.row_lower[rows], model.row_upper[rows]
        begun = time.perf_counter()
        solver.changeRowsBounds(len(rows), rows, lower, upper)
        direct.append(time.perf_counter() - begun)
    one, other = statistics.median(edited), statistics.median(direct)
    click.echo(
        f"{name} {vary['name']}: {1e6 * one:.1f} µs per variant, {1e6 * other:.1f} µs direct: {one / other:.1f} times"
    )


def throughput(variants: int, seconds: float) -> None:
    """Variants of Paris with two processes, and a quarter of them with one: runs per minute once the first tenth is done.

    Each begins from the plan of its neighbour, has a time limit of `seconds` and a gap of 2 %; the first may take a hundred times as long.
    """
    instance = fg.read_instance(INSTANCES / "paris-2026-01")
    rates: dict[int, float] = {}
    for jobs, count in ((1, variants // 4), (2, variants)):
        vary = {
            "name": "ceiling",
            "cell": "limits.force ceiling in Ukraine.maximum",
            "low": 9000,
            "high": 64000,
            "steps": count,
        }
        study = {
            "design": {"kind": "grid", "neighbours": 5},
            "limits": {"time_limit": seconds, "first_time_limit": 100 * seconds, "gap": 0.02},
            "vary": [vary],
        }
        ends: list[float] = []
        table = fg.sweep(instance, study, jobs=jobs, report=lambda _, ends=ends: ends.append(time.perf_counter()))  # type: ignore[misc]
        begin = count // 10
        rates[jobs] = 60 * (count - begin) / (ends[-1] - ends[begin - 1])
        click.echo(
            f"Paris, {count} variants of {seconds:g} s, {jobs} process(es): {rates[jobs]:.1f} per minute; "
            f"{table['has_plan'].sum()} with a plan, {(table['model'] == 'in place').sum()} edited in place"
        )
    click.echo(f"two processes against one: {rates[2] / rates[1]:.2f} times")


def memory(runs: int) -> None:
    """Many cheap runs: the memory of this process and of its workers, early and late (on Linux)."""
    instance = fg.read_instance(INSTANCES / "tutorial")
    vary = {
        "name": "prices",
        "table": "unit_types",
        "column": "cost",
        "mode": "factor",
        "low": 0.5,
        "high": 2,
        "steps": runs,
    }
    marks: list[int] = []

    def watch(progress: Any) -> None:
        if progress.done % max(1, runs // 10) == 0:
            marks.append(_resident(os.getpid()))
            workers = [_resident(pid) for pid in _children(os.getpid())]
            click.echo(
                f"{progress.done} runs, {progress.rate:.1f} per second: {marks[-1]} MB here, {max(workers, default=0)} MB in the larger worker"
            )

    spent = _seconds(lambda: fg.sweep(instance, {"design": {"kind": "grid"}, "vary": [vary]}, report=watch))
    click.echo(f"{runs} runs in {spent:.0f} s; here {marks[-1] - marks[0]} MB more than after the first tenth")


def _resident(process: int) -> int:
    """Memory in use (Linux), in MB; 0 where the process has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize() // 2**20


def _children(process: int) -> list[int]:
    return [int(pid) for file in Path(f"/proc/{process}/task").glob("*/children") for pid in file.read_text().split()]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
