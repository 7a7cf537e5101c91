"""How steady a plan is: its table `steadiness`, the sentence made of it, and the marks in the grid of posts and periods."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.instance.instance import Instance
from optimizer.plan.check import verify
from optimizer.plan.evaluate import evaluate
from optimizer.plan.gather import Decisions
from optimizer.plan.plan import Ending, Plan, plan_from_solution
from optimizer.plan.steadiness import marks, sentence, spells_of, stays_of
from optimizer.plan.store import load_plan, save_plan
from optimizer.plan.verify import RejectedPlan
from optimizer.reporting.describe import describe
from optimizer.reporting.markdown import render_markdown
from optimizer.reporting.page import render_page
from optimizer.reporting.workbook import render_workbook
from tests.oracle.random_instances import FAMILIES, tiny
from tests.plan.small import rows, world

NORTH = {
    "requirement": "north",
    "mission": "watch",
    "area": "north",
    "capability": "guard",
    "target": 10,
    "threshold": 2,
}
SOUTH = {
    "requirement": "south",
    "mission": "watch",
    "area": "south",
    "capability": "guard",
    "target": 10,
    "threshold": 2,
}


def made(plan: str, periods: int = 6, instance: Instance | None = None, **decided: Any) -> Plan:
    """A plan in one line, on two posts with thresholds."""
    instance = instance or world(periods=periods, requirements=[NORTH, SOUTH])
    return plan_from_solution(instance, None, Ending("feasible"), Decisions(rows(plan), **decided))


def row(plan: Plan, what: str, key: str) -> dict[str, Any]:
    """One row of the table, blanks as None."""
    table = plan.steadiness
    found = table[(table["what"] == what) & (table["key"] == key)].to_dict("records")
    assert len(found) == 1
    return {str(name): None if pd.isna(cell) else cell for name, cell in found[0].items()}


def test_a_post_that_closes_and_reopens() -> None:
    """Three spells in one block: two closures, two of the spells begin again, and what is open lasts four periods of six."""
    found = row(made("A north 1-2 1; B north 4 1; A north 6 1"), "post", "watch:north")
    assert (found["spells"], found["closes"], found["reopens"]) == (3, 2, 2)
    assert (found["periods"], found["not_mounted"]) == (4, 2)
    assert found["mean_stay"] == pytest.approx(4 / 3)


def test_a_nation_relieves_itself_and_others() -> None:
    """A stay is the nation's, whatever pledge serves; a nation that takes over from another arrives."""
    plan = made("A north 1-2 1; B north 3-6 1; A north 5 2")
    assert row(plan, "pair", "A:watch:north") | {"what": "", "key": ""} == {
        "what": "",
        "key": "",
        "spells": 2,
        "closes": 2,
        "reopens": 1,
        "periods": 3,
        "mean_stay": 1.5,
        "not_mounted": None,
        "largest_drop": None,
        "drop_share": None,
        "drop_period": None,
    }
    assert row(plan, "pair", "B:watch:north")["spells"] == 1
    assert row(plan, "post", "watch:north")["reopens"] == 0


def test_the_largest_drop_counts_what_is_over_delivered() -> None:
    """Six units deliver 12 of a target of 10; the fall to one unit is 10, in period 3, and closing the post is a fall too."""
    found = row(made("A north 1-2 4; B north 1-2 2; A north 3 1"), "line", "north")
    assert (found["largest_drop"], found["drop_share"], found["drop_period"]) == (10.0, 1.0, 3)
    assert row(made("A north 1-3 4"), "line", "north")["drop_period"] == 4
    never = row(made("A north 1-6 4"), "line", "north")
    assert (never["largest_drop"], never["drop_share"], never["drop_period"]) == (0.0, 0.0, None)


def test_blocks_are_apart() -> None:
    """A nation in two blocks of one post arrives twice, and nothing closes between them; nor is there a fall across the gap."""
    lines = [NORTH | {"until": 2}, NORTH | {"requirement": "later", "from": 4}]
    instance = world(periods=5, requirements=lines)
    plan = made("A north 1-2 2; A later 4-5 1", instance=instance)
    assert row(plan, "post", "watch:north") | {"mean_stay": 2.0} == row(plan, "post", "watch:north")
    for what, key in (("post", "watch:north"), ("pair", "A:watch:north")):
        found = row(plan, what, key)
        assert (found["spells"], found["closes"], found["reopens"]) == (2, 0, 0)
    assert row(plan, "post", "watch:north")["not_mounted"] == 0
    assert row(plan, "line", "north")["largest_drop"] == 0.0


