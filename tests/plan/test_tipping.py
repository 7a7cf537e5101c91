"""Whose joining brings whom: the tables `links` and `tipping`, against cases by hand and against plain enumeration."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.plan.small import Row, judge, world

GROUP = [{"group": "g", "nation": nation} for nation in "BC"]


def link(nation: str, other: str, kind: str = "needs", **more: Any) -> Row:
    return {"link": f"{nation}-{other}", "kind": kind, "nation": nation, "other": other} | more


def tables(plan: str, links: list[Row], scenario: str | None = None, **more: Any) -> tuple[list[Any], list[Any]]:
    """Rows of the two tables: (nation, state, serving, spare), and all of `tipping`; blanks are None."""
    frames = judge(world(links=links, **more), plan, scenario).frames
    shown = frames["links"][["nation", "state", "serving", "spare"]]
    return _plain(shown), _plain(frames["tipping"])


def _plain(frame: pd.DataFrame) -> list[Any]:
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)]


HAND: dict[str, tuple[str, list[Row], dict[str, Any], list[Any], list[Any]]] = {
    "needs": (
        "A north 1 2; B south 1 1",
        [link("A", "B")],
        {},
        [("A", "brought", "B", 0)],
        [("B", "stays away", "A", "leaves", "A-B", 1, 1, 200.0)],
    ),
    "a chain of two": (
        "A north 1 1; B north 1 1; C south 1 1",
        [link("A", "B"), link("B", "C")],
        {},
        [("A", "brought", "B", 0), ("B", "brought", "C", 0)],
        [
            ("B", "stays away", "A", "leaves", "A-B", 1, 1, 100.0),
            ("C", "stays away", "B", "leaves", "B-C", 1, 1, 100.0),
            ("C", "stays away", "A", "leaves", "A-B", 2, 1, 100.0),
        ],
    ),
    "each needs the other": (
        "A north 1 1; B north 1 2",
        [link("A", "B"), link("B", "A")],
        {},
        [("A", "brought", "B", 0), ("B", "brought", "A", 0)],
        [
            ("A", "stays away", "B", "leaves", "B-A", 1, 1, 200.0),
            ("B", "stays away", "A", "leaves", "A-B", 1, 1, 100.0),
        ],
    ),
    "each needs the other and neither is there: nothing keeps them": (
        "C north 1 1",
        [link("A", "B"), link("B", "A")],
        {},
        [("A", "kept out", "", None), ("B", "kept out", "", None)],
        [("A", "joins", "B", "may come", "B-A", None, 2, None), ("B", "joins", "A", "may come", "A-B", None, 2, None)],
    ),
    "in one area only": (
        "A north 1 1; A south 1 3; B north 1 1",
        [link("A", "B", area="north")],
        {},
        [("A", "brought", "B", 0)],
        [("B", "stays away", "A", "serves less", "A-B", 1, 1, 100.0)],
    ),
    "one of two that are there": (
        "A north 1 1; B north 1 1; C north 1 1",
        [link("A", "g", "at_least", count=1)],
        {"groups": GROUP},
        [("A", "room to spare", "B;C", 1)],
        [],
    ),
    "two of two that are there": (
        "A north 1 1; B north 1 1; C north 1 1",
        [link("A", "g", "at_least", count=2)],
        {"groups": GROUP},
        [("A", "brought", "B;C", 0)],
        [
            ("B", "stays away", "A", "leaves", "A-g", 1, 1, 100.0),
            ("C", "stays away", "A", "leaves", "A-g", 1, 1, 100.0),
        ],
    ),
    "kept out for want of the other": (
        "C north 1 1",
        [link("A", "B")],
        {},
        [("A", "kept out", "", None)],
        [("B", "joins", "A", "may come", "A-B", None, 2, None)],
    ),
    "kept out, and the other could not come either": (
        "C north 1 1",
        [link("A", "B")],
        {"pledges": [{"pledge": n, "nation": n, "unit_type": "inf", "quantity": 4} for n in "AC"]},
        [("A", "kept out", "", None)],
        [],
    ),
    "free to come": ("B north 1 1", [link("A", "B")], {}, [("A", "free to come", "B", None)], []),
    "a caveat, not the link": (
        "C north 1 1",
        [link("A", "B")],
        {"caveats": [{"caveat": "never", "nation": "A", "rule": "forbid"}]},
        [("A", "offers nothing", "", None)],
        [],
    ),
    "a window that misses the line's": (
        "C north 1 1",
        [link("A", "B", area="south")],
        {
            "periods": 2,
            "pledges": [
                {"pledge": "A", "nation": "A", "unit_type": "inf", "quantity": 4, "until": 1},
                {"pledge": "B", "nation": "B", "unit_type": "inf", "quantity": 4},
                {"pledge": "C", "nation": "C", "unit_type": "inf", "quantity": 4},
            ],
            "requirements": [
                {"requirement": "north", "mission": "watch", "area": "north", "capability": "guard", "target": 10},
                {
                    "requirement": "south",
                    "mission": "watch",
                    "area": "south",
                    "capability": "guard",
                    "target": 10,
                    "from": 2,
                },
            ],
        },
        [("A", "offers nothing", "", None)],
        [],
    ),
    "excludes": (
        "A north 1 1",
        [link("A", "B", "excludes")],
        {},
        [("A", "keeps out", "", None)],
        [("A", "stays away", "B", "may come", "A-B", None, 2, None)],
    ),
    "excludes, the other way round": (
        "B north 1 1",
        [link("A", "B", "excludes")],
        {},
        [("A", "kept out", "B", None)],
        [("B", "stays away", "A", "may come", "A-B", None, 2, None)],
    ),
    "excludes with nobody there": ("C north 1 1", [link("A", "B", "excludes")], {}, [("A", "idle", "", None)], []),
    "one leaves, who needs it leaves too, and whom that one kept out may come": (
        "A north 1 1; B north 1 1",
        [link("A", "B"), link("A", "C", "excludes")],
        {},
        [("A", "brought", "B", 0), ("A", "keeps out", "", None)],
        [
            ("A", "stays away", "C", "may come", "A-C", None, 2, None),
            ("B", "stays away", "A", "leaves", "A-B", 1, 1, 100.0),
            ("B", "stays away", "C", "may come", "A-C", None, 2, None),
        ],
    ),
    "personnel is the most at a time, at the posts that are lost": (
        "A north 1-2 1; A south 2-3 2; B north 3 1",
        [link("A", "B")],
        {"periods": 3},
        [("A", "brought", "B", 0)],
        [("B", "stays away", "A", "leaves", "A-B", 1, 2, 300.0)],
    ),
    "through two links at once": (
        "A north 1 1; A south 1 1; B north 1 1; B south 1 1",
        [link("A", "B", area="north"), link("A", "B", area="south", link="again")],
        {},
        [("A", "brought", "B", 0), ("A", "brought", "B", 0)],
        [("B", "stays away", "A", "leaves", "A-B;again", 1, 2, 200.0)],
    ),
    "no links": ("A north 1 1", [], {}, [], []),
}


@pytest.mark.parametrize("case", HAND.values(), ids=HAND)
def test_by_hand(case: tuple[str, list[Row], dict[str, Any], list[Any], list[Any]]) -> None:
    """Each state, each effect, each direction."""
    plan, links, more, states, rows = case
    found_states, found_rows = tables(plan, links, **more)
    assert found_states == states
    assert found_rows == rows


def test_only_links_in_force() -> None:
    """A link whose condition does not hold is not in the table; it is where it does."""
    switch: dict[str, Any] = {
        "conditions": [{"condition": "truce"}],
        "scenarios": [{"scenario": "peace", "probability": 1, "truce": True}],
    }
    given = [link("A", "B", condition="truce")]
    assert tables("A north 1 1; B north 1 1", given, **switch) == ([], [])
    states, _ = tables("A north 1 1; B north 1 1", given, "peace", **switch)
    assert states == [("A", "brought", "B", 0)]


# against enumeration -------------------------------------------------------------------------------------------------

PLACES = [(nation, area) for nation in "ABC" for area in ("north", "south")]


def drawn(random: Random) -> list[Row]:
    """One to four links of any kind and scope between three nations."""
    links = []
    for number in range(random.randint(1, 4)):
        nation = random.choice("ABC")
        kind = random.choice(["needs", "needs", "excludes", "at_least"])
        other = "all" if kind == "at_least" else random.choice(["all", *sorted({"A", "B", "C"} - {nation})])
        area = random.choice([None, "north", "south"])
        count = random.randint(1, 2) if kind == "at_least" else None
        links.append(link(nation, other, kind, link=f"l{number}", area=area, count=count))
    return links


def inside(nation: str, row: Row, places: set[tuple[str, str]]) -> bool:
    return any((nation, area) in places for area in ("north", "south") if row["area"] in {None, area})


def partners(row: Row) -> list[str]:
    return sorted(set("ABC" if row["other"] == "all" else row["other"]) - {row["nation"]})


def wants_met(places: set[tuple[str, str]], links: list[Row]) -> bool:
    """Whether everybody who serves has the partners that needs and at_least ask for."""
    for row in links:
        if row["kind"] != "excludes" and inside(row["nation"], row, places):
            there = sum(inside(partner, row, places) for partner in partners(row))
            if there < (row["count"] or len(partners(row))):
                return False
    return True


def nobody_excluded(places: set[tuple[str, str]], links: list[Row]) -> bool:
    return not any(
        row["kind"] == "excludes"
        and inside(row["nation"], row, places)
        and any(inside(partner, row, places) for partner in partners(row))
        for row in links
    )


def largest(within: set[tuple[str, str]], base: set[tuple[str, str]], links: list[Row]) -> set[tuple[str, str]]:
    """The largest part of `within` that may be added to `base`: unions of parts with partners have partners."""
    found: set[tuple[str, str]] = set()
    for size in range(len(within) + 1):
        for part in itertools.combinations(sorted(within), size):
            if wants_met(base | set(part), links):
                found |= set(part)
    return found


def may_come(base: set[tuple[str, str]], links: list[Row], out: set[str]) -> set[tuple[str, str]]:
    free = {place for place in PLACES if place not in base and place[0] not in out}
    mild = {place for place in free if _mild(place, base, links)}
    return largest(mild, base, links)


def _mild(place: tuple[str, str], base: set[tuple[str, str]], links: list[Row]) -> bool:
    """Whether no exclusion stands against one place more, looked at alone, that was not broken before."""
    touching = [row for row in links if row["area"] in {None, place[1]} and row["kind"] == "excludes"]
    for row in touching:
        if row["nation"] == place[0] and any(inside(partner, row, base) for partner in partners(row)):
            return False
        if place[0] in partners(row) and inside(row["nation"], row, base):
            return False
    return True


def may_join(nation: str, base: set[tuple[str, str]], links: list[Row]) -> set[tuple[str, str]]:
    """Where a nation may come, less the scopes of links whose partners may no longer come once it is there."""
    own = {place for place in may_come(base, links, set()) if place[0] == nation}
    others = [row for row in links if row["nation"] != nation or row["kind"] == "excludes"]
    wants = [row for row in links if row not in others]
    while True:
        there = base | own | may_come(base | own, others, {nation})
        broken = [row for row in wants if inside(nation, row, own) and not wants_met(there, [row])]
        if not broken:
            return own
        own -= {place for place in own for row in broken if row["area"] in {None, place[1]}}


def expected(base: set[tuple[str, str]], links: list[Row]) -> set[tuple[str, str, str, str, int]]:
    """Nation, decision, other, effect, posts; by the words of the manual."""
    linked = {nation for row in links for nation in [row["nation"], *partners(row)]}
    found = set()
    for nation in linked:
        fallen: set[str] = set()
        if any(place[0] == nation for place in base):
            left = {place for place in base if place[0] != nation}
            kept = largest(left, set(), links)
            for other in {place[0] for place in left - kept}:
                fallen.add(other)
                effect = "serves less" if any(place[0] == other for place in kept) else "leaves"
                lost = sum(place[0] == other for place in left - kept)
                found.add((nation, "stays away", other, effect, lost))
            out = {nation, *fallen}
            found |= _new(nation, "stays away", may_come(kept, links, out) - may_come(base, links, out))
        own = may_join(nation, base, links)
        if own:
            gained = may_come(base | own, links, {nation}) - may_come(base, links, {nation})
            found |= _new(nation, "joins", gained)
    return found


def _new(nation: str, decision: str, gained: set[tuple[str, str]]) -> set[tuple[str, str, str, str, int]]:
    others = {other for other, _ in gained}
    return {(nation, decision, other, "may come", sum(place[0] == other for place in gained)) for other in others}


@pytest.mark.parametrize("seed", range(30))
def test_against_enumeration(seed: int) -> None:
    """Random links and every kind of plan that keeps them: who leaves and who may come is what enumerating all gives."""
    random = Random(seed)
    links = drawn(random)
    groups = [{"group": "all", "nation": nation} for nation in "ABC"]
    instance = world(links=links, groups=groups)
    plans = [set(part) for size in range(7) for part in itertools.combinations(PLACES, size)]
    valid = [base for base in plans if wants_met(base, links) and nobody_excluded(base, links)]
    for base in random.sample(valid, min(6, len(valid))):
        found = judge(instance, "; ".join(f"{nation} {area} 1 1" for nation, area in sorted(base)))
        assert found.holds
        frame = found.frames["tipping"]
        got = set(frame[["nation", "decision", "other", "effect", "posts"]].itertuples(index=False, name=None))
        assert got == expected(base, links), (links, base)
        assert (frame["links"] != "").all()
