"""`forcegen check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from optimizer.cli import codes
from optimizer.cli.running import json_option

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from optimizer.instance.findings import Finding


@click.command(short_help="List all findings; compare demand with supply.")
@click.argument("instance", type=click.Path())
@click.option(
    "--scenario",
    metavar="NAME",
    help="Scenario for the comparison of demand and supply; without it, the conditions' defaults.",
)
@json_option
def check(instance: str, scenario: str | None, as_json: bool) -> int:
    """List everything that is wrong with INSTANCE, and compare demand with supply.

    INSTANCE is a folder with instance.toml, or an .xlsx workbook. Exit code 3 if there is an error.
    """
    from optimizer.cli.findings import as_records
    from optimizer.instance.files import read_raw
    from optimizer.instance.findings import InvalidInstance
    from optimizer.instance.read.examine import examine
    from optimizer.instance.supply import funnel, losses

    try:
        read, findings = examine(read_raw(instance))
    except InvalidInstance as error:
        read, findings = None, error.findings
    supply = None if read is None else funnel(read, scenario)
    taken = None if read is None else losses(read, scenario)
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
                "losses": taken,
            }
        )
        return code
    _show(read is not None, findings, supply, taken)
    return code


def _show(solvable: bool, findings: Sequence[Finding], supply: pd.DataFrame | None, taken: pd.DataFrame | None) -> None:
    """The findings, demand against supply, and what both mean for a solve."""
    from optimizer.cli.findings import count_in_words
    from optimizer.cli.screen import console, plain_table, show_table, write_line

    out = console()
    if findings:
        titles = ("Severity", "Code", "Where", "Row", "Column", "What is wrong", "What to do")
        listed = [
            (f.severity, f.code, f.place, str(f.row or ""), f.column or "", f.message, f.remedy) for f in findings
        ]
        show_table(out, plain_table("Findings", titles, listed))
    if supply is not None and len(supply):
        _show_supply(supply, out)
    if taken is not None and len(taken):
        _show_losses(taken, out)
    write_line(out, f"Found: {count_in_words(findings)}. {_closing(solvable, findings)}")


def _show_supply(supply: pd.DataFrame, out: Console) -> None:
    """What of the pledges is left for each capability, step by step."""
    from optimizer.cli.screen import plain_table, show_table, write_line
    from optimizer.reporting.text import as_number, as_text
    from optimizer.reporting.words import heading

    numbers = [name for name in supply.columns if name not in {"capability", "measure"}]
    steps: list[tuple[str | float | None, ...]] = [
        (*(as_text(row[name]) for name in ("capability", "measure")), *(as_number(row[name]) for name in numbers))
        for row in supply.to_dict("records")
    ]
    titles = ("Capability", "Measure", *map(heading, numbers))
    caption = "From demand to what is left of the pledges, per capability, in its busiest period"
    show_table(out, plain_table(caption, titles, steps, range(2, len(titles))))
    write_line(
        out,
        "A unit that can do several things is counted at each of them: what is not short here may still stay open in a plan.",
    )


def _show_losses(taken: pd.DataFrame, out: Console) -> None:
    """Which rules take how much of the pledges; what many pledges lose to their own columns is one row (`--json` lists each)."""
    from optimizer.cli.screen import plain_table, show_table
    from optimizer.reporting.text import as_number, as_text

    own = taken["rules"].str.startswith("pledges/")
    shown = taken.assign(rules=taken["rules"].mask(own, "columns of the pledges"))
    summed = shown.groupby(["capability", "step", "rules"], sort=False)["amount"].sum().reset_index()
    listed: list[tuple[str | float | None, ...]] = [
        (as_text(row["capability"]), as_text(row["step"]), as_text(row["rules"]), as_number(row["amount"]))
        for row in summed.to_dict("records")
    ]
    titles = ("Capability", "Step", "Rules", "Amount")
    show_table(out, plain_table("What the pledges lose to which rule", titles, listed, range(3, 4)))


def _closing(solvable: bool, findings: Sequence[Finding]) -> str:
    """What the findings mean for a solve."""
    if not solvable:
        return "Mend the errors, then check again."
    without = dict.fromkeys(name for finding in findings for name in finding.infeasible_in)
    if without:
        return f"The instance can be solved, but there is no plan in: {', '.join(without)}."
    return "The instance can be solved."
