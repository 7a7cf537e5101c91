"""`forcegen prices`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, json_option, resume_option, time_limit_option, work_options

if TYPE_CHECKING:
    from optimizer.cli.asked import Asked
    from optimizer.studies.why.preview import Preview
    from optimizer.studies.why.prices import Price, Priced


@click.command(short_help="Say what each rule costs, alone and in pairs.")
@click.argument("instance", metavar="INSTANCE|DIR", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option("--start", type=click.Path(), metavar="DIR", help="Folder of a plan from which every run begins.")
@time_limit_option("Seconds of wall time; rules that are not reached have a wide interval.")
@work_options()
@click.option(
    "--out",
    type=click.Path(),
    metavar="DIR",
    help="Folder for prices.csv and every finished run; of a plan's folder, only for prices.csv.",
)
@resume_option("the search in DIR", "runs")
@click.option(
    "--preview", is_flag=True, help="Only a rough guess in seconds, from the relaxation; these are no prices."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@json_option
def prices(
    instance: str, scenario: str | None, out: str | None, preview: bool, resume: bool, as_json: bool, **options: Any
) -> int:
    """Say what each rule of INSTANCE, or of that of the plan in DIR, costs the first aim: what one step of it would gain at least and at most.

    The steps are those of the table `concessions`, or the defaults. Sets of rules are shown that gain more together than apart. A rule whose gain is 0
    at most is not worth a negotiation. The folder of a plan gets prices.csv, and every run begins with that plan. With --out, each finished run is on
    the disk at once; after Ctrl-C, or with more time, the same command with --resume goes on. Exit codes: 0 done; 4 infeasible; 6 stopped by the limit
    without any plan; 130 interrupted.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.cli.failures import Refused
    from optimizer.reporting.text import visible

    asked = asked_of(instance, scenario, out)
    if preview:
        if out is not None or resume or options["start"] or options["dask"] or options["pool_folder"]:
            raise Refused(
                "A preview begins with nothing and leaves nothing behind: leave out --start, --out, --resume, --dask and --pool."
            )
        return _preview(asked, options["time_limit"], as_json=as_json)
    found = _found(asked, instance, out, resume=resume, **options)
    for warning in found.warnings:
        click.echo(visible(warning), err=True)
    if found.termination in {"infeasible", "none_found"}:
        _say_why_not(found.termination, instance)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json([price.record() for price in found.prices])
    elif found.prices or found.termination not in {"infeasible", "none_found"}:
        _show(found.prices)
    if found.termination == "interrupted":
        return codes.INTERRUPTED
    return codes.code_of(found.termination, False) if found.termination in {"infeasible", "none_found"} else codes.DONE


def _found(
    asked: Asked,
    instance: str,
    out: str | None,
    *,
    resume: bool,
    start: str | None,
    pool_folder: str | None,
    **options: Any,
) -> Priced:
    """The prices, written where they belong."""
    from optimizer.cli.failures import Refused
    from optimizer.plan.store import is_saved_plan, load_plan
    from optimizer.reporting.answers import sets_in, write_prices
    from optimizer.studies.why.pricing import Options, priced

    study = out if out is not None and not is_saved_plan(out) else None
    if resume and study is None:
        raise Refused("--resume goes on with the search in a folder of its own: name it with --out.")
    plan = asked.plan if start is None else load_plan(start)
    sets = sets_in(instance) if is_saved_plan(instance) else []
    with at_work(None if study is None else Path(study), [instance], pool_folder) as running:
        more: Options = {
            "out": running["out"],
            "resume": resume,
            "progress": running["report"],
            "pool": running["pool"],
        }
        found = priced(asked.instance, asked.scenario, start=plan, sets=sets, **more, **options)
    if asked.folder is not None and asked.folder != study and found.prices:
        write_prices(asked.folder, found.prices)
    return found


def _say_why_not(termination: str, instance: str) -> None:
    from optimizer.cli.screen import console, write_line
    from optimizer.reporting.text import visible

    where = visible(instance)
    text = f"No rule has a price: no plan was found in time, which does not mean that there is none. Give more time, or ask `forcegen explain {where}`."
    if termination == "infeasible":
        text = f"No rule has a price: the rules contradict each other. `forcegen explain {where}` says which, and the ways out."
    write_line(console(stderr=True), text)


def _show(found: tuple[Price, ...]) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import figure
    from optimizer.reporting.words import aim_label

    out = console()
    if not found:
        write_line(out, "No rule has a price: no rule bends, or the search was ended before there was a plan.")
        return
    free = [price for price in found if price.is_nothing]
    rows = [
        (
            figure(price.gain_at_least),
            figure(price.gain_at_most),
            "" if price.gain_found is None else figure(price.gain_found),
            " and ".join(price.rules),
            " and ".join(f"{change:,.10g}" if isinstance(change, float) else str(change) for change in price.change),
            " and ".join(dict.fromkeys(price.asked)),
        )
        for price in found
        if not price.is_nothing
    ]
    titles = ("Gains at least", "Gains at most", "Found", "Rule", "Step", "Who is asked")
    if rows:
        show_table(out, plain_table(f"What one step of each rule gains: {aim_label(found[0].aim)}", titles, rows))
        write_line(out, "Found: by so much a plan with the rule loosened is better than the best one known as it is.")
    if free:
        write_line(out, f"{len(free)} rules cost nothing by themselves: {', '.join(price.rules[0] for price in free)}.")


def _preview(asked: Asked, time_limit: float | None, *, as_json: bool) -> int:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import figure
    from optimizer.reporting.words import aim_label
    from optimizer.studies.why.preview import price_preview

    found: tuple[Preview, ...] = price_preview(asked.instance, asked.scenario, time_limit=time_limit)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json([one.record() for one in found])
        return codes.DONE
    out = console()
    if not found:
        write_line(out, "No rule has a price at the margin of the relaxation, or the relaxation has no plan in time.")
        return codes.DONE
    rows = [(figure(one.guess), one.per, one.rule, one.asked) for one in found]
    titles = ("Guess at the margin", "Per", "Rule", "Who is asked")
    show_table(out, plain_table(f"Preview, from the relaxation; not prices: {aim_label(found[0].aim)}", titles, rows))
    write_line(
        out,
        "The relaxation sees one rule at a time, and fractions of units. Prices: the same command without --preview.",
    )
    return codes.DONE