def test_posts_with_nobody_follow_the_table_of_posts() -> None:
    """A post without threshold is mounted throughout, though somebody is there in one period only."""
    plan = made("A north 2 1", periods=3, instance=world(periods=3))
    found = row(plan, "post", "watch:north")
    assert plan.posts.query("area == 'north'")["mounted"].all()
    assert (found["spells"], found["periods"], found["not_mounted"]) == (1, 3, 0)
    assert row(plan, "pair", "A:watch:north")["periods"] == 1


@pytest.mark.parametrize("seed", range(30))
def test_arrivals_are_the_aim_turnover(seed: int) -> None:
    """The spells of all pairs add up to the aim `turnover`, whatever the plan; periods inside blocks are mounted or not."""
    tables, header, _ = tiny(seed, FAMILIES)
    header = {**header, "aims": [{"name": "turnover", "priority": 1}]}
    instance = Instance.from_tables(tables, header=header, impossible=True)
    lines = instance.rows("requirements")
    plan = [
        {"pledge": pledge["pledge"], "requirement": line["requirement"], "period": period, "units": 1}
        for number, pledge in enumerate(instance.rows("pledges"))
        for place, line in enumerate(lines)
        for period in range(1, instance.header.periods + 1)
        if (seed + number + place * period) % 3 == 0
    ]
    found = evaluate(instance, None, Decisions(plan))
    table, posts = found.frames["steadiness"], found.frames["posts"]
    assert table.query("what == 'pair'")["spells"].sum() == found.aims[0].value
    of_posts = table.query("what == 'post'")
    assert (of_posts["periods"] + of_posts["not_mounted"]).sum() == posts["active"].sum()
    assert len(of_posts) == len(posts[["mission", "area"]].drop_duplicates())
    assert len(table) == len(table[["what", "key"]].drop_duplicates())


def test_keys_are_told_apart() -> None:
    """Names that hold the sign between the parts of a key give rows of their own."""
    lines = [NORTH | {"area": "b:c", "mission": "a"}, SOUTH | {"area": "c", "mission": "a:b"}]
    areas = [{"area": "b:c", "host": "X"}, {"area": "c", "host": "X"}]
    instance = world(periods=2, missions=[{"mission": "a"}, {"mission": "a:b"}], areas=areas, requirements=lines)
    plan = made("A north 1-2 1; B south 1 1", instance=instance)
    assert sorted(plan.steadiness.query("what == 'post'")["key"]) == ["a:b:c", "a:b:c (2)"]
    verify(instance, plan)


# written, read, verified


