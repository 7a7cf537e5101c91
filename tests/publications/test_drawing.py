"""Draws on the tutorial: between the ends of a case lies what an exact solve finds in the draw, whatever the first draws are used for."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import optimizer as fg
from optimizer.studies.pool import Pool, PooledPlan
from publications.paris import drawing
from publications.paris.cases import Case, drawn
from publications.paris.draws import CASES, DRAWS, Claim, holds, points
from publications.paris.ledger import Ledger
from publications.paris.sentences import is_blank
from publications.paris.setup import Setup

CEILINGS = dict(zip(CASES, (100, 150, 300, 600, 0), strict=True))
"""Personnel of Eastland by case; the last case stands apart."""
CLAIMS = [
    Claim("gains", "base", "ground-0", ">=", 1.0),
    Claim("far-too-much", "ground-64000", "base", ">=", 99.0),
    Claim("at-most", "ceasefire=false", "", "<=", 100.0),
]


def cells_at(_, point):
    """A draw sets one cell: the personnel of Westland."""
    return (f"nations.west.max_personnel={round(400 * point['caps']):d}",)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A ledger, its order, and four draws, of which the first two serve the others."""
    patched = pytest.MonkeyPatch()
    patched.setattr(drawing, "cells_at", cells_at)
    patched.setattr(drawing, "FIRST", 2)
    ledger = Ledger(tmp_path_factory.mktemp("runs"), say=lambda _: None)
    cells = {name: (f"nations.east.max_personnel={most}",) for name, most in CEILINGS.items()}
    scenario = dict.fromkeys(CASES) | {CASES[-1]: "no-ceasefire"}
    ledger.know([Case(name, "", "tutorial", scenario[name], cells[name], seconds=5.0) for name in CASES])
    ledger.settle()
    order = drawing._order(Setup("tutorial", ""), ledger, CLAIMS)
    order.home.mkdir(parents=True)
    for number in range(4):
        drawing._made((order, number))
    yield ledger, order, drawing._table(order.home)
    patched.undo()


def exactly(case, point):
    variant = drawn(case, cells_at(None, point))
    return fg.solve(variant.instance, variant.scenario, gap=0.0, child=False).aim("coverage")


@pytest.mark.parametrize("number", range(4))
def test_between_the_ends_lies_the_best(made, number):
    ledger, _, table = made
    row, point = table.iloc[number], points(DRAWS)[number]
    told = 0
    for name in CASES:
        best = exactly(ledger.cases[name], point)
        for end, sign in (("at_least", 1.0), ("at_most", -1.0)):
            if not is_blank(row[f"{name} {end}"]):
                assert sign * row[f"{name} {end}"] <= sign * best + 1e-4, (name, end)
                told += 1
    assert told >= 6


def test_the_first_draws_are_solved_as_far_as_claims_ask(made):
    """Relaxations also where a claim is told without; of later draws plans and prices are not kept."""
    _, order, _ = made
    first, later = (json.loads((order.home / f"{number:04d}.json").read_text("utf-8")) for number in (1, 2))
    assert "cases" not in later
    needed = [ask for claim in CLAIMS for ask in claim.needs]
    assert all(first["cases"][name]["prices"] for name, end in needed if end == "at_most")
    assert any(first["cases"][name]["plan"] for name, end in needed if end == "at_least")


def test_later_draws_are_told_by_the_first(made, monkeypatch):
    """Nothing is solved where the plans and prices of the first draws tell every claim."""
    _, order, _ = made
    asked = []
    monkeypatch.setattr(drawing.Draw, "solve", lambda _, name, end: asked.append((name, end)))
    draw = drawing.Draw(order, 2)
    draw.try_known(drawing._first(order.home))
    told = [claim for claim in CLAIMS if holds(claim, draw.ends) is not None]
    assert told
    draw.settle(CLAIMS)
    assert set(asked) <= {ask for claim in CLAIMS if claim not in told for ask in claim.needs}


def test_claims_that_stay_open_are_not_solved_for(made):
    """What is claimed far too much is left open, and costs nothing."""
    _, order, _ = made
    worth = drawing._worth_solving(order)
    assert "far-too-much" not in {claim.name for claim in worth}
    assert "at-most" in {claim.name for claim in worth}


def test_ends_travel_along_the_ceilings(made):
    _, order, _ = made
    draw = drawing.Draw(order, 3)
    draw.learn("ground-10000", "at_least", 30.0)
    draw.learn("ground-64000", "at_most", 70.0)
    draw.learn("base", "at_least", 20.0)
    lows, highs = ([draw.ends[f"{name} {end}"] for name in CASES] for end in ("at_least", "at_most"))
    assert lows == [None, 30.0, 30.0, 30.0, None]
    assert highs == [70.0, 70.0, 70.0, 70.0, None]


def test_a_plan_that_breaks_a_rule_is_not_taken(made):
    """What is left of a plan sends nothing beyond it, and the verifier has the last word."""
    ledger, *_ = made
    made_of = drawing.Made(drawn(ledger.cases["ground-0"], ("nations.west.max_personnel=0",)))
    plans = Pool(ledger.folder / "pool").plans()
    best = next(plan for plan in plans if plan.key == ledger.entries["ground-64000"].plan)
    assert made_of.first_that_holds([best]) is None
    left = made_of.fitting.within([best], 5.0)
    assert isinstance(left, PooledPlan)
    assert left.is_within(best)
    assert made_of.first_that_holds([left]) is not None


def test_draws_are_kept_between_runs(made, monkeypatch):
    """The table ends before the first draw that is not there."""
    ledger, order, table = made
    assert table["draw"].tolist() == [0, 1, 2, 3]
    (order.home / "0002.json").rename(order.home / "kept")
    assert drawing._table(order.home)["draw"].tolist() == [0, 1]
    (order.home / "kept").rename(order.home / "0002.json")
    monkeypatch.setattr(drawing, "DRAWS", 0)
    assert list(drawing.run(order.setup, ledger, CLAIMS).columns) == list(table.columns)


def test_a_claim_that_lacks_few_draws_gets_more_time(made, tmp_path, monkeypatch):
    """What was not known of an open draw is found; each is solved again once, and no other draw is touched."""
    _, order, table = made
    claim, number = CLAIMS[0], 3
    assert holds(claim, table.iloc[number]) is True
    home = Path(shutil.copytree(order.home, tmp_path / "home"))
    monkeypatch.setattr(drawing.Order, "home", property(lambda _: home))
    path = home / f"{number:04d}.json"
    record = json.loads(path.read_text("utf-8"))
    record["ends"] |= dict.fromkeys(f"{name} {end}" for name, end in claim.needs)
    path.write_text(json.dumps(record))
    others = {one.name: one.read_bytes() for one in home.iterdir() if one != path}
    assert holds(claim, drawing._table(home).iloc[number]) is None
    said = []
    for _ in range(2):
        drawing.narrow(replace(order, claims=(claim,)), SimpleNamespace(map=map), math.inf, said.append)
    assert holds(claim, drawing._table(home).iloc[number]) is True
    assert others == {one.name: one.read_bytes() for one in home.iterdir() if one != path}
    assert said == ["gains lacked 1 draws; solved again: 3"]
