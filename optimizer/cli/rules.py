"""`forcegen rules`."""

from __future__ import annotations

import click

from optimizer.cli import codes


@click.command(short_help="List every rule in force, in words, with its id and source.")
@click.argument("instance", type=click.Path())
@click.option("--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults.")
@click.option("--json", "as_json", is_flag=True, help="Machine form on stdout: a list of rules.")
def rules(instance: str, scenario: str | None, as_json: bool) -> int:
    """List every rule of INSTANCE that restricts plans: id, sentence, nation it belongs to, whether it can bend, source.

    The ids are those that `solve --without` takes.
    """
    from optimizer.rulebook import records

    found = records(instance, scenario)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(found)
        return codes.DONE
    from optimizer.cli.screen import console, plain_table, show_table, write_line

    out = console()
    listed = [
        (
            str(row["rule"]),
            str(row["sentence"]),
            str(row["nation"] or "the coalition"),
            "yes" if row["bendable"] else "never",
            str(row["source"]),
        )
        for row in found
    ]
    titles = ("Rule", "What it says", "Whose", "Can bend", "Source")
    show_table(out, plain_table("Rules in force", titles, listed))
    write_line(
        out,
        f"{len(listed)} rules, of which {sum(bool(row['bendable']) for row in found)} can bend. Switch some off for one run: forcegen solve --without RULE.",
    )
    return codes.DONE
