"""`python -m publications.marathon`: plan every published run of MARATHON's test set, and write `reports/marathon/`.

A stopped command goes on where it was: each planned run is kept in `runs/marathon/outcomes.csv`. About a quarter of an hour on two idle cores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import astuple, fields
from pathlib import Path

import click

from optimizer.reporting.text import write_atomically
from publications.marathon.facts import Run, runs
from publications.marathon.pages import publish
from publications.marathon.planning import Outcome, outcome

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "runs" / "marathon" / "outcomes.csv"
REPORT = ROOT / "reports" / "marathon"
COLUMNS = tuple(field.name for field in fields(Outcome))


@click.command()
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Processes.")
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
    keep(known.values(), kept)
    plan(open_runs, jobs, kept)
    publish(list(read(kept).values()), out)
    click.echo(str(out))


def plan(open_runs: Sequence[Run], jobs: int, kept: Path) -> None:
    """Plan runs in processes, and add each outcome to those that are kept as soon as it is there."""
    with kept.open("a", encoding="utf-8") as file, ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(outcome, run) for run in open_runs]
        for future in as_completed(futures):
            file.write(_line(astuple(future.result())))
            file.flush()


def keep(outcomes: Iterable[Outcome], kept: Path) -> None:
    """Write the file of outcomes anew, so that a line that was cut off is not continued by the next one."""
    lines = [_line(COLUMNS), *(_line(astuple(one)) for one in outcomes)]
    write_atomically(kept, "".join(lines).encode())


def _line(cells: Iterable[object]) -> str:
    return ",".join(map(str, cells)) + "\n"


def read(kept: Path) -> dict[str, Outcome]:
    """The outcomes that are kept, by run; a line that was cut off, or is glued to another, is left out."""
    if not kept.exists():
        return {}
    ended, _, _ = kept.read_text(encoding="utf-8", errors="replace").rpartition("\n")
    rows = [line.split(",") for line in ended.split("\n")[1:]]
    whole = [row for row in rows if len(row) == len(COLUMNS) and all(cell.isdecimal() for cell in row[1:])]
    return {name: Outcome(name, *map(int, figures)) for name, *figures in whole}


if __name__ == "__main__":
    main()
