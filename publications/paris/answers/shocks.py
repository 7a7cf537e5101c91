"""US backstop, failed ceasefire, refused votes, withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from optimizer.studies.withdraw.leaving import pledging
from publications.paris.answer import Answer
from publications.paris.cases import Case
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, is_blank, records, used
from publications.paris.setup import Setup

NAME = "shocks"
LEAST_LOSS: Final = 5
"""So many nations are named whose leaving costs most."""


def cases(setup: Setup) -> Sequence[Case]:
    """Every scenario; every condition turned round; every vote and mandate refused at once; every nation absent."""
    main = setup.main
    found = [
        Case(f"scenario {name}", f"scenario {name}", main, scenario=name, seconds=24.0)
        for name in setup.paris.scenarios
    ]
    titles = {row["condition"]: row["name"] for row in setup.paris.rows("conditions")}
    for name, holds in setup.conditions.items():
        told = "true" if not holds else "false"
        fails = "does not hold, though by default it does"
        says = f"“{titles[name]}” {fails if holds else 'holds, though by default it does not'}"
        found.append(setup.case(f"{name}={told}", says, 10.0, (f"conditions.{name}={told}",)))
    refused = tuple(f"conditions.{name}=false" for name in votes(setup))
    found.append(setup.case("all votes refused", "every vote and mandate of a parliament is refused", 16.0, refused))
    names = {row["nation"]: row["name"] for row in setup.paris.rows("nations")}
    absent = [
        Case(f"without {nation}", f"{names[nation]} sends nothing", main, absent=(nation,), seconds=7.0)
        for nation in pledging(setup.paris)
    ]
    return [*found, *absent]


def votes(setup: Setup) -> list[str]:
    """The conditions that a parliament decides, as far as they hold by default."""
    marks = ("vote", "mandate")
    hosts = ("consent", "un_")
    return [
        name
        for name, holds in setup.conditions.items()
        if holds and any(m in name for m in marks) and not any(h in name for h in hosts)
    ]


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`scenarios`: values; `conditions`: effects of each turned round; `withdrawals`: effects of each nation that leaves."""
    scenarios = [
        (entry.case, entry.value, entry.bound, entry.ended)
        for name in setup.paris.scenarios
        for entry in (ledger.entries[f"scenario {name}"],)
    ]
    turned = [f"{name}={'true' if not holds else 'false'}" for name, holds in setup.conditions.items()] + [
        "all votes refused"
    ]
    nations = [f"without {nation}" for nation in pledging(setup.paris)]
    left = against(ledger, nations)
    left["ended"] = [ledger.entries[name].ended for name in nations]
    first = {"infeasible": 0}
    order = left.assign(rank=[first.get(str(e), 1) for e in left["ended"]]).sort_values(
        ["rank", "at_most", "effect"], kind="stable"
    )
    return {
        "scenarios": pd.DataFrame(scenarios, columns=["case", "at_least", "at_most", "ended"]),
        "conditions": against(ledger, turned),
        "withdrawals": order.drop(columns="rank").reset_index(drop=True),
    }


def sentences(tables: Tables) -> list[Sentence]:
    """Scenario by scenario, condition by condition, and the nations whose leaving is felt most."""
    found = []
    for row in records(tables["scenarios"]):
        figures = {name: Cell("scenarios", row["case"], name) for name in ("at_least", "at_most")}
        figures |= {
            "case": Cell("scenarios", row["case"], "case", "text"),
            "ended": Cell("scenarios", row["case"], "ended", "text"),
        }
        text = "In the {case}, between {at_least} and {at_most} of 100 points can be covered."
        if is_blank(row["at_least"]):
            text = "In the {case}, no plan is known (the search ended: {ended})."
        found.append(Sentence(f"{NAME}/{row['case']}", text, used(text, figures)))
    found += changes(NAME, tables, "conditions")
    found += changes(NAME, {"withdrawals": tables["withdrawals"].head(LEAST_LOSS)}, "withdrawals")
    return found


ANSWER = Answer(
    NAME,
    "When the backstop, the ceasefire, a vote or a nation fails",
    "What remains without a US backstop, after a failed ceasefire, after refused votes, after a withdrawal?",
    cases,
    tables,
    sentences,
    limits="Everybody else plans anew with full knowledge. A withdrawal during a deployment would cost more. Whether a condition holds is not forecast.",
)
