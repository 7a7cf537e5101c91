"""`python -m publications.tutorial`: the reports `reports/tutorial/`: the tutorial's studies and its scenarios, solved to the end."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

import click

import optimizer as fg
from optimizer.reporting.study_files import write_study_html, write_study_markdown, write_study_workbook

ROOT: Final = Path(__file__).parents[1]
INSTANCE: Final = ROOT / "instances" / "tutorial"
REPORTS: Final = ROOT / "reports" / "tutorial"


@click.command()
@click.option("--jobs", default=2, type=click.IntRange(1), help="Processes.")
def main(jobs: int) -> None:
    """Rebuild the reports of the tutorial."""
    begun = time.monotonic()
    instance = fg.read_instance(INSTANCE)
    with tempfile.TemporaryDirectory() as folder:
        for study in sorted((INSTANCE / "studies").glob("*.toml")):
            made = Path(folder) / study.stem
            fg.sweep(instance, study, jobs=jobs, out=made, pool=fg.Pool())
            report(made, REPORTS / study.stem)
        made = Path(folder) / "scenarios"
        fg.scenarios(instance, jobs=jobs, out=made, pool=fg.Pool())
        report(made, REPORTS / "scenarios")
    click.echo(f"tutorial: {time.monotonic() - begun:.0f} s")


def report(made: Path, target: Path) -> None:
    """Write page, markdown and workbook of a study, and put the folder in its place without the journal."""
    write_study_html(made, made / "report.html")
    write_study_markdown(made, made / "report.md")
    write_study_workbook(made, made / "report.xlsx")
    (made / "runs.jsonl").unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(made, target)


if __name__ == "__main__":
    main()
