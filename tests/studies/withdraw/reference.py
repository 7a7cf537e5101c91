"""The reference: every set of nations taken out of plain rows by code of its own, each solved by the oracle; and what is left of a plan, read literally."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from random import Random
from typing import Any

import numpy as np

import optimizer as fg
from optimizer.instance.findings import InvalidInstance
from optimizer.studies import workers
from optimizer.studies.withdraw.answering import Leaver
from tests.oracle.brute import (
    Plans,
    Row,
    Tables,
    TooLarge,
    aim_value,
    aims_in_order,
    best,
    mounting,
    number,
    post_row,
    presence,
    read,
    read_value,
    thresholds_met,
    words,
)
from tests.oracle.random_instances import FAMILIES, tiny

COUNTED = {"coverage", "weakest_mission"}


def work_here(monkeypatch: Any) -> None:
    """Runs are answered in this process: a process of its own takes longer to start than to answer."""

    def here(workload: Any, jobs: int, care: Any) -> Generator[Any, None, None]:
        answerer = Leaver(workload.setup)
        for chunk, start in workload.orders():
            for variant in chunk:
                yield answerer.answer(variant, start)

    monkeypatch.setattr(workers, "run_here", here)


def draw(
    seed: int, families: frozenset[str] = FAMILIES, most: int = 400
) -> tuple[fg.Instance, Tables, Row, str | None]:
    """A tiny instance of which more nations pledge something, with a scenario in which it has a plan."""
    for attempt in itertools.count():
        tables, header, _ = tiny(seed + 1000 * attempt, families, most)
        rng = Random(f"withdraw/{seed}/{attempt}")
        if header.get("aims"):
            header["aims"] = [aim for aim in header["aims"] if aim["name"] != "changes"] or [{"name": "coverage"}]
        fair = any("fair_share" in row for row in tables["nations"])
        for place, row in enumerate(tables["pledges"]):
            if rng.random() < 0.6:
                row["nation"] = f"N{place}"
                tables["nations"].append({"nation": f"N{place}", **({"fair_share": 1} if fair else {})})
        header.setdefault("aims", [{"name": "coverage"}])
        try:
            instance = fg.Instance.from_tables(tables, header)
        except InvalidInstance:
            continue
        scenario = rng.choice([None, *instance.scenarios])
        try:
            if best(tables, header, scenario, cap=20_000).feasible:
                return instance, tables, header, scenario
        except TooLarge:
            continue
    raise AssertionError("unreachable")


def without(tables: Tables, out: tuple[str, ...]) -> Tables:
    """The rows without the pledges of some nations."""
    gone = {row["pledge"] for row in tables["pledges"] if row["nation"] in out}
    left = {name: [row for row in rows if row.get("pledge") not in gone] for name, rows in tables.items()}
    if "changes" in left:
        left["changes"] = [row for row in left["changes"] if row["table"] != "pledges" or row["key"] not in gone]
    if not left["pledges"]:  # the oracle wants one
        row = tables["pledges"][0]
        left["pledges"] = [{"pledge": "nothing", "nation": row["nation"], "unit_type": row["unit_type"], "quantity": 0}]
    return {name: rows for name, rows in left.items() if rows}


def first_level(tables: Tables, header: Row, scenario: str | None) -> list[Row]:
    """The aims of the first priority."""
    aims = aims_in_order(read(tables, header, scenario), header)
    return [aim for aim in aims if aim.get("priority", 1) == aims[0].get("priority", 1)]


def value(tables: Tables, header: Row, scenario: str | None, out: tuple[str, ...]) -> float | None:
    """The best value of the first level without some nations; None: there is no plan."""
    aims = first_level(tables, header, scenario)
    found = best(without(tables, out), {**header, "aims": aims}, scenario, cap=20_000)
    if not found.feasible:
        return None
    return found.aims[0][1] if len(aims) == 1 else found.levels[0]


def kept(tables: Tables, header: Row, scenario: str | None, plan: fg.Plan, out: tuple[str, ...]) -> float | None:
    """What is left of a plan, read literally; None where the first level counts more than coverage."""
    aims = first_level(tables, header, scenario)
    if any(aim["name"] not in COUNTED for aim in aims):
        return None
    facts = read(without(tables, out), header, scenario)
    places = [row["pledge"] for row in facts.pledges], [row["requirement"] for row in facts.lines]
    x = np.zeros((1, len(facts.pledges), len(facts.lines), facts.horizon))
    for row in plan.assignments.to_dict("records"):
        if row["pledge"] in places[0]:
            x[0, places[0].index(row["pledge"]), places[1].index(row["requirement"]), row["period"] - 1] = row["units"]
    used = set(plan.instruments.loc[plan.instruments["used"].astype(bool), "instrument"])
    on = np.array(
        [[row["instrument"] in used and not words(row.get("sponsors")) & set(out) for row in facts.instruments]]
    )
    delivered = np.einsum("aprt,pr->art", x, facts.amount)
    delivered = delivered + np.einsum("ai,irt->art", on.astype(float), facts.instrument_amount) * facts.active
    mounted = mounting(facts, np.einsum("aprt,jr->ajt", x, facts.by_post) > 0, delivered)
    mounted &= thresholds_met(facts, delivered)
    zero = np.zeros(x.shape)
    plans = Plans(x, zero, zero, on.astype(float), delivered, mounted, np.zeros(1))
    present = presence(facts, plans)[0]
    named = plan.participation[plan.participation["leads"].astype(bool)].to_dict("records")
    for j, post in enumerate(facts.posts):
        row = post_row(facts, post)
        mounted[0, j] &= present[:, j].sum(axis=0) >= number(row, "min_nations")
        if read_value(row, "lead") == "required":
            term = int(read_value(row, "lead_term", facts.horizon))
            for t in range(facts.horizon):
                mounted[0, j, t] &= any(
                    one["nation"] not in out
                    and str(t // term + 1) in str(one["lead_terms"]).split(";")
                    and present[[n["nation"] for n in facts.nations].index(one["nation"]), j, t]
                    for one in named
                    if (one["mission"], one["area"]) == post
                )
    values = [float(aim_value(facts, plans, aim, None)[0]) for aim in aims]
    if len(aims) == 1:
        return values[0]
    return sum(float(aim.get("weight", 1.0)) * one for aim, one in zip(aims, values, strict=True))
