"""`forcegen prices`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes

if TYPE_CHECKING:
    from optimizer.studies.why.prices import Price


@click.command(short_help="Say what each rule costs, alone and in pairs.")
@click.argument("instance", metavar="INSTANCE|DIR", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="SEC",
    help="Seconds of wall time; rules that are not reached have a wide interval.",
)
@click.option("--out", type=click.Path(), metavar="DIR", help="Folder (of a plan) into which prices.csv is written.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, metavar="N", help="Seed.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout.")
def prices(instance: str, scenario: str | None, out: str | None, as_json: bool, **options: Any) -> int:
    """Say what each rule of INSTANCE, or of that of the plan in DIR, costs the first aim: what one step of it would gain at least and at most.

    The steps are those of the table `concessions`, or the defaults. Pairs are shown that gain more together than one by one. A rule whose gain is 0 at
    most is not worth a negotiation. The folder of a plan gets prices.csv. Ctrl-C keeps what is known.
    """
    from optimizer.cli.asked import asked_of
    from optimizer.interrupts import requests
    from optimizer.reporting.answers import write_prices
    from optimizer.studies.why.ask import prices as ask

    asked = asked_of(instance, scenario, out)
    found = ask(asked.instance, asked.scenario, **options)
    if asked.folder is not None:
        write_prices(asked.folder, found)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json([price.record() for price in found])
    else:
        _show(found)
    return codes.INTERRUPTED if requests() else codes.DONE


def _show(found: tuple[Price, ...]) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import figure
    from optimizer.reporting.words import aim_label

    out = console()
    if not found:
        write_line(
            out, "No rule has a price: no plan is known as it is (`forcegen explain INSTANCE`), or no rule bends."
        )
        return
    free = [price for price in found if price.gain_at_most == 0.0]
    rows = [
        (
            figure(price.gain_at_least),
            figure(price.gain_at_most),
            " and ".join(price.rules),
            " and ".join(f"{change:,.10g}" if isinstance(change, float) else str(change) for change in price.change),
            " and ".join(dict.fromkeys(price.asked)),
        )
        for price in found
        if price not in free
    ]
    titles = ("Gains at least", "Gains at most", "Rule", "Step", "Who is asked")
    show_table(out, plain_table(f"What one step of each rule gains: {aim_label(found[0].aim)}", titles, rows))
    if free:
        write_line(out, f"{len(free)} rules cost nothing by themselves: {', '.join(price.rules[0] for price in free)}.")
