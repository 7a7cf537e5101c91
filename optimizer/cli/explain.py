"""`forcegen explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import json_option, time_limit_option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from optimizer.studies.why.infeasible import Infeasible
    from optimizer.studies.why.presence import Presence
    from optimizer.studies.why.reason import Reason

MOST_MOVES = 20
"""Moves that the screen shows."""


@click.command(short_help="Say why lines are open, or why there is no plan.")
@click.argument("what", metavar="DIR|INSTANCE", type=click.Path())
@click.option("--line", metavar="R", help="Only this requirement line of a plan.")
@click.option("--nation", metavar="N", help="Why this nation serves in a plan where it does, and not elsewhere.")
@click.option("--post", metavar="MISSION:AREA", help="With --nation: only at this post.")
@click.option("--period", type=click.IntRange(1), metavar="T", help="With --nation: only in this period.")
@click.option(
    "--scenario", metavar="S", help="Of an instance: name of a scenario; without it, the conditions' defaults."
)
@time_limit_option("Seconds of wall time; then what is known is shown, and says so.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@json_option
def explain(what: str, as_json: bool, nation: str | None, post: str | None, period: int | None, **options: Any) -> int:
    """Say why lines of the plan in DIR are open: for each line and its periods the first reason that holds, with the rules or pledges behind it.

    Of an INSTANCE without a plan: rules that cannot be kept together, and the concessions of least weight that give a plan. The rules named are in
    conflict whatever becomes of the others, and none of them is superfluous. Ctrl-C keeps what is known. The reasons are written to reasons.csv in DIR.

    With --nation: which rules refuse the nation where it does not serve, or what each aim loses if it must, with bounds, and who else would
    come and go; and where it serves, if it must not.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.cli.screen import console, write_line
    from optimizer.interrupts import requests
    from optimizer.studies.why.ask import explain as ask
    from optimizer.studies.why.infeasible import Infeasible

    if nation is None and (post is not None or period is not None):
        raise click.UsageError("--post and --period go with --nation N.")
    err = console(stderr=True)

    def follow(text: str) -> None:
        if err.is_terminal:
            write_line(err, text)

    if nation is not None:
        return _why(what, (nation, post, period), options, follow, as_json=as_json)
    asked = asked_of(what, options.pop("scenario"), None)
    if options["line"] is not None and asked.plan is None:
        raise click.UsageError("--line asks about a plan: give the folder of one (forcegen solve INSTANCE --out DIR).")
    found = ask(asked.plan or asked.instance, asked.scenario if asked.plan is None else None, report=follow, **options)
    if not isinstance(found, Infeasible) and options["line"] is None:
        from optimizer.reporting.answers import write_reasons

        write_reasons(what, found)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record() if isinstance(found, Infeasible) else [reason.record() for reason in found])
    elif isinstance(found, Infeasible):
        _show(found)
    else:
        _show_reasons(found)
    return codes.INTERRUPTED if requests() else codes.DONE


def _why(
    what: str,
    asked: tuple[str, str | None, int | None],
    options: Mapping[str, Any],
    follow: Callable[[str], None],
    *,
    as_json: bool,
) -> int:
    """Why a nation is, or is not, at posts of a plan."""
    from optimizer.cli.screen import console, write_line
    from optimizer.interrupts import requests
    from optimizer.plan.store import is_saved_plan
    from optimizer.studies.why.ask import why

    if options["line"] is not None or options["scenario"] is not None:
        raise click.UsageError("--nation goes neither with --line nor with --scenario.")
    if not is_saved_plan(what):
        raise click.UsageError("--nation asks about a plan: name the folder of one.")
    found = why(what, *asked, time_limit=options["time_limit"], seed=options["seed"], report=follow)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json([one.record() for one in found])
    else:
        out = console()
        for one in found:
            write_line(out, one.sentence)
        _show_otherwise(found, in_full=asked[1] is not None)
        if not found:
            write_line(out, f"Nothing that {asked[0]} pledges delivers what is asked for.")
    return codes.INTERRUPTED if requests() else codes.DONE


def _show_otherwise(found: Sequence[Presence], *, in_full: bool) -> None:
    """What every aim loses at each post; `in_full`: who else comes and goes, too."""
    from optimizer.cli.screen import console, plain_table, show_table
    from optimizer.studies.why.words import amount

    def said(value: float | None) -> str:
        return "" if value is None else amount(value)

    out = console()
    heads = ("Post", "Aim", "In the plan", "Otherwise", "Loses at least", "Loses at most")
    rows = [
        (
            f"{one.mission}:{one.area}",
            row.aim,
            *map(said, (row.value, row.otherwise, row.loses_at_least, row.loses_at_most)),
        )
        for one in found
        for row in one.aims
    ]
    if rows:
        title = "What each aim loses then (below zero: it gains; blank: not known)"
        show_table(out, plain_table(title, heads, rows))
    moves = [
        (move.nation, f"{move.mission}:{move.area}", f"{move.change:+d}", ", ".join(map(str, move.periods)))
        for one in found
        for move in one.moves
    ]
    if in_full and moves:
        more = f" (the {MOST_MOVES} largest of {len(moves)}; --json has all)" if len(moves) > MOST_MOVES else ""
        titles = ("Nation", "Post", "Units times periods", "Periods")
        show_table(out, plain_table(f"What else moves{more}", titles, moves[:MOST_MOVES]))


def _show_reasons(reasons: Sequence[Reason]) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line

    out = console()
    if not reasons:
        write_line(out, "Every line is full.")
        return
    rows = [
        (
            reason.requirement,
            ", ".join(map(str, reason.periods)),
            f"{reason.gap:,.6g}",
            reason.reason,
            ", ".join(reason.rules or reason.pledges),
        )
        for reason in reasons
    ]
    show_table(
        out, plain_table("Why lines are open", ("Line", "Periods", "Missing", "Reason", "Rules or pledges"), rows)
    )
    for reason in reasons:
        write_line(out, reason.sentence)


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
            "Even all concessions together give no plan, each as far as it may go (column `most` of `concessions`: one step where nothing is said)."
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
