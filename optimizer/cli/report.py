"""`forcegen report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli import codes

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.reporting.content import Content

_MADE_FROM = {".csv", ".json", ".jsonl", ".log", ".toml"}


@click.command(short_help="Make a page, a workbook or markdown of a plan.")
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option("--html", type=click.Path(), metavar="FILE", help="Write the page to FILE.")
@click.option("--xlsx", type=click.Path(), metavar="FILE", help="Write the workbook to FILE.")
@click.option("--md", type=click.Path(), metavar="FILE", help="Write markdown to FILE.")
@click.option("--brief", type=click.Path(), metavar="FILE", help="Write the brief to FILE: two A4 pages when printed.")
@click.option("--nation", metavar="N", help="The report for one capital: page and markdown of nation N alone.")
@click.option("--svg", type=click.Path(), metavar="FOLDER", help="Write every chart as an SVG file into FOLDER.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout: the files written.")
def report(
    directory: str,
    html: str | None,
    xlsx: str | None,
    md: str | None,
    brief: str | None,
    nation: str | None,
    svg: str | None,
    as_json: bool,
) -> int:
    """Make a report of the plan or the study in DIR: one HTML page, a workbook, markdown, charts.

    Without an option, report.html and report.xlsx are written into DIR. A plan that the independent
    check rejects, or whose folder was changed after it was written, gets no report (exit code 3).
    """
    from optimizer.cli.failures import Refused
    from optimizer.plan.check import load_checked
    from optimizer.reporting.charts import write_charts
    from optimizer.reporting.markdown import write_markdown
    from optimizer.reporting.page import write_brief, write_html
    from optimizer.reporting.study import describe_study, is_finished, is_study
    from optimizer.reporting.study_files import write_study_html, write_study_markdown, write_study_workbook
    from optimizer.reporting.text import visible
    from optimizer.reporting.workbook import write_workbook

    if nation is not None and not any((html, md, brief, svg)):
        html = str(Path(directory) / f"report-{_file_name(nation)}.html")
    if not any((html, xlsx, md, brief, svg)):
        html, xlsx = str(Path(directory) / "report.html"), str(Path(directory) / "report.xlsx")
    for file in (html, xlsx, md, brief):
        if file is not None:
            _refuse_over(Path(file), Path(directory))
    if svg is not None and Path(svg).exists() and not Path(svg).is_dir():
        raise Refused(f"{visible(svg)} is a file; give the name of a folder.")
    if nation is not None and (xlsx is not None or brief is not None or is_study(directory)):
        raise Refused(
            "--nation makes a page or markdown of a plan; leave out --xlsx and --brief, and name a plan's folder."
        )
    if brief is not None and is_study(directory):
        raise Refused(
            f"{visible(str(directory))} holds a study; a brief is made of a plan. Leave out --brief, or name a plan's folder."
        )
    if is_study(directory):
        if not is_finished(directory):
            message = "holds a study that is not finished; the command that began it, with --resume, finishes it."
            raise Refused(f"{visible(str(directory))} {message}", codes.INVALID)
        content = describe_study(directory)
        asked_of_study = [(write_study_html, html), (write_study_workbook, xlsx), (write_study_markdown, md)]
        files = [str(write(directory, file, content)) for write, file in asked_of_study if file is not None]
    else:
        plan = load_checked(directory)
        asked = [(write_html, html), (write_workbook, xlsx), (write_markdown, md), (write_brief, brief)]
        content = _of_capital(plan, nation, directory) if nation is not None else _of_plan(plan, directory)
        files = [str(write(plan, file, content)) for write, file in asked if file is not None]
    if svg is not None:
        drawings, undrawn = write_charts(content, svg)
        files += map(str, drawings)
        for title in undrawn:
            click.echo(f"The chart “{visible(title)}” could not be drawn; its table is in the report.", err=True)
    return _show_result(files, as_json)


def _of_plan(plan: Plan, directory: str) -> Content:
    from optimizer.reporting.folder import describe_folder

    return describe_folder(plan, directory, check=False)


def _of_capital(plan: Plan, nation: str, directory: str) -> Content:
    from optimizer.cli.failures import Refused
    from optimizer.reporting.answers import read_answers
    from optimizer.reporting.capital import UnknownNation, describe_capital
    from optimizer.rulebook import records

    try:
        return describe_capital(plan, nation, read_answers(directory), records(plan.instance, plan.scenario))
    except UnknownNation as error:
        raise Refused(str(error), codes.USAGE) from error


def _file_name(nation: str) -> str:
    """A nation's code as a part of a file's name."""
    return "".join(letter if letter.isalnum() else "_" for letter in nation)[:40]


def _refuse_over(file: Path, directory: Path) -> None:
    """A report takes the place of a report at most.

    Raises:
        Refused: the file is a folder, a pipe or a device, or one of what a report or an instance is made from.
    """
    from optimizer.cli.failures import Refused
    from optimizer.instance.attributes import TABLES
    from optimizer.instance.read.folder import HEADER_FILE
    from optimizer.instance.read.workbook import is_instance
    from optimizer.reporting.text import visible

    if file.is_dir():
        raise Refused(f"{visible(file)} is a folder; give the name of a file.")
    if not file.exists():
        return
    if not file.is_file():
        raise Refused(f"{visible(file)} is a pipe or a device; give the name of a file.")
    if directory.resolve() in file.resolve().parents and file.suffix.lower() in _MADE_FROM:
        raise Refused(f"{visible(file)} is what the report is made from; give another name.")
    tables = {HEADER_FILE, *(f"{name}.csv" for name in TABLES)} if (file.parent / HEADER_FILE).exists() else set()
    if file.name in tables or (file.suffix.lower() == ".xlsx" and is_instance(file)):
        raise Refused(f"{visible(file)} belongs to an instance; give another name.")


def _show_result(files: list[str], as_json: bool) -> int:
    from optimizer.reporting.text import visible

    if as_json:
        from optimizer.cli.machine import show_json

        show_json({"ok": True, "exit_code": codes.DONE, "files": files})
        return codes.DONE
    for file in files:
        click.echo(f"Written: {visible(file)}")
    return codes.DONE
