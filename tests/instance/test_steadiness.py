"""Findings on commitments: more than there is, more than rotation can carry, and just as many."""

from __future__ import annotations

import pytest

from tests.plan.small import world


def findings(**pledge: object) -> list[tuple[str, str]]:
    """Severity and code of what is said of one pledge of four units over four periods."""
    from optimizer.instance.findings import InvalidInstance
    from optimizer.instance.read.examine import check_instance

    try:
        row = {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, **pledge}
        found = check_instance(world(periods=4, pledges=[row]))
    except InvalidInstance as error:
        found = error.findings
    return [(finding.severity, finding.code) for finding in found if finding.code.startswith("committed")]


@pytest.mark.parametrize(("committed", "said"), [(4, []), (5, [("error", "committed-above-quantity")])])
def test_no_more_is_committed_than_there_is(committed: int, said: list[tuple[str, str]]) -> None:
    """All units may be committed; one more is an error."""
    assert findings(committed=committed) == said


@pytest.mark.parametrize("rotation", [{"tour": 1, "dwell": 1}, {"rotation_factor": 2}])
@pytest.mark.parametrize(("committed", "said"), [(2, []), (3, [("warning", "committed-above-rotation")])])
def test_rotation_carries_what_is_committed(
    rotation: dict[str, object], committed: int, said: list[tuple[str, str]]
) -> None:
    """A tour and as long a rest keep half of the units out; one more is a warning."""
    assert findings(committed=committed, **rotation) == said


# missions that may come and go


def doubts(periods: int = 6, mission: dict[str, object] | None = None, **tables: list[dict[str, object]]) -> list[str]:
    """What is said of a mission with two posts that may come and go, as text."""
    from optimizer.instance.read.examine import check_instance

    instance = world(periods=periods, missions=[{"mission": "watch", **(mission or {})}], **tables)
    return [str(finding) for finding in check_instance(instance) if finding.code == "may-come-and-go"]


def posts(**stays: int | None) -> list[dict[str, object]]:
    """Rows of `posts` with a least stay."""
    return [{"mission": "watch", "area": area, "min_stay": stay} for area, stay in stays.items()]


def test_a_mission_that_may_come_and_go_is_named_once() -> None:
    """Posts wanted for four periods in a row, without continuity or least stay, are one warning that names the cells to fill."""
    (said,) = doubts()
    for words in (
        "warning",
        "missions, row 2, column continuity",
        "watch:north, watch:south",
        "6 periods in a row",
        "Write true in missions, column continuity",
        "posts, column min_stay",
    ):
        assert words in said


@pytest.mark.parametrize("periods", [1, 2, 3])
def test_short_horizons_are_not_doubted(periods: int) -> None:
    """Over one to three periods nothing is said."""
    assert doubts(periods) == []


def test_what_ends_the_doubt() -> None:
    """Continuity, a least stay of every post (1 too), a post that must be mounted, or short windows."""
    assert doubts(mission={"continuity": True}) == []
    assert doubts(mission={"continuity": False}) != []
    assert doubts(posts=posts(north=2, south=1)) == []
    assert doubts(posts=[{"mission": "watch", "area": area, "must": True} for area in ("north", "south")]) == []
    line = {"mission": "watch", "capability": "guard", "target": 10, "area": "north"}
    windows = [
        {"requirement": "early", **line, "until": 3},
        {"requirement": "late", **line, "from": 5, "until": 6},
    ]
    assert doubts(requirements=windows) == []
    assert len(doubts(requirements=[*windows, {"requirement": "between", **line, "from": 4, "until": 4}])) == 1


def test_only_posts_without_a_least_stay_are_named() -> None:
    """A post with a least stay is left out, and one post is named in the singular."""
    (said,) = doubts(posts=posts(north=2))
    assert "the post watch:south is wanted" in said
    assert "north" not in said
