"""`python -m publications.paris`: make the publication, or ask a part of it again."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.studies.pool import Pool, Trial
from publications.paris import draws
from publications.paris.answers import ANSWERS
from publications.paris.cases import ROOT, Case, by_name, variant_of
from publications.paris.effects import NONE
from publications.paris.ledger import Ledger, spans_of
from publications.paris.publish import REPORT, asked, publish, read_tables, rewrite, tables_of
from publications.paris.sentences import records
from publications.paris.setup import Setup

RUNS = ROOT / "runs" / "paris"


@click.group(invoke_without_command=True)
@click.option("--budget", default=1.0, help="Factor on every time limit; 1 takes about an hour on two idle cores.")
@click.option("--out", default=str(REPORT), help="Where the publication goes.")
@click.option("--runs", default=str(RUNS), help="Where cases, plans and draws are kept between runs.")
@click.pass_context
def main(context: click.Context, budget: float, out: str, runs: str) -> None:
    """Make the publication; what was made of the same tables before is not made again."""
    context.obj = (Setup(), Ledger(Path(runs), budget, click.echo))
    if context.invoked_subcommand is None:
        setup, ledger = context.obj
        everything(setup, ledger, Path(out))


def everything(setup: Setup, ledger: Ledger, out: Path) -> None:
    """Cases, draws, and the published folder."""
    with_published(ledger, out)
    asked(setup, ledger)
    ledger.know(draws.corners(setup, ledger))
    ledger.settle()
    drawn = draws.run(setup, ledger)
    publish(setup, ledger, drawn, out)


def with_published(ledger: Ledger, out: Path) -> None:
    """The published plans join the pool: what was found once is never lost."""
    if (out / "plans").is_dir():
        for plan in Pool(out / "plans").plans():
            ledger.pool.add(plan)


@main.command()
@click.argument("name", type=click.Choice([answer.name for answer in ANSWERS]))
@click.pass_obj
def answer(given: tuple[Setup, Ledger], name: str) -> None:
    """Ask one answer again, from the published plans, and say it beside what is published."""
    setup, ledger = given
    with_published(ledger, REPORT)
    needed = [one for one in ANSWERS if one.name in {"ground", "shocks", name}]
    mine = [one for one in needed if one.name == name]
    base = [case for one in needed if one.name == "ground" for case in one.cases(setup)]
    ledger.know(by_name([case for case in base if case.seconds]).values())
    if name == "noregret":
        ledger.know(case for one in needed if one.name == "shocks" for case in one.cases(setup) if case.scenario)
    asked(setup, ledger, mine)
    ledger.settle()
    tables = tables_of(setup, ledger, mine)
    for one in mine[0].sentences(tables):
        click.echo(f"{one.key}: {one.text(tables)}")


@main.command()
@click.argument("name")
@click.pass_obj
def case(given: tuple[Setup, Ledger], name: str) -> None:
    """Ask one case of the published table again: the verifier on its plan, and its bound."""
    setup, ledger = given
    entry = published_case(name, setup)
    with_published(ledger, REPORT)
    ledger.know([entry])
    ledger.settle()
    low, high = spans_of(ledger.table())[name]
    click.echo(f"{name}: {entry.says}: at least {low}, at most {high}")


def published_case(name: str, setup: Setup) -> Case:
    """A case by its name.

    Raises:
        click.UsageError: no answer has it.
    """
    found = by_name([one for part in ANSWERS for one in part.cases(setup)])
    if name not in found:
        raise click.UsageError(f"no case is called {name!r} that can be asked by itself; see cases.csv")
    return found[name]


@main.command()
@click.pass_obj
def check(given: tuple[Setup, Ledger]) -> None:
    """Have the verifier reckon every published plan again, without any search."""
    setup, _ledger = given
    table = read_tables(REPORT)["cases"]
    named = by_name([one for part in ANSWERS for one in part.cases(setup)])
    plans = {plan.key[:16]: plan for plan in Pool(REPORT / "plans").plans()}
    wrong = 0
    for row in records(table):
        if row["case"] in named and str(row["plan"]) in plans:
            variant = variant_of(named[str(row["case"])])
            tried = Trial(variant.instance, variant.scenario).tried(plans[str(row["plan"])])
            value = None if tried is None else tried.evaluation.aims[0].value
            if value is None or abs(value - float(row["at_least"])) > NONE / 1000:
                wrong += 1
                click.echo(f"{row['case']}: published {row['at_least']}, the verifier says {value}")
    click.echo(f"{len(table)} cases looked at, {wrong} differ")
    raise SystemExit(1 if wrong else 0)


@main.command(name="draws")
@click.pass_obj
def more_draws(given: tuple[Setup, Ledger]) -> None:
    """Go on with the draws, as long as the budget lasts, and publish anew."""
    setup, ledger = given
    everything(setup, ledger, REPORT)


@main.command()
def page() -> None:
    """Write sentences and page anew from the published tables."""
    rewrite(REPORT)


if __name__ == "__main__":
    main()
