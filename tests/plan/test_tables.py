"""The descriptions of a plan's tables hold for what is written, read and checked."""

from __future__ import annotations

import dataclasses

import pytest

from optimizer.plan.case import read_case
from optimizer.plan.derive import derive
from optimizer.plan.frames import PLAN_TABLES, PlanTable
from optimizer.plan.gather import Decisions, gather
from optimizer.plan.plan import Plan
from optimizer.plan.rules.movement import move

from .small import BEST_OF_TWO_POSTS, rows, two_posts


def test_every_table_is_described() -> None:
    """A plan has exactly the tables that are described, and the check derives exactly these, with these columns."""
    facts = gather(read_case(two_posts()), Decisions(rows(BEST_OF_TWO_POSTS)))
    frames = derive(facts, move(facts), (), "cost")
    assert list(frames) == list(PLAN_TABLES)
    assert set(PLAN_TABLES) <= {field.name for field in dataclasses.fields(Plan)}
    for name, table in PLAN_TABLES.items():
        assert list(frames[name].columns) == list(table.columns)


@pytest.mark.parametrize("table", PLAN_TABLES.values(), ids=lambda table: table.name)
def test_a_description_is_whole(table: PlanTable) -> None:
    """Keys, labels and given columns are columns; a row is described in a sentence; a period belongs to the key."""
    assert table.key
    for columns in (table.key, table.outcome_key, table.given):
        assert set(columns) <= set(table.columns)
    assert table.about.endswith(".")
    assert ("period" in table.key) == ("period" in table.columns)
    assert not table.given or not table.derived
    assert set(table.outcome_key) <= set(table.key) - {"period"}
