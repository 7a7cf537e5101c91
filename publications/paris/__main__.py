"""`python -m publications.paris`: make the publication, or ask a part of it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from optimizer.instance.findings import InvalidInstance
from optimizer.studies.pool import Pool, PooledPlan, Trial
from publications.paris import drawing, draws
from publications.paris.answers import ANSWERS
from publications.paris.cases import ROOT, Case, by_name, read_cases, variant_of
from publications.paris.ledger import ROUNDING, Entry, Ledger
from publications.paris.publish import CASES, REPORT, asked, publish, publish_draws, read_tables, rewrite, tables_of
from publications.paris.sentences import is_blank, records
from publications.paris.setup import Setup

RUNS = ROOT / "runs" / "paris"


@click.group(invoke_without_command=True)
@click.option("--budget", default=1.0, help="Factor on every time limit; 1 takes about two hours on two idle cores.")
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
    drawn = drawing.run(setup, ledger, draws.claims_of(ledger))
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
    """Ask one case of the published table again: its bound, and its search, which begins with the published plans."""
    _setup, ledger = given
    cases = read_cases(REPORT / CASES)
    if name not in cases:
        raise click.UsageError(f"no case is called {name!r}; see cases.csv")
    with_published(ledger, REPORT)
    ledger.know([cases[name]])
    ledger.settle()
    entry = ledger.entries[name]
    click.echo(f"{name}: {cases[name].says}: {_told(entry)}")


def _told(entry: Entry) -> str:
    if entry.ended == "invalid":
        return f"no instance: {entry.reason}"
    if not entry.is_open:
        return "no plan keeps every rule"
    least = "no plan is known yet" if entry.value is None else f"at least {entry.value}"
    return least if entry.bound is None else f"{least}, at most {entry.bound}"


@main.command()
def check() -> None:
    """Make every published case again, and have the verifier reckon its plan, without any search."""
    cases = read_cases(REPORT / CASES)
    plans = {plan.key[:16]: plan for plan in Pool(REPORT / "plans").plans()}
    rows = records(read_tables(REPORT)["cases"])
    differ = [told for row in rows if (told := differing(cases[row["case"]], row, plans.get(row["plan"])))]
    for told in differ:
        click.echo(told)
    click.echo(f"{len(rows)} cases made and reckoned again, {len(differ)} differ")
    raise SystemExit(1 if differ else 0)


def differing(case: Case, row: Mapping[str, Any], plan: PooledPlan | None) -> str:
    """In what a published row differs from its case and its plan; blank: in nothing."""
    try:
        variant = variant_of(case)
    except InvalidInstance:
        return "" if row["ended"] == "invalid" else f"{case.name}: the instance does not fit any more"
    if variant.key != row["key"]:
        return f"{case.name}: published as {row['key']}, made again as {variant.key}"
    if is_blank(row["plan"]):
        return ""
    tried = None if plan is None else Trial(variant.instance, variant.scenario).tried(plan)
    value = None if tried is None else tried.evaluation.aims[0].value
    if value is not None and abs(value - float(row["at_least"])) <= ROUNDING:
        return ""
    return f"{case.name}: published {row['at_least']}, the verifier says {value}"


@main.command(name="draws")
@click.pass_obj
def more_draws(given: tuple[Setup, Ledger]) -> None:
    """Go on with the draws for the published cases, as long as the budget lasts, and publish what they say."""
    setup, ledger = given
    with_published(ledger, REPORT)
    cases = read_cases(REPORT / CASES)
    rows = records(read_tables(REPORT)["cases"])
    ledger.recall((cases[row["case"]], row) for row in rows if row["case"] in draws.NEEDED)
    publish_draws(ledger, drawing.run(setup, ledger, draws.claims_of(ledger)))


@main.command()
def page() -> None:
    """Write sentences and page anew from the published tables."""
    rewrite(REPORT)


if __name__ == "__main__":
    main()
