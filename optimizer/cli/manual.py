"""`forcegen manual`."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import codes


@click.command(short_help="Open the manual.")
@click.option("--path", "only_path", is_flag=True, help="Print where it is, and open nothing.")
def manual(only_path: bool) -> int:
    """Open the manual in a browser: the one inside the package, or the one that `make docs` has built in a copy of the project."""
    from optimizer.cli.failures import Refused

    package = Path(__file__).parents[1]
    places = (package / "manual" / "index.html", package.parent / "docs" / "_build" / "html" / "index.html")
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        sources = package.parent / "docs" / "index.md"
        more = f" Its sources begin with {sources}." if sources.is_file() else ""
        raise Refused(f"The manual is not built here; in the project's folder, `make docs` builds it.{more}")
    click.echo(str(found))
    if not only_path:
        import webbrowser

        webbrowser.open(found.as_uri())
    return codes.DONE
