"""`forcegen scenarios`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import codes
from optimizer.cli.running import (
    at_work,
    folder_for,
    json_option,
    limit_options,
    resume_option,
    total_option,
    work_options,
)

if TYPE_CHECKING:
    from rich.console import Console

    from optimizer.studies.scenarios import Scenarios


EXACT = 1e-4
"""Ends of an interval that are shown as one figure."""


@click.command(short_help="Compare all scenarios, and each one's plan in the others.")
@click.argument("instance", type=click.Path())
@click.option(
    "--out", type=click.Path(), metavar="DIR", help="Folder for the tables; without it, runs/INSTANCE-scenarios here."
)
@limit_options("Seconds of wall time for each solve; without it, the instance's.")
@work_options()
@total_option
@resume_option("the comparison in DIR", "solves")
@json_option
def scenarios(instance: str, out: str | None, pool_folder: str | None, as_json: bool, **options: Any) -> int:
    """Solve every scenario of INSTANCE, and show them side by side: aims, mission scores, who serves, regret, expected values.

    Regret: how much worse the plan made for one scenario is than the right plan when another comes true; what was committed may be called home, nothing
    new is sent. Every finished solve is on the disk at once; after an interruption, --resume goes on. Exit code 0 if every scenario has a proven plan;
    5 if a limit stopped one; 4 or 6 if one has no plan.
    """
    from optimizer.instance.files import read_instance
    from optimizer.studies.scenarios import scenarios as compare

    question = read_instance(instance)
    folder = folder_for(out, question, "scenarios")
    with at_work(folder, [instance], pool_folder) as running:
        found = compare(question, **options, **running)
    code = _code(found)
    if as_json:
        from optimizer.cli.machine import show_json

        show_json(
            {
                "ok": code == codes.DONE,
                "exit_code": code,
                "directory": str(folder),
                "warnings": list(found.warnings),
                **found.tables,
            }
        )
        return code
    _show(found, folder)
    return code


def _code(found: Scenarios) -> int:
    """The gravest of the scenarios' exit codes."""
    blank = found.aims["value"].isna()
    endings = set(zip(found.aims["termination"], ~blank, strict=True))
    given = {codes.code_of(str(termination), bool(has_plan)) for termination, has_plan in endings}
    order = (codes.INFEASIBLE, codes.STOPPED_WITHOUT_PLAN, codes.STOPPED_WITH_PLAN)
    return next((code for code in order if code in given), codes.DONE)


def _show(found: Scenarios, folder: Path) -> None:
    from optimizer.cli.screen import console, plain_table, show_table, write_line
    from optimizer.reporting.text import as_number, not_quite, visible
    from optimizer.reporting.words import aim_figure, aim_label

    out = console()
    names = found.instance.scenarios
    measure = found.measure
    rows: list[tuple[str | float | None, ...]] = []
    for aim in dict.fromkeys(found.aims["aim"]):
        values = found.aims[found.aims["aim"] == aim].set_index("scenario")["value"]
        rows.append((aim_label(str(aim)), *(aim_figure(str(aim), values[name]) for name in names)))
    for mission in dict.fromkeys(found.missions["mission"]):
        scores = found.missions[found.missions["mission"] == mission].set_index("scenario")["score"]
        rows.append((f"score of {mission}", *(not_quite(scores[name], 1.0) for name in names)))
    show_table(out, plain_table("Each scenario's own plan", ("", *names), rows, range(1, len(names) + 1)))
    _show_nations(found, out)
    rows = []
    of_first = found.regret[found.regret["aim"] == measure]
    for name in names:
        regrets = of_first[of_first["plan_for"] == name].set_index("comes_true")["regret"]
        rows.append((name, *(as_number(regrets[other]) for other in names)))
    title = f"Regret in {measure.replace('_', ' ')}, by the scenario that comes true"
    show_table(out, plain_table(title, ("Plan made for", *names), rows, range(1, len(names) + 1)))
    _show_certain(found, out)
    write_line(
        out,
        "How much worse the plan made for one scenario is than the best plan known for the one that comes true. Later aims: regret.csv.",
    )
    write_line(out, "")
    expected = found.expected[found.expected["aim"] == measure]
    lines = [
        (str(row["plan_for"]), aim_figure(measure, row["expected"]), as_number(row["largest_regret"]))
        for row in expected.to_dict("records")
    ]
    show_table(
        out, plain_table(f"Expected value: {aim_label(measure)}", ("Plan", "Expected", "Largest regret"), lines, (1, 2))
    )
    for warning in found.warnings:
        write_line(out, visible(warning), "yellow")
    where = visible(folder)
    write_line(out, f"The tables are in {where}; `forcegen report {where}` makes a page and a workbook of them.")


def _show_certain(found: Scenarios, out: Console) -> None:
    """What the regrets are at least and at most, where the bounds leave something open."""
    from optimizer.cli.screen import plain_table, show_table
    from optimizer.reporting.text import as_number
    from optimizer.reporting.words import reach_in_words

    names, measure = list(found.instance.scenarios), found.measure
    of_first = found.regret[(found.regret["aim"] == measure) & (found.regret["plan_for"] != found.regret["comes_true"])]
    exact = (of_first["regret_at_most"] - of_first["regret_at_least"]).abs() <= EXACT
    if exact.all():
        return
    ends = of_first.set_index(["plan_for", "comes_true"])[["regret_at_least", "regret_at_most"]]
    said = {pair: reach_in_words(*map(as_number, row)) for pair, row in zip(ends.index, ends.to_numpy(), strict=True)}
    rows = [(name, *(said.get((name, other), "") for other in names)) for name in names]
    title = f"What is certain of the regret in {measure.replace('_', ' ')}"
    show_table(out, plain_table(title, ("Plan made for", *names), rows, ()))


def _show_nations(found: Scenarios, out: Console) -> None:
    """Who serves, as far as that differs from scenario to scenario."""
    from optimizer.cli.screen import plain_table, show_table, write_line
    from optimizer.reporting.text import as_number, visible

    planned = found.aims.set_index("scenario")["value"]
    every = list(found.instance.scenarios)
    names = [name for name in every if planned.loc[[name]].notna().all()]
    served = found.nations[found.nations["scenario"].isin(names)]
    counts = served.groupby("nation", sort=False)["takes_part"].sum()
    always = [str(nation) for nation, count in counts.items() if count == len(names)]
    sometimes = [str(nation) for nation, count in counts.items() if 0 < count < len(names)]
    peak = served[served["takes_part"] > 0].set_index(["nation", "scenario"])["peak_personnel"]
    rows = [(nation, *(as_number(peak.get((nation, name))) for name in names)) for nation in sometimes]
    if rows:
        title = ("Nation, most personnel", *names)
        heading = "Not in every scenario" if len(names) == len(every) else "Not in every scenario that has a plan"
        show_table(out, plain_table(heading, title, rows, range(1, len(names) + 1)))
    if names and always:
        without = [name for name in every if name not in names]
        where = f"In every scenario that has a plan (none has {', '.join(without)})" if without else "In every scenario"
        write_line(out, visible(f"{where}: {', '.join(always)}."))
        write_line(out, "")
