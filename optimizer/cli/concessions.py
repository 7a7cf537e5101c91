"""`forcegen concessions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes

if TYPE_CHECKING:
    from optimizer.studies.why.ask import Curve, Weighed


@click.command(short_help="Say which rules would have to bend, and what that would bring.")
@click.argument("instance", metavar="INSTANCE|DIR", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--most",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    metavar="W",
    help="Largest political weight of all concessions together.",
)
@click.option("--line", metavar="R", help="Count what one requirement line gets, in place of the first aim.")
@click.option("--nation", metavar="N", help="Only concessions for which this nation would be asked.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="SEC",
    help="Seconds of wall time; then values and bounds are what is known.",
)
@click.option("--start", type=click.Path(), metavar="DIR", help="Folder of a plan from which the search starts.")
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder (of a plan) into which concessions.csv is written."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def concessions(instance: str, start: str | None, out: str | None, as_json: bool, **options: Any) -> int:
    """For every political weight 0..W, the best that INSTANCE, or that of the plan in DIR, could reach if rules bend, which, and who would have to agree.

    The table `concessions` says what may be asked for, at which weight; other rules bend by default steps. Sets are searched as a whole, since some
    concessions help only together. Ctrl-C keeps what is known. The search starts from
    the plan in DIR, whose folder gets concessions.csv. Exit codes: 0 all values proven; 5 or 6 stopped by the limit; 130 interrupted.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.cli.screen import console, write_line
    from optimizer.reporting.answers import write_concessions
    from optimizer.studies.why.ask import concessions as ask

    err = console(stderr=True)

    def follow(point: Weighed) -> None:
        if err.is_terminal:
            write_line(err, f"weight {point.weight}: {_figure(point.value)} ({_certainty(point)})")

    asked = asked_of(instance, options.pop("scenario"), out)
    plan = asked.plan
    if start is not None:
        from optimizer.plan.store import load_plan

        plan = load_plan(start)
    found = ask(asked.instance, asked.scenario, report=follow, start=plan, **options)
    if asked.folder is not None and (out is not None or (options["line"] is None and options["nation"] is None)):
        write_concessions(asked.folder, found)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found.record())
    else:
        _show(found)
    return _code(found)


def _code(found: Curve) -> int:
    if found.termination == "infeasible":
        return codes.DONE
    return codes.code_of(found.termination, any(point.value is not None for point in found.points))


def _figure(value: float | None) -> str:
    from optimizer.reporting.text import figure

    return "no plan" if value is None else figure(value)


def _certainty(point: Weighed) -> str:
    if point.proven:
        return "proven"
    return "nothing proven" if point.bound is None else f"at best {_figure(point.bound)}"


def _show(found: Curve) -> None:
    from optimizer.cli.explain import said
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.words import aim_label

    out = console()
    rows: list[tuple[str, ...]] = []
    for point in found.points:
        first = (str(point.weight), _figure(point.value), _certainty(point))
        rows += [
            (*(first if not number else ("", "", "")), said(made), str(made["asked"]), str(made["rule"]))
            for number, made in enumerate(point.concessions)
        ] or [(*first, "nothing is conceded" if point.value is not None else "", "", "")]
    titles = ("Weight", aim_label(found.aim), "Certainty", "What bends", "Who is asked", "Rule")
    show_table(out, plain_table("What concessions would bring", titles, rows))
    write_line(out, _summary(found))


def _summary(found: Curve) -> str:
    first, last = found.points[0], found.points[-1]
    if last.value is None:
        sure = "there is no plan" if last.proven else "no plan is known"
        return f"With concessions of weight {last.weight} or less {sure}."
    if first.value is None:
        light = next(point.weight for point in found.points if point.value is not None)
        return f"As it is, no plan is known; with concessions of weight {light} there is one."
    if found.points[-1].concessions:
        apart = [str(point.weight) for point in found.points if not point.nested]
        text = f"From {_figure(first.value)} to {_figure(last.value)}."
        return text + (f" At weight {', '.join(apart)} another set is best, not a larger one." if apart else "")
    return "No concessions of that weight bring anything."
