"""`python -m benchmarks [NAME] [--seconds N] [--out FILE]`: measure the registry, methods in turn, one tidy row per figure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
import pandas as pd

from benchmarks.measure import METHODS, Row, anytime, phases
from benchmarks.registry import entries


@click.command()
@click.argument("name", default="")
@click.option("--seconds", default=60.0, help="Wall-clock limit of each search.")
@click.option("--out", default="runs/benchmarks.csv", help="Where the rows go.")
def main(name: str, seconds: float, out: str) -> None:
    """Measure the entries whose name contains NAME (blank: all)."""
    marks = tuple(mark for mark in (10.0, 60.0, 300.0, 600.0) if mark <= seconds) or (seconds,)
    rows: list[Row] = []
    for entry in entries(name):
        click.echo(entry.name)
        measured, built = phases(entry)
        rows += measured
        for method in METHODS:
            rows += anytime(entry, built, method, seconds, marks)
        table = pd.DataFrame([asdict(row) for row in rows])
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(out, index=False)
        shown = table[table["entry"] == entry.name].pivot_table(
            index="phase", columns="method", values="value", sort=False
        )
        click.echo(shown.round(3).to_string(na_rep=""))


if __name__ == "__main__":
    main()
