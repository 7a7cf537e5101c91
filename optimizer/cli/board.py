"""`forcegen board`."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import codes


@click.command(short_help="A page of this machine on which rules are switches and the plan moves.")
@click.argument("what", metavar="INSTANCE_OR_DIR", type=click.Path())
@click.option(
    "--scenario", metavar="S", help="Name of a scenario; without it, the conditions' defaults (a plan has its own)."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; without it, a free one.")
@click.option("--out", type=click.Path(), metavar="DIR", help="Where plans are saved; without it, runs/board here.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=20.0,
    show_default=True,
    help="Seconds of search for each change.",
)
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def board(what: str, scenario: str | None, port: int, out: str | None, seconds: float, no_browser: bool) -> int:
    """Serve a page on 127.0.0.1 on which conditions, rules and numbers of INSTANCE_OR_DIR are switches.

    A change is planned at once from the plan at hand: the first plan stands after seconds, better ones and the bound follow, each plan
    verified. Everything that was tried stays in a list, can be undone, named, and saved as a plan's folder. Whoever has the address with its
    token can look on; nobody beyond this machine can. Ctrl-C ends it.
    """
    import importlib.util

    from optimizer.cli.asked import asked_of
    from optimizer.cli.failures import Refused
    from optimizer.instance.files import as_instance

    if importlib.util.find_spec("starlette") is None or importlib.util.find_spec("uvicorn") is None:
        raise Refused("The board needs two more packages; in the project's folder: pip install '.[board]'")
    asked = asked_of(what, scenario, None)
    instance = as_instance(asked.instance)
    if asked.scenario is not None and asked.scenario not in instance.scenarios:
        from optimizer.instance.scenario import scenario_tables

        scenario_tables(instance, asked.scenario)  # says what is wrong
    from optimizer.board.entries import Board
    from optimizer.board.serving import serve

    def opened(address: str) -> None:
        click.echo(f"The board is at {address}")
        click.echo("Ctrl-C ends it.", err=True)
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    found = Board(instance, asked.scenario, asked.plan, seconds=seconds)
    try:
        serve(found, Path(out or "runs/board"), what, port, opened)
    finally:
        found.close()
    return codes.DONE