def test_the_table_is_written_read_and_verified(tmp_path: Path) -> None:
    """`steadiness.csv` stands in the folder and reads back; a cell that does not follow from the plan is rejected."""
    plan = made("A north 1-2 1; B north 4 1; A north 6 1")
    save_plan(plan, tmp_path / "plan")
    heading = (tmp_path / "plan" / "steadiness.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert {"what", "key", "spells", "periods", "mean_stay", "largest_drop"} <= set(heading)
    again = load_plan(tmp_path / "plan")
    pd.testing.assert_frame_equal(again.steadiness, plan.steadiness)
    verify(plan.instance, again)
    for column, value in (("spells", 9), ("mean_stay", 9.5), ("largest_drop", 0.5), ("key", "nowhere")):
        table = plan.steadiness.copy()
        table[column] = table[column].astype(object)
        table.loc[len(table) - 1, column] = value
        with pytest.raises(RejectedPlan, match="steadiness"):
            verify(plan.instance, dataclasses.replace(plan, steadiness=table))


def test_a_plan_by_hand_may_bring_it(tmp_path: Path) -> None:
    """Beside assignments by hand, the columns of the table that are there must be true; none need be."""
    instance = world(periods=2, requirements=[NORTH])
    (tmp_path / "assignments.csv").write_text("pledge,requirement,period,units\nA,north,1,1\n")
    verify(instance, tmp_path)
    stated = "what,key,spells,periods,mean_stay,largest_drop\npost,watch:north,1,1,1,\nline,north,,,,"
    (tmp_path / "steadiness.csv").write_text(stated + "2\n")
    verify(instance, tmp_path)
    (tmp_path / "steadiness.csv").write_text(stated + "3\n")
    with pytest.raises(RejectedPlan, match=r"steadiness.*largest_drop"):
        verify(instance, tmp_path)


# in words


@pytest.mark.parametrize(
    ("plan", "periods", "words"),
    [
        (
            "A north 1-2 1; A north 4 1; A south 1-6 1",
            6,
            "1 of 2 posts closes and reopens; nations stay 3 half-years on average; 3 arrivals for 2 pairs of nation and post.",
        ),
        (
            "A north 1-2 1; B north 4 1; C south 1 1; C south 3 1",
            4,
            "2 of 2 posts close and reopen; nations stay 1.2 half-years on average; 4 arrivals for 3 pairs of nation and post.",
        ),
        (
            "A north 1 1",
            6,
            "No post closes and reopens; nations stay 1 half-year on average; 1 arrival for 1 pair of nation and post.",
        ),
        ("", 6, "No post closes and reopens; no nation is present anywhere."),
        ("A north 1 1", 1, ""),
    ],
)
def test_the_sentence(plan: str, periods: int, words: str) -> None:
    """It follows from the table, in singular and plural; of one period there is nothing to say."""
    found = made(plan, periods)
    assert sentence(found.steadiness, periods, 6) == words
    assert (words in found.summary().splitlines()) == bool(words)
    assert "reopens" in found.summary() or not words or words.startswith("2")


def test_the_sentence_for_one_post_and_other_periods() -> None:
    """One post is no count, and a period that has no name is a period."""
    instance = world(periods=4, requirements=[NORTH])
    table = made("A north 1-2 1; A north 4 1", instance=instance).steadiness
    assert sentence(table, 4, 3).startswith("The only post closes and reopens; nations stay 1.5 quarters on average;")
    assert "1.5 periods" in sentence(table, 4, 5)
    assert sentence(made("A north 1 1", instance=instance).steadiness, 4, 6).startswith(
        "The only post never closes and"
    )


def test_no_posts_no_words() -> None:
    """Where there is no post, nothing is said."""
    assert sentence(made("").steadiness.iloc[:0], 6, 6) == ""


@pytest.mark.parametrize(
    ("active", "holds", "spells"),
    [
        ({1, 2, 3}, {1, 2, 3}, [(1, 3, False, False)]),
        ({1, 2, 3}, {1, 3}, [(1, 1, False, True), (3, 3, True, False)]),
        ({1, 3}, {1, 3}, [(1, 1, False, False), (3, 3, False, False)]),
        ({2, 3}, {1, 2, 3, 4}, [(2, 3, False, False)]),
        ({1, 2, 3, 4}, {2}, [(2, 2, False, True)]),
        ({1, 2}, set(), []),
    ],
)
def test_spells(active: set[int], holds: set[int], spells: list[tuple[int, int, bool, bool]]) -> None:
    """A spell lies in one block; it is again after another of its block, and early where its block goes on."""
    assert [tuple(spell) for spell in spells_of(active, holds)] == spells


def test_the_marks_agree_with_the_table() -> None:
    """Each closure, reopening and arrival has its mark, and there are as many as the table counts."""
    plan = made("A north 1-2 1; B north 2 1; C north 4-6 1; B north 5 1; A south 3-6 1")
    stays = stays_of(plan.posts, plan.assignments)
    assert marks(stays, ("watch", "north"), 6) == ["■ +1", "■ +1", "▼ −2", "▲ +1", "■ +1", "■ −1"]
    assert marks(stays, ("watch", "south"), 6) == ["□", "□", "■ +1", "■", "■", "■"]


@pytest.fixture(scope="module")
def unsteady() -> Plan:
    """A plan in which a post closes and reopens."""
    return made("A north 1-2 1; B north 4 1; A north 6 1; A south 1-6 1")


def test_the_reports_show_it(unsteady: Plan) -> None:
    """Sentence, legend, grid and falls are on the page and in markdown; the workbook has the sentence and the table."""
    words = sentence(unsteady.steadiness, 6, 6)
    section = describe(unsteady).section("steadiness")
    assert section is not None
    assert section.text[0] == words
    grid, falls = section.tables
    assert grid.rows[0] == ("watch", "north", "■ +1", "■", "▼ −1", "▲ +1", "▼ −1", "▲ +1")
    assert [line[0] for line in falls.rows] == ["north"]
    assert falls.rows[0][3:] == (2.0, "", 0.2, "3")
    page, text = render_page(describe(unsteady)), render_markdown(describe(unsteady))
    for shown in (page, text):
        assert words in shown
        assert "▲ reopens" in shown
        assert "▼ −1" in shown
    assert len(render_workbook(unsteady)) > 0


def test_one_period_has_no_section() -> None:
    """In one period there is nothing steady or unsteady."""
    assert describe(made("A north 1 1", periods=1)).section("steadiness") is None
