"""The published folder: tables, page, plans, made of the ledger alone and put in place when complete."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

import optimizer as fg
from optimizer.extraction import versions
from optimizer.reporting.answers import read_answers, write_reasons
from optimizer.reporting.charts import write_charts
from optimizer.reporting.describe import describe
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page, write_html
from optimizer.reporting.text import write_atomically
from publications.paris import draws
from publications.paris.answer import Answer
from publications.paris.answers import ANSWERS
from publications.paris.cases import ROOT, by_name, written
from publications.paris.ledger import Ledger
from publications.paris.page import content_of
from publications.paris.sentences import Tables
from publications.paris.setup import PLAN, Setup
from publications.paris.text import described, input_table, range_table

REPORT: Final = ROOT / "reports" / "paris"
CASES: Final = "cases.json"
"""The full definition of every case of `cases.csv`."""
REASON_SECONDS: Final = 120.0


def asked(setup: Setup, ledger: Ledger, answers: Sequence[Answer] = ANSWERS) -> None:
    """Know every case that some answers need: first those that are named, then those that the first ones lead to."""
    ledger.know(by_name([case for answer in answers for case in answer.cases(setup)]).values())
    for answer in answers:
        ledger.know(answer.more(setup, ledger))


def tables_of(setup: Setup, ledger: Ledger, answers: Sequence[Answer] = ANSWERS) -> dict[str, pd.DataFrame]:
    """The tables of some answers, from a settled ledger."""
    found: dict[str, pd.DataFrame] = {}
    for answer in answers:
        found |= answer.tables(setup, ledger)
    return found


def drawn_tables(ledger: Ledger, drawn: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the draws say."""
    says = {name: case.says for name, case in ledger.cases.items()}
    claims = draws.claim_table(draws.claims_of(ledger), drawn, says)
    return {"claims": claims, "draws": drawn, "ranges": range_table()}


def publish(setup: Setup, ledger: Ledger, drawn: pd.DataFrame, target: Path = REPORT) -> None:
    """Write everything, and put it in the place of what was there once it is complete."""
    found = tables_of(setup, ledger) | drawn_tables(ledger, drawn)
    found |= {"cases": ledger.table(), "inputs": input_table(list(ledger.cases.values()))}
    about = about_of(setup, ledger, found)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "paris"
        write_tables(found, about, made)
        write_atomically(made / CASES, written(ledger.cases.values()).encode())
        _write_plans(ledger, made / "plans")
        _write_plan(ledger, made / "plan")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)
    rewrite(target)


def publish_draws(ledger: Ledger, drawn: pd.DataFrame, target: Path = REPORT) -> None:
    """Put further draws in the place of the published ones, for the same cases."""
    about = json.loads((target / "about.json").read_text("utf-8"))
    found = drawn_tables(ledger, drawn)
    write_tables(found, about | counted(read_tables(target) | found, about["main"]), target)
    rewrite(target)


def write_tables(found: Tables, about: dict[str, Any], made: Path) -> None:
    """The tables and what is said of the run."""
    made.mkdir(parents=True, exist_ok=True)
    for name, frame in found.items():
        write_atomically(made / f"{name}.csv", frame.to_csv(index=False, float_format="%.10g").encode())
    write_atomically(made / "about.json", (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode())


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The published tables."""
    return {
        path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in sorted(folder.glob("*.csv"))
    }


MADE: Final = ("sentences", "question")
"""Tables that are made of the others."""


def rewrite(folder: Path) -> None:
    """Sentences, page and markdown anew, from the tables in a folder: the text never says what the tables do not."""
    about = json.loads((folder / "about.json").read_text("utf-8"))
    given = {name: frame for name, frame in read_tables(folder).items() if name not in MADE}
    found = described(given)
    for name in MADE:
        write_atomically(folder / f"{name}.csv", found[name].to_csv(index=False).encode())
    content = content_of(found, about)
    write_atomically(folder / "index.html", render_page(content).encode())
    write_atomically(folder / "index.md", render_markdown(content).encode())


def about_of(setup: Setup, ledger: Ledger, found: Tables) -> dict[str, Any]:
    """Title, verdict, and under which conditions the figures were made."""
    cases = found["cases"]
    known, impossible = int((cases["plan"] != "").sum()), int((cases["ended"] == "infeasible").sum())
    left = len(cases) - known - impossible
    return {
        "title": "What the coalition of Paris can carry",
        "verdict": f"{len(cases)} cases: of {known} a plan is known, in {impossible} no plan keeps every rule, {left} are open.",
        "main": setup.main,
        "instance_hash": setup.paris.hash,
        "budget": ledger.budget,
        "versions": dict(versions()),
        **counted(found, setup.main),
    }


def counted(found: Tables, main: str) -> dict[str, Any]:
    """How much was searched and drawn."""
    cases = found["cases"]
    searched = cases[cases["seconds"] > 0]
    count = int(found["claims"]["draws"].max()) if len(found["claims"]) else 0
    told = (
        f"Made of instances/{main} with {len(cases)} cases, {len(searched)} of them searched for at most {searched['seconds'].sum() / 60:.0f} minutes "
        f"together, the others bounded and given the plans of others; {count:,} draws. "
        f"More time narrows the intervals: python -m publications.paris --budget 2."
    )
    return {"told": told, "draws": count}


def _write_plans(ledger: Ledger, folder: Path) -> None:
    """The plans behind the values, one file each, as the pool keeps them."""
    folder.mkdir(parents=True)
    wanted = {entry.plan for entry in ledger.entries.values() if entry.plan}
    for plan in ledger.pool.plans():
        if plan.key in wanted:
            (folder / f"{plan.key}.json").write_bytes(plan.content)


def _write_plan(ledger: Ledger, folder: Path) -> None:
    """The published plan, as a folder that `forcegen verify` accepts, with its own report."""
    plan = ledger.plan(PLAN)
    fg.save_plan(plan, folder)
    reasons = fg.explain(plan, time_limit=REASON_SECONDS * ledger.budget)
    if isinstance(reasons, tuple):
        write_reasons(folder, reasons)
    content = describe(plan, answers=read_answers(folder))
    write_html(plan, folder / "report.html", content)
    write_charts(replace(content, sections=()), folder)
    fg.write_markdown(plan, folder / "report.md", content)
