"""`python -m benchmarks.reports [NAME…]`: rebuild the published reports of the shipped instances, under `reports/`.

What is published, with what it may take on two idle cores (the limits of each run are in the study files, and every report says them):

| name | what | runs | about |
|---|---|---|---|
| tutorial | tornado, heat map and Sobol indices of the tutorial; its scenarios | 341 | 1 min |
| plan | one plan for `settlement-us-backstop`, why its lines are open, whom to ask | 1 | 25 min |
| levers | `instances/paris-2026-01/studies/levers.toml` | 28 | 14 min |
| conditions | `instances/paris-2026-01/studies/conditions.toml` | 23 | 12 min |
| ceilings | `instances/paris-2026-01/studies/ceilings.toml` | 12 | 5 min |
| scenarios | every scenario, and each plan in every other | 64 | 14 min |

Where a time limit stops the runs, other figures come out on a slower or busier machine; what is proven holds on every machine.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import click

import optimizer as fg
from optimizer.plan.store import is_saved_plan
from optimizer.reporting.answers import (
    read_answers,
    write_asks,
    write_concessions,
    write_prices,
    write_reasons,
)
from optimizer.reporting.charts import write_charts
from optimizer.reporting.describe import describe
from optimizer.reporting.folder import studies_of
from optimizer.reporting.page import write_brief, write_html
from optimizer.reporting.study_files import write_study_html, write_study_markdown, write_study_workbook
from optimizer.studies.pooling import solve_with

ROOT = Path(__file__).parents[1]
INSTANCES, REPORTS = ROOT / "instances", ROOT / "reports"
NAMES = ("tutorial", "plan", "levers", "conditions", "ceilings", "scenarios")
PLAN_SECONDS = 300.0
SCENARIO_SECONDS = 45.0
ANSWER_SECONDS = 300.0
"""For each of: the reasons of open lines, the curve of concessions, prices, and what becomes of the plan if a capital refuses."""
GAP = 0.02
POOL = ROOT / "runs" / "reports-pool"
"""Plans of all reports of Paris: each begins with what the others found, also when they are rebuilt once more."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--jobs", default=2, help="Processes.")
def main(names: tuple[str, ...], jobs: int) -> None:
    """Rebuild the reports with these names (all without one)."""
    paris = INSTANCES / "paris-2026-01"
    pool = fg.Pool(POOL)
    published = REPORTS / "paris-2025" / "plan"
    if is_saved_plan(published):
        pool.add(fg.load_plan(published))
    for name in names or NAMES:
        begun = time.monotonic()
        if name == "plan":
            publish_plan(paris, published, pool, jobs)
        elif name == "scenarios":
            publish_scenarios(paris, REPORTS / "paris-2025" / "scenarios", jobs, pool, SCENARIO_SECONDS, GAP)
        elif name == "tutorial":
            for study in sorted((INSTANCES / "tutorial" / "studies").glob("*.toml")):
                publish_study(INSTANCES / "tutorial", study, REPORTS / "tutorial" / study.stem, jobs, fg.Pool())
            publish_scenarios(INSTANCES / "tutorial", REPORTS / "tutorial" / "scenarios", jobs, fg.Pool())
        else:
            publish_study(paris, paris / "studies" / f"{name}.toml", REPORTS / "paris-2025" / name, jobs, pool)
        click.echo(f"{name}: {time.monotonic() - begun:.0f} s")


def publish_plan(instance: Path, target: Path, pool: fg.Pool, jobs: int) -> None:
    """Solve one scenario, ask why, and publish its folder and the report on it, so that `forcegen verify` can check what is published."""
    plan = solve_with(pool, fg.read_instance(instance), "settlement-us-backstop", time_limit=PLAN_SECONDS, gap=GAP)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "plan"
        fg.save_plan(plan, made)
        for name, answer in (("reasons", publish_reasons), ("concessions", publish_asks)):
            begun = time.monotonic()
            answer(plan, made, jobs)
            click.echo(f"{name} of the plan: {time.monotonic() - begun:.0f} s")
        content = describe(plan, answers=read_answers(made), studies=studies_of(plan, target))
        write_html(plan, made / "report.html", content)
        write_brief(plan, made / "brief.html", content)
        write_charts(replace(content, sections=()), made)
        fg.write_markdown(plan, made / "report.md", content)
        fg.write_workbook(plan, made / "report.xlsx", content)
        put(made, target)


def publish_reasons(plan: fg.Plan, made: Path, _jobs: int) -> None:
    """Why lines are open."""
    found = fg.explain(plan, time_limit=ANSWER_SECONDS)
    if isinstance(found, tuple):
        write_reasons(made, found)


def publish_asks(plan: fg.Plan, made: Path, jobs: int) -> None:
    """The curve of concessions, the prices, and whom to ask."""
    curve = fg.concessions(plan.instance, plan.scenario, most=3, start=plan, time_limit=ANSWER_SECONDS)
    write_concessions(made, curve)
    sets = [{str(one["rule"]) for one in point.concessions} for point in curve.points]
    prices = fg.prices(
        plan.instance,
        plan.scenario,
        start=plan,
        sets=[one for one in sets if len(one) > 1],
        time_limit=ANSWER_SECONDS,
        jobs=jobs,
    )
    write_prices(made, prices)
    listed = fg.asks(curve, prices)
    about = {"start": plan, "time_limit": ANSWER_SECONDS}
    write_asks(made, fg.if_refused(plan.instance, plan.scenario, listed, curve, **about))


def publish_study(instance: Path, study: Path, target: Path, jobs: int, pool: fg.Pool) -> None:
    """Run a study and report on it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "study"
        fg.sweep(fg.read_instance(instance), study, jobs=jobs, out=made, pool=pool)
        report(made, target)


def publish_scenarios(
    instance: Path, target: Path, jobs: int, pool: fg.Pool, time_limit: float | None = None, gap: float | None = None
) -> None:
    """Compare the scenarios and report on them."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "study"
        fg.scenarios(fg.read_instance(instance), time_limit=time_limit, gap=gap, jobs=jobs, out=made, pool=pool)
        report(made, target)


def report(made: Path, target: Path) -> None:
    """Write page, markdown and workbook of a study, and put the folder in its place without the journal."""
    write_study_html(made, made / "report.html")
    write_study_markdown(made, made / "report.md")
    write_study_workbook(made, made / "report.xlsx")
    (made / "runs.jsonl").unlink(missing_ok=True)
    put(made, target)


def put(made: Path, target: Path) -> None:
    """Replace a published folder once the new one is complete."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(made, target)


if __name__ == "__main__":
    main()
