"""Family 12 as the verifier reads it: what keeps the rules, what breaks them just so, and which posts with nobody stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.small import Row, judge, world


def north(**more: Any) -> list[Row]:
    """The line in the north with more said of it, and the one in the south."""
    line = {"mission": "watch", "capability": "guard", "target": 10}
    return [
        {"requirement": "north", "area": "north", **line, **more},
        {"requirement": "south", "area": "south", **line},
    ]


def post(**more: Any) -> dict[str, list[Row]]:
    return {"posts": [{"mission": "watch", "area": "north", **more}]}


STAY = {"nations": [{"nation": "A", "min_stay": 2}, {"nation": "B"}, {"nation": "C"}]}
THREE = {"requirements": north(threshold=1), **post(min_stay=3)}

CASES = [
    # what, tables, kept, broken, rule, period
    ("a post stays for three periods", THREE, "A north 1-3 1", "A north 1-2 1", "post_stay", 3),
    ("or to the end of its time", THREE, "A north 3-4 1", "A north 2 1", "post_stay", 3),
    (
        "others may take over at a post",
        THREE,
        "A north 1 1; B north 2-3 1",
        "A north 1 1; B north 3-4 1",
        "post_stay",
        2,
    ),
    ("a nation stays for two periods", STAY, "A north 2-3 1", "A north 2 1", "nation_stay", 3),
    ("or to the end of the horizon", STAY, "A north 4 1", "A north 1 1", "nation_stay", 2),
    ("at each post for itself", STAY, "A north 1-2 1; A south 3-4 1", "A north 1 1; A south 2-4 1", "nation_stay", 2),
    (
        "the row of a pair beats the nation's",
        {**STAY, "participation": [{"nation": "A", "area": "north", "min_stay": 1}]},
        "A north 1 1",
        "A south 1 1",
        "nation_stay",
        2,
    ),
    (
        "a row for anybody too",
        {**STAY, "participation": [{"min_stay": 3}]},
        "A north 1-3 1",
        "B north 1-2 1",
        "nation_stay",
        3,
    ),
    (
        "a line falls by a fifth at most",
        {"requirements": north(max_drop=0.2)},
        "A north 1 2; A north 2 1; A north 3 0",
        "A north 1 2",
        "max_drop",
        2,
    ),
    ("nothing is asked at the end", {"requirements": north(max_drop=0.2)}, "A north 4 4", "A north 3 4", "max_drop", 4),
    (
        "what is committed serves",
        {
            "pledges": [
                {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "committed": 2, "from": 2, "until": 3}
            ]
        },
        "A north 2 2; A north 3 1; A south 3 1",
        "A north 2-3 1; A south 2 1",
        "committed",
        3,
    ),
]


@pytest.mark.parametrize(
    ("tables", "kept", "broken", "rule", "period"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_kept_and_broken(tables: dict[str, list[Row]], kept: str, broken: str, rule: str, period: int) -> None:
    """One plan keeps the rule; another, one unit or period away, breaks it, and nothing else, in the period named."""
    instance = world(periods=4, **tables)
    assert judge(instance, kept).holds
    found = judge(instance, broken).violations
    assert [(violation.rule, violation.period) for violation in found] == [(rule, period)]
    assert found[0].source


def test_a_post_with_nobody_stands_only_as_long_as_it_must() -> None:
    """Instruments meet the threshold in the first period alone: with a least stay of two the post does not stand, without it does."""
    early = {
        "requirement": "early",
        "mission": "watch",
        "area": "north",
        "capability": "guard",
        "target": 4,
        "threshold": 1,
        "until": 1,
    }
    late = {
        "requirement": "late",
        "mission": "watch",
        "area": "north",
        "capability": "care",
        "target": 4,
        "threshold": 1,
    }
    more = {
        "requirements": [early, {**late, "from": 2}],
        "instruments": [{"instrument": "help"}],
        "instrument_yields": [{"instrument": "help", "capability": "guard", "amount": 2}],
    }
    used = [{"instrument": "help", "used": True}]
    for stay, stands in ((None, True), (2, False)):
        tables = {**more, **({} if stay is None else post(min_stay=stay))}
        found = judge(world(periods=2, **tables), "", instruments=used)
        assert found.holds
        mounted = found.frames["posts"].set_index("period")["mounted"].tolist()
        assert mounted == [stands, False]


def test_turnover_counts_spells() -> None:
    """A nation that leaves and comes back arrives twice; at two posts, at each."""
    instance = world(periods=4, aims=[{"name": "turnover"}])
    assert judge(instance, "A north 1-4 1").values["turnover"] == 1
    assert judge(instance, "A north 1 1; A north 3 1; A south 3 1; B north 2-3 2").values["turnover"] == 4
    assert judge(instance, "").values["turnover"] == 0


def test_two_times_of_one_post_are_two_arrivals() -> None:
    """Where a post is closed for a period by the window of its lines, a nation there before and after arrives twice."""
    lines = [
        {
            "requirement": name,
            "mission": "watch",
            "area": "north",
            "capability": "guard",
            "target": 4,
            "from": first,
            "until": last,
        }
        for name, first, last in (("spring", 1, 1), ("autumn", 3, 3))
    ]
    instance = world(
        periods=3, requirements=lines, nations=[{"nation": "A", "min_stay": 3}, {"nation": "B"}, {"nation": "C"}]
    )
    found = judge(instance, "A spring 1 1; A autumn 3 1")
    assert found.holds
    assert found.values["turnover"] == 2
