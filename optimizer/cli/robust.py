"""`forcegen robust`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import at_work, json_option, resume_option, time_limit_option, total_option, work_options

if TYPE_CHECKING:
    from optimizer.studies.robust.ask import Robust

_STYLES = {"survives": "green", "does not survive": "red"}


@click.command(short_help="Say which sentences survive draws of uncertain inputs.")
@click.argument("instance", type=click.Path())
@click.argument("claims", metavar="CLAIMS.toml", type=click.Path())
@click.option("--out", type=click.Path(), metavar="DIR", help="Folder for the results; without it, runs/CLAIMS here.")
@click.option("--draws", type=click.IntRange(1, 100_000), metavar="N", help="Draws; without it, what the file says.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), metavar="S", help="Seed of the draws; without it, the file's."
)
@time_limit_option("Seconds of wall time for each solve; without it, the file's or the instance's.")
@work_options()
@total_option
@resume_option("the claims in DIR", "runs")
@json_option
def robust(instance: str, claims: str, out: str | None, pool_folder: str | None, as_json: bool, **options: Any) -> int:
    """Draw the uncertain inputs that CLAIMS.toml lists, solve INSTANCE in every draw, and say how often each of its claims holds.

    A claim holds in a draw only where that follows from plan and bound. It survives where it does so in the share of draws that it asks for. Every
    finished run is on the disk at once; after an interruption, --resume goes on. Exit code 0 once every draw is tried, whatever the verdicts.
    """
    from optimizer.studies.robust.ask import robust as try_claims

    folder = Path(out) if out is not None else Path("runs") / Path(claims).stem
    with at_work(folder, [instance], pool_folder) as running:
        found = try_claims(instance, claims, **options, **running)
    if as_json:
        from optimizer.cli.machine import show_json

        ended = {str(name): int(count) for name, count in found.runs["termination"].value_counts().items()}
        about = {"ok": True, "exit_code": codes.DONE, "directory": str(folder), "terminations": ended}
        show_json({**about, "warnings": list(found.warnings), **found.tables})
        return codes.DONE
    _show(found, folder)
    return codes.DONE


def _show(found: Robust, folder: Path) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import percent, visible

    screen = console()
    rows: list[tuple[str | float, ...]] = []
    for row in found.claims.to_dict("records"):
        low, high = percent(row["share_at_least"]), percent(row["share_at_most"])
        share = f"in {low} of the draws" if low == high else f"in {low} to {high} of the draws"
        verdict = str(row["verdict"])
        line = f"{row['says']} — {verdict} (holds {share}; asked: {percent(row['share'])})"
        write_line(screen, line, _STYLES.get(verdict, "yellow"))
        rows.append((str(row["claim"]), *(float(row[name]) for name in ("certainly", "open", "not", "in_plans"))))
    titles = ("Claim", "Certainly", "Open", "Not", "In the plans found")
    show_table(screen, plain_table(f"{len(found.draws)} draws", titles, rows, range(1, 5)))
    for warning in found.warnings:
        write_line(screen, visible(warning), "yellow")
    where = visible(folder)
    write_line(
        screen, f"Each draw is in {where}/draws.csv; `forcegen report {where}` makes a page and a workbook of it."
    )
