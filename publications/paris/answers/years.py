"""What holds over several years: steadiness, rotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from publications.paris.answer import Answer
from publications.paris.cases import Case, Row, cells_of
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import BASE, PLAN, Setup

NAME = "years"
STEPS: Final = (-1, 1)


def rotated(setup: Setup, step: int) -> tuple[str, ...]:
    """Settings of one period more or less at home after each tour, where a tour is one period."""

    def short(row: Row) -> bool:
        return bool(row["tour"] == 1 and row["dwell"] + step >= 1)

    return cells_of(setup.paris, "pledges", "dwell", lambda row: row["dwell"] + step, short)


def cases(setup: Setup) -> Sequence[Case]:
    """A half-year more or less at home, and posts that may close again."""
    words = {-1: "half a year less at home after each tour", 1: "half a year more at home after each tour"}
    found = [setup.case(f"dwell{step:+d}", words[step], 14.0, rotated(setup, step)) for step in STEPS]
    loose = cells_of(setup.paris, "missions", "continuity", lambda _: False)
    found.append(setup.case("no-continuity", "posts may close and open again", 10.0, loose))
    return found


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`rotation`: effects; `years`: scores of missions in the first and the last half-year of the published plan; `steady`: how still it holds."""
    plan = ledger.plan(PLAN)
    scores = plan.mission_periods.dropna(subset=["score"])
    rows = []
    for mission, group in scores.groupby("mission", sort=False):
        if mission in setup.missions:
            ordered = group.sort_values("period")
            values = [float(value) for value in ordered["score"]]
            rows.append((mission, setup.missions[str(mission)], values[0], min(values), values[-1]))
    entry, base = ledger.entries[PLAN], ledger.entries[BASE]
    posts, pairs = (plan.steadiness[plan.steadiness["what"] == what] for what in ("post", "pair"))
    reopened = int((posts["reopens"] > 0).sum())
    given_up = (base.value or 0.0) - (entry.value or 0.0)
    steady = [("plan", entry.value, base.value, given_up, int(pairs["spells"].sum()), len(pairs), reopened)]
    columns = ["plan", "covers", "most_known", "given_up", "arrivals", "pairs", "posts_reopened"]
    return {
        "rotation": against(ledger, [case.name for case in cases(setup)]),
        "years": pd.DataFrame(rows, columns=["mission", "name", "first", "least", "last"]),
        "steady": pd.DataFrame(steady, columns=columns),
    }


def sentences(tables: Tables) -> list[Sentence]:
    """Steadiness of the published plan, missions over time, rotation."""
    figures = {name: Cell("steady", "plan", name) for name in ("covers", "most_known", "given_up")}
    figures |= {name: Cell("steady", "plan", name, "number") for name in ("arrivals", "pairs", "posts_reopened")}
    text = (
        "The published plan covers {covers} points, {given_up} fewer than the plan that covers most ({most_known}), so that contingents stay longer: "
        "{arrivals} arrivals for {pairs} pairs of nation and post. Posts that close and open again: {posts_reopened}."
    )
    found = [Sentence(f"{NAME}/steady", text, figures, "plans found")]
    for row in records(tables["years"]):
        cells = {name: Cell("years", str(row["mission"]), name, "percent") for name in ("first", "least", "last")}
        cells["name"] = Cell("years", str(row["mission"]), "name", "text")
        text = "{name}: the published plan covers {first} of what is asked for in the first half-year, {least} in the weakest, {last} in the last."
        found.append(Sentence(f"{NAME}/{row['mission']}", text, cells, "plans found"))
    return found + changes(NAME, tables, "rotation")


ANSWER = Answer(
    NAME,
    "What holds over several years",
    "What of it holds over four years of rotation?",
    cases,
    tables,
    sentences,
    limits="Tours and rest are published for a few nations and assumed for the others; recruitment, losses and elections are not modelled.",
)
