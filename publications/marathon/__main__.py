"""`python -m publications.marathon`: plan every published run of MARATHON's test set, and write `reports/marathon/`.

A stopped command goes on where it was: each planned run is kept in `runs/marathon/outcomes.csv`. About a quarter of an hour on two idle cores.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, fields
from pathlib import Path

import click

from publications.marathon.facts import Run, runs
from publications.marathon.pages import publish
from publications.marathon.planning import Outcome, outcome

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "runs" / "marathon" / "outcomes.csv"
REPORT = ROOT / "reports" / "marathon"


@click.command()
@click.option("--jobs", default=2, show_default=True, help="Processes.")
@click.option(
    "--kept", default=KEPT, show_default=False, type=click.Path(path_type=Path), help="Where outcomes are kept."
)
@click.option("--out", default=REPORT, show_default=False, type=click.Path(path_type=Path), help="The report's folder.")
def main(jobs: int, kept: Path, out: Path) -> None:
    """Plan the published runs that are not planned yet, small ones first, and write the report."""
    known = read(kept)
    open_runs = sorted(
        (run for run in runs() if run.name not in known), key=lambda run: (run.active + run.reserve, run.name)
    )
    click.echo(f"{len(known)} of {len(runs())} runs are kept")
    plan(open_runs, jobs, kept)
    publish(list(read(kept).values()), out)
    click.echo(str(out))


def plan(open_runs: Sequence[Run], jobs: int, kept: Path) -> None:
    """Plan runs in processes, and keep each outcome as soon as it is there."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    begun = kept.exists()
    with kept.open("a", encoding="utf-8", newline="") as file, ProcessPoolExecutor(jobs) as pool:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)], lineterminator="\n")
        if not begun:
            writer.writeheader()
        futures = [pool.submit(outcome, run) for run in open_runs]
        for future in as_completed(futures):
            writer.writerow(asdict(future.result()))
            file.flush()


def read(kept: Path) -> dict[str, Outcome]:
    """The outcomes that are kept, by run; a last line that was cut off is left out."""
    if not kept.exists():
        return {}
    with kept.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if None not in row.values() and "" not in row.values()]
    return {row["run"]: Outcome(row["run"], *(int(row[field.name]) for field in fields(Outcome)[1:])) for row in rows}


if __name__ == "__main__":
    main()
