"""What is covered without troops in Ukraine, and what only with 10,000, 25,000 or 64,000."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pandas as pd

from optimizer.reporting.content import Chart
from publications.paris.answer import Answer, span_chart
from publications.paris.cases import Case
from publications.paris.effects import Effect, changes, effect_table
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records, span, used
from publications.paris.setup import BASE, GROUND, PLAN, Setup, ceiling_of

NAME = "ground"


def only(setup: Setup, mission: str, most: int | None = None) -> Case:
    """One mission alone counts, with so many soldiers in Ukraine at most (None: as the tables say): what it can have if all others give way."""
    cells = tuple(f"missions.{other}.weight=0" for other in setup.missions if other != mission)
    size = () if most is None else (f"{setup.ceiling}={most}",)
    where = "" if most is None else f", at most {most:,} soldiers in Ukraine"
    name = f"only-{mission}" if most is None else f"only-{mission}-{most}"
    return setup.case(name, f"{setup.missions[mission]} alone counts{where}", 0.0, (*size, *cells))


def cases(setup: Setup) -> Sequence[Case]:
    """The base case, the published plan, the ladder, and each mission alone on each step."""
    base = setup.case(BASE, "the tables as they stand, by the conditions' defaults", 200.0)
    plan = Case(
        PLAN,
        "the published plan: coverage, then few arrivals, then low cost",
        setup.main,
        seconds=200.0,
        every_aim=True,
    )
    steps = [
        setup.case(f"ground-{most}", f"at most {most:,} soldiers in Ukraine", 20.0, (f"{setup.ceiling}={most}",))
        for most in GROUND
    ]
    return [base, plan, *steps, *(only(setup, mission, most) for mission in setup.missions for most in GROUND)]


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`ground`: a row per ceiling; `ground_effects`: steps; `ground_missions`: what each mission can have on each step."""
    steps = []
    for most in GROUND:
        entry = ledger.entries[f"ground-{most}"]
        steps.append((entry.case, most, entry.value, entry.bound, _soldiers(setup, ledger, entry.case)))
    pairs = [(low, high) for low, high in itertools.pairwise(GROUND)] + [(0, 25_000), (0, 64_000)]
    effects = [
        Effect(
            f"{low}-{high}",
            f"ground-{low}",
            f"ground-{high}",
            f"at most {high:,} instead of {low:,} soldiers in Ukraine",
        )
        for low, high in pairs
    ]
    missions = []
    for mission, name in setup.missions.items():
        for most in GROUND:
            entry = ledger.entries[f"only-{mission}-{most}"]
            missions.append((entry.case, name, most, entry.value, entry.bound))
    columns = ["case", "ceiling", "at_least", "at_most", "soldiers_in_plan"]
    return {
        "ground": pd.DataFrame(steps, columns=columns),
        "ground_effects": effect_table(ledger, effects),
        "ground_missions": pd.DataFrame(missions, columns=["case", "mission", "ceiling", "at_least", "at_most"]),
    }


def _soldiers(setup: Setup, ledger: Ledger, case: str) -> float | None:
    """Soldiers in Ukraine at most at a time in the plan of a case; None without one."""
    if not ledger.entries[case].plan:
        return None
    limits = ledger.plan(case).limits
    used = limits[limits["limit"] == ceiling_of(setup.paris, "personnel")["limit"]]["used"]
    return float(used.max()) if len(used) else 0.0


def sentences(tables: Tables) -> list[Sentence]:
    """What follows from the tables."""
    found = []
    for row in records(tables["ground"]):
        who = (
            "Without a single soldier in Ukraine"
            if not row["ceiling"]
            else "With at most {ceiling} soldiers in Ukraine"
        )
        figures = {name: Cell("ground", row["case"], name) for name in ("at_least", "at_most")}
        figures |= {"ceiling": Cell("ground", row["case"], "ceiling", "number")} if row["ceiling"] else {}
        text = f"{who}, the coalition can cover between {{at_least}} and {{at_most}} of 100 points; 100 is all that is asked for."
        found.append(Sentence(f"ground/{row['case']}", text, figures))
    found += changes(NAME, tables, "ground_effects")
    found += _missions(tables)
    return found


def _missions(tables: Tables) -> list[Sentence]:
    """Of each mission what it can have without soldiers in Ukraine, and with most."""
    found = []
    for _, rows in tables["ground_missions"].groupby("mission", sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        figures = {
            "mission": Cell("ground_missions", first["case"], "mission", "text"),
            "low": Cell("ground_missions", first["case"], "at_least"),
            "high": Cell("ground_missions", first["case"], "at_most"),
            "more": Cell("ground_missions", last["case"], "at_least"),
            "most": Cell("ground_missions", last["case"], "at_most"),
        }
        none, many = (span(figures, ends, tables) for ends in (("low", "high"), ("more", "most")))
        text = f"{{mission}}: if it alone counted, {none} could be covered without soldiers in Ukraine, and {many} with the largest force."
        figures = used(text, figures)
        found.append(Sentence(f"ground/{first['case']}", text, figures))
    return found


def charts(tables: Tables) -> list[Chart]:
    """The ladder."""
    rows = records(tables["ground"])
    summary = f"Coverage at least {rows[0]['at_least']:.1f} with none and {rows[-1]['at_least']:.1f} with 64,000."
    return [
        span_chart(
            "Coverage by soldiers in Ukraine at most",
            summary,
            rows,
            [f"{row['ceiling']:,}" for row in rows],
            "soldiers in Ukraine",
        )
    ]


ANSWER = Answer(
    NAME,
    "Without troops in Ukraine, and with 10,000, 25,000, 64,000",
    "What can be covered without ground troops in Ukraine, and what only with 10,000, 25,000 or 64,000?",
    cases,
    tables,
    sentences,
    charts=charts,
    limits="Coverage weighs requirements as the tables do; it says nothing of whether a force of that size would deter anybody.",
)
