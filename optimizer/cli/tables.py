"""`forcegen new`, `convert`, `schema`, `generate`: instances as files."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import codes
from optimizer.cli.failures import Refused
from optimizer.cli.running import json_option


@click.command(short_help="Write a commented instance to start from.")
@click.argument("target", metavar="DIR|FILE.xlsx", type=click.Path())
@click.option(
    "--template", default="small", show_default=True, metavar="NAME", help="What to start from: small, or tutorial."
)
def new(target: str, template: str) -> int:
    """Write a commented instance to start from: into the new folder DIR, or as the new workbook FILE.xlsx.

    The workbook has all tables there are: units and examples on every heading, and drop-downs for whatever names something of another table.
    """
    from optimizer.instance.template import write_template
    from optimizer.reporting.text import visible

    _plain_or_xlsx(target)
    write_template(target, template)
    name = visible(target)
    click.echo(f"Written: {name}. Next: edit the tables, then `forcegen check {name}` and `forcegen solve {name}`.")
    return codes.DONE


@click.command(short_help="Turn a folder into a workbook, or back.")
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
def convert(source: str, target: str) -> int:
    """Turn the instance IN into a workbook (OUT ends in .xlsx) or a folder; nothing is lost.

    OUT must not be there yet.
    """
    from optimizer.instance.files import convert as turn
    from optimizer.reporting.text import visible

    _plain_or_xlsx(target)
    instance = turn(source, target)
    click.echo(f"Written: {visible(target)} ({len(instance.tables)} tables).")
    return codes.DONE


def _plain_or_xlsx(target: str) -> None:
    """Refuse names that promise another kind of file than a folder or a workbook."""
    from optimizer.reporting.text import visible

    if Path(target).suffix.lower() in {".csv", ".xls", ".xlsm", ".xlsb", ".ods"}:
        raise Refused(
            f"{visible(target)} would be a folder with a misleading name. Give a name that ends in .xlsx for a workbook, or one without an ending for a folder."
        )


@click.command(short_help="Explain the input tables.")
@click.argument("table", required=False)
@json_option
def schema(table: str | None, as_json: bool) -> int:
    """Explain the input tables, or one TABLE: every column, what it holds, and what a blank means (as markdown)."""
    from optimizer.instance.schema import schema_json, schema_markdown

    click.echo(schema_json(table) if as_json else schema_markdown(table))
    return codes.DONE


@click.command(short_help="Write a synthetic instance of any size.")
@click.argument("target", metavar="OUT", type=click.Path())
@click.option(
    "--size",
    type=click.Choice(("S", "M", "L"), case_sensitive=False),
    help="A preset; the numbers below go before its own.",
)
@click.option("--nations", type=click.IntRange(1, 1000), metavar="N", help="Number of nations.")
@click.option("--unit-types", type=click.IntRange(1, 1000), metavar="N", help="Number of unit types.")
@click.option("--posts", type=click.IntRange(1, 1000), metavar="N", help="Number of posts.")
@click.option("--periods", type=click.IntRange(1, 1000), metavar="N", help="Number of periods.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    metavar="N",
    help="Equal seeds give equal instances.",
)
@click.option(
    "--participation/--no-participation",
    default=True,
    show_default=True,
    help="With rules of participation and lead; they make solving hard.",
)
@click.option(
    "--steadiness/--no-steadiness",
    default=True,
    show_default=True,
    help="With continuity, least stays and standing contingents, from two periods on; without them, the form in which sizes are measured.",
)
def generate(
    target: str, size: str | None, seed: int, participation: bool, steadiness: bool, **numbers: int | None
) -> int:
    """Write a synthetic instance to OUT (a new folder, or a workbook if OUT ends in .xlsx). Its nations are invented."""
    from optimizer.instance.files import write_instance
    from optimizer.instance.generator import generate as make
    from optimizer.reporting.text import visible

    if size is None and None in numbers.values():
        raise click.UsageError("Give --size, or all of --nations, --unit-types, --posts and --periods.")
    if Path(target).exists():
        raise Refused(f"{visible(target)} is there already; choose another name, or remove it.")
    preset = size.upper() if size else None
    instance = make(preset, seed=seed, participation=participation, steady=steadiness, **numbers)
    write_instance(instance, target)
    rows = sum(len(table) for table in instance.tables.values())
    click.echo(f"Written: {visible(target)} ({len(instance.tables)} tables, {rows} rows, seed {seed}).")
    return codes.DONE
