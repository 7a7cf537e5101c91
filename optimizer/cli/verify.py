"""`forcegen verify`."""

from __future__ import annotations

import click

from optimizer.cli import codes
from optimizer.cli.running import json_option


@click.command(short_help="Check a plan independently of the solver.")
@click.argument("instance", type=click.Path())
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option(
    "--scenario",
    metavar="S",
    help="Scenario under which the plan is checked; without it, the plan's own, or the conditions' defaults.",
)
@json_option
def verify(instance: str, directory: str, scenario: str | None, as_json: bool) -> int:
    """Check the plan in DIR against INSTANCE, independently of the solver.

    DIR is the folder of a solved plan, or of one made by hand: assignments.csv with pledge, requirement, period, units.
    Exit code 0 and the aims if every rule holds; 3, with every broken rule, figure that is not so and file changed since writing, if not.
    """
    from optimizer.instance.files import read_instance
    from optimizer.plan.check import check_folder

    found = check_folder(read_instance(instance), directory, scenario)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(
            {"ok": True, "exit_code": codes.DONE, "aims": found.aims, "bound": found.proof, "remarks": found.remarks}
        )
        return codes.DONE

    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import as_number
    from optimizer.reporting.words import aim_label

    out = console()
    for remark in found.remarks:
        write_line(out, remark)
    write_line(out, "The plan keeps every rule.", "green")
    if found.plan is None:
        write_line(out, f"How good it is is not proven: {found.proof}.")
    else:
        write_line(
            out,
            f"How the search ended: {found.plan.termination}. Bound: {found.proof}; it goes with the plan, but is not proven anew.",
        )
    headings, numbers = ["Order", "Aim", "Value"], [0, 2]
    if found.plan is not None:
        headings, numbers = [*headings, "Bound, as stated"], [0, 2, 3]
    rows = [
        (as_number(row["priority"]), aim_label(str(row["name"])), as_number(row["value"]), as_number(row.get("bound")))
        for row in found.aims.to_dict("records")
    ]
    shown = [row[: len(headings)] for row in rows]
    show_table(out, plain_table("Aims, recomputed", tuple(headings), shown, tuple(numbers)))
    return codes.DONE
