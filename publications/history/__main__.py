"""`python -m publications.history`: rebuild the instances kfor-2017 and isaf-2009, and `reports/history`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import click

import optimizer as fg
from publications.history.cases import CASES, MAIN, Case
from publications.history.facts import read_facts
from publications.history.page import write_report
from publications.history.results import compare
from publications.history.tables import instance_of

ROOT: Final = Path(__file__).parents[2]
TABLES: Final = ("*.csv", "instance.toml")


def write_instance(case: Case, target: Path) -> None:
    """Write the main instance of a case over its tables; what is written by hand (README, expected values) stays."""
    target.mkdir(parents=True, exist_ok=True)
    for pattern in TABLES:
        for file in target.glob(pattern):
            file.unlink()
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / case.instance
        fg.write_instance(instance_of(case, read_facts(case.key), MAIN), made)
        for pattern in TABLES:
            for file in made.glob(pattern):
                (target / file.name).write_bytes(file.read_bytes())


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=ROOT / "reports" / "history", help="Folder of the report."
)
def main(out: Path) -> None:
    """Rebuild the instances, solve every variant, and write tables and page."""
    for case in CASES:
        write_instance(case, ROOT / "instances" / case.instance)
    out.mkdir(parents=True, exist_ok=True)
    write_report([compare(case, click.echo) for case in CASES], out)


if __name__ == "__main__":
    main()
