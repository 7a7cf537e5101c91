"""`python -m publications.un [tables] [report]`: the tables of `instances/un-2019`, and what is published of it under `reports/un`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

import click

import optimizer as fg
from optimizer.plan.store import is_saved_plan
from optimizer.reporting.study_files import write_study_html
from publications.un.story import PLANS, carried_on, figures_of, sentences, solve_plans
from publications.un.tables import read_world, tables, write_tables

ROOT: Final = Path(__file__).parents[2]
INSTANCE: Final = ROOT / "instances" / "un-2019"
REPORTS: Final = ROOT / "reports" / "un"
SECONDS: Final = 120.0
"""Limit of each of the three searches; on an idle machine they end proven in a few seconds."""


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(["tables", "report"]))
@click.option("--seconds", default=SECONDS, help="Time limit of each search.")
def main(parts: tuple[str, ...], seconds: float) -> None:
    """Make these parts (both without one). A search begins with the plan that is published already."""
    if not parts or "tables" in parts:
        write_tables(tables(read_world()), INSTANCE)
    if not parts or "report" in parts:
        publish(seconds)


def publish(seconds: float) -> None:
    """Solve, and replace what is published once all of it is there."""
    plans = solve_plans(INSTANCE, carried_on(read_world()), seconds, _published)
    figures = figures_of(plans)
    told = sentences(figures, plans)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "un"
        for name in PLANS:
            fg.save_plan(plans[name], made / name)
        fg.write_html(plans["before"], made / "before.html")
        fg.write_html(plans["after"], made / "after.html")
        fg.compare(made / "before", made / "after", names=("before", "after"), out=made / "closing")
        write_study_html(made / "closing", made / "closing.html")
        for name, table in figures.tables.items():
            table.to_csv(made / f"{name}.csv", index=False, lineterminator="\n")
        (made / "README.md").write_text(readme(told, seconds), encoding="utf-8")
        shutil.rmtree(REPORTS, ignore_errors=True)
        shutil.copytree(made, REPORTS)
    for sentence in told:
        click.echo(sentence)


def readme(told: list[str], seconds: float) -> str:
    """The page of the folder: the sentences, and what lies beside it."""
    listed = "\n".join(f"- {sentence}" for sentence in told)
    return f"""# The mission in Mali closes

Made by `python -m publications.un` from `instances/un-2019`; its README says what is known and what is assumed. Each search had {seconds:.0f} s at most.
Which contributor brought which capability, and that two reliefs stand behind each unit out, is assumed:
no result is the contribution or the position of a state.

{listed}

| file | what |
|---|---|
| `before`, `before.html` | the plan without the closing: coverage, then fewest changes from everybody staying where 2019 shows it |
| `least` | the closing: fewest changes from `before`, then coverage |
| `after`, `after.html` | the closing: coverage, then fewest changes from `before` |
| `closing`, `closing.html` | `before` and `after` side by side |
| `figures.csv` | every figure of the sentences |
| `freed.csv` | who comes free in Mali |
| `open.csv` | what is missing outside Mali in the last year, in each plan |
| `moves.csv` | where `after` differs from `least` |

`forcegen verify reports/un/after` checks a plan again.
"""


def _published(name: str) -> fg.Plan | None:
    folder = REPORTS / name
    return fg.load_plan(folder) if is_saved_plan(folder) else None


if __name__ == "__main__":
    main()
