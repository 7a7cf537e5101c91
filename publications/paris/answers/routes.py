"""Routes and lift."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from publications.paris.answer import Answer
from publications.paris.cases import Case, scaled
from publications.paris.effects import against, changes
from publications.paris.ledger import Ledger
from publications.paris.sentences import Cell, Sentence, Tables, records
from publications.paris.setup import BASE, Setup

NAME = "routes"
FACTORS = (0.25, 0.5, 2.0)


def cases(setup: Setup) -> Sequence[Case]:
    """Capacities of all routes scaled, those into Ukraine scaled, and each route into Ukraine closed."""
    paris, inside = setup.paris, setup.ukraine
    found = [
        setup.case(
            f"routes-{f:g}", f"capacity of every route times {f:g}", 10.0, scaled(paris, "routes", "capacity", f)
        )
        for f in FACTORS
    ]
    names = area_names(setup)
    for row in paris.rows("routes"):
        if row["destination"] in inside and row["capacity"] is not None:
            key = f"{row['origin']}/{row['destination']}/{row['mode']}"
            cells = (f"routes.{key}.capacity=0",)
            found.append(
                setup.case(
                    f"closed {key}",
                    f"nothing moves from {names[row['origin']]} to {names[row['destination']]} by {row['mode']}",
                    0.0,
                    cells,
                )
            )
    areas = scaled(paris, "areas", "lift_capacity", 0.5) + scaled(paris, "areas", "sustainment_capacity", 0.5)
    if areas:
        found.append(setup.case("areas-0.5", "lift and sustainment that areas can take, halved", 10.0, areas))
    return found


def area_names(setup: Setup) -> dict[str, str]:
    """Names of areas, by key."""
    return {row["area"]: row["name"] for row in setup.paris.rows("areas")}


def tables(setup: Setup, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """`routes`: a row per change; `route_use`: the fullest routes of the base plan."""
    effects = against(ledger, [case.name for case in cases(setup)])
    areas = area_names(setup)
    used = ledger.plan(BASE).routes
    full = used[used["capacity"].notna()].assign(share=lambda f: f["tonnes"] / f["capacity"].where(f["capacity"] > 0))
    full = full.sort_values("share", ascending=False).head(10)
    rows = [
        (
            f"{areas[row['origin']]} to {areas[row['destination']]} by {row['mode']}, half-year {row['period']}",
            row["tonnes"],
            row["capacity"],
            row["share"],
        )
        for row in records(full)
    ]
    return {"routes": effects, "route_use": pd.DataFrame(rows, columns=["route", "tonnes", "capacity", "share"])}


def sentences(tables: Tables) -> list[Sentence]:
    """Each change, and the fullest route."""
    found = changes(NAME, tables, "routes")
    if len(tables["route_use"]):
        row = str(tables["route_use"].iloc[0]["route"])
        figures = {
            "route": Cell("route_use", row, "route", "text"),
            "share": Cell("route_use", row, "share", "percent"),
        }
        found.append(
            Sentence(
                f"{NAME}/fullest",
                "The fullest route of the plan that covers most is {route}, used to {share} of its capacity.",
                figures,
                "plans found",
            )
        )
    return found


ANSWER = Answer(
    NAME,
    "Routes and lift",
    "Do roads, rail, ports and lift hold the coalition back?",
    cases,
    tables,
    sentences,
    limits="All capacities are assumed, and movement counts once per deployment; supply convoys and attacks on routes are not modelled.",
)
