"""`forcegen verify`."""

from __future__ import annotations

import click

from optimizer.cli import codes


@click.command(short_help="Check a plan independently of the solver.")
@click.argument("instance", type=click.Path())
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option(
    "--scenario",
    metavar="S",
    help="Scenario under which the plan is checked; without it, the plan's own, or the conditions' defaults.",
)
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def verify(instance: str, directory: str, scenario: str | None, as_json: bool) -> int:
    """Check the plan in DIR against INSTANCE, independently of the solver.

    DIR is the folder of a solved plan, or of one made by hand: assignments.csv with pledge, requirement, period, units.
    Exit code 0 and the aims if every rule holds; 3, with every broken rule, if not.
    """
    from dataclasses import replace

    from optimizer.instance.files import read_instance
    from optimizer.plan.check import verify as check
    from optimizer.plan.store import is_saved_plan, load_plan

    question = read_instance(instance)
    remarks = []
    if is_saved_plan(directory):
        plan = load_plan(directory)
        if not plan.has_plan:
            from optimizer.cli.failures import Refused

            raise Refused(
                f"{directory} holds no plan: its search ended without one ({plan.termination}).", codes.INVALID
            )
        if plan.instance.header.aims != question.header.aims:
            question = replace(question, header=replace(question.header, aims=plan.instance.header.aims))
            remarks.append("The plan was made for other aims than the instance names; its own aims are recomputed.")
        if plan.instance.hash != question.hash:
            remarks.append(
                "The plan was made from other input than this instance; it is checked against this instance."
            )
        aims = check(question, plan, scenario)
    else:
        aims = check(question, directory, scenario)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json({"ok": True, "exit_code": codes.DONE, "aims": aims, "remarks": remarks})
        return codes.DONE

    from optimizer.cli.screen import console, plain_table, say, show_table
    from optimizer.reporting.text import as_number
    from optimizer.reporting.words import aim_label

    out = console()
    for remark in remarks:
        say(out, remark)
    say(out, "The plan keeps every rule.", "green")
    rows = [
        (as_number(row["priority"]), aim_label(str(row["name"])), as_number(row["value"]))
        for row in aims.to_dict("records")
    ]
    show_table(out, plain_table("Aims, recomputed", ("Order", "Aim", "Value"), rows, (0, 2)))
    return codes.DONE
