"""`forcegen explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.studies.why.ask import Infeasible


@click.command(short_help="Say why there is no plan, and what would give one.")
@click.argument("what", metavar="INSTANCE", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="SEC",
    help="Seconds of wall time; then what is known is shown, and says so.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def explain(what: str, scenario: str | None, as_json: bool, **options: Any) -> int:
    """Say why INSTANCE has no plan: rules that cannot be kept together, and the concessions of least weight that give a plan.

    The rules named are in conflict whatever becomes of the others, and none of them is superfluous. Ctrl-C keeps what is known.
    """
    return _explain_instance(what, scenario, as_json=as_json, options=options)


def _explain_instance(what: str, scenario: str | None, *, as_json: bool, options: Mapping[str, Any]) -> int:
    from optimizer.cli.screen import console, write_line
    from optimizer.interrupts import requests
    from optimizer.studies.why.ask import explain_infeasible

    err = console(stderr=True)

    def follow(text: str) -> None:
        if err.is_terminal:
            write_line(err, text)

    found = explain_infeasible(what, scenario, report=follow, **options)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record())
    else:
        _show(found)
    return codes.INTERRUPTED if requests() else codes.DONE


def _show(found: Infeasible) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line

    out = console()
    if found.has_plan is None:
        write_line(out, "Whether there is a plan was not known in time: give more with --time-limit.")
        return
    if found.has_plan:
        write_line(out, "There is a plan: nothing is in conflict. `forcegen solve` finds a good one.")
        return
    rows = [(rule.sentence, rule.nation or "the coalition", rule.id) for rule in found.conflict]
    show_table(
        out, plain_table("There is no plan: these rules are in conflict", ("What it says", "Whose", "Rule"), rows)
    )
    write_line(out, _about_conflict(found))
    listed = []
    for number, way in enumerate(found.ways_out, 1):
        first = (str(number), str(way.weight))
        for made in way.concessions:
            listed.append((*first, said(made), str(made["asked"]), str(made["rule"])))
            first = (" ", " ")
    if listed:
        show_table(out, plain_table("Ways out", ("", "Weight", "What bends", "Who is asked", "Rule"), listed))
    write_line(out, _about_ways(found))


def _about_conflict(found: Infeasible) -> str:
    held = "All other rules may be lifted and there is still no plan, with the units that are pledged"
    if not found.conflict:
        return "Which rules are in conflict was not known in time."
    if found.irreducible:
        return f"{held}; leave out any one of these, and there is one."
    return f"{held}. Whether all of these are needed for that was not known in time."


def _about_ways(found: Infeasible) -> str:
    if not found.ways_out:
        return (
            "Even all concessions together give no plan."
            if found.least
            else "No way out was found in time; none is excluded."
        )
    sure = (
        "nothing lighter than the first gives a plan"
        if found.least
        else "whether anything lighter would do is not known"
    )
    return f"Each was solved with its concessions made; {sure}."


def said(made: Mapping[str, Any]) -> str:
    """A concession in words."""
    if made["after"] is None:
        return f"Lifted: {made['sentence']}"
    return f"{made['before']:,.10g} becomes {made['after']:,.10g}: {made['sentence']}"
