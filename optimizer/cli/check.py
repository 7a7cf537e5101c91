"""`forcegen check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from optimizer.cli import codes

if TYPE_CHECKING:
    from optimizer.instance.findings import Finding


@click.command(short_help="List all findings; compare demand with supply.")
@click.argument("instance", type=click.Path())
@click.option(
    "--scenario",
    metavar="NAME",
    help="Scenario for the comparison of demand and supply; without it, the conditions' defaults.",
)
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def check(instance: str, scenario: str | None, as_json: bool) -> int:
    """List everything that is wrong with INSTANCE, and compare demand with supply.

    INSTANCE is a folder with instance.toml, or an .xlsx workbook. Exit code 3 if there is an error.
    """
    from optimizer.cli.findings import as_records, count_in_words
    from optimizer.instance.files import read_raw
    from optimizer.instance.findings import InvalidInstance
    from optimizer.instance.read.examine import examine
    from optimizer.instance.supply import funnel

    try:
        read, findings = examine(read_raw(instance))
    except InvalidInstance as error:
        read, findings = None, error.findings
    supply = None if read is None else funnel(read, scenario)
    code = codes.INVALID if read is None else codes.DONE
    if as_json:
        from optimizer.cli.machine import show_json

        about = None if read is None else {"name": read.header.name, "hash": read.hash, "scenarios": read.scenarios}
        show_json(
            {
                "ok": read is not None,
                "exit_code": code,
                "instance": about,
                "findings": as_records(findings),
                "funnel": supply,
            }
        )
        return code

    from optimizer.cli.screen import console, plain_table, say, show_table
    from optimizer.reporting.text import as_number, as_text

    out = console()
    if findings:
        titles = ("Severity", "Code", "Where", "Row", "Column", "What is wrong", "What to do")
        listed = [
            (f.severity, f.code, f.place, str(f.row or ""), f.column or "", f.message, f.remedy) for f in findings
        ]
        show_table(out, plain_table("Findings", titles, listed))
    if read is not None and supply is not None and len(supply):
        numbers = [name for name in supply.columns if name not in {"capability", "measure"}]
        steps: list[tuple[str | float | None, ...]] = [
            (*(as_text(row[name]) for name in ("capability", "measure")), *(as_number(row[name]) for name in numbers))
            for row in supply.to_dict("records")
        ]
        steps_titles = ("Capability", "Measure", *(name.capitalize() for name in numbers))
        show_table(
            out,
            plain_table(
                "From demand to what is left of the pledges, per capability, in its busiest period",
                steps_titles,
                steps,
                range(2, len(steps_titles)),
            ),
        )
        say(
            out,
            "A unit that can do several things is counted at each of them: what is not short here may still stay open in a plan.",
        )
    say(out, f"Found: {count_in_words(findings)}. {_closing(read is not None, findings)}")
    return code


def _closing(solvable: bool, findings: Sequence[Finding]) -> str:
    """What the findings mean for a solve."""
    if not solvable:
        return "Mend the errors, then check again."
    without = dict.fromkeys(name for finding in findings for name in finding.infeasible_in)
    if without:
        return f"The instance can be solved, but there is no plan in: {', '.join(without)}."
    return "The instance can be solved."
